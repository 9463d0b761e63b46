"""Recover: after a disaster, from the mirror, the objects and the offline copy of the identity alone, each live recording as a file.

What has a tombstone in either vault is not recovered: its key is gone. A recovered file appears whole or not at all; where the hash of what
was deposited is known, from the database or from the journal's segments, it must be that. The drill opens and writes nothing.
"""

import hashlib
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from journal.entry import Entry
from journal.segment import Segment
from retention.errors import RestoreRefusedError
from retention.history import RECEIVED, text
from storage import durable
from storage.errors import AlreadyHeld, NotHeld, StorageError, StorageUnavailable, Tampered
from storage.identity import Identity, open_key
from storage.keyfile import KeyFile, SealedObject, Tombstone
from storage.objects import ObjectStore, fetcher, read_all
from storage.ranges import RangeReader
from storage.seal import CHUNK, DataKey, Part, open_stream, sealed_length
from storage.vault import KeyVault

DRILLED: Final = "recovery.drilled"
RECOVERED: Final = "recovery.done"
SUBJECT: Final = "system:recovery"
_SAMPLE: Final = 20


class Fault(StrEnum):
    """Why a recording could not be recovered."""

    OTHER_IDENTITY = "other_identity"  # its key is sealed to an identity that was not given
    KEY_UNREADABLE = "key_unreadable"
    OBJECT_MISSING = "object_missing"
    OBJECT_DAMAGED = "object_damaged"
    OTHER_SOUND = "other_sound"  # it opens, and is not what was recorded
    FILE_EXISTS = "file_exists"
    STORE_UNREACHABLE = "store_unreachable"


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one recording. ``compared`` tells whether the hash of what was deposited was known."""

    recording_id: str
    attempt_id: str
    file: Path | None = None
    size: int = 0
    compared: bool = False
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill showed: how many live keys there are, how many were tried, and what did not open."""

    live: int
    tried: int
    heard: str | None
    faults: tuple[Recovered, ...]

    @property
    def holds(self) -> bool:
        """Whether everything that was tried opened, the first chunk of one recording included, if there is any."""
        return not self.faults and (self.heard is not None or self.live == 0)


@dataclass(frozen=True)
class Recovering:
    """What a recovery stands on. ``known`` says the SHA-256 of what was deposited, in hexadecimal, where anything tells."""

    identities: Sequence[Identity]
    vaults: Sequence[KeyVault]
    objects: ObjectStore
    known: Callable[[str], str | None]

    def live(self) -> list[KeyFile]:
        """Return every key file that stands, by recording: a tombstone in any vault wins. A vault that is absent is left out.

        Raises:
            StorageUnavailable: none of them is there.
        """
        found: dict[str, KeyFile] = {}
        dead: set[str] = set()
        reached = 0
        for vault in self.vaults:
            with suppress(StorageUnavailable):
                for attempt in vault.list():
                    with suppress(Tampered):
                        held = vault.get(attempt)
                        if isinstance(held, Tombstone):
                            dead.add(attempt)
                        elif held is not None:
                            found.setdefault(attempt, held)
                reached += 1
        if not reached:
            raise StorageUnavailable("neither the mirror nor the vault is there: mount the mirror's disk, or name its bucket")
        return sorted((one for attempt, one in found.items() if attempt not in dead), key=lambda one: (one.recording_id, one.attempt_id))

    def drill(self, sample: int = _SAMPLE) -> Drilled:
        """Open a sample of keys, chosen by chance, and the first chunk of one recording. Nothing is written."""
        live = self.live()
        chosen = live if len(live) <= sample else secrets.SystemRandom().sample(live, sample)
        faults, heard = [], None
        for one in chosen:
            try:
                self._key(one)
                if heard is None:
                    self._first_chunk(one)
                    heard = one.recording_id
            except (StorageError, _FaultError) as error:
                faults.append(Recovered(one.recording_id, one.attempt_id, fault=_fault(error)))
        return Drilled(len(live), len(chosen), heard, tuple(faults))

    def _key(self, one: KeyFile) -> DataKey:
        try:
            return open_key(one, self.identities)
        except NotHeld as error:
            raise _FaultError(Fault.OTHER_IDENTITY) from error
        except Tampered as error:
            raise _FaultError(Fault.KEY_UNREADABLE) from error

    def _first_chunk(self, one: KeyFile) -> None:
        sound = _sound(one)
        key, context = self._key(one), one.context(Part.SOUND)
        for version in self._versions(sound):
            fetch = fetcher(self.objects, sound.object_key, version, sealed_length(sound.plain_length))
            reader = RangeReader(key, context, fetch, sound.plain_length, read_ahead=0)
            for _ in reader.read(0, min(sound.plain_length, CHUNK)):
                return
        raise NotHeld(f"object {sound.object_key} is not in the store")

    def recover(self, out: Path, wanted: Iterable[str] = ()) -> Iterator[Recovered]:
        """Write each live recording, or those named, into a directory, as ``<recording>.mp3``; one that fails stops no other.

        Raises:
            RestoreRefusedError: a recording that was named has no key.
        """
        asked, live = set(wanted), self.live()
        missing = asked - {one.recording_id for one in live}
        if missing:
            raise RestoreRefusedError(f"no key is held of {', '.join(sorted(missing))}: it was destroyed, or never stored")
        with durable.disk_errors(f"nothing can be written into {out}"):
            durable.private_directory(out)
        named: set[str] = set()
        for one in live:
            if not asked or one.recording_id in asked:
                second = one.recording_id in named  # another attempt of the same recording
                named.add(one.recording_id)
                yield self._recovered(out / (f"{one.recording_id}-{one.attempt_id}.mp3" if second else f"{one.recording_id}.mp3"), one)

    def _recovered(self, path: Path, one: KeyFile) -> Recovered:
        try:
            if path.exists():
                return Recovered(one.recording_id, one.attempt_id, fault=Fault.FILE_EXISTS)
            expected = self.known(one.recording_id)
            size = self._written(path, one, expected)
        except (StorageError, _FaultError) as error:
            return Recovered(one.recording_id, one.attempt_id, fault=_fault(error))
        return Recovered(one.recording_id, one.attempt_id, path, size, compared=expected is not None)

    def _written(self, path: Path, one: KeyFile, expected: str | None) -> int:
        """Write one file: under a temporary name, durably, then under its own; the first version that opens is taken."""
        sound, key = _sound(one), self._key(one)
        damaged: Tampered | None = None
        for version in self._versions(sound):
            pieces = read_all(self.objects, sound.object_key, version, sealed_length(sound.plain_length))
            try:
                return _whole(path, open_stream(key, one.context(Part.SOUND), pieces), sound.plain_length, expected)
            except Tampered as error:
                damaged = error
        raise damaged or NotHeld(f"object {sound.object_key} is not in the store")

    def _versions(self, sound: SealedObject) -> list[str | None]:
        """Return the versions that have the length of the sealed object, the latest first."""
        wanted = sealed_length(sound.plain_length)
        listed = [one for one in self.objects.versions(sound.object_key) if not one.delete_marker]
        fitting = [one.version_id for one in listed if one.length == wanted]
        if listed and not fitting:
            raise Tampered(f"object {sound.object_key} has another length than was sealed")
        return fitting


