"""The rules of consent."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.declaration import Declaration
from consent.record import ClientRole, Source, Way
from consent.rules import Settled, disagreements, refusals, settle
from consent.words import ITEMS
from registry.codes import Language
from tests.consent.test_record import RECORD
from tests.support.attestations import EXPECTED, NOTICES

CALL = date(2026, 3, 12)
TODAY = date(2026, 3, 20)
SAID = Declaration(
    session="2026-06",
    candidate_reference="C-014",
    client_reference="ABCD-2345",
    call_date=CALL,
    given_on=CALL,
    way=Way.ORAL_BEFORE,
    told_recording=True,
    told_purpose=True,
    told_retention=True,
    notice_id="2024-10",
)


def settled(**changes: object) -> Settled:
    return settle(replace(SAID, **changes), EXPECTED, NOTICES, today=TODAY, source=Source.FORM)  # type: ignore[arg-type]  # fields by name


def faults(found: Settled) -> list[str]:
    return [str(problem.fault) for problem in found.problems]


def test_a_whole_declaration_becomes_a_record() -> None:
    """The record cites the notice by its hash, and the dossier's own references."""
    record = settled().record
    notice = NOTICES.get("2024-10")
    assert record is not None
    assert notice is not None
    assert (record.notice_sha256, record.candidate_reference, record.client_reference, record.attested_on) == (
        notice.sha256,
        "C-014",
        "ABCD-2345",
        TODAY,
    )
    assert refusals(record) == ()


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"call_date": None}, "NO_CALL_DATE"),
        ({"given_on": None}, "NO_GIVEN_DATE"),
        ({"way": None}, "NO_WAY"),
        ({"told_recording": False}, "NOT_TOLD_RECORDING"),
        ({"told_purpose": None}, "NOT_TOLD_PURPOSE"),
        ({"told_retention": False}, "NOT_TOLD_RETENTION"),
        ({"notice_id": None}, "NO_NOTICE"),
        ({"notice_id": "2019"}, "UNKNOWN_NOTICE"),
        ({"notice_id": "2026-draft"}, "NOTICE_NOT_IN_USE"),
        ({"given_on": date(2024, 9, 30)}, "NOTICE_NOT_IN_USE"),
        ({"session": "2026-09"}, "OTHER_SESSION"),
        ({"candidate_reference": "C-015"}, "OTHER_CANDIDATE"),
        ({"client_reference": "WXYZ-2345"}, "OTHER_CLIENT"),
    ],
)
def test_each_missing_or_foreign_item_is_named(changes: dict[str, object], fault: str) -> None:
    """No record, one reason, and a remedy in both languages."""
    found = settled(**changes)
    assert (found.record, faults(found)) == (None, [fault])
    assert found.misplaced == fault.startswith("OTHER")
    for language in Language:
        assert "{" not in found.problems[0].sentence(language)


def test_everything_that_is_missing_is_said_at_once() -> None:
    """An empty declaration is told all seven items, in the order of the form."""
    found = settle(Declaration(), EXPECTED, NOTICES, today=TODAY, source=Source.FORM)
    assert faults(found) == [
        "NO_CALL_DATE",
        "NO_GIVEN_DATE",
        "NO_WAY",
        "NOT_TOLD_RECORDING",
        "NOT_TOLD_PURPOSE",
        "NOT_TOLD_RETENTION",
        "NO_NOTICE",
    ]


def test_references_that_are_left_out_are_those_of_the_dossier() -> None:
    """A form needs not repeat what its link says; case is no difference."""
    assert settled(session=None, candidate_reference=None, client_reference=None).record == settled(candidate_reference="c-014").record


@given(st.integers(-400, 400), st.sampled_from(Way), st.none() | st.builds(time, st.integers(0, 23)))
def test_consent_is_late_only_when_its_date_is_after_the_call(days: int, way: Way, at: time | None) -> None:
    """Neither the way nor a time makes it late: the declared dates do, alone."""
    record = replace(RECORD, call_date=CALL, given_on=CALL + timedelta(days=days), way=way, call_time=at, attested_on=date(2030, 1, 1))
    assert [str(problem.fault) for problem in refusals(record)] == (["CONSENT_LATE"] if days > 0 else [])


def test_dates_still_to_come_are_said() -> None:
    """A call may have taken place on the day of the attestation, not after it."""
    assert refusals(replace(RECORD, call_date=TODAY, given_on=TODAY, attested_on=TODAY)) == ()
    tomorrow = TODAY + timedelta(days=1)
    found = refusals(replace(RECORD, call_date=tomorrow, given_on=tomorrow, attested_on=TODAY))
    assert [str(problem.fault) for problem in found] == ["CALL_IN_FUTURE", "GIVEN_IN_FUTURE"]


@pytest.mark.parametrize(
    ("changes", "columns"),
    [
        ({}, []),
        ({"source": Source.FORM, "attested_on": date(2026, 4, 1)}, []),
        ({"call_time": None, "client_role": None}, []),
        ({"call_date": date(2026, 3, 13)}, ["call_date"]),
        ({"call_time": time(15, 0), "way": Way.WRITTEN}, ["call_time", "way"]),
        ({"given_on": date(2026, 3, 10), "client_role": ClientRole.OTHER}, ["given_on", "client_role"]),
        ({"notice_id": "2025"}, ["notice_id"]),
    ],
)
def test_two_attestations_disagree_on_facts_only(changes: dict[str, object], columns: list[str]) -> None:
    """The door, the day and what one leaves out are no contradiction; the order of the two does not matter."""
    other = replace(RECORD, **changes)  # type: ignore[arg-type]  # fields by name
    assert [problem.column for problem in disagreements(RECORD, other)] == [ITEMS[name].fr for name in columns]
    assert [problem.column for problem in disagreements(other, RECORD)] == [ITEMS[name].fr for name in columns]
    for problem in disagreements(RECORD, other):
        assert "{" not in problem.sentence(Language.FR)
