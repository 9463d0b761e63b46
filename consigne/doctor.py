"""``doctor``: checks one installation, each red line with its remedy, and says which promises hold here."""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from consigne.errors import ConsigneError
from consigne.settings import ObjectsKind, VaultKind
from consigne.wiring import Parts
from intake.errors import IntakeError
from intake.reading import blank
from journal import log
from notifications.errors import NotificationsError
from registry import health, migrate
from registry.audit import unexplained
from registry.clock import civil_date
from registry.errors import RegistryError
from storage.directory_vault import DirectoryVault
from storage.errors import StorageError
from storage.signing import parse_public


class Light(StrEnum):
    """How one check came out."""

    GREEN = "green"
    AMBER = "amber"  # a choice that the centre has not made, or a weaker protection
    RED = "red"


@dataclass(frozen=True)
class Finding:
    """One check: what was looked at, how it is, and what to do where it is not green."""

    check: str
    light: Light
    said: str
    remedy: str = ""


_FRESH = timedelta(days=7)
_Check = Callable[[Parts], Iterator[Finding]]


def examine(parts: Parts) -> list[Finding]:
    """Run every check; one that fails outright is red, and the others still run."""
    found: list[Finding] = []
    for name, check in _CHECKS.items():
        try:
            found += check(parts)
        except (ConsigneError, StorageError, RegistryError, IntakeError, NotificationsError, OSError) as error:
            found.append(Finding(name, Light.RED, str(error), "put this right, then run doctor again"))
    return found


def _database(parts: Parts) -> Iterator[Finding]:
    current = migrate.is_current(parts.database)
    yield Finding(
        "database", Light.GREEN if current else Light.RED, "at the newest step" if current else "behind", "" if current else "start up once"
    )
    with parts.database.reading() as session:
        faults = log.check(session.connection())
        size = log.size(session.connection())
    if faults:
        first = faults[0]
        yield Finding(
            "journal", Light.RED, f"entry {first.index}: {first.kind}", "keep a copy of the database and tell whoever maintains Consigne"
        )
    else:
        yield Finding("journal", Light.GREEN, f"{size} entries, the tree agrees")
        with parts.database.reading() as session:
            strange = unexplained(session)
        if strange:
            said = f"{len(strange)} recordings stand where the journal does not lead, the first {strange[0].recording_id}"
            yield Finding("states", Light.RED, said, "somebody wrote into the database: keep a copy and tell whoever maintains Consigne")
        else:
            yield Finding("states", Light.GREEN, "each recording stands where the journal leads")


def _share(parts: Parts) -> Iterator[Finding]:
    """Create, rename, remove: on the actual mount."""
    root, probe = parts.share.root, f".consigne-probe-{os.getpid()}"
    try:
        (root / probe).write_bytes(b"probe")
        (root / probe).rename(root / f"{probe}.tmp")
        (root / f"{probe}.tmp").unlink()
    except OSError as error:
        yield Finding(
            "deposit folders", Light.RED, f"{error.strerror}", "give the account of consigne the right to create, rename and remove there"
        )
        return
    yield Finding("deposit folders", Light.GREEN, "a file can be created, renamed and removed")
    free = shutil.disk_usage(root).free
    short = free < parts.policy.floor_bytes
    yield Finding("free space", Light.RED if short else Light.GREEN, f"{free // 1_000_000} MB", "make room: intake waits" if short else "")
    if root.stat().st_mode & stat.S_IRWXO:
        yield Finding("deposit folders' rights", Light.AMBER, "everyone on this machine can look in", f"chmod o-rwx {root}")


def _objects(parts: Parts) -> Iterator[Finding]:
    parts.objects.ping()
    kind = parts.settings.objects.kind
    yield Finding("object store", Light.GREEN, f"{kind} answers")
    if kind is ObjectsKind.EMBEDDED and parts.embedded is not None:
        syncs = parts.embedded.synchronises()
        yield Finding(
            "object store's writes",
            Light.GREEN if syncs else Light.RED,
            "on the disk when acknowledged" if syncs else "not synchronised",
            "" if syncs else "start up again",
        )


def _vaults(parts: Parts) -> Iterator[Finding]:
    vaults = {"vault": parts.vaults.vault, "mirror": parts.vaults.mirror}
    for name, vault in vaults.items():
        count = sum(1 for _ in vault.list())
        yield Finding(name, Light.GREEN, f"answers, {count} attempts")
        if isinstance(vault, DirectoryVault) and vault.open_to_others():
            yield Finding(f"{name}'s rights", Light.RED, "others can read it", "chmod 700 it")
    told = (parts.settings.vault, parts.settings.mirror)
    if all(one.kind is VaultKind.DIRECTORY and one.directory for one in told):
        devices = {parts.settings.path(one.directory or Path()).stat().st_dev for one in told}
        if len(devices) == 1:
            yield Finding(
                "mirror's disk",
                Light.RED,
                "the same as the vault's",
                "put mirror.directory on another disk: losing this one loses every recording",
            )
    for attempt in parts.vaults.list():
        if len(set(map(type, parts.vaults.get_both(attempt)))) != 1:
            yield Finding("vault and mirror", Light.RED, "they do not agree", "start up again: it makes them equal")
            break


