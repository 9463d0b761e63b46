"""A letter: what a mail says, before it is plain text or HTML. Pure; every value is escaped.

The HTML is what Outlook for Windows draws with Word's engine: tables, inline styles, no picture, nothing from outside.
"""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from notifications.parts import Line, Part
from registry.codes import Language


@dataclass(frozen=True, slots=True)
class Table:
    """A table of plain texts; every row has as many cells as there are headers."""

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says: a place it speaks of, a title, a greeting, parts, perhaps a table after the first, and a foot in small."""

    language: Language
    context: str
    title: str
    greeting: str
    parts: tuple[Part, ...]
    table: Table | None = None
    foot: tuple[Line, ...] = ()


def as_text(letter: Letter) -> str:
    """Write the letter as plain text; a link's address follows its words on a line of its own."""
    blocks = [letter.title, letter.greeting] if letter.greeting else [letter.title]
    texts = ["\n".join([part.heading.upper(), *(_text_line(line) for line in part.lines)]) for part in letter.parts]
    if letter.table is not None:
        texts.insert(1, _text_table(letter.table))
    blocks += texts
    blocks.append("\n".join(["-- ", letter.context, *(_text_line(line) for line in letter.foot)]))
    return "\n\n".join(blocks) + "\n"


def as_html(letter: Letter) -> str:
    """Write the letter as a whole HTML document with inline styles."""
    return _environment().get_template("mail.html").render(letter=letter)


def _text_line(line: Line) -> str:
    if line.url is None or line.url.removeprefix("mailto:") in line.text:
        return line.text
    return f"{line.text}\n  {line.url}"


def _text_table(table: Table) -> str:
    """Write each row as a short block, since columns of plain text break in every mail program."""
    blocks = []
    for row in table.rows:
        first, *rest = zip(table.headers, row, strict=True)
        blocks.append("\n".join([f"* {first[1]}", *(f"  {header} - {cell}" for header, cell in rest if cell)]))
    return "\n".join(blocks)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("notifications", "templates"),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
