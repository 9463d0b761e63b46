"""Sessions, candidates, staff and mails, from the command line."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from consigne import folders
from consigne.cli.common import a_date, actor, centre, say, say_json, session_by, write_template
from consigne.errors import OutsideError, RefusedHereError
from consigne.wiring import Parts
from intake import posting, reporting
from notifications import outbox
from notifications.report_pages import report_page
from notifications.reports import file_name
from notifications.workbooks import report_workbook
from registry import schemes, sessions, users
from registry.clock import civil_date
from registry.codes import Language
from registry.errors import RefusedError
from registry.roster import RosterLine, read_roster
from registry.roster_template import roster_csv, roster_workbook
from registry.tables import Role

session_app = typer.Typer(help="Sessions: open one, import its candidates, report on it.", no_args_is_help=True)
candidate_app = typer.Typer(help="Candidates: one more in a session.", no_args_is_help=True)
user_app = typer.Typer(help="The centre's staff.", no_args_is_help=True)
mail_app = typer.Typer(help="Mails that need a person: uncertain, failed, stuck.", no_args_is_help=True)

By = Annotated[str | None, typer.Option("--by", metavar="MAIL", help="The address of the member of the staff who acts.")]


@session_app.command("create")
def create(
    code: Annotated[str, typer.Argument(help="A short name without accents, such as 2026-06; it names the folder.")],
    exam: Annotated[str, typer.Option("--exam", metavar="DATE", help="The date of the exams.")],
    scheme: Annotated[str, typer.Option(help="The certification's profile.")] = "cqp-ce",
    unit: Annotated[str, typer.Option(help="The unit (bloc).")] = "1",
    folder_link: Annotated[str | None, typer.Option(help="The address of the shared folder, for the mails.")] = None,
    by: By = None,
) -> None:
    """Open a session."""
    with centre() as parts:
        with parts.database.reading() as session:
            who = actor(session, by)
        with parts.database.transaction(parts.clock.now(), who) as tx:
            made = sessions.create(tx, code=code, exam_on=a_date(exam, "--exam"), scheme=scheme, unit=unit, folder_link=folder_link)
        parts.share.make((code.encode(),))
        if made.exam_on < civil_date(parts.clock.now()):
            typer.echo(f"consigne: {made.exam_on} is in the past: every deposit will be late; check the date", err=True)
        if schemes.load(made.scheme, made.scheme_version).takes_recording(made.unit):
            say(f"session {code} opened: exams on {made.exam_on}, recordings until {made.deadline_on} included")
        else:
            say(f"session {code} opened: exams on {made.exam_on}; no recording is deposited for it, so nobody is invited to")


@session_app.command("list")
def show(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the sessions that are open."""
    with centre() as parts, parts.database.reading() as session:
        for one in sessions.open_sessions(session):
            count = len(sessions.files_of(session, one.id))
            told = {"session": one.code, "scheme": one.scheme, "unit": one.unit, "exam_on": one.exam_on, "deadline_on": one.deadline_on}
            if as_json:
                say_json(told | {"candidates": count})
            else:
                say(
                    f"{one.code}  {one.scheme} unit {one.unit}  exams {one.exam_on}  recordings until {one.deadline_on}  {count} candidates"
                )


@session_app.command("template")
def template(file: Annotated[Path, typer.Argument(help="Where to write it: .xlsx or .csv.")]) -> None:
    """Write the workbook to fill in with the candidates; its second sheet explains each column."""
    write_template(file, roster_workbook, roster_csv)
    say(f"{file} written: fill it in, then “consigne session import SESSION {file}”")


@session_app.command("import")
def import_(
    code: Annotated[str, typer.Argument(metavar="SESSION")],
    file: Annotated[Path, typer.Argument(help="A workbook (.xlsx) or CSV, as “session template” explains.")],
    by: By = None,
) -> None:
    """Import candidates: each good line opens a folder and sends the mail; a bad line is reported with its number."""
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OutsideError(f"{file} cannot be read ({error.strerror})") from error
    with centre() as parts:
        roster = read_roster(data, now=parts.clock.now())
        counts = dict.fromkeys(sessions.Enrolment, 0)
        refused = [problem.sentence(Language.FR) for problem in roster.problems]
        for line in roster.lines:
            try:
                counts[_enrol(parts, code, line, by)] += 1
            except RefusedError as error:
                refused.append(str(error))
        folders.write_now(parts)
        for sentence in refused:
            typer.echo(sentence, err=True)
        said = ", ".join(f"{count} {name}" for name, count in counts.items())
        lines = {problem.line for problem in roster.problems if not problem.warning}
        say(f"{said}; {len(lines)} lines refused" if lines else said)
        if any(not problem.warning for problem in roster.problems) or len(refused) > len(roster.problems):
            raise typer.Exit(1)


