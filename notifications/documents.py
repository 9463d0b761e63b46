"""The answer as a PDF of one page, for the folder and for the mail. The same facts give the same bytes. Pure.

Rendering takes some tens of milliseconds: do it before a transaction is opened, not inside.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

from reportlab.lib.colors import Color, HexColor, white
from reportlab.pdfgen.canvas import Canvas

from notifications.answers import AnswerWords, words
from notifications.facts import AnswerFacts
from notifications.page import BOLD, INK, LINK, MARGIN, QUIET, WIDTH, Page, Style, drawable
from notifications.parts import Line, one_line
from registry.codes import Answer

_SIZES = (11.4, 11.0, 10.6, 10.2, 9.8, 9.4, 9.0, 8.6, 8.2, 7.8, 7.4, 7.0, 6.5, 6.0)
_BOTTOM = 44.0
_MARK = 15.0
_COLOURS: Mapping[Answer, Color] = {
    Answer.RECEIVED: HexColor("#1b6b41"),
    Answer.AWAITING_CONSENT: HexColor("#174a8c"),
    Answer.TO_REVIEW: HexColor("#7a4f00"),
    Answer.REFUSED: HexColor("#9c2227"),
    Answer.NOT_TAKEN: HexColor("#4a4f57"),
}


def answer_pdf(facts: AnswerFacts) -> bytes:
    """Draw the answer on one A4 page; long texts are set smaller until they fit.

    Its title and language are in the file's metadata; the text can be selected, and is what the mail says.
    """
    said = words(facts)
    size = next((s for s in _SIZES if _fill(_page(facts, said, draw=False), facts, said, s) >= _BOTTOM), _SIZES[-1])
    page = _page(facts, said, draw=True)
    _fill(page, facts, said, size)
    return page.finish()


def _page(facts: AnswerFacts, said: AnswerWords, *, draw: bool) -> Page:
    return Page(title=said.title, author=one_line(facts.scheme_title), language=facts.language, draw=draw)


def _fill(page: Page, facts: AnswerFacts, said: AnswerWords, size: float) -> float:
    """Fill the page and return how high above its lower edge the text ends, in points."""
    colour = _COLOURS[said.answer]
    small = Style(size * 0.88, colour=QUIET)
    page.text(" · ".join(one_line(v) for v in (facts.scheme_title, facts.unit_label, facts.session_label) if v), small)
    page.gap(size * 0.8)
    _headline(page, said, size, colour)
    page.gap(size * 0.5)
    page.rule(colour)
    page.gap(size * 0.6)
    if drawable(said.greeting):
        page.text(said.greeting, Style(size))
    for part in said.parts:
        page.gap(size * 0.75)
        page.text(part.heading, Style(size * 1.08, BOLD, colour))
        for line in part.lines:
            _line(page, line, size)
    page.gap(size * 1.1)
    page.rule()
    page.gap(size * 0.5)
    _facts(page, said, small)
    return page.top


def _headline(page: Page, said: AnswerWords, size: float, colour: Color) -> None:
    before = page.top
    radius = _MARK * size / _SIZES[0]
    page.text(said.title, Style(size * 1.75, BOLD, colour, indent=radius * 2 + size))
    middle = before - size * 1.75 * 0.68
    if page.drawing:
        _mark(page.canvas, said.answer, MARGIN + radius, middle, radius, colour)


def _line(page: Page, line: Line, size: float) -> None:
    if line.url is None:
        page.text(line.text, Style(size, colour=INK))
        return
    page.text(line.text, Style(size, colour=LINK), line.url)
    if not line.url.startswith("mailto:"):
        page.text(line.url, Style(size * 0.78, colour=QUIET), line.url)


def _facts(page: Page, said: AnswerWords, style: Style) -> None:
    half = (WIDTH - 2 * MARGIN) / 2
    for index in range(0, len(said.facts), 2):
        top, lowest = page.top, page.top
        for column, (label, value) in enumerate(said.facts[index : index + 2]):
            page.top = top
            page.text(f"{label}{said.colon}{value}", style, x=MARGIN + column * half, width=half - 8)
            lowest = min(lowest, page.top)
        page.top = lowest
    if said.fingerprint is not None:
        page.gap(style.size * 0.3)
        page.text(f"{said.fingerprint_label}{said.colon}{said.fingerprint}", style)
        page.text(said.fingerprint_note, style)


def _mark(canvas: Canvas, answer: Answer, x: float, y: float, radius: float, colour: Color) -> None:
    """Draw the answer's shape in a disc: the colour never speaks alone."""
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(radius / _MARK, radius / _MARK)
    canvas.setFillColor(colour)
    canvas.circle(0, 0, _MARK, stroke=0, fill=1)
    canvas.setStrokeColor(white)
    canvas.setLineWidth(2.6)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    _SHAPES[answer](canvas)
    canvas.restoreState()


def _path(canvas: Canvas, *points: tuple[float, float]) -> None:
    for (x1, y1), (x2, y2) in pairwise(points):
        canvas.line(x1, y1, x2, y2)


def _tick(canvas: Canvas) -> None:
    _path(canvas, (-6.5, 0), (-2, -5), (7, 5.5))


def _clock(canvas: Canvas) -> None:
    _path(canvas, (0, 8), (0, 0), (5.5, -3.5))


def _lens(canvas: Canvas) -> None:
    canvas.circle(-2, 2, 5, stroke=1, fill=0)
    _path(canvas, (2, -2), (7, -7))


def _cross(canvas: Canvas) -> None:
    _path(canvas, (-5, -5), (5, 5))
    _path(canvas, (-5, 5), (5, -5))


def _bar(canvas: Canvas) -> None:
    _path(canvas, (-6.5, 0), (6.5, 0))


_SHAPES: Mapping[Answer, Callable[[Canvas], None]] = {
    Answer.RECEIVED: _tick,
    Answer.AWAITING_CONSENT: _clock,
    Answer.TO_REVIEW: _lens,
    Answer.REFUSED: _cross,
    Answer.NOT_TAKEN: _bar,
}
