"""Lists in workbooks and CSV files, sound and hostile."""

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from registry.cells import SheetError, SheetFault, escape, text_cell
from registry.codes import Language
from registry.sheets import Column, Row, Sheet, read_sheet
from tests.support.workbooks import with_member, workbook_bytes

COLUMNS = (
    Column("reference", ("Référence",)),
    Column("name", ("Nom", "Nom de famille")),
    Column("day", ("Date de passage",)),
    Column("hour", ("Heure",), required=False),
)
HEADER = ("Référence", "Nom", "Date de passage", "Heure")
CSV = "Référence;Nom;Date de passage;Heure\r\nC-1;L’Hôte;12/03/26;14h30\r\n"


def faults(sheet: Sheet) -> list[str]:
    return [str(problem.fault) for problem in sheet.problems]


def fault_of(row: Row, key: str) -> str:
    with pytest.raises(SheetError) as caught:
        row.text(key)
    return str(caught.value.problem.fault)


@pytest.mark.parametrize(
    "data",
    [
        CSV.encode("utf-8"),
        CSV.encode("utf-8-sig"),
        CSV.encode("cp1252"),
        CSV.encode("utf-16"),
        CSV.replace(";", ",").encode(),
        CSV.replace(";", "\t").encode(),
        ("sep=;\r\n" + CSV).encode("cp1252"),
        CSV.replace("\r\n", "\n").encode(),
        workbook_bytes([HEADER, ("C-1", "L’Hôte", date(2026, 3, 12), time(14, 30))]),
        workbook_bytes([("Liste de juin",), (), HEADER, ("C-1", "L’Hôte", datetime(2026, 3, 12), "14:30")]),  # noqa: DTZ001 - as Excel holds it
        workbook_bytes(
            [("REFERENCE *", "nom de FAMILLE", "Date  de passage (jj/mm/aaaa)", "heure"), ("C-1", " L’Hôte ", "12 mars 2026", "14h30")]
        ),
    ],
)
def test_the_same_list_is_read_from_every_form(data: bytes) -> None:
    """Encodings, separators, titles and types of cells do not change what is read."""
    sheet = read_sheet(data, COLUMNS)
    assert faults(sheet) == []
    row = sheet.rows[0]
    assert (row.text("reference"), row.text("name"), row.date_in("day"), row.time_in("hour")) == (
        "C-1",
        "L’Hôte",
        date(2026, 3, 12),
        time(14, 30),
    )


def test_a_line_has_the_number_that_the_spreadsheet_shows() -> None:
    """Blank lines and quoted line ends count as the spreadsheet counts them."""
    text = 'Référence;Nom;Date de passage\r\n\r\nC-1;"Du\r\npont";12/03/2026\r\nC-2;X;13/03/2026\r\n'
    assert [row.line for row in read_sheet(text.encode(), COLUMNS).rows] == [3, 4]
    book = workbook_bytes([HEADER, (), ("C-1", "X", "12/03/2026"), (), ("C-2", "Y", "12/03/2026")])
    assert [row.line for row in read_sheet(book, COLUMNS).rows] == [3, 5]


@pytest.mark.parametrize("text", ["=cmd|' /C calc'!A0", "+cmd|x", "-2+3", "@SUM(A1)", "=1+1", " =1"])
def test_a_formula_is_refused_where_it_stands(text: str) -> None:
    """A formula is a fault of its cell in both forms; the other cells and lines are read."""
    csv = f'Référence;Nom;Date de passage\r\nC-1;"{text}";12/03/2026\r\nC-2;X;12/03/2026\r\n'
    book = workbook_bytes([HEADER, ("C-1", text, "12/03/2026"), ("C-2", "X", "12/03/2026")])
    for data in (csv.encode(), book):
        first, second = read_sheet(data, COLUMNS).rows
        assert fault_of(first, "name") == "FORMULA"
        assert first.text("reference") == "C-1"
        assert second.text("name") == "X"


def test_merged_cells_are_reported_line_by_line() -> None:
    """Each line that a merged range covers says so; a merged title above the list harms nothing."""

    def shape(sheet: Worksheet) -> None:
        sheet.merge_cells("A1:D1")
        sheet.merge_cells("B3:B4")

    rows = read_sheet(
        workbook_bytes([("Juin",), HEADER, ("C-1", "X", "12/03/2026"), ("C-2", None, "12/03/2026"), ("C-3", "Z", "12/03/2026")], shape),
        COLUMNS,
    ).rows
    assert [fault_of(row, "name") for row in rows[:2]] == ["MERGED", "MERGED"]
    assert rows[2].text("name") == "Z"


def test_an_error_value_is_refused() -> None:
    """``#N/A`` is not a name."""
    assert fault_of(read_sheet(workbook_bytes([HEADER, ("C-1", "#N/A", "12/03/2026")]), COLUMNS).rows[0], "name") == "ERROR_VALUE"


def test_a_hidden_sheet_is_not_read_and_another_sheet_may_come_first() -> None:
    """The first visible sheet that has the titles is the list."""

    def hide(sheet: Worksheet) -> None:
        book = sheet.parent
        assert book is not None
        other = book.create_sheet("Liste")
        for row in (HEADER, ("C-9", "Visible", "12/03/2026")):
            other.append(row)
        sheet.sheet_state = "hidden"

    sheet = read_sheet(workbook_bytes([HEADER, ("C-1", "Caché", "12/03/2026")], hide), COLUMNS)
    assert [row.text("name") for row in sheet.rows] == ["Visible"]


