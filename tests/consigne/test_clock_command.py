"""``consigne clock``: no centre, one document a date in order, the contract's exit codes."""

import pytest

from tests.consigne.centre import run
from tests.retention.vectors import clock as vectors

KEYS = ["notified_on", "same_day", "appeal_last_day", "eligible_at", "steps"]


def test_a_document_a_date_in_the_order_given() -> None:
    """Several after one option, or the option again; as people write dates in France, or as machines do."""
    ran = run("clock", "--notified", "31/08/2026", "14 mars 2026", "--json", "--notified=2025-12-31", "13.1.26")
    assert ran.code == 0, ran.err
    assert [list(one) for one in ran.json()] == [KEYS] * 4
    assert [one["notified_on"] for one in ran.json()] == ["2026-08-31", "2026-03-14", "2025-12-31", "2026-01-13"]
    assert [one["appeal_last_day"] for one in ran.json()] == ["2026-11-02", "2026-05-15", "2026-03-02", "2026-03-13"]
    assert ran.json()[0]["eligible_at"] == "2026-11-02T23:00:00+00:00"


@pytest.mark.parametrize(("calendars", "computation"), [("FR", "cpc_640_642"), ("6AE+972", "cpc_640_642+franc"), ("57", "calendar_months")])
def test_what_the_vectors_say(calendars: str, computation: str) -> None:
    """Calendars are united, and the computation replaced, by options."""
    days = [vectors.Day(2026, month, 29) for month in range(1, 13) if month != 2]
    wanted = [vectors.row(day, calendars, computation, 0).split(",") for day in days]
    named = [part for name in calendars.split("+") for part in ("--calendar", name)]
    ran = run("clock", "--json", "--notified", *(line[0] for line in wanted), *named, "--computation", computation)
    assert [[one["same_day"], one["appeal_last_day"], one["eligible_at"]] for one in ran.json()] == [line[4:] for line in wanted]


def test_a_scheme_without_a_rule_is_refused() -> None:
    """Exit 1; the document is there all the same, its date null and its reason said."""
    ran = run("clock", "--notified", "2026-01-13", "--scheme", "ucanss-gc", "--json")
    assert ran.code == 1
    (told,) = ran.json()
    assert [told[key] for key in KEYS[1:4]] == [None, None, None]
    assert "n’est pas indiqué" in told["steps"][-1]
    assert "no date" in run("clock", "--notified", "2026-01-13", "--scheme", "ucanss-cos").out


def test_a_scheme_without_recourse() -> None:
    """No last day to contest, and a date."""
    ran = run("clock", "--notified", "2026-05-29", "--scheme", "mutualite-ac", "--json")
    assert ran.code == 0
    assert [ran.json()[0][key] for key in KEYS[1:4]] == [None, None, "2026-06-13T22:00:00+00:00"]


def test_for_people() -> None:
    """The date, then why, in the language asked for."""
    french = run("clock", "--notified", "2026-08-31").out.splitlines()
    assert french[0] == "2026-08-31 -> 2026-11-02T23:00:00+00:00"
    assert french[1] == "  Décision notifiée le lundi 31 août 2026."
    assert "Decision notified on Monday 31 August 2026." in run("clock", "--notified", "2026-08-31", "--language", "en").out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "--notified"),
        (("--notified",), "--notified"),
        (("--notified", "--json"), "--notified"),
        (("--notified", "hier"), "2026-06-15"),
        (("--notified", "2026-02-30"), "2026-06-15"),
        (("--notified", "2026-01-13", "demain"), "demain"),
        (("--notified", "2026-01-13", "--calendar", "75"), "6AE (Alsace)"),
        (("--notified", "2026-01-13", "--scheme", "cqp"), "cqp-ce"),
        (("--notified", "2026-01-13", "--computation", "franc"), "cpc_640_642+franc"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], said: str) -> None:
    """Exit 2, what was wrong, and nothing printed that could be taken for an answer."""
    ran = run("clock", *arguments)
    assert (ran.code, ran.out, said in ran.err) == (2, "", True), ran.err
