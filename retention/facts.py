"""The facts of one recording from which its end follows: frozen values, named as the registry's columns are.

Nothing has a default: a fact that was not looked up must not read as one that is absent, or a recording would be destroyed under a hold
that nobody fetched.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.states import RecordingState, Unlistenable
from registry.tables.decisions import AppealOutcome, Channel, ClosureCause, Proof
from registry.tables.holds import HoldReason, HoldScope
from retention.calendars import Calendars
from retention.steps import Step
from retention.terms import Terms


@dataclass(frozen=True, slots=True)
class DecisionVersion:
    """One version of a jury's decision; a correction is a new version, which the corrected one names in ``superseded_by``."""

    id: str
    decided_on: date
    after_appeal: str | None
    superseded_by: str | None
    needs_confirmation: bool
    recorded_by: str
    confirmed_by: str | None


@dataclass(frozen=True, slots=True)
class NotificationVersion:
    """One version of a notification. ``decision_id`` names any version of its decision."""

    id: str
    decision_id: str
    channel: Channel
    sent_on: date
    handed_over_on: date | None
    proof: Proof | None
    unclaimed: bool
    superseded_by: str | None
    needs_confirmation: bool
    recorded_by: str
    confirmed_by: str | None


@dataclass(frozen=True, slots=True)
class AppealFact:
    """One contestation: open while ``closed_at`` is None. An incident came once destruction had begun, and stops nothing."""

    id: str
    incident: bool
    closed_at: datetime | None
    outcome: AppealOutcome | None


@dataclass(frozen=True, slots=True)
class HoldFact:
    """A hold that stands and covers the recording, whatever its scope."""

    id: str
    scope: HoldScope
    reason: HoldReason
    review_on: date | None


@dataclass(frozen=True, slots=True)
class ClosureFact:
    """A closure without decision that was not undone."""

    cause: ClosureCause
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is asked of one recording before it may be destroyed. Instants are aware, days civil days in Paris.

    Attributes:
        unlistenable_at: since when nobody may listen; None for a withdrawal of consent that waits for a second person.
        quarantine_until: of a refused recording.
        consent_until: the last day that the attestation of one that waits for it is waited for.
        decisions: every version of the dossier's, corrected ones too; likewise the notifications.
        holds: those that stand, of any scope.
        recourse_checked_as_of: the latest day for which a person said that the commission had received no appeal.
        calendars: of public holidays: those of the terms and the candidate's together.
    """

    state: RecordingState
    unlistenable: Unlistenable | None
    unlistenable_at: datetime | None
    quarantine_until: datetime | None
    consent_until: date | None
    hearing_on: date
    session_cancelled_at: datetime | None
    closure: ClosureFact | None
    decisions: tuple[DecisionVersion, ...]
    notifications: tuple[NotificationVersion, ...]
    appeals: tuple[AppealFact, ...]
    holds: tuple[HoldFact, ...]
    recourse_checked_as_of: date | None
    terms: Terms
    calendars: Calendars


class Cause(StrEnum):
    """Why a recording may be destroyed."""

    APPEAL_PERIOD_OVER = "appeal_period_over"
    NO_RECOURSE = "no_recourse"
    REPLACED = "replaced"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    QUARANTINE_OVER = "quarantine_over"
    CONSENT_WAIT_OVER = "consent_wait_over"
    SESSION_CANCELLED = "session_cancelled"
    CLOSED_WITHOUT_DECISION = "closed_without_decision"

    @property
    def waits_for_notice(self) -> bool:
        """Whether destruction must have been announced some days ahead."""
        return self not in {Cause.CONSENT_WITHDRAWN, Cause.REPLACED, Cause.QUARANTINE_OVER}


class Reason(StrEnum):
    """Why a recording may not be destroyed, or why no date can be given."""

    NOT_STORED = "not_stored"
    BEING_DESTROYED = "being_destroyed"
    DESTROYED = "destroyed"
    HELD = "held"
    APPEAL_OPEN = "appeal_open"
    NO_DECISION = "no_decision"
    APPEAL_AWAITS_DECISION = "appeal_awaits_decision"
    DECISION_UNCONFIRMED = "decision_unconfirmed"
    NOT_NOTIFIED = "not_notified"
    NOTIFICATION_UNPROVEN = "notification_unproven"
    NOTIFICATION_UNCONFIRMED = "notification_unconfirmed"
    UNCLAIMED = "unclaimed"
    OUT_OF_ORDER = "out_of_order"  # decided before the hearing, or notified before the decision
    SCHEME_UNSTATED = "scheme_unstated"
    RECOURSE_UNCHECKED = "recourse_unchecked"
    WITHDRAWAL_UNCONFIRMED = "withdrawal_unconfirmed"
    INSTANT_MISSING = "instant_missing"  # a fact whose moment is not on record


@dataclass(frozen=True, slots=True)
class Ground:
    """The decision and the notification that a date follows from, and the last day to contest where there is one."""

    decision: DecisionVersion
    notification: NotificationVersion
    notified_on: date
    appeal_last_day: date | None


@dataclass(frozen=True, slots=True)
class Eligible:
    """Destruction is possible from ``at`` on, which may lie ahead. ``ground`` is None for an early cause."""

    cause: Cause
    at: datetime
    steps: tuple[Step, ...]
    ground: Ground | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """Destruction is not possible. ``cause`` and ``at`` say what would hold without the reasons, where that is known."""

    reasons: tuple[Reason, ...]
    cause: Cause | None = None
    at: datetime | None = None
    steps: tuple[Step, ...] = ()
    ground: Ground | None = None
    held_by: tuple[str, ...] = ()
