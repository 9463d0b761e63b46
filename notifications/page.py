"""One A4 page of running text: wrapping, links and measuring, over reportlab's canvas.

Lines are wrapped here because reportlab's paragraphs break a line at a narrow no-break space, and lose it.
"""

from dataclasses import dataclass
from functools import cache
from importlib.resources import as_file, files
from io import BytesIO

from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.pdfdoc import PDFString
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from registry.codes import Language

REGULAR, BOLD = "Consigne-Regular", "Consigne-Semibold"
_FONT_PACKAGE, _FONT_FILES = "font_source_sans_pro", {REGULAR: "SourceSansPro-Regular.ttf", BOLD: "SourceSansPro-Semibold.ttf"}
WIDTH, HEIGHT = A4
MARGIN = 56.0
INK, QUIET, LINK = HexColor("#1c2430"), HexColor("#505a68"), HexColor("#174a8c")
_LEADING = 1.36
_INVISIBLE = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u200d\ufe0e\ufe0f"))
_MISSING = "\u25a1"


@dataclass(frozen=True, slots=True)
class Style:
    """How one run of text looks. ``size`` is in points."""

    size: float
    font: str = REGULAR
    colour: Color = INK
    indent: float = 0.0


def drawable(text: str) -> bool:
    """Say whether the font has a shape for every visible character, in the order that they are read."""
    glyphs = _glyphs()
    return all(ord(character) in glyphs for character in text.translate(_INVISIBLE))


def wrap(text: str, style: Style, width: float) -> list[str]:
    """Break a text into lines no wider than ``width`` points; only plain spaces break, or a word too long for a line."""
    lines, current = [], ""
    for word in _printable(text).split(" "):
        longer = f"{current} {word}" if current else word
        if _width(longer, style) <= width:
            current = longer
            continue
        if current:
            lines.append(current)
        current = word
        while _width(current, style) > width:
            fits = next(n for n in range(len(current) - 1, 0, -1) if n == 1 or _width(current[:n], style) <= width)
            lines.append(current[:fits])
            current = current[fits:]
    return [*lines, current] if current else lines


class Page:
    """A single page, drawn from the top down. The same calls give the same bytes.

    With ``draw=False`` nothing is drawn: the page only measures how far down its text comes.
    """

    def __init__(self, *, title: str, author: str, language: Language, draw: bool = True) -> None:
        _register()
        self.top = HEIGHT - MARGIN
        self._out = BytesIO()
        self.canvas = Canvas(self._out, pagesize=A4, invariant=1, lang=language.value)
        self.canvas.setTitle(_printable(title))
        self.canvas.setAuthor(_printable(author))
        self.canvas.setSubject(_printable(title))
        self.canvas.setCreator("Consigne")
        self.canvas.setProducer("Consigne")
        self.canvas.setViewerPreference("DisplayDocTitle", "true")
        self.canvas.setCatalogEntry("Lang", PDFString(language.value))
        self.drawing = draw

    def text(self, text: str, style: Style, url: str | None = None, x: float = MARGIN, width: float = WIDTH - 2 * MARGIN) -> None:
        """Set a text below what stands already; where ``url`` is given, the text is a link."""
        left, leading = x + style.indent, style.size * _LEADING
        for line in wrap(text, style, width - style.indent):
            self.top -= leading
            if not self.drawing:
                continue
            base = self.top + leading * 0.28
            self.canvas.setFont(style.font, style.size)
            self.canvas.setFillColor(style.colour)
            self.canvas.drawString(left, base, line)
            if url is not None:
                end = left + _width(line, style)
                self.canvas.setStrokeColor(style.colour)
                self.canvas.setLineWidth(0.5)
                self.canvas.line(left, base - 1.4, end, base - 1.4)
                self.canvas.linkURL(url, (left, self.top, end, self.top + leading), relative=0)

    def gap(self, points: float) -> None:
        """Leave white space."""
        self.top -= points

    def rule(self, colour: Color = QUIET) -> None:
        """Draw a thin line across the text's width."""
        if self.drawing:
            self.canvas.setStrokeColor(colour)
            self.canvas.setLineWidth(0.6)
            self.canvas.line(MARGIN, self.top, WIDTH - MARGIN, self.top)

    def finish(self) -> bytes:
        """Close the page and return the PDF."""
        self.canvas.showPage()
        self.canvas.save()
        return self._out.getvalue()


@cache
def _register() -> tuple[TTFont, ...]:
    folder = files(_FONT_PACKAGE) / "files"
    fonts = []
    for name, file in _FONT_FILES.items():
        with as_file(folder / file) as path:
            fonts.append(TTFont(name, str(path)))
        pdfmetrics.registerFont(fonts[-1])
    return tuple(fonts)


@cache
def _glyphs() -> frozenset[int]:
    return frozenset.intersection(*(frozenset(font.face.charToGlyph) for font in _register()))


def _printable(text: str) -> str:
    glyphs = _glyphs()
    return "".join(c if ord(c) in glyphs else _MISSING for c in text.translate(_INVISIBLE))


def _width(text: str, style: Style) -> float:
    return float(pdfmetrics.stringWidth(text, style.font, style.size))
