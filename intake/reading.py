"""Step 2: read a deposit once, into memory, hashing as it goes.

The bytes land in a ``memfd``, sealed against change: no disk that we write ever holds them, the confined process gets
the descriptor, and what is judged is what is stored.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from intake.errors import ChangedError, MustWaitError
from intake.shares import Identity, Place, Share

_CHUNK = 1 << 20
_SEALS = fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE | fcntl.F_SEAL_SEAL
HEAD = 64


@dataclass(frozen=True)
class Bytes:
    """A whole file in memory: a sealed descriptor, its hash and its size. ``head`` is its first bytes."""

    descriptor: int
    sha256: str
    size: int
    head: bytes

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes from the beginning, a mebibyte at a time; several readers do not disturb each other."""
        at = 0
        while chunk := os.pread(self.descriptor, _CHUNK, at):
            at += len(chunk)
            yield chunk

    def holds(self, piece: bytes, at: int) -> bool:
        """Tell whether a piece is exactly what lies at a position: as strict as a hash, for a tenth of its cost."""
        return os.pread(self.descriptor, len(piece), at) == piece


class TooLargeError(Exception):
    """The file is larger than may be read."""


@contextmanager
def whole(share: Share, place: Place, identity: Identity | None, limit: int) -> Iterator[Bytes]:
    """Read a file that must not change meanwhile.

    Raises:
        ChangedError: it vanished, or is not (or no longer) what ``identity`` says.
        TooLargeError: it has more than ``limit`` bytes, by its size or by what was read.
        MustWaitError: the disk or the network failed under the reading.
        NotRegularError, UnreadableError: as :meth:`Share.file`.
    """
    with share.file(place) as (source, status), _memory() as target:
        found = Identity.of(status)
        if identity is not None and found != identity:
            raise ChangedError("the file is not the one that was seen")
        if found.size > limit:
            raise TooLargeError
        try:
            sha256, size, head = _copy(source, target, limit)
            after = Identity.of(os.fstat(source))
        except OSError as error:
            raise MustWaitError("read_failed", f"the file could not be read ({error.strerror})") from error
        if after != found or size != found.size:
            raise ChangedError("the file changed while it was read")
        fcntl.fcntl(target, fcntl.F_ADD_SEALS, _SEALS)
        yield Bytes(target, sha256, size, head)


@contextmanager
def blank(size: int) -> Iterator[Bytes]:
    """Make a file of zeros that takes no memory, to try out what looks through deposits."""
    with _memory() as target:
        os.ftruncate(target, size)
        yield Bytes(target, "", size, bytes(min(size, HEAD)))


@contextmanager
def _memory() -> Iterator[int]:
    try:
        descriptor = os.memfd_create("deposit", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    except OSError as error:
        raise MustWaitError("no_memory", "no memory is left to read a deposit") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _copy(source: int, target: int, limit: int) -> tuple[str, int, bytes]:
    running, size, head = hashlib.sha256(), 0, b""
    while chunk := os.read(source, _CHUNK):
        head = head or chunk[:HEAD]
        running.update(chunk)
        size += len(chunk)
        if size > limit:
            raise TooLargeError
        left = memoryview(chunk)
        while left:
            left = left[os.write(target, left) :]
    return running.hexdigest(), size, head
