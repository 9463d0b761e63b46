"""Backup, restore and what is looked at so that neither comes as a surprise, from the command line."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import structlog
import typer
from sqlalchemy.exc import DatabaseError

from consigne import safety
from consigne.cli.common import ask_passphrase, attached, centre, parts, say, say_json, secret_of
from consigne.cli.journal import journal_errors
from consigne.errors import ConsigneError, RefusedHereError, WrongUseError
from consigne.folders import send_now
from consigne.wiring import Parts
from registry import migrate
from registry.clock import PARIS
from registry.errors import DatabaseUnavailableError
from retention import safeguarding
from retention.backing_up import Backup
from retention.errors import AnchorError
from retention.gate import Outcome
from retention.recovering import DRILLED, RECOVERED, SUBJECT, Recovering
from retention.restoring import Restored
from storage.errors import StorageError

app = typer.Typer()
_log = structlog.get_logger()
AsJson = Annotated[bool, typer.Option("--json")]
_SHOWN = 20
_PAPERS = {
    "letter": "the registered letter and its postmark",
    "minutes": "the jury's minutes",
    "delivery": "the post's notice of delivery, or the candidate's signature",
    "client": "what the client wrote",
    "attestation": "the candidate's attestation",
    "roster": "the list of candidates",
    "planning": "the planning of the hearings, and the mails that told of it",
    "author": "whoever recorded it",
}


@app.command("backup")
def backup(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty directory.")],
    objects: Annotated[bool, typer.Option("--objects", help="The sealed recordings too: useless without the vault.")] = False,
    as_json: AsJson = False,
) -> None:
    """Write a backup: database, journal segments, settings without secrets. Never the vault, the mirror or a private half."""
    with centre() as made, journal_errors():
        if objects:
            with attached(made):
                manifest = safety.source(made, objects=True).back_up(directory.absolute(), made.clock.now())
        else:
            manifest = safety.source(made, objects=False).back_up(directory.absolute(), made.clock.now())
        size = sum(part.size for part in manifest.parts)
        if as_json:
            say_json({"directory": str(directory), "made_at": manifest.made_at, "entries": manifest.entries, "files": len(manifest.parts)})
        else:
            say(f"{directory}: {len(manifest.parts)} files, {size} bytes, {manifest.entries} entries of the journal")
            say("it holds names and addresses: keep it where only those who may read them come, and no longer than you said")


@app.command("restore")
def restore(
    directory: Annotated[Path | None, typer.Argument(metavar="DIR", help="A backup.")] = None,
    in_place: Annotated[
        bool, typer.Option("--in-place", help="The database is an older one, put back by hand: take it as the backup.")
    ] = False,
    reopen: Annotated[bool, typer.Option("--reopen", help="Segments are lost for good: go on under a new origin, which says so.")] = False,
    as_json: AsJson = False,
) -> None:
    """Restore from a backup. Nothing is served or destroyed afterwards until a named person has lifted its hold."""
    if (directory is None) is not in_place:
        raise WrongUseError("name a backup, or say --in-place")
    run(Backup.read(directory.absolute()) if directory else None, reopen=reopen, as_json=as_json, in_place=in_place)


@app.command("reconcile")
def reconcile(as_json: AsJson = False) -> None:
    """Compare database, objects, vaults and journal now: each count should be zero. Exit 1 when one is not. Nothing is deleted."""
    with centre() as made, attached(made):
        found = safety.compare(made)
        send_now(made)
    if as_json:
        say_json(found.to_json())
    else:
        for kind, items in found.found.items():
            say(f"{len(items):>6}  {kind}" + (f": {', '.join(items[:_SHOWN])}" if items else "") + (" …" if len(items) > _SHOWN else ""))
        say(
            f"{found.compared} recordings compared; "
            + ("nothing to say" if found.is_clean else "docs/operators.md says what to do for each")
        )
    if not found.is_clean:
        raise typer.Exit(1)


@app.command("scrub")
def scrub(
    rate: Annotated[int, typer.Option("--rate", min=0, metavar="MB", help="Megabytes a second; 0: as fast as can be.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Read every sealed recording again, and compare its hash. Goes on where it was stopped. Exit 1 when one is damaged."""
    with centre() as made, attached(made):
        done = safety.scrub(made, bytes_per_second=rate * 1_000_000).run(made.clock.now())
        safeguarding.tell_scrubbed(made.database, made.centre, done, made.clock.now())
        send_now(made)
    if as_json:
        damaged = [{"recording": one.recording_id, "object": one.object_key, "wrong": str(one.wrong)} for one in done.damaged]
        say_json({"objects": done.objects, "bytes": done.size, "damaged": damaged})
    else:
        for one in done.damaged:
            say(f"{one.recording_id}  {one.object_key}: {one.wrong}")
        say(f"{done.objects} objects read, {done.size} bytes, {len(done.damaged)} damaged")
    if done.damaged:
        raise typer.Exit(1)


