"""A session on another day: its hearings move with it, its last day of deposit too, and every recording is looked at again.

A call that is now too old is flagged, never refused by software: a person sees it, and asks for another one or lets it be.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import select

from registry import decisions, dossiers, reasons, schemes
from registry.clock import PARIS, civil_date
from registry.codes import Code
from registry.database import Transaction
from registry.dossiers import Locked
from registry.errors import RefusedError
from registry.states import RecordingState
from registry.tables import EvaluationSession, FormLink, Recording


@dataclass(frozen=True)
class Postponed:
    """A session that was moved, its dossiers, and the recordings whose call is now too old, or no longer is."""

    session: EvaluationSession
    dossiers: tuple[str, ...]
    too_old: tuple[Recording, ...]
    young_again: tuple[Recording, ...]


def postpone(tx: Transaction, session_id: str, exam_on: date, reason: str) -> Postponed:
    """Move a session's exams to another day, that lies ahead.

    Raises:
        RefusedError: the day has passed or is the same; the session was cancelled; the jury has decided on one of its dossiers.
    """
    found = dossiers.lock_all(tx, dossiers.of_session(tx.session, session_id))
    session = tx.lock(EvaluationSession, session_id)
    if session.cancelled_at is not None:
        raise RefusedError("this session was cancelled: undo that first (session cancel --undo)")
    if exam_on == session.exam_on:
        raise RefusedError(f"the exams are on {exam_on} already: nothing was changed")
    if exam_on <= civil_date(tx.now):
        raise RefusedError(f"{exam_on} does not lie ahead: give the new day of the exams")
    if any(decisions.standing(tx.session, one.id) is not None for one in found):
        raise RefusedError("the jury has decided on dossiers of this session: import the list of candidates to move single hearings")
    lapse = exam_on - session.exam_on
    rules = schemes.load(session.scheme, session.scheme_version).recording
    session.exam_on, session.deadline_on = exam_on, rules.deadline(exam_on) if rules else exam_on
    for locked in found:
        _move_hearing(tx, locked, lapse)
    tx.record(
        "session.postponed",
        session.id,
        exam_on=exam_on.isoformat(),
        deadline_on=session.deadline_on.isoformat(),
        reason_sha256=reasons.note(tx, session.id, reason),
    )
    changed = [(one, older) for locked in found for one, older in _looked_at_again(tx, locked)]
    too_old = tuple(one for one, older in changed if older)
    return Postponed(session, tuple(one.id for one in found), too_old, tuple(one for one, older in changed if not older))


def _move_hearing(tx: Transaction, locked: Locked, lapse: timedelta) -> None:
    dossier = locked.file.dossier
    local = dossier.hearing_at.astimezone(PARIS)
    links = tx.session.exec(select(FormLink).where(FormLink.dossier_id == dossier.id, FormLink.expires_at == dossier.hearing_at)).all()
    dossier.hearing_at = datetime.combine(local.date() + lapse, local.time(), PARIS)  # the same time of day, also over a clock change
    tx.record("dossier.hearing_moved", dossier.id, hearing_at=dossier.hearing_at.isoformat())
    for link in links:
        link.expires_at = dossier.hearing_at


def _looked_at_again(tx: Transaction, locked: Locked) -> list[tuple[Recording, bool]]:
    rules = locked.file.scheme.recording
    if rules is None:
        return []
    earliest = rules.earliest_call_date(locked.file.hearing_on)
    changed = []
    for one in locked.standing:
        older = one.call_date is not None and one.call_date < earliest
        if one.state is RecordingState.REJECTED or older is (Code.TOO_OLD in one.codes):
            continue
        one.codes = [Code.TOO_OLD, *one.codes] if older else [code for code in one.codes if code != Code.TOO_OLD]
        tx.record("recording.too_old" if older else "recording.young_again", one.id, earliest=earliest.isoformat())
        changed.append((one, older))
    locked.wake()
    return changed
