"""The clock, from the command line: from when a recording may be destroyed, and why that date. Needs no centre."""

from dataclasses import replace
from itertools import takewhile
from typing import Annotated, Any

import typer
from typer.core import TyperCommand
from typing_extensions import override

from consigne.cli.common import a_date, say, say_json
from consigne.errors import WrongUseError
from registry import schemes
from registry.codes import Language
from registry.errors import RefusedError
from registry.schemes import Computation, RecourseRule
from retention import calendars, terms
from retention.clock import reckon
from retention.errors import UnknownCalendarError
from retention.terms import Choices, Terms

app = typer.Typer()
_NOTIFIED = "--notified"


class _ManyDates(TyperCommand):
    """Takes several dates after one ``--notified``, and keeps the order in which they were written."""

    @override
    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        spread: list[str] = []
        left = list(args)
        while left:
            word = left.pop(0)
            if word.partition("=")[0] != _NOTIFIED:
                spread.append(word)
                continue
            first = [word.partition("=")[2]] if "=" in word else []
            dates = list(takewhile(lambda told: not told.startswith("-"), left))
            left = left[len(dates) :]
            spread += [part for told in (*first, *dates) for part in (_NOTIFIED, told)] or [word]
        return super().parse_args(ctx, spread)


@app.command("clock", cls=_ManyDates)
def clock(
    notified: Annotated[list[str], typer.Option(_NOTIFIED, metavar="D...", help="When the decision was notified: one date, or several.")],
    scheme: Annotated[str, typer.Option(metavar="S", help="The certification's profile, newest version.")] = "cqp-ce",
    calendar: Annotated[
        list[str] | None, typer.Option(metavar="C", help="Public holidays: FR, or a subdivision such as 6AE or 972. Repeated: their union.")
    ] = None,
    computation: Annotated[Computation | None, typer.Option(help="How months are counted, instead of the scheme's way.")] = None,
    language: Annotated[Language, typer.Option(help="Of the steps.")] = Language.FR,
    as_json: Annotated[bool, typer.Option("--json", help="One document a date, a line each.")] = False,
) -> None:
    """Say from when a recording may be destroyed, and why. Needs no centre. Exit 1 where the scheme states no rule."""
    days = [a_date(text, _NOTIFIED) for text in notified]
    told = _terms(scheme, calendar or [], computation)
    for day in days:
        found = reckon(day, told).to_json(language)
        if as_json:
            say_json(found)
        else:
            say(f"{found['notified_on']} -> {found['eligible_at'] or 'no date'}")
            for step in found["steps"]:
                say(f"  {step}")
    if told.rule is RecourseRule.UNSTATED:
        raise typer.Exit(1)


def _terms(scheme: str, calendar: list[str], computation: Computation | None) -> Terms:
    """Return the scheme's own terms: the choices of a centre have no part here.

    Raises:
        WrongUseError: no such scheme or calendar.
    """
    try:
        found = terms.combine(schemes.load(scheme), Choices())
        named = calendars.of(*calendar) if calendar else found.calendars
    except (RefusedError, UnknownCalendarError) as error:
        raise WrongUseError(str(error)) from error
    return replace(found, calendars=named, computation=computation or found.computation)
