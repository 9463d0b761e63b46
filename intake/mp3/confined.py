"""Judging in a confined process: what the intake and the command line call."""

import os
import random
from collections.abc import Iterable, Iterator
from itertools import product
from typing import Any, Final

from intake.confine import Answered, Misbehaved, Misbehaviour, Pool, Task
from intake.mp3.judgement import Judgement, JudgementError
from intake.mp3.judging import judge
from intake.mp3.limits import Limits
from registry.codes import Code

JUDGE: Final = "judge"


def judge_task(limits: Limits | None = None) -> Task:
    """Return the task to name ``judge`` when a pool is made."""
    return Task(judge_here, {"limits": (limits or Limits()).to_json()}, rehearse)


def judge_here(data: memoryview, limits: dict[str, float], sha256: str) -> dict[str, Any]:
    """Judge in this process. The task's body: call it nowhere else on a stranger's file."""
    return judge(data, Limits.from_json(limits), sha256=sha256).to_json()


def rehearse() -> None:
    """Judge small files that take each path, so that all that is imported or built lazily is there before files are out of reach."""
    quiet = b"\xff\xf3\x18\xc4" + bytes(32)  # 36 ms of MPEG-2 layer III at 16 kHz, 8 kbit/s, mono
    rng = random.Random(0)  # noqa: S311 - noise to rehearse with, always the same
    noisy = b"".join(b"\xff\xfb\x90\x00" + rng.randbytes(413) for _ in range(40))  # 1 s of MPEG-1 at 44.1 kHz, stereo, some refused
    other = b"\xff\xfd\x90\xc0" + bytes(413)  # layer II
    clip = quiet * 20
    for tag in _tags():
        judge(memoryview(tag + clip), Limits())
    for content in (noisy, clip * 5 + noisy, clip + rng.randbytes(300) + clip[:-9], other * 20, rng.randbytes(4096), b"", b"RIFF" + clip):
        judge(memoryview(content), Limits())
    judge(memoryview(clip), Limits(min_seconds=0.1, max_seconds=0.2))


def _tags() -> Iterator[bytes]:
    """Make one tag of dates for each version of ID3v2 and each encoding of its texts, one of them wrong."""
    names = {2: ("TYE", "TDA", "TIM", "TXX"), 3: ("TYER", "TDAT", "TIME", "TXXX"), 4: ("TDRC", "TDRL", "TDAT", "TXXX")}
    for version, encoding in product(names, enumerate(("latin-1", "utf-16", "utf-16-be", "utf-8"))):
        rank, codec = encoding
        texts = [bytes([rank]) + text.encode(codec) for text in ("2026", "0102", "1015")]
        texts.append(bytes([rank]) + "creation_time\0".encode(codec) + "2026-02-01T10:15:00Z".encode(codec))
        yield _tag(version, zip(names[version], texts, strict=True))
        yield _tag(version, [(names[version][0], bytes([rank]) + b"\xff\xfe\xd8\x00\xdc\x80")])


def _tag(version: int, frames: Iterable[tuple[str, bytes]]) -> bytes:
    """Put an ID3v2 tag of less than 128 bytes a frame together."""
    before, after = (b"\0\0", b"") if version == 2 else (b"\0\0\0", b"\0\0")  # noqa: PLR2004 - ID3v2.2 has shorter frame headers
    body = b"".join(name.encode("ascii") + before + bytes([len(text)]) + after + text for name, text in frames)
    return b"ID3" + bytes([version, 0, 0, 0, 0, len(body) >> 7, len(body) & 127]) + body


def judge_confined(pool: Pool, descriptor: int, *, sha256: str) -> Judgement:
    """Judge the whole file behind a descriptor; ``sha256`` is the hash that the caller computed while reading it.

    A process that misbehaves on a file, or whose answer cannot be read, makes a ``DAMAGED`` file, for a person to look at.

    Raises:
        ConfinementUnavailableError: no confined process can be started; the file waits.
    """
    size = os.fstat(descriptor).st_size
    outcome = pool.run(JUDGE, descriptor, sha256=sha256)
    if isinstance(outcome, Answered):
        try:
            judgement = Judgement.from_json(outcome.value)
        except JudgementError:
            outcome = Misbehaved(Misbehaviour.GARBLED)
        else:
            if judgement.sha256 == sha256 and judgement.size_bytes == size:
                return judgement
            outcome = Misbehaved(Misbehaviour.GARBLED)
    return Judgement.of(frozenset({Code.DAMAGED}), sha256=sha256, size_bytes=size, cause=outcome.cause)
