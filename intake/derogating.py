"""A derogation: a named person accepts, with a reason, what software refused, as long as it lies in quarantine."""

from intake import ruling
from intake.answering import Answering
from registry import decisions, dossiers, reasons, recordings
from registry.codes import Answer, Code
from registry.database import Transaction
from registry.errors import RefusedError
from registry.states import RecordingState, Who
from registry.tables import Recording


def derogate(tx: Transaction, recording_id: str, reason: str, answering: Answering) -> Recording:
    """Accept a refused recording, and answer its candidate. It replaces the earlier ones, as any that is accepted.

    Raises:
        RefusedError: nobody of the staff answers for it; it is not refused, its quarantine is over, it is empty, or nothing says that the
            client agreed.
    """
    dossiers.named(tx)
    found = tx.session.get(Recording, recording_id)
    if found is None:
        raise RefusedError(f"no recording is known under {recording_id}: check the identifier")
    locked = dossiers.lock(tx, found.dossier_id)
    recording = next(one for one in locked.recordings if one.id == recording_id)
    if recording.state is not RecordingState.REJECTED or recording.unlistenable is not None:
        raise RefusedError(f"only a refused recording can be accepted after all: it is {recording.unlistenable or recording.state}")
    if recording.quarantine_until is None or recording.quarantine_until <= tx.now:
        raise RefusedError("its quarantine is over: ask the candidate for another deposit")
    if Code.EMPTY_FILE in recording.codes:
        raise RefusedError("there is nothing in this file: ask the candidate for another deposit")
    _consented(tx, recording)
    recording.answer, recording.answered_at, recording.quarantine_until = Answer.RECEIVED, tx.now, None
    recording.review_reason = reasons.checked(reason)
    if recording.receipt_number is None:
        recording.receipt_number = recordings.receipt_number(tx.session, tx.now)
    said = reasons.note(tx, recording.id, reason)
    recordings.move(tx, recording, RecordingState.ACCEPTED, Who.COORDINATOR, reason_sha256=said, consent=recording.consent_id)
    ruling.replace_others(tx, recording)
    tx.session.flush()
    decisions.settle(tx, locked)
    answering.answer(tx, locked.file, recording)
    return recording


def _consented(tx: Transaction, recording: Recording) -> None:
    """Bind the attestation that counts, where none was bound when software refused."""
    if recording.consent_id is not None:
        return
    consent = ruling.consent_for(ruling.consents_of(tx, recording.dossier_id), recording.sha256)
    if consent is None:
        raise RefusedError("nothing says that the client agreed: have the attestation first (the form, or consent import)")
    ruling.bind(tx, recording, consent)
