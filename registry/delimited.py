"""Reading a CSV as Excel in France writes it: semicolons, Windows-1252 or UTF-8 with a mark; commas and tabs too.

A line's number is that of the row in a spreadsheet: a quoted cell of three lines of text counts as one row.
"""

import csv
from io import StringIO

from registry.cells import Cell, Grid, SheetError, SheetFault, text_cell
from registry.problems import Problem
from registry.workbooks import MAX_COLUMNS, MAX_LINES

DELIMITERS = (";", ",", "\t")
_HINT = "sep="


def decode(data: bytes) -> str:
    """Return the text of a CSV: UTF-16 by its mark, else UTF-8, else Windows-1252.

    Raises:
        SheetError: control characters, or bytes that none of the three has: not a text.
    """
    marks = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
    for encoding in (marks.get(data[:2], "utf-8-sig"), "cp1252"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if any(letter < " " and letter not in "\t\r\n" for letter in text):
            raise SheetError(Problem(SheetFault.NOT_A_SHEET))
        return text
    raise SheetError(Problem(SheetFault.ENCODING))


def read_delimited(text: str) -> list[Grid]:
    """Return the grid for each delimiter that the file may use; the caller keeps the one whose titles it knows.

    Raises:
        SheetError: no delimiter gives lines that can be read.
    """
    hinted = text[len(_HINT)] if text[: len(_HINT)].casefold() == _HINT and len(text) > len(_HINT) else None
    if hinted in DELIMITERS:
        return [_grid(text, hinted, skip=1)]
    return [_grid(text, delimiter) for delimiter in DELIMITERS]


def _grid(text: str, delimiter: str, skip: int = 0) -> Grid:
    lines: dict[int, tuple[Cell, ...]] = {}
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter)
    try:
        for number, row in enumerate(reader, start=1):
            if number <= skip:
                continue
            cells = tuple(text_cell(value) for value in row[:MAX_COLUMNS])
            if all(cell.empty for cell in cells):
                continue
            if number > MAX_LINES:
                return Grid(lines, (Problem(SheetFault.TOO_MANY_LINES, wanted=str(MAX_LINES)),))
            lines[number] = cells
    except csv.Error as error:
        raise SheetError(Problem(SheetFault.DAMAGED)) from error
    return Grid(lines)
