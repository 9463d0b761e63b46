"""The shared folder, by descriptors: no path is ever followed through a link.

``depots/<session>/<reference>/<file>``. Names are bytes, as the file system spells them. Everything is opened one step
at a time, relative to the directory above, with ``O_NOFOLLOW``.
"""

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from intake import temporaries
from intake.errors import ChangedError, NotRegularError, UnreadableError

ASIDE = b".consigne"  # where originals go before they are unlinked: candidates do not see it
_CHUNK = 1 << 20
_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
_GONE = frozenset({errno.ENOENT, errno.ESTALE})
_ABOVE = frozenset({b"", b".", b".."})
_LONGEST_NAME = 255  # bytes, on every file system in use


@dataclass(frozen=True)
class Place:
    """Where a file lies below the root: its directories, then its name."""

    folder: tuple[bytes, ...]
    name: bytes

    @property
    def path(self) -> bytes:
        """The path below the root."""
        return b"/".join((*self.folder, self.name))

    @property
    def key(self) -> str:
        """What names this place in the database without telling it."""
        return hashlib.sha256(self.path).hexdigest()

    @classmethod
    def of(cls, path: bytes) -> "Place":
        """Read back what ``path`` gave."""
        *folder, name = path.split(b"/")
        return cls(tuple(folder), name)

    @property
    def shown(self) -> str:
        """The name as people may read it, whatever its encoding."""
        return self.name.decode("utf-8", "replace")


@dataclass(frozen=True)
class Identity:
    """What tells one file from another put in its place, and from itself once changed."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "Identity":
        """Take it from a stat."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)

    def text(self) -> str:
        """One string, to compare and to keep."""
        return f"{self.device}:{self.inode}:{self.size}:{self.modified_ns}:{self.changed_ns}"


class Share:
    """One root of deposit folders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def directory(self, parts: tuple[bytes, ...]) -> Iterator[int]:
        """Open a directory below the root, following no link and never leaving the root.

        Raises:
            ChangedError: it is not there (any more), or a link stands in its place.
            UnreadableError: the centre's account may not enter it.
        """
        if _ABOVE.intersection(parts):
            raise ChangedError("a folder of the share has a name of its own")
        descriptor = -1
        try:
            with _no_link(), _told():
                descriptor = os.open(self.root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                for part in parts:
                    below = os.open(part, _DIRECTORY, dir_fd=descriptor)
                    os.close(descriptor)
                    descriptor = below
            yield descriptor
        finally:
            if descriptor >= 0:
                os.close(descriptor)

    @contextmanager
    def file(self, place: Place) -> Iterator[tuple[int, os.stat_result]]:
        """Open a regular file for reading; the descriptor never blocks and never follows a link.

        Raises:
            NotRegularError: a link, directory, pipe or device lies there.
            ChangedError: nothing lies there any more.
            UnreadableError: the centre's account may not read it.
        """
        with self.directory(place.folder) as directory:
            with _told():
                before = os.stat(place.name, dir_fd=directory, follow_symlinks=False)
                if not stat.S_ISREG(before.st_mode):
                    raise NotRegularError("only a file can be deposited")
                descriptor = os.open(place.name, _FILE, dir_fd=directory)
            try:
                status = os.fstat(descriptor)
                if not stat.S_ISREG(status.st_mode):
                    raise NotRegularError("only a file can be deposited")
                yield descriptor, status
            finally:
                os.close(descriptor)

    def stat(self, place: Place) -> os.stat_result | None:
        """Look at what lies in a place, without following a link; None when nothing does.

        Raises:
            UnreadableError: the centre's account may not look there.
        """
        try:
            with self.directory(place.folder) as directory, _told():
                return os.stat(place.name, dir_fd=directory, follow_symlinks=False)
        except ChangedError:
            return None

    def make(self, parts: tuple[bytes, ...]) -> None:
        """Make a directory below the root, and those above it; one that is there stays as it is."""
        for depth in range(1, len(parts) + 1):
            with self.directory(parts[: depth - 1]) as above, suppress(FileExistsError), _told():
                os.mkdir(parts[depth - 1], 0o770, dir_fd=above)

    def write(self, folder: tuple[bytes, ...], name: bytes, content: bytes, *, over_ours: bool = False) -> Identity:
        """Put a file of ours in a folder, whole or not at all; ``over_ours`` replaces an older one of ours of that name.

        Raises:
            ChangedError: something lies there, and it was not said to be ours.
        """
        temporary = temporaries.name()
        with self.directory(folder) as directory:
            temporaries.sweep(directory)
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o660, dir_fd=directory)
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                if over_ours:
                    os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
                else:
                    _move(temporary, directory, name, directory)
            except (OSError, ChangedError):
                with suppress(OSError):
                    os.unlink(temporary, dir_fd=directory)
                raise
            with suppress(OSError):  # some network shares cannot flush a directory
                os.fsync(directory)
            return Identity.of(os.stat(name, dir_fd=directory, follow_symlinks=False))

    def remove_ours(self, folder: tuple[bytes, ...], name: bytes, sha256: str) -> None:
        """Take a file of ours away, if it is still exactly what we wrote."""
        place = Place(folder, name)
        with suppress(ChangedError, NotRegularError, UnreadableError):
            with self.file(place) as (descriptor, _):
                same = digest(descriptor) == sha256
            if same:
                with self.directory(folder) as directory:
                    os.unlink(name, dir_fd=directory)

    def set_aside(self, place: Place, attempt: str) -> bool:
        """Move a taken original out of the candidate's sight, in one step; False when nothing lies there any more."""
        self.make((ASIDE,))
        with self.directory((ASIDE,)) as aside:
            try:
                with self.directory(place.folder) as directory, _told():
                    os.rename(place.name, attempt.encode(), src_dir_fd=directory, dst_dir_fd=aside)
                    os.fsync(directory)
            except ChangedError:
                return False
            os.fsync(aside)
        return True

    def aside(self, attempt: str) -> Place:
        """Where an original was set aside."""
        return Place((ASIDE,), attempt.encode())

    def unlink_aside(self, attempt: str) -> None:
        """Unlink an original that was set aside."""
        with self.directory((ASIDE,)) as directory, _told():
            os.unlink(attempt.encode(), dir_fd=directory)
            os.fsync(directory)

    def remove_folder(self, parts: tuple[bytes, ...]) -> None:
        """Remove a deposit folder and everything in it, following no link; one already gone is no error.

        Raises:
            ChangedError: the root is not there, or is empty: the share is away, and nothing is known of what it holds.
            UnreadableError: the centre's account may not remove something.
        """
        with self.directory(()) as root:
            if not [*os.scandir(root)]:
                raise ChangedError("the shared folder is empty: it is away, or was emptied")
        with suppress(ChangedError), self.directory(parts[:-1]) as above, _told():
            shutil.rmtree(parts[-1], dir_fd=above)
            os.fsync(above)

    def put_back(self, attempt: str, place: Place) -> Place:
        """Give back what was set aside and is not what was taken, under its name or the next free one.

        Raises:
            ChangedError: no name is free, or its folder is not there any more.
            UnreadableError: the centre's account may not write there.
        """
        with self.directory((ASIDE,)) as aside, self.directory(place.folder) as directory, _told():
            for number in range(1, 1000):
                name = place.name if number == 1 else _numbered(place.name, number)
                with suppress(ChangedError):
                    _move(attempt.encode(), aside, name, directory)
                    os.fsync(directory)
                    return Place(place.folder, name)
        raise ChangedError("a thousand files of that name lie there already")