def test_hidden_lines_are_read_and_said() -> None:
    """A filter left on is a warning, not a silent import."""

    def shape(sheet: Worksheet) -> None:
        sheet.row_dimensions[2].hidden = True

    sheet = read_sheet(workbook_bytes([HEADER, ("C-1", "X", "12/03/2026")], shape), COLUMNS)
    assert faults(sheet) == ["HIDDEN_LINES"]
    assert len(sheet.rows) == 1


SOUND = workbook_bytes([HEADER, ("C-1", "X", "12/03/2026")])


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", "EMPTY"),
        (b"   \r\n", "EMPTY"),
        (b"\x00\x01\x02", "NOT_A_SHEET"),
        (b"PK\x03\x04 broken", "DAMAGED"),
        (SOUND[: len(SOUND) // 2], "DAMAGED"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600, "OLD_FORMAT"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "ENCRYPTED"),
        (with_member(SOUND, "xl/vbaProject.bin", b"x"), "MACROS"),
        (with_member(SOUND, "content.xml", b"<x/>"), "OLD_FORMAT"),
        (with_member(SOUND, "xl/workbook.bin", b"x"), "OLD_FORMAT"),
        (with_member(SOUND, "xl/bomb.xml", b"0" * 20_000_000), "TOO_LARGE"),
        (with_member(SOUND, "xl/sharedStrings.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><sst/>'), "DAMAGED"),
        (with_member(SOUND, "xl/worksheets/sheet1.xml", b"<worksheet"), "DAMAGED"),
        (b"x" * 9_000_000, "TOO_LARGE"),
        (b'Nom;R\xe9f\xe9rence;"' + b"x" * 200_000, "DAMAGED"),
        ("Référence;Nom;Date de passage\r\n".encode(), ""),
        (b"a\x81;b", "ENCODING"),
    ],
)
def test_a_file_that_is_not_a_list_says_why(data: bytes, fault: str) -> None:
    """Every hostile or mistaken file gives no rows, one reason and one remedy in each language."""
    sheet = read_sheet(data, COLUMNS)
    assert sheet.rows == ()
    assert faults(sheet) == ([fault] if fault else [])
    for problem in sheet.problems:
        for language in Language:
            assert "{" not in problem.sentence(language)


def test_a_missing_and_a_double_column_are_named() -> None:
    """Without its columns a list is not read at all; a column that is not known is only a warning."""
    sheet = read_sheet("Référence;Nom;NOM de famille;Tél\r\nC-1;X;Y;0\r\n".encode(), COLUMNS)
    assert (faults(sheet), sheet.rows) == (["DOUBLE_COLUMN", "UNKNOWN_COLUMN", "MISSING_COLUMN"], ())
    assert "« Date de passage »" in sheet.problems[-1].sentence(Language.FR).replace("\u202f", " ")


def test_too_many_lines_are_said() -> None:
    """The first lines are read, the rest is announced as not read."""
    text = "Référence;Nom;Date de passage\r\n" + "C-1;X;12/03/2026\r\n" * 5_001
    sheet = read_sheet(text.encode(), COLUMNS)
    assert (len(sheet.rows), faults(sheet)) == (4_999, ["TOO_MANY_LINES"])


def test_a_cell_far_away_costs_nothing() -> None:
    """A lone cell in the last column or at the last line does not make a million empty ones."""

    def shape(sheet: Worksheet) -> None:
        sheet.cell(1, 16_384, "loin")
        sheet.cell(1_048_576, 1, "bas")

    sheet = read_sheet(workbook_bytes([HEADER, ("C-1", "X", "12/03/2026")], shape), COLUMNS)
    assert ([row.text("name") for row in sheet.rows], faults(sheet)) == (["X"], ["TOO_MANY_LINES"])


def test_numbers_dates_and_flags_are_typed() -> None:
    """A number is its digits, a bare number is no date, a duration may be a time, yes and no have many names."""
    book = workbook_bytes([HEADER, (12, 75.0, 46_093, timedelta(hours=9, minutes=5))])
    row = read_sheet(book, COLUMNS).rows[0]
    assert (row.text("reference"), row.text("name"), row.time_in("hour")) == ("12", "75", time(9, 5))
    with pytest.raises(SheetError, match="NOT_A_DATE"):
        row.date_in("day")
    flags = "Référence;Nom;Date de passage\r\nOui;non;peut-être\r\n"
    row = read_sheet(flags.encode(), COLUMNS).rows[0]
    assert (row.flag("reference"), row.flag("name"), row.flag("hour")) == (True, False, None)
    with pytest.raises(SheetError, match="NOT_A_FLAG"):
        row.flag("day")


@given(st.text(max_size=40))
def test_what_is_escaped_is_never_run(text: str) -> None:
    """No text that we write begins as a formula, and a harmless one is written as it is."""
    written = escape(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert written.endswith(text)


@given(st.text(max_size=40))
def test_a_cell_that_would_run_is_marked(text: str) -> None:
    """Whatever is not marked as a formula needs no escape."""
    cell = text_cell(text)
    if cell.fault is None and cell.value is not None:
        assert escape(str(cell.value)) == cell.value
    else:
        assert cell.fault in {None, SheetFault.FORMULA}


@given(st.binary(max_size=400))
def test_any_bytes_give_a_sheet(data: bytes) -> None:
    """No file makes the reader raise."""
    assert isinstance(read_sheet(data, COLUMNS), Sheet)
