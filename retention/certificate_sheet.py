"""Sheets of label and value, over as many A4 pages as they take: what certificates and disposal lists are drawn with."""

from dataclasses import dataclass
from typing import Final

from reportlab.lib.colors import HexColor

from notifications.page import BOLD, HEIGHT, INK, MARGIN, QUIET, WIDTH, Page, Style
from registry.codes import Language
from registry.phrases import typeset

GREEN: Final = HexColor("#1b6b41")
_LABEL: Final = 150.0
_BOTTOM: Final = 64.0
_TITLE, _HEAD, _BODY, _SMALL = Style(19, BOLD, GREEN), Style(11.5, BOLD, INK), Style(9.6), Style(8.2, colour=QUIET)


def french(text: str) -> str:
    """Put a text into French typography."""
    return typeset(text, Language.FR)


@dataclass
class Sheet:
    """A document being drawn. ``foot`` stands at the end of each page, with its number."""

    title: str
    author: str
    foot: str

    def __post_init__(self) -> None:
        self._page = Page(title=french(self.title), author=self.author, language=Language.FR)
        self._number = 1

    def heading(self, above: str, below: str) -> None:
        """Begin: a line above the title, the title, a line below, a rule."""
        self._page.text(above, _SMALL)
        self._page.gap(6)
        self._page.text(french(self.title), _TITLE)
        self._page.gap(3)
        self._page.text(below, _SMALL)
        self._page.gap(9)
        self._page.rule(GREEN)
        self._page.gap(3)

    def section(self, title: str) -> None:
        """Begin a part; never as the last line of a page."""
        self._room(62)
        self._page.gap(9)
        self._page.text(french(title), _HEAD)
        self._page.gap(1.5)

    def sentence(self, text: str, *, small: bool = False) -> None:
        """Set a sentence over the whole width."""
        self._room(34)
        self._page.text(french(text), _SMALL if small else _BODY)
        self._page.gap(1.5)

    def verbatim(self, text: str) -> None:
        """Set a text as it is, line by line, in small."""
        for line in text.split("\n"):
            self._room(14)
            if line:
                self._page.text(line, _SMALL)
            else:
                self._page.gap(_SMALL.size)

    def row(self, label: str, value: str) -> None:
        """Set a label and its value beside it."""
        self._room(30)
        top = self._page.top
        self._page.text(french(label), Style(_BODY.size, colour=QUIET), width=_LABEL - 10)
        lowest, self._page.top = self._page.top, top
        self._page.text(french(value), _BODY, x=MARGIN + _LABEL, width=WIDTH - 2 * MARGIN - _LABEL)
        self._page.top = min(lowest, self._page.top) - 1.5

    def finish(self) -> bytes:
        """Close the last page and return the PDF."""
        self._close()
        return self._page.finish()

    def _room(self, points: float) -> None:
        if self._page.top - points >= _BOTTOM:
            return
        self._close()
        self._page.canvas.showPage()
        self._page.top = HEIGHT - MARGIN
        self._number += 1

    def _close(self) -> None:
        self._page.top = _BOTTOM - 12
        self._page.rule()
        self._page.gap(2)
        self._page.text(f"{self.foot} · page {self._number}", _SMALL)
