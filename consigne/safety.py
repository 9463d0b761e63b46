"""Backup and restore of one installation: what retention needs for it, made from the settings; and what start-up looks at first."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

import structlog
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session, select

from consigne import checking
from consigne.errors import OutsideError, RefusedHereError, WrongUseError
from consigne.settings import FILE, VaultKind, VaultSettings
from consigne.wiring import Parts
from journal.errors import JournalError
from registry import health, migrate
from registry.errors import DatabaseUnavailableError
from registry.tables import Health, Recording
from retention import anchors, comparing, safeguarding
from retention.anchor_places import DirectoryPlace
from retention.anchors import Agreement, Standing
from retention.backing_up import SEGMENTS, Backup, Source
from retention.comparing import Comparison
from retention.due import recompute
from retention.errors import AnchorError
from retention.recovering import Recovering, hashes_of
from retention.restoring import REPAIRED, Restorer
from retention.scrubbing import Scrub
from storage.directory_vault import DirectoryVault
from storage.errors import StorageError, StorageUnavailable
from storage.identity import Identity
from storage.probe import probe
from storage.signing import parse_public
from storage.vault import Repair, Repaired, equalise
from storage.wrapping import PassphraseWrapping, new_passphrase, read_secret, write_secret

_log = structlog.get_logger()
COMPARED = "compared"
"""The part whose health remembers when the comparison was last made; what it found is told by mail, and again each night."""
_SLOWLY = 20_000_000  # bytes a second
_ACTOR = "system:vault"
_UNREPAIRED = frozenset({Repair.DIFFERENT_KEYS, Repair.UNREADABLE_IN_VAULT, Repair.UNREADABLE_IN_MIRROR})


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


def holds_recordings(parts: Parts) -> bool:
    """Tell whether the present database knows of any recording."""
    with parts.database.reading() as session:
        return session.exec(select(Recording.id).limit(1)).first() is not None


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


def compare(parts: Parts) -> Comparison:
    """Compare, tell the staff of what was found, and send through the gate again what was destroyed and came back.

    Raises:
        OutsideError, StorageError: the store, the vault or the mirror cannot be listed.
    """
    now, choices = parts.clock.now(), parts.settings.retention.choices
    recompute(parts.database, choices)
    found = comparing.compare(parts.database, parts.objects, parts.vaults, choices, now)
    safeguarding.tell_compared(parts.database, parts.centre, found)
    with parts.database.bookkeeping() as session:
        health.report(session, COMPARED, health.OK, now)
    if found.again():
        for one in parts.destroyer().repeat(found.again()).ended:
            _log.info("destruction.repeated", recording=one.recording_id, outcome=str(one.outcome), why=one.why)
    return found


def compare_nightly(parts: Parts) -> bool:
    """Compare once a night; say whether it was done."""
    with parts.database.reading() as session:
        last = session.get(Health, COMPARED)
    if last is None:  # a centre that was just founded, or restored: from the next night on
        with parts.database.bookkeeping() as session:
            health.report(session, COMPARED, health.OK, parts.clock.now())
        return False
    if last.seen_at >= checking.last_night(parts.clock.now()):
        return False
    try:
        found = compare(parts)
    except OutsideError:
        return False
    for kind, items in found.found.items():
        if items:
            _log.warning("compared.found", kind=str(kind), count=len(items))
    return True


def scrub(parts: Parts, *, bytes_per_second: int = _SLOWLY) -> Scrub:
    """Return what reads stored objects again."""
    return Scrub(parts.database, parts.objects, parts.vaults, time.sleep, bytes_per_second)


def scrub_monthly(parts: Parts, stop: Callable[[], bool]) -> bool:
    """Go on with this month's pass, until it is done or the centre stops; say whether there was anything to do."""
    try:
        reading = scrub(parts)
        if reading.begin(parts.clock.now()) or not reading.is_due(parts.clock.now()):
            return False
        done = reading.run(parts.clock.now(), stop)
    except (OutsideError, StorageUnavailable):
        _log.warning("sweep.waits", sweep="scrub", code="store_unavailable")
        return False
    safeguarding.tell_scrubbed(parts.database, parts.centre, done, parts.clock.now())
    return True


