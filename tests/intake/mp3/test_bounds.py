"""A hostile file costs at most 15 seconds and 300 MB, whatever is in it."""

import resource
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from intake.confine import Answered, Pool, Task
from intake.mp3 import Judgement, Limits, judge
from intake.mp3.confined import rehearse
from registry.codes import Verdict
from tests.intake.mp3 import made

pytestmark = pytest.mark.slow
FULL = 74_900_000


def measured(data: memoryview) -> list[Any]:
    """Judge, and tell the most memory that this process ever held, in kilobytes."""
    found = judge(data, Limits(), sha256="0" * 64)
    return [found.to_json(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """A pool with the limits of service."""
    with Pool({"measured": Task(measured, warm_up=rehearse)}) as made_pool:
        yield made_pool


def full(pattern: bytes) -> bytes:
    """As many bytes as may be deposited."""
    return (pattern * (FULL // len(pattern) + 1))[:FULL]


def behind(body: bytes, version: int = 4, flags: int = 0) -> bytes:
    """A tag that takes all the room but for a recording at the end."""
    size = FULL - len(made.call())
    return b"ID3" + bytes([version, 0, flags]) + made.syncsafe(size) + (body * (size // len(body) + 1))[:size] + made.call()


FRAME = made.silent_frame(24000, 1)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "sync bytes": lambda: full(b"\xff"),
    "headers everywhere": lambda: full(b"\xff\xfb\x90\x00"),
    "byte order marks": lambda: full(b"\xff\xfe\x54\x00"),
    "random bytes": lambda: made.junk(FULL),
    "two frames and a gap": lambda: full(FRAME * 2 + b"\0"),
    "empty tags": lambda: full(b"ID3\4\0\0\0\0\0\0"),
    "empty tags in mid-stream": lambda: made.call() + full(b"ID3\4\0\0\0\0\0\0")[: FULL - 50_000],
    "tags that claim everything, nested": lambda: full(made.call()[:864] + b"ID3\4\0\0" + made.syncsafe(60_000_000)),
    "beginnings of lyrics": lambda: made.call() + full(b"LYRICSBEGIN")[: FULL - 50_000],
    "seven million tag frames": lambda: behind(b"TXXX" + bytes(6)),
    "an unsynchronised tag": lambda: behind(b"\xff\0", 3, 0x80),
    "padding": lambda: behind(b"\0"),
    "half an hour of the smallest frames": lambda: FRAME * (1800 * 24000 // 576),
    "a rate that changes at every frame": lambda: (made.silent_frame(44100, 1) + made.silent_frame(48000, 1)) * 35_000,
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_verdict_is_slow_or_large(pool: Pool, make: Callable[[], bytes]) -> None:
    """A verdict comes, in time and in bounds; none of these is long and accepted."""
    data = make()
    began = time.monotonic()
    outcome = pool.run("measured", data)
    assert time.monotonic() - began < 15
    assert isinstance(outcome, Answered), outcome
    judgement, kilobytes = outcome.value
    assert kilobytes < 300_000
    found = Judgement.from_json(judgement)
    assert found.verdict is not Verdict.ACCEPT or (found.duration_seconds or 0) < 1800.5
