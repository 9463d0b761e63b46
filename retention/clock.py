"""The clock: from the day a decision was notified to the instant from which its recording may be destroyed.

Pure: civil dates in, one instant out; no database, no system clock, and the machine's time zone does not matter. It refuses to guess:
where the scheme states no rule there is no instant. Articles 640 to 642 of the Code de procédure civile, taken by analogy:

1. the same day, so many months later, in one step; the last day of the month where there is no such day (641);
2. where the computation is franc, one more day;
3. while that is a Saturday, a Sunday or a public holiday, the next day (642); the period ends that day at 24:00, Europe/Paris (642);
4. the postal grace, in civil days; eligible from 00:00, Europe/Paris, of the day after, converted to UTC last.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import TypedDict

from registry.clock import PARIS
from registry.codes import Language
from registry.schemes import RecourseRule
from retention.calendars import Calendars
from retention.clock_words import sentence
from retention.steps import EXTENSIONS, Step, StepKind
from retention.terms import Terms

_DAY = timedelta(days=1)
_SATURDAY = 5
_YEAR = 12


class ReckoningJson(TypedDict):
    """What ``consigne clock --json`` prints. Dates and instants in ISO 8601, instants in UTC."""

    notified_on: str
    same_day: str | None
    appeal_last_day: str | None
    eligible_at: str | None
    steps: list[str]


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What the clock found. ``eligible_at`` is None where the scheme states no rule; the last step then says so.

    ``same_day`` and ``appeal_last_day`` are also None where the scheme has no recourse.
    """

    notified_on: date
    same_day: date | None
    appeal_last_day: date | None
    eligible_at: datetime | None
    steps: tuple[Step, ...]

    @property
    def extended_by(self) -> tuple[Step, ...]:
        """The days that could not be the last one: Saturdays, Sundays and public holidays."""
        return tuple(step for step in self.steps if step.kind in EXTENSIONS)

    def to_json(self, language: Language = Language.FR) -> ReckoningJson:
        """Return the contract's keys, the steps as sentences."""
        return {
            "notified_on": self.notified_on.isoformat(),
            "same_day": self.same_day.isoformat() if self.same_day else None,
            "appeal_last_day": self.appeal_last_day.isoformat() if self.appeal_last_day else None,
            "eligible_at": self.eligible_at.isoformat() if self.eligible_at else None,
            "steps": [sentence(step, language) for step in self.steps],
        }


def reckon(notified_on: date, terms: Terms, calendars: Calendars | None = None) -> Reckoning:
    """Reckon from the day of a proven notification.

    Args:
        notified_on: the civil day, in Paris, on which the candidate was notified; where the scheme has no recourse, on which the
            decision was communicated.
        terms: the scheme's rule, the centre's choices applied.
        calendars: of public holidays, where they are more than those of the terms: the candidate's among them.
    """
    begun = Step(StepKind.NOTIFIED, notified_on)
    if terms.rule is RecourseRule.UNSTATED:
        return Reckoning(notified_on, None, None, None, (begun, Step(StepKind.UNSTATED, scheme=terms.title)))
    if terms.rule is RecourseRule.NONE:
        return _without_recourse(begun, notified_on, terms)
    assert terms.months is not None
    assert terms.computation is not None
    same_day = months_later(notified_on, terms.months)
    clamped = same_day.day != notified_on.day
    steps = [begun, Step(StepKind.CLAMPED if clamped else StepKind.MONTHS, same_day, terms.months)]
    last_day = same_day
    if terms.computation.franc:
        last_day += _DAY
        steps.append(Step(StepKind.FRANC, last_day))
    days_off = list(_days_off(last_day, calendars or terms.calendars))
    if terms.computation.extends:
        last_day += len(days_off) * _DAY
        steps += days_off
    elif days_off:
        steps.append(Step(StepKind.NOT_EXTENDED, last_day))
    steps.append(Step(StepKind.LAST_DAY, last_day, addressee=terms.addressee))
    over = last_day + terms.postal_grace_days * _DAY
    if terms.postal_grace_days:
        steps.append(Step(StepKind.GRACE, over, terms.postal_grace_days))
    eligible_at = end_of(over)
    return Reckoning(notified_on, same_day, last_day, eligible_at, (*steps, Step(StepKind.ELIGIBLE, at=eligible_at)))


def _without_recourse(begun: Step, communicated_on: date, terms: Terms) -> Reckoning:
    """Hold for at least so many days after the day that follows the communication."""
    over = communicated_on + terms.min_hold_days * _DAY
    eligible_at = end_of(over)
    held = (Step(StepKind.MIN_HOLD, over, terms.min_hold_days),) if terms.min_hold_days else ()
    steps = (begun, Step(StepKind.NO_RECOURSE, scheme=terms.title), *held, Step(StepKind.ELIGIBLE, at=eligible_at))
    return Reckoning(communicated_on, None, None, eligible_at, steps)


def months_later(day: date, months: int) -> date:
    """Return the same day so many months later, in one step: the last day of that month where it has no such day."""
    years, month = divmod(day.month - 1 + months, _YEAR)
    year = day.year + years
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def end_of(day: date) -> datetime:
    """Return the end of a civil day in Paris, 24:00, in UTC."""
    return datetime.combine(day + _DAY, time(0), PARIS).astimezone(UTC)


def _days_off(day: date, calendars: Calendars) -> Iterator[Step]:
    """Walk over the days, from this one, that are no working days."""
    while True:
        if (holiday := calendars.holiday(day)) is not None:
            yield Step(StepKind.HOLIDAY, day, holiday=holiday)
        elif day.weekday() >= _SATURDAY:
            yield Step(StepKind.WEEKEND, day)
        else:
            return
        day += _DAY
