"""The page that the demonstration ends with: what each person received, and what happened when, linked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from registry.clock import civil_date
from registry.codes import Language
from registry.phrases import long_date, typeset


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


@dataclass(frozen=True)
class Event:
    """One moment of the time line: what happened, and what came of it. ``quotes`` are a tool's own words."""

    when: datetime
    title: str
    lines: Sequence[str]
    links: Sequence[Link]
    quotes: Sequence[str]
    expected: bool


@dataclass(frozen=True)
class Day:
    """The moments of one day."""

    title: str
    events: Sequence[Event]


def write_index(
    path: Path, *, centre: str, shown: Sequence[Shown], staff: Sequence[Link], reports: Sequence[Link], events: Sequence[Event] = ()
) -> None:
    """Write the page; it needs nothing from outside its directory."""
    days = [Day(long_date(day, Language.FR), tuple(some)) for day, some in groupby(events, lambda one: civil_date(one.when))]
    page = _environment().get_template("demo.html").render(centre=centre, shown=shown, staff=staff, reports=reports, days=days)
    path.write_text(page, "utf-8")


@cache
def _environment() -> Environment:
    made = Environment(loader=PackageLoader("consigne", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    made.filters["set"] = lambda text: typeset(text, Language.FR)
    return made
