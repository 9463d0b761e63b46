"""Dates in tags: read from the date frames alone, and never more than a warning."""

from datetime import date

import pytest

from intake.mp3 import DateEvidence, Limits, date_warnings, judge
from registry.codes import Code
from tests.intake.mp3 import made

HEARING = date(2026, 6, 15)
UNREADABLE, CONFLICT = (Code.DATE_UNREADABLE,), (Code.DATE_CONFLICT,)


def tdrc(value: str) -> bytes:
    """A 2.4 tag with a recording time."""
    return made.id3(("TDRC", made.text(value)))


def evidence(tag: bytes) -> tuple[DateEvidence, ...]:
    """What a recording behind this tag says."""
    return judge(memoryview(tag + made.call(1.0)), Limits()).dates


@pytest.mark.parametrize(
    ("tag", "earliest", "latest"),
    [
        (tdrc("2026-02-01T10:15:00"), date(2026, 2, 1), date(2026, 2, 1)),
        (tdrc("2026-02"), date(2026, 2, 1), date(2026, 2, 28)),
        (tdrc("2025-12"), date(2025, 12, 1), date(2025, 12, 31)),
        (tdrc("2026"), date(2026, 1, 1), date(2026, 12, 31)),
        (tdrc("9999-12-31"), None, None),
        (tdrc("2025-13-45"), None, None),
        (tdrc("2026-02-30"), None, None),
        (tdrc("2026-00-10"), None, None),
        (tdrc("01/02/2026"), None, None),
        (tdrc("hier soir"), None, None),
        (made.id3(("TDRL", made.text("2026-01-10"))), date(2026, 1, 10), date(2026, 1, 10)),
        (made.id3(("TXXX", b"\3creation_time\x002026-01-10T09:00:00Z")), date(2026, 1, 10), date(2026, 1, 10)),
        (made.id3(("TXXX", b"\3creation_time\0yesterday")), None, None),
        (made.id3(("TYER", b"\0002026"), ("TDAT", b"\x000102"), ("TIME", b"\x001015"), version=3), date(2026, 2, 1), date(2026, 2, 1)),
        (made.id3(("TYER", b"\1\xff\xfe2\x000\x002\x006\0"), version=3), date(2026, 1, 1), date(2026, 12, 31)),
    ],
)
def test_a_tag_is_read_as_the_days_it_may_mean(tag: bytes, earliest: date | None, latest: date | None) -> None:
    """A year is a year, a day a day, and what is no date is said to be unreadable."""
    assert [(one.earliest, one.latest) for one in evidence(tag)] == [(earliest, latest)]


@pytest.mark.parametrize(
    "tag",
    [
        b"",
        tdrc(""),
        made.id3(("TYER", b"\0"), ("TDAT", b"\x000000"), version=3),
        made.id3(("TXXX", b"\3other\x002026-01-10")),
        made.id3(("TDRC", made.text("2" * 300))),
        made.id3(("TIT2", made.text("2026-01-10"))),
    ],
    ids=["none", "empty", "zeros", "another key", "too long to be a date", "a title"],
)
def test_no_date_is_no_evidence(tag: bytes) -> None:
    """Nothing is guessed from other frames, and an empty date is not a wrong one."""
    assert evidence(tag) == ()


def test_evidence_is_sorted_and_bounded() -> None:
    """The recording time comes before the release time, and a tag full of dates costs no more than a few."""
    found = evidence(made.id3(*[("TDRL", made.text(f"20{year}-01-10")) for year in range(10, 60)], ("TDRC", made.text("2026-02-01"))))
    assert found[0].source == "TDRC"
    assert len(found) <= 8


def one(value: str) -> list[DateEvidence]:
    """Evidence of one day, month or year."""
    return list(evidence(tdrc(value)))


@pytest.mark.parametrize(
    ("value", "warned"),
    [
        ("2026-02-01", ()),
        ("2025-06-16", ()),
        ("2025-06-15", CONFLICT),
        ("2024-11-03", CONFLICT),
        ("2026", ()),
        ("2025", CONFLICT),
        ("2027-01-01", UNREADABLE),
        ("hier soir", UNREADABLE),
    ],
)
def test_beside_the_hearing(value: str, warned: tuple[Code, ...]) -> None:
    """Without a declared date, the year before the hearing is what a date must fall in; all of it counts but what the hearing ends."""
    assert date_warnings(one(value), hearing=HEARING) == warned


@pytest.mark.parametrize(
    ("value", "call", "warned"),
    [
        ("2026-02-01", date(2026, 2, 1), ()),
        ("2026-02-01", date(2026, 2, 8), ()),
        ("2026-02-01", date(2026, 2, 9), CONFLICT),
        ("2025", date(2025, 7, 1), ()),
        ("2025", date(2026, 2, 1), CONFLICT),
        ("2024-11-03", date(2024, 11, 3), ()),  # too old, which the rules say of the declared date
    ],
)
def test_beside_the_declared_date(value: str, call: date, warned: tuple[Code, ...]) -> None:
    """A week is near enough: files are exported, and clocks are wrong."""
    assert date_warnings(one(value), hearing=HEARING, call_date=call) == warned


def test_a_date_after_today_was_written_by_a_clock_that_is_wrong() -> None:
    """Before any hearing is known, today is the latest day a call can have."""
    assert date_warnings(one("2026-02-01"), today=date(2026, 1, 31)) == UNREADABLE
    assert date_warnings(one("2026-02-01")) == ()


def test_a_hearing_on_a_leap_day_counts_from_the_28th() -> None:
    """29 February has no anniversary; the day before it is taken."""
    assert date_warnings(one("2027-03-01"), hearing=date(2028, 2, 29)) == ()
    assert date_warnings(one("2027-02-28"), hearing=date(2028, 2, 29)) == CONFLICT
