"""What is wrong with something a person gave us, in words that say what to do next.

A fault is a closed vocabulary, one enumeration per reader (sheets, roster, consent), whose members carry their own words.
A problem is a fault found somewhere: at a line, in a column, with what was found there. Problems are shown to the person
who can put them right; they are never logged whole, since what was found may be personal. Log the fault alone.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from registry.codes import Language
from registry.phrases import long_date, typeset

_PLACE = re.compile(r"\{(found|wanted|column)\}")
_SHOWN = 60
"""Characters of a stranger's text that a message repeats."""


@dataclass(frozen=True, slots=True)
class Words:
    """One sentence in French and in English."""

    fr: str
    en: str

    def text(self, language: Language) -> str:
        """Return the sentence in one language, typeset."""
        return typeset(self.fr if language is Language.FR else self.en, language)


class Fault(StrEnum):
    """Base of the enumerations of faults: the value is the stable code, the rest the words.

    ``message`` and ``remedy`` may hold ``{found}`` (what was there), ``{wanted}`` (what is expected), ``{column}``.
    A warning never keeps a line or a file from being taken.
    """

    message: Words
    remedy: Words
    warning: bool

    def __new__(cls, code: str, message: tuple[str, str], remedy: tuple[str, str], warning: bool = False) -> Self:  # noqa: FBT001, FBT002 - members read as rows of a table
        """Make a member out of its row."""
        member = str.__new__(cls, code)
        member._value_ = code
        member.message = Words(*message)
        member.remedy = Words(*remedy)
        member.warning = warning
        return member


def shown(text: str) -> str:
    """Return a stranger's text as it may stand in a message: one line, printable, without direction marks, short."""
    one_line = " ".join(text.split())
    clean = "".join(letter for letter in one_line if unicodedata.category(letter)[0] != "C")
    return clean if len(clean) <= _SHOWN else clean[: _SHOWN - 1] + "…"


@dataclass(frozen=True, slots=True)
class Problem:
    """A fault, and where it was found.

    ``line`` is the number that the spreadsheet shows beside the row. ``column`` is the header or the name of the field.
    ``found`` and ``wanted`` are dates where the words should give a date in full.
    """

    fault: Fault
    line: int | None = None
    column: str = ""
    found: str | date = ""
    wanted: str | date = ""

    @property
    def warning(self) -> bool:
        """Say whether the thing is taken all the same."""
        return self.fault.warning

    def message(self, language: Language) -> str:
        """Say what is wrong, without the line number."""
        return self._fill(self.fault.message, language)

    def remedy(self, language: Language) -> str:
        """Say what to do."""
        return self._fill(self.fault.remedy, language)

    def sentence(self, language: Language) -> str:
        """Say where, what, and what to do, as one line of a report."""
        word = "Ligne" if language is Language.FR else "Line"
        colon = " : " if language is Language.FR else ": "
        where = "" if self.line is None else f"{word} {self.line}{colon}"
        return typeset(where, language) + self.message(language) + " " + self.remedy(language)

    def _fill(self, words: Words, language: Language) -> str:
        values = {"found": self.found, "wanted": self.wanted, "column": self.column}
        said = {name: long_date(value, language) if isinstance(value, date) else shown(value) for name, value in values.items()}
        return _PLACE.sub(lambda place: said[place[1]], words.text(language))
