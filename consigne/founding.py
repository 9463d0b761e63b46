"""Founding a centre: its directory, keys, vault, mirror, shared folder, database and settings. Never over another one."""

import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from consigne import settings
from consigne.errors import ConsigneError, OutsideError, RefusedHereError
from consigne.settings import FILE
from registry import addresses, migrate, users
from registry.clock import Clock
from registry.database import Database
from registry.tables import Role
from storage.directory_vault import DirectoryVault
from storage.errors import StorageError
from storage.identity import Identity
from storage.probe import probe
from storage.signing import LogKey, public_text
from storage.wrapping import NoWrapping, PassphraseWrapping, new_passphrase, write_secret

_PRIVATE = 0o700
_SHARED = 0o770


@dataclass(frozen=True)
class Told:
    """What only the centre can say."""

    name: str
    contact_name: str
    contact_mail: str
    teams_link: str | None
    depots: str
    mirror: str
    portal_url: str
    portal_port: int
    sender: str
    mail_host: str | None
    recovery_passphrase: str | None
    postal_grace_days: int | None = None  # not chosen yet: the scheme's own, and ``doctor`` asks


@dataclass(frozen=True)
class Founded:
    """What was made, and what must leave this machine."""

    home: Path
    recovery_copy: Path
    recovery_passphrase: str
    log_public: str


def found(home: Path, told: Told, clock: Clock) -> Founded:
    """Make a centre in an empty or new directory. On a failure nothing that was there is touched.

    Raises:
        RefusedHereError: the directory holds a centre already, or other files.
        RefusedError: an address is not one.
        OutsideError: the disk says no.
    """
    if (home / FILE).exists():
        raise RefusedHereError(f"{home} holds a centre already: nothing was changed")
    if home.is_dir() and any(home.iterdir()):
        raise RefusedHereError(f"{home} is not empty: name a new or empty directory")
    addresses.checked(told.contact_mail)
    addresses.checked(told.sender)
    there = home.is_dir()
    try:
        return _found(home, told, clock)
    except (OSError, StorageError) as error:
        _unmake(home, there=there)
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise OutsideError(f"the centre could not be made in {home}: {reason}; nothing of it was left there") from error
    except ConsigneError:
        _unmake(home, there=there)
        raise


def _unmake(home: Path, *, there: bool) -> None:
    """Leave the directory as it was found: absent, or empty."""
    for path in home.iterdir() if home.is_dir() else ():
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    if home.is_dir() and not there:
        home.rmdir()


def _found(home: Path, told: Told, clock: Clock) -> Founded:
    for directory in (home, home / "identity", home / "signing", home / "recovery"):
        directory.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    identity, log_key = Identity.generate(), LogKey.generate()
    passphrase = new_passphrase()
    write_secret(home / "identity" / "passphrase", f"{passphrase}\n".encode())
    identity.save(home / "identity" / "private.json", PassphraseWrapping(passphrase))
    log_key.save(home / "signing" / "log-key.json", NoWrapping())
    proof = probe(identity.public, identity, log_key.private, clock.now())
    write_secret(home / "identity" / "probe.json", proof.encode())
    recovery_passphrase = told.recovery_passphrase or new_passphrase()
    recovery_copy = home / "recovery" / "identity-recovery.json"
    write_secret(recovery_copy, identity.recovery_copy(PassphraseWrapping(recovery_passphrase)))
    for name in ("vault", told.mirror):
        DirectoryVault.create(home / name)
    (home / told.depots).mkdir(mode=_SHARED, parents=True, exist_ok=True)
    (home / FILE).write_text(_toml(told, identity.public.text(), public_text(log_key.public)), "utf-8")
    os.chmod(home / FILE, 0o600)  # noqa: PTH101 - the same call as everywhere
    _open_database(home, told, clock)
    return Founded(home, recovery_copy, recovery_passphrase, public_text(log_key.public))


def _open_database(home: Path, told: Told, clock: Clock) -> None:
    (home / "consigne.db").touch(mode=0o600)  # what SQLite lays beside it takes the same rights
    database = Database(settings.load(home).url)
    migrate.upgrade(database)
    with database.transaction(clock.now(), "system:init") as tx:
        users.add(tx, role=Role.COORDINATOR, name=told.contact_name, mail=told.contact_mail, teams_link=told.teams_link)
    database.close()


def _toml(told: Told, public: str, log_public: str) -> str:
    """Write the settings; every value is quoted as JSON quotes it, which TOML reads alike."""

    def quoted(text: str) -> str:
        return json.dumps(text, ensure_ascii=False)

    teams = f"teams_link = {quoted(told.teams_link)}\n" if told.teams_link else "# teams_link = \n"
    host = (
        f"host = {quoted(told.mail_host)}\n"
        if told.mail_host
        else '# host = "smtp.example.org"   # without it, mails are written into outbox/\n'
    )
    grace = "# postal_grace_days = 15      " if told.postal_grace_days is None else f"postal_grace_days = {told.postal_grace_days}         "
    return f"""# The settings of this centre. “consigne doctor” checks them. Paths start at this directory.
database_url = "sqlite:///consigne.db"

[centre]
name = {quoted(told.name)}
contact_name = {quoted(told.contact_name)}
contact_mail = {quoted(told.contact_mail)}
{teams}
[folders]
root = {quoted(told.depots)}
watch = "auto"                 # "poll" for a network or synchronised share
settle_seconds = 5
patience_minutes = 2

[objects]
kind = "embedded"              # "s3" with endpoint_url, bucket, access_key_file, secret_key_file

[vault]
directory = "vault"

[mirror]
directory = {quoted(told.mirror)}               # on another disk: losing one disk then loses no recording

[identity]
public = {quoted(public)}
log_public = {quoted(log_public)}

[mail]
sender = {quoted(told.sender)}
sender_name = {quoted(told.name)}
{host}
[portal]
port = {told.portal_port}
url = {quoted(told.portal_url)}

[retention]
{grace}# days kept after the last day to contest, for letters on their way
# snapshot_retention_days = 0    # how long snapshots of this whole machine are kept
"""
