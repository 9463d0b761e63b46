"""Rotating keys: a new identity for new recordings, a new passphrase around the identities, a new log key signed for by the old one.

Each writes new files first, durably, and takes effect by one step: the settings are replaced whole. A crash before that leaves files that
nothing names. No sealed key is touched. An old identity stays until its last recording is gone.
"""

import json
import re
import secrets
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from consigne import settings
from consigne.errors import OutsideError, RefusedHereError, WrongUseError
from consigne.settings import FILE
from consigne.wiring import Parts
from journal import checkpoints, terms
from storage import durable
from storage.errors import StorageError
from storage.identity import Identity
from storage.keyfile import KeyFile
from storage.probe import probe
from storage.signing import LogKey, public_text
from storage.wrapping import NoWrapping, PassphraseWrapping, new_passphrase, read_secret, write_secret

ACTOR: Final = "system:keys"
_SUFFIX: Final = 8


@dataclass(frozen=True, slots=True)
class Holding:
    """One identity that is at hand: whether new recordings are sealed to it, and how many keys still are."""

    identity_id: str
    current: bool
    keys: int


def holdings(parts: Parts) -> list[Holding]:
    """Count, for each identity at hand or named by a key, the keys that are sealed to it."""
    counts: Counter[str] = Counter()
    for attempt in parts.vaults.list():
        held = parts.vaults.get(attempt)
        if isinstance(held, KeyFile):
            counts[held.identity_id] += 1
    current = parts.opener.identity_id
    known = {one.identity_id for one in parts.openers} | counts.keys()
    return [Holding(one, one == current, counts[one]) for one in sorted(known, key=lambda one: (one != current, one))]


def rotate_identity(parts: Parts, recovery_passphrase: str) -> tuple[str, Path]:
    """Make a new identity for new recordings; return its id and its recovery copy, which must leave this machine.

    Raises:
        OutsideError: a file cannot be written.
    """
    told, new = parts.settings.identity, Identity.generate()
    mark = new.identity_id[-_SUFFIX:]
    private, proof = (told.private_file.with_name(f"{name}-{mark}.json") for name in ("private", "probe"))
    recovery = parts.settings.home / "recovery" / f"identity-recovery-{mark}.json"
    new.save(parts.settings.path(private), PassphraseWrapping(_words(parts)))
    kept = probe(new.public, new, parts.log_key.private, parts.clock.now())
    write_secret(parts.settings.path(proof), kept.encode())
    write_secret(recovery, new.recovery_copy(PassphraseWrapping(recovery_passphrase)))
    _settle(parts, {"public": new.public.text(), "private_file": str(private), "probe_file": str(proof)})
    with parts.database.transaction(parts.clock.now(), ACTOR) as tx:
        tx.record("identity.rotated", ACTOR, old=parts.opener.identity_id, new=new.identity_id)
    return new.identity_id, recovery


