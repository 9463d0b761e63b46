"""Two good files dropped together: the candidate says which one he presents."""

from intake import ruling
from registry import recordings
from registry.database import Transaction
from registry.errors import RefusedError
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Dossier, Recording


def to_choose(tx: Transaction, file: File) -> list[Recording]:
    """Return the recordings between which the candidate is asked, in the order they came; empty when there is no question."""
    return [
        one
        for one in recordings.of_dossier(tx.session, file.dossier.id)
        if one.together_with is not None and one.unlistenable is None and one.state not in (*recordings.GONE, RecordingState.REJECTED)
    ]


def choose(tx: Transaction, file: File, recording_id: str) -> None:
    """Take the candidate's word: the others are replaced, once the chosen one is accepted.

    Raises:
        RefusedError: there is no such question any more.
    """
    tx.lock(Dossier, file.dossier.id)
    asked = to_choose(tx, file)
    chosen = next((one for one in asked if one.id == recording_id), None)
    if chosen is None:
        raise RefusedError("this question is no longer open: nothing was changed")
    for one in asked:
        one.together_with = None
        tx.record("recording.chosen" if one is chosen else "recording.not_chosen", one.id)
    held = chosen.state in recordings.LISTENED_TO
    for one in asked:
        if one is chosen:
            continue
        one.replaced_by = chosen.id  # carried out once the chosen one is accepted
        if held or one.state is RecordingState.AWAITING_CONSENT:
            ruling.replace(tx, one, chosen.id)
