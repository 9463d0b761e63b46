"""The clock: against vectors made another way, under any time zone of the machine, and what must hold for every date."""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import schemes
from registry.clock import PARIS
from registry.codes import Language
from registry.schemes import Computation
from retention import calendars
from retention.clock import Reckoning, end_of, months_later, reckon
from retention.clock_words import sentence
from retention.steps import StepKind
from retention.terms import Choices, Terms, combine
from tests.retention.vectors import clock as vectors

CQP = combine(schemes.load("cqp-ce"), Choices())
DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
CALENDARS = st.lists(st.sampled_from(["FR", "57", "6AE", "971", "972", "973", "974", "976", "PF", "WF"]), max_size=3)
with vectors.FILE.open(encoding="utf-8") as file:
    VECTORS = list(csv.DictReader(file))


def _terms(vector: dict[str, str]) -> Terms:
    names = vector["calendars"].split("+")
    return replace(
        CQP,
        calendars=calendars.of(*names),
        computation=Computation(vector["computation"]),
        postal_grace_days=int(vector["grace"]),
    )


def test_the_vectors_are_their_generator_s() -> None:
    """The file is what the generator writes, and has what it is for: every calendar, computation and grace."""
    assert vectors.FILE.read_text("utf-8") == vectors.content()
    assert len(VECTORS) > 400
    assert {one["computation"] for one in VECTORS} == set(Computation)


def test_every_vector() -> None:
    """The four dates of each line."""
    for vector in VECTORS:
        found = reckon(date.fromisoformat(vector["notified_on"]), _terms(vector)).to_json()
        assert {key: vector[key] for key in ("same_day", "appeal_last_day", "eligible_at")} == {
            key: value for key, value in found.items() if key not in {"notified_on", "steps"}
        }, vector


@pytest.mark.slow
def test_every_day_of_fifteen_years() -> None:
    """The two ways agree on each day, under the mainland's calendar."""
    day = date(2020, 1, 1)
    while day.year < 2035:
        found = reckon(day, CQP).to_json()
        told = f"{day},FR,cpc_640_642,0,{found['same_day']},{found['appeal_last_day']},{found['eligible_at']}"
        assert told == vectors.row(vectors.Day(day.year, day.month, day.day), "FR", "cpc_640_642", 0)
        day += timedelta(days=1)


@pytest.mark.parametrize(
    ("notified", "last", "why"),
    [
        (date(2026, 1, 13), date(2026, 3, 13), []),
        (date(2024, 12, 31), date(2025, 2, 28), []),
        (date(2025, 12, 31), date(2026, 3, 2), ["2026-02-28", "2026-03-01"]),
        (date(2024, 2, 29), date(2024, 4, 29), []),
        (date(2023, 12, 31), date(2024, 2, 29), []),
        (date(2026, 8, 31), date(2026, 11, 2), ["2026-10-31", "2026-11-01"]),
        (date(2026, 3, 14), date(2026, 5, 15), ["2026-05-14"]),
    ],
)
def test_last_days_known_by_hand(notified: date, last: date, why: list[str]) -> None:
    """Read off a calendar: never sixty days, never month by month, extended only after clamping; each day that extended it is told."""
    found = reckon(notified, CQP)
    assert found.appeal_last_day == last
    assert [str(step.day) for step in found.extended_by] == why


@pytest.mark.parametrize(
    ("calendar", "notified", "without", "with_"),
    [
        ("6AE", date(2026, 2, 3), date(2026, 4, 3), date(2026, 4, 7)),  # Good Friday, then Easter
        ("57", date(2024, 10, 26), date(2024, 12, 26), date(2024, 12, 27)),  # Saint Stephen's
        ("972", date(2026, 3, 22), date(2026, 5, 22), date(2026, 5, 26)),  # abolition of slavery, then Whitsun
        ("974", date(2027, 10, 20), date(2027, 12, 20), date(2027, 12, 21)),
    ],
)
def test_holidays_of_a_department(calendar: str, notified: date, without: date, with_: date) -> None:
    """A holiday of the candidate's own department lengthens, and is given its name."""
    assert reckon(notified, CQP).appeal_last_day == without
    found = reckon(notified, CQP, calendars.of(calendar))
    assert found.appeal_last_day == with_
    assert found.extended_by[0].holiday is not None


def test_clear_months_add_one_day_before_the_extension() -> None:
    """Two months end on Friday 13 March; one day more is a Saturday; calendar months leave it there."""
    day = date(2026, 1, 13)
    assert reckon(day, replace(CQP, computation=Computation.CPC_FRANC)).appeal_last_day == date(2026, 3, 16)
    left = reckon(day, replace(CQP, computation=Computation.CALENDAR_FRANC))
    assert (left.same_day, left.appeal_last_day) == (date(2026, 3, 13), date(2026, 3, 14))
    assert StepKind.NOT_EXTENDED in {step.kind for step in left.steps}


def test_the_grace_is_counted_in_days_not_in_hours() -> None:
    """Fifteen days across the change to summer time end at midnight in Paris all the same."""
    found = reckon(date(2026, 1, 20), replace(CQP, postal_grace_days=15))
    assert found.eligible_at == datetime(2026, 4, 4, 22, tzinfo=UTC)
    assert reckon(date(2026, 1, 20), CQP).eligible_at == datetime(2026, 3, 20, 23, tzinfo=UTC)


def test_no_recourse_counts_from_the_day_after() -> None:
    """The decision communicated on a Friday is held fifteen days from the day after, weekends among them; no last day to contest."""
    found = reckon(date(2026, 5, 29), combine(schemes.load("mutualite-ac"), Choices(postal_grace_days=15)))
    assert (found.same_day, found.appeal_last_day) == (None, None)
    assert found.eligible_at == datetime(2026, 6, 13, 22, tzinfo=UTC)


