"""Judging in a confined process: what the intake and the command line call."""

import os
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
    """Judge a small recording, so that all that is imported lazily is there before files are out of reach."""
    silence = b"\xff\xf3\x18\xc4" + bytes(32)  # 36 ms of MPEG-2 layer III at 16 kHz, 8 kbit/s, mono
    tag = b"ID3\x04\x00\x00\x00\x00\x00\x15TDRC\x00\x00\x00\x0b\x00\x00\x032026-02-01"
    judge(memoryview(tag + silence * 200), Limits())


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
