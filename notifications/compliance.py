"""What the compliance officer is told: the figures, what falls due by week, the holds that stand, the destruction register. Values only.

Whoever reads the registry builds them; the mail, the workbook and the page say them. Pseudonyms, days and codes: no name, no result.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from registry.clock import civil_date
from registry.tables.holds import HoldReason, HoldScope


class Figure(StrEnum):
    """One figure of the report, in the order in which they are told."""

    HELD = "held"
    OLDEST = "oldest"
    SOON = "soon"
    DUE = "due"
    OVERDUE = "overdue"
    ON_HOLD = "on_hold"
    FAILED = "failed"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Week:
    """What falls due, and what was destroyed, in the week that begins on a Monday.

    What came due before the first week and still stands counts in the week of the report.

    Attributes:
        monday: its first day, in Paris.
        destroyed: destructions completed in it.
        planned: recordings that may be destroyed from a day in it.
        held: those whose day lies in it too, but on which a hold stands.
    """

    monday: date
    destroyed: int
    planned: int
    held: int

    @property
    def total(self) -> int:
        """How high its bar is."""
        return self.destroyed + self.planned + self.held


@dataclass(frozen=True, slots=True)
class Standing:
    """A hold that stands, and how many recordings it covers. ``review_on``: when somebody looks at it again."""

    id: str
    reason: HoldReason
    scope: HoldScope
    since: datetime
    review_on: date | None
    recordings: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one instant.

    Attributes:
        as_of: when they were read.
        since: the first day of the period in which ``destroyed_lately`` counts.
        held: recordings that are stored, those whose destruction has begun and is not proved among them.
        oldest_call: the earliest day of a call among them; age counts from the call.
        undated: those held whose call has no day on record yet.
        soon: those that may be destroyed within the next 30 days, and that nothing holds.
        due: those that may be destroyed now, or lack only a person's word for it.
        overdue: those that could have been destroyed more than two days ago, and were not.
        overdue_since: since when the first of them could.
        on_hold: recordings on which a hold stands.
        held_since: since when the first of these holds stands.
        failed: destructions that began and did not succeed so far.
        destroyed, destroyed_lately: destructions completed, in all and in the period.
        weeks: some weeks past and six months ahead.
        standing: the holds, oldest first.
    """

    as_of: datetime
    since: date
    held: int = 0
    oldest_call: date | None = None
    undated: int = 0
    soon: int = 0
    due: int = 0
    overdue: int = 0
    overdue_since: datetime | None = None
    on_hold: int = 0
    held_since: datetime | None = None
    failed: int = 0
    destroyed: int = 0
    destroyed_lately: int = 0
    weeks: tuple[Week, ...] = ()
    standing: tuple[Standing, ...] = ()

    @property
    def oldest_days(self) -> int | None:
        """How old the oldest recording is, in days since its call."""
        return None if self.oldest_call is None else (civil_date(self.as_of) - self.oldest_call).days

    @property
    def on_hold_days(self) -> int | None:
        """For how many days the first hold has stood."""
        return None if self.held_since is None else (civil_date(self.as_of) - civil_date(self.held_since)).days


class Stage(StrEnum):
    """How far a destruction is."""

    FAILED = "failed"  # begun, and to be tried again
    BEGUN = "begun"
    DESTROYED = "destroyed"  # proved; its certificate follows
    CERTIFIED = "certified"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the destruction register. ``number`` is the certificate's; the candidate is a pseudonym.

    What only the certificate's facts hold (the days of decision and notification, who approved, from when it is irreversible) is None until
    the destruction is proved.
    """

    number: str
    recording: str
    stage: Stage
    candidate: str
    session: str
    client_reference: str
    call_date: date | None
    deposited_at: datetime
    cause: str
    eligible_at: datetime | None
    started_at: datetime
    completed_at: datetime | None
    decided_on: date | None = None
    notified_on: date | None = None
    appeal_last_day: date | None = None
    approved_by: str | None = None
    irreversible_from: datetime | None = None
    kept_until: date | None = None
    sha256: str = ""
    facts_sha256: str | None = None
    journal_index: int | None = None


@dataclass(frozen=True, slots=True)
class ComplianceReport:
    """The whole report; ``register`` has the newest destruction first, ``registered`` counts those that it was cut from."""

    centre: str
    figures: Figures
    register: tuple[Entry, ...]
    registered: int

    @property
    def as_of(self) -> datetime:
        """When it was made."""
        return self.figures.as_of
