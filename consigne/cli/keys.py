"""The keys of a centre, from the command line: rotate them, see what each still opens."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from consigne import rotating
from consigne.cli.common import ask_passphrase, centre, parts, say, say_json, secret_of
from consigne.cli.journal import journal_errors
from storage.wrapping import new_passphrase

app = typer.Typer(help="The keys of this centre: rotate them, see what each still opens.", no_args_is_help=True)


class Rotated(StrEnum):
    """What can be rotated."""

    IDENTITY = "identity"
    PASSPHRASE = "passphrase"  # noqa: S105 - a word of the command line
    LOG = "log"


@app.command("rotate")
def rotate(
    what: Annotated[
        Rotated, typer.Argument(help="identity: for new recordings; passphrase: around it; log: what signs the journal.")
    ] = Rotated.IDENTITY,
    recovery_passphrase_file: Annotated[Path | None, typer.Option(help="identity: the passphrase of its new recovery copy.")] = None,
) -> None:
    """Rotate a key, while nothing runs. No sealed recording is touched."""
    from consigne.running import only_one  # noqa: PLC0415 - a second of imports that the other commands need not wait for

    with centre() as made, only_one(made.settings.home), journal_errors():
        match what:
            case Rotated.IDENTITY:
                words = (
                    secret_of(recovery_passphrase_file) if recovery_passphrase_file else ask_passphrase("Passphrase of its recovery copy")
                )
                identity, copy = rotating.rotate_identity(made, words or (drawn := new_passphrase()))
                say(f"new recordings are sealed to {identity}; the old identity stays until its last recording is gone (keys list)")
                say(f"move {copy} to a place that is not this machine, and delete it here; keep the old copy too")
                if not words:
                    say(f"its passphrase, shown this once: {drawn}")
            case Rotated.PASSPHRASE:
                say(f"{rotating.rotate_passphrase(made)} identities are wrapped with a new passphrase; the old one opens nothing any more")
            case Rotated.LOG:
                say(f"the journal is signed by another key from now on: {rotating.rotate_log_key(made)}")
                say("back signing/ up on its own, and publish the new public half where the old one stands")


@app.command("list")
def keys_list(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the identities at hand, and how many recordings each still opens."""
    with parts() as made:
        for one in rotating.holdings(made):
            if as_json:
                say_json({"identity": one.identity_id, "current": one.current, "keys": one.keys})
            else:
                say(f"{one.identity_id}  {one.keys} keys{'  current' if one.current else '' if one.keys else '  may be retired'}")


@app.command("retire")
def keys_retire(identity: Annotated[str, typer.Argument(help="As “keys list” shows it.")]) -> None:
    """Remove an old identity that opens nothing any more."""
    with centre() as made:
        rotating.retire(made, identity)
        say(f"{identity} is gone from this machine; destroy its offline copy too")
