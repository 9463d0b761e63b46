"""What a running centre finds out about itself: the journal at night, the scanner, the watcher."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from sqlalchemy import update
from typing_extensions import override

from consigne import checking, doctor
from consigne.dispatch import Dispatch
from consigne.doctor import Light
from consigne.health import status_of
from consigne.settings import CentreSettings, IdentitySettings, IntakeSettings, MailSettings, Settings, Watching
from consigne.sweeps import Sweeps
from consigne.watching import Watcher
from consigne.wiring import Parts
from intake.errors import MustWaitError
from intake.malware import LIMIT, UNAVAILABLE, ClamdScanner, NoScanner, Scanner
from intake.policy import MAX_RECORDING_BYTES
from intake.watch import Tracker
from journal import log
from registry import health, migrate
from registry.database import Database
from registry.tables import Health
from storage.errors import StorageUnavailable
from storage.objects import MemoryObjects
from tests.factories import NOW, FixedClock, Intakes, coordinator, mails_of, opened, sighting
from tests.support.clamd import FakeScanner, spoken_clamd


@dataclass(frozen=True, kw_only=True)
class CheckedParts(Parts):
    """The parts of a centre whose clock and scanner the test holds."""

    clock: FixedClock = field(default_factory=FixedClock)
    fake: Scanner = field(default_factory=FakeScanner)

    @cached_property
    @override
    def scanner(self) -> Scanner:
        return self.fake


def settings_of(home: Path, url: str = "sqlite:///consigne.db") -> Settings:
    """Return what a centre is told at least."""
    return Settings(
        home=home,
        database_url=url,
        centre=CentreSettings(name="Centre d’essai", contact_name="Dominique Contact", contact_mail="coordination@example.org"),
        identity=IdentitySettings(public="", log_public=""),
        mail=MailSettings(sender="depot@example.org", sender_name="Centre d’essai"),
    )


@pytest.fixture
def parts(registry_url: str, tmp_path: Path) -> Iterator[CheckedParts]:
    """Give the parts of a centre on a fresh database."""
    (tmp_path / "depots").mkdir()
    made = CheckedParts(settings=settings_of(tmp_path, registry_url))
    yield made
    made.close()


def said(database: Database, part: str) -> str | None:
    """Return what a part said last."""
    with database.reading() as session:
        row = session.get(Health, part)
        return row.code if row else None


def trouble(parts: Parts, part: str, code: str) -> None:
    """Report for a part."""
    with parts.database.bookkeeping() as session:
        health.report(session, part, code, parts.clock.now())


def away(parts: CheckedParts, *, there: bool = False) -> None:
    """Take the scanner away, or bring it back."""
    assert isinstance(parts.fake, FakeScanner)
    parts.fake.there = there


def test_the_journal_is_checked_once_a_night(parts: CheckedParts) -> None:
    """As soon as the centre runs, and then from three o'clock in Paris on."""
    parts.clock.instant = datetime(2026, 5, 12, 20, 0, tzinfo=UTC)
    opened(parts.database)
    assert [checking.check_journal(parts), checking.check_journal(parts)] == [True, False]
    assert said(parts.database, "journal") == health.OK
    parts.clock.instant = datetime(2026, 5, 13, 0, 59, tzinfo=UTC)
    assert not checking.check_journal(parts)
    parts.clock.go_on(minutes=1)
    assert checking.check_journal(parts)


def test_a_journal_that_was_edited_is_told_to_the_staff(parts: CheckedParts) -> None:
    """By ``status`` with what to do, and by mail; and no later check hides it."""
    opened(parts.database)
    coordinator(parts.database)
    with parts.database.engine.begin() as connection:
        connection.execute(update(log.ENTRIES).where(log.ENTRIES.c.index == 0).values(bytes=b"{}"))
    for _ in range(2):
        assert checking.check_journal(parts)
        assert said(parts.database, "journal") == "broken"
        parts.clock.go_on(days=1)
    Sweeps(parts, Intakes(parts.database, parts.share).flow()).alert()
    with parts.database.reading() as session:
        assert [mail.kind for mail in mails_of(session)] == ["alert.journal_broken"]
    remedies = {one.part: one.remedy for one in status_of(parts).troubles}
    assert "copy of the database" in remedies["journal"]


@pytest.mark.parametrize(
    ("now", "night"),
    [
        ("2026-01-15T12:00+00:00", "2026-01-15T02:00+00:00"),
        ("2026-01-15T02:00+00:00", "2026-01-15T02:00+00:00"),
        ("2026-01-15T01:59+00:00", "2026-01-14T02:00+00:00"),
        ("2026-07-01T00:30+00:00", "2026-06-30T01:00+00:00"),
        ("2026-03-29T01:00+00:00", "2026-03-29T01:00+00:00"),  # the hour before does not exist in Paris
        ("2026-03-29T00:59+00:00", "2026-03-28T02:00+00:00"),
        ("2026-10-25T01:59+00:00", "2026-10-24T01:00+00:00"),  # the hour before is there twice
        ("2026-10-25T02:00+00:00", "2026-10-25T02:00+00:00"),
    ],
)
def test_when_it_was_last_three_in_paris(now: str, night: str) -> None:
    """In winter, in summer, and in both nights in which the clocks change."""
    assert checking.last_night(datetime.fromisoformat(now)) == datetime.fromisoformat(night)


