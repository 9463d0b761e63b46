"""Members of the committee, what each may listen to, and the coordinator's own listening before a review."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from consigne import folders
from consigne.cli.common import a_date, actor, centre, say, say_json
from consigne.cli.people import By
from consigne.wiring import Parts
from registry.clock import PARIS
from registry.codes import Language
from registry.database import Transaction
from registry.errors import RefusedError
from registry.sessions import file_of
from registry.tables import Evaluator, Grant, User
from sharing import grants, posting, signing_in

app = typer.Typer()
evaluator_app = typer.Typer(help="Members of the technical evaluation committee (CTE).", no_args_is_help=True)


@evaluator_app.command("add")
def add(
    name: Annotated[str, typer.Argument()],
    mail: Annotated[str, typer.Argument()],
    employer: Annotated[str, typer.Option(help="Who the evaluator works for.")],
    language: Annotated[Language, typer.Option()] = Language.FR,
    by: By = None,
) -> None:
    """Enrol a member of the committee. Nobody is written to until a recording is assigned."""
    with centre() as parts:
        with parts.database.reading() as session:
            who = actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            made = grants.enrol(tx, name=name, mail=mail, employer=employer, language=language)
        say(f"evaluator enrolled as {made.id}")


@evaluator_app.command("list")
def show(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the members of the committee, and what each may hear."""
    with centre() as parts, parts.database.reading() as session:
        for one in grants.everyone(session):
            held = len(grants.holding(session, one.id, parts.clock.now()))
            if as_json:
                told = {"evaluator": one.id, "name": one.name, "mail": one.mail, "employer": one.employer, "active": one.active}
                say_json(told | {"recordings": held})
            else:
                say(f"{one.mail}  {one.name}  {one.employer}  {held} recordings{'' if one.active else '  inactive'}")


@evaluator_app.command("retire")
def retire(
    evaluator: Annotated[str, typer.Argument(metavar="MAIL", help="The evaluator's address, or identifier.")],
    by: By = None,
) -> None:
    """End an evaluator's access, at once and to everything."""
    with centre() as parts:
        with parts.database.reading() as session:
            found, who = grants.evaluator_by(session, evaluator), actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            grants.retire(tx, found.id)
        say(f"{found.id} hears nothing more")


@app.command("assign")
def assign(
    evaluator: Annotated[str, typer.Argument(help="The evaluator's address, or identifier.")],
    recordings: Annotated[list[str], typer.Argument(metavar="RECORDING...", help="Each as SESSION/REFERENCE, or by its identifier.")],
    first: Annotated[str | None, typer.Option("--from", metavar="DATE", help="The first day; from now on, if it is not said.")] = None,
    last: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="The last day, included; a week after the hearing, if it is not said.")
    ] = None,
    revoke: Annotated[bool, typer.Option("--revoke", help="Take them back instead, at once.")] = False,
    by: By = None,
) -> None:
    """Give recordings to an evaluator, for a window of time, and send one mail with a personal link. All of them, or none."""
    with centre() as parts:
        with parts.database.reading() as session:
            found, who = grants.evaluator_by(session, evaluator), actor(session, by)
        days = a_date(first, "--from") if first else None, a_date(last, "--until") if last else None
        with parts.database.transaction(parts.clock.now(), who) as tx:
            lines = _revoke(tx, found, recordings) if revoke else _assign(parts, tx, found, recordings, days)
        for line in lines:
            say(line)
        if not revoke:
            folders.send_now(parts)


def _assign(parts: Parts, tx: Transaction, evaluator: Evaluator, keys: Sequence[str], days: tuple[date | None, date | None]) -> list[str]:
    signing_in.check_address(parts.centre.portal_url)
    given: list[Grant] = []
    lines = []
    for key in keys:
        recording = grants.recording_by(tx.session, key)
        file = file_of(tx.session, recording.dossier_id)
        when = grants.window(file.dossier.hearing_at, tx.now, *days)
        made = grants.assign(tx, evaluator.id, recording.id, when)
        given.append(made.grant)
        tx.session.flush()
        if evaluator.employer.casefold() == file.candidate.employer.casefold():
            typer.echo(f"consigne: {key}: the evaluator and the candidate have the same employer; look whether that may be", err=True)
        ends = made.grant.closes_at.astimezone(PARIS)
        lines.append(f"{recording.id} {'assigned' if made.new else 'was assigned before'} until {ends:%Y-%m-%d %H:%M} (Paris)")
    posting.available(tx, parts.centre, given)
    return [*lines, "a mail with a personal link is on its way"]


def _revoke(tx: Transaction, evaluator: Evaluator, keys: Sequence[str]) -> list[str]:
    lines = []
    for key in keys:
        recording = grants.recording_by(tx.session, key)
        if not grants.revoke(tx, evaluator.id, recording.id):
            raise RefusedError(f"{key} is not assigned to this evaluator: nothing was changed")
        lines.append(f"{recording.id} taken back")
    return lines


@app.command("listen")
def listen(
    recording: Annotated[str, typer.Argument(metavar="RECORDING", help="As SESSION/REFERENCE, or by its identifier.")],
    by: Annotated[str, typer.Option("--by", metavar="MAIL", help="The coordinator who is to listen.")],
) -> None:
    """Send a coordinator the link to a recording that awaits a review. The link is in the mail only, and listening is logged."""
    with centre() as parts:
        with parts.database.reading() as session:
            found, who = grants.recording_by(session, recording), actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            posting.to_review(tx, parts.centre, tx.session.get_one(User, who), found)
        say("a mail with a personal link is on its way")
        folders.send_now(parts)
