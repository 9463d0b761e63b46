"""Decisions and notifications from the command line, one dossier or a whole session; and the second person who confirms."""

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from consigne.cli.common import a_date, centre, say, say_json, session_by, write_template
from consigne.cli.recording import By, One, Why, YesOld, dossier_id, record, two_people
from consigne.errors import OutsideError, RefusedHereError, WrongUseError
from consigne.wiring import Parts
from registry import confirming, decisions, notifying, sessions
from registry.codes import Language
from registry.database import Transaction
from registry.decision_sheet import DecisionLine, decisions_csv, decisions_workbook, read_decisions
from registry.errors import RefusedError
from registry.notifying import Said
from registry.phrases import typeset
from registry.tables import Channel, Decision, Notification, Proof, User
from registry.versions import Change, Told
from registry.waiting import Waiting, waiting

app = typer.Typer()
_WAITS = "; it counts once a second person has confirmed it (consigne confirm {})"


@app.command("decide")
def decide(
    dossier: Annotated[str | None, typer.Argument(metavar="SESSION/REFERENCE")] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DATE", help="The day of the jury's decision.")] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="SESSION", help="A whole session, from a list.")] = None,
    source: Annotated[Path | None, typer.Option("--from", metavar="FILE", help="The list: a workbook (.xlsx) or CSV.")] = None,
    template: Annotated[Path | None, typer.Option("--template", metavar="FILE", help="Write the list to fill in: .xlsx or .csv.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw the decision, with its notification.")] = False,
    reason: Why = None,
    yes_old: YesOld = False,
    by: By = None,
) -> None:
    """Record the day of the jury's decision, never its result: for one dossier, or with the notifications of a session from a list."""
    if dossier is None and session is not None and (source is None) != (template is None) and not withdraw and on is None:
        with centre() as parts:
            _write_list(parts, session, template) if template else _import(parts, session, source, reason, by, yes_old=yes_old)
        return
    if dossier is None or session is not None or source is not None or template is not None or (on is None) != withdraw:
        raise WrongUseError("give SESSION/REFERENCE with --on DATE or --withdraw, or --session S with --from FILE or --template FILE")
    with centre() as parts:
        one = dossier_id(parts, dossier)
        if on is None:
            if reason is None:
                raise WrongUseError("say why the decision is withdrawn (--reason)")
            gone = record(parts, by, lambda tx, _: decisions.withdraw(tx, one, reason))
            say(f"the decision of {gone.decided_on} is withdrawn, and its notification")
            return
        day = a_date(on, "--on")
        told = record(
            parts,
            by,
            lambda tx, old: decisions.record(tx, one, day, two_people=two_people(parts), old_meant=old, reason=reason),
            old_meant=yes_old,
        )
        _say_told("decision", told)


@app.command("notify")
def notify(
    dossier: One,
    channel: Annotated[Channel | None, typer.Option(help="How it was sent.")] = None,
    sent: Annotated[str | None, typer.Option(metavar="DATE", help="When it was sent.")] = None,
    handed_over: Annotated[str | None, typer.Option(metavar="DATE", help="When the candidate received it.")] = None,
    proof: Annotated[Proof | None, typer.Option(help="What proves it; without proof, no delay runs.")] = None,
    unclaimed: Annotated[bool, typer.Option("--unclaimed", help="The letter came back unclaimed.")] = False,
    correct: Annotated[bool, typer.Option("--correct", help="The day of sending was wrong: this is no second letter.")] = False,
    reasoned_date: Annotated[str | None, typer.Option(metavar="DATE", help="After two unclaimed letters; takes two people.")] = None,
    withdraw: Annotated[bool, typer.Option("--withdraw", help="Withdraw the notification.")] = False,
    reason: Why = None,
    yes_old: YesOld = False,
    by: By = None,
) -> None:
    """Record how and when the decision reached the candidate. What is left out keeps what was said before."""
    said = Said(
        channel,
        a_date(sent, "--sent") if sent else None,
        a_date(handed_over, "--handed-over") if handed_over else None,
        proof,
        unclaimed or None,
    )
    if (bool(said), reasoned_date is not None, withdraw).count(True) != 1:
        raise WrongUseError("say how the notification went (--channel, --sent, --handed-over, --proof, --unclaimed), or withdraw it")
    with centre() as parts:
        one = dossier_id(parts, dossier)
        if said:

            def act(tx: Transaction, old: bool) -> Told[Notification]:  # noqa: FBT001 - what recording calls it with
                return notifying.record(tx, one, said, two_people=two_people(parts), old_meant=old, correct=correct, reason=reason)

            _say_told("notification", record(parts, by, act, old_meant=yes_old))
            return
        if reason is None:
            raise WrongUseError("say why (--reason)")
        if reasoned_date is not None:
            day = a_date(reasoned_date, "--reasoned-date")
            told = record(parts, by, lambda tx, old: notifying.reason_date(tx, one, day, reason, old_meant=old), old_meant=yes_old)
            _say_told("notification", told)
        else:
            record(parts, by, lambda tx, _: notifying.withdraw(tx, one, reason))
            say("the notification is withdrawn: no delay runs until another one is recorded")


