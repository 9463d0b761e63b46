"""From rows to the intake report of a session: where each candidate stands, and what is to be done next."""

from datetime import datetime

from sqlmodel import Session, col, select

from intake import facts
from notifications.reports import IntakeReport, ReportRow
from notifications.words.report_words import ReportState, ToDo
from registry import recordings, sessions
from registry.clock import civil_date
from registry.codes import Language
from registry.errors import RefusedError
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import EvaluationSession, Recording

_STATES = {
    RecordingState.AWAITING_CONSENT: ReportState.WAITING,
    RecordingState.TO_REVIEW: ReportState.TO_CHECK,
    RecordingState.REJECTED: ReportState.REFUSED,
}


def report(session: Session, evaluation: EvaluationSession, as_of: datetime, language: Language) -> IntakeReport:
    """Report on one session, every dossier in it.

    Raises:
        RefusedError: the session has no candidate yet.
    """
    files = sessions.files_of(session, evaluation.id)
    if not files:
        raise RefusedError(f"the session {evaluation.code} has no candidate yet: import them first")
    first, held = files[0], _recordings(session, files)
    return IntakeReport(
        scheme_title=first.scheme.title,
        unit_label=first.scheme.unit_label(evaluation.unit, language),
        session_label=facts.session_label(first, language),
        deadline=evaluation.deadline_on,
        as_of=as_of,
        rows=tuple(_row(file, held.get(file.dossier.id, []), as_of) for file in files),
    )


def _recordings(session: Session, files: list[File]) -> dict[str, list[Recording]]:
    found: dict[str, list[Recording]] = {}
    of_session = col(Recording.dossier_id).in_([file.dossier.id for file in files])
    query = select(Recording).where(of_session).order_by(col(Recording.received_at), col(Recording.id))
    for recording in session.exec(query):
        found.setdefault(recording.dossier_id, []).append(recording)
    return found


def _row(file: File, of_dossier: list[Recording], as_of: datetime) -> ReportRow:
    name = f"{file.candidate.given_name} {file.candidate.family_name}"
    late = civil_date(as_of) > file.session.deadline_on
    recording = recordings.current([one for one in of_dossier if one.state not in recordings.UNSTORED])
    if recording is None:
        state = ReportState.LATE if late else ReportState.MISSING
        return ReportRow(file.candidate.reference, name, state, next_date=file.session.deadline_on)
    state = _STATES.get(recording.state, ReportState.RECEIVED)
    if state is ReportState.REFUSED and late:
        state = ReportState.LATE
    next_date = {
        ReportState.WAITING: facts.consent_until(file, civil_date(recording.received_at)),
        ReportState.TO_CHECK: recording.review_due_on,
        ReportState.REFUSED: file.session.deadline_on,
    }.get(state)
    to_do = ToDo.CHOOSE if recording.together_with is not None and state is not ReportState.TO_CHECK else None
    return ReportRow(file.candidate.reference, name, state, recording.answered_at, next_date, to_do)
