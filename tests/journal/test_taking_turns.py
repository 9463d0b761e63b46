"""Writers that append at the same time: one tree, without a gap, in threads and in processes."""

import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Engine

from journal import log
from tests.journal.making import an_entry, append_many, opened

ROUNDS = 20
ROOT = Path(__file__).parents[2]


def holds(engine: Engine, writers: int) -> None:
    """Assert that every entry of every writer is there once, in the order in which that writer wrote."""
    with engine.begin() as connection:
        assert log.check(connection) == []
        recorded = list(log.read(connection))
    assert Counter(one.entry.subject for one in recorded) == {an_entry(subject=writer).subject: 2 * ROUNDS for writer in range(writers)}
    for writer in range(writers):
        numbers = [one.entry.facts["number"] for one in recorded if one.entry.subject == an_entry(subject=writer).subject]
        assert numbers == list(range(2 * ROUNDS))


def test_threads_take_turns(database_url: str) -> None:
    """Four threads, each with transactions of its own, some of them rolled back, make one gapless tree."""
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda writer: append_many(database_url, writer, ROUNDS), range(4)))
    with opened(database_url) as engine:
        holds(engine, 4)


@pytest.mark.scenario
def test_processes_take_turns(database_url: str) -> None:
    """Two processes on one database make one gapless tree."""
    command = [sys.executable, "-m", "tests.journal.making", database_url, str(ROUNDS)]
    writers = [subprocess.Popen([*command, str(writer)], cwd=ROOT, stderr=subprocess.PIPE, text=True) for writer in range(2)]
    for process in writers:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0, complaint
    with opened(database_url) as engine:
        holds(engine, 2)


def test_an_uncommitted_append_makes_others_wait(postgres_url: str) -> None:
    """The entry of one who waited stands after that of the one who held the turn, and not in its place."""
    with opened(postgres_url) as engine, ThreadPoolExecutor(1) as pool:
        with engine.begin() as holder:
            assert log.append(holder, [an_entry(0, subject=7)]) == (0,)
            waiting = pool.submit(append_many, postgres_url, 0, 1)
            with opened(postgres_url) as onlooker, onlooker.connect() as other:
                assert log.size(other) == 0
            assert not waiting.done()
        waiting.result(timeout=30)
        with engine.begin() as connection:
            assert [one.entry.subject[-1] for one in log.read(connection)] == ["7", "0", "0"]
