"""Certificates of destruction, from the command line: take one out, verify one anywhere."""

from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session, select

from consigne.cli.common import centre, say, say_json
from consigne.cli.journal import Key, log_key
from consigne.errors import OutsideError, RefusedHereError
from registry.tables import Destruction
from retention import certificates
from retention.certificate_pdf import certificate_pdf

app = typer.Typer(help="Certificates of destruction.", no_args_is_help=True)


@app.command("export")
def export(
    identifier: Annotated[str, typer.Argument(metavar="ID", help="Of the recording, or of the certificate.")],
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where to write it: .json, or .pdf for people. Nothing is written over.")],
) -> None:
    """Write the certificate of one destruction: the JSON is what a stranger verifies, the PDF says the same in French."""
    with centre() as made, made.database.reading() as session:
        data = _stored(session, identifier)
    if file.suffix.lower() == ".pdf":
        data = certificate_pdf(data)
    try:
        with file.open("xb") as out:
            out.write(data)
    except FileExistsError as error:
        raise RefusedHereError(f"{file} exists: nothing was written over it") from error
    except OSError as error:
        raise OutsideError(f"{file} cannot be written ({error.strerror})") from error
    say(f"{file} written")


def _stored(session: Session, identifier: str) -> bytes:
    named = (Destruction.recording_id == identifier) | (Destruction.id == identifier)
    row = session.exec(select(Destruction).where(named)).first()
    if row is None:
        raise RefusedHereError(f"no destruction is known under {identifier}: give the id of a recording that was destroyed")
    if row.certificate is None:
        raise RefusedHereError("this destruction has no certificate yet: it is made once all is proved; “consigne status” tells what waits")
    return row.certificate


@app.command("verify")
def verify(
    file: Annotated[Path, typer.Argument(metavar="CERT.json", help="The certificate.")],
    key: Key,
    as_json: Annotated[bool, typer.Option("--json")] = False,
) -> None:
    """Verify a certificate offline: needs no centre, no network. Exit 0 only if it holds."""
    public = log_key(key)
    try:
        data = file.read_bytes()
    except OSError as error:
        raise OutsideError(f"{file} cannot be read ({error.strerror})") from error
    faults = certificates.verify(data, public)
    facts = None if faults else certificates.Certificate.decode(data).facts
    if as_json:
        told = None if facts is None else {"certificate_id": facts.id, "recording_id": facts.recording.id}
        say_json({"holds": not faults, **(told or {}), "faults": [{"kind": str(one.kind), "detail": one.detail} for one in faults]})
    elif facts is not None:
        say(f"holds: {facts.recording.id} was destroyed, completed at {facts.acts.completed_at.isoformat()}")
    for one in () if as_json else faults:
        say(f"DOES NOT HOLD: {one.kind}: {one.detail}")
    if faults:
        raise typer.Exit(1)
