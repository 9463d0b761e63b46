"""What is heard: each remark about the sound is given where it is due, and nowhere else."""

import numpy as np
import pytest

from intake.mp3 import Judgement, Limits, judge
from intake.mp3.listening import Listener
from registry.codes import Code, Verdict
from tests.intake.mp3 import made
from tests.intake.mp3.made import Floats

pytestmark = pytest.mark.slow

RATE = 16000


def heard(*channels: Floats) -> Judgement:
    """Encode and judge."""
    return judge(memoryview(made.encode(*channels, rate=RATE, kbps=64)), Limits())


def tone(seconds: float, hertz: float) -> Floats:
    """A pure tone."""
    sound: Floats = (0.3 * np.sin(2 * np.pi * hertz * np.arange(round(RATE * seconds)) / RATE)).astype(np.float32)
    return sound


VOICE = made.voice(RATE, 20)


@pytest.mark.parametrize(
    ("sound", "codes"),
    [
        (VOICE, set()),
        (np.zeros(20 * RATE, np.float32), {Code.SILENT}),
        (made.noise(RATE, 20, -60), {Code.SILENT}),
        (VOICE[:RATE], {Code.TOO_SHORT}),
        (VOICE * 0.02, {Code.QUIET}),
        (np.clip(VOICE * 16, -1, 1), {Code.CLIPPED}),
        (np.concatenate([VOICE, made.noise(RATE, 130, -75)]), {Code.MOSTLY_SILENCE}),
        (np.concatenate([VOICE, made.noise(RATE, 30, -70), VOICE]), set()),
        (made.noise(RATE, 20, -20), {Code.NOISE}),
        (tone(20, 1000), {Code.NOISE}),
        (VOICE * 0.5 + made.noise(RATE, 20, -26), {Code.NOISY}),
        (VOICE * 0.5 + made.noise(RATE, 20, -36), set()),
        (VOICE + np.float32(0.2), set()),
    ],
    ids=[
        "speech", "zeros", "a room", "one second", "a whisper", "clipped", "speech, then silence", "a long pause",
        "white noise", "a tone", "a street", "an office", "a constant part",
    ],
)  # fmt: skip
def test_the_sound_gets_its_remark(sound: Floats, codes: set[Code]) -> None:
    """Silence and brevity go to a person; all else only warns."""
    found = heard(sound)
    assert {*found.reasons, *found.warnings} == codes
    assert (found.verdict is Verdict.REVIEW) == bool(codes & {Code.SILENT, Code.TOO_SHORT})


def test_the_louder_channel_counts() -> None:
    """A dead channel, or two in opposite phase, are a call like any other."""
    assert heard(VOICE, np.zeros_like(VOICE)).warnings == ()
    assert heard(VOICE, -VOICE).warnings == ()


def test_levels_are_those_of_the_signal() -> None:
    """A full-scale square wave is 0 dBFS, in effective value and in peak; half of it is 6 dB less."""
    square: Floats = np.sign(np.sin(2 * np.pi * 500 * (np.arange(5 * RATE) + 0.5) / RATE)).astype(np.float32)
    for scale, dbfs in ((1.0, 0.0), (0.5, -6.02)):
        listener = Listener(5)
        assert listener(RATE, [square * np.float32(scale)]) == 5 * RATE // 512 * 512
        levels = listener.levels(Limits())
        assert levels is not None
        assert levels.dbfs == pytest.approx(dbfs, abs=0.01)
        assert levels.peak_dbfs == pytest.approx(dbfs, abs=0.01)


def test_silences_are_found_where_they_are() -> None:
    """An interval of silence is told in seconds, to the window."""
    found = heard(np.concatenate([tone(8, 700), made.noise(RATE, 10, -80), tone(8, 700)]))
    assert found.levels is not None
    ((start, end),) = found.levels.silences
    assert start == pytest.approx(8, abs=1.2)
    assert end == pytest.approx(18, abs=1.2)


def test_the_waveform_has_the_shape_of_the_sound() -> None:
    """800 peaks, loud where the sound is loud, of one byte each."""
    found = heard(np.concatenate([tone(10, 700), np.zeros(10 * RATE, np.float32)]))
    assert len(found.waveform) == 800
    assert min(found.waveform[10:390]) > 60
    assert max(found.waveform[410:]) < 10
