"""The intake report: a table sorted by urgency, a workbook that runs nothing, a page that everyone can read."""

import re
from dataclasses import replace
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from playwright.sync_api import sync_playwright

from notifications.report_pages import DARK, LIGHT, Palette, report_page, segments
from notifications.reports import IntakeReport, ReportRow, as_table, file_name
from notifications.words.report_words import MARKS, REPORTS, ReportState, ToDo
from notifications.workbooks import report_workbook
from registry.codes import Language
from tests.notifications.making import DEADLINE, NOW, report
from tests.notifications.test_mails import read

FORMULAS = ("=cmd|'/c calc'!A1", "+1+1", "-2+3", "@SUM(A1)", '=HYPERLINK("https://x")')


def sheet_of(told: IntakeReport, language: Language = Language.FR) -> Worksheet:
    """Return the workbook's sheet, read back."""
    sheet = load_workbook(BytesIO(report_workbook(told, language))).active
    assert isinstance(sheet, Worksheet)
    return sheet


@pytest.mark.parametrize("language", Language)
def test_every_state_and_task_has_words_and_a_shape(language: Language) -> None:
    """No state is without its word and a shape of its own; no task is without words."""
    texts = REPORTS[language]
    assert set(texts.states) == set(MARKS) == set(ReportState)
    assert set(texts.to_do) == set(ToDo)
    assert len(set(MARKS.values())) == len(ReportState)


def test_rows_are_sorted_by_urgency() -> None:
    """Whoever is late comes first, then what needs a decision; equal states by next date, then by name."""
    told = report("Zoé", "alix")
    assert [row.state for row in told.rows] == [*ReportState, ReportState.RECEIVED, ReportState.RECEIVED]
    assert [row.name for row in told.rows[-2:]] == ["alix", "Zoé"]
    early = [ReportRow(f"{n}", "a", state, None, date(2026, 5, n)) for n, state in enumerate(reversed(ReportState), start=1)]
    assert [row.state for row in replace(told, rows=tuple(early)).rows] == list(ReportState)
    sooner = ReportRow("X", "X", ReportState.MISSING, None, date(2026, 5, 1))
    rows = replace(told, rows=(*told.rows, sooner)).rows
    assert [row.reference for row in rows if row.state is ReportState.MISSING] == ["X", "C-004"]


def test_counts_add_up() -> None:
    """Each candidate is counted once."""
    told = report("a", "b")
    assert sum(told.count(state) for state in ReportState) == len(told.rows) == 8
    assert told.count(ReportState.RECEIVED) == 3


@pytest.mark.parametrize("language", Language)
def test_the_table_names_state_by_word_and_shape(language: Language) -> None:
    """Each row has its state as a shape and a word, its dates in words, and what to do."""
    table = as_table(report(), language)
    assert all(len(row) == len(table.headers) == 6 for row in table.rows)
    first = table.rows[0]
    assert first[2] == f"{MARKS[ReportState.LATE]} {REPORTS[language].states[ReportState.LATE]}"
    assert "2026" in first[3]
    assert first[5] == REPORTS[language].to_do[ToDo.CONTACT]


def test_a_naive_instant_is_refused() -> None:
    """A report without a time zone would print a wrong hour."""
    with pytest.raises(ValueError, match="zone"):
        replace(report(), as_of=NOW.replace(tzinfo=None))


def test_a_name_that_reads_as_an_error_stays_a_name() -> None:
    """A text that Excel uses for its own errors is a text."""
    (found,) = [cell for row in sheet_of(report("#N/A")).iter_rows() for cell in row if cell.value == "#N/A"]
    assert found.data_type == "s"


@pytest.mark.parametrize("formula", FORMULAS)
def test_no_cell_runs(formula: str) -> None:
    """What a spreadsheet would run is a text, in the workbook and in the table that people paste."""
    told = report(formula)
    cells = [cell for row in sheet_of(told).iter_rows() for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in cells)
    assert f"'{formula}" in [cell.value for cell in cells]
    assert all(not value.startswith(("=", "+", "-", "@")) for row in as_table(told, Language.FR).rows for value in row)


