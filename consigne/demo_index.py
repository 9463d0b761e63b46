"""The page that the demonstration ends with: what each person received, linked."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined


@dataclass(frozen=True)
class Link:
    """One thing that a person received, by a path from the page."""

    text: str
    href: str


@dataclass(frozen=True)
class Shown:
    """One candidate: what was dropped, what was answered, and everything received."""

    reference: str
    case: str
    file_name: str
    consent: str
    answer: str
    expected: bool
    codes: str
    seconds: str
    folder: Sequence[Link]
    mails: Sequence[Link]


def write_index(path: Path, *, centre: str, shown: Sequence[Shown], staff: Sequence[Link], reports: Sequence[Link]) -> None:
    """Write the page; it needs nothing from outside its directory."""
    page = _environment().get_template("demo.html").render(centre=centre, shown=shown, staff=staff, reports=reports)
    path.write_text(page, "utf-8")


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("consigne", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
