"""The list of a session's decisions: read line by line, each bad one named; its template is read back as written."""

from collections.abc import Callable, Sequence
from datetime import date
from io import BytesIO

import pytest
from openpyxl import load_workbook

from registry.codes import Language
from registry.decision_sheet import COLUMNS, DecisionLine, DecisionSheet, decisions_csv, decisions_workbook, read_decisions
from registry.notifying import Said
from registry.tables import Channel, Proof

TITLES = ";".join(column.title for column in COLUMNS)


def _read(*lines: str) -> DecisionSheet:
    return read_decisions("\r\n".join((TITLES, *lines)).encode())


def test_a_whole_line() -> None:
    """Reference, decision, channel, days, proof."""
    sheet = _read("C-012;20/06/2026;recommandé;22/06/2026;25 juin 2026;Avis de remise;non")
    said = Said(Channel.REGISTERED_LETTER, date(2026, 6, 22), date(2026, 6, 25), Proof.HANDED_OVER, unclaimed=False)
    assert sheet == DecisionSheet((DecisionLine("C-012", date(2026, 6, 20), said, 2),), ())


@pytest.mark.parametrize(
    ("written", "channel"),
    [
        ("LRAR", Channel.REGISTERED_LETTER),
        ("Lettre recommandée électronique", Channel.REGISTERED_MAIL),
        ("main propre", Channel.BY_HAND),
        ("courriel", Channel.MAIL),
        ("letter", Channel.LETTER),
        ("registered_letter", Channel.REGISTERED_LETTER),
    ],
)
def test_channels_as_people_write_them(written: str, channel: Channel) -> None:
    """In French, in English, without accents, or by their code."""
    assert _read(f"C-1;;{written};22/06/2026;;;").lines[0].said.channel is channel


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        (";20/06/2026;;;;;", "EMPTY_REFERENCE"),
        ("C-2;hier;;;;;", "NOT_A_DATE"),
        ("C-2;;pigeon;;;;", "BAD_CHANNEL"),
        ("C-2;;;;;sur l’honneur;", "BAD_PROOF"),
        ("C-2;;;;;;peut-être", "NOT_A_FLAG"),
        ("C-1;20/06/2026;;;;;", "DOUBLE_REFERENCE"),
    ],
)
def test_a_bad_line_keeps_nobody_out(line: str, fault: str) -> None:
    """It is named by its number, in both languages; the others are taken."""
    sheet = _read("C-1;20/06/2026;;;;;", line, "C-3;;;;;;oui")
    assert [one.reference for one in sheet.lines] == ["C-1", "C-3"]
    (problem,) = sheet.problems
    assert (str(problem.fault), problem.line, problem.warning) == (fault, 3, False)
    assert "Ligne 3" in problem.sentence(Language.FR)
    assert "Line 3" in problem.sentence(Language.EN)


def test_an_empty_line_is_passed_over() -> None:
    """A reference alone is the template's own: a warning."""
    sheet = _read("C-1;;;;;;", "C-2;;;;;;non")
    assert sheet.lines == ()
    assert [(str(one.fault), one.warning) for one in sheet.problems] == [("NOTHING_SAID", True)] * 2


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"nom;date\r\nx;y\r\n"])
def test_a_file_that_is_no_such_list(data: bytes) -> None:
    """Nothing is read, and it is said why."""
    sheet = read_decisions(data)
    assert sheet.lines == ()
    assert sheet.problems


@pytest.mark.parametrize("write", [decisions_workbook, decisions_csv])
@pytest.mark.parametrize("references", [(), ("C-012", "C-013")])
def test_the_template_is_read_back(write: Callable[[Sequence[str]], bytes], references: tuple[str, ...]) -> None:
    """Every title is known, and each reference has a line that says nothing yet."""
    sheet = read_decisions(write(references))
    assert sheet.lines == ()
    expected = ["NOTHING_SAID"] * len(references) or ["EMPTY"]
    assert [str(one.fault) for one in sheet.problems] == expected


def test_a_filled_workbook() -> None:
    """What a person types into the template is what is read."""
    book = load_workbook(BytesIO(decisions_workbook(["C-012"])))
    sheet = book["Décisions"]
    assert sheet["A2"].value == "C-012"
    for column, value in zip("BCDEFG", (date(2026, 6, 20), "recommandé", date(2026, 6, 22), None, None, "oui"), strict=True):
        sheet[f"{column}2"] = value
    target = BytesIO()
    book.save(target)
    (line,) = read_decisions(target.getvalue()).lines
    assert line == DecisionLine("C-012", date(2026, 6, 20), Said(Channel.REGISTERED_LETTER, date(2026, 6, 22), unclaimed=True), 2)


def test_saying_that_a_letter_is_not_unclaimed_says_nothing() -> None:
    """A list's empty line with « non » in its last column is passed over."""
    assert not Said()
    assert not Said(unclaimed=False)
    assert Said(unclaimed=True)
    assert Said(sent_on=date(2026, 6, 22))