@app.command("confirm")
def confirm(
    ids: Annotated[list[str] | None, typer.Argument(metavar="ID...", help="What to confirm; without one, what waits is listed.")] = None,
    session: Annotated[str | None, typer.Option("--session", metavar="SESSION", help="Only what waits in this session.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that is listed.")] = False,
    refuse: Annotated[bool, typer.Option("--refuse", help="Turn it down: what counted before still does.")] = False,
    reason: Why = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
    by: By = None,
) -> None:
    """Confirm, as a second person, what somebody else recorded; or list what waits."""
    if refuse and reason is None:
        raise WrongUseError("say why it is turned down (--reason)")
    with centre() as parts:
        with parts.database.reading() as reading:
            listed = waiting(reading, session_by(reading, session).id if session else None)
            if not ids and not everything:
                for one in listed:
                    say_json(_as_json(one)) if as_json else say(_line(parts, one))
                return
        failed = 0
        for one_id in ids or [one.id for one in listed]:
            try:
                record(parts, by, partial(_settle, one_id, reason if refuse else None))
                say(f"{one_id}: {'refused' if refuse else 'confirmed'}")
            except RefusedError as error:
                failed += 1
                typer.echo(f"{one_id}: {error}", err=True)
        if failed:
            raise typer.Exit(1)


def _settle(one_id: str, refusal: str | None, tx: Transaction, _old: bool) -> None:  # noqa: FBT001 - what recording calls it with
    if refusal is None:
        confirming.confirm(tx, one_id)
    else:
        confirming.refuse(tx, one_id, refusal)


def _say_told(what: str, told: Told[Decision] | Told[Notification]) -> None:
    row = told.row
    more = _WAITS.format(row.id) if told.waits else ""
    if isinstance(row, Notification) and row.proof is None and not row.unclaimed:
        more += "; no proof is recorded yet, so no delay runs"
    say(f"{what} {row.id}: {told.change}{more}")


def _write_list(parts: Parts, code: str, file: Path) -> None:
    with parts.database.reading() as session:
        references = [one.dossier.folder for one in sessions.files_of(session, session_by(session, code).id)]
    write_template(file, lambda: decisions_workbook(references), lambda: decisions_csv(references))
    say(f"{file} written: fill it in, then “consigne decide --session {code} --from {file}”")


def _import(parts: Parts, code: str, file: Path | None, reason: str | None, by: str | None, *, yes_old: bool) -> None:
    if file is None:
        raise WrongUseError("name the list (--from)")
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OutsideError(f"{file} cannot be read ({error.strerror})") from error
    with parts.database.reading() as session:
        session_by(session, code)
    sheet = read_decisions(data)
    counts = dict.fromkeys(Change, 0)
    refused = [problem.sentence(Language.FR) for problem in sheet.problems if not problem.warning]
    for line in sheet.lines:
        try:
            counts[_take(parts, code, line, reason, by, yes_old=yes_old)] += 1
        except (RefusedError, RefusedHereError) as error:
            refused.append(typeset(f"Ligne {line.line} : ", Language.FR) + str(error))
    for sentence in [*(problem.sentence(Language.FR) for problem in sheet.problems if problem.warning), *refused]:
        typer.echo(sentence, err=True)
    said = ", ".join(f"{count} {name}" for name, count in counts.items())
    say(f"{said}; {len(refused)} refused" if refused else said)
    if refused:
        raise typer.Exit(1)


def _take(parts: Parts, code: str, line: DecisionLine, reason: str | None, by: str | None, *, yes_old: bool) -> Change:
    """Record what one line says, all or nothing."""
    one = dossier_id(parts, f"{code}/{line.reference}")
    two = two_people(parts)

    def act(tx: Transaction, old: bool) -> Change:  # noqa: FBT001 - what recording calls it with
        done = []
        if line.decided_on is not None:
            done.append(decisions.record(tx, one, line.decided_on, two_people=two, old_meant=old, reason=reason).change)
            tx.session.flush()
        if line.said:
            done.append(notifying.record(tx, one, line.said, two_people=two, old_meant=old, reason=reason).change)
        order = (Change.CORRECTED, Change.RECORDED, Change.COMPLETED)
        return next((change for change in order if change in done), Change.UNCHANGED)

    return record(parts, by, act, old_meant=yes_old)


def _as_json(one: Waiting) -> dict[str, object]:
    return {
        "id": one.id,
        "what": one.what,
        "session_id": one.session_id,
        "dossier_id": one.dossier_id,
        "recorded_by": one.recorded_by,
        "recorded_at": one.recorded_at,
        "says": dict(one.says),
        "until_then": dict(one.until_then),
    }


def _line(parts: Parts, one: Waiting) -> str:
    with parts.database.reading() as session:
        where = "" if one.dossier_id is None else sessions.file_of(session, one.dossier_id).dossier.folder
        author = session.get(User, one.recorded_by)
    says = " ".join(f"{name}={value}" for name, value in one.says.items())
    before = " ".join(f"{name}={value}" for name, value in one.until_then.items())
    by = author.name if author else one.recorded_by
    return f"{one.id}  {one.what}  {where}  {says}{f' (until then: {before})' if before else ''}  by {by}"
