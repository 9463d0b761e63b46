"""What a running centre finds out about itself: the journal each night; the store, the malware scanner and the watcher each minute."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from consigne.wiring import Parts
from intake import malware
from intake.errors import MustWaitError
from journal import log
from registry import health
from registry.clock import PARIS, Clock
from registry.database import Database
from registry.tables import Health
from storage.errors import StorageError
from storage.objects import ObjectStore

NIGHT_HOUR = 3  # in Paris: nobody deposits, and no clock change skips it
_JOURNAL, _SCANNER, _WATCHER, _STORE = "journal", "scanner", "watcher", "store"
_TOLD_LASTS = timedelta(minutes=5)  # what a waiting deposit said: it is tried again well within
UNREACHABLE = "store_unreachable"


def check_journal(parts: Parts) -> bool:
    """Recompute the journal's tree, once a night, or as soon as the centre runs again; say whether it was done.

    The whole journal is read: about seven seconds for 100,000 entries, during which others write on.
    """
    now = parts.clock.now()
    with parts.database.reading() as session:
        last = session.get(Health, _JOURNAL)
        if last is not None and last.seen_at >= last_night(now):
            return False
        faults = log.check(session.connection())
    with parts.database.bookkeeping() as session:
        health.report(session, _JOURNAL, "broken" if faults else health.OK, now)
    return True


def last_night(now: datetime) -> datetime:
    """Return the last instant at which it was 03:00 in Paris."""
    today = now.astimezone(PARIS).date()
    tonight = datetime.combine(today, time(NIGHT_HOUR), PARIS)
    return tonight if tonight <= now else datetime.combine(today - timedelta(days=1), time(NIGHT_HOUR), PARIS)


def check_scanner(parts: Parts) -> None:
    """Ask the malware scanner whether it is there.

    That it takes no file as large as a deposit is said by the deposits that wait for it, and holds while one says so.
    """
    try:
        parts.scanner.check()
    except MustWaitError as error:
        code = error.code
    else:
        code = health.OK
    now = parts.clock.now()
    with parts.database.bookkeeping() as session:
        last = session.get(Health, _SCANNER)
        limited = last is not None and last.code == malware.LIMIT and now - last.seen_at < _TOLD_LASTS
        if not (limited and code == health.OK):
            health.report(session, _SCANNER, code, now)


def check_store(database: Database, store: ObjectStore, clock: Clock) -> None:
    """Ask the object store whether it is there, so that people know before a deposit must wait for it.

    A store that answers may still refuse a deposit: what the deposits say of it holds while one says so.
    """
    began = clock.now()
    try:
        store.ping()
    except StorageError:
        answers = False
    else:
        answers = True
    with database.bookkeeping() as session:
        last = session.get(Health, _STORE)
        code = last.code if last is not None else health.OK
        stored = last is not None and code == health.OK and last.seen_at >= began  # by a deposit, while the ping waited
        if not answers and not stored:
            health.report(session, _STORE, UNREACHABLE if code == health.OK else code, clock.now())
        elif answers and (code == UNREACHABLE or last is None or began - last.seen_at >= _TOLD_LASTS):
            health.report(session, _STORE, health.OK, clock.now())


@dataclass
class Pulse:
    """Follows the watcher of this process, and writes down that it stopped, and that it goes on.

    Only the change is written, so that two processes that watch do not contradict each other.
    """

    parts: Parts
    stopped: Callable[[], bool]
    _told: bool = field(default=False, init=False)

    def feel(self) -> None:
        """Look once."""
        stopped = self.stopped()
        if stopped != self._told:
            with self.parts.database.bookkeeping() as session:
                health.report(session, _WATCHER, "stopped" if stopped else health.OK, self.parts.clock.now())
            self._told = stopped
