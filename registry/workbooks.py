"""Reading an ``.xlsx`` workbook that anyone may have made.

Refuses, before anything is parsed: too large, a bomb, macros (whatever the name), encrypted, an older or foreign format, a
document type declaration. Formulas are never evaluated, nor is the value that another program left in them believed. Hidden
sheets are ignored. Source of the layout: ECMA-376, parts 1 and 2.
"""

import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import IO, Protocol, cast
from xml.etree import ElementTree as ET

from openpyxl import load_workbook
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell
from openpyxl.utils.cell import range_boundaries

from registry.cells import Cell, Grid, SheetError, SheetFault, Value, text_cell
from registry.problems import Problem

OLE = bytes.fromhex("d0cf11e0a1b11ae1")
ZIP = b"PK\x03\x04"
MAX_LINES, MAX_COLUMNS = 5_000, 64
_MAX_MEMBERS, _MAX_XML, _MAX_MERGES = 500, 16_000_000, 2_000
_DOCTYPE = re.compile(rb"<\x00?!\x00?D\x00?O\x00?C\x00?T\x00?Y\x00?P\x00?E", re.IGNORECASE)
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


class _ReadOnlySheet(Protocol):
    """What is used of openpyxl's read-only sheet, which its stubs do not describe."""

    def iter_rows(self, *, max_row: int, max_col: int) -> Iterator[tuple[ReadOnlyCell | EmptyCell, ...]]: ...

    def _get_source(self) -> IO[bytes]: ...


def read_ole(data: bytes) -> SheetError:
    """Say what is wrong with a compound file: an encrypted workbook, or one of before 2007."""
    encrypted = "EncryptedPackage".encode("utf-16-le") in data
    return _refuse(SheetFault.ENCRYPTED) if encrypted else _refuse(SheetFault.OLD_FORMAT, ".xls")


def read_workbook(data: bytes) -> Iterator[Grid]:
    """Give the visible sheets, in order, one at a time.

    Raises:
        SheetError: the workbook is refused or damaged.
    """
    try:
        _inspect(data)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl says what it leaves out (styles, validation): none of it is read here
            yield from _grids(data)
    except SheetError:
        raise
    except Exception as error:
        raise _refuse(SheetFault.DAMAGED) from error


def _refuse(fault: SheetFault, found: str = "") -> SheetError:
    return SheetError(Problem(fault, found=found))


def _inspect(data: bytes) -> None:
    with zipfile.ZipFile(BytesIO(data)) as archive:
        members = archive.infolist()
        names = {member.filename.lower().lstrip("/") for member in members}
        if len(members) > _MAX_MEMBERS:
            raise _refuse(SheetFault.TOO_LARGE)
        if any("vbaproject" in name or "/macrosheets/" in name for name in names):
            raise _refuse(SheetFault.MACROS)
        if "content.xml" in names:
            raise _refuse(SheetFault.OLD_FORMAT, "OpenDocument")
        if "xl/workbook.bin" in names:
            raise _refuse(SheetFault.OLD_FORMAT, ".xlsb")
        if "[content_types].xml" not in names or not any(name.startswith("xl/") for name in names):
            raise _refuse(SheetFault.NOT_A_SHEET)
        written = [member for member in members if not member.filename.lower().startswith("xl/media/")]
        if sum(member.file_size for member in written) > _MAX_XML:
            raise _refuse(SheetFault.TOO_LARGE)
        if any(member.flag_bits & 1 for member in members):
            raise _refuse(SheetFault.ENCRYPTED)
        for member in written:
            _inspect_xml(archive.read(member))


def _inspect_xml(content: bytes) -> None:
    if _DOCTYPE.search(content):
        raise _refuse(SheetFault.DAMAGED)
    if b"macroEnabled" in content and b"ContentType" in content:
        raise _refuse(SheetFault.MACROS)


def _grids(data: bytes) -> Iterator[Grid]:
    book = load_workbook(BytesIO(data), read_only=True, data_only=False, keep_links=False)
    try:
        for sheet in book.worksheets:
            if sheet.sheet_state == "visible":
                yield _grid(cast("_ReadOnlySheet", sheet))
    finally:
        book.close()


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the cells alone do not say: merged ranges as (first column, first line, last column, last line), and flags."""

    merges: tuple[tuple[int, int, int, int], ...]
    hidden: bool
    too_long: bool


def _grid(sheet: _ReadOnlySheet) -> Grid:
    layout = _layout(sheet)
    lines: dict[int, tuple[Cell, ...]] = {}
    for number, row in enumerate(sheet.iter_rows(max_row=MAX_LINES, max_col=MAX_COLUMNS), start=1):
        cells = tuple(_cell(cell) for cell in row)
        if any(not cell.empty for cell in cells):
            lines[number] = _mark_merged(number, cells, layout.merges)
    hidden = (Problem(SheetFault.HIDDEN_LINES),) if layout.hidden else ()
    too_long = (Problem(SheetFault.TOO_MANY_LINES, wanted=str(MAX_LINES)),) if layout.too_long else ()
    return Grid(lines, hidden + too_long)


def _layout(sheet: _ReadOnlySheet) -> _Layout:
    merges: list[tuple[int, int, int, int]] = []
    hidden = too_long = False
    number = 0
    with sheet._get_source() as source:  # noqa: SLF001 - the read-only reader skips merged ranges and offers no other way to them
        for _, element in ET.iterparse(source):  # noqa: S314 - document types were refused above, sizes bounded
            if element.tag == f"{_MAIN}mergeCell" and len(merges) < _MAX_MERGES:
                left, top, right, bottom = range_boundaries(element.get("ref", ""))
                merges.append((left or 1, top or 1, right or MAX_COLUMNS, bottom or MAX_LINES))
            elif element.tag == f"{_MAIN}row":
                number = int(element.get("r", number + 1))
                filled = any(len(cell) > 0 for cell in element)
                hidden = hidden or (filled and element.get("hidden") in {"1", "true"})
                too_long = too_long or (filled and number > MAX_LINES)
                element.clear()
    return _Layout(tuple(merges), hidden, too_long)


def _mark_merged(number: int, cells: tuple[Cell, ...], merges: tuple[tuple[int, int, int, int], ...]) -> tuple[Cell, ...]:
    covering = [(left, right) for left, top, right, bottom in merges if top <= number <= bottom]
    if not covering:
        return cells
    return tuple(
        Cell(cell.value, SheetFault.MERGED) if any(left <= place <= right for left, right in covering) else cell
        for place, cell in enumerate(cells, start=1)
    )


def _cell(cell: ReadOnlyCell | EmptyCell) -> Cell:
    if isinstance(cell, EmptyCell) or cell.value is None:
        return Cell()
    value: object = cell.value
    if cell.data_type == "f":
        return Cell(str(value), SheetFault.FORMULA)
    if cell.data_type == "e":
        return Cell(str(value), SheetFault.ERROR_VALUE)
    if isinstance(value, str):
        return text_cell(value)
    return Cell(_known(value))


def _known(value: object) -> Value:
    if isinstance(value, bool | int | float | datetime | date | time | timedelta):
        return value
    return str(value)
