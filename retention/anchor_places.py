"""Where segments of the journal are kept outside the database: a directory of their own, and a bucket. Nothing is ever rewritten there.

Only what the operator cannot rewrite counts as an anchor: an outside bucket with object lock, the compliance officer's mail. The directory
is there so that a restore finds the entries that the database lacks.
"""

from pathlib import Path
from typing import Final, Protocol

from journal import segment
from journal.checkpoints import Place
from retention.errors import AnchorError
from storage import durable
from storage.errors import AlreadyHeld, NotHeld
from storage.objects import ObjectStore, read_all

_PREFIX: Final = "segment-"
_SUFFIX: Final = ".jsonl"


class SegmentPlace(Protocol):
    """Keeps segments by name."""

    @property
    def place(self) -> Place:
        """Which kind of place it is."""
        ...

    def put(self, name: str, data: bytes) -> None:
        """Write a segment, whole and durable; the same bytes again are no error.

        Raises:
            AnchorError: other bytes are there under this name; they stay.
            StorageError: it could not be written: try again later.
        """
        ...

    def names(self) -> list[str]:
        """Return the names of the segments that are there, in order of entries."""
        ...

    def get(self, name: str) -> bytes:
        """Read a segment.

        Raises:
            NotHeld: it is not there.
        """
        ...


class DirectoryPlace:
    """A directory, entered by its owner only: one file ``<name>.jsonl`` for each segment."""

    place: Final = Place.DIRECTORY

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def put(self, name: str, data: bytes) -> None:
        """See :class:`SegmentPlace`."""
        path = self._path(name)
        with durable.disk_errors(f"segment {name}"):
            durable.private_directory(self._directory)
            made = durable.create(path, data)
            durable.remove_leftovers(path)
            if not made and path.read_bytes() != data:
                raise AnchorError(f"the file of {name} holds other bytes: keep it, and compare it with the journal")

    def names(self) -> list[str]:
        """See :class:`SegmentPlace`."""
        with durable.disk_errors("the directory of segments"):
            found = self._directory.glob(f"{_PREFIX}*{_SUFFIX}") if self._directory.is_dir() else ()
            return sorted(path.name.removesuffix(_SUFFIX) for path in found)

    def get(self, name: str) -> bytes:
        """See :class:`SegmentPlace`."""
        with durable.disk_errors(f"segment {name}"):
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError as error:
                raise NotHeld(f"segment {name} is not in the directory of segments") from error

    def _path(self, name: str) -> Path:
        return self._directory / f"{name}{_SUFFIX}"


class BucketPlace:
    """A bucket: one object for each segment. Set a default retention with object lock on it, where the store has that."""

    place: Final = Place.BUCKET

    def __init__(self, objects: ObjectStore) -> None:
        self._objects = objects

    def put(self, name: str, data: bytes) -> None:
        """See :class:`SegmentPlace`."""
        try:
            self._objects.put(name, [data], len(data))
        except AlreadyHeld as error:
            raise AnchorError(f"the object {name} holds other bytes: keep it, and compare it with the journal") from error

    def names(self) -> list[str]:
        """See :class:`SegmentPlace`."""
        return sorted(key for key in self._objects.keys() if key.startswith(_PREFIX))  # noqa: SIM118  # the port's method, of no mapping

    def get(self, name: str) -> bytes:
        """See :class:`SegmentPlace`. Reads the oldest version: what came over it later is not what was anchored."""
        kept = [version for version in self._objects.versions(name) if not version.delete_marker]
        if not kept:
            raise NotHeld(f"segment {name} is not in the anchor bucket")
        return b"".join(read_all(self._objects, name, kept[-1].version_id, kept[-1].length))


def latest(names: list[str]) -> list[str]:
    """Return, of each origin, the name of the segment that goes furthest."""
    last: dict[str, tuple[int, str]] = {}
    for name in names:
        if told := segment.read_name(name):
            last[told.origin] = max(last.get(told.origin, (0, "")), (told.stop, name))
    return [name for _, name in last.values()]