def _enrol(parts: Parts, code: str, line: RosterLine, by: str | None) -> sessions.Enrolment:
    with parts.database.reading() as session:
        evaluation = session_by(session, code)
        who = actor(session, by)
    with parts.database.transaction(parts.clock.now(), who) as tx:
        outcome, dossier = sessions.enrol(tx, tx.session.merge(evaluation, load=False), line)
        if outcome is not sessions.Enrolment.UNCHANGED:
            tx.session.flush()
            folders.open_for(parts, tx, sessions.file_of(tx.session, dossier.id))
    return outcome


@session_app.command("report")
def report(
    code: Annotated[str, typer.Argument(metavar="SESSION")],
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write the workbook and the page here instead of by mail.")
    ] = None,
) -> None:
    """Report on a session now: by mail to the coordinators, or as files."""
    with centre() as parts:
        now = parts.clock.now()
        with parts.database.reading() as session:
            evaluation = session_by(session, code)
            made = reporting.report(session, evaluation, now, parts.settings.centre.language)
        if out is None:
            say(f"{posting.report_now(parts.database, parts.centre, evaluation, now)} reports queued")
            folders.send_now(parts)
            return
        language = parts.settings.centre.language
        out.mkdir(parents=True, exist_ok=True)
        for extension, content in (("xlsx", report_workbook(made, language)), ("html", report_page(made, language).encode())):
            (out / file_name(made, language, extension)).write_bytes(content)
            say(str(out / file_name(made, language, extension)))


@candidate_app.command("add")
def add_candidate(
    code: Annotated[str, typer.Argument(metavar="SESSION")],
    reference: Annotated[str, typer.Option()],
    family_name: Annotated[str, typer.Option()],
    given_name: Annotated[str, typer.Option()],
    mail: Annotated[str, typer.Option()],
    hearing: Annotated[str, typer.Option(metavar="DATE", help="Date of the hearing.")],
    at: Annotated[str, typer.Option(metavar="TIME", help="Time of the hearing.")] = "09:00",
    civility: Annotated[str, typer.Option()] = "",
    employer: Annotated[str, typer.Option()] = "",
    department: Annotated[str, typer.Option()] = "",
    language: Annotated[Language, typer.Option()] = Language.FR,
    by: By = None,
) -> None:
    """Add one candidate, as a line of the workbook would."""
    header = "Référence;Civilité;Nom;Prénom;Courriel;Employeur;Département;Date de passage;Heure de passage;Langue"
    cells = (reference, civility, family_name, given_name, mail, employer, department, hearing, at, language.value)
    line = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    with centre() as parts:
        roster = read_roster(f"{header}\r\n{line}\r\n".encode(), now=parts.clock.now())
        for problem in roster.problems:
            typer.echo(problem.message(Language.FR) + " " + problem.remedy(Language.FR), err=True)
        if not roster.lines:
            raise typer.Exit(1)
        outcome = _enrol(parts, code, roster.lines[0], by)
        folders.write_now(parts)
        say(f"candidate {reference}: {outcome}")


@user_app.command("add")
def add_user(
    role: Annotated[Role, typer.Argument()],
    name: Annotated[str, typer.Argument()],
    mail: Annotated[str, typer.Argument()],
    teams_link: Annotated[str | None, typer.Option()] = None,
    language: Annotated[Language, typer.Option()] = Language.FR,
) -> None:
    """Enrol a member of the staff."""
    with centre() as parts, parts.database.transaction(parts.clock.now(), "system:cli") as tx:
        user = users.add(tx, role=role, name=name, mail=mail, language=language, teams_link=teams_link)
        say(f"{role} enrolled as {user.id}")


@mail_app.command("list")
def mails(as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """List the mails that need a person: perhaps sent, failed, or waiting for long."""
    with centre() as parts, parts.database.reading() as session:
        for one in outbox.stuck(session, parts.clock.now(), timedelta(minutes=30)):
            told = {"mail": one.id, "kind": one.kind, "state": str(one.state), "attempts": one.attempts, "error": one.error_code}
            say_json(told) if as_json else say(f"{one.id}  {one.kind}  {one.state}  {one.error_code or ''}")


@mail_app.command("resend")
def resend(mail: Annotated[str, typer.Argument(metavar="MAIL_ID")]) -> None:
    """Send a mail again that failed, or that perhaps never arrived."""
    with centre() as parts:
        with parts.database.bookkeeping() as session:
            done = outbox.resend(session, mail, parts.clock.now())
        if not done:
            raise RefusedHereError("this mail cannot be sent again: it was sent, or its text is gone")
        folders.send_now(parts)
        say("queued again")


@mail_app.command("settle")
def settle(mail: Annotated[str, typer.Argument(metavar="MAIL_ID")]) -> None:
    """Note that a mail which perhaps was sent did arrive."""
    with centre() as parts, parts.database.bookkeeping() as session:
        if not outbox.settle(session, mail):
            raise RefusedHereError("this mail is not one whose sending is uncertain")
        say("settled")
