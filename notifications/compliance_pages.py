"""The compliance report as one HTML page that stands alone: six figures, what falls due by week, the holds, the register. Pure.

No script, nothing from outside, one stylesheet; light and dark; printable. Destroyed, planned and held differ by colour and by pattern, and
each bar's numbers stand in a table beneath.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.compliance import ComplianceReport, Figure, Figures, Week
from notifications.compliance_tables import detail_of, holds_table, plain, register_row, value_of
from notifications.letters import Table
from notifications.words.compliance_words import COMPLIANCE
from registry.clock import civil_date
from registry.codes import Language
from registry.phrases import long_date, moment, typeset

SHOWN: Final = 300
"""How many lines of the register the page shows: the workbook has them all."""
_CARDS: Final = (Figure.HELD, Figure.OLDEST, Figure.SOON, Figure.OVERDUE, Figure.ON_HOLD, Figure.FAILED)
_ALARMING: Final = frozenset({Figure.OVERDUE, Figure.FAILED})
_COLUMNS: Final = (0, 1, 2, 3, 4, 7, 12)  # of the register: what fits a page
_WIDTH, _HEIGHT, _FOOT, _LEFT = 1000.0, 240.0, 44.0, 40.0
_STEPS: Final = (1, 2, 5)
_LINES: Final = 4  # about as many as the grid of the chart has

_LIGHT: Final[Mapping[str, str]] = {
    "page": "#f3f5f8",
    "card": "#ffffff",
    "ink": "#1c2430",
    "quiet": "#505a68",
    "line": "#d5dae2",
    "destroyed": "#1b6b41",
    "planned": "#174a8c",
    "held": "#7a4f00",
    "alarm": "#9c2227",
    "now": "#e9edf3",
}
_DARK: Final[Mapping[str, str]] = {
    "page": "#12161c",
    "card": "#1b212a",
    "ink": "#eef1f5",
    "quiet": "#b3bcc8",
    "line": "#3a4350",
    "destroyed": "#8fd3ac",
    "planned": "#9cc2f5",
    "held": "#e9bd6b",
    "alarm": "#f2a0a3",
    "now": "#262e3a",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One of the six figures."""

    label: str
    value: str
    meaning: str
    detail: str
    alarming: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """One coloured piece of a bar, in the chart's own units."""

    kind: str
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One week. ``label`` is empty but for the first week of a month."""

    x: float
    width: float
    title: str
    label: str
    current: bool
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """What falls due by week, drawn. ``grid`` are its horizontal lines: height and number."""

    width: float
    height: float
    base: float
    left: float
    bars: tuple[Bar, ...]
    grid: tuple[tuple[float, int], ...]


def compliance_page(report: ComplianceReport, language: Language) -> str:
    """Write the page, in the reader's language."""
    texts, figures = COMPLIANCE[language], report.figures
    shown = report.register[:SHOWN]
    cut = typeset(texts.register_cut, language).format(shown=len(shown), count=report.registered) if report.registered > len(shown) else ""
    register = Table(
        tuple(texts.columns[n] for n in _COLUMNS),
        tuple(tuple(plain(register_row(one, language)[n], language) for n in _COLUMNS) for one in shown),
    )
    return (
        _environment()
        .get_template("compliance.html")
        .render(
            language=language.value,
            texts=texts,
            title=typeset(texts.title, language),
            centre=report.centre,
            as_of=typeset(texts.as_of, language).format(when=moment(report.as_of, language)),
            cards=[_card(one, figures, language) for one in _CARDS],
            others=[_card(one, figures, language) for one in Figure if one not in _CARDS],
            chart=chart_of(figures, language),
            picture=typeset(texts.weeks_picture, language),
            weeks=[one for one in figures.weeks if one.total],
            week_days={one.monday: long_date(one.monday, language) for one in figures.weeks},
            holds=holds_table(figures, language),
            register=register,
            stages=[one.stage.value for one in shown],
            cut=cut,
            light=_LIGHT,
            dark=_DARK,
        )
    )


def _card(figure: Figure, figures: Figures, language: Language) -> Card:
    words = COMPLIANCE[language].figures[figure]
    alarming = figure in _ALARMING and int(getattr(figures, figure.value)) > 0
    meaning = typeset(words.meaning, language)
    return Card(words.label, value_of(figure, figures, language), meaning, detail_of(figure, figures, language), alarming)


def chart_of(figures: Figures, language: Language) -> Chart | None:
    """Draw the weeks, or nothing where nothing falls due."""
    weeks = figures.weeks
    highest = max((one.total for one in weeks), default=0)
    if not highest:
        return None
    step = _step(highest)
    top = -(-highest // step) * step
    base = _HEIGHT - _FOOT
    room = (_WIDTH - _LEFT) / len(weeks)
    today = civil_date(figures.as_of)
    bars = tuple(_bar(one, _LEFT + n * room, room, base / top, base, today, language) for n, one in enumerate(weeks))
    return Chart(_WIDTH, _HEIGHT, base, _LEFT, bars, tuple((round(base - base * n / top, 1), n) for n in range(0, top + 1, step)))


def _step(highest: int) -> int:
    """Choose how far the lines of the grid are apart: 1, 2, 5, 10, 20 and so on."""
    scale = 1
    while True:
        for one in _STEPS:
            if highest <= one * scale * _LINES:
                return one * scale
        scale *= 10


def _bar(week: Week, x: float, room: float, unit: float, base: float, today: date, language: Language) -> Bar:
    texts = COMPLIANCE[language]
    pieces, y = [], base
    counted = (("destroyed", week.destroyed), ("planned", week.planned), ("held", week.held))
    for kind, count in counted:
        if count:
            y -= count * unit
            pieces.append(Piece(kind, round(y, 1), round(count * unit, 1)))
    numbers = ", ".join(f"{label.lower()} {count}" for label, (_, count) in zip(texts.week_headers[1:], counted, strict=True))
    title = f"{texts.week_of.format(day=long_date(week.monday, language))} - {numbers}"
    begins = week.monday.day <= 7  # noqa: PLR2004 - the first Monday of a month
    label = format_date(week.monday, "MMM", locale=language.value) if begins else ""
    return Bar(round(x, 1), round(room, 1), title, label, (today - week.monday).days in range(7), tuple(pieces))


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