@app.command("recover")
def recover(
    out: Annotated[Path | None, typer.Argument(metavar="OUT_DIR", help="Where the recordings are written, each as an MP3.")] = None,
    drill: Annotated[bool, typer.Option("--drill", help="The yearly rehearsal: open a sample, write nothing.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Make a new database from segments, keys and objects, without a backup.")
    ] = False,
    recording: Annotated[list[str] | None, typer.Option("--recording", metavar="ID", help="Only this recording. Repeatable.")] = None,
    copy: Annotated[list[Path] | None, typer.Option("--copy", metavar="FILE", help="The offline copy of the identity. Repeatable.")] = None,
    recovery_passphrase_file: Annotated[Path | None, typer.Option(help="The passphrase of the recovery copy.")] = None,
    reopen: Annotated[bool, typer.Option("--reopen", help="With --rebuild: segments are lost for good.")] = False,
    as_json: AsJson = False,
) -> None:
    """After a disaster: recordings from mirror, objects and the offline copy alone; or a new database without a backup."""
    if (out is not None) + drill + rebuild != 1:
        raise WrongUseError("say one thing: a directory to write recordings into, --drill, or --rebuild")
    if rebuild:
        with parts() as made:
            needed = not made.settings.path(made.settings.identity.private_file).exists()
            if needed or copy:
                words = _passphrase(recovery_passphrase_file)
                if safety.put_identity_back(made, safety.identity_from(_copies(made, copy)[-1], words)):
                    say("the identity's private half is back")
        run(None, reopen=reopen, as_json=as_json)
        return
    with parts() as made, attached(made):
        ready = safety.recovering(made, _copies(made, copy), _passphrase(recovery_passphrase_file))
        if out is None:
            _drill(made, ready, as_json=as_json)
        else:
            _recover(made, ready, out.absolute(), recording or [], as_json=as_json)


def _copies(made: Parts, told: list[Path] | None) -> list[Path]:
    return told or sorted((made.settings.home / "recovery").glob("identity-recovery*.json")) or [Path("identity-recovery.json")]


def _passphrase(file: Path | None) -> str:
    found = secret_of(file) if file else ask_passphrase("Passphrase of the recovery copy")
    if found is None:
        raise WrongUseError(
            "the recovery copy's passphrase is needed: type it at a terminal, or name its file (--recovery-passphrase-file)"
        )
    return found


def _drill(made: Parts, ready: Recovering, *, as_json: bool) -> None:
    found = ready.drill()
    identities = ",".join(one.identity_id for one in ready.identities[:3])
    _note(made, DRILLED, holds=found.holds, live=found.live, tried=found.tried, faults=len(found.faults), identity=identities[:128])
    if as_json:
        faults = [{"recording": one.recording_id, "attempt": one.attempt_id, "fault": str(one.fault)} for one in found.faults]
        say_json({"holds": found.holds, "live": found.live, "tried": found.tried, "heard": found.heard, "faults": faults})
    else:
        for one in found.faults:
            say(f"{one.recording_id}  {one.attempt_id}: {one.fault}")
        say(f"{found.tried} of {found.live} keys tried, {len(found.faults)} do not open; first chunk: {found.heard or 'none'}")
        say("holds: nothing was written" if found.holds else "DOES NOT HOLD: take another copy, or find out what happened to the mirror")
    if not found.holds:
        raise typer.Exit(1)


def _recover(made: Parts, ready: Recovering, out: Path, wanted: list[str], *, as_json: bool) -> None:
    done = []
    for one in ready.recover(out, wanted):
        done.append(one)
        if not as_json:
            compared = "compared with what was deposited" if one.compared else "nothing tells what was deposited"
            say(f"{one.recording_id}: {one.fault}" if one.fault else f"{one.recording_id}: {one.size} bytes, {compared}")
    failed = [one for one in done if one.fault is not None]
    _note(made, RECOVERED, recovered=len(done) - len(failed), failed=len(failed))
    if as_json:
        rows = [
            {
                "recording": one.recording_id,
                "file": one.file and one.file.name,
                "compared": one.compared,
                "fault": one.fault and str(one.fault),
            }
            for one in done
        ]
        say_json({"recovered": len(done) - len(failed), "failed": len(failed), "recordings": rows})
    else:
        say(f"{len(done) - len(failed)} recordings written into {out}, {len(failed)} could not be; delete them when they have served")
    if failed:
        raise typer.Exit(1)


def _note(made: Parts, kind: str, **facts: bool | int | str) -> None:
    """Write into the journal that sound left it, or that the rehearsal was held, where there is a journal to write into."""
    with suppress(DatabaseUnavailableError, DatabaseError):
        if migrate.is_current(made.database):
            with made.database.transaction(made.clock.now(), SUBJECT) as tx:
                tx.record(kind, SUBJECT, **facts)
            return
    typer.echo("consigne: there is no database, so the journal does not say that this was done: write it down", err=True)


