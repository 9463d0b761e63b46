"""The table of states: every transition of a recording, the journal entry it writes, and who may cause it.

The diagram in ``docs/states.md`` is drawn from this table. A transition that is not here cannot happen.
Facts (holds, unlistenable, stale) are not states: every reader honours them beside the state.
"""

from dataclasses import dataclass
from enum import StrEnum


class RecordingState(StrEnum):
    """Where a recording stands in its life."""

    RECEIVED = "received"
    CHECKING = "checking"
    AWAITING_CONSENT = "awaiting_consent"
    TO_REVIEW = "to_review"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RELEASED = "released"
    DECIDED = "decided"
    DESTROYING = "destroying"
    DESTROYED = "destroyed"


class MailState(StrEnum):
    """Where a mail stands: a row first, a send after."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNCERTAIN = "uncertain"  # perhaps sent: never sent again by itself, shown to people
    FAILED = "failed"


class Unlistenable(StrEnum):
    """Why nobody may listen to a recording, whatever its state."""

    REPLACED = "replaced"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    FLAGGED = "flagged"
    CLOSED = "closed"  # its dossier ended without a decision
    SESSION_CANCELLED = "session_cancelled"


class Who(StrEnum):
    """Whose act a transition is."""

    INTAKE = "intake"
    COORDINATOR = "coordinator"
    GATE = "gate"


class StateError(Exception):
    """A transition was asked for that the table does not have."""


@dataclass(frozen=True)
class Transition:
    """One row of the table."""

    before: RecordingState
    after: RecordingState
    kind: str
    who: tuple[Who, ...]


_S = RecordingState
_INTAKE, _COORDINATOR, _GATE = (Who.INTAKE,), (Who.COORDINATOR,), (Who.GATE,)
_BOTH = (Who.INTAKE, Who.COORDINATOR)
_DESTROYABLE = tuple(s for s in _S if s not in {_S.RECEIVED, _S.CHECKING, _S.DESTROYING, _S.DESTROYED})

TABLE: tuple[Transition, ...] = (
    Transition(_S.RECEIVED, _S.CHECKING, "recording.checking", _INTAKE),
    Transition(_S.CHECKING, _S.ACCEPTED, "recording.accepted", _INTAKE),
    Transition(_S.CHECKING, _S.AWAITING_CONSENT, "recording.awaiting_consent", _INTAKE),
    Transition(_S.CHECKING, _S.TO_REVIEW, "recording.to_review", _INTAKE),
    Transition(_S.CHECKING, _S.REJECTED, "recording.rejected", _INTAKE),
    Transition(_S.CHECKING, _S.RECEIVED, "recording.interrupted", _INTAKE),
    Transition(_S.AWAITING_CONSENT, _S.ACCEPTED, "recording.accepted", _INTAKE),
    Transition(_S.AWAITING_CONSENT, _S.TO_REVIEW, "recording.to_review", _INTAKE),
    Transition(_S.AWAITING_CONSENT, _S.REJECTED, "recording.rejected", _INTAKE),
    Transition(_S.TO_REVIEW, _S.ACCEPTED, "recording.accepted", _COORDINATOR),
    Transition(_S.TO_REVIEW, _S.REJECTED, "recording.rejected", _BOTH),
    Transition(_S.REJECTED, _S.ACCEPTED, "recording.derogated", _COORDINATOR),
    Transition(_S.ACCEPTED, _S.RELEASED, "recording.released", _COORDINATOR),
    Transition(_S.ACCEPTED, _S.DECIDED, "recording.decided", _COORDINATOR),
    Transition(_S.RELEASED, _S.ACCEPTED, "recording.recalled", _COORDINATOR),
    Transition(_S.RELEASED, _S.DECIDED, "recording.decided", _COORDINATOR),
    Transition(_S.DECIDED, _S.RELEASED, "recording.decision_corrected", _COORDINATOR),
    Transition(_S.DECIDED, _S.ACCEPTED, "recording.decision_corrected", _COORDINATOR),
    *(Transition(state, _S.DESTROYING, "destruction.started", _GATE) for state in _DESTROYABLE),
    Transition(_S.DESTROYING, _S.DESTROYED, "destruction.completed", _GATE),
)

_INDEX = {(row.before, row.after): row for row in TABLE}


def transition(before: RecordingState, after: RecordingState, who: Who) -> Transition:
    """Return the row that allows this step.

    Raises:
        StateError: the table has no such step, or not for this actor.
    """
    row = _INDEX.get((before, after))
    if row is None:
        raise StateError(f"a recording cannot go from {before} to {after}")
    if who not in row.who:
        raise StateError(f"{who} may not take a recording from {before} to {after}")
    return row


def diagram() -> str:
    """Draw the table as a Mermaid state diagram, one line a transition."""
    lines = ["stateDiagram-v2", "    [*] --> received: recording.received"]
    lines += [f"    {row.before} --> {row.after}: {row.kind} ({', '.join(row.who)})" for row in TABLE]
    lines.append("    destroyed --> [*]")
    return "\n".join(lines) + "\n"
