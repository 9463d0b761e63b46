"""Reminders: of what was missing by then, once, never after the last day."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from intake import alerting, reminding
from intake.originals import TakenAway
from registry import health
from registry.clock import PARIS
from registry.codes import Code
from registry.database import Database
from registry.states import MailState, RecordingState, Unlistenable
from registry.tables import Deposit, DepositState, Door, Recording
from tests.factories import (
    ACTOR,
    CENTRE,
    DEADLINE,
    NOW,
    Intakes,
    admitted,
    attest,
    coordinator,
    mails_of,
    moved,
    opened,
)

pytestmark = pytest.mark.postgresql_later


def _at(days_before: int, hour: int = 9) -> datetime:
    """Return an hour of the day that is so many days before the last day, in Paris."""
    return datetime.combine(DEADLINE - timedelta(days=days_before), time(hour), PARIS).astimezone(UTC)


def _remind(database: Database, days_before: int) -> int:
    return reminding.remind(database, CENTRE, _at(days_before))


def _sent(database: Database) -> list[str]:
    with database.reading() as session:
        return [mail.dedupe_key.split(":", 2)[2] for mail in mails_of(session, "reminder")]


def test_each_reminder_once(registry: Database) -> None:
    """Run at every hour of every day, three reminders go out: 21, 7 and 2 days before; none on or after the last day but those."""
    opened(registry)
    days = {day: _remind(registry, day) + _remind(registry, day) for day in range(30, -10, -1)}
    assert {day for day, count in days.items() if count} == {21, 7, 2}
    assert _sent(registry) == ["recording:21", "recording:7", "recording:2"]


def test_a_day_on_which_nothing_ran(registry: Database) -> None:
    """A centre that was down on the day reminds as soon as it is up, once, and of the nearest day only."""
    opened(registry)
    assert _remind(registry, 20) == 1
    assert _remind(registry, 1) == 1
    assert _sent(registry) == ["recording:21", "recording:2"]


@pytest.mark.parametrize(("opened_days_before", "reminded"), [(22, [21, 7, 2]), (21, [7, 2]), (10, [7, 2]), (7, [2]), (1, []), (-1, [])])
def test_a_dossier_that_was_opened_late(registry: Database, opened_days_before: int, reminded: list[int]) -> None:
    """Whoever was invited on that day or after it is not reminded of that day."""
    opened(registry, now=_at(opened_days_before))
    days = {day: _remind(registry, day) for day in range(min(opened_days_before, 30), -5, -1)}
    assert sorted((day for day, count in days.items() if count), reverse=True) == reminded


def test_what_is_missing_is_named(intakes: Intakes) -> None:
    """A recording, then its attestation, then nothing; an answer just given is no reason to remind at once."""
    (file,) = opened(intakes.database)
    assert _remind(intakes.database, 7) == 1
    admitted(intakes, file, at=_at(5))
    assert _remind(intakes.database, 5) == 0
    assert _remind(intakes.database, 2) == 1
    assert _sent(intakes.database) == ["recording:7", "attestation:2"]
    attest(intakes, file, now=_at(2, 10))
    assert _remind(intakes.database, 1) == 0


def test_a_refused_file_asks_for_another(intakes: Intakes) -> None:
    """Refused is missing; in a review is not."""
    one, two = opened(intakes.database, "C-012", "C-013")
    admitted(intakes, one, Code.TOO_LONG, at=_at(10))
    attest(intakes, two, now=_at(10))
    admitted(intakes, two, Code.SILENT, at=_at(10), data=b"other")
    assert _remind(intakes.database, 7) == 1
    assert _sent(intakes.database) == ["another_file:7"]


def test_a_closed_session_and_a_scheme_without_recording(registry: Database) -> None:
    """Nobody is asked for what is not taken."""
    (file,) = opened(registry)
    opened(registry, "C-013", code="UCANSS", scheme="ucanss-gc")
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(type(file.session), file.session.id).closed_at = NOW
        tx.record("session.closed", file.session.id)
    assert _remind(registry, 7) == 0


def test_overdue_reviews_are_told_each_working_day(intakes: Intakes) -> None:
    """From the day after the last one, once a working day, until they are decided or no longer matter."""
    coordinator(intakes.database)
    (file,) = opened(intakes.database)
    attest(intakes, file)
    recording = admitted(intakes, file, Code.SILENT)  # Tuesday 12 May: due on the 15th
    told = {}
    for day in range(12, 21):
        now = datetime(2026, 5, day, 9, tzinfo=UTC)
        told[day] = reminding.overdue_reviews(intakes.database, CENTRE, now) + reminding.overdue_reviews(intakes.database, CENTRE, now)
    assert {day: count for day, count in told.items() if count} == {18: 1, 19: 1, 20: 1}
    assert recording.review_due_on == date(2026, 5, 15)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, recording.id).unlistenable = Unlistenable.REPLACED
        tx.record("recording.replaced", recording.id)
    assert reminding.overdue_reviews(intakes.database, CENTRE, datetime(2026, 5, 21, 9, tzinfo=UTC)) == 0


def _alerts(database: Database, now: datetime) -> int:
    """Queue the alerts of one moment, and let them be sent at once."""
    found = alerting.alert(database, CENTRE, now)
    with database.bookkeeping() as session:
        for mail in mails_of(session):
            mail.state = MailState.SENT
            session.add(mail)
    return found


def test_alerts_wait_some_minutes_and_come_once_a_day(registry: Database) -> None:
    """A trouble of a moment is not told; one that lasts is, to each of the staff, again the next day, and no more once it is over."""
    coordinator(registry)
    coordinator(registry, "other@example.org")
    with registry.bookkeeping() as session:
        health.report(session, "store", "store_unavailable", NOW)
    lapse = [timedelta(minutes=2), timedelta(minutes=3), timedelta(minutes=9), timedelta(days=1)]
    assert [_alerts(registry, NOW + one) for one in lapse] == [0, 2, 0, 2]
    with registry.bookkeeping() as session:
        health.report(session, "store", health.OK, NOW + timedelta(days=1))
    with registry.reading() as session:
        assert {mail.kind for mail in mails_of(session)} == {"alert.store_down"}


@pytest.mark.parametrize(("code", "failures", "told"), [(TakenAway.REFUSED, 1, 1), (TakenAway.IN_USE, 3, 0), (TakenAway.IN_USE, 40, 1)])
def test_an_original_that_the_share_keeps(registry: Database, code: TakenAway, failures: int, told: int) -> None:
    """A share that refuses for good is told to the staff, and so is one that has been in use for long."""
    coordinator(registry)
    kept = Deposit(id="dep_1", place_key="k", place=b"S/C/a.mp3", identity="1", first_seen_at=NOW, door=Door.FOLDER)
    kept.state, kept.code, kept.failures = DepositState.STORED, str(code), failures
    with registry.bookkeeping() as session:
        session.add(kept)
    assert alerting.alert(registry, CENTRE, NOW) == told
    assert alerting.alert(registry, CENTRE, NOW) == 0


def test_a_decided_recording_is_not_missing(intakes: Intakes) -> None:
    """Whoever has deposited hears nothing more."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    moved(intakes.database, admitted(intakes, file, at=_at(20)), RecordingState.RELEASED)
    assert [_remind(intakes.database, day) for day in (7, 2)] == [0, 0]
