"""The centre itself: make it, run it, ask how it is."""

import json
import shlex
from pathlib import Path
from typing import Annotated

import typer

from consigne import founding, logs
from consigne.cli.common import ask, ask_passphrase, attached, centre, parts, say, say_json, secret_of
from consigne.doctor import Light, examine
from consigne.founding import Founded, Told
from consigne.health import status_of
from consigne.promises import standing
from consigne.settings import web_address
from registry import addresses
from registry.clock import SystemClock

app = typer.Typer()
_LONGEST_GRACE = 366


@app.command("init")
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    name: Annotated[str | None, typer.Option(help="The centre's name.")] = None,
    contact_name: Annotated[str | None, typer.Option(help="The first coordinator: a name.")] = None,
    contact_mail: Annotated[str | None, typer.Option(help="And a mail address.")] = None,
    teams_link: Annotated[str | None, typer.Option(help="And a link that opens a Teams chat.")] = None,
    depots: Annotated[str | None, typer.Option(help="The shared folder.")] = None,
    mirror: Annotated[str | None, typer.Option(help="The second vault: best on another disk.")] = None,
    portal_url: Annotated[str | None, typer.Option(help="The address of the forms, as candidates reach it.")] = None,
    portal_port: Annotated[int, typer.Option(min=0, max=65535, help="Where the portal listens on this machine.")] = 8750,
    sender: Annotated[str | None, typer.Option(help="The address that mails come from.")] = None,
    mail_host: Annotated[str | None, typer.Option(help="The SMTP server; without one, mails are written as files.")] = None,
    postal_grace_days: Annotated[
        int | None,
        typer.Option(min=0, max=_LONGEST_GRACE, help="Days kept after the last day to contest, for letters on their way; 15 recommended."),
    ] = None,
    recovery_passphrase_file: Annotated[Path | None, typer.Option(help="The passphrase of the recovery copy.")] = None,
) -> None:
    """Make a centre. Asks, at a terminal, what only the centre can say; elsewhere takes options and defaults."""
    passphrase = secret_of(recovery_passphrase_file) if recovery_passphrase_file else None
    named = name or ask("Name of the centre", "Centre de certification")
    person = contact_name or ask("Name of the first coordinator", "La coordination")
    contact = contact_mail or ask("Mail address of the first coordinator", "coordination@centre.example", addresses.checked)
    told = Told(
        name=named,
        contact_name=person,
        contact_mail=contact,
        teams_link=teams_link,
        depots=depots or ask("Shared folder, for the deposits", "depots"),
        mirror=mirror or ask("Second vault, best on another disk", "mirror"),
        portal_url=portal_url or ask("Address of the forms, as candidates reach it", f"http://127.0.0.1:{portal_port}", web_address),
        portal_port=portal_port,
        sender=sender or ask("Address that mails come from", contact, addresses.checked),
        mail_host=mail_host or ask("SMTP server (empty: mails are written as files)", "") or None,
        recovery_passphrase=passphrase or ask_passphrase("Passphrase of the recovery copy"),
        postal_grace_days=_grace() if postal_grace_days is None else postal_grace_days,
    )
    made = founding.found(directory, told, SystemClock())
    _explain(made, given=told.recovery_passphrase is not None)


def _grace() -> int | None:
    """Ask for the days of postal grace; where nobody answers none are chosen, and ``doctor`` asks again."""
    told = ask("Days kept after the last day to contest, for letters on their way (15 recommended; empty: choose later)", "", _days)
    return int(told) if told else None


def _days(text: str) -> str:
    if text and not (text.isascii() and text.isdigit() and int(text) <= _LONGEST_GRACE):
        raise ValueError(f"{text!r} is no number of days: write 15, or 0 for none")
    return text


def _explain(made: Founded, *, given: bool) -> None:
    say(f"the centre is made in {made.home}")
    say(f"1. move {made.recovery_copy} to a place that is not this machine, and delete it here")
    if given:
        say("2. keep its passphrase elsewhere still: both together open every recording that exists")
    else:
        say(f"2. its passphrase, shown this once: {made.recovery_passphrase}")
        say("   write it down, keep it elsewhere still: both together open every recording that exists")
    home = shlex.quote(str(made.home))
    say(f"3. consigne --home {home} doctor   says what is left to settle")
    say(f"4. consigne --home {home} up       runs the centre")


@app.command("up")
def up() -> None:
    """Run everything: watcher, workers, sweeps, portal, embedded store. Stops cleanly at Ctrl-C or SIGTERM."""
    from consigne.running import Running, only_one  # noqa: PLC0415 - a second of imports that the other commands need not wait for

    with parts() as made, only_one(made.settings.home), Running(made) as running:
        say(json.dumps({"ready": True, "portal": running.portal_url, "depots": str(made.share.root)}))
        running.wait()


@app.command("work")
def work() -> None:
    """Run a further watcher with its workers beside a running centre; the database settles who does what."""
    from consigne.running import Running  # noqa: PLC0415 - a second of imports that the other commands need not wait for

    with parts() as made, attached(made), Running(made, portal=False, store=False) as running:
        say(json.dumps({"ready": True, "depots": str(made.share.root)}))
        running.wait()


@app.command("portal")
def portal() -> None:
    """Run the web pages only."""
    from consigne.running import Running  # noqa: PLC0415 - a second of imports that the other commands need not wait for

    with parts() as made, Running(made, watch=False, store=False) as running:
        say(json.dumps({"ready": True, "portal": running.portal_url}))
        running.wait()


@app.command("status")
def status(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Say how the centre is: sessions, what waits, what is not well. Exit 3 when something is not well."""
    with centre() as made:
        found = status_of(made)
        if as_json:
            say_json(found.to_json())
        else:
            for line in found.lines():
                say(line)
        if found.troubles:
            raise typer.Exit(3)


@app.command("doctor")
def doctor(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Check this installation: each red line with its remedy, and which promises hold here. Exit 1 when a line is red."""
    with centre() as made, attached(made):
        found = examine(made)
        for one in found:
            if as_json:
                say_json({"check": one.check, "light": str(one.light), "said": one.said, "remedy": one.remedy})
            else:
                say(f"{one.light.upper():<6} {one.check}: {one.said}" + (f"  -> {one.remedy}" if one.remedy else ""))
        for kept in standing(made, found):
            if as_json:
                say_json({"promise": kept.promise.id, "said": kept.promise.sentence, "holds": kept.holds, "note": kept.note})
            else:
                said = "holds" if kept.holds else "DOES NOT HOLD HERE"
                say(f"{kept.promise.id:<4} {said}: {kept.promise.sentence}" + (f"  ({kept.note})" if kept.note else ""))
        if any(one.light is Light.RED for one in found):
            raise typer.Exit(1)


@app.command("demo")
def demo(
    keep: Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Make it here, in a new or empty directory.")] = None,
    portal: Annotated[bool, typer.Option("--portal", help="Leave the forms open until Ctrl-C.")] = False,
) -> None:
    """Play a whole life on the embedded parts, from deposits to proofs, in about two minutes. Exit 1 unless all went as expected."""
    from consigne import demo as demonstration  # noqa: PLC0415 - a second of imports that the other commands need not wait for
    from consigne.running import Running  # noqa: PLC0415 - a second of imports that the other commands need not wait for

    logs.quiet()
    if not demonstration.run(keep.absolute() if keep else None, say, Running.wait if portal else None):
        raise typer.Exit(1)
