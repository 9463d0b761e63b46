"""Two ways into one decoder: many frames at once where the walk found nothing else, and through the demuxer everywhere."""

import functools
from collections.abc import Callable

import pytest

from intake.mp3.decoding import Decoded, Samples, decode, decode_unbroken
from intake.mp3.walk import Walk, walk
from tests.intake.mp3 import made

UNIT = 512
Maker = Callable[[], bytes]


class Ear:
    """A sink that keeps every sample of every channel."""

    def __init__(self) -> None:
        self.rates: set[int] = set()
        self.heard: list[bytes] = []

    def __call__(self, rate: int, channels: list[Samples]) -> int:
        """Keep one block."""
        self.rates.add(rate)
        self.heard = self.heard or [b""] * len(channels)
        self.heard = [before + samples.tobytes() for before, samples in zip(self.heard, channels, strict=True)]
        return len(channels[0])


def walked(data: bytes) -> Walk:
    found = walk(memoryview(data))
    assert found is not None
    return found


def unbroken(data: bytes, ear: Ear) -> Decoded | None:
    return decode_unbroken(memoryview(data), walked(data), ear, unit=UNIT)


def demuxed(data: bytes, ear: Ear) -> Decoded:
    found = walked(data)
    return decode(memoryview(data)[found.start : found.stop], ear, stop_after=60)


@functools.lru_cache(8)
def voice(rate: int, *, stereo: bool = False, header: bool = False) -> bytes:
    one = made.voice(rate, 4.0)
    return made.encode(*([one, -one] if stereo else [one]), rate=rate, kbps=64, header=header)


@pytest.mark.parametrize(
    "make",
    [
        lambda: voice(16000),
        lambda: voice(44100, stereo=True),
        lambda: voice(44100, header=True),
        lambda: made.id3(("TIT2", made.text("x"))) + voice(8000),
    ],
    ids=["mono", "stereo", "with a header frame", "after a tag"],
)
def test_both_ways_hear_the_same_samples(make: Maker) -> None:
    """What the demuxer's way gives, the short way gives, to the last bit and in whole units."""
    data, short, long = make(), Ear(), Ear()
    assert unbroken(data, short) == demuxed(data, long)
    assert short.rates == long.rates
    assert short.heard == long.heard


@pytest.mark.parametrize(
    "make",
    [
        lambda: voice(16000) + made.junk(700) + voice(16000),
        lambda: voice(16000) + voice(22050),
        lambda: made.encode(made.voice(44100, 3.0), rate=44100) + voice(44100, stereo=True),
        lambda: voice(16000)[:-5],
        lambda: voice(16000) + bytes(200),
    ],
    ids=["junk within", "two rates", "mono, then stereo", "cut at its end", "zeros after it"],
)
def test_what_is_not_unbroken_is_left_to_the_demuxer(make: Maker) -> None:
    """A gap, another kind of frame, another number of channels or a cut frame: the short way does not even begin."""
    data, ear = make(), Ear()
    assert walked(data).cuts == ()
    assert unbroken(data, ear) is None
    assert ear.heard == []


def test_a_refused_frame_ends_the_short_way() -> None:
    """Frames that are refused among good ones are counted by the demuxer's way, never passed over."""
    good, noise = voice(44100), made.junk(40_000)
    data = good + b"".join(made.silent_frame(44100, 9, payload=noise[at : at + 400]) for at in range(0, len(noise), 400)) + good
    assert len(walked(data).cuts) > 1
    assert unbroken(data, Ear()) is None
    assert demuxed(data, Ear()).refused


def test_the_cuts_lie_between_frames() -> None:
    """Every cut but the last is where a frame begins; the first leaves the header frame out, the last ends the sound."""
    data = voice(44100, header=True)
    cuts = walked(data).cuts
    assert all(data[cut : cut + 2] in {b"\xff\xfb", b"\xff\xfa"} for cut in cuts[:-1])
    assert cuts[0] > 0
    assert cuts[-1] == len(data)
    assert list(cuts) == sorted(set(cuts))
