"""What the compliance officer asks: the report, the register, a client's question, the documents that the law wants."""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from consigne.cli.common import a_date, centre, say, say_json
from consigne.documents import write_documents
from consigne.errors import OutsideError, RefusedHereError, WrongUseError
from consigne.wiring import Parts
from notifications.client_replies import reply_parts, reply_pdf
from notifications.compliance import ComplianceReport, Entry
from notifications.compliance_pages import compliance_page
from notifications.compliance_sheets import compliance_workbook
from notifications.compliance_tables import figures_table, file_name
from notifications.parts import Contact
from notifications.replies import Answered, Question
from notifications.words.compliance_words import COMPLIANCE
from registry import users
from registry.clock import PARIS
from registry.codes import Language
from registry.tables import Role
from retention import answering, reporting

app = typer.Typer()
compliance_app = typer.Typer(help="The compliance officer’s report, and the documents that the law wants.", no_args_is_help=True)

In = Annotated[Language | None, typer.Option("--language", help="The centre’s own by default.")]


@app.command("answer")
def answer(
    call_date: Annotated[str | None, typer.Option("--call-date", metavar="D", help="The day of the call.")] = None,
    candidate: Annotated[str | None, typer.Option("--candidate", metavar="C", help="The adviser’s name; finds only what is held.")] = None,
    employer: Annotated[str | None, typer.Option("--employer", metavar="E", help="His employer; finds only what is held.")] = None,
    reference: Annotated[str | None, typer.Option("--reference", metavar="R", help="The client’s, or a receipt’s number.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", metavar="FILE", help="Write the reply to the client, one page to print.")] = None,
    language: In = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Answer a client who asks after the recording of his call: held, destroyed on a day, or not held."""
    question = Question(a_date(call_date, "--call-date") if call_date else None, candidate, employer, reference)
    if question == Question():
        raise WrongUseError("say what is asked: --call-date, --candidate, --employer or --reference")
    with centre() as parts:
        spoken = language or parts.settings.centre.language
        with parts.database.reading() as session:
            found = answering.answer(session, question, parts.clock.now())
            contact = _officer(session, parts)
        if as_json:
            say_json(_answered(found))
        elif found.dossiers > 1:
            _several(found)
        if as_json and pdf is None:
            return
        reply = answering.reply(found, parts.centre, contact, parts.settings.retention.proof_retention_years)
        for part in () if as_json else reply_parts(reply, spoken):
            say("\n".join([part.heading, *(f"  {line.text}" for line in part.lines)]))
        if pdf is not None:
            _write(pdf, reply_pdf(reply, spoken), quiet=as_json)


def _officer(session: Session, parts: Parts) -> Contact:
    """Return whom a client may write to: the compliance officer, else the centre's contact."""
    for one in users.holding(session, Role.COMPLIANCE_OFFICER):
        return Contact(one.name, one.mail)
    return parts.centre.contact_for(session, None)


def _several(found: Answered) -> None:
    for one in found.found:
        gone = f", destroyed {one.destroyed_at.astimezone(PARIS):%Y-%m-%d}" if one.destroyed_at else ""
        say(f"{one.recording}  {one.reference}  {one.session}  call {one.call_date or 'of an unknown day'}: {one.held}{gone}")


def _answered(found: Answered) -> dict[str, Any]:
    states = [one.held.value for one in found.found]
    return {
        "as_of": found.as_of.isoformat(),
        "answer": next((one for one in ("held", "begun", "destroyed") if one in states), "not_held"),
        "without_call_date": found.undated,
        "recordings": [_plain(asdict(one)) for one in found.found],
    }


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in told.items()}


@app.command("register")
def register(
    xlsx: Annotated[Path | None, typer.Option("--xlsx", metavar="FILE", help="Write it as a workbook.")] = None,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write it as a page, with what falls due by week.")] = None,
    language: In = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Show the destruction register, newest first; or write it for people."""
    with centre() as parts:
        told = _report(parts)
        spoken = language or parts.settings.centre.language
    if xlsx is not None:
        _write(xlsx, compliance_workbook(told, spoken), quiet=as_json)
    if html is not None:
        _write(html, compliance_page(told, spoken).encode("utf-8"), quiet=as_json)
    for one in told.register if as_json or not (xlsx or html) else ():
        if as_json:
            say_json(_plain(asdict(one)))
        else:
            say(_line(one))
    if not as_json and not (xlsx or html):
        say(f"{told.registered} destructions")


def _line(one: Entry) -> str:
    when = one.completed_at or one.started_at
    return f"{one.number}  {one.stage:<9}  {when.astimezone(PARIS):%Y-%m-%d %H:%M}  {one.cause}  call {one.call_date or '-'}  {one.session}"


def _report(parts: Parts) -> ComplianceReport:
    return reporting.report(parts.database, parts.centre, parts.settings.retention.choices, parts.clock.now())


@compliance_app.command("report")
def report(
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write the page and the workbook there.")] = None,
    send: Annotated[bool, typer.Option("--send", help="Mail it to the compliance officers now.")] = False,
    language: In = None,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Say what is held, due, overdue, on hold, failed and destroyed; the same goes out by mail each month."""
    with centre() as parts:
        told = _report(parts)
        spoken = language or parts.settings.centre.language
        if send:
            queued = reporting.report_now(parts.database, parts.centre, parts.settings.retention.choices, parts.clock.now())
            say(f"{queued} mails queued")
    if as_json:
        say_json(_figures(told))
    for label, value, meaning in () if as_json else figures_table(told.figures, spoken).rows:
        say(f"{label:<16} {value:>10}   {meaning}")
    if out is not None:
        _made(out)
        texts = COMPLIANCE[spoken]
        _write(out / file_name(told, texts.file_stem, "html"), compliance_page(told, spoken).encode("utf-8"), quiet=as_json)
        _write(out / file_name(told, texts.register_stem, "xlsx"), compliance_workbook(told, spoken), quiet=as_json)


def _figures(told: ComplianceReport) -> dict[str, Any]:
    figures = _plain(asdict(told.figures))
    nested = {"weeks": [_plain(one) for one in figures["weeks"]], "standing": [_plain(one) for one in figures["standing"]]}
    days = {"oldest_days": told.figures.oldest_days, "on_hold_days": told.figures.on_hold_days}
    return figures | days | nested


@compliance_app.command("documents")
def documents(directory: Annotated[Path, typer.Argument(metavar="DIR", help="Where to write them. Nothing is written over.")]) -> None:
    """Write the article 30 entry and a draft impact assessment (AIPD), in French, from this centre’s settings."""
    with centre() as parts:
        made = write_documents(parts)
    _made(directory)
    for name, text in made.items():
        _write(directory / name, text.encode("utf-8"), quiet=False)
    say("look for “À COMPLÉTER PAR LE CENTRE”: only the centre can answer there")


def _made(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(f"{directory} cannot be made ({error.strerror})") from error


def _write(file: Path, content: bytes, *, quiet: bool) -> None:
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError as error:
        raise RefusedHereError(f"{file} exists: nothing was written over it") from error
    except OSError as error:
        raise OutsideError(f"{file} cannot be written ({error.strerror})") from error
    if not quiet:
        say(f"{file} written")
