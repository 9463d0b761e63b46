"""Public holidays: those of France and of its departments and territories, from the ``holidays`` library, and their unions.

A union only ever adds holidays, so it only ever lengthens a period. Every calendar holds France's own holidays. Refuses a name that it
does not know: a calendar left out would shorten a period.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays

from registry.codes import Language
from registry.written import fold
from retention.errors import UnknownCalendarError

FRANCE = "FR"
_ALSACE, _MOSELLE = "6AE", "57"
_FRANCE = holidays.country_holidays(FRANCE)
_LANGUAGES = {Language.FR: "fr", Language.EN: "en_US"}

DEPARTMENTS = {
    "57": _MOSELLE,
    "67": _ALSACE,
    "68": _ALSACE,
    **{code: code for code in ("971", "972", "973", "974", "976")},
    "975": "PM",
    "977": "BL",
    "978": "MF",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""Departments and territories with public holidays of their own, and the library's name of their calendar."""


@dataclass(frozen=True, slots=True)
class Holiday:
    """What a public holiday is called."""

    fr: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the name in a language."""
        return self.fr if language is Language.FR else self.en


@dataclass(frozen=True, slots=True)
class Calendars:
    """A union of calendars. Build it with ``of``, so that its names are known ones, sorted, France's first."""

    names: tuple[str, ...]

    def holiday(self, day: date) -> Holiday | None:
        """Return the public holiday of that day in any of the calendars, or None."""
        return next((found for name in self.names if (found := _year(name, day.year).get(day))), None)

    def with_department(self, department: str) -> "Calendars":
        """Add the calendar of a candidate's department, as the roster writes it; one without holidays of its own adds nothing."""
        return of(*self.names, DEPARTMENTS.get(department, FRANCE))


def of(*names: str) -> Calendars:
    """Return the union of calendars, France's among them.

    Each is ``FR``, a subdivision of the ``holidays`` library or one of its aliases (``972``, ``Martinique``), or the number of a
    department with holidays of its own (``67``); case and accents do not matter.

    Raises:
        UnknownCalendarError: a name is none of these; the message lists those that are.
    """
    chosen = {_known(name) for name in names} - {FRANCE}
    return Calendars((FRANCE, *sorted(chosen)))


def _known(name: str) -> str:
    found = _names().get(fold(name).removeprefix("fr-"))
    if found is None:
        known = ", ".join([FRANCE, *(f"{code} ({title})" for code, title in _titles().items())])
        raise UnknownCalendarError(f"no calendar of public holidays is called {name!r}: those known are {known}")
    return found


@cache
def _names() -> dict[str, str]:
    """Return every name that is understood, folded, and the calendar that it names."""
    codes = (FRANCE, *_FRANCE.subdivisions)
    aliases = {"Alsace-Moselle": _ALSACE, **DEPARTMENTS, **_FRANCE.subdivisions_aliases}
    return {fold(code): code for code in codes} | {fold(alias): code for alias, code in aliases.items()}


@cache
def _titles() -> dict[str, str]:
    """Return the longest name of each subdivision."""
    aliases = _FRANCE.subdivisions_aliases
    return {code: max((alias for alias, named in aliases.items() if named == code), key=len) for code in _FRANCE.subdivisions}


@cache
def _year(name: str, year: int) -> dict[date, Holiday]:
    """Return the holidays of one calendar and one year."""
    subdivision = None if name == FRANCE else name
    french, english = (
        holidays.country_holidays(FRANCE, subdiv=subdivision, years=year, expand=False, language=_LANGUAGES[language])
        for language in (Language.FR, Language.EN)
    )
    return {day: Holiday(_listed(french[day]), _listed(english[day])) for day in french}


def _listed(names: str) -> str:
    """Write two holidays of one day as people list them."""
    return names.replace("; ", ", ").replace("'", "’")