class _FaultError(Exception):
    """Why one recording cannot be recovered."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def hashes_of(segments: Iterable[Segment]) -> dict[str, str]:
    """Return what segments tell of the bytes that were deposited: SHA-256 by recording."""
    found = {}
    for segment in segments:
        for data in segment.entries:
            if RECEIVED.encode() in data:
                entry = Entry.decode(data)
                sha256 = text(entry.facts, "sha256")
                if entry.kind == RECEIVED and sha256 is not None:
                    found[entry.subject] = sha256
    return found


def _sound(one: KeyFile) -> SealedObject:
    found = one.sealed_object(Part.SOUND)
    if found is None:
        raise Tampered(f"the key file of attempt {one.attempt_id} names no sound")
    return found


def _whole(path: Path, pieces: Iterator[bytes], length: int, expected: str | None) -> int:
    """Write a file that appears whole, under its name, or not at all.

    Raises:
        Tampered: a piece does not open, or there are too few or too many bytes.
        AlreadyHeld: the file exists.
    """
    temporary = path.with_name(f"{durable.TEMPORARY}{path.name}.{secrets.token_hex(8)}")
    digest, size = hashlib.sha256(), 0
    durable.remove_leftovers(path)
    with durable.disk_errors(f"{path.name} cannot be written"):
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, durable.PRIVATE_FILE)
        try:
            with os.fdopen(descriptor, "wb") as file:
                for piece in pieces:
                    digest.update(piece)
                    size += file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            if size != length:
                raise Tampered(f"{path.name} has {size} bytes, and {length} were sealed")
            if expected not in {None, digest.hexdigest()}:
                raise _FaultError(Fault.OTHER_SOUND)
            os.link(temporary, path, follow_symlinks=False)
        except FileExistsError as error:
            raise AlreadyHeld(f"{path.name} exists: nothing was written over it") from error
        finally:
            temporary.unlink(missing_ok=True)
        durable.sync_directory(path.parent)
    return size


def _fault(error: StorageError | _FaultError) -> Fault:
    match error:
        case _FaultError(fault=fault):
            return fault
        case AlreadyHeld():
            return Fault.FILE_EXISTS
        case StorageUnavailable():
            return Fault.STORE_UNREACHABLE
        case NotHeld():
            return Fault.OBJECT_MISSING
        case _:
            return Fault.OBJECT_DAMAGED
