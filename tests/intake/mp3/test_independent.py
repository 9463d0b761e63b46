"""Durations against two decoders that share no code with ours."""

import subprocess
from pathlib import Path

import pytest

from intake.mp3 import Limits, judge
from tests.intake.mp3 import made

pytestmark = pytest.mark.slow


def mpg123_seconds(path: Path, rate: int) -> float:
    """What mpg123 plays, delay and padding included."""
    command = ["mpg123", "-q", "--no-gapless", "--resync-limit", "-1", "--mono", "-s", str(path)]
    return len(subprocess.run(command, check=True, capture_output=True).stdout) / 2 / rate


def ffmpeg_seconds(path: Path, rate: int) -> float:
    """What FFmpeg decodes, delay and padding included."""
    command = [
        "ffmpeg",
        "-v",
        "quiet",
        "-flags2",
        "+skip_manual",
        "-f",
        "mp3",
        "-i",
        str(path),
        "-ac",
        "1",
        "-ar",
        str(rate),
        "-f",
        "s16le",
        "-",
    ]
    return len(subprocess.run(command, check=True, capture_output=True).stdout) / 2 / rate


@pytest.mark.parametrize("kbps", [32, 64])
@pytest.mark.parametrize("rate", [8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000])
@pytest.mark.parametrize("header", [False, True])
def test_both_decoders_agree_with_us(tmp_path: Path, rate: int, kbps: int, *, header: bool) -> None:
    """At every sampling rate, with and without a header, to a sixth of a second."""
    file = tmp_path / "recording.mp3"
    file.write_bytes(made.call(33.3, rate, kbps, header=header))
    found = judge(memoryview(file.read_bytes()), Limits())
    assert found.duration_seconds == pytest.approx(mpg123_seconds(file, rate), abs=0.15)
    assert found.duration_seconds == pytest.approx(ffmpeg_seconds(file, rate), abs=0.15)


DAMAGED = {
    "junk within": made.call()[:20_000] + made.junk(300) + made.call(),
    "glued with tags": (made.call() + made.ape(header=True) + made.ID3V1) * 3,
    "cut at both ends": made.call()[100:-70],
    "zeros within": made.call() + bytes(65_536) + made.call() * 5,
    "a forged header": made.forged(made.call(12.0, 44100, 64), 99_999),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED.keys())
def test_the_longer_of_two_players_agrees_on_damaged_files(tmp_path: Path, data: bytes) -> None:
    """What the more tolerant player plays is what we say."""
    file = tmp_path / "recording.mp3"
    file.write_bytes(data)
    found = judge(memoryview(data), Limits())
    assert found.format is not None
    rate = found.format.sample_rate
    assert found.duration_seconds == pytest.approx(max(mpg123_seconds(file, rate), ffmpeg_seconds(file, rate)), abs=0.15)
