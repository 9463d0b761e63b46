"""Leases, numbers, health, links, owners, clock and reasons: the small tables of a running centre."""

import subprocess
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from registry import health, leases, links, owners, reasons, recordings
from registry.clock import Clock, SystemClock, civil_date
from registry.database import Database
from registry.errors import RefusedError
from registry.tables import FormLink, Lease, Reason
from tests.factories import ACTOR, NOW, FixedClock, journal_text, opened

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize("clock", [SystemClock(), FixedClock()])
def test_every_clock(clock: Clock) -> None:
    """The real clock and the fake keep one contract: aware, in UTC, never going back by itself."""
    first = clock.now()
    assert first.tzinfo is UTC
    assert clock.now() >= first


def test_civil_dates_are_those_of_paris() -> None:
    """Midnight is that of Paris, in summer and in winter; a naive instant is refused."""
    assert civil_date(datetime(2026, 5, 25, 21, 59, tzinfo=UTC)).day == 25
    assert civil_date(datetime(2026, 5, 25, 22, 0, tzinfo=UTC)).day == 26
    assert civil_date(datetime(2026, 12, 31, 23, 0, tzinfo=UTC)).year == 2027
    with pytest.raises(ValueError, match="time zone"):
        civil_date(datetime(2026, 5, 25))  # noqa: DTZ001 - what is refused


def test_a_lease_is_one_owners(registry: Database) -> None:
    """Taken, renewed, refused to others, free once it ends or is given back."""
    with registry.bookkeeping() as session:
        assert leases.acquire(session, "leader", "one", NOW, MINUTE)
        assert leases.acquire(session, "leader", "one", NOW, 2 * MINUTE)
        assert not leases.acquire(session, "leader", "two", NOW + MINUTE, MINUTE)
        assert leases.acquire(session, "leader", "two", NOW + 2 * MINUTE, MINUTE)
        leases.release(session, "leader", "one")
        assert not leases.acquire(session, "leader", "one", NOW + 2 * MINUTE, MINUTE)
        leases.release(session, "leader", "two")
        assert leases.acquire(session, "leader", "one", NOW + 2 * MINUTE, MINUTE)


def test_the_first_rows_written_at_once(registry: Database) -> None:
    """Several that write the first lease, the first number and the first health at the same moment: one leads, none fails."""
    gate, led, numbers, failures = threading.Barrier(5), [], [], []

    def go(number: int) -> None:
        gate.wait()
        try:
            with registry.bookkeeping() as session:
                led.append(leases.acquire(session, "leader", f"worker-{number}", NOW, MINUTE))
                numbers.append(leases.next_number(session, "receipt-2026"))
                health.report(session, "store", "store_unavailable", NOW)
        except Exception as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=go, args=(number,)) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, led.count(True), sorted(numbers)) == ([], 1, [1, 2, 3, 4, 5])
    with registry.reading() as session:
        assert len(session.exec(select(Lease)).all()) == 1


def test_receipts_are_numbered_by_the_year_in_paris(registry: Database) -> None:
    """A receipt given after midnight in Paris on New Year's Eve is the first of the new year."""
    with registry.bookkeeping() as session:
        assert recordings.receipt_number(session, datetime(2026, 12, 31, 22, 59, tzinfo=UTC)) == "2026-0001"
        assert recordings.receipt_number(session, datetime(2026, 12, 31, 23, 0, tzinfo=UTC)) == "2027-0001"


def test_health_remembers_since_when(registry: Database) -> None:
    """News is a change; troubles are told longest first, and a part that is well is not one."""
    with registry.bookkeeping() as session:
        assert not health.report(session, "store", health.OK, NOW)
        assert health.report(session, "store", "store_unavailable", NOW + MINUTE)
        assert not health.report(session, "store", "store_unavailable", NOW + 2 * MINUTE)
        assert health.report(session, "disk", "disk_full", NOW)
        assert [(one.part, one.since) for one in health.troubles(session)] == [("disk", NOW), ("store", NOW + MINUTE)]
        assert health.report(session, "store", health.OK, NOW + 3 * MINUTE)
        assert [one.part for one in health.troubles(session)] == ["disk"]


def test_links_open_one_dossier_until_they_end(registry: Database) -> None:
    """Only the hash is kept; unknown, changed and expired tokens open nothing."""
    (file,) = opened(registry)
    with registry.bookkeeping() as session:
        token = links.make(session, file.dossier.id, NOW, NOW + MINUTE)
        assert links.dossier_of(session, token, NOW) == file.dossier.id
        assert links.dossier_of(session, token, NOW + MINUTE) is None
        for other in ("", token[:-1], token.swapcase(), token + "x", "\udcff"):
            assert links.dossier_of(session, other, NOW) is None
        assert all(token not in str(link) for link in session.exec(select(FormLink)))


def test_a_reasons_text_is_not_in_the_journal(registry: Database) -> None:
    """The journal holds its salted hash alone; an empty or endless reason is refused."""
    with registry.transaction(NOW, ACTOR) as tx:
        hashed = reasons.note(tx, "rec_" + "0" * 32, "  Madame\n Zyxwvut a appelé ")
        tx.record("recording.brought", "rec_" + "0" * 32, reason_sha256=hashed)
    with registry.reading() as session:
        assert session.exec(select(Reason)).one().text == "Madame Zyxwvut a appelé"
        assert b"Zyxwvut" not in journal_text(session)
        assert hashed.encode() in journal_text(session)
    for text in ("", " \n", "x" * 401):
        with pytest.raises(RefusedError):
            reasons.checked(text)


def test_a_process_that_ended_and_is_not_buried_is_dead() -> None:
    """A killed worker whose parent has not asked after it holds no lease."""
    child = subprocess.Popen(["sleep", "60"])
    machine, boot, _, _ = owners.this_process().split("/")
    started = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()[19]
    owner = f"{machine}/{boot}/{child.pid}/{started}"
    assert not owners.is_dead(owner)
    child.kill()
    deadline = time.monotonic() + 5
    while not owners.is_dead(owner) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert owners.is_dead(owner)
    child.wait()