@pytest.mark.parametrize("scheme", ["ucanss-gc", "ucanss-cos"])
def test_no_rule_no_date(scheme: str) -> None:
    """Where nothing is stated there is no date, and the steps say why."""
    found = reckon(date(2026, 1, 13), combine(schemes.load(scheme), Choices(postal_grace_days=15))).to_json()
    assert [found["same_day"], found["appeal_last_day"], found["eligible_at"]] == [None, None, None]
    assert "n’est pas indiqué" in found["steps"][-1]


def test_the_contract_s_keys() -> None:
    """What scripts rely on: five keys, ISO dates, a UTC instant."""
    found = reckon(date(2026, 1, 13), CQP).to_json()
    assert list(found) == ["notified_on", "same_day", "appeal_last_day", "eligible_at", "steps"]
    assert found["eligible_at"] == "2026-03-13T23:00:00+00:00"


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "America/Los_Angeles", "UTC", "Asia/Kathmandu"])
def test_the_machine_s_time_zone_does_not_matter(zone: str) -> None:
    """The same vectors in a process whose local time is another."""
    script = "from tests.retention import test_clock; test_clock.test_every_vector(); import time; print(time.tzname[0])"
    ran = subprocess.run([sys.executable, "-c", script], env=os.environ | {"TZ": zone}, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() in ({"UTC"} if zone == "UTC" else {"+14", "PST", "+0545"})


@given(DAYS, CALENDARS, st.sampled_from(Computation), st.integers(0, 30))
def test_what_holds_for_every_date(day: date, names: list[str], computation: Computation, grace: int) -> None:
    """Never before two months; the last day a working one where it is extended; midnight in Paris, after the grace."""
    terms = replace(CQP, calendars=calendars.of(*names), computation=computation, postal_grace_days=grace)
    found = reckon(day, terms)
    assert found.same_day is not None
    assert found.appeal_last_day is not None
    assert found.eligible_at is not None
    assert found.same_day <= found.appeal_last_day
    assert (found.same_day - day).days in range(59, 63)
    local = found.eligible_at.astimezone(PARIS)
    assert (local.hour, local.minute, local.date()) == (0, 0, found.appeal_last_day + timedelta(days=1 + grace))
    if computation.extends:
        assert found.appeal_last_day.weekday() < 5
        assert terms.calendars.holiday(found.appeal_last_day) is None
    assert found.eligible_at >= end_of(months_later(day, 2) + timedelta(days=grace))


@given(st.lists(DAYS, min_size=2, max_size=2), CALENDARS)
def test_later_notified_is_never_sooner_over(days: list[date], names: list[str]) -> None:
    """The end never moves back when the notification moves on."""
    terms = replace(CQP, calendars=calendars.of(*names))
    ends = [reckon(day, terms).eligible_at for day in sorted(days)]
    assert all(one is not None and other is not None and one <= other for one, other in pairwise(ends))


@given(DAYS, CALENDARS, CALENDARS, st.sampled_from(Computation))
def test_holidays_only_lengthen(day: date, some: list[str], more: list[str], computation: Computation) -> None:
    """A union of calendars ends no sooner than any of its parts."""
    terms = replace(CQP, computation=computation)
    part, union = reckon(day, terms, calendars.of(*some)), reckon(day, terms, calendars.of(*some, *more))
    assert part.eligible_at is not None
    assert union.eligible_at is not None
    assert part.eligible_at <= union.eligible_at


def _shown() -> Iterator[Reckoning]:
    for name in schemes.available():
        for choices in (Choices(), Choices(postal_grace_days=1), Choices(postal_grace_days=15)):
            terms = combine(schemes.load(name), choices)
            for vector in VECTORS[::7]:
                yield reckon(date.fromisoformat(vector["notified_on"]), replace(terms, calendars=calendars.of("6AE")))


def test_each_step_is_a_sentence_in_both_languages() -> None:
    """Nothing is left unfilled; French has its narrow spaces; one day is one « jour »."""
    for found in _shown():
        for step in found.steps:
            for language in Language:
                said = sentence(step, language)
                assert said.endswith((".", ")"))
                assert "{" not in said
                assert " :" not in said
                assert "1\u00a0jours" not in said
                assert "1\u00a0days" not in said


def test_the_steps_tell_the_whole_way() -> None:
    """What a screen shows for « pourquoi cette date ? », word for word."""
    found = reckon(date(2026, 8, 31), replace(CQP, postal_grace_days=15)).to_json()
    article = "délai prolongé au lendemain (article 642 du Code de procédure civile, par analogie)."
    assert [step.replace("\u202f", " ").replace("\u00a0", " ") for step in found["steps"]] == [
        "Décision notifiée le lundi 31 août 2026.",
        "2 mois plus tard, le même quantième : samedi 31 octobre 2026.",
        f"Le samedi 31 octobre 2026 ne peut pas être le dernier jour : {article}",
        f"Le dimanche 1er novembre 2026 est férié (Toussaint) : {article}",
        "Dernier jour pour contester auprès du président de la CPNEF : jusqu’au lundi 2 novembre 2026 inclus (23 h 59).",
        "Délai d’acheminement du courrier, choisi par le centre : 15 jours de plus, jusqu’au mardi 17 novembre 2026 inclus (23 h 59).",
        "Destruction possible à partir du mercredi 18 novembre 2026 à 0 h 00, heure de Paris.",
    ]
