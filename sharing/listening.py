"""May this person hear these bytes now? One rule, pure; whoever serves sound asks it at every request, and again while it plays."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from registry.states import RecordingState, Unlistenable


class Silence(StrEnum):
    """Why somebody hears nothing. The first that applies."""

    SIGNED_OUT = "signed_out"
    NOBODY = "nobody"  # inactive, or neither an evaluator nor a coordinator: the operator is one
    UNKNOWN = "unknown"  # no such recording
    GONE = "gone"  # being destroyed, or destroyed
    UNLISTENABLE = "unlistenable"  # replaced, consent withdrawn, flagged
    ENDED = "ended"  # the session was cancelled, or the dossier closed without a decision
    NO_CONSENT = "no_consent"
    RESTORED = "restored"  # after a restore, until a named person has lifted its hold
    NOT_ASSIGNED = "not_assigned"
    DECIDED = "decided"
    NOT_RELEASED = "not_released"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"


FOR_EVERYONE = frozenset({Silence.GONE, Silence.UNLISTENABLE, Silence.ENDED, Silence.NO_CONSENT, Silence.RESTORED})
"""What silences a recording whoever asks."""


class Listener(StrEnum):
    """As whom somebody listens."""

    EVALUATOR = "evaluator"
    COORDINATOR = "coordinator"


@dataclass(frozen=True)
class Window:
    """When a grant holds: from ``opens_at`` on, until just before ``closes_at``."""

    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True)
class Facts:
    """All that the rule needs. ``windows`` are those of the person's grants that were not revoked; ``listener`` None is nobody."""

    listener: Listener | None
    state: RecordingState
    unlistenable: Unlistenable | None
    ended: bool
    consent: bool
    restored: bool
    windows: tuple[Window, ...] = ()


def silence(facts: Facts, now: datetime) -> Silence | None:
    """Say why a person may not hear a recording now, or None where he may.

    1. Somebody: an active evaluator, or an active coordinator.
    2. Nobody hears what is being destroyed, unlistenable, ended, without consent, or not looked at since a restore.
    3. A coordinator hears what he has to review, and nothing else.
    4. An evaluator hears what is released, assigned to him, inside the window; nothing from the jury's decision on.
    """
    found = Silence.NOBODY if facts.listener is None else barred(facts)
    if found is not None:
        return found
    if facts.listener is Listener.COORDINATOR:
        return None if facts.state is RecordingState.TO_REVIEW else Silence.NOT_ASSIGNED
    return _for_evaluator(facts, now)


def barred(facts: Facts) -> Silence | None:
    """Say why nobody may hear a recording, whoever asks."""
    reasons = (
        (facts.state in {RecordingState.DESTROYING, RecordingState.DESTROYED}, Silence.GONE),
        (facts.unlistenable is not None, Silence.UNLISTENABLE),
        (facts.ended, Silence.ENDED),
        (not facts.consent, Silence.NO_CONSENT),
        (facts.restored, Silence.RESTORED),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _for_evaluator(facts: Facts, now: datetime) -> Silence | None:
    if not facts.windows:
        return Silence.NOT_ASSIGNED
    if facts.state is not RecordingState.RELEASED:
        return Silence.DECIDED if facts.state is RecordingState.DECIDED else Silence.NOT_RELEASED
    if any(window.opens_at <= now < window.closes_at for window in facts.windows):
        return None
    return Silence.TOO_EARLY if any(now < window.opens_at for window in facts.windows) else Silence.TOO_LATE