def rotate_passphrase(parts: Parts) -> int:
    """Wrap every identity at hand with a new passphrase; return how many. The old files go once the settings name the new ones."""
    told, mark = parts.settings.identity, secrets.token_hex(_SUFFIX // 2)
    words, passphrase = told.passphrase_file.with_name(f"passphrase-{mark}"), new_passphrase()
    directory = parts.settings.path(told.private_file).parent
    identities = parts.openers
    old = [path for path in directory.glob("*.json") if _is_identity(path)]
    write_secret(parts.settings.path(words), f"{passphrase}\n".encode())
    names = {}
    for one in identities:
        names[one.identity_id] = told.private_file.with_name(f"private-{one.identity_id[-_SUFFIX:]}-{mark}.json")
        one.save(parts.settings.path(names[one.identity_id]), PassphraseWrapping(passphrase))
    _settle(parts, {"passphrase_file": str(words), "private_file": str(names[parts.opener.identity_id])})
    for path in (*old, parts.settings.path(told.passphrase_file)):
        path.unlink(missing_ok=True)
    durable.sync_directory(directory)
    with parts.database.transaction(parts.clock.now(), ACTOR) as tx:
        tx.record("identity.rewrapped", ACTOR, identities=len(identities))
    return len(identities)


def rotate_log_key(parts: Parts) -> str:
    """Have the journal signed by a new log key from now on; return its public half. The old key signs for it in the journal.

    A rotation whose entry is written and whose settings are not, as after a crash, is finished.

    Raises:
        StorageError: the key in signing/ or the identity cannot be read.
    """
    pending = _pending(parts)
    new, file = pending or _made(parts)
    if pending is None:
        parts.anchors.anchor(parts.clock.now())
        with parts.database.transaction(parts.clock.now(), ACTOR) as tx:
            tx.record(terms.ROTATED, terms.SUBJECT, **terms.rotation_facts(parts.log_key.private, new.public))
    told = parts.settings.identity
    proof = told.probe_file.with_name(f"probe-{new.key_id[-_SUFFIX:]}.json")
    if not parts.settings.path(proof).exists():
        kept = probe(parts.opener.public, parts.opener, new.private, parts.clock.now())
        write_secret(parts.settings.path(proof), kept.encode())
    _settle(parts, {"log_public": public_text(new.public), "log_key_file": str(file), "probe_file": str(proof)})
    return public_text(new.public)


def retire(parts: Parts, identity_id: str) -> None:
    """Remove an old identity's private half, once nothing is sealed to it any more.

    Raises:
        RefusedHereError: it is the one in use, keys are sealed to it, or it is not at hand.
    """
    found = next((one for one in holdings(parts) if one.identity_id == identity_id), None)
    if found is None or found.current or found.keys:
        why = "is not at hand" if found is None else "is in use" if found.current else f"still opens {found.keys} recordings"
        raise RefusedHereError(f"{identity_id} {why}: nothing was removed")
    directory = parts.settings.path(parts.settings.identity.private_file).parent
    for path in directory.glob("*.json"):
        if _is_identity(path) and json.loads(path.read_bytes()).get("key_id") == identity_id:
            path.unlink()
    durable.sync_directory(directory)
    with parts.database.transaction(parts.clock.now(), ACTOR) as tx:
        tx.record("identity.retired", ACTOR, identity=identity_id)


def _made(parts: Parts) -> tuple[LogKey, Path]:
    new = LogKey.generate()
    file = parts.settings.identity.log_key_file.with_name(f"log-key-{new.key_id[-_SUFFIX:]}.json")
    new.save(parts.settings.path(file), NoWrapping())
    return new, file


def _pending(parts: Parts) -> tuple[LogKey, Path] | None:
    """Find the key that the journal's last rotation names, where the settings do not name it yet."""
    with parts.database.reading() as session:
        known = checkpoints.read_terms(session.connection())
    if not known.rotations or known.rotations[-1].new == parts.log_key.public.public_bytes_raw():
        return None
    told = parts.settings.identity.log_key_file
    for path in parts.settings.path(told).parent.glob("log-key*.json"):
        key = LogKey.load(path, NoWrapping())
        if key.public.public_bytes_raw() == known.rotations[-1].new:
            return key, told.with_name(path.name)
    raise RefusedHereError("the journal names a log key that signing/ does not hold: put it back from its backup")


def _words(parts: Parts) -> str:
    return read_secret(parts.settings.path(parts.settings.identity.passphrase_file)).decode("utf-8")


def _is_identity(path: Path) -> bool:
    try:
        return bool(json.loads(path.read_bytes()).get("kind") == "identity")
    except (OSError, ValueError, AttributeError):
        return False


def _settle(parts: Parts, values: Mapping[str, str]) -> None:
    """Replace keys of the settings' section ``[identity]``, in one step; every other line stays as a person wrote it.

    Raises:
        WrongUseError: the section cannot be found in the file.
        OutsideError: it cannot be written.
    """
    path = parts.settings.home / FILE
    text = path.read_text("utf-8")
    changed = with_values(text, "identity", values)
    before, after = tomllib.loads(text), tomllib.loads(changed)
    if {**before, "identity": {**before["identity"], **values}} != after:
        raise WrongUseError(f"{path}: the section [identity] could not be changed; write these lines there: {dict(values)}")
    try:
        durable.replace(path, changed.encode("utf-8"))
    except (OSError, StorageError) as error:
        raise OutsideError(f"{path} cannot be written: nothing was changed") from error
    settings.load(parts.settings.home)


def with_values(text: str, section: str, values: Mapping[str, str]) -> str:
    """Return TOML with keys of one section set to texts; keys that are not there come first in it."""
    head, found, rest = text.partition(f"[{section}]\n")
    end = re.search(r"(?m)^\[", rest)
    body, tail = (rest[: end.start()], rest[end.start() :]) if end else (rest, "")
    for name, value in values.items():
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        changed, count = re.subn(rf"(?m)^{name}\s*=.*$", lambda _match, line=line: line, body)  # type: ignore[misc]  # bound at once
        body = changed if count else f"{line}\n{body}"
    return f"{head}{found}{body}{tail}"
