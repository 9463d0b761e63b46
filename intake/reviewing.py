"""What a person decides about a recording that software sent to him: accept it, or refuse it, with a reason."""

from datetime import timedelta
from enum import StrEnum

from intake import ruling
from intake.answering import Answering
from registry import decisions, dossiers, reasons, recordings, sessions
from registry.codes import Answer
from registry.database import Transaction
from registry.errors import RefusedError
from registry.states import RecordingState, Who
from registry.tables import Dossier, Recording


class Decision(StrEnum):
    """What a person may decide."""

    ACCEPT = "accept"
    REFUSE = "refuse"


def review(tx: Transaction, recording_id: str, decision: Decision, reason: str, answering: Answering) -> Recording:
    """Write a person's decision down and answer the candidate. The journal keeps a salted hash of the reason, not its text.

    Raises:
        RefusedError: there is nothing to decide, no reason, or one that is too long for the candidate's answer.
    """
    recording = tx.session.get(Recording, recording_id)
    if recording is None:
        raise RefusedError(f"no recording is known under {recording_id}: “consigne status” lists those to review")
    tx.lock(Dossier, recording.dossier_id)
    recording = tx.lock(Recording, recording_id)
    if recording.state is not RecordingState.TO_REVIEW or recording.unlistenable is not None:
        raise RefusedError(f"this recording is not waiting for a review: it is {recording.unlistenable or recording.state}")
    file = sessions.file_of(tx.session, recording.dossier_id)
    accepted = decision is Decision.ACCEPT
    recording.answer = Answer.RECEIVED if accepted else Answer.REFUSED
    recording.answered_at, recording.review_reason, recording.review_due_on = tx.now, " ".join(reason.split()), None
    if not accepted and file.scheme.recording:
        recording.quarantine_until = tx.now + timedelta(days=file.scheme.recording.quarantine_days)
    state = RecordingState.ACCEPTED if accepted else RecordingState.REJECTED
    recordings.move(tx, recording, state, Who.COORDINATOR, reason_sha256=reasons.note(tx, recording.id, reason))
    if accepted:
        ruling.replace_others(tx, recording)
        decisions.settle(tx, dossiers.lock(tx, recording.dossier_id))  # the jury may have decided meanwhile
    else:
        _no_more_question(tx, recording)
    answering.answer(tx, file, recording)
    return recording


def _no_more_question(tx: Transaction, refused: Recording) -> None:
    """Two files came together, and one is refused: the candidate is no longer asked which one he presents."""
    for other in recordings.of_dossier(tx.session, refused.dossier_id):
        if refused.id in {other.id, other.together_with} and other.together_with is not None:
            other.together_with = None
            tx.record("recording.question_closed", other.id)
