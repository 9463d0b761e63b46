"""What the commands that record facts share: who acts, whether two people are asked for, and days that are asked about again."""

import sys
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from consigne.cli.common import actor, dossier_by
from consigne.errors import RefusedHereError
from consigne.wiring import Parts
from registry.database import Transaction
from registry.days import OldDayError
from registry.recordings import of_dossier
from registry.tables import Recording
from retention.suspending import Suspending
from retention.terms import Confirmation

T = TypeVar("T")
By = Annotated[str | None, typer.Option("--by", metavar="MAIL", help="The address of the member of the staff who acts.")]
YesOld = Annotated[bool, typer.Option("--yes-old", help="A date more than six months back is meant.")]
Why = Annotated[str | None, typer.Option("--reason", metavar="TEXT", help="Why; it stays in the registry, the journal holds its hash.")]
Because = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stays in the registry, the journal holds its hash.")]
One = Annotated[str, typer.Argument(metavar="SESSION/REFERENCE")]
Heard = Annotated[str, typer.Argument(metavar="RECORDING|SESSION/REFERENCE")]


def two_people(parts: Parts) -> bool:
    """Tell whether a second person must confirm what starts a clock or brings a date forward."""
    return parts.settings.retention.confirmation is Confirmation.TWO


def suspending(parts: Parts) -> Suspending:
    """Return what records appeals and withdrawals."""
    return Suspending(parts.centre, parts.settings.retention.choices)


def record(parts: Parts, by: str | None, act: Callable[[Transaction, bool], T], *, old_meant: bool = False) -> T:
    """Record one fact in one transaction. At a terminal, a day that is long past is asked about, and recorded if it is meant.

    Raises:
        RefusedError: what ``act`` refuses.
    """
    with parts.database.reading() as session:
        who = actor(session, by)
    try:
        with parts.database.transaction(parts.clock.now(), who) as tx:
            return act(tx, old_meant)
    except OldDayError as error:
        if not sys.stdin.isatty() or not typer.confirm(f"{error}. Is it meant?"):
            raise
    with parts.database.transaction(parts.clock.now(), who) as tx:
        return act(tx, True)


def dossier_id(parts: Parts, key: str) -> str:
    """Find a dossier, and return its identifier.

    Raises:
        RefusedHereError: there is none.
    """
    with parts.database.reading() as session:
        return dossier_by(session, key).dossier.id


def recording_of(parts: Parts, key: str, fit: Callable[[Recording], bool], wanted: str) -> Recording:
    """Find a recording by its id, or the only one of a dossier that fits.

    Raises:
        RefusedHereError: there is none, or several.
    """
    with parts.database.reading() as session:
        if key.startswith("rec_"):
            found = session.get(Recording, key)
            if found is None:
                raise RefusedHereError(f"no recording is known under {key}: check the identifier")
            return found
        fitting = [one for one in of_dossier(session, dossier_by(session, key).dossier.id) if fit(one)]
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        raise RefusedHereError(f"no recording of {key} {wanted}")
    raise RefusedHereError(f"several recordings of {key} could be meant: name one by its id, {', '.join(one.id for one in fitting)}")
