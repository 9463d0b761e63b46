"""Sealing a recording, side by side: ours, one-shot AES-256-GCM of the same library, and the age tool. Prints a Markdown table.

Each round runs every way once, in turn, so that a slow moment of the machine falls on all alike; the median of each is kept.
Run: ``python bench/seal.py [--mebibytes 30] [--rounds 15]``
"""

import argparse
import os
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.ranges import RangeReader
from storage.seal import Context, DataKey, Part, open_stream, seal, sealed_length

CONTEXT = Context("rec_1", "att_1", "ses_1", Part.SOUND)


def timed(act: Callable[[], object]) -> float:
    """Seconds that an act takes, by the wall."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def age_ways(directory: Path, plain: bytes) -> dict[str, Callable[[], object]]:
    """The age tool, from memory to nowhere, where it is installed."""
    if shutil.which("age") is None:
        return {}
    recipient = subprocess.run(["age-keygen"], capture_output=True, text=True, check=True).stdout
    public = next(line.rpartition(" ")[2] for line in recipient.splitlines() if "public key" in line)
    source = directory / "plain"
    source.write_bytes(plain)
    return {"`age -r` (a process, ChaCha20-Poly1305)": lambda: subprocess.run(["age", "-r", public, "-o", "/dev/null", source], check=True)}


def median_of(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median seconds of each way, interleaved, after one round that does not count."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, act in ways.items():
            seconds = timed(act)
            if number:
                taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def drain(pieces: object) -> None:
    """Take every piece and keep none, as an upload does."""
    for _ in pieces:  # type: ignore[attr-defined]  # any iterator
        pass


def whole_table(plain: bytes, rounds: int, directory: Path) -> None:
    """Sealing and opening all of it."""
    key, nonce = DataKey.generate(), os.urandom(12)
    cipher = AESGCM(key.expose())
    sealed = b"".join(seal(key, CONTEXT, [plain]))
    one_shot = "one-shot `AESGCM.encrypt`"
    ways: dict[str, Callable[[], object]] = {
        one_shot: lambda: cipher.encrypt(nonce, plain, None),
        "Consigne: seal, streamed": lambda: drain(seal(key, CONTEXT, [plain])),
        "Consigne: open, streamed and verified": lambda: drain(open_stream(key, CONTEXT, [sealed])),
        "Consigne: read by ranges, whole": lambda: drain(
            RangeReader(key, CONTEXT, lambda start, stop: sealed[start:stop], len(plain)).read(0, len(plain))
        ),
        **age_ways(directory, plain),
    }
    medians = median_of(ways, rounds)
    print(f"| {len(plain) >> 20} MiB, median of {rounds} | ms | MiB/s | against one-shot AES-256-GCM |\n| --- | ---: | ---: | ---: |")
    for name, seconds in medians.items():
        print(f"| {name} | {seconds * 1000:.1f} | {(len(plain) >> 20) / seconds:.0f} | {seconds / medians[one_shot]:.2f} |")


def first_byte_table(plain: bytes, rounds: int) -> None:
    """What a listener waits for, without the network: the first verified byte after a click."""
    key = DataKey.generate()
    sealed = b"".join(seal(key, CONTEXT, [plain]))
    middle = len(plain) // 2
    requests: list[int] = []

    def fetch(start: int, stop: int) -> bytes:
        requests.append(stop - start)
        return sealed[start:stop]

    def click(at: int, read_ahead: int) -> Callable[[], object]:
        return lambda: next(RangeReader(key, CONTEXT, fetch, len(plain), read_ahead=read_ahead).read(at, at + 1))

    print("\n| first verified byte, by ranges | ms | requests | KiB fetched |\n| --- | ---: | ---: | ---: |")
    for name, at in (("at the beginning", 0), ("in the middle", middle), ("at the end", len(plain) - 1)):
        for read_ahead in (0, 256 * 1024):
            act = click(at, read_ahead)
            seconds = median_of({name: act}, rounds * 10)[name]
            requests.clear()
            act()
            print(f"| {name}, read-ahead {read_ahead >> 10} KiB | {seconds * 1000:.3f} | {len(requests)} | {sum(requests) / 1024:.0f} |")
    whole = median_of({"whole": lambda: next(open_stream(key, CONTEXT, [sealed]))}, rounds)["whole"]
    print(f"| at the beginning, by the library's stream | {whole * 1000:.3f} | 1 | {sealed_length(len(plain)) / 1024:.0f} |")


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mebibytes", type=int, default=30)
    parser.add_argument("--rounds", type=int, default=15)
    told = parser.parse_args()
    plain = os.urandom(told.mebibytes << 20)
    with tempfile.TemporaryDirectory() as directory:
        whole_table(plain, told.rounds, Path(directory))
    first_byte_table(plain, told.rounds)


if __name__ == "__main__":
    main()