def test_a_scanner_that_is_away_is_told_and_forgotten_once_it_is_back(parts: CheckedParts) -> None:
    """Before any deposit must wait for it; by mail after some minutes."""
    coordinator(parts.database)
    sweeps = Sweeps(parts, Intakes(parts.database, parts.share).flow())
    away(parts)
    sweeps.check_scanner()
    parts.clock.go_on(minutes=4)
    sweeps.check_scanner()
    sweeps.alert()
    assert said(parts.database, "scanner") == UNAVAILABLE
    assert "clamd" in next(one.remedy for one in status_of(parts).troubles if one.part == "scanner")
    with parts.database.reading() as session:
        (mail,) = mails_of(session)
    assert mail.kind == "alert.scanner_down"
    assert "antivirus" in mail.text
    away(parts, there=True)
    sweeps.check_scanner()
    assert said(parts.database, "scanner") == health.OK


def test_a_limit_is_forgotten_once_no_deposit_tells_of_it(parts: CheckedParts) -> None:
    """A scanner that answers does not say how large a file it takes: the deposit that waits does, again and again."""
    trouble(parts, "scanner", LIMIT)
    parts.clock.go_on(minutes=4)
    checking.check_scanner(parts)
    assert said(parts.database, "scanner") == LIMIT
    trouble(parts, "scanner", LIMIT)
    parts.clock.go_on(minutes=4)
    checking.check_scanner(parts)
    assert said(parts.database, "scanner") == LIMIT
    away(parts)
    checking.check_scanner(parts)
    assert said(parts.database, "scanner") == UNAVAILABLE
    trouble(parts, "scanner", LIMIT)
    away(parts, there=True)
    parts.clock.go_on(minutes=5)
    checking.check_scanner(parts)
    assert said(parts.database, "scanner") == health.OK


class AwayObjects(MemoryObjects):
    """A store that may not answer."""

    there = True
    stored_meanwhile: Callable[[], None] | None = None

    @override
    def ping(self) -> None:
        if self.stored_meanwhile is not None:
            self.stored_meanwhile()
        if not self.there:
            raise StorageUnavailable("the store does not answer")


def test_a_store_that_is_away_is_told_and_forgotten_once_it_is_back(parts: CheckedParts) -> None:
    """Before any deposit must wait for it; by mail after some minutes, however often it is asked meanwhile."""
    coordinator(parts.database)
    store = AwayObjects()
    checking.check_store(parts.database, store, parts.clock)
    assert said(parts.database, "store") == health.OK
    store.there = False
    for _ in range(8):
        parts.clock.go_on(seconds=30)
        checking.check_store(parts.database, store, parts.clock)
    Sweeps(parts, Intakes(parts.database, parts.share).flow()).alert()
    assert said(parts.database, "store") == "store_unreachable"
    with parts.database.reading() as session:
        assert [mail.kind for mail in mails_of(session)] == ["alert.store_down"]
    store.there = True
    checking.check_store(parts.database, store, parts.clock)
    assert said(parts.database, "store") == health.OK


def test_what_deposits_say_of_a_store_holds_while_they_say_it(parts: CheckedParts) -> None:
    """A store that answers may still refuse a deposit; once none has complained for some minutes, it is well."""
    store = AwayObjects()
    for there in (True, False, True):
        trouble(parts, "store", "store_unavailable")
        store.there = there
        parts.clock.go_on(minutes=4)
        checking.check_store(parts.database, store, parts.clock)
        assert said(parts.database, "store") == "store_unavailable"
    parts.clock.go_on(minutes=5)
    checking.check_store(parts.database, store, parts.clock)
    assert said(parts.database, "store") == health.OK


def test_a_deposit_stored_while_the_store_was_asked_is_believed(parts: CheckedParts) -> None:
    """A ping that took long says nothing of a store that has come back since."""

    def stored() -> None:
        parts.clock.go_on(seconds=10)
        trouble(parts, "store", health.OK)

    store = AwayObjects()
    store.there, store.stored_meanwhile = False, stored
    checking.check_store(parts.database, store, parts.clock)
    assert said(parts.database, "store") == health.OK


