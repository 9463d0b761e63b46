"""The list of candidates."""

from datetime import UTC, date, datetime, time
from io import BytesIO

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from registry.clock import PARIS
from registry.codes import Language
from registry.roster import DEPARTMENTS, Civility, Roster, RosterLine, read_roster
from registry.roster_template import EXPLAINED, roster_csv, roster_workbook
from tests.support.workbooks import workbook_bytes

NOW = datetime(2026, 1, 10, tzinfo=UTC)
TITLES = "Référence;Civilité;Nom;Prénom;Courriel;Employeur;Département;Date de passage;Heure de passage;Langue"
GOOD = ["C-001", "Mme", "L’Hôte", "Zoé", "zoe@example.org", "GPS Sud", "1", "15/06/2026", "14h30", ""]


def read(*lines: list[str]) -> Roster:
    return read_roster("\r\n".join([TITLES, *(";".join(line) for line in lines)]).encode("cp1252", "xmlcharrefreplace"), now=NOW)


def changed(**values: str) -> list[str]:
    places = dict(
        zip(
            ("reference", "civility", "family_name", "given_name", "mail", "employer", "department", "day", "hour", "language"),
            range(10),
            strict=True,
        )
    )
    line = list(GOOD)
    for name, value in values.items():
        line[places[name]] = value
    return line


def faults(roster: Roster) -> list[str]:
    return [str(problem.fault) for problem in roster.problems]


def test_a_good_line_is_typed() -> None:
    """A line as Excel in France writes it becomes a candidate."""
    expected = RosterLine(
        "C-001", Civility.MRS, "L’Hôte", "Zoé", "zoe@example.org", "GPS Sud", "01", datetime(2026, 6, 15, 14, 30, tzinfo=PARIS), Language.FR
    )
    roster = read(GOOD)
    assert roster == Roster((expected,), ())
    assert roster.lines[0].line == 2


def test_the_same_list_is_the_same_in_a_workbook() -> None:
    """Typed cells give the same candidates as texts."""
    row = ["C-001", "Madame", "L’Hôte", "Zoé", "zoe@example.org", "GPS Sud", 1, date(2026, 6, 15), time(14, 30), "français"]
    assert read_roster(workbook_bytes([TITLES.split(";"), row]), now=NOW) == read(GOOD)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"reference": ""}, "EMPTY_CELL"),
        ({"reference": "C"}, "BAD_REFERENCE"),
        ({"reference": "C_1"}, "BAD_REFERENCE"),
        ({"reference": "é1"}, "BAD_REFERENCE"),
        ({"reference": "../x"}, "BAD_REFERENCE"),
        ({"reference": "-C1"}, "FORMULA"),
        ({"reference": "C1-"}, "BAD_REFERENCE"),
        ({"reference": "C" * 33}, "BAD_REFERENCE"),
        ({"reference": "NUL"}, "BAD_REFERENCE"),
        ({"reference": "com1"}, "BAD_REFERENCE"),
        ({"reference": "LHOTE-2", "family_name": "Lhôte"}, "TELLING_REFERENCE"),
        ({"reference": "2026-zoe"}, "TELLING_REFERENCE"),
        ({"reference": "DUP-ONT-1", "family_name": "Dupont"}, "TELLING_REFERENCE"),
        ({"reference": "zdurand01", "mail": "z.durand@example.org"}, "TELLING_REFERENCE"),
        ({"civility": "Dr"}, "BAD_CIVILITY"),
        ({"family_name": ""}, "EMPTY_CELL"),
        ({"family_name": "=cmd|x"}, "FORMULA"),
        ({"given_name": "???"}, "BAD_NAME"),
        ({"given_name": "<b>Zoé</b>"}, "BAD_NAME"),
        ({"family_name": "X" * 81}, "BAD_NAME"),
        ({"mail": "zoe"}, "BAD_MAIL"),
        ({"mail": "zoe@example"}, "BAD_MAIL"),
        ({"mail": "a@example.org, b@example.org"}, "BAD_MAIL"),
        ({"mail": "zoé@example.org"}, "BAD_MAIL"),
        ({"mail": "zoe..x@example.org"}, "BAD_MAIL"),
        ({"department": "20"}, "BAD_DEPARTMENT"),
        ({"department": "96"}, "BAD_DEPARTMENT"),
        ({"department": "Gironde"}, "BAD_DEPARTMENT"),
        ({"day": ""}, "EMPTY_CELL"),
        ({"day": "31/06/2026"}, "NOT_A_DATE"),
        ({"hour": ""}, "NO_TIME"),
        ({"hour": "25h"}, "NOT_A_TIME"),
        ({"day": "15/06/2026 09:00"}, "TWO_TIMES"),
        ({"language": "es"}, "BAD_LANGUAGE"),
    ],
)
def test_a_bad_line_is_reported_and_the_others_are_read(values: dict[str, str], fault: str) -> None:
    """Each fault names its line, has a remedy in both languages, and stops nobody else."""
    roster = read(changed(**values), changed(reference="C-002", mail="other@example.org"))
    assert [line.reference for line in roster.lines] == ["C-002"]
    assert faults(roster) == [fault]
    assert roster.problems[0].line == 2
    assert roster.problems[0].sentence(Language.FR).startswith("Ligne 2\u202f: ")
    assert "{" not in roster.problems[0].sentence(Language.EN)


