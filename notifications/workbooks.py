"""The intake report as an Excel workbook: real dates, a frozen header, filters, and no cell that Excel would run."""

from collections.abc import Mapping
from datetime import date, datetime
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from notifications.parts import cell
from notifications.reports import IntakeReport
from notifications.words import MAILS
from notifications.words.report_words import REPORTS, ReportState
from registry.clock import PARIS
from registry.codes import Language
from registry.phrases import long_date, moment, typeset

_WIDTHS = (16, 32, 24, 20, 16, 34)
_SHORT_DATE, _SHORT_TIME = "dd/mm/yyyy", "dd/mm/yyyy hh:mm"
_LONGEST_CELL = 200
_HEADER = 5
_FILLS: Mapping[ReportState, str] = {
    ReportState.LATE: "F6D5D6",
    ReportState.TO_CHECK: "F5E3BF",
    ReportState.REFUSED: "F1DAE6",
    ReportState.WAITING: "D6E3F5",
    ReportState.MISSING: "E4E7EB",
    ReportState.RECEIVED: "D3EBDD",
}


def report_workbook(report: IntakeReport, language: Language) -> bytes:
    """Write the report as ``.xlsx``: a title, the counts, then the table that can be sorted and filtered."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has no sheet")
    texts = REPORTS[language]
    sheet.title = texts.sheet
    _heading(sheet, report, language)
    for column, header in enumerate(texts.headers, start=1):
        place = sheet.cell(_HEADER, column, header)
        place.font = Font(bold=True)
        place.fill = PatternFill("solid", fgColor="E9EDF3")
        sheet.column_dimensions[get_column_letter(column)].width = _WIDTHS[column - 1]
    for index, row in enumerate(report.rows, start=_HEADER + 1):
        _text(sheet, index, 1, row.reference)
        _text(sheet, index, 2, row.name)
        _text(sheet, index, 3, typeset(texts.states[row.state], language))
        sheet.cell(index, 3).fill = PatternFill("solid", fgColor=_FILLS[row.state])
        _when(sheet, index, 4, row.since)
        _when(sheet, index, 5, row.next_date)
        _text(sheet, index, 6, typeset(texts.to_do[row.task], language))
    last = _HEADER + max(len(report.rows), 1)
    sheet.freeze_panes = f"A{_HEADER + 1}"
    sheet.auto_filter.ref = f"A{_HEADER}:{get_column_letter(len(texts.headers))}{last}"
    sheet.print_title_rows = f"{_HEADER}:{_HEADER}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    return _bytes(book, report.as_of)


def _heading(sheet: Worksheet, report: IntakeReport, language: Language) -> None:
    mails, states = MAILS[language], REPORTS[language].states
    counts = " · ".join(
        typeset(mails.report_count, language).format(label=states[state], count=report.count(state)) for state in ReportState
    )
    lines = (
        report.context,
        typeset(mails.report_as_of, language).format(when=moment(report.as_of, language)),
        typeset(mails.report_deadline, language).format(day=long_date(report.deadline, language)),
        counts,
    )
    for index, line in enumerate(lines, start=1):
        _text(sheet, index, 1, line)
        sheet.cell(index, 1).alignment = Alignment(wrap_text=False)
    sheet["A1"].font = Font(bold=True, size=14)


def _text(sheet: Worksheet, row: int, column: int, value: str) -> None:
    """Write a text that stays one: what Excel would take for a formula gets an apostrophe before it."""
    place = sheet.cell(row, column)
    place.value = cell(value)[:_LONGEST_CELL]
    place.data_type = "s"
    place.number_format = "@"


def _when(sheet: Worksheet, row: int, column: int, value: date | datetime | None) -> None:
    if value is None:
        return
    place = sheet.cell(row, column)
    if isinstance(value, datetime):
        local = value.astimezone(PARIS).replace(tzinfo=None, second=0, microsecond=0)  # Excel has no time zones
        place.value, place.number_format = local, _SHORT_TIME
    else:
        place.value, place.number_format = value, _SHORT_DATE
    place.alignment = Alignment(horizontal="left")


def _bytes(book: Workbook, as_of: datetime) -> bytes:
    book.properties.creator = "Consigne"
    book.properties.created = book.properties.modified = as_of.astimezone(PARIS).replace(tzinfo=None)
    out = BytesIO()
    book.save(out)
    return out.getvalue()