def run(backup_: Backup | None, *, reopen: bool, as_json: bool, in_place: bool = False) -> None:
    """Restore from a backup, or without one; nothing else runs meanwhile."""
    from consigne.running import only_one  # noqa: PLC0415 - a second of imports that the other commands need not wait for

    with parts() as made, only_one(made.settings.home), journal_errors():
        made.log_key  # noqa: B018 - without it nothing could be signed afterwards: it is asked for before anything changes
        absent = safety.make_room(made)
        try:
            if in_place:
                migrate.upgrade(made.database)
            kept = safety.anchor_what_is_there(made)
            if backup_ is None and kept and safety.holds_recordings(made):
                raise RefusedHereError("the database is there, and sound: there is nothing to rebuild. If it is meant, move it away first")
            with attached(made):
                done = safety.restorer(made, backup_).restore(backup_, made.clock.now(), reopen=reopen, in_place=in_place)
                failed = _afterwards(made, done)
        except DatabaseError as error:
            raise RefusedHereError(f"the database cannot be written ({type(error).__name__}): move its file away, then restore") from error
        if as_json:
            say_json(_as_json(done, absent, failed))
        else:
            for line in _lines(done, absent, failed, kept=kept or in_place):
                say(line)
        if failed:
            raise typer.Exit(3)


def _afterwards(made: Parts, done: Restored) -> list[str]:
    """Tell the staff, send through the gate again what has a tombstone, and anchor; return what waits for the next sweep.

    What fails here is done later by the running centre: the list of what is to be entered again must be shown whatever happens.
    """
    failed = list(done.entombed)
    try:
        safeguarding.tell_restored(made.database, made.centre, done)
        failed = _send_again(made, done)
        made.anchors.anchor(made.clock.now())
        made.database.forget()
    except (StorageError, DatabaseUnavailableError, AnchorError, ConsigneError) as error:
        typer.echo(f"consigne: restored, and then: {error}. The running centre goes on with it", err=True)
    return failed


def _send_again(made: Parts, done: Restored) -> list[str]:
    """Send through the gate again what has a tombstone; return what did not come to its end, which the next sweep goes on with."""
    swept = made.destroyer().repeat(done.entombed)
    for one in swept.ended:
        _log.info("destruction.repeated", recording=one.recording_id, outcome=str(one.outcome), why=one.why)
    fine = {Outcome.REPEATED, Outcome.DESTROYED, Outcome.SETTLED}
    return [one.recording_id for one in swept.ended if one.outcome not in fine]


def _as_json(done: Restored, absent: list[str], failed: list[str]) -> dict[str, Any]:
    return {
        "hold": done.hold_id,
        "backup_of": done.backup_of,
        "imported": done.imported,
        "lost": done.lost,
        "made": absent,
        "repaired": [{"attempt": one.attempt_id, "repair": str(one.repair)} for one in done.repairs],
        "rebuilt": done.rebuilt.recordings,
        "pseudonyms": done.rebuilt.candidates,
        "untold": done.rebuilt.untold,
        "caught_up": list(done.caught_up),
        "destroyed_again": [one for one in done.entombed if one not in failed],
        "not_destroyed_yet": failed,
        "uncertain_mails": done.uncertain,
        "again": [one.to_json() for one in done.again],
    }


def _lines(done: Restored, absent: list[str], failed: list[str], *, kept: bool) -> Iterator[str]:
    origin = f"the backup of {done.backup_of.astimezone(PARIS):%Y-%m-%d %H:%M}" if done.backup_of else "segments, keys and objects alone"
    yield f"restored from {origin}; {done.imported} entries imported" + ("" if kept else "; what was in the database before is not kept")
    if absent:
        yield f"made anew, since absent: {', '.join(absent)}"
    for one in done.repairs:
        yield f"{one.attempt_id}: {one.repair}"
    if done.lost:
        yield f"the journal was reopened: {done.lost} entries are lost, and every verification will say so"
    yield f"{len(done.rebuilt.recordings)} recordings rebuilt, {len(done.caught_up)} brought up to date, {done.uncertain} mails uncertain"
    for candidate in done.rebuilt.candidates:
        yield f"{candidate}: known by pseudonym only; enter the name again"
    for attempt in done.rebuilt.untold:
        yield f"{attempt}: its key is held, and no entry tells of it: “consigne recover” writes the recording"
    yield f"{len(done.entombed) - len(failed)} destroyed recordings were destroyed again" + (
        f", {len(failed)} wait for the next sweep" if failed else ""
    )
    yield f"{len(done.again)} facts to enter again:"
    for fact in done.again:
        about = f"  {fact.about}" if fact.about else ""
        yield f"  {fact.index:>7}  {fact.at.astimezone(PARIS):%Y-%m-%d %H:%M}  {fact.kind}  {fact.subject}{about}"
        yield f"           {fact.command}; from {_PAPERS[fact.papers]}"
    yield f"nothing is served or destroyed until a named person lifts {done.hold_id}: consigne release {done.hold_id} --reason … --by …"
