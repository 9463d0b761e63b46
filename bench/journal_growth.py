"""Does the journal stay flat as it grows? Appends and proofs at 100,000 entries against the same at 1,000.

Each append is one entry in one transaction, committed. Both journals are measured in turns, so that the machine's moods strike
both alike; medians. Exit code 1 when a ratio is above the target. A name other than ``journal.py``, which would hide the package.
"""

import argparse
import random
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, Engine, create_engine, event

from journal import log
from journal.entry import Entry, Fact

TARGET = 2.0
SMALL, LARGE, ROUNDS, BATCH = 1_000, 100_000, 300, 5_000


def an_entry() -> Entry:
    facts: dict[str, Fact] = {"from": "checking", "to": "accepted", "sha256": secrets.token_hex(32), "size_bytes": 5_808_000}
    return Entry("deposit.accepted", f"rec_{secrets.token_hex(16)}", datetime.now(UTC), "system:bench", facts)


def opened(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    log.METADATA.create_all(engine)
    return engine


def _prepare(connection: object, _: object) -> None:
    connection.isolation_level = None  # type: ignore[attr-defined]  # sqlite3's own connection
    connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[attr-defined]  # the same


def fill(engine: Engine, size: int) -> None:
    for start in range(0, size, BATCH):
        with engine.begin() as connection:
            log.append(connection, [an_entry() for _ in range(min(BATCH, size - start))])


def append(connection: Connection, _: int) -> None:
    with connection.begin():
        log.append(connection, [an_entry()])


def prove_inclusion(connection: Connection, size: int) -> None:
    with connection.begin():
        log.inclusion_proof(connection, random.randrange(size))


def prove_consistency(connection: Connection, size: int) -> None:
    with connection.begin():
        log.consistency_proof(connection, random.randrange(1, size))


def timed(work: Callable[[Connection, int], None], connection: Connection, size: int) -> float:
    started = time.perf_counter()
    work(connection, size)
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--databases", nargs=2, metavar="URL", help="two empty databases; by default two files of SQLite")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        urls = options.databases or [f"sqlite:///{Path(folder) / name}.db" for name in ("small", "large")]
        engines = [opened(url) for url in urls]
        for engine in engines:
            stack.callback(engine.dispose)
        for engine, size in zip(engines, (SMALL, LARGE), strict=True):
            fill(engine, size)
        small, large = (stack.enter_context(engine.connect()) for engine in engines)
        worst = 0.0
        for work in (append, prove_inclusion, prove_consistency):
            times = [(timed(work, small, SMALL), timed(work, large, LARGE)) for _ in range(ROUNDS)]
            at_small, at_large = (median(column) * 1e3 for column in zip(*times, strict=True))
            worst = max(worst, at_large / at_small)
            print(f"{work.__name__:<18} {at_small:7.2f} ms at {SMALL:,}  {at_large:7.2f} ms at {LARGE:,}  ratio {at_large / at_small:.2f}")
        started = time.perf_counter()
        with large.begin():
            assert log.check(large) == []
        print(f"{'check':<18} {time.perf_counter() - started:7.2f} s over {LARGE:,}")
    print(f"worst ratio {worst:.2f}, target {TARGET:.1f}: {'held' if worst <= TARGET else 'MISSED'}")
    return int(worst > TARGET)


if __name__ == "__main__":
    sys.exit(main())
