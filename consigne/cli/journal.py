"""The journal, from the command line: export it, verify an export anywhere, reopen it after a loss."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, BinaryIO

import structlog
import typer
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from consigne.cli.common import actor, centre, say, say_json
from consigne.errors import OutsideError, RefusedHereError, WrongUseError
from journal import checkpoints, export, log
from journal.checkpoint import Signed
from journal.errors import JournalDamagedError, JournalError, JournalRefusedError
from journal.verify import Report, verify
from retention.anchors import every_outside, newest_outside, reopen
from retention.errors import AnchorError
from storage.errors import StorageError
from storage.signing import parse_public

app = typer.Typer(help="The tamper-evident journal.", no_args_is_help=True)
_SHOWN = 50
_NOTE = re.compile(r"^(\S+)\s+([0-9]+)\s+([A-Za-z0-9+/=]{44})\s+\u2014 (\S+) ([A-Za-z0-9+/=]{92})\s*$", re.MULTILINE)
_LINE = re.compile(r"^consigne-log-1:\S+$", re.MULTILINE)

Key = Annotated[str, typer.Option("--key", metavar="PUB", help="The log key: its line consigne-log-1:…, a file that holds it, or a PEM.")]


@app.command("export")
def export_(file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it; nothing is written over.")]) -> None:
    """Sign the journal as it stands, and write all of it into one file. It holds nothing personal."""
    with centre() as made, journal_errors():
        now = made.clock.now()
        with suppress(StorageError, AnchorError, JournalDamagedError):  # what is down, or wrong, is the more reason to show what there is
            made.anchors.anchor(now)
        with made.database.reading() as session, _new_file(file) as descriptor:
            kept = checkpoints.newest(session.connection())
            for line in export.lines(session.connection()):
                descriptor.write(line)
        say(f"{file} written: {kept.size if kept else 0} entries, signed")


@app.command("verify")
def verify_(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What “journal export” wrote.")],
    key: Key,
    checkpoint: Annotated[
        list[Path] | None, typer.Option("--checkpoint", metavar="F", help="An older checkpoint, such as a daily mail holds. Repeatable.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Verify an export: needs no centre, no database. Exit 0 only if all holds; else says what is wrong, and at which index."""
    public = log_key(key)
    older = [_older(path) for path in checkpoint or ()]
    try:
        with file.open("rb") as opened:
            report = verify(opened, public, older)
    except OSError as error:
        raise OutsideError(f"{file} cannot be read ({error.strerror})") from error
    if as_json:
        say_json(_as_json(report))
    else:
        for line in _as_lines(report):
            say(line)
    if not report.holds:
        raise typer.Exit(1)


@app.command("reopen")
def reopen_(
    by: Annotated[str | None, typer.Option("--by", metavar="MAIL", help="The address of the member of the staff who acts.")] = None,
) -> None:
    """Go on under a new origin after a restore, when entries that were signed are lost for good. The journal says so for ever."""
    with centre() as made, journal_errors():
        now = made.clock.now()
        with made.database.reading() as session:
            known = checkpoints.read_terms(session.connection())
            size = log.size(session.connection())
            outside = newest_outside(made.anchor_places, parse_public(made.settings.identity.log_public), known)
            ours = [one.checkpoint for one in outside if size and one.checkpoint.origin == known.origin_at(size)]
            who = actor(session, by)
        if not ours:
            raise RefusedHereError("no checkpoint of this journal is outside: nothing says that anything is lost")
        with made.database.transaction(now, who) as tx:
            lost = reopen(tx, max(ours, key=lambda one: one.size), every_outside(made.anchor_places))
        with suppress(StorageError):  # the sweep will write there
            made.anchors.anchor(now)
        structlog.get_logger().warning("journal.reopened", index=size, lost=lost)
        say(f"reopened after {size} entries: {lost} that were signed are lost, and every verification will say so")


def log_key(told: str) -> Ed25519PublicKey:
    """Read the log key's public half: its line, or a file that holds it, or a PEM.

    Raises:
        WrongUseError: it is none of these.
    """
    try:
        if told.startswith("consigne-log-1:"):
            return parse_public(told)
        text = Path(told).read_text("utf-8")
        if "BEGIN PUBLIC KEY" in text:
            found = load_pem_public_key(text.encode())
            if isinstance(found, Ed25519PublicKey):
                return found
        elif line := _LINE.search(text.replace("\r", "")):
            return parse_public(line[0])
    except (OSError, ValueError, StorageError, UnsupportedAlgorithm) as error:
        raise WrongUseError("--key: no log key can be read there: give the line consigne-log-1:… whole, or a file that holds it") from error
    raise WrongUseError("--key: this file holds no log key: it has a line consigne-log-1:…, or is an Ed25519 key in PEM")


def _older(path: Path) -> Signed:
    """Read a checkpoint from a file: a note alone, or a text such as a mail that holds one."""
    try:
        data = path.read_bytes()
        with suppress(JournalRefusedError):
            return Signed.decode(data)
        found = _NOTE.search(data.decode("utf-8").replace("\r", ""))
        if found is None:
            raise WrongUseError(f"{path} holds no checkpoint: copy it whole, with the empty line and the signature under it")
        return Signed.decode("{}\n{}\n{}\n\n\u2014 {} {}\n".format(*found.groups()).encode())
    except (OSError, UnicodeDecodeError, JournalRefusedError) as error:
        raise WrongUseError(f"{path} cannot be read as a checkpoint: copy it whole, as text") from error


def _as_lines(report: Report) -> Iterator[str]:
    yield f"{report.size} entries, {report.checkpoints} checkpoints, {report.rotations} changes of key: {report.origin or 'no journal'}"
    for one in report.reopenings:
        yield f"{one.index:>8}  reopened: entries {one.index} to {one.old.size - 1} of {one.old.origin} are lost, as the journal says"
    for fault in report.faults[:_SHOWN]:
        yield f"{fault.index:>8}  {fault.kind}: {fault.detail}"
    if len(report.faults) > _SHOWN:
        yield f"{len(report.faults) - _SHOWN} faults more"
    yield "holds" if report.holds else "DOES NOT HOLD"


def _as_json(report: Report) -> dict[str, object]:
    return {
        "holds": report.holds,
        "size": report.size,
        "origin": report.origin,
        "root": report.root.hex(),
        "checkpoints": report.checkpoints,
        "rotations": report.rotations,
        "reopenings": [{"index": one.index, "lost": one.lost, "old_origin": one.old.origin} for one in report.reopenings],
        "faults": [{"index": fault.index, "kind": str(fault.kind), "detail": fault.detail} for fault in report.faults],
    }


@contextmanager
def journal_errors() -> Iterator[None]:
    """Say what the journal raises as the command line does.

    Raises:
        RefusedHereError: it was refused, or is damaged.
    """
    try:
        yield
    except JournalDamagedError as error:
        raise RefusedHereError(f"the journal is damaged: {error}") from error
    except JournalError as error:
        raise RefusedHereError(str(error)) from error


@contextmanager
def _new_file(file: Path) -> Iterator[BinaryIO]:
    """Give a file that appears whole, under its name, or not at all."""
    part = file.with_name(f"{file.name}.part")
    try:
        with part.open("xb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.link(part, file)
    except FileExistsError as error:
        raise RefusedHereError(f"{error.filename2 or error.filename} exists: nothing was written over it") from error
    except OSError as error:
        raise OutsideError(f"{file} cannot be written ({error.strerror})") from error
    finally:
        part.unlink(missing_ok=True)