def repair(parts: Parts) -> tuple[Repaired, ...]:
    """Make vault and mirror equal, and write each repair into the journal."""
    repairs = equalise(parts.vaults.vault, parts.vaults.mirror)
    changed = [one for one in repairs if one.repair not in _UNREPAIRED]
    if changed:
        with parts.database.transaction(parts.clock.now(), _ACTOR) as tx:
            for one in changed:
                tx.record(REPAIRED, _ACTOR, attempt=one.attempt_id, repair=str(one.repair))
    return repairs


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
                "Take a backup (“consigne restore DIR”), or this database as the backup (“consigne restore --in-place”); "
                "if the entries are lost for good, “consigne journal reopen”"
            )
        if not one.may_go_on:
            raise RefusedHereError(
                f"the database's journal is not the one that was signed ({one.outside.size} entries outside): keep both as they are, "
                "and compare them (“consigne journal export”, “consigne journal verify”)"
            )


def recovering(parts: Parts, copies: Sequence[Path], passphrase: str) -> Recovering:
    """Return what recovers, from the offline copies and their passphrase. The mirror is asked first; neither vault must be there.

    Raises:
        StorageError: a copy cannot be read, or the passphrase does not open it.
    """
    identities = [identity_from(one, passphrase) for one in copies]
    known = _known(parts)
    return Recovering(identities, (parts.vaults.mirror, parts.vaults.vault), parts.objects, known.get)


def identity_from(copy: Path, passphrase: str) -> Identity:
    """Open an offline copy of the identity.

    Raises:
        WrongUseError: it cannot be read.
        Tampered: the passphrase does not open it.
    """
    try:
        return Identity.recover(copy.read_bytes(), PassphraseWrapping(passphrase))
    except OSError as error:
        raise WrongUseError(f"the recovery copy {copy} cannot be read ({error.strerror}): name it with --copy") from error


def put_identity_back(parts: Parts, identity: Identity) -> bool:
    """Write the identity's private half anew, where it was lost with its machine; say whether that was needed.

    Raises:
        RefusedHereError: the copy is another identity's than the settings name.
    """
    told = parts.settings.identity
    private, words = parts.settings.path(told.private_file), parts.settings.path(told.passphrase_file)
    if private.exists():
        return False
    if identity.public.text() != told.public:
        raise RefusedHereError("this recovery copy is another identity's than the settings name: take the newest one")
    if not words.exists():
        write_secret(words, f"{new_passphrase()}\n".encode())
    identity.save(private, PassphraseWrapping(read_secret(words).decode("utf-8")))
    probe_file = parts.settings.path(told.probe_file)
    if not probe_file.exists():
        write_secret(probe_file, probe(identity.public, identity, parts.log_key.private, parts.clock.now()).encode())
    return True


def _known(parts: Parts) -> dict[str, str]:
    """Return the SHA-256 of what was deposited, by recording: from the database, else from the segments, as far as they can be read."""
    found: dict[str, str] = {}
    with suppress(AnchorError, StorageError):
        found = hashes_of(anchors.segments_from(parts.anchor_places, 0))
    with suppress(DatabaseUnavailableError, DatabaseError):
        if migrate.is_current(parts.database):
            with parts.database.reading() as session:
                found |= dict(session.exec(select(Recording.id, Recording.sha256)).all())
    return found


def _standing(parts: Parts, session: Session) -> tuple[Agreement, ...]:
    public = parse_public(parts.settings.identity.log_public)
    found: list[Agreement] = []
    for place in parts.anchor_places:
        try:
            found += anchors.standing(session, [place], public)
        except StorageError as error:
            _log.warning("anchors.unreachable", place=str(place.place), error=type(error).__name__)
    return tuple(found)
