"""Kill -9 anywhere: the same end as without the kill, on the real store, database and folders."""

import os
import random
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from registry.states import MailState
from tests.scenarios import dying
from tests.scenarios.centre import Centre, Process, alive, large_recording, recording, tree, wait_for
from tests.scenarios.dying import Point, Trap
from tests.scenarios.ending import UNHARMED, Ending, Witness
from tests.support.databases import PostgresServer

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

_MOST = 30
_ROUNDS, _EACH = 10, 2
_STEPS = [
    Point.AFTER_CLAIM,
    Point.AFTER_READ,
    Point.AFTER_JUDGE,
    Point.AFTER_ATTEMPT,
    Point.AFTER_UPLOAD,
    Point.AFTER_READ_BACK,
    Point.AFTER_KEEP_KEY,
    Point.AFTER_COMMIT,
    Point.AFTER_TAKE_AWAY,
]
_BETWEEN = [Point.SOUND_STORED, Point.KEY_IN_VAULT, Point.KEY_IN_BOTH, Point.SET_ASIDE, Point.ANSWER_WRITTEN]
_TWICE = [
    (Point.AFTER_COMMIT, Point.SET_ASIDE),
    (Point.KEY_IN_VAULT, Point.ENTOMBED),
    (Point.AFTER_KEEP_KEY, Point.ENTOMBED_IN_BOTH),
    (Point.AFTER_UPLOAD, Point.REMOVED),
]
_ON_POSTGRESQL = [Point.AFTER_ATTEMPT, Point.AFTER_COMMIT, Point.ANSWER_WRITTEN]


@dataclass
class Stage:
    """A centre that dies on request. Each story has a candidate of its own; what recovers from one is what dies in the next."""

    centre: Centre
    trap: Trap
    refs: list[str]
    running: Process | None = None

    def deposit(self, *points: Point, content: bytes | None = None) -> Ending:
        """Have somebody deposit, kill the centre at each point in turn, start it again, and say how it ended."""
        ref = self.refs.pop(0)
        told = content or recording(len(self.refs))
        self.centre.attest(ref)
        running = self.running or dying.start(self.centre, self.trap)
        for number, point in enumerate(points):
            self.trap.set(point)
            if number == 0:
                self.centre.drop(ref, "Mon appel.mp3", told)
            else:
                running = dying.start(self.centre, self.trap, wait=False)
            assert running.process.wait(60) == -signal.SIGKILL, running.log.read_text()
            running.kill()
        self.trap.clear()
        if points:
            running = dying.start(self.centre, self.trap)
        else:
            self.centre.drop(ref, "Mon appel.mp3", told)
        self.running = running
        witness = Witness(self.centre)
        ending = witness.ending_but_for_mail(ref, told) if Point.ANSWER_WRITTEN in points else witness.ending(ref, told)
        assert witness.faults() == []
        return ending


def _stage(directory: Path, database_url: str | None = None) -> Iterator[Stage]:
    with Centre.found(directory, database_url=database_url) as centre:
        yield Stage(centre, Trap(directory / "trap"), centre.enrol(_MOST))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Set the stage on SQLite."""
    yield from _stage(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="module")
def stage_on_postgresql(tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer) -> Iterator[Stage]:
    """Set the stage on PostgreSQL."""
    name = postgres_server.create()
    yield from _stage(tmp_path_factory.mktemp("postgresql"), postgres_server.url(name))
    postgres_server.drop(name)


def test_without_a_kill_a_deposit_ends_as_it_should(stage: Stage) -> None:
    """What every other test compares with: one recording, one key in two places, one answer, an empty place."""
    assert stage.deposit() == UNHARMED


@pytest.mark.parametrize("point", [*_STEPS, *_BETWEEN])
def test_a_kill_at_any_point_ends_as_without_it(stage: Stage, point: Point) -> None:
    """After each numbered step, and between any two side effects inside one."""
    assert stage.deposit(point) == UNHARMED


@pytest.mark.parametrize("points", _TWICE, ids="-".join)
def test_a_second_kill_in_the_recovery_changes_nothing(stage: Stage, points: tuple[Point, Point]) -> None:
    """Also what recovers can be killed: in the middle of discarding an attempt, in the middle of taking the original away."""
    assert stage.deposit(*points) == UNHARMED


def test_a_kill_in_the_middle_of_a_large_upload_leaves_no_part_behind(stage: Stage) -> None:
    """Parts of an unfinished upload are invisible and take room: they go with their attempt."""
    assert stage.deposit(Point.SOUND_UNDER_WAY, content=large_recording(1)) == UNHARMED


@pytest.mark.parametrize(("point", "written"), [(Point.MAIL_CLAIMED, 1), (Point.MAIL_SENT, 2)])
def test_a_mail_that_was_leaving_is_not_sent_twice(stage: Stage, point: Point, written: int) -> None:
    """Nobody knows whether it left: it is not sent again by itself, and people see at once that it is uncertain."""
    ended = stage.deposit(point)
    assert ended.mails[1] == ("answer.received", MailState.UNCERTAIN)
    assert replace(ended, mails=UNHARMED.mails) == replace(UNHARMED, mails_written=written)


@pytest.mark.parametrize("point", _ON_POSTGRESQL)
def test_the_same_on_postgresql(stage_on_postgresql: Stage, point: Point) -> None:
    """The points at which the database matters most."""
    assert stage_on_postgresql.deposit(point) == UNHARMED


def _all_ended(started: set[tuple[int, str]]) -> bool:
    return not alive(started)


def test_kills_at_random_moments_lose_nothing_and_leave_nobody_running(tmp_path: Path) -> None:
    """Ten times, while files are dropped: the process alone, whose children must end by themselves, or all of them at once."""
    chance = random.Random(20261121)  # noqa: S311 - moments, not secrets
    with Centre.found(tmp_path) as centre:
        refs = centre.enrol(_ROUNDS * _EACH)
        for number in range(_ROUNDS):
            running = centre.start(wait=number % 4 != 3)
            for ref in refs[number * _EACH : (number + 1) * _EACH]:
                centre.attest(ref)
                centre.drop(ref, "Mon appel.mp3", recording(refs.index(ref)))
            time.sleep(chance.uniform(0, 2.5))
            started = tree(running.pid)
            if number % 2:
                for pid, _ in started:
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
            running.kill()
            wait_for(partial(_all_ended, started), "what it started has ended", 20)
        witness = Witness(centre)
        with centre.up():
            ended = {ref: witness.ending_but_for_mail(ref, recording(number)) for number, ref in enumerate(refs)}
            assert ended == dict.fromkeys(refs, UNHARMED)
            assert witness.faults() == []
