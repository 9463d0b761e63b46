"""The listening log: who heard which bytes of what, and when. Kept twelve months; each opening is an entry of the journal too.

An opening is committed before its first byte leaves. The ranges follow within a second: they are gathered in memory and written
together, so that a player that seeks does not wait for a disk.
"""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry.database import Database
from registry.errors import DatabaseUnavailableError
from registry.ids import new_id
from registry.tables import Listening

KEPT = timedelta(days=365)
SITTING = timedelta(minutes=30)
"""A pause longer than this begins another sitting, and so another entry."""
_SOON = 1.0

Span = tuple[int, int]
_Pair = tuple[str, str]


def merged(spans: Iterable[Span]) -> list[Span]:
    """Return spans of bytes, from and to (not included), in order, those that touch made one."""
    result: list[Span] = []
    for start, stop in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], stop))
        elif start < stop:
            result.append((start, stop))
    return result


def heard(row: Listening) -> int:
    """Return how many bytes of a recording were heard in one sitting, each counted once."""
    return sum(stop - start for start, stop in row.parts)


def of_recording(session: Session, recording_id: str) -> Sequence[Listening]:
    """Return every sitting with a recording, oldest first."""
    return session.exec(select(Listening).where(Listening.recording_id == recording_id).order_by(col(Listening.began_at))).all()


def expire(session: Session, now: datetime) -> int:
    """Remove what was heard more than twelve months ago; return how many sittings. The caller commits."""
    rows = session.exec(select(Listening).where(col(Listening.last_at) < now - KEPT)).all()
    for row in rows:
        session.delete(row)
    return len(rows)


@dataclass
class Notebook:
    """Notes what is heard, for all the listeners of one process."""

    database: Database
    _sittings: dict[_Pair, tuple[str, datetime]] = field(default_factory=dict)
    _spans: dict[str, tuple[datetime, list[Span]]] = field(default_factory=dict)
    _timer: threading.Timer | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def begin(self, person_id: str, recording_id: str, now: datetime) -> str:
        """Return the present sitting of a person with a recording; a new one is committed with its journal entry first."""
        pair = person_id, recording_id
        with self._lock:
            known = self._sittings.get(pair)
        if known is not None and now - known[1] < SITTING:
            return self._sit(pair, known[0], now)
        with self.database.reading() as session:
            last = session.exec(_latest(*pair)).first()
        if last is not None and now - last.last_at < SITTING:
            return self._sit(pair, last.id, now)
        with self.database.transaction(now, person_id) as tx:
            row = Listening(id=new_id("lst"), recording_id=recording_id, person_id=person_id, began_at=now, last_at=now)
            tx.session.add(row)
            tx.record("listening.began", row.id, recording=recording_id, listener=person_id)
        return self._sit(pair, row.id, now)

    def _sit(self, pair: _Pair, sitting: str, now: datetime) -> str:
        with self._lock:
            self._sittings = {one: seen for one, seen in self._sittings.items() if now - seen[1] < SITTING}
            self._sittings[pair] = sitting, now
        return sitting

    def note(self, sitting: str, start: int, stop: int, now: datetime) -> None:
        """Note that a range of bytes was handed over."""
        with self._lock:
            _, spans = self._spans.get(sitting, (now, []))
            self._spans[sitting] = now, merged([*spans, (start, stop)])
            if self._timer is None:
                self._timer = threading.Timer(_SOON, self._run)
                self._timer.daemon = True
                self._timer.start()

    def _run(self) -> None:
        try:
            self.flush()
        except DatabaseUnavailableError:
            return  # what was not written is still here, and the next note asks for it again

    def flush(self) -> None:
        """Write down what was noted.

        Raises:
            DatabaseUnavailableError: nothing was written, and nothing is forgotten.
        """
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer, spans, self._spans = None, self._spans, {}
        try:
            with self.database.bookkeeping() as session:
                for sitting, (at, noted) in sorted(spans.items()):
                    _write(session, sitting, noted, at)
        except DatabaseUnavailableError:
            with self._lock:
                for sitting, (at, noted) in spans.items():
                    later, more = self._spans.get(sitting, (at, []))
                    self._spans[sitting] = max(at, later), merged([*noted, *more])
            raise

    def close(self) -> None:
        """Write down what is left."""
        self._run()


def _latest(person_id: str, recording_id: str) -> SelectOfScalar[Listening]:
    query = select(Listening).where(Listening.person_id == person_id, Listening.recording_id == recording_id)
    return query.order_by(col(Listening.last_at).desc()).limit(1)


def _write(session: Session, sitting: str, spans: list[Span], at: datetime) -> None:
    row = session.get(Listening, sitting, with_for_update=True)
    if row is not None:  # it may have been swept away meanwhile
        row.parts = [list(span) for span in merged([*((start, stop) for start, stop in row.parts), *spans])]
        row.last_at = max(row.last_at, at)