def _move(old: bytes, source: int, new: bytes, target: int) -> None:
    """Give something another name, never over something else.

    A second name first, then the first one away: unlike a renaming, this cannot replace what appears in between. Directories, and
    shares without second names, are renamed after a look.

    Raises:
        ChangedError: something lies there.
    """
    try:
        os.link(old, new, src_dir_fd=source, dst_dir_fd=target, follow_symlinks=False)
    except FileExistsError as error:
        if not _same(old, source, new, target):  # a kill may have come between the two names
            raise ChangedError("something lies there already") from error
        os.unlink(old, dir_fd=source)
    except OSError as error:
        if error.errno not in _NO_SECOND_NAMES:
            raise
        if _lies(new, target):
            raise ChangedError("something lies there already") from error
        os.rename(old, new, src_dir_fd=source, dst_dir_fd=target)
    else:
        os.unlink(old, dir_fd=source)


_NO_SECOND_NAMES = frozenset({errno.EPERM, errno.EMLINK, errno.EXDEV, errno.ENOSYS, errno.EOPNOTSUPP, errno.EINVAL})


def _lies(name: bytes, directory: int) -> bool:
    try:
        os.stat(name, dir_fd=directory, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True


def _same(one: bytes, source: int, other: bytes, target: int) -> bool:
    statuses = os.stat(one, dir_fd=source, follow_symlinks=False), os.stat(other, dir_fd=target, follow_symlinks=False)
    return os.path.samestat(*statuses)


def _numbered(name: bytes, number: int) -> bytes:
    """Return ``name (2).mp3``, cut where it would be too long for a file system."""
    stem, dot, extension = name.rpartition(b".")
    ending = b" (%d)" % number + (dot + extension if stem else b"")
    return (stem or extension)[: max(1, _LONGEST_NAME - len(ending))] + ending[-(_LONGEST_NAME - 1) :]


def digest(descriptor: int) -> str:
    """Hash what a descriptor reads, from its beginning."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    running = hashlib.sha256()
    while chunk := os.read(descriptor, _CHUNK):
        running.update(chunk)
    return running.hexdigest()


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno in _GONE:
            raise ChangedError("the file is not there any more") from error
        if error.errno in {errno.ELOOP, errno.ENOTDIR, errno.ENXIO}:
            raise NotRegularError("a link, a directory, a pipe or a device lies there") from error
        if error.errno in {errno.EACCES, errno.EPERM}:
            raise UnreadableError("the centre's account may not read this") from error
        raise


@contextmanager
def _no_link() -> Iterator[None]:
    try:
        yield
    except NotRegularError as error:
        raise ChangedError("a link or a file stands where a folder was") from error
