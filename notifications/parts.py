"""The pieces that an answer or a mail is made of: lines, titled parts, and values made safe to print."""

import re
import unicodedata
from dataclasses import dataclass

from notifications.errors import MailInvalidError

_ISOLATE, _POP = "\u2068", "\u2069"
_RIGHT_TO_LEFT = frozenset({"R", "AL", "AN"})
_JOINER = "\u200d"  # holds emoji sequences together
_ELLIPSIS = "…"
_RUNNING_LINKS = ("javascript:", "data:", "vbscript:")
_RUNS = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or two, of plain text; where ``url`` is given, the text is what the link is called.

    Raises:
        MailInvalidError: the link would run something instead of leading somewhere.
    """

    text: str
    url: str | None = None

    def __post_init__(self) -> None:
        if self.url is not None and self.url.strip().lower().startswith(_RUNNING_LINKS):
            raise MailInvalidError("a link in the settings or the session does not lead to a page: correct it")


@dataclass(frozen=True, slots=True)
class Part:
    """A heading and its lines."""

    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Contact:
    """The coordinator whom a person may ask.

    Attributes:
        name: as people say it.
        mail: the address to write to.
        teams_link: a link that opens a Teams chat, or None.
    """

    name: str
    mail: str
    teams_link: str | None = None


def one_line(value: str) -> str:
    """Make a value that others wrote safe to print in a sentence.

    Line ends become spaces; control characters, unpaired surrogates and the invisible characters that turn the
    direction of the text round are taken out; a value in a right-to-left script is isolated from what surrounds it.
    """
    flat = re.sub(r"\s+", " ", value).strip()
    kept = "".join(c for c in flat if c == _JOINER or unicodedata.category(c) not in {"Cc", "Cf", "Cs", "Zl", "Zp"})
    if any(unicodedata.bidirectional(c) in _RIGHT_TO_LEFT for c in kept):
        return f"{_ISOLATE}{kept}{_POP}"
    return kept


def shorten(value: str, longest: int) -> str:
    """Cut the middle out of a long value, so that its beginning and its end (a file's extension) can be read."""
    if len(value) <= longest:
        return value
    head = (longest - 1) * 2 // 3
    return value[:head] + _ELLIPSIS + value[len(value) - (longest - 1 - head) :]


def grouped(digest: str) -> str:
    """Write a fingerprint in groups of eight, as people read and compare it."""
    return " ".join(digest[i : i + 8] for i in range(0, len(digest), 8))


def cell(value: str) -> str:
    """Make a value safe in a table that people paste into a spreadsheet: what would run as a formula gets an apostrophe."""
    plain = one_line(value)
    return f"'{plain}" if plain.lstrip(_ISOLATE).startswith(_RUNS) else plain
