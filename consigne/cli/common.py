"""What the commands share: the centre's directory, its parts, and how results are printed."""

import getpass
import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from consigne import settings
from consigne.errors import OutsideError, RefusedHereError, WrongUseError
from consigne.wiring import Parts
from registry import migrate, sessions, users
from registry.errors import RefusedError
from registry.sessions import File
from registry.tables import EvaluationSession, Role
from registry.written import read_date


@dataclass
class _Home:
    path: Path | None = None


_home = _Home()


def remember_home(
    home: Annotated[Path | None, typer.Option("--home", metavar="DIR", help="The centre's directory (or CONSIGNE_HOME).")] = None,
) -> None:
    """Secure intake and retention of exam recordings."""
    _home.path = home


@contextmanager
def parts() -> Iterator[Parts]:
    """Open the centre named by --home or CONSIGNE_HOME."""
    made = Parts(settings.load(settings.home_of(_home.path)))
    try:
        yield made
    finally:
        made.close()


@contextmanager
def centre() -> Iterator[Parts]:
    """Open the centre, its database brought to the newest step."""
    with parts() as made:
        migrate.upgrade(made.database)
        yield made


@contextmanager
def attached(parts: Parts) -> Iterator[None]:
    """Have the embedded store run while a command needs it: the running centre's, else one of our own until the end."""
    if parts.embedded is None or parts.embedded.attach():
        yield
        return
    with parts.embedded:
        yield


def say(line: str) -> None:
    """Print one line of the result; bytes of a file's name that are no text are shown as such."""
    typer.echo(line.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


def say_json(value: Any) -> None:
    """Print one document on one line. A file's name that is no text is escaped as JSON can, so that it can be read back."""
    text = json.dumps(value, ensure_ascii=False, default=_plain)
    typer.echo(text if text.isprintable() else json.dumps(value, default=_plain))


def _plain(value: object) -> object:
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)


def a_date(text: str, option: str) -> date:
    """Read a date as people write it: 2026-06-15, 15/06/2026, 15 juin 2026.

    Raises:
        WrongUseError: it is not one.
    """
    try:
        return read_date(text)
    except ValueError as error:
        raise WrongUseError(f"{option}: {text!r} is not a date: write it as 2026-06-15 or 15/06/2026") from error


def session_by(session: Session, code: str) -> EvaluationSession:
    """Find a session by its code.

    Raises:
        RefusedHereError: there is none.
    """
    found = sessions.by_code(session, code)
    if found is None:
        raise RefusedHereError(f"no session is called {code}: “consigne session list” shows them")
    return found


def dossier_by(session: Session, key: str) -> File:
    """Find a dossier by its id or as session/reference.

    Raises:
        RefusedHereError: there is none.
    """
    found = sessions.dossier_by(session, key)
    if found is None:
        raise RefusedHereError(f"no dossier is called {key}: name it as SESSION/REFERENCE")
    return found


def actor(session: Session, mail: str | None) -> str:
    """Return the journal's id of who acts: the staff member of that address, else this machine's account.

    Raises:
        RefusedHereError: nobody of the staff has this address.
    """
    if mail is None:
        return "system:cli"
    for role in Role:
        for user in users.holding(session, role):
            if user.mail == mail:
                return user.id
    raise RefusedHereError("nobody of the staff has this address: “consigne user add” enrols people")


def ask(question: str, default: str, checked: Callable[[str], str] = str) -> str:
    """Ask at a terminal, again until the answer holds; without one, take the default."""
    if not sys.stdin.isatty():
        return default
    while True:
        try:
            return checked(str(typer.prompt(question, default=default)))
        except (RefusedError, ValueError) as error:
            typer.echo(str(error), err=True)


def write_template(file: Path, workbook: Callable[[], bytes], delimited: Callable[[], bytes]) -> None:
    """Write a template where a person wants it: a CSV if the name ends so, else a workbook.

    Raises:
        RefusedHereError: the file exists; nothing is written over it.
        OutsideError: it cannot be written.
    """
    content = delimited() if file.suffix.lower() == ".csv" else workbook()
    try:
        with file.open("xb") as out:
            out.write(content)
    except FileExistsError as error:
        raise RefusedHereError(f"{file} exists: nothing was written over it") from error
    except OSError as error:
        raise OutsideError(f"{file} cannot be written ({error.strerror})") from error


def secret_of(path: Path) -> str:
    """Read a passphrase from the file that an option names.

    Raises:
        WrongUseError: it cannot be read, or is empty.
    """
    try:
        found = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUseError(f"the passphrase file {path} cannot be read: check its name and its rights") from error
    if not found:
        raise WrongUseError(f"the passphrase file {path} is empty: write the passphrase into it")
    return found


def ask_passphrase(question: str) -> str | None:
    """Ask for a passphrase at a terminal; nothing typed, or no terminal, means that one is made."""
    return (getpass.getpass(f"{question} (empty: one is made): ") or None) if sys.stdin.isatty() else None
