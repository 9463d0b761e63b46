"""Dates and times as people write them in France: ``12/03/2026``, ``12.3.26``, ``12 mars 2026``, ``14h30``.

The day comes first. A year of two digits is of this century: nothing here is older. A weekday, when written, must be right:
it is the one check that catches a wrong month. Refuses to guess: anything else raises ``ValueError``.
"""

import re
import unicodedata
from datetime import date, datetime, time

_CENTURY = 2000
_OLDEST, _NEWEST = 2000, 2099
_LONGEST = 60
_NOON, _MIDNIGHT = 12, 24

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier january janv jan",
            "fevrier february fevr fev feb",
            "mars march mar",
            "avril april avr apr",
            "mai may",
            "juin june jun",
            "juillet july juil jul",
            "aout august aug",
            "septembre september sept sep",
            "octobre october oct",
            "novembre november nov",
            "decembre december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_WEEKDAYS = {
    name: number
    for number, names in enumerate(
        (
            "lundi monday",
            "mardi tuesday",
            "mercredi wednesday",
            "jeudi thursday",
            "vendredi friday",
            "samedi saturday",
            "dimanche sunday",
        ),
    )
    for name in names.split()
}
_WEEKDAY = re.compile(rf"^({'|'.join(_WEEKDAYS)})\b,? *(?:le )?")
_DAY_FIRST = re.compile(r"(?P<day>\d{1,2}) ?([/.\-]) ?(?P<month>\d{1,2}) ?\2 ?(?P<year>\d{4}|\d{2})")
_DIGITS = re.compile(r"(?P<day>\d{2}) (?P<month>\d{2}) (?P<year>\d{4}|\d{2})")
_ISO = re.compile(r"(?P<year>\d{4})([/.\-])(?P<month>\d{1,2})\2(?P<day>\d{1,2})")
_NAMED = re.compile(r"(?P<day>\d{1,2})(?:er|st|nd|rd|th)?[ \-]?(?P<name>[a-z]+)\.?,?[ \-]?(?P<year>\d{4}|\d{2})")
_NAMED_MONTH_FIRST = re.compile(r"(?P<name>[a-z]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4})")
_TIME = re.compile(
    r"(?P<hour>\d{1,2}) ?(?:h|:|heures?) ?(?P<minute>\d{2})?(?: ?(?:min|mn))?"
    r"(?:(?<=\d):\d{2}(?:\.0+)?)? ?(?P<half>am|pm)?",
)
_MOMENT = re.compile(r"(?P<day>.+?)(?:t|,? +(?:a +|at +|vers +)?)(?P<time>\d{1,2} ?(?:h|:|heures?)[^/]*)")


def fold(text: str) -> str:
    """Return a text without accents, case, and runs of spaces, so that what people type can be compared."""
    decomposed = unicodedata.normalize("NFKD", text.replace("’", "'"))
    bare = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def read_date(text: str) -> date:
    """Read a civil date.

    Raises:
        ValueError: not a date that exists between 2000 and 2099, or its weekday is another.
    """
    folded = _bounded(text).strip(" .,;")
    weekday = _WEEKDAY.match(folded)
    bare = folded[weekday.end() :] if weekday else folded.removeprefix("le ")
    day = _plain_date(bare)
    if weekday and _WEEKDAYS[weekday[1]] != day.weekday():
        msg = "the weekday is not that of the date"
        raise ValueError(msg)
    return day


def read_time(text: str) -> time:
    """Read a time of day, to the minute: seconds are dropped.

    Raises:
        ValueError: not a time of day.
    """
    match = _TIME.fullmatch(_bounded(text).strip(" .,;"))
    if match is None:
        msg = "not a time of day"
        raise ValueError(msg)
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    if match["half"]:
        if not 1 <= hour <= _NOON:
            msg = "not an hour of a twelve-hour clock"
            raise ValueError(msg)
        hour = hour % _NOON + (_NOON if match["half"] == "pm" else 0)
    return time(hour, minute)


def read_moment(text: str) -> datetime:
    """Read a date followed by a time, without zone: ``12/03/2026 à 14h30``.

    Raises:
        ValueError: one of the two is missing or wrong.
    """
    match = _MOMENT.fullmatch(_bounded(text).strip(" .,;"))
    if match is None:
        msg = "not a date followed by a time"
        raise ValueError(msg)
    return datetime.combine(read_date(match["day"]), read_time(match["time"]))


def _bounded(text: str) -> str:
    if len(text) > _LONGEST:
        msg = "too long for a date or a time"
        raise ValueError(msg)
    folded = fold(text)
    if not folded.isascii():
        msg = "not written with plain letters and digits"
        raise ValueError(msg)
    return folded


def _plain_date(text: str) -> date:
    for pattern in (_DAY_FIRST, _DIGITS, _ISO, _NAMED, _NAMED_MONTH_FIRST):
        match = pattern.fullmatch(text)
        if match:
            return _calendar_date(match)
    msg = "not a date"
    raise ValueError(msg)


def _calendar_date(match: re.Match[str]) -> date:
    found = match.groupdict()
    month = int(found["month"]) if "month" in found else _MONTHS.get(found["name"], 0)
    year = int(found["year"])
    if len(found["year"]) == len("26"):
        year += _CENTURY
    day = date(year, month, int(found["day"]))
    if not _OLDEST <= day.year <= _NEWEST:
        msg = "not a date of this century"
        raise ValueError(msg)
    return day
