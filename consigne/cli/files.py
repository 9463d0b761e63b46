"""Files from the command line: inspect them, bring one, decide about one, import attestations."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from consent.template import attestations_csv, attestations_workbook
from consigne import folders
from consigne.cli.common import a_date, actor, attached, centre, dossier_by, say, say_json, session_by, write_template
from consigne.errors import OutsideError, RefusedHereError
from intake import bringing, reviewing
from intake.claims import Bringer
from intake.confine import Pool
from intake.errors import IntakeError, MustWaitError, NotRegularError, UnreadableError
from intake.importing import Importer
from intake.mp3.confined import JUDGE, judge_task
from intake.mp3.inspection import Inspection, inspect_file
from intake.mp3.limits import Limits
from intake.reviewing import Decision
from intake.rules import call_date_codes
from registry import schemes
from registry.clock import SystemClock, civil_date
from registry.codes import Answer, Code, Verdict
from registry.recordings import of_dossier
from registry.states import RecordingState
from registry.tables import Deposit

app = typer.Typer()
consent_app = typer.Typer(help="Attestations of the client's consent.", no_args_is_help=True)

By = Annotated[str | None, typer.Option("--by", metavar="MAIL", help="The address of the member of the staff who acts.")]


@app.command("inspect")
def inspect(
    files: Annotated[list[Path], typer.Argument(metavar="FILE|DIR...")],
    call_date: Annotated[str | None, typer.Option("--call-date", metavar="DATE", help="When the call took place.")] = None,
    hearing: Annotated[str | None, typer.Option("--hearing", metavar="DATE", help="When the candidate is heard.")] = None,
    summary: Annotated[bool, typer.Option("--summary", help="Count the codes, name no file.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One document a file, a line each.")] = False,
) -> None:
    """Judge files without keeping them. Needs no centre. Exit 1 when at least one is refused."""
    call = a_date(call_date, "--call-date") if call_date else None
    heard = a_date(hearing, "--hearing") if hearing else None
    limits = Limits()
    verdicts: Counter[str] = Counter()
    codes: Counter[str] = Counter()
    with Pool({JUDGE: judge_task(limits)}, size=1) as pool:
        for path in _files(files):
            told = _inspected(path, pool, limits, call, heard)
            verdicts[told["verdict"]] += 1
            codes.update([*told["reasons"], *told["warnings"]])
            if not summary:
                say_json(told) if as_json else say(_line(told))
    if summary:
        counted = {"files": verdicts.total(), "verdicts": dict(sorted(verdicts.items())), "codes": dict(codes.most_common())}
        say_json(counted) if as_json else say(_table(counted))
    if verdicts[Verdict.REJECT]:
        raise typer.Exit(1)


def _files(given: list[Path]) -> Iterator[Path]:
    for path in given:
        if path.is_dir():
            yield from sorted(one for one in path.rglob("*") if one.is_file() and not one.name.startswith("."))
        else:
            yield path


def _inspected(path: Path, pool: Pool, limits: Limits, call: date | None, heard: date | None) -> dict[str, Any]:
    today = civil_date(SystemClock().now())
    try:
        found = inspect_file(path, pool, limits, hearing=heard, call_date=call, today=today)
    except (NotRegularError, UnreadableError) as error:
        typer.echo(f"consigne: {error}", err=True)
        found = Inspection(str(path), 0, None)
        code = Code.LINK if isinstance(error, NotRegularError) else Code.UNREADABLE
        return found.to_json() | {"reasons": [code.value], "size_bytes": None}
    told = found.to_json()
    rules = schemes.load("cqp-ce").recording
    if call is not None and rules is not None:
        dated = [str(code) for code in call_date_codes(call, hearing_on=heard or date.max, today=today, rules=rules)]
        dated = dated if heard is not None else [code for code in dated if code != Code.TOO_OLD]
        if dated:
            told |= {"verdict": Verdict.REJECT.value, "reasons": [*dated, *told["reasons"]]}
    return told


def _line(told: dict[str, Any]) -> str:
    seconds = told["duration_seconds"]
    length = "" if seconds is None else f"  {int(seconds // 60)} min {seconds % 60:04.1f} s"
    codes = " ".join([*told["reasons"], *(f"({code})" for code in told["warnings"])])
    return f"{told['verdict']:<7} {told['file']}{length}  {codes}".rstrip()


def _table(counted: dict[str, Any]) -> str:
    rows = [f"{counted['files']} files", *(f"  {name:<10} {count}" for name, count in counted["verdicts"].items())]
    return "\n".join([*rows, *(f"  {code:<16} {count}" for code, count in counted["codes"].items())])


@app.command("deposit")
def deposit(
    file: Annotated[Path, typer.Argument(help="The recording, anywhere on this machine; it stays where it is.")],
    dossier: Annotated[str, typer.Option("--dossier", metavar="SESSION/REFERENCE")],
    reason: Annotated[str, typer.Option("--reason", help="How it came, and why not through the folder.")],
    by: By = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Take in a recording that came another way, as if it had been dropped into the folder."""
    with centre() as parts:
        with parts.database.reading() as session:
            about, who = dossier_by(session, dossier), actor(session, by)
        bringer = Bringer(who, reason, about.dossier.id)
        share, sighting = bringing.sighting_of(file.absolute(), bringer, parts.clock.now())
        try:
            with attached(parts):
                brought = bringing.bring(parts.intake(share), sighting)
        except MustWaitError as error:
            raise OutsideError(f"nothing was taken in: {error}; try again later") from error
        except IntakeError as error:
            raise RefusedHereError(f"nothing was taken in: {error}") from error
        folders.write_now(parts)
        with parts.database.reading() as session:
            row = session.get(Deposit, brought.deposit_id) if brought.deposit_id else None
        recording = brought.recording
        codes = recording.codes if recording else [row.code] if row and row.code else []
        told = {
            "outcome": str(brought.outcome),
            "recording_id": recording.id if recording else None,
            "answer": str(recording.answer) if recording else None,
            "codes": codes,
            "receipt_number": recording.receipt_number if recording else None,
        }
        say_json(told) if as_json else say(f"{brought.outcome}: {told['answer'] or 'not taken'} {' '.join(codes)}".rstrip())
        if not as_json and recording is not None:
            say("now delete your own copy of the file, and the mail it came with")
        if recording is None or recording.answer is Answer.REFUSED:
            raise typer.Exit(1)


