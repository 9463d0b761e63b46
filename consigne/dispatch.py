"""Where work is done: a pool of threads in this process. The database holds the state; only sightings travel."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog

from intake.claims import Sighting
from intake.errors import MustWaitError
from intake.flow import Intake, Outcome
from intake.malware import LIMIT, UNAVAILABLE
from intake.watch import Tracker
from registry import health
from registry.errors import DatabaseUnavailableError

_log = structlog.get_logger()
_AGAIN = timedelta(seconds=3)
_BACKOFF = timedelta(seconds=10)
_PARTS = {
    "store_unavailable": "store",
    "mirror_unreachable": "mirror",
    "database_unavailable": "database",
    "read_failed": "share",
    "no_memory": "memory",
    UNAVAILABLE: "scanner",
    LIMIT: "scanner",
}
_WELL = (*dict.fromkeys(part for part in _PARTS.values() if part != "scanner"), "intake")  # the scanner is asked by a sweep


class Dispatch:
    """Hands files that are whole to the flow, and tells the tracker what became of them."""

    def __init__(self, intake: Intake, tracker: Tracker, *, workers: int, answered: Callable[[], None]) -> None:
        self._intake = intake
        self._tracker = tracker
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="intake")
        self._answered = answered
        self._lock = threading.Lock()
        self._stopping = False
        self._failing: set[str] = set()  # places whose treatment failed last time

    def submit(self, sighting: Sighting) -> None:
        """Queue one file."""
        self._pool.submit(self._treat, sighting)

    def stop(self) -> None:
        """Let the files under way end, and begin no other."""
        self._stopping = True
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _treat(self, sighting: Sighting) -> None:
        if self._stopping:
            return
        now = self._intake.clock.now()
        try:
            outcome = self._intake.take(sighting)
        except MustWaitError as error:
            _log.warning("deposit.waits", code=error.code)
            self._say(error.code)
            self._tracker.again(sighting, now + _BACKOFF, changed=False)
        except Exception as error:  # noqa: BLE001 - one file must not stop the others
            _log.error("deposit.failed", error=type(error).__name__, exc_info=True)
            self._failing.add(sighting.key)
            self._say("intake_failed")
            self._tracker.again(sighting, now + 3 * _BACKOFF, changed=False)
        else:
            _log.info("deposit.treated", outcome=str(outcome))
            self._failing.discard(sighting.key)
            if outcome is Outcome.WAITS:
                self._tracker.again(sighting, self._intake.clock.now() + _AGAIN, changed=False)
            elif outcome is Outcome.CHANGED:
                self._tracker.again(sighting, self._intake.clock.now(), changed=True)
            else:
                self._tracker.answered(sighting)
            if outcome in {Outcome.TAKEN, Outcome.REPEATED}:
                self._well()
            self._answered()

    def _say(self, code: str) -> None:
        """Put a trouble where people can see it; a database that is itself down is seen by ``status``."""
        try:
            with self._intake.database.bookkeeping() as session:
                health.report(session, _PARTS.get(code, "intake"), code, self._intake.clock.now())
        except DatabaseUnavailableError:
            return

    def _well(self) -> None:
        try:
            with self._intake.database.bookkeeping() as session:
                for part in _WELL if not self._failing else _WELL[:-1]:
                    health.report(session, part, health.OK, self._intake.clock.now())
        except DatabaseUnavailableError:
            return