@pytest.mark.parametrize(("scanner", "code"), [(FakeScanner(there=False), UNAVAILABLE), (FakeScanner(limit=10), LIMIT)])
def test_a_deposit_that_waits_names_the_scanner(intakes: Intakes, scanner: FakeScanner, code: str) -> None:
    """Not the store, and not intake at large; another deposit that passes does not hide it."""
    one, other = opened(intakes.database, "C-012", "C-013")
    intake = replace(intakes.flow(), scanner=scanner)
    tracker = Tracker(intakes.share, intakes.policy.settle, intakes.policy.max_bytes)
    dispatch = Dispatch(intake, tracker, workers=1, answered=lambda: None)
    for file, content in ((one, b"too long for it"), (other, b"a sound")):
        path = intakes.folder(file) / "Mon appel.mp3"
        path.write_bytes(content)
        dispatch._treat(sighting(intakes.share, path))
    dispatch.stop()
    assert said(intakes.database, "scanner") == code
    assert (said(intakes.database, "store"), said(intakes.database, "intake")) in {(None, None), (health.OK, health.OK)}


class ImpatientParts(CheckedParts):
    """The parts of a centre that waits for nobody at its database."""

    @cached_property
    @override
    def database(self) -> Database:
        return Database(self.settings.url, busy_seconds=0.05)


def test_status_sees_that_somebody_holds_the_database(tmp_path: Path) -> None:
    """Reading goes on meanwhile, so that only trying to write tells it; nothing is left of it afterwards."""
    (tmp_path / "depots").mkdir()
    parts = ImpatientParts(settings=settings_of(tmp_path))
    migrate.upgrade(parts.database)
    holding = sqlite3.connect(tmp_path / "consigne.db", isolation_level=None)
    holding.execute("BEGIN IMMEDIATE")
    assert [one.code for one in status_of(parts).troubles if one.part == "database"] == ["database_unavailable"]
    holding.close()
    assert [one for one in status_of(parts).troubles if one.part == "database"] == []
    parts.close()


def test_a_watcher_that_is_silent_is_told(parts: CheckedParts) -> None:
    """Once it stops and once it goes on: what another process says meanwhile is not overwritten."""
    silent = False
    sweeps = Sweeps(parts, Intakes(parts.database, parts.share).flow())
    sweeps.follow(lambda: silent)
    (job,) = sweeps.scheduler.get_jobs()
    job.func()
    assert said(parts.database, "watcher") is None
    silent = True
    job.func()
    assert said(parts.database, "watcher") == "stopped"
    trouble(parts, "watcher", "another")
    job.func()
    assert said(parts.database, "watcher") == "another"
    silent = False
    job.func()
    assert said(parts.database, "watcher") == health.OK


def test_when_a_watcher_counts_as_silent(intakes: Intakes, tmp_path: Path) -> None:
    """After a minute and one poll without a beat; a loop that goes on beats."""
    tracker = Tracker(intakes.share, intakes.policy.settle, intakes.policy.max_bytes)
    dispatch = Dispatch(intakes.flow(), tracker, workers=1, answered=lambda: None)
    watcher = Watcher(intakes.flow(), tracker, dispatch, how=Watching.POLL, poll_seconds=15, disk=tmp_path)
    assert not watcher.stopped()
    watcher.beat = time.monotonic() - 74
    assert not watcher.stopped()
    watcher.beat = time.monotonic() - 76
    assert watcher.stopped()
    watcher.start()
    try:
        for _ in range(100):
            if not watcher.stopped():
                break
            time.sleep(0.02)
        assert not watcher.stopped()
    finally:
        watcher.stop()
        dispatch.stop()


def test_the_settings_choose_the_scanner(tmp_path: Path) -> None:
    """None by default; clamd's socket from the centre's directory."""
    told = settings_of(tmp_path)
    assert Parts(told).scanner == NoScanner()
    named = told.model_copy(update={"intake": IntakeSettings(clamd_socket=Path("clamd.ctl"))})
    assert Parts(named).scanner == ClamdScanner(tmp_path / "clamd.ctl")


def test_doctor_tries_the_scanner_out(tmp_path: Path) -> None:
    """With the largest deposit: one that takes less is red, as is one that is away; old signatures are amber."""

    def lights(scanner: Scanner) -> list[Light]:
        parts = CheckedParts(settings=settings_of(tmp_path), fake=scanner)
        return [one.light for one in doctor._scanner(parts)]

    assert lights(NoScanner()) == [Light.AMBER]
    with spoken_clamd(tmp_path) as server:
        clamd = ClamdScanner(server.path)
        with pytest.raises(MustWaitError, match="StreamMaxLength"):
            lights(clamd)
        server.limit = MAX_RECORDING_BYTES
        assert lights(clamd) == [Light.GREEN, Light.AMBER]
        server.version = f"ClamAV 1.4.6/27432/{NOW - timedelta(days=6):%a %b %d %H:%M:%S %Y}".encode()
        assert lights(clamd) == [Light.GREEN]
    with pytest.raises(MustWaitError, match="start clamd"):
        lights(clamd)
