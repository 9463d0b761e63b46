"""The object store: the port, its values, and the fake that keeps the same rules in memory.

Objects are sealed, named by random ids, and never overwritten. Only the gate and reconcile may call ``remove_all``.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from storage.errors import AlreadyHeld, NotHeld, StorageRefused, Tampered
from storage.keyfile import check_id
from storage.ranges import Fetch


@dataclass(frozen=True)
class Stored:
    """One object as it was stored: what the registry records. ``version_id`` is None where the bucket keeps no versions."""

    key: str
    version_id: str | None
    length: int
    sha256: bytes


@dataclass(frozen=True)
class Version:
    """One version of an object, or a delete marker, as the store lists it. ``length`` is 0 for a marker."""

    key: str
    version_id: str | None
    length: int
    delete_marker: bool


@dataclass(frozen=True)
class Upload:
    """A multipart upload that was begun and not finished: invisible parts that take room."""

    key: str
    upload_id: str


@dataclass(frozen=True)
class Span:
    """A range read from an object, and the length that the store says the whole object has."""

    data: bytes
    total: int


@dataclass(frozen=True)
class Removed:
    """What ``remove_all`` found and removed."""

    versions: int
    delete_markers: int
    uploads: int


class ObjectStore(Protocol):
    """Holds sealed objects. Each adapter passes ``tests/storage/contracts/objects.py``."""

    def put(self, key: str, chunks: Iterable[bytes], length: int) -> Stored:
        """Store an object of ``length`` bytes, once, checked by SHA-256 on both sides. On failure nothing is left behind.

        The same bytes again, after an answer that was lost, are the same object.

        Raises:
            AlreadyHeld: other bytes are held under this key.
            StorageRefused: the chunks do not make ``length`` bytes.
            StorageUnavailable: try again later.
        """
        ...

    def get_range(self, key: str, version_id: str | None, start: int, stop: int) -> Span:
        """Read bytes ``start`` to ``stop`` (not included; fewer where the object ends before), of one version if named.

        Raises:
            NotHeld: no such object or version, or it ends at ``start`` or before.
            StorageUnavailable: try again later.
        """
        ...

    def versions(self, key: str) -> tuple[Version, ...]:
        """List every version and delete marker of exactly this key, the latest first."""
        ...

    def keys(self) -> Iterator[str]:
        """Yield the keys that have any version or delete marker, in order, each once."""
        ...

    def uploads(self, key: str | None = None) -> tuple[Upload, ...]:
        """List unfinished uploads, of exactly this key or of all."""
        ...

    def abort(self, upload: Upload) -> None:
        """Abort an unfinished upload; one already gone is no error."""
        ...

    def remove_all(self, key: str) -> Removed:
        """Remove every version, delete marker and unfinished upload of a key; what is already gone is no error."""
        ...

    def ping(self) -> None:
        """Ask the store for an answer.

        Raises:
            NotHeld: the bucket is not there.
            StorageUnavailable: the store does not answer.
        """
        ...


def fetcher(store: ObjectStore, key: str, version_id: str | None, sealed_length: int) -> Fetch:
    """Bind a range reader to one version of one object whose length is known.

    Raises (when called):
        Tampered: the store says that the object has another length than was recorded.
    """

    def fetch(start: int, stop: int) -> bytes:
        span = store.get_range(key, version_id, start, stop)
        if span.total != sealed_length:
            msg = f"object {key} has {span.total} bytes where {sealed_length} were recorded: it was cut, extended or swapped"
            raise Tampered(msg)
        return span.data

    return fetch


def read_all(store: ObjectStore, key: str, version_id: str | None, length: int, *, step: int = 8 << 20) -> Iterator[bytes]:
    """Read a whole object of recorded length, a step at a time.

    Raises:
        Tampered: the object has another length.
    """
    fetch = fetcher(store, key, version_id, length)
    for start in range(0, length, step):
        yield fetch(start, min(start + step, length))


def sha256_of(store: ObjectStore, key: str, version_id: str | None, length: int) -> bytes:
    """Read a whole object again and return its SHA-256 (for adoption and the scrub)."""
    digest = hashlib.sha256()
    for piece in read_all(store, key, version_id, length):
        digest.update(piece)
    return digest.digest()


def adopt(store: ObjectStore, stored: Stored) -> Stored | None:
    """Find what became of an object whose recorded version id is gone, as after copying a bucket back.

    Returns the same object under the only version that has the recorded size and SHA-256; None if there is none, or several.
    """
    found = [
        version
        for version in store.versions(stored.key)
        if not version.delete_marker
        and version.length == stored.length
        and sha256_of(store, stored.key, version.version_id, stored.length) == stored.sha256
    ]
    return Stored(stored.key, found[0].version_id, stored.length, stored.sha256) if len(found) == 1 else None


def collect(chunks: Iterable[bytes], length: int, part: int) -> Iterator[bytes]:
    """Regroup chunks into parts of ``part`` bytes, the last one shorter; an empty stream is one empty part.

    Raises:
        StorageRefused: the chunks do not make ``length`` bytes.
    """
    held = bytearray()
    seen = 0
    for chunk in chunks:
        held += chunk
        seen += len(chunk)
        if seen > length:
            break
        while len(held) > part:
            yield bytes(memoryview(held)[:part])
            del held[:part]
    if seen != length:
        raise StorageRefused(f"an object of {length} bytes was announced, and its chunks make {seen} or more: seal it again")
    yield bytes(held)


@dataclass
class MemoryObjects:
    """The object store of the tests: the real rules, with versions, in dictionaries."""

    part: int = 8 << 20
    before: Callable[[str], None] = lambda _verb: None
    """Called with the name of each verb before it acts: a test raises here to be a store that is down."""
    held: dict[str, list[tuple[Version, bytes]]] = field(default_factory=dict)
    unfinished: list[Upload] = field(default_factory=list)
    _count: int = 0

    def _next(self) -> str:
        self._count += 1
        return f"{self._count:032x}"

    def put(self, key: str, chunks: Iterable[bytes], length: int) -> Stored:
        """See :class:`ObjectStore`."""
        check_id(key)
        self.before("put")
        data = b"".join(collect(chunks, length, self.part))
        sha256 = hashlib.sha256(data).digest()
        if key in self.held and not self.held[key][0][0].delete_marker:
            version, held = self.held[key][0]
            if held != data:
                raise AlreadyHeld(f"object {key} is held with other bytes: take a new key")
        else:
            version = Version(key, self._next(), length, delete_marker=False)
            self.held.setdefault(key, []).insert(0, (version, data))
        return Stored(key, version.version_id, length, sha256)

    def get_range(self, key: str, version_id: str | None, start: int, stop: int) -> Span:
        """See :class:`ObjectStore`."""
        self.before("get_range")
        held = self.held.get(check_id(key), [])
        wanted = [entry for entry in held if version_id is None or entry[0].version_id == version_id][:1]
        if not wanted or wanted[0][0].delete_marker or start >= wanted[0][0].length:
            raise NotHeld(f"object {key}, or this version or range of it, is not in the store: run reconcile")
        return Span(wanted[0][1][start:stop], wanted[0][0].length)

    def versions(self, key: str) -> tuple[Version, ...]:
        """See :class:`ObjectStore`."""
        self.before("versions")
        return tuple(version for version, _ in self.held.get(check_id(key), []))

    def keys(self) -> Iterator[str]:
        """See :class:`ObjectStore`."""
        self.before("keys")
        return iter(sorted(self.held))

    def uploads(self, key: str | None = None) -> tuple[Upload, ...]:
        """See :class:`ObjectStore`."""
        self.before("uploads")
        return tuple(upload for upload in self.unfinished if key in (None, upload.key))

    def abort(self, upload: Upload) -> None:
        """See :class:`ObjectStore`."""
        self.before("abort")
        if upload in self.unfinished:
            self.unfinished.remove(upload)

    def remove_all(self, key: str) -> Removed:
        """See :class:`ObjectStore`."""
        self.before("remove_all")
        gone = [version.delete_marker for version, _ in self.held.pop(check_id(key), [])]
        uploads = self.uploads(key)
        for upload in uploads:
            self.abort(upload)
        return Removed(gone.count(False), gone.count(True), len(uploads))

    def ping(self) -> None:
        """See :class:`ObjectStore`."""
        self.before("ping")
