"""One file looked at from the command line: read once, bounded, judged in a confined process; nothing is kept."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any, Final

from intake.confine import Pool
from intake.errors import NotRegularError, UnreadableError
from intake.mp3.confined import judge_confined
from intake.mp3.dates import date_warnings
from intake.mp3.judgement import Judgement
from intake.mp3.limits import Limits
from registry.codes import Code, Verdict

_CHUNK: Final = 1 << 20


@dataclass(frozen=True)
class Inspection:
    """A file's name as it was given, and its judgement; None where it is larger than may be read, and was not."""

    file: str
    size_bytes: int
    judgement: Judgement | None

    @property
    def verdict(self) -> Verdict:
        """The judgement's; ``reject`` for a file that is too large."""
        return self.judgement.verdict if self.judgement else Verdict.REJECT

    @property
    def reasons(self) -> tuple[Code, ...]:
        """Why, when the verdict is not ``accept``."""
        return self.judgement.reasons if self.judgement else (Code.TOO_LARGE,)

    def to_json(self) -> dict[str, Any]:
        """Return exactly the keys of ``inspect --json``."""
        judged = self.judgement
        return {
            "file": self.file,
            "verdict": self.verdict.value,
            "reasons": [code.value for code in self.reasons],
            "warnings": [code.value for code in judged.warnings] if judged else [],
            "duration_seconds": judged.duration_seconds if judged else None,
            "sha256": judged.sha256 if judged else None,
            "size_bytes": self.size_bytes,
            "format": asdict(judged.format) if judged and judged.format else None,
            "recorded_on": judged.recorded_on.isoformat() if judged and judged.recorded_on else None,
        }


def inspect_file(
    source: Path | int,
    pool: Pool,
    limits: Limits,
    *,
    hearing: date | None = None,
    call_date: date | None = None,
    today: date | None = None,
) -> Inspection:
    """Judge one file, named or already open; ``pool`` was made with ``judge_task(limits)``.

    The dates in its tags are compared with those given; what the rules make of the declared dates is not decided here.

    Raises:
        NotRegularError: a directory, a pipe, a socket or a device.
        UnreadableError: it does not exist, may not be read, or its disk failed.
        ConfinementUnavailableError: no confined process can be started.
    """
    name = f"descriptor {source}" if isinstance(source, int) else str(source)
    try:
        with _opened(source, name) as descriptor:
            size = os.fstat(descriptor).st_size
            memory = os.memfd_create("inspected", os.MFD_CLOEXEC) if size <= limits.max_bytes else None
            if memory is None:
                return Inspection(name, size, None)
            try:
                return _judged(descriptor, memory, name, pool, limits, (hearing, call_date, today))
            finally:
                os.close(memory)
    except OSError as error:
        raise UnreadableError(f"{name} cannot be read ({error.strerror}): check its path, its permissions and its disk") from error


def _judged(
    descriptor: int, memory: int, name: str, pool: Pool, limits: Limits, dates: tuple[date | None, date | None, date | None]
) -> Inspection:
    running, size = hashlib.sha256(), 0
    while chunk := os.pread(descriptor, _CHUNK, size):
        size += len(chunk)
        if size > limits.max_bytes:
            return Inspection(name, size, None)
        running.update(chunk)
        left = memoryview(chunk)
        while left:
            left = left[os.write(memory, left) :]
    judgement = judge_confined(pool, memory, sha256=running.hexdigest())
    hearing, call_date, today = dates
    more = date_warnings(judgement.dates, hearing=hearing, call_date=call_date, today=today)
    return Inspection(name, size, judgement.with_warnings(more))


@contextmanager
def _opened(source: Path | int, name: str) -> Iterator[int]:
    """Open without waiting for a writer: what is not a regular file is refused unread."""
    if isinstance(source, int):
        _refuse_irregular(source, name)
        yield source
        return
    try:
        descriptor = os.open(source, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        if error.errno in {errno.ENXIO, errno.ENODEV}:
            raise NotRegularError(f"{name} is not a file: give the path of a recording") from error
        raise
    try:
        _refuse_irregular(descriptor, name)
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_irregular(descriptor: int, name: str) -> None:
    mode = os.fstat(descriptor).st_mode
    if not stat.S_ISREG(mode):
        kind = "a directory" if stat.S_ISDIR(mode) else "not a regular file"
        raise NotRegularError(f"{name} is {kind}: give the path of a recording")
