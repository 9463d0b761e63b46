"""The destruction register as an Excel workbook, with what falls due by week and the figures on sheets of their own.

Real dates, a frozen header, filters, and no cell that Excel would run. Written row by row: fifty thousand lines take seconds, not memory.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from notifications.compliance import ComplianceReport, Stage
from notifications.compliance_tables import Value, figures_table, register_row
from notifications.parts import cell
from notifications.words.compliance_words import COMPLIANCE
from registry.clock import PARIS
from registry.codes import Language
from registry.phrases import moment, typeset

_WIDTHS: Final = (40, 26, 18, 32, 16, 20, 16, 13, 18, 16, 16, 18, 20, 18, 40, 20, 18, 40, 68, 68, 12)
_DATE, _TIME = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
_LONGEST = 200
_HEADER = 4
_PRINTED: Final = "M"  # the last column that is printed: the others are fingerprints, to search for
_STATE: Final = 1  # the column of the register that is coloured
_TITLE, _BOLD = Font(bold=True, size=14), Font(bold=True)
_GREY = PatternFill("solid", fgColor="E9EDF3")
_LEFT = Alignment(horizontal="left", vertical="top")
_WRAPPED = Alignment(wrap_text=True, vertical="top")
_FILLS = {
    Stage.FAILED: PatternFill("solid", fgColor="F6D5D6"),
    Stage.BEGUN: PatternFill("solid", fgColor="F5E3BF"),
    Stage.DESTROYED: PatternFill("solid", fgColor="D6E3F5"),
    Stage.CERTIFIED: PatternFill("solid", fgColor="D3EBDD"),
}
_SERIES: Final = ("1B6B41", "174A8C", "7A4F00")


def compliance_workbook(report: ComplianceReport, language: Language) -> bytes:
    """Write the register first, then the weeks with their chart, then the figures."""
    book = Workbook(write_only=True)
    _register(book, report, language)
    _weeks(book, report, language)
    _figures(book, report, language)
    book.properties.creator = "Consigne"
    book.properties.created = book.properties.modified = report.as_of.astimezone(PARIS).replace(tzinfo=None)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _register(book: Any, report: ComplianceReport, language: Language) -> None:
    texts = COMPLIANCE[language]
    sheet = _sheet(book, texts.sheets[0], _WIDTHS)
    sheet.freeze_panes = f"B{_HEADER + 1}"
    last = _HEADER + max(len(report.register), 1)
    sheet.auto_filter.ref = f"A{_HEADER}:{get_column_letter(len(texts.columns))}{last}"
    sheet.print_area = f"A1:{_PRINTED}{last}"
    sheet.print_title_rows = f"{_HEADER}:{_HEADER}"
    _heading(sheet, texts.register_heading, report, language)
    sheet.append(_header(sheet, texts.columns))
    moulds: dict[tuple[int, type, Stage | None], Any] = {}
    for entry in report.register:
        sheet.append([_moulded(sheet, moulds, n, one, entry.stage) for n, one in enumerate(register_row(entry, language))])
    if not report.register:
        sheet.append([_made(sheet, texts.register_none)])


def _weeks(book: Any, report: ComplianceReport, language: Language) -> None:
    texts, weeks = COMPLIANCE[language], report.figures.weeks
    sheet = _sheet(book, texts.sheets[1], (16, 12, 12, 12))
    _heading(sheet, texts.weeks_heading, report, language)
    sheet.append(_header(sheet, texts.week_headers))
    for one in weeks:
        sheet.append([_made(sheet, value) for value in (one.monday, one.destroyed, one.planned, one.held)])
    if not weeks:
        return
    chart = BarChart()
    chart.grouping, chart.overlap, chart.gapWidth = "stacked", 100, 40
    chart.title, chart.height, chart.width = texts.weeks_heading, 9, 26
    last = _HEADER + len(weeks)
    chart.add_data(Reference(sheet, min_col=2, max_col=4, min_row=_HEADER, max_row=last), titles_from_data=True)
    chart.set_categories(Reference(sheet, min_col=1, min_row=_HEADER + 1, max_row=last))
    for series, colour in zip(chart.series, _SERIES, strict=True):
        series.graphicalProperties.solidFill = colour
    chart.x_axis.number_format, chart.y_axis.number_format = "dd/mm", "0"
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.legend.position = "b"
    sheet.add_chart(chart, f"F{_HEADER}")


def _figures(book: Any, report: ComplianceReport, language: Language) -> None:
    texts, table = COMPLIANCE[language], figures_table(report.figures, language)
    sheet = _sheet(book, texts.sheets[2], (22, 14, 80))
    _heading(sheet, texts.figures_heading, report, language)
    sheet.append(_header(sheet, table.headers))
    for label, value, meaning in table.rows:
        sheet.append([_made(sheet, label), _made(sheet, int(value) if value.isdigit() else value), _made(sheet, meaning)])


def _sheet(book: Any, title: str, widths: Sequence[int]) -> Any:
    sheet = book.create_sheet(title)
    for column, width in enumerate(widths, start=1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return sheet


def _heading(sheet: Any, title: str, report: ComplianceReport, language: Language) -> None:
    when = typeset(COMPLIANCE[language].as_of, language).format(when=moment(report.as_of, language))
    first = _made(sheet, f"{report.centre} · {title}")
    first.font = _TITLE
    sheet.append([first])
    sheet.append([_made(sheet, when)])
    sheet.append([])


def _header(sheet: Any, titles: Iterable[str]) -> list[Any]:
    cells = [_made(sheet, one) for one in titles]
    for one in cells:
        one.font, one.fill, one.alignment = _BOLD, _GREY, _WRAPPED
    return cells


def _moulded(sheet: Any, moulds: dict[tuple[int, type, Stage | None], Any], column: int, value: Value, stage: Stage) -> Any:
    """Put a value into the cell that its column had in the row before: a row is written at once, and a style costs more than a value."""
    if value is None:
        return None
    coloured = stage if column == _STATE else None
    key = (column, type(value), coloured)
    made = moulds.get(key)
    if made is None:
        made = moulds[key] = _made(sheet, value)
        if coloured is not None:
            made.fill = _FILLS[coloured]
        return made
    _fill(made, value)
    return made


def _made(sheet: Any, value: Value) -> Any:
    """Make a cell; a text stays one: what Excel would take for a formula gets an apostrophe before it."""
    made = WriteOnlyCell(sheet)
    made.alignment = _LEFT
    if isinstance(value, datetime):
        made.number_format = _TIME
    elif isinstance(value, date):
        made.number_format = _DATE
    elif isinstance(value, str):
        made.number_format = "@"
    if value is not None:
        _fill(made, value)
    return made


def _fill(made: Any, value: Value) -> None:
    """Write a value; a text stays one."""
    if isinstance(value, datetime):
        made.value = value.astimezone(PARIS).replace(tzinfo=None, second=0, microsecond=0)  # Excel has no time zones
    elif isinstance(value, str):
        made.value = cell(value)[:_LONGEST]
        made.data_type = "s"
    else:
        made.value = value
