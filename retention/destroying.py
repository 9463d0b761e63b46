"""The sweep that sends through the gate what is due, and finishes what has begun.

1. the lists are drawn up: what may go by itself, and what a person approved; the clock is asked, and again when the answer is a minute old
2. each recording as far as its proof: first what has begun, then what is listed, earliest first; one bad row never stops the others
3. the embedded store is compacted: a class of its own in the certificates that follow
4. each that is proved is completed; then each is certified, under one checkpoint, and cleared
5. the database forgets what was cleared
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from registry import health
from registry.database import Database
from registry.errors import DatabaseUnavailableError
from registry.tables import Destruction
from retention.gate import Ended, Gate, Outcome
from retention.guards import Belief, Doubt, Guards
from retention.undertaking import Step
from storage.errors import StorageError

_log = structlog.get_logger()
CLOCK, GATE, COMPACTION, ERASURE = "clock", "gate", "compaction", "erasure"
"""The parts whose health a sweep reports."""


_UNDER_WAY = frozenset({Outcome.FAILED, Outcome.BUSY, Outcome.PROVED, Outcome.COMPLETED})


@dataclass(frozen=True, slots=True)
class Run:
    """A list that may go on, and the recordings on it, earliest first."""

    id: str
    recording_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did, recording by recording. ``doubt`` is why the clock was not believed, where it was asked."""

    ended: tuple[Ended, ...] = ()
    doubt: Doubt | None = None
    compacted_at: datetime | None = None

    def of(self, outcome: Outcome) -> list[str]:
        """Return the recordings that ended so."""
        return [one.recording_id for one in self.ended if one.outcome is outcome]


def begun(session: Session, now: datetime) -> Sequence[str]:
    """Return the recordings whose destruction has begun and may go on now, oldest first."""
    query = select(Destruction.recording_id).where(col(Destruction.next_at) <= now)
    return session.exec(query.order_by(col(Destruction.started_at), col(Destruction.id))).all()


@dataclass(frozen=True)
class Destroyer:
    """Runs the sweep.

    Attributes:
        draw_up: writes the lists of a moment down, and returns those that may go on, each with its recordings.
        close: closes a list of which nothing is under way any more.
        compact: None where the store has no volumes of ours.
    """

    database: Database
    gate: Gate
    guards: Guards
    draw_up: Callable[[datetime], Sequence[Run]]
    close: Callable[[str, datetime], None]
    compact: Callable[[], None] | None = None
    _asked: list[Belief | Doubt] = field(default_factory=list)

    def sweep(self) -> Swept:
        """Finish what has begun, and destroy what the lists name.

        Raises:
            DatabaseUnavailableError: nothing can be written down; the next sweep goes on.
        """
        now = self.gate.clock.now()
        runs = self.draw_up(now)
        with self.database.reading() as session:
            wanted: dict[str, str | None] = dict.fromkeys(begun(session, now))
        for run in runs:
            wanted |= {one: run.id for one in run.recording_ids if one not in wanted}
        self._asked.clear()
        ended = {one: self._one(one, run_id, Step.PROVE) for one, run_id in wanted.items()}
        proved = [one for one, end in ended.items() if end.outcome is Outcome.PROVED]
        compacted_at = self._compacted() if proved else None
        ended |= {one: self._one(one, None, Step.COMPLETE, compacted_at) for one in proved}
        ended |= {one: self._one(one, None, Step.CERTIFY) for one, end in ended.items() if end.outcome is Outcome.COMPLETED}
        for run in runs:
            if not any(ended[one].outcome in _UNDER_WAY for one in run.recording_ids):
                self.close(run.id, self.gate.clock.now())
        self.forget(cleared=any(end.outcome in {Outcome.DESTROYED, Outcome.REPEATED} for end in ended.values()))
        doubt = next((one for one in self._asked if isinstance(one, Doubt)), None)
        self._report(tuple(ended.values()), doubt)
        return Swept(tuple(ended.values()), doubt, compacted_at)

    def repeat(self, recording_ids: Iterable[str]) -> Swept:
        """Send through the gate again what a restore brought back, or whose objects came back: its key is a tombstone.

        Raises:
            DatabaseUnavailableError: as :meth:`sweep`.
        """
        ended = tuple(self._one(one, None, Step.CERTIFY, again=True) for one in recording_ids)
        self.forget(cleared=True)
        return Swept(ended)

    def forget(self, *, cleared: bool) -> None:
        """Take what was cleared out of the database's files; what could not be taken out last time is owed."""
        with self.database.reading() as session:
            owed = any(one.part == ERASURE for one in health.troubles(session))
        if cleared or owed:
            self._say(ERASURE, health.OK if self.database.forget() else "busy")

    def _one(
        self, recording_id: str, run_id: str | None, until: Step, compacted_at: datetime | None = None, *, again: bool = False
    ) -> Ended:
        try:
            belief = Doubt.NO_ANSWER if again else self._belief()  # what is repeated asks nothing
            return self.gate.destroy(recording_id, belief, run_id=run_id, until=until, again=again, compacted_at=compacted_at)
        except DatabaseUnavailableError:
            raise
        except Exception as error:  # noqa: BLE001 - one bad row must not keep the others from their end
            _log.error("destruction.broken", recording=recording_id, error=type(error).__name__, exc_info=True)
            return Ended(recording_id, Outcome.FAILED, "internal")

    def _belief(self) -> Belief | Doubt:
        """Ask the clock, unless it was asked a moment ago; a doubt lasts for the whole sweep."""
        last = self._asked[-1] if self._asked else None
        if isinstance(last, Doubt) or (last is not None and last.holds(self.gate.clock.now())):
            return last
        self._asked.append(self.guards.ask())
        return self._asked[-1]

    def _compacted(self) -> datetime | None:
        """Take the deleted bytes out of the store's volumes. A failure keeps nothing from being certified: it is said there, and told."""
        if self.compact is None:
            return None
        try:
            self.compact()
        except StorageError:
            self._say(COMPACTION, "failed")
            return None
        self._say(COMPACTION, health.OK)
        return self.gate.clock.now()

    def _report(self, ended: tuple[Ended, ...], doubt: Doubt | None) -> None:
        failed = next((one.why for one in ended if one.outcome is Outcome.FAILED), None)
        self._say(GATE, failed or health.OK)
        self._say(CLOCK, str(doubt) if doubt else health.OK)

    def _say(self, part: str, code: str) -> None:
        with self.database.bookkeeping() as session:
            health.report(session, part, code, self.gate.clock.now())
