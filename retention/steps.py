"""The steps by which a date was found: what a screen shows when somebody asks « pourquoi cette date ? ». Values only, no words."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.schemes import Words
from retention.calendars import Holiday


class StepKind(StrEnum):
    """One kind of step. What each one fills in is said beside it."""

    NOTIFIED = "notified"  # day
    MONTHS = "months"  # day, count
    CLAMPED = "clamped"  # day, count: the month has no such day
    FRANC = "franc"  # day
    WEEKEND = "weekend"  # day: the one that does not count as the last
    HOLIDAY = "holiday"  # day, holiday
    NOT_EXTENDED = "not_extended"  # day: it does count, although no working day
    LAST_DAY = "last_day"  # day, and to whom to write
    GRACE = "grace"  # day, count
    NO_RECOURSE = "no_recourse"
    MIN_HOLD = "min_hold"  # day, count
    UNSTATED = "unstated"
    ELIGIBLE = "eligible"  # at
    REPLACED = "replaced"  # at
    CONSENT_WITHDRAWN = "consent_withdrawn"  # at
    QUARANTINE_OVER = "quarantine_over"  # at
    CONSENT_WAIT_OVER = "consent_wait_over"  # day: the last one that was waited
    SESSION_CANCELLED = "session_cancelled"  # at
    CANDIDATE_ABSENT = "candidate_absent"  # at
    CANDIDATE_GAVE_UP = "candidate_gave_up"  # at
    DELAY = "delay"  # count: hours


EXTENSIONS = frozenset({StepKind.WEEKEND, StepKind.HOLIDAY})


@dataclass(frozen=True, slots=True)
class Step:
    """One step. ``day`` is civil, in Europe/Paris; ``at`` is aware."""

    kind: StepKind
    day: date | None = None
    count: int | None = None
    at: datetime | None = None
    holiday: Holiday | None = None
    addressee: Words | None = None
    scheme: str | None = None