def test_the_workbook_can_be_worked_with() -> None:
    """Dates are dates, in Paris time; the header stays in sight; the table can be filtered."""
    sheet = sheet_of(report())
    header = next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == "Référence")
    assert sheet.freeze_panes == f"A{header + 1}"
    assert sheet.auto_filter.ref == f"A{header}:F{header + len(ReportState)}"
    since, next_date = sheet.cell(header + 1, 4), sheet.cell(header + 1, 5)
    assert since.value == datetime(2026, 5, 12, 11, 3)  # noqa: DTZ001 - Excel has no time zones
    assert since.is_date
    assert isinstance(next_date.value, datetime)
    assert next_date.value.date() == DEADLINE
    assert next_date.is_date


def test_an_empty_session_makes_a_workbook() -> None:
    """A session without candidates is still a workbook with its header."""
    assert sheet_of(replace(report(), rows=())).auto_filter.ref is not None


@pytest.mark.parametrize("name", ["\x00\x0b", "a" * 40_000, "👩\u200d🎓", "\ud800", "שלום", "<b>&"])
def test_any_name_makes_a_workbook_and_a_page(name: str) -> None:
    """No name breaks the file or the page."""
    sheet_of(report(name))
    page = report_page(report(name), Language.FR)
    page.encode()
    read(re.sub(r"<style>.*?</style>|<!DOCTYPE html>", "", page, flags=re.DOTALL))
    assert "<b>" not in page


@pytest.mark.parametrize("language", Language)
def test_the_page_stands_alone(language: Language) -> None:
    """No script, no picture or font from outside, one stylesheet, light and dark, in the reader's language."""
    page = report_page(report("Camille"), language)
    assert f'<html lang="{language.value}">' in page
    assert not re.search(r"<script|<img|<link|url\(|@import|https?://|\son\w+=", page)
    assert page.count("<style>") == 1
    assert "prefers-color-scheme: dark" in page
    for state in ReportState:
        assert page.count(REPORTS[language].states[state]) >= 3
        assert MARKS[state] in page


def test_an_empty_session_makes_a_page() -> None:
    """A session without candidates says so, and draws nothing."""
    page = report_page(replace(report(), rows=()), Language.FR)
    assert "Aucun candidat" in page
    assert "<svg" not in page


def test_the_bar_shares_its_width_fairly() -> None:
    """Segments follow each other, never overlap, fill the bar, and are as wide as their numbers."""
    parts = segments(report(*(str(n) for n in range(30))), Language.FR)
    ends = [part.x + part.width for part in parts]
    assert all(left < right.x for left, right in zip(ends, parts[1:], strict=False))
    assert ends[-1] == pytest.approx(100, abs=0.1)
    per_head = {round(part.width / part.count, 1) for part in parts}
    assert len(per_head) == 1
    assert [part.labelled for part in parts] == [False] * 5 + [True]


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2, definition)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours (WCAG 2.2, definition)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast_is_enough(palette: Palette) -> None:
    """Text reaches 4.5 on what it stands on, and each segment 3 on the card (WCAG 2.2, 1.4.3 and 1.4.11)."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    for text in (palette.ink, palette.quiet):
        assert contrast(text, palette.card) >= 4.5
    for colour in palette.states.values():
        assert contrast(palette.on_state, colour) >= 4.5
        assert contrast(colour, palette.card) >= 3


def test_mail_colours_reach_the_contrast() -> None:
    """The colours written in the mail's template reach 4.5 on its white."""
    template = (Path(__file__).parents[2] / "notifications" / "templates" / "mail.html").read_text()
    inks = set(re.findall(r"[; \"]color:(#[0-9a-f]{6})", template))
    assert len(inks) >= 3
    assert all(contrast(ink, "#ffffff") >= 4.5 for ink in inks)
    assert contrast("#1c2430", "#e9edf3") >= 4.5


def test_files_of_a_report_are_named_by_their_day() -> None:
    """The name of the workbook says the day and nothing else."""
    assert file_name(report(), Language.FR, "xlsx") == "Depots 2026-05-12.xlsx"


@pytest.mark.browser
@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_nothing_runs_off_the_screen(width: int, tmp_path: Path) -> None:
    """In a real browser, from the smallest phone to a wide screen, no part of the page must be scrolled sideways to."""
    file = tmp_path / "report.html"
    file.write_text(report_page(report("a" * 90, "Camille Essai"), Language.FR), encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800})
        page.goto(file.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.locator("svg[role=img]").get_attribute("aria-label")
        browser.close()
