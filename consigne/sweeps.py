"""What is done at its hour, again and again: each sweep is safe to repeat, and one that fails never stops the others."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from consigne import checking, safety
from consigne.errors import OutsideError
from consigne.wiring import Parts
from intake import alerting, folders, posting, recovery, reminding
from intake.flow import Intake
from notifications import outbox
from notifications.sending import send_due
from registry import health, leases, owners
from registry.clock import PARIS
from registry.errors import DatabaseUnavailableError
from retention import anchor_mail, announcing, due, lingering, reconcile, reporting
from retention.gate import Outcome
from sharing import log, signing_in
from storage.errors import StorageUnavailable

_log = structlog.get_logger()
_LEADS = timedelta(seconds=150)  # longer than two of the shortest sweeps that need it
_DEFAULTS = {"coalesce": True, "max_instances": 1, "misfire_grace_time": 3600}


@dataclass(frozen=True)
class Sweeps:
    """The sweeps of one running centre. Those that must run once a centre ask for the leader's lease."""

    parts: Parts
    intake: Intake
    scheduler: BackgroundScheduler = field(default_factory=lambda: BackgroundScheduler(timezone=PARIS, job_defaults=_DEFAULTS))
    _failed: set[str] = field(default_factory=set)  # the sweeps whose last run failed
    _stopping: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Schedule them all."""
        every = (
            ("files", self.write_files, 2),
            ("mail", self.send_mail, 5),
            ("unfinished", self.finish_stored, 15),
            ("vaults", self.led(self.equalise), 300),
            ("attempts", self.led(self.discard_attempts), 300),
            ("notices", self.led(self.announce), 300),
            ("destructions", self.led(self.destroy), 300),
            ("lingering", self.led(self.escalate), 3600),
            ("anchors", self.led(self.anchor), 300),
            ("clearing", self.led(self.clear), 900),
            ("reminders", self.led(self.remind), 900),
            ("reports", self.led(self.report), 300),
            ("compliance", self.led(self.comply), 900),
            ("journal", self.led(self.check_journal), 300),
            ("scanner", self.led(self.check_scanner), 60),
            ("comparison", self.led(self.compare), 900),
            ("scrub", self.led(self.scrub), 3600),
            ("store", self.led(self.check_store), 30),
            ("alerts", self.led(self.alert), 60),
            ("listening", self.led(self.forget_listening), 3600),
        )
        for name, job, seconds in every:
            self._each(name, job, seconds)
        self.scheduler.start()

    def _each(self, name: str, job: Callable[[], object], seconds: int) -> None:
        self.scheduler.add_job(self.guarded(name, job), "interval", seconds=seconds, id=name, next_run_time=datetime.now(PARIS))

    def follow(self, watcher_stopped: Callable[[], bool]) -> None:
        """Tell people when the watcher of this process stops, and when it goes on. Every process follows its own."""
        self._each("watcher", checking.Pulse(self.parts, watcher_stopped).feel, 15)

    def stop(self) -> None:
        """Let the sweeps under way end, begin no other, and give the lead back."""
        self._stopping.set()
        self.scheduler.shutdown()
        with self.parts.database.bookkeeping() as session:
            leases.release(session, "leader", owners.this_process())

    def wake(self) -> None:
        """Write and send at once what was just queued."""
        for name in ("files", "mail"):
            self.scheduler.modify_job(name, next_run_time=datetime.now(PARIS))

    def guarded(self, name: str, job: Callable[[], object]) -> Callable[[], None]:
        """Wrap a sweep so that its failure is logged by name, and it runs again at its next hour."""

        def run() -> None:
            try:
                job()
            except DatabaseUnavailableError:
                _log.warning("sweep.waits", sweep=name, code="database_unavailable")
            except Exception as error:  # noqa: BLE001 - a sweep must not stop the sweeps
                _log.error("sweep.failed", sweep=name, error=type(error).__name__, exc_info=True)
                self._failing(name, failed=True)
            else:
                self._failing(name, failed=False)

        return run

    def _failing(self, name: str, *, failed: bool) -> None:
        """Put a sweep that fails where people see it, and take it away once it has run again."""
        if failed is (name in self._failed):
            return
        try:
            with self.parts.database.bookkeeping() as session:
                health.report(session, f"sweep_{name}", "failed" if failed else health.OK, self.parts.clock.now())
        except DatabaseUnavailableError:
            return
        self._failed.symmetric_difference_update({name})

    def led(self, job: Callable[[], object]) -> Callable[[], object]:
        """Run a sweep only where the leader's lease is ours."""

        def run() -> object:
            with self.parts.database.bookkeeping() as session:
                ours = leases.acquire(session, "leader", owners.this_process(), self.parts.clock.now(), _LEADS)
            return job() if ours else None

        return run

    def equalise(self) -> None:
        """Make vault and mirror equal: a tombstone in either wins, else a key in either is copied."""
        for repaired in safety.repair(self.parts):
            _log.info("vault.repaired", attempt=repaired.attempt_id, repair=str(repaired.repair))

    def write_files(self) -> None:
        """Write the answers into the folders."""
        while folders.write_due(self.parts.database, self.parts.share, self.parts.clock.now()).written:
            continue

    def send_mail(self) -> None:
        """Send the mail that is due."""
        with self.parts.database.bookkeeping() as session:
            outbox.expire(session, self.parts.clock.now())
        swept = send_due(
            self.parts.database.bookkeeping,
            self.parts.mailer,
            self.parts.sender,
            self.parts.clock,
            owners.this_process(),
            jitter=random.random,
        )
        if swept.retried or swept.sent:
            with self.parts.database.bookkeeping() as session:
                health.report(session, "mail", (swept.retried and swept.code) or health.OK, self.parts.clock.now())

    def finish_stored(self) -> None:
        """Take away originals that could not be taken away."""
        recovery.finish_stored(self.intake)

    def discard_attempts(self) -> None:
        """Discard upload attempts that never became a recording."""
        strongroom = self.intake.strongroom
        try:
            reconcile.discard_attempts(self.parts.database, strongroom.objects, strongroom.vaults, self.parts.clock.now())
        except StorageUnavailable:  # told by the sweep that asks the store
            _log.warning("sweep.waits", sweep="attempts", code="store_unavailable")

    def announce(self) -> None:
        """Announce the destructions of the coming weeks, so that a person can stop them."""
        choices = self.parts.settings.retention.choices
        due.recompute(self.parts.database, choices)
        announcing.announce(self.parts.database, self.parts.centre, choices, self.parts.clock.now())

    def escalate(self) -> None:
        """Tell of dossiers that nothing will end by itself."""
        lingering.escalate(self.parts.database, self.parts.centre, self.parts.settings.retention.choices, self.parts.clock.now())

    def destroy(self) -> None:
        """Finish the destructions that have begun, and begin those that are due."""
        try:
            swept = self.parts.destroyer().sweep()
        except OutsideError:
            _log.warning("sweep.waits", sweep="destructions", code="store_unavailable")
            return
        for one in swept.ended:
            _log.info("destruction.ended", recording=one.recording_id, outcome=str(one.outcome), why=one.why)
        if swept.of(Outcome.DESTROYED):
            self.parts.anchors.anchor(self.parts.clock.now())

    def anchor(self) -> None:
        """Sign what the journal holds since last time and put it outside; the day's checkpoint goes to the compliance officers."""
        parts, now = self.parts, self.parts.clock.now()
        parts.anchors.anchor(now)
        if now.astimezone(PARIS).hour >= parts.settings.mail.report_at_hour:
            anchor_mail.post_daily(parts.database, parts.centre, parts.settings.identity.log_public, now)

    def clear(self) -> None:
        """Clear what names the candidate of dossiers that are over."""
        self.parts.clearing().sweep(self.parts.clock.now())

    def compare(self) -> None:
        """Compare database, objects and vaults, once a night."""
        safety.compare_nightly(self.parts)

    def scrub(self) -> None:
        """Read stored objects again, once a month."""
        safety.scrub_monthly(self.parts, self._stopping.is_set)

    def remind(self) -> None:
        """Queue reminders and overdue reviews."""
        reminding.remind(self.parts.database, self.parts.centre, self.parts.clock.now())
        reminding.overdue_reviews(self.parts.database, self.parts.centre, self.parts.clock.now())

    def report(self) -> None:
        """Queue the daily reports, from their hour on."""
        now = self.parts.clock.now()
        if now.astimezone(PARIS).hour >= self.parts.settings.mail.report_at_hour:
            posting.daily_reports(self.parts.database, self.parts.centre, now)

    def comply(self) -> None:
        """Look for overdue destructions, and queue the compliance report once a month."""
        parts, now = self.parts, self.parts.clock.now()
        reporting.watch(parts.database, parts.centre, parts.settings.retention.choices, now)
        if now.astimezone(PARIS).hour >= parts.settings.mail.report_at_hour:
            reporting.monthly(parts.database, parts.centre, parts.settings.retention.choices, now)

    def check_journal(self) -> None:
        """Check the journal, once a night."""
        checking.check_journal(self.parts)

    def check_scanner(self) -> None:
        """Ask whether the malware scanner is there."""
        checking.check_scanner(self.parts)

    def forget_listening(self) -> None:
        """Remove what was heard a year ago, and links and sessions that ended long since."""
        with self.parts.database.bookkeeping() as session:
            log.expire(session, self.parts.clock.now())
            signing_in.expire(session, self.parts.clock.now())

    def check_store(self) -> None:
        """Ask whether the object store is there."""
        checking.check_store(self.parts.database, self.intake.strongroom.objects, self.parts.clock)

    def alert(self) -> None:
        """Tell the staff of what is not well."""
        alerting.alert(self.parts.database, self.parts.centre, self.parts.clock.now())
