"""What does verifying an export cost, against hashing the same bytes? 100,000 entries, with a checkpoint every so many.

Two floors, both by ``hashlib``: each line hashed by itself, which any check of entries must do at least; and the whole file in one call,
which no tree can match, since each entry costs a call for its leaf and one for a node. The signatures are counted apart: one Ed25519
check for each checkpoint, whatever the bytes. Measured in turns; the best of each, since others' work only ever slows. Exit code 1 when
the ratio to the first floor, signatures apart, is above the target.
"""

import argparse
import hashlib
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from journal import blocks, checkpoint, export, terms
from journal.checkpoint import Checkpoint
from journal.entry import Entry, Fact
from journal.fold import Fold, leaf_hashes
from journal.verify import verify

TARGET = 3.0
SIZE, EVERY, ROUNDS = 100_000, 1_000, 7


def an_entry() -> bytes:
    facts: dict[str, Fact] = {
        "before": "checking",
        "after": "accepted",
        "attempt": f"att_{secrets.token_hex(16)}",
        "sha256": secrets.token_hex(32),
        "sealed_sha256": secrets.token_hex(32),
        "size_bytes": 5_808_000,
        "scheme": "cqp-ce",
        "scheme_version": 1,
    }
    return Entry("recording.accepted", f"rec_{secrets.token_hex(16)}", datetime.now(UTC), "system:intake", facts).encode()


def exported(size: int, every: int, key: Ed25519PrivateKey) -> Iterator[bytes]:
    yield export.header(size) + b"\n"
    fold, origin = Fold(), ""
    for start in range(0, size, every):
        entries = [an_entry() for _ in range(min(every, size - start))]
        leaves = leaf_hashes(entries)
        origin = origin or terms.origin_from(leaves[0])
        fold.add(leaves)
        yield from blocks.block(entries, checkpoint.sign(Checkpoint(origin, fold.size, fold.root()), key))


def timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=EVERY, help="entries between two checkpoints")
    options = parser.parse_args()
    key = Ed25519PrivateKey.generate()
    data = b"".join(exported(SIZE, options.every, key))
    signatures = -(-SIZE // options.every)
    report = verify(BytesIO(data), key.public_key())
    assert report.holds
    signature, public = key.sign(b"x" * 120), key.public_key()
    works: dict[str, Callable[[], object]] = {
        "verify the export": lambda: verify(BytesIO(data), public),
        "hash each line": lambda: [hashlib.sha256(line).digest() for line in BytesIO(data)],
        "hash the file at once": lambda: hashlib.sha256(data).digest(),
        f"check {signatures} signatures": lambda: [public.verify(signature, b"x" * 120) for _ in range(signatures)],
    }
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(ROUNDS):
        for name, work in works.items():
            times[name].append(timed(work))
    ours, each, whole, signed = (min(found) for found in times.values())
    print(f"{SIZE:,} entries, {len(data) / 1e6:.1f} MB, {signatures} checkpoints")
    for name, found in times.items():
        print(f"{name:<24} {min(found) * 1e3:8.1f} ms")
    ratio = (ours - signed) / each
    print(f"ratio to hashing each line {ratio:.2f}, target {TARGET:.1f}: {'held' if ratio <= TARGET else 'MISSED'}")
    print(f"the same with the signatures {ours / each:.2f}")
    print(f"ratio to hashing the file at once {(ours - signed) / whole:.2f}, with the signatures {ours / whole:.2f}")
    return int(ratio > TARGET)


if __name__ == "__main__":
    sys.exit(main())
