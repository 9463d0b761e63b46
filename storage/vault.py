"""The key vault: the port, and the rules that a vault and its mirror keep together.

A vault knows three answers for an upload attempt: its key file, a tombstone, or nothing. It is never part of a backup.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from storage.errors import AlreadyHeld, Entombed, StorageError, Tampered
from storage.keyfile import Held, KeyFile, Tombstone, check_id, decode


class KeyVault(Protocol):
    """Holds the only copies of the sealed data keys. Each adapter passes ``tests/storage/contracts/vault.py``."""

    def put(self, key_file: KeyFile) -> None:
        """Hold a key file, once and durably. The same bytes again change nothing.

        Raises:
            Entombed: the attempt has a tombstone.
            AlreadyHeld: another key file is held for the attempt.
            StorageUnavailable: try again later; whether the file is held is not known.
        """
        ...

    def get(self, attempt_id: str) -> Held | None:
        """Return what is held for an attempt.

        Raises:
            Tampered: what is held cannot be read.
            StorageUnavailable: try again later. Never answered by ``None``.
        """
        ...

    def entomb(self, tombstone: Tombstone) -> None:
        """Replace the key file by a tombstone, in one step; also where nothing is held. A tombstone already there stays.

        Only the gate and reconcile may call this.
        """
        ...

    def list(self) -> Iterator[str]:
        """Yield the id of every attempt with a key file or a tombstone, in order."""
        ...


class MemoryVault:
    """The vault of the tests: the real rules, in a dictionary."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def put(self, key_file: KeyFile) -> None:
        """See :class:`KeyVault`."""
        held = self.files.setdefault(key_file.attempt_id, key_file.encode())
        same_or_refuse(held, key_file)

    def get(self, attempt_id: str) -> Held | None:
        """See :class:`KeyVault`."""
        data = self.files.get(check_id(attempt_id))
        return None if data is None else decode(data, attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """See :class:`KeyVault`."""
        if not is_tombstone(self.files.get(tombstone.attempt_id), tombstone.attempt_id):
            self.files[tombstone.attempt_id] = tombstone.encode()

    def list(self) -> Iterator[str]:
        """See :class:`KeyVault`."""
        return iter(sorted(self.files))


def is_tombstone(data: bytes | None, attempt_id: str) -> bool:
    """Tell whether an attempt's key is already destroyed; what cannot be read is not a tombstone, and may be entombed."""
    try:
        return data is not None and isinstance(decode(data, attempt_id), Tombstone)
    except Tampered:
        return False


def same_or_refuse(held: bytes, key_file: KeyFile) -> None:
    """Accept what a ``put`` found in its place if it is the very same key file.

    Raises:
        Entombed: a tombstone is there.
        AlreadyHeld: another key file is there.
    """
    if held == key_file.encode():
        return
    attempt_id = key_file.attempt_id
    if isinstance(decode(held, attempt_id), Tombstone):
        raise Entombed(f"the key of attempt {attempt_id} was destroyed: start a new attempt")
    raise AlreadyHeld(f"another key is held for attempt {attempt_id}: start a new attempt")


@dataclass(frozen=True)
class Mirrored:
    """A vault and its mirror, which must agree; every method reaches both or says that it did not."""

    vault: KeyVault
    mirror: KeyVault

    def put(self, key_file: KeyFile) -> None:
        """Hold a key file in both, then read both back.

        Raises:
            Entombed, AlreadyHeld: as :meth:`KeyVault.put`.
            Tampered: one of them answers with something else.
            StorageUnavailable: one cannot be reached; the same put again completes what is missing.
        """
        self.vault.put(key_file)
        self.mirror.put(key_file)
        if self.get_both(key_file.attempt_id) != (key_file, key_file):
            raise Tampered(
                f"the vault or its mirror does not answer with the key just put for attempt {key_file.attempt_id}: check their disks"
            )

    def get(self, attempt_id: str) -> Held | None:
        """Return a tombstone if either holds one, else the vault's answer, else the mirror's."""
        held = self.vault.get(attempt_id)
        if isinstance(held, Tombstone):
            return held
        mirrored = self.mirror.get(attempt_id)
        return mirrored if held is None or isinstance(mirrored, Tombstone) else held

    def get_both(self, attempt_id: str) -> tuple[Held | None, Held | None]:
        """Return both answers, for proofs."""
        return self.vault.get(attempt_id), self.mirror.get(attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """Entomb in both. The mirror is tried also when the vault fails, so that no key outlives its time for a disk's sake.

        Raises:
            StorageError: at least one is not proved; the destruction is not proved either. Entomb again.
        """
        failures = [failure for vault in (self.vault, self.mirror) if (failure := _entomb(vault, tombstone))]
        if failures:
            raise failures[0]

    def list(self) -> Iterator[str]:
        """Yield the attempts that either knows, in order."""
        return iter(sorted({*self.vault.list(), *self.mirror.list()}))


def _entomb(vault: KeyVault, tombstone: Tombstone) -> StorageError | None:
    try:
        vault.entomb(tombstone)
    except StorageError as error:
        return error
    return None


class Repair(StrEnum):
    """What :func:`equalise` did for an attempt."""

    TOMBSTONE_TO_VAULT = "tombstone_to_vault"
    TOMBSTONE_TO_MIRROR = "tombstone_to_mirror"
    KEY_TO_VAULT = "key_to_vault"
    KEY_TO_MIRROR = "key_to_mirror"
    DIFFERENT_KEYS = "different_keys"
    UNREADABLE_IN_VAULT = "unreadable_in_vault"
    UNREADABLE_IN_MIRROR = "unreadable_in_mirror"


@dataclass(frozen=True)
class Repaired:
    """One line for the journal. The last three repairs changed nothing: a person must look."""

    attempt_id: str
    repair: Repair


def equalise(vault: KeyVault, mirror: KeyVault) -> tuple[Repaired, ...]:
    """Make vault and mirror equal: a tombstone in either wins, else a key in either is copied.

    Idempotent, needs no gate: it destroys only what a tombstone already said was destroyed. Two different keys, and a file
    that cannot be read, are reported and left alone, unless the other side holds a tombstone.

    Raises:
        StorageUnavailable: one cannot be reached; what was done so far stays, call again.
    """
    return tuple(
        Repaired(attempt_id, repair)
        for attempt_id in Mirrored(vault, mirror).list()
        if (repair := _equalise_one(attempt_id, vault, mirror)) is not None
    )


def _answer(vault: KeyVault, attempt_id: str) -> Held | Tampered | None:
    try:
        return vault.get(attempt_id)
    except Tampered as error:
        return error


def _equalise_one(attempt_id: str, vault: KeyVault, mirror: KeyVault) -> Repair | None:
    ours, theirs = _answer(vault, attempt_id), _answer(mirror, attempt_id)
    repair: Repair | None = None
    match ours, theirs:
        case (Tombstone(), Tombstone()) | (None, None):
            pass
        case Tombstone(), _:
            mirror.entomb(ours)
            repair = Repair.TOMBSTONE_TO_MIRROR
        case _, Tombstone():
            vault.entomb(theirs)
            repair = Repair.TOMBSTONE_TO_VAULT
        case KeyFile(), None:
            mirror.put(ours)
            repair = Repair.KEY_TO_MIRROR
        case None, KeyFile():
            vault.put(theirs)
            repair = Repair.KEY_TO_VAULT
        case KeyFile(), KeyFile():
            repair = None if ours == theirs else Repair.DIFFERENT_KEYS
        case Tampered(), _:
            repair = Repair.UNREADABLE_IN_VAULT
        case _:
            repair = Repair.UNREADABLE_IN_MIRROR
    return repair
