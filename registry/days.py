"""Days that people record after the hearing: never in the future, and asked about again when they are long past."""

from dataclasses import dataclass
from datetime import date

from registry.errors import RefusedError

_MONTHS = 6


class OldDayError(RefusedError):
    """A day more than six months back: perhaps a slip. The caller asks again, and says so if it is meant."""


@dataclass(frozen=True, slots=True)
class Days:
    """Judges days against today, in Paris. ``old_meant``: a person was asked, and a day long past is meant."""

    today: date
    old_meant: bool = False

    def check(self, day: date, what: str) -> None:
        """Refuse a day that cannot be meant; ``what`` names it in the message.

        Raises:
            RefusedError: it lies in the future.
            OldDayError: it lies more than six months back, and nobody said that it is meant.
        """
        if day > self.today:
            raise RefusedError(f"{what} {day} is in the future: correct it, or record it once it has happened")
        if day < months_before(self.today, _MONTHS) and not self.old_meant:
            raise OldDayError(f"{what} {day} is more than six months back: correct it, or say that it is meant (--yes-old)")


def months_before(day: date, months: int) -> date:
    """Return the same day some months earlier, clamped to the end of the month."""
    count = day.year * 12 + day.month - 1 - months
    year, month = divmod(count, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
