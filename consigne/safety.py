"""Backup and restore of one installation: what retention needs for it, made from the settings; and what start-up looks at first."""

import os
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from consigne.errors import RefusedHereError
from consigne.settings import FILE, VaultKind, VaultSettings
from consigne.wiring import Parts
from journal.errors import JournalError
from registry import migrate
from registry.errors import DatabaseUnavailableError
from retention import anchors
from retention.anchor_places import DirectoryPlace
from retention.anchors import Agreement, Standing
from retention.backing_up import SEGMENTS, Backup, Source
from retention.errors import AnchorError
from retention.restoring import Restorer
from storage.directory_vault import DirectoryVault
from storage.errors import StorageError
from storage.signing import parse_public

_log = structlog.get_logger()


def source(parts: Parts, *, objects: bool) -> Source:
    """Return what is backed up."""
    settings = (parts.settings.home / FILE).read_text("utf-8")
    return Source(parts.database, parts.anchors.anchor, parts.anchor_places, settings, parts.objects if objects else None)


def restorer(parts: Parts, backup: Backup | None) -> Restorer:
    """Return what restores; the segments of the backup itself count as a place."""
    own = (DirectoryPlace(backup.directory / SEGMENTS),) if backup else ()
    return Restorer(
        parts.database, parts.vaults, (*parts.anchor_places, *own), parse_public(parts.settings.identity.log_public), parts.objects
    )


def anchor_what_is_there(parts: Parts) -> bool:
    """Put outside what the present database still knows, so that a restore brings it back; say whether that could be done.

    A database that is absent, damaged, or contradicts what was signed has nothing that could be kept this way.
    """
    with suppress(DatabaseUnavailableError, DatabaseError, AnchorError, JournalError, StorageError):
        if migrate.is_current(parts.database):
            with parts.database.reading() as session:
                sound = all(one.may_go_on for one in _standing(parts, session))
            if sound:
                parts.anchors.anchor(parts.clock.now())
            return sound
    return False


def make_room(parts: Parts) -> list[str]:
    """Make what is absent and can be filled again: the database's file, and the vault or its mirror where the other one is there.

    Raises:
        RefusedHereError: neither the vault nor its mirror is there.
    """
    settings, made = parts.settings, []
    missing = [
        (name, path)
        for name, path in (("vault", _directory(parts, settings.vault)), ("mirror", _directory(parts, settings.mirror)))
        if path
    ]
    if len(missing) == 2:  # noqa: PLR2004 - the vault and the mirror
        raise RefusedHereError(
            "neither the vault nor its mirror is there: mount their disks; without one of them no recording can be opened"
        )
    for name, path in missing:
        DirectoryVault.create(path)
        made.append(name)
    prefix = "sqlite:///"
    if settings.url.startswith(prefix):
        file = Path(settings.url.removeprefix(prefix))
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o600))  # what SQLite lays beside it takes the same rights
            made.append("database")
    return made


def _directory(parts: Parts, told: VaultSettings) -> Path | None:
    """Return where a vault should be and is not."""
    if told.kind is not VaultKind.DIRECTORY or told.directory is None:
        return None
    path = parts.settings.path(told.directory)
    return None if path.is_dir() else path


def refuse_shorter(parts: Parts) -> None:
    """Refuse to start on a database that lacks what was signed, or contradicts it. A place that cannot be read now is left out.

    Raises:
        RefusedHereError: it says what to do.
    """
    try:
        with parts.database.reading() as session:
            found = _standing(parts, session)
    except (AnchorError, JournalError) as error:
        raise RefusedHereError(f"the journal and what is kept outside of it do not agree: {error}") from error
    for one in found:
        if one.standing is Standing.SHORTER:
            raise RefusedHereError(
                f"the database's journal has {one.size} entries, and {one.outside.size} were signed: this is an older database. "
                "Restore it (“consigne restore DIR”, or “consigne recover --rebuild” without a backup); "
                "if the entries are lost for good, “consigne journal reopen”"
            )
        if not one.may_go_on:
            raise RefusedHereError(
                f"the database's journal is not the one that was signed ({one.outside.size} entries outside): keep both as they are, "
                "and compare them (“consigne journal export”, “consigne journal verify”)"
            )


def _standing(parts: Parts, session: Session) -> tuple[Agreement, ...]:
    public = parse_public(parts.settings.identity.log_public)
    found: list[Agreement] = []
    for place in parts.anchor_places:
        try:
            found += anchors.standing(session, [place], public)
        except StorageError as error:
            _log.warning("anchors.unreachable", place=str(place.place), error=type(error).__name__)
    return tuple(found)