def _keys(parts: Parts) -> Iterator[Finding]:
    told = parts.settings.identity
    assert parts.identity is not None
    yield Finding("identity", Light.GREEN, "the private half opened what the public half sealed")
    public = parse_public(told.log_public)
    assert isinstance(public, Ed25519PublicKey)
    for path in (told.private_file, told.passphrase_file, told.log_key_file):
        there = parts.settings.path(path)
        if there.exists() and there.stat().st_mode & 0o077:
            yield Finding("secrets", Light.RED, f"{path} can be read by others", f"chmod 600 {there}")
    if (parts.settings.home / "recovery" / "identity-recovery.json").exists():
        yield Finding(
            "recovery copy",
            Light.AMBER,
            "still on this machine",
            "move recovery/identity-recovery.json to a place that is not this machine",
        )


def _confinement(parts: Parts) -> Iterator[Finding]:
    for protection in parts.pool.protections():
        light = Light.GREEN if protection.in_force else Light.AMBER
        remedy = "" if protection.in_force else "see docs/operators.md: what the confined process needs"
        yield Finding(
            f"confined process: {protection.name}", light, protection.detail or ("in force" if protection.in_force else "missing"), remedy
        )


def _scanner(parts: Parts) -> Iterator[Finding]:
    """Ask which signatures it has, and have it look through nothing as long as the longest deposit."""
    name = "malware scanner"
    signatures = parts.scanner.check()
    if signatures is None:
        yield Finding(name, Light.AMBER, "none: deposits are not scanned", "set intake.clamd_socket where this machine has clamd")
        return
    with blank(parts.policy.max_bytes) as nothing:
        parts.scanner.scan(nothing)
    yield Finding(name, Light.GREEN, f"{signatures.engine} answers, and takes the largest deposit")
    published = signatures.published_at
    if published is None or parts.clock.now() - published > _FRESH:
        said = f"of {civil_date(published).isoformat()}" if published else "of no known date"
        yield Finding("malware signatures", Light.AMBER, said, "let freshclam keep them up to date")


def _mail(parts: Parts) -> Iterator[Finding]:
    parts.mailer.check()
    if parts.settings.mail.host is None:
        yield Finding(
            "mail",
            Light.AMBER,
            "no server: mails are written into the outbox folder",
            "set mail.host once the centre's mail server is known",
        )
    else:
        yield Finding("mail", Light.GREEN, "the server answers")
    if parts.settings.portal.url.startswith("http://127.0.0.1"):
        yield Finding(
            "portal's address", Light.AMBER, "candidates cannot reach it", "set portal.url to the address that they use, behind https"
        )


def _machine(_parts: Parts) -> Iterator[Finding]:
    swaps = Path("/proc/swaps").read_text("ascii").splitlines()[1:]
    plain = [line.split()[0] for line in swaps if "zram" not in line and "dm-" not in line]
    if plain:
        yield Finding("swap", Light.RED, "not encrypted", "encrypt it or turn it off: keys and sound pass through memory")
    else:
        yield Finding("swap", Light.GREEN, "none, or encrypted")


def _retention(parts: Parts) -> Iterator[Finding]:
    """Ask for what only the centre can choose, until it has."""
    told = parts.settings.retention
    if told.postal_grace_days is None:
        yield Finding(
            "postal grace",
            Light.AMBER,
            "not chosen",
            "set retention.postal_grace_days: days kept after the last day to contest, for letters on their way (15 recommended; 0: none)",
        )
    else:
        said = f"{told.postal_grace_days} days after the last day to contest"
        yield Finding("postal grace", Light.GREEN, said)
    if told.snapshot_retention_days is None:
        yield Finding(
            "snapshots",
            Light.AMBER,
            "not answered",
            "set retention.snapshot_retention_days: how long snapshots of this whole machine are kept (0: none)",
        )


def _running(parts: Parts) -> Iterator[Finding]:
    with parts.database.reading() as session:
        for row in health.troubles(session):
            yield Finding(f"running: {row.part}", Light.RED, row.code, "see “consigne status”")


_CHECKS: dict[str, _Check] = {
    "database": _database,
    "deposit folders": _share,
    "object store": _objects,
    "vault and mirror": _vaults,
    "keys": _keys,
    "confined process": _confinement,
    "malware scanner": _scanner,
    "mail": _mail,
    "machine": _machine,
    "retention": _retention,
    "running": _running,
}
