"""Template workbooks and CSV files: the columns that a reader knows, each explained, with the choices offered."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from registry.cells import escape
from registry.codes import Language
from registry.problems import Words
from registry.sheets import Column

_ROWS = 200
_LONGEST_LIST = 255
"""Characters that Excel allows in a list of choices written in place."""
_HEAD = PatternFill("solid", fgColor="0B5A7A")
_OPTIONAL = PatternFill("solid", fgColor="56606E")
_WHITE = Font(bold=True, color="FFFFFF")


@dataclass(frozen=True, slots=True)
class Explained:
    """A column with its explanation. ``format`` is Excel's number format: ``@`` keeps what is typed as a text."""

    column: Column
    words: Words
    example: str
    choices: tuple[str, ...] = ()
    format: str = "@"
    width: int = 18


def workbook(sheet: str, explained: Sequence[Explained]) -> bytes:
    """Return an ``.xlsx`` with an empty list to fill and a second sheet, in French and English, that explains each column."""
    book = Workbook()
    listing = book.active
    if not isinstance(listing, Worksheet):
        msg = "a new workbook begins with a sheet"
        raise TypeError(msg)
    listing.title = sheet
    _fill_list(listing, explained)
    _fill_help(book.create_sheet("Explications"), explained)
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def delimited(explained: Sequence[Explained]) -> bytes:
    """Return the titles as a CSV that Excel in France opens with a double click: semicolons, UTF-8 with its mark."""
    return (";".join(one.column.title for one in explained) + "\r\n").encode("utf-8-sig")


def _fill_list(sheet: Worksheet, explained: Sequence[Explained]) -> None:
    sheet.freeze_panes = "A2"
    for number, one in enumerate(explained, start=1):
        letter = get_column_letter(number)
        title = sheet.cell(1, number, one.column.title)
        title.font, title.fill = _WHITE, _HEAD if one.column.required else _OPTIONAL
        sheet.column_dimensions[letter].width = one.width
        for row in range(2, _ROWS + 2):
            sheet.cell(row, number).number_format = one.format
        listed = ",".join(one.choices)
        if one.choices and len(listed) <= _LONGEST_LIST:
            choices = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True, showErrorMessage=True)
            choices.add(f"{letter}2:{letter}{_ROWS + 1}")
            sheet.add_data_validation(choices)


def _fill_help(sheet: Worksheet, explained: Sequence[Explained]) -> None:
    rows = [("Colonne", "Obligatoire", "Exemple", "Explication", "In English")]
    for one in explained:
        required = "oui" if one.column.required else "non"
        rows.append((one.column.title, required, one.example, one.words.text(Language.FR), one.words.text(Language.EN)))
    for number, row in enumerate(rows, start=1):
        for place, text in enumerate(row, start=1):
            cell = sheet.cell(number, place, escape(text))
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.number_format = "@"
            if number == 1:
                cell.font, cell.fill = _WHITE, _HEAD
    for letter, width in zip("ABCDE", (24, 12, 22, 60, 60), strict=True):
        sheet.column_dimensions[letter].width = width
