"""What two processes do to the same rows at the same moment: each function is the whole of one of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path
from queue import Empty

from intake.shares import Share
from registry import appeals
from registry.clock import civil_date
from registry.database import Database
from registry.errors import DatabaseUnavailableError
from retention.gate import Outcome
from retention.guards import Belief
from retention.terms import Choices
from retention.undertaking import Step
from tests.factories import ACTOR, FixedClock, Intakes
from tests.retention.gates import Gates

_SECONDS = 120


@dataclass(frozen=True)
class Race:
    """Where the race is run, and over what. ``subjects`` are pairs of a recording and its dossier, one a round."""

    url: str
    now: datetime
    subjects: tuple[tuple[str, str], ...]
    owner: str = ""
    root: Path = field(default_factory=lambda: Path("/nowhere"))

    def database(self) -> Database:
        """Open the database from this process."""
        return Database(self.url, busy_seconds=60)

    def gates(self, database: Database) -> Gates:
        """Assemble a gate in this process, whose stores are empty: what is raced for is in the database."""
        return Gates(Intakes(database, Share(self.root), FixedClock(self.now)), Choices(max_destructions_per_day=100_000))


def destroy(race: Race, barrier: Barrier) -> dict[str, str]:
    """Begin the destruction of each, at the same moment as the other; return how it ended."""
    database = race.database()
    gate, ended = race.gates(database).gate(after=lambda _step: None), {}
    for recording_id, _ in race.subjects:
        barrier.wait(_SECONDS)
        end = gate.destroy(recording_id, Belief(race.now), until=Step.PROVE)
        ended[recording_id] = str(end.outcome) if end.outcome is not Outcome.REFUSED else f"refused:{end.why}"
    database.close()
    return ended


def contest(race: Race, barrier: Barrier) -> dict[str, str]:
    """Record an appeal about each, at the same moment as the other; return what its author was told."""
    database, told = race.database(), {}
    for recording_id, dossier_id in race.subjects:
        barrier.wait(_SECONDS)
        with database.transaction(race.now, ACTOR) as tx:
            contested = appeals.record(tx, dossier_id, received_on=civil_date(race.now))
            told[recording_id] = "incident" if contested.appeal.incident else "suspended"
    database.close()
    return told


def sweep(race: Race, barrier: Barrier) -> dict[str, str]:
    """Sweep once, at the same moment as the other; a database that is locked for long is asked again."""
    database = race.database()
    destroyer = race.gates(database).destroyer(race.owner)
    barrier.wait(_SECONDS)
    found: dict[str, str] = {}
    for _ in range(3):
        try:
            for end in destroyer.sweep().ended:
                found[end.recording_id] = str(end.outcome) if found.get(end.recording_id) != "destroyed" else "destroyed"
        except DatabaseUnavailableError:
            continue
    database.close()
    return found


Racer = Callable[[Race, Barrier], dict[str, str]]


def run(racers: Sequence[tuple[Racer, Race]]) -> list[dict[str, str]]:
    """Run each in a process of its own, and return what each says, in order."""
    context = get_context("spawn")
    barrier, answers = context.Barrier(len(racers)), context.Queue()
    processes = [
        context.Process(target=_racer, args=(number, racer, race, barrier, answers)) for number, (racer, race) in enumerate(racers)
    ]
    for process in processes:
        process.start()
    found: dict[int, dict[str, str]] = {}
    try:
        while len(found) < len(racers):
            try:
                number, answer = answers.get(timeout=_SECONDS * 5)
            except Empty as error:
                raise AssertionError("a racer never came to its end") from error
            found[number] = answer
    finally:
        for process in processes:
            process.join(10)
            process.kill()
        answers.close()
    return [found[number] for number in range(len(racers))]


def _racer(number: int, racer: Racer, race: Race, barrier: Barrier, answers: "object") -> None:
    try:
        answer = racer(race, barrier)
    except BaseException as error:
        barrier.abort()
        answers.put((number, {"error": f"{type(error).__name__}: {error}"}))  # type: ignore[attr-defined]  # a queue of this context
        raise
    answers.put((number, answer))  # type: ignore[attr-defined]  # as above
