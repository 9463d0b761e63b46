"""The vectors of the clock, and their generator: ``python -m tests.retention.vectors.clock`` writes ``clock.csv`` anew.

Shares nothing with the clock: neither ``datetime``, ``zoneinfo`` nor ``holidays``. Days are numbers counted from 1 March of year 0 in
the Gregorian calendar; Easter follows Butcher's rule; public holidays are those of articles L3133-1, L3134-13 and L3422-2 of the Code du
travail, and of local custom; summer time follows directive 2000/84/EC.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FILE = Path(__file__).with_name("clock.csv")
HEADER = "notified_on,calendars,computation,grace,same_day,appeal_last_day,eligible_at"
_CALENDARS = ("FR", "FR", "6AE", "972", "57", "FR", "6AE+972", "974", "971")
_COMPUTATIONS = (
    "cpc_640_642",
    "cpc_640_642",
    "cpc_640_642+franc",
    "cpc_640_642",
    "calendar_months",
    "cpc_640_642",
    "calendar_months+franc",
)
_GRACES = (0, 15, 0, 0, 7)


class Day(NamedTuple):
    """A civil day."""

    year: int
    month: int
    day: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}-{self.day:02}"


def number(day: Day) -> int:
    """Count the days up to this one; 0 is a Wednesday."""
    year, month = (day.year, day.month - 3) if day.month > 2 else (day.year - 1, day.month + 9)
    return 365 * year + year // 4 - year // 100 + year // 400 + (153 * month + 2) // 5 + day.day - 1


def numbered(count: int) -> Day:
    """Find the day of a number, by walking: slow, and plain."""
    year = count // 366
    while number(Day(year + 1, 1, 1)) <= count:
        year += 1
    month = max(m for m in range(1, 13) if number(Day(year, m, 1)) <= count)
    return Day(year, month, count - number(Day(year, month, 1)) + 1)


def weekday(count: int) -> int:
    """Return 0 for Monday."""
    return (count + 2) % 7


def easter(year: int) -> int:
    """Return Easter Sunday (S. Butcher, 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    leap = (golden + 11 * epact + 22 * sunday) // 451
    month, day = divmod(epact + sunday - 7 * leap + 114, 31)
    return number(Day(year, month, day + 1))


_FIXED = ((1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25))
_MOVING = (1, 39, 50)  # Easter Monday, Ascension, Whit Monday
_LOCAL_FIXED = {"57": ((12, 26),), "6AE": ((12, 26),), "971": ((5, 27), (7, 21)), "972": ((5, 22), (7, 21)), "974": ((12, 20),)}
_LOCAL_MOVING = {"57": (-2,), "6AE": (-2,), "971": (-2, -24), "972": (-2,)}


def is_off(count: int, calendars: list[str]) -> bool:
    """Tell whether a day is a Saturday, a Sunday or a public holiday."""
    day = numbered(count)
    fixed = [*_FIXED, *(one for name in calendars for one in _LOCAL_FIXED.get(name, ()))]
    moving = [*_MOVING, *(one for name in calendars for one in _LOCAL_MOVING.get(name, ()))]
    return weekday(count) > 4 or (day.month, day.day) in fixed or count - easter(day.year) in moving


def _last_sunday(year: int, month: int) -> int:
    last = number(Day(year, month, 31))
    return last - (weekday(last) + 1) % 7


def midnight(count: int) -> str:
    """Write 00:00 in Paris as an instant in UTC: an hour earlier, or two in summer. The clocks change at 01:00 UTC, after midnight."""
    year = numbered(count).year
    summer = _last_sunday(year, 3) < count <= _last_sunday(year, 10)
    return f"{numbered(count - 1)}T{22 if summer else 23}:00:00+00:00"


def row(notified: Day, calendars: str, computation: str, grace: int) -> str:
    """Write one line of the file."""
    month = notified.month + 2
    year, month = (notified.year + 1, month - 12) if month > 12 else (notified.year, month)
    following = Day(year, month + 1, 1) if month < 12 else Day(year + 1, 1, 1)
    same_day = min(number(Day(year, month, 1)) + notified.day - 1, number(following) - 1)
    last = same_day + computation.endswith("+franc")
    while computation.startswith("cpc") and is_off(last, calendars.split("+")):
        last += 1
    told = (notified, calendars, computation, grace, numbered(same_day), numbered(last), midnight(last + 1 + grace))
    return ",".join(map(str, told))


def rows() -> Iterator[str]:
    """Return every line: edges under each calendar and computation, then each 11th day of eight years."""
    edges = [
        Day(2023, 12, 29),
        Day(2023, 12, 31),
        Day(2024, 2, 29),
        Day(2025, 12, 31),
        Day(2026, 8, 31),
        Day(2026, 2, 3),
        Day(2027, 10, 26),
    ]
    edges += [Day(2024, 1, 29), Day(2024, 3, 22), Day(2025, 1, 28), Day(2028, 1, 30), Day(2026, 1, 29), Day(2026, 8, 25), Day(2027, 5, 21)]
    for edge in edges:
        for calendars in dict.fromkeys(_CALENDARS):
            yield row(edge, calendars, "cpc_640_642", 0)
        for computation in dict.fromkeys(_COMPUTATIONS):
            yield row(edge, "6AE+972", computation, 15)
    first = number(Day(2024, 1, 1))
    for step in range(266):
        chosen = _CALENDARS[step % len(_CALENDARS)], _COMPUTATIONS[step % len(_COMPUTATIONS)], _GRACES[step % len(_GRACES)]
        yield row(numbered(first + 11 * step), *chosen)


def content() -> str:
    """Return the whole file."""
    return "\n".join([HEADER, *rows()]) + "\n"


if __name__ == "__main__":
    FILE.write_text(content(), "utf-8")