def test_two_lines_may_not_share_a_reference_or_an_address() -> None:
    """Folders are compared without case, as Windows does; the first line stands."""
    roster = read(GOOD, changed(reference="c-001", mail="x@example.org"), changed(reference="C-003", mail="ZOE@example.org"))
    assert faults(roster) == ["DOUBLE_REFERENCE", "DOUBLE_MAIL"]
    assert [problem.wanted for problem in roster.problems] == ["2", "2"]
    assert len(roster.lines) == 1


def test_a_line_tells_all_its_faults_at_once() -> None:
    """A reference taken twice does not hide that the time is missing: one correction is enough."""
    roster = read(GOOD, changed(reference="c-001", mail="x@example.org", hour=""))
    assert faults(roster) == ["DOUBLE_REFERENCE", "NO_TIME"]
    assert [problem.line for problem in roster.problems] == [3, 3]
    assert [line.reference for line in roster.lines] == ["C-001"]


def test_a_refused_line_does_not_take_the_reference() -> None:
    """A line that was not read cannot be what another repeats."""
    roster = read(changed(mail="bad"), GOOD)
    assert (faults(roster), len(roster.lines)) == (["BAD_MAIL"], 1)


def test_a_hearing_in_the_past_is_a_warning() -> None:
    """The line is read: sessions are also entered afterwards."""
    roster = read(changed(day="15/06/2025"))
    assert (faults(roster), len(roster.lines)) == (["PAST_HEARING"], 1)


def test_the_time_may_stand_with_the_date() -> None:
    """One cell is enough."""
    assert read(changed(day="15/06/2026 à 14h30", hour="")).lines == read(GOOD).lines


def test_a_neutral_address_does_not_forbid_a_neutral_reference() -> None:
    """``candidat1@…`` says nothing about anybody."""
    assert faults(read(changed(reference="CANDIDAT-1", mail="candidat1@example.org"))) == []


@pytest.mark.parametrize("department", DEPARTMENTS)
def test_every_department_has_a_calendar_that_the_library_knows(department: str) -> None:
    """The calendar is France's, or a subdivision of the holidays library."""
    line = read(changed(department=department)).lines[0]
    assert line.department == department
    calendar = line.calendar
    assert calendar == "FR" or calendar in holidays.country_holidays("FR").subdivisions


def test_alsace_and_moselle_have_their_good_friday() -> None:
    """The two calendars that differ on the mainland are told apart."""
    assert [read(changed(department=number)).lines[0].calendar for number in ("57", "67", "68", "54", "2a", "974")] == [
        "57",
        "6AE",
        "6AE",
        "FR",
        "FR",
        "974",
    ]


def test_the_templates_are_read_back() -> None:
    """The template's titles are those of the reader, in both forms; filled with its own examples, it gives a candidate."""
    assert faults(read_roster(roster_workbook(), now=NOW)) == ["EMPTY"]
    filled = roster_csv() + ";".join(one.example for one in EXPLAINED).encode()
    assert read_roster(filled, now=NOW).problems == ()
    assert len(read_roster(filled, now=NOW).lines) == 1


def test_the_template_says_what_the_reader_refuses() -> None:
    """A column marked « Obligatoire oui » is one without which a line is refused, and no other; the time says when it may be empty."""
    examples = {one.column.key: one.example for one in EXPLAINED}
    for left_out in EXPLAINED:
        line = ";".join("" if key == left_out.column.key else example for key, example in examples.items())
        taken = len(read_roster(roster_csv() + line.encode(), now=NOW).lines) == 1
        assert taken is not left_out.column.required, left_out.column.title
    rows = load_workbook(BytesIO(roster_workbook()))["Explications"].iter_rows(values_only=True)
    (hour,) = [row for row in rows if row[0] == "Heure de passage"]
    assert hour[1] == "oui"
    assert "avec la date" in str(hour[3])


@given(st.lists(st.text(st.characters(exclude_characters=';"\r\n\t,'), max_size=20), min_size=10, max_size=10))
def test_any_line_is_a_candidate_or_a_report(line: list[str]) -> None:
    """No text makes a line vanish without a word, nor the reader raise."""
    roster = read_roster((TITLES + "\r\n" + ";".join(line)).encode("utf-8", "replace"), now=NOW)
    assert len(roster.lines) <= 1
    assert roster.lines or roster.problems
