"""Calendars of public holidays: every department has its own, unions, and names that are not known."""

from datetime import date

import holidays
import pytest

from registry import schemes
from registry.codes import Language
from registry.roster import DEPARTMENTS
from retention import calendars
from retention.errors import UnknownCalendarError
from retention.terms import Choices, combine


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("972", "972"),
        ("Martinique", "972"),
        ("fr-972", "972"),
        ("67", "6AE"),
        ("68", "6AE"),
        ("alsace-moselle", "6AE"),
        ("6ae", "6AE"),
        ("La Reunion", "974"),
    ],
)
def test_one_calendar_by_its_names(name: str, code: str) -> None:
    """Codes, aliases, department numbers; case and accents do not matter; France's own is always there."""
    assert calendars.of(name).names == ("FR", code)


def test_every_subdivision_of_the_library_is_known() -> None:
    """Under each of its names."""
    france = holidays.country_holidays("FR")
    for name in (*france.subdivisions, *france.subdivisions_aliases):
        assert len(calendars.of(name).names) == 2
    assert calendars.of("FR") == calendars.of() == calendars.of("fr", "FR")


@pytest.mark.parametrize("name", ["75", "XX", "", "Alsace Lorraine", "FR-", "DE"])
def test_an_unknown_calendar_is_refused_with_those_that_are_known(name: str) -> None:
    """Left out silently it would shorten a period."""
    with pytest.raises(UnknownCalendarError, match=r"6AE \(Alsace\).*972 \(Martinique\)"):
        calendars.of("FR", name)


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_department_has_a_calendar(department: str) -> None:
    """What the roster takes is understood here: the mainland's adds nothing, the others one calendar."""
    names = calendars.of().with_department(department).names
    own = department in {"57", "67", "68"} or (department.startswith("9") and len(department) == 3)
    assert len(names) == (2 if own else 1)


def test_a_union_has_the_holidays_of_each() -> None:
    """The centre is in Strasbourg, the candidate in Fort-de-France."""
    both = calendars.of("6AE").with_department("972")
    christmas_after, abolition = both.holiday(date(2026, 12, 26)), both.holiday(date(2026, 5, 22))
    assert christmas_after is not None
    assert abolition is not None
    assert christmas_after.in_(Language.FR) == "Saint-Étienne"
    assert abolition.in_(Language.EN) == "Abolition of Slavery"
    assert abolition.in_(Language.FR) == "Abolition de l’esclavage"
    assert both.holiday(date(2026, 5, 21)) is None


def test_alsace_and_moselle_keep_the_same_days() -> None:
    """One name for both is one calendar."""
    for year in range(2020, 2040):
        day = date(year, 1, 1).toordinal()
        for one in map(date.fromordinal, range(day, day + 365)):
            assert calendars.of("57").holiday(one) == calendars.of("6AE").holiday(one)


def test_two_holidays_of_one_day_are_both_named() -> None:
    """In 2008 Ascension fell on 1 May."""
    found = calendars.of().holiday(date(2008, 5, 1))
    assert found is not None
    assert found.fr == "Ascension, Fête du Travail"


@pytest.mark.parametrize("name", schemes.available())
def test_the_schemes_name_calendars_that_exist(name: str) -> None:
    """A profile with an unknown calendar would be refused the day a recording is due."""
    terms = combine(schemes.load(name), Choices(calendars=("6AE",)))
    assert terms.calendars.names == ("FR", "6AE")
