"""Write small private files so that a crash leaves the old one, the new one or none: never half of one."""

import errno
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.errors import StorageRefused, StorageUnavailable

PRIVATE_FILE = 0o600
PRIVATE_DIRECTORY = 0o700
TEMPORARY = ".new-"
"""How the name of a file begins while it is written, followed by its final name, a dot and a random part."""

_SETTINGS = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ENOTSUP, errno.ELOOP}


@contextmanager
def disk_errors(what: str) -> Iterator[None]:
    """Wrap what the file system says: rights and wrong places are refused, all else may pass (full, absent, failing disk)."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        if error.errno in _SETTINGS:
            raise StorageRefused(f"{what}: {reason}; check the directory, its owner and its file system") from error
        raise StorageUnavailable(f"{what}: {reason}; check that the disk is there and has room, it will be tried again") from error


def private_directory(directory: Path) -> None:
    """Make a directory that only its owner can enter, durably; one that exists keeps its rights."""
    if not directory.is_dir():
        directory.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
        sync_directory(directory.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory survive a power cut."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_temporary(path: Path, data: bytes) -> Path:
    temporary = path.with_name(f"{TEMPORARY}{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def create(path: Path, data: bytes) -> bool:
    """Write a file that must not exist yet, whole and durable; tell whether it was made. Nothing is overwritten.

    A :func:`remove_leftovers` at the same moment may take the temporary file away; then the name is already taken.
    """
    temporary = _write_temporary(path, data)
    try:
        os.link(temporary, path, follow_symlinks=False)
        made = True
    except FileExistsError:
        made = False
    except FileNotFoundError:
        if not path.exists():
            raise
        made = False
    finally:
        temporary.unlink(missing_ok=True)
    sync_directory(path.parent)
    return made


def replace(path: Path, data: bytes) -> None:
    """Write a file in one step, over the one that may be there, whole and durable."""
    temporary = _write_temporary(path, data)
    try:
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def remove_leftovers(path: Path) -> int:
    """Remove what writers of this file left when they were killed in mid-write; return how many there were.

    A killed :func:`create` can leave a second name of the very file that it made: a file is gone only once this was called too.
    """
    beginning = f"{TEMPORARY}{path.name}."
    left = [found for found in path.parent.iterdir() if found.name.startswith(beginning)]
    for found in left:
        found.unlink(missing_ok=True)
    if left:
        sync_directory(path.parent)
    return len(left)