@app.command("review")
def review(
    recording: Annotated[str, typer.Argument(metavar="RECORDING|SESSION/REFERENCE")],
    decision: Annotated[Decision, typer.Argument()],
    reason: Annotated[str, typer.Option("--reason", help="Why; the candidate reads it when you refuse.")],
    by: By = None,
) -> None:
    """Accept or refuse a recording that software sent to a person."""
    with centre() as parts:
        with parts.database.reading() as session:
            who = actor(session, by)
            if not recording.startswith("rec_"):
                waiting = [r for r in of_dossier(session, dossier_by(session, recording).dossier.id) if r.state is RecordingState.TO_REVIEW]
                if not waiting:
                    raise RefusedHereError(f"no recording of {recording} waits for a review: “consigne status” lists those that do")
                if len(waiting) > 1:
                    raise RefusedHereError(
                        f"several recordings of {recording} wait: name one by its id, {', '.join(one.id for one in waiting)}"
                    )
                recording = waiting[0].id
        with parts.database.transaction(parts.clock.now(), who) as tx:
            done = reviewing.review(tx, recording, decision, reason, parts.answering)
            say(f"{done.id}: {done.state}")
        folders.write_now(parts)


@consent_app.command("template")
def template(file: Annotated[Path, typer.Argument(help="Where to write it: .xlsx or .csv.")]) -> None:
    """Write the workbook to type attestations into; its second sheet explains each column."""
    write_template(file, attestations_workbook, attestations_csv)
    say(f"{file} written: fill it in, then “consigne consent import {file} --session SESSION”")


@consent_app.command("import")
def import_consents(
    file: Annotated[Path, typer.Argument(help="A workbook or CSV, as “consent template” explains; or a TOML, JSON or PDF.")],
    session: Annotated[str, typer.Option("--session", metavar="SESSION", help="The session whose candidates it speaks of.")],
    by: By = None,
) -> None:
    """Import attestations that the centre received or typed in; each bad line is reported with its number."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OutsideError(f"{file} cannot be read ({error.strerror})") from error
    with centre() as parts:
        with parts.database.reading() as reading:
            evaluation, who = session_by(reading, session), actor(reading, by)
        importer = Importer(parts.database, parts.answering, parts.notices, parts.clock)
        result = importer.take(evaluation, data, file.suffix.lower().removeprefix("."), who)
        folders.write_now(parts)
        for sentence in result.sentences():
            typer.echo(sentence, err=True)
        if result.unread:
            say(f"{file} refused: nothing was read from it")
        say(f"{result.kept} kept, {result.known} known already, {result.refused} refused")
        if result.refused:
            raise typer.Exit(1)
