"""What does a verdict cost? The walk and the whole judgement, confined as in service, against ``mpg123 -t`` on the same file.

Half an hour of synthesised speech-like sound, encoded by LAME as calls are; the three are run in turns, so that the machine's
moods strike all alike; medians. Then files made to be slow. Exit code 1 when a target is missed. Needs lame and mpg123.
"""

import argparse
import mmap
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import numpy as np

from intake.confine import Pool
from intake.mp3 import JUDGE, Limits, judge, judge_confined, judge_task
from intake.mp3.walk import walk

SECONDS = 1799.5
WALK_TARGET, PEAK_TARGET, SLOWEST_TARGET = 0.10, 300, 15.0
KINDS = (  # name, rate, channels, kbit/s, target
    ("typical call, 16 kHz mono, 32 kbit/s", 16000, 1, 32, 2.2),
    ("44.1 kHz stereo, 128 kbit/s", 44100, 2, 128, 1.7),
)
FULL = 74_900_000


def sound(rate: int, seconds: float) -> np.ndarray:
    """Syllables of a buzz over a faint noise."""
    time_axis = np.arange(round(rate * seconds)) / rate
    phase = 2 * np.pi * np.cumsum(120 + 30 * np.sin(2 * np.pi * 0.4 * time_axis)) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, 20))
    shape = np.clip(np.sin(2 * np.pi * 3 * time_axis), 0, 1) ** 0.5 * (np.sin(2 * np.pi * 0.15 * time_axis) > -0.6)
    return 0.25 * buzz * shape + np.random.default_rng(1).normal(0, 8e-4, len(time_axis))


def make(path: Path, rate: int, channels: int, kbps: int) -> None:
    one = sound(rate, 60)
    stereo = one if channels == 1 else np.stack([one, 0.8 * np.roll(one, rate // 100)], 1).ravel()
    pcm = (np.clip(stereo, -1, 1) * 32767).astype("<i2").tobytes()
    raw = pcm * 30
    mode = ["-m", "m"] if channels == 1 else ["-m", "j"]
    settings = ["-r", "-s", f"{rate / 1000:g}", "--resample", f"{rate / 1000:g}", "--bitwidth", "16", "--signed", "--little-endian"]
    subprocess.run(
        ["lame", "--silent", *settings, *mode, "--cbr", "-b", str(kbps), "-", str(path)],
        input=raw[: round(SECONDS * rate) * 2 * channels],
        check=True,
        stderr=subprocess.DEVNULL,
    )


@contextmanager
def viewed(path: Path) -> Iterator[memoryview]:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped:
        view = memoryview(mapped)
        try:
            yield view
        finally:
            view.release()


def timed(work: Callable[..., object], *arguments: object) -> float:
    started = time.perf_counter()
    work(*arguments)
    return time.perf_counter() - started


def confined(pool: Pool, path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        found = judge_confined(pool, descriptor, sha256="0" * 64)
        if found.cause:
            sys.exit(f"the judgement of {path.name} failed: {found.cause}")
    finally:
        os.close(descriptor)


def peak(path: Path) -> int:
    """Megabytes that a fresh process needs at most to judge this file."""
    found = subprocess.run([sys.executable, __file__, "--peak", str(path)], capture_output=True, text=True, check=True)
    return int(found.stdout)


def print_peak(path: Path) -> int:
    with viewed(path) as data:
        judge(data, Limits(), sha256="0" * 64)
    status = Path("/proc/self/status").read_text()  # getrusage would count what the parent had before this program began
    print(int(status.partition("VmHWM:")[2].split()[0]) // 1000)
    return 0


def hostile(folder: Path, ordinary: bytes) -> Iterator[tuple[str, Path]]:
    chance = np.random.default_rng(2)
    size = FULL - len(ordinary)
    safe = bytes([size >> 21 & 127, size >> 14 & 127, size >> 7 & 127, size & 127])
    frames = (b"TXXX" + bytes(6)) * (size // 10) + bytes(size % 10)
    frame = b"\xff\xf3\x44\xc0" + bytes(92)  # 24 kHz, 32 kbit/s
    for name, data in (
        ("75 MB of sync bytes", b"\xff" * FULL),
        ("75 MB of random bytes", chance.bytes(FULL)),
        ("a tag of seven million frames", b"ID3\x04\0\0" + safe + frames + ordinary),
        ("a frame, a gap, a frame", (frame * 2 + bytes(3)) * (FULL // 195)),
        (
            "half an hour, broken every second",
            b"".join(ordinary[at : at + 4000] + chance.bytes(900) for at in range(0, len(ordinary), 4000)),
        ),
    ):
        path = folder / "hostile.mp3"
        path.write_bytes(data)
        yield name, path


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--peak", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peak:
        return print_peak(options.peak)
    good = True
    with tempfile.TemporaryDirectory() as name, Pool({JUDGE: judge_task()}) as pool:
        folder = Path(name)
        pool.protections()
        print("| half an hour of | mpg123 -t | walk | whole judgement | peak |\n|---|---|---|---|---|")
        for title, rate, channels, kbps, target in KINDS:
            path = folder / f"{rate}.mp3"
            make(path, rate, channels, kbps)
            runs: list[tuple[float, float, float]] = []
            for _ in range(options.rounds):
                with viewed(path) as data:
                    walked = timed(walk, data)
                decoded = timed(subprocess.run, ["mpg123", "-q", "-t", str(path)])
                runs.append((decoded, walked, timed(confined, pool, path)))
            peer, walk_ratio, ratio = median(run[0] for run in runs), median(w / p for p, w, _ in runs), median(j / p for p, _, j in runs)
            megabytes = peak(path)
            good &= walk_ratio <= WALK_TARGET and ratio <= target and megabytes < PEAK_TARGET
            print(
                f"| {title} | {peer:.2f} s | {walk_ratio:.3f} (at most {WALK_TARGET}) | {ratio:.2f} (at most {target}) | {megabytes} MB |"
            )
        print("\n| made to be slow | verdict in | peak |\n|---|---|---|")
        for title, path in hostile(folder, (folder / "16000.mp3").read_bytes()):
            seconds, megabytes = timed(confined, pool, path), peak(path)
            good &= seconds < SLOWEST_TARGET and megabytes < PEAK_TARGET
            print(f"| {title} | {seconds:.2f} s | {megabytes} MB |")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
