"""Recordings: their changes of state, and what is asked about them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from registry import states
from registry.clock import civil_date
from registry.database import Transaction
from registry.leases import next_number
from registry.states import RecordingState, Who
from registry.tables import Recording

UNSTORED = (RecordingState.RECEIVED, RecordingState.CHECKING)
GONE = (RecordingState.DESTROYING, RecordingState.DESTROYED)
LISTENED_TO = (RecordingState.ACCEPTED, RecordingState.RELEASED, RecordingState.DECIDED)


def move(tx: Transaction, recording: Recording, after: RecordingState, who: Who, **facts: Any) -> None:
    """Take a recording to another state, with the entry that the table names. Nothing else writes ``state``, but :func:`enter_again`.

    Raises:
        StateError: the table of states has no such step for this actor.
    """
    row = states.transition(recording.state, after, who)
    tx.record(row.kind, recording.id, before=str(recording.state), after=str(after), **facts)
    recording.state = after
    recording.stale = True


def enter_again(tx: Transaction, recording: Recording, after: RecordingState, kind: str, repeats: int | None, **facts: Any) -> None:
    """Take a recording whose key was destroyed before a restore back to its end, from any state: no table asks whether it may.

    ``repeats`` is the index of the journal's entry that says how far its destruction had come, None where the journal says nothing.
    """
    cited = {"repeats": repeats} if repeats is not None else {}
    tx.record(kind, recording.id, before=str(recording.state), after=str(after), **cited, **facts)
    recording.state = after
    recording.stale = False


def of_dossier(session: Session, dossier_id: str) -> Sequence[Recording]:
    """Return every recording of a dossier, oldest first."""
    query = select(Recording).where(Recording.dossier_id == dossier_id).order_by(col(Recording.received_at), col(Recording.id))
    return session.exec(query).all()


def same_bytes(session: Session, sha256: str) -> Sequence[Recording]:
    """Return every recording, of any dossier, that was made of these bytes."""
    return session.exec(select(Recording).where(Recording.sha256 == sha256).order_by(col(Recording.received_at))).all()


def current(recordings: Sequence[Recording]) -> Recording | None:
    """Return the recording that stands for a dossier: the latest that holds and was not replaced, else the latest."""
    standing = [r for r in recordings if r.unlistenable is None and r.state not in (*GONE, *UNSTORED)]
    held = [r for r in standing if r.state is not RecordingState.REJECTED]
    chosen = held or standing or list(recordings)
    return chosen[-1] if chosen else None


def receipt_number(session: Session, now: datetime) -> str:
    """Give the next receipt number of the year: ``2026-0147``."""
    year = civil_date(now).year
    return f"{year}-{next_number(session, f'receipt-{year}'):04d}"
