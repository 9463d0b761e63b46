"""Backup: what a centre needs to begin again, in one directory. Never the vault, the mirror or a private half.

1. sign the journal, and put its segments outside, so that the backup begins from what is anchored
2. write the database, from one moment
3. copy the segments, the settings without secrets, and, where asked, the sealed objects of what is live
4. write the manifest, with the SHA-256 of each file, last: a directory without one is no backup

No key is in it, so that restoring any backup brings no recording back that was destroyed.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from sqlmodel import Session, col, select

from journal import canonical, log
from registry.database import Database
from registry.recordings import GONE
from registry.tables import Recording, UploadAttempt
from retention import dump
from retention.anchor_places import SegmentPlace
from retention.errors import BackupError
from storage import durable
from storage.errors import NotHeld, Tampered
from storage.objects import ObjectStore, read_all
from storage.strict import Fields, instant, parse

FORMAT: Final = "consigne-backup-1"
MANIFEST: Final = "manifest.json"
DATABASE, SETTINGS, SEGMENTS, OBJECTS = "database.jsonl", "consigne.toml", "segments", "objects"
ACTOR: Final = "system:backup"
MADE: Final = "backup.made"
_PART: Final = re.compile(r"(?:segments/|objects/)?[A-Za-z0-9][A-Za-z0-9._-]{0,120}")
_STEP: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a backup: its path below the directory, its size and its hash."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. ``entries`` is how many entries the journal had in it, ``root`` the root over them, in hexadecimal."""

    made_at: datetime
    entries: int
    root: str
    parts: tuple[Part, ...]

    def encode(self) -> bytes:
        """Return the one exact encoding."""
        parts: list[canonical.Encodable] = [{"path": one.path, "sha256": one.sha256, "size": one.size} for one in self.parts]
        return canonical.encode(
            {"entries": self.entries, "files": parts, "format": FORMAT, "made_at": instant(self.made_at), "root": self.root}
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read what :meth:`encode` wrote, and nothing else.

        Raises:
            BackupError: anything else.
        """
        try:
            fields = Fields(parse(data, "a manifest"), {"entries", "files", "format", "made_at", "root"}, "a manifest")
            fields.exactly("format", FORMAT)
            found = (Fields(item, {"path", "sha256", "size"}, "a file of a manifest") for item in fields.objects("files"))
            parts = tuple(Part(one.text("path"), one.count("size"), one.digest("sha256").hex()) for one in found)
            manifest = cls(fields.at("made_at"), fields.count("entries"), fields.digest("root").hex(), parts)
        except Tampered as error:
            raise BackupError(f"{MANIFEST} cannot be read: take another backup ({error})") from error
        if not all(_PART.fullmatch(part.path) for part in parts):
            raise BackupError(f"{MANIFEST} names a file that no backup holds: take another backup")
        return manifest


@dataclass(frozen=True)
class Backup:
    """A backup whose files were all found as its manifest says."""

    directory: Path
    manifest: Manifest

    @classmethod
    def read(cls, directory: Path) -> Self:
        """Read a backup, every byte of it.

        Raises:
            BackupError: there is no manifest, or a file is missing or another than was written.
        """
        path = directory / MANIFEST
        if not path.is_file():
            raise BackupError(f"{directory} holds no {MANIFEST}: it is no backup, or one that never came to its end; take another")
        manifest = Manifest.decode(path.read_bytes())
        for part in manifest.parts:
            try:
                size, sha256 = _hashed(chunks(directory / part.path))
            except OSError as error:
                raise BackupError(f"{part.path} of the backup cannot be read ({error.strerror}): take another backup") from error
            if (size, sha256) != (part.size, part.sha256):
                raise BackupError(f"{part.path} of the backup is not what was written: take another backup")
        return cls(directory, manifest)

    def database(self) -> Iterator[bytes]:
        """Give the database, line by line."""
        with (self.directory / DATABASE).open("rb") as file:
            yield from file

    def objects(self) -> Iterator[tuple[str, Path, Part]]:
        """Give the sealed objects that it holds: key, file and what is known of it."""
        for part in self.manifest.parts:
            folder, _, key = part.path.partition("/")
            if folder == OBJECTS and key:
                yield key, self.directory / part.path, part


@dataclass(frozen=True)
class Source:
    """What is backed up. ``settings`` is the text of the settings; ``objects`` None leaves the sealed recordings out."""

    database: Database
    anchor: Callable[[datetime], object]
    places: tuple[SegmentPlace, ...]
    settings: str
    objects: ObjectStore | None = None

    def back_up(self, directory: Path, now: datetime) -> Manifest:
        """Write a backup into a new or empty directory, as numbered above.

        Raises:
            BackupError: the directory is not empty.
            StorageError: a place or the store cannot be reached; what was written has no manifest, and is no backup.
        """
        _empty(directory)
        # 1. anchor
        self.anchor(now)
        # 2. the database
        with dump.snapshot(self.database) as connection:
            entries = log.size(connection)
            root = log.root(connection).hex()
            parts = [_write(directory, DATABASE, dump.lines(connection))]
        # 3. segments, settings, objects
        parts += [_write(directory, f"{SEGMENTS}/{name}.jsonl", [data]) for name, data in self._segments()]
        parts.append(_write(directory, SETTINGS, [without_secrets(self.settings).encode("utf-8")]))
        if self.objects is not None:
            parts += [_write(directory, f"{OBJECTS}/{key}", pieces) for key, pieces in self._live(self.objects)]
        # 4. the manifest
        manifest = Manifest(now, entries, root, tuple(sorted(parts, key=lambda one: one.path)))
        with durable.disk_errors("the backup's manifest cannot be written"):
            durable.create(directory / MANIFEST, manifest.encode())
        with self.database.transaction(now, ACTOR) as tx:
            sha256 = hashlib.sha256(manifest.encode()).hexdigest()
            tx.record(MADE, ACTOR, entries=entries, files=len(manifest.parts), manifest_sha256=sha256)
        return manifest

    def _segments(self) -> Iterator[tuple[str, bytes]]:
        """Give every segment once, from the first place that has it."""
        given: set[str] = set()
        for place in self.places:
            for name in place.names():
                if name not in given:
                    given.add(name)
                    yield name, place.get(name)

    def _live(self, store: ObjectStore) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Give the sealed objects of what is not being destroyed; one that goes meanwhile is left out."""
        with self.database.reading() as session:
            wanted = live_objects(session)
        for key, version in wanted:
            found = next((one for one in store.versions(key) if not one.delete_marker and version in {None, one.version_id}), None)
            if found is not None:
                yield key, _while_there(read_all(store, key, found.version_id, found.length))


def live_objects(session: Session) -> list[tuple[str, str | None]]:
    """Return the keys of the objects of every recording that is not being destroyed, each with its recorded version."""
    query = (
        select(UploadAttempt.object_key, Recording.object_version, UploadAttempt.waveform_key, Recording.waveform_version)
        .join(Recording, col(Recording.attempt_id) == col(UploadAttempt.id))
        .where(col(Recording.state).not_in(GONE))
        .order_by(col(Recording.id))
    )
    return [pair for sound, version, wave, other in session.exec(query) for pair in ((sound, version), (wave, other))]


def without_secrets(settings: str) -> str:
    """Return settings without the password that a database's address may hold; everything else that is secret is in files of its own."""
    return re.sub(r"(?m)^(\s*database_url\s*=\s*[\"'][^\"'\n]*?://[^:/@\"'\n]*):[^@\"'\n]*@", r"\1:***@", settings)


def _while_there(pieces: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from pieces
    except NotHeld:
        return


def _empty(directory: Path) -> None:
    with durable.disk_errors(f"the backup cannot be written into {directory}"):
        durable.private_directory(directory)
        if any(directory.iterdir()):
            raise BackupError(f"{directory} is not empty: name a new directory for each backup")
        for name in (SEGMENTS, OBJECTS):
            durable.private_directory(directory / name)


def _write(directory: Path, name: str, pieces: Iterable[bytes]) -> Part:
    """Write one file, durably."""
    path = directory / name
    with durable.disk_errors(f"{name} of the backup cannot be written"):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, durable.PRIVATE_FILE)
        with os.fdopen(descriptor, "wb", buffering=_STEP) as file:
            size, sha256 = _hashed(_passed(pieces, file.write))
            file.flush()
            os.fsync(file.fileno())
        durable.sync_directory(path.parent)
    return Part(name, size, sha256)


def _passed(pieces: Iterable[bytes], write: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        write(piece)
        yield piece


def chunks(path: Path) -> Iterator[bytes]:
    """Give the bytes of a file, a piece at a time."""
    with path.open("rb") as file:
        while piece := file.read(_STEP):
            yield piece


def _hashed(pieces: Iterable[bytes]) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()
