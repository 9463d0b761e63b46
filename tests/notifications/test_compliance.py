"""The compliance report as page, workbook and mail, and the page to a client: whole in both languages, safe, silent about people."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from notifications.client_replies import overall, reply_parts, reply_pdf
from notifications.compliance import Figure, Figures, Stage, Week
from notifications.compliance_mails import compliance_report
from notifications.compliance_pages import SHOWN, chart_of, compliance_page
from notifications.compliance_sheets import compliance_workbook
from notifications.compliance_tables import figures_table, register_row
from notifications.replies import Answered, Found, Held, Question, Reply
from notifications.words.compliance_words import COMPLIANCE, STAGE_MARKS
from notifications.words.reply_words import REPLIES
from registry.codes import Language
from registry.tables.holds import HoldReason, HoldScope
from tests.notifications.compliance_made import AS_OF, CALM, ENTRY, FIGURES, compliance
from tests.notifications.making import CONTACT, person

CALL = date(2026, 3, 12)
HELD = Found("rec_1", "dos_1", "JUIN-2026", "BCDF-GHJK", Held.HELD, datetime(2026, 5, 5, 8, tzinfo=UTC), CALL)
GONE = replace(HELD, held=Held.DESTROYED, destroyed_at=AS_OF, irreversible_from=AS_OF, certificate="dst_000000000000000000000000000000a7")


def replied(*found: Found, question: Question | None = None, undated: int = 0) -> Reply:
    """Return a reply to a client."""
    return Reply("Centre d’essai", CONTACT, Answered(question or Question(call_date=CALL), AS_OF, found, undated), 5)


@pytest.mark.parametrize("language", Language)
def test_all_has_words(language: Language) -> None:
    """No figure, stage, hold or state is without words, and the columns are as many as the values."""
    texts = COMPLIANCE[language]
    assert set(texts.figures) == set(Figure)
    assert set(texts.stages) == set(STAGE_MARKS) == set(Stage)
    assert set(texts.hold_reasons) == set(HoldReason)
    assert set(texts.hold_scopes) == set(HoldScope)
    assert len(texts.columns) == len(register_row(ENTRY, language))
    assert set(REPLIES[language].titles) == {*Held, None}


@pytest.mark.parametrize("language", Language)
def test_the_page_stands_alone(language: Language) -> None:
    """No script, nothing from outside; every figure, hold and stage in words; numbers beside the picture."""
    page = compliance_page(compliance(), language)
    assert not re.search(r"<(script|img|link|iframe)\b|@import|https?://|\{\{|None", page)
    texts = COMPLIANCE[language]
    shown = (texts.stages[one] for one in (Stage.FAILED, Stage.DESTROYED, Stage.CERTIFIED))
    for said in (*(words.label for words in texts.figures.values()), *shown, texts.hold_reasons[HoldReason.APPEAL]):
        assert said in page
    assert page.count('class="alarm"') == 2
    assert page.count("<g><title>") == len(FIGURES.weeks)
    assert "<td>14</td><td>2</td>" in page


@pytest.mark.parametrize("language", Language)
def test_a_page_with_nothing_says_so(language: Language) -> None:
    """No chart, no table, no alarm."""
    page = compliance_page(compliance(0, CALM), language)
    texts = COMPLIANCE[language]
    assert all(said in page for said in (texts.nothing_planned, texts.no_hold, texts.register_none))
    assert 'class="alarm"' not in page
    assert '<svg class="chart"' not in page


def test_a_long_register_is_cut_on_the_page_and_says_so() -> None:
    """The workbook has every line."""
    told = compliance(SHOWN + 5)
    page = compliance_page(told, Language.FR)
    assert page.count('<tr class="stage-') == SHOWN
    assert f"Les {SHOWN} plus récentes sur {SHOWN + 5}" in page
    sheet = load_workbook(BytesIO(compliance_workbook(told, Language.FR)))["Registre"]
    assert sheet.max_row == SHOWN + 5 + 4


def test_values_of_others_are_escaped_on_the_page() -> None:
    """A session's code or a centre's name is text and nothing else."""
    told = compliance(1)
    bad = "<script>alert(1)</script>"
    page = compliance_page(replace(told, centre=bad, register=(replace(ENTRY, session=bad),)), Language.FR)
    assert bad not in page
    assert "&lt;script&gt;" in page


@pytest.mark.parametrize("highest", [1, 2, 3, 4, 5, 9, 10, 41, 400, 12_345])
def test_a_bar_ends_within_the_chart(highest: int) -> None:
    """Whatever the numbers, at most five lines of grid, and the bars as high as their numbers say."""
    monday = date(2026, 8, 31)
    told = replace(FIGURES, weeks=(Week(monday, highest, 0, 0), Week(monday + timedelta(days=7), 0, 1, highest - 1)))
    chart = chart_of(told, Language.FR)
    assert chart is not None
    assert len(chart.grid) <= 5
    assert chart.grid[-1][0] == 0
    assert chart.grid[-1][1] >= highest
    whole, parts = chart.bars
    unit = chart.base / chart.grid[-1][1]
    assert whole.pieces[0].height == pytest.approx(highest * unit, abs=0.06)
    assert sum(one.height for one in parts.pieces) == pytest.approx(highest * unit, abs=0.11)
    assert all(one.y >= -0.06 for bar in chart.bars for one in bar.pieces)
    assert (whole.current, parts.current) == (True, False)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_runs(start: str) -> None:
    """What a spreadsheet would take for a formula is a text with an apostrophe before it."""
    told = replace(compliance(1), register=(replace(ENTRY, session=f"{start}cmd|' /C calc'!A0", cause=f"{start}1+1"),))
    book = load_workbook(BytesIO(compliance_workbook(told, Language.FR)))
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]
    texts = {cell.value for cell in cells if isinstance(cell.value, str)}
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@"))]
    assert f"'{start}1+1" in texts


@pytest.mark.parametrize("language", Language)
def test_the_workbook_holds_dates_and_colours(language: Language) -> None:
    """Real dates in Paris, the state in words and colour, a frozen header, filters, a chart beside the weeks."""
    written = BytesIO(compliance_workbook(compliance(3), language))
    book, texts = load_workbook(written), COMPLIANCE[language]
    assert tuple(book.sheetnames) == texts.sheets
    register, weeks, figures = book.worksheets
    assert [cell.value for cell in register[4]] == list(texts.columns)
    assert [row[1].value for row in register.iter_rows(min_row=5)] == [
        f"{STAGE_MARKS[one]} {texts.stages[one]}" for one in (Stage.FAILED, Stage.DESTROYED, Stage.CERTIFIED)
    ]
    assert len({row[1].fill.fgColor.rgb for row in register.iter_rows(min_row=5)}) == 3
    assert register["C7"].value == datetime(2026, 8, 26, 3, 30)  # noqa: DTZ001 - a workbook has no time zones
    assert register["H7"].value == datetime(2026, 5, 4)  # noqa: DTZ001 - as above
    assert register["C5"].value is None
    assert (register.freeze_panes, register.auto_filter.ref) == ("B5", "A4:U7")
    assert [one for one in ZipFile(written).namelist() if one.startswith("xl/charts/")] == ["xl/charts/chart1.xml"]
    assert weeks.max_row == 4 + len(FIGURES.weeks)
    assert figures["B5"].value == FIGURES.held


@pytest.mark.parametrize("language", Language)
def test_an_empty_workbook_opens(language: Language) -> None:
    """A centre that destroyed nothing yet has a register that says so."""
    book = load_workbook(BytesIO(compliance_workbook(compliance(0, CALM), language)))
    assert book[COMPLIANCE[language].sheets[0]]["A5"].value == COMPLIANCE[language].register_none


def test_the_mail_says_what_to_do() -> None:
    """With trouble it names what to look at, each with its step; without any it says that there is nothing to do."""
    bad, calm = (compliance_report(one, b"PK", person(), CONTACT) for one in (compliance(), compliance(0, CALM)))
    assert all(said in bad.text for said in ("1 en retard, 1 en échec", "consigne approve", "consigne hold --list", "353 jours"))
    assert "Vous n’avez rien à faire" in calm.text
    assert "consigne approve" not in calm.text
    assert bad.attachment is not None
    assert bad.attachment.name == "Registre des destructions 2026-09-02.xlsx"
    assert bad.html.count('<tr><td align="left"') == len(Figure)


@pytest.mark.parametrize(("days", "said"), [(0, "0 jours"), (1, "1 jour"), (2, "2 jours")])
def test_ages_are_counted_in_days(days: int, said: str) -> None:
    """Since the call, in civil days."""
    told = Figures(AS_OF, CALM.since, held=1, oldest_call=AS_OF.date() - timedelta(days=days))
    assert figures_table(told, Language.FR).rows[1][1] == said


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    ("found", "state"),
    [
        ((), None),
        ((HELD,), Held.HELD),
        ((GONE,), Held.DESTROYED),
        ((GONE, HELD), Held.HELD),
        ((replace(HELD, held=Held.BEGUN), GONE), Held.BEGUN),
        ((replace(HELD, call_date=None, suspended=True, unlistenable=True),), Held.HELD),
        (tuple(replace(GONE, recording=f"rec_{n}") for n in range(9)), Held.DESTROYED),
    ],
    ids=["none", "held", "gone", "both", "begun", "suspended", "nine"],
)
def test_a_reply_is_one_page_that_repeats(found: tuple[Found, ...], state: Held | None, language: Language) -> None:
    """One page, the same bytes each time, and its title says what it comes to."""
    told = replied(*found)
    page = reply_pdf(told, language)
    reader = PdfReader(BytesIO(page))
    text = reader.pages[0].extract_text().replace("\u202f", " ").replace("\n", " ")
    assert len(reader.pages) == 1
    assert page == reply_pdf(told, language)
    assert overall(told) is state
    assert REPLIES[language].titles[state][:20] in text
    assert CONTACT.mail in text
    assert "{" not in text


def sentences(reply: Reply) -> str:
    """Return all that a French reply says."""
    return " ".join(line.text for part in reply_parts(reply, Language.FR) for line in part.lines)


def test_a_reply_says_what_is_next() -> None:
    """Held: from when it goes, or why no day is known; suspended without a reason; gone: with its certificate and nothing to withdraw."""
    day = replace(HELD, eligible_on=AS_OF.date() + timedelta(days=60))
    assert "prévue à partir du dimanche 1er novembre 2026" in sentences(replied(day))
    assert "possible depuis" in sentences(replied(replace(HELD, eligible_on=AS_OF.date())))
    assert "une fois la décision du jury notifiée" in sentences(replied(HELD))
    held = sentences(replied(replace(day, suspended=True)))
    assert "suspendue pour l’instant" in held
    assert "1er novembre" not in held
    assert "retirer votre accord" in held
    gone = sentences(replied(GONE))
    assert GONE.certificate is not None
    assert GONE.certificate in gone
    assert "retirer votre accord" not in gone
    assert "irréversible" not in gone
    later = replace(GONE, irreversible_from=AS_OF + timedelta(days=14))
    assert "irréversible à partir du mercredi 16 septembre 2026" in sentences(replied(later))


def test_a_reply_that_found_nothing_is_honest() -> None:
    """By name it says that names are not kept; by day, how long traces are, and that some recordings have no day yet."""
    by_name = sentences(replied(question=Question(candidate="Camille Essai")))
    assert "Camille" not in by_name
    assert "aucun nom" in by_name
    by_day = sentences(replied(undated=2))
    assert "5 ans" in by_day
    assert "pas encore de date d’appel" in by_day
