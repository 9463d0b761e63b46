"""The compliance officer's figures on real rows: what counts where, and when a destruction is overdue."""

from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import col, select

from intake import alerting
from notifications.compliance import Figures
from notifications.words.mail_shape import Alert
from registry import recordings, users
from registry.database import Database
from registry.ids import new_id
from registry.states import RecordingState, Who
from registry.tables import (
    Announcement,
    Appeal,
    AppealOutcome,
    Destruction,
    Health,
    Hold,
    HoldScope,
    OutboxMail,
    Recording,
    Role,
)
from retention import due, figures, reporting
from retention.terms import Choices
from tests.factories import ACTOR, CENTRE, NOW, accepted, coordinator, mails_of, moved, opened
from tests.retention.facts_made import CHOICES, ELIGIBLE, hold, judged, record

pytestmark = pytest.mark.postgresql_later

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def at(registry: Database, now: datetime, choices: Choices = CHOICES) -> Figures:
    """Read the figures of an instant."""
    due.recompute(registry, choices)
    with registry.reading() as session:
        return figures.read(session, choices, now)


def late(registry: Database, *instants: datetime, choices: Choices = CHOICES) -> list[int]:
    """Count what is overdue at some instants."""
    due.recompute(registry, choices)
    with registry.reading() as session:
        return [figures.overdue(session, choices, one).count for one in instants]


def announced(registry: Database, recording: Recording, when: datetime, eligible_at: datetime = ELIGIBLE) -> None:
    """Write down that the destruction on a day was announced."""
    with registry.bookkeeping() as session:
        session.add(
            Announcement(
                id=new_id("ann"),
                recording_id=recording.id,
                eligible_at=eligible_at,
                days_ahead=30,
                mail_id=new_id("mail"),
                announced_at=when,
            )
        )


def called(registry: Database, recording: Recording, day: date) -> None:
    """Give a recording its day of call."""
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, recording.id).call_date = day
        tx.record("test.dated", recording.id)


def destruction(
    registry: Database, recording: Recording, started: datetime, completed: datetime | None, failure: str | None = None
) -> None:
    """Write down how far a destruction is."""
    with registry.transaction(started, ACTOR) as tx:
        row = Destruction(
            id=new_id("dst"),
            recording_id=recording.id,
            dossier_id=recording.dossier_id,
            cause="appeal_period_over",
            eligible_at=ELIGIBLE,
            grounds="{}",
            started_at=started,
            completed_at=completed,
            failure_code=failure,
        )
        tx.session.add(row)
        tx.record("test.destruction", row.id)
        held = tx.lock(Recording, recording.id)
        recordings.move(tx, held, RecordingState.DESTROYING, Who.GATE)
        if completed is not None:
            recordings.move(tx, held, RecordingState.DESTROYED, Who.GATE)
            held.destroyed_at = completed


def test_nothing_is_nothing(registry: Database) -> None:
    """An empty centre has figures too."""
    told = at(registry, NOW)
    assert (told.held, told.oldest_days, told.due, told.overdue, told.on_hold, told.failed, told.destroyed) == (0, None, 0, 0, 0, 0, 0)
    assert len(told.weeks) == figures.WEEKS_BACK + figures.WEEKS_AHEAD
    assert all(one.total == 0 for one in told.weeks)
    assert told.standing == ()


def test_what_is_held_and_since_when_it_was_said(registry: Database) -> None:
    """The oldest is the oldest call, whatever was deposited first; what is not stored yet, or destroyed, is not held."""
    first, second, third, fourth = opened(registry, "C-1", "C-2", "C-3", "C-4")
    young, old, undated, gone = (accepted(registry, one, one.dossier.id.encode()) for one in (first, second, third, fourth))
    called(registry, young, date(2026, 5, 4))
    called(registry, old, date(2025, 7, 1))
    called(registry, gone, date(2025, 6, 1))
    assert undated.call_date is None
    destruction(registry, gone, NOW, NOW)
    told = at(registry, NOW)
    assert (told.held, told.oldest_call, told.undated, told.destroyed) == (3, date(2025, 7, 1), 1, 1)
    assert told.oldest_days == (NOW.date() - date(2025, 7, 1)).days
    destruction(registry, old, NOW, None)
    assert at(registry, NOW).held == 3, "begun is not gone"


@pytest.mark.parametrize("scope", list(HoldScope))
def test_holds_of_any_scope_are_counted(registry: Database, scope: HoldScope) -> None:
    """Each recording once, however many holds cover it; since the first of them; a released one no more."""
    file, other = opened(registry, "C-1", "C-2")
    recording, beside = judged(registry, file), judged(registry, other, b"another")
    target = {
        HoldScope.RECORDING: recording.id,
        HoldScope.DOSSIER: file.dossier.id,
        HoldScope.SESSION: file.session.id,
        HoldScope.ALL: None,
    }
    one = hold(scope, target[scope])
    record(registry, file.dossier.id, one, hold(HoldScope.DOSSIER, file.dossier.id))
    covered = 2 if scope in {HoldScope.SESSION, HoldScope.ALL} else 1
    told = at(registry, ELIGIBLE + 9 * DAY + HOUR)
    assert (told.on_hold, told.due, told.overdue) == (covered, 2 - covered, 2 - covered)
    assert told.held_since == NOW
    assert sorted((line.scope, line.recordings) for line in told.standing) == sorted([(scope, covered), (HoldScope.DOSSIER, 1)])
    with registry.reading() as session:
        assert figures.on_hold(session, [recording.id, beside.id]) == {recording.id, *([beside.id] if covered > 1 else [])}
    with registry.transaction(NOW, ACTOR) as tx:
        for row in tx.session.exec(select(Hold)).all():
            row.released_at = NOW
            tx.record("hold.released", row.id)
    assert at(registry, NOW).on_hold == 0


def test_overdue_begins_two_days_after_it_could_have_been_destroyed(registry: Database) -> None:
    """Announced in time: from the day itself; announced late: from the end of the notice; not announced: as if on the day."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    assert at(registry, ELIGIBLE - HOUR).due == 0
    assert at(registry, ELIGIBLE).due == 1
    quiet = ELIGIBLE + 7 * DAY + 2 * DAY
    assert late(registry, quiet, quiet + HOUR) == [0, 1]
    told_on = ELIGIBLE + DAY
    announced(registry, recording, told_on)
    assert late(registry, told_on + 9 * DAY, told_on + 9 * DAY + HOUR) == [0, 1]
    announced(registry, recording, ELIGIBLE - 30 * DAY)
    told = at(registry, ELIGIBLE + 2 * DAY + HOUR)
    assert (told.overdue, told.overdue_since) == (1, ELIGIBLE)
    assert late(registry, ELIGIBLE + 2 * DAY) == [0]


def test_what_was_known_late_is_not_overdue_at_once(registry: Database) -> None:
    """A hold released, or an appeal closed, long after the day: the count begins there, and the notices before the appeal are void."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    announced(registry, recording, ELIGIBLE - 30 * DAY)
    freed = ELIGIBLE + 60 * DAY
    one = hold(HoldScope.SESSION, file.session.id)
    one.released_at = freed
    record(registry, file.dossier.id, one)
    assert late(registry, freed + 2 * DAY, freed + 2 * DAY + HOUR) == [0, 1]
    closed = freed + 30 * DAY
    appeal = Appeal(
        id=new_id("app"),
        dossier_id=file.dossier.id,
        received_on=NOW.date(),
        recorded_at=NOW,
        recorded_by=ACTOR,
        outcome=AppealOutcome.INADMISSIBLE,
        closed_at=closed,
        closed_by=ACTOR,
    )
    record(registry, file.dossier.id, appeal)
    assert late(registry, closed + 9 * DAY, closed + 9 * DAY + HOUR) == [0, 1]


def test_a_cause_that_waits_for_no_notice(registry: Database) -> None:
    """A refused recording could be destroyed from its day on."""
    (file,) = opened(registry)
    recording = accepted(registry, file, state=RecordingState.REJECTED)
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, recording.id).quarantine_until = NOW
        tx.record("test.quarantined", recording.id)
        tx.lock(Recording, recording.id).stale = True
    begins = NOW + 24 * HOUR
    assert late(registry, begins + 48 * HOUR, begins + 48 * HOUR + HOUR) == [0, 1]


def test_a_word_that_somebody_owes_does_not_hide_it(registry: Database) -> None:
    """Where the centre wants the commission asked first, nothing would tell that nobody asks it."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    announced(registry, recording, ELIGIBLE - 30 * DAY)
    asked = Choices(recourse_check=True)
    told = at(registry, ELIGIBLE + 3 * DAY, asked)
    assert (told.due, told.overdue) == (1, 1)


def test_a_destruction_that_does_not_end_is_overdue_and_failed(registry: Database) -> None:
    """Failed as soon as a step failed; overdue two days after it began."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    destruction(registry, recording, ELIGIBLE, None, "object_listed")
    early, late = at(registry, ELIGIBLE + DAY), at(registry, ELIGIBLE + 3 * DAY)
    assert (early.failed, early.overdue, late.failed, late.overdue) == (1, 0, 1, 1)


def test_the_weeks_are_those_of_paris(registry: Database) -> None:
    """Midnight in Paris is still Sunday in UTC; what came due long ago counts now; what is held is apart; then what was destroyed."""
    files = opened(registry, "C-1", "C-2", "C-3", "C-4")
    rows = [judged(registry, one, one.dossier.id.encode()) for one in files]
    due.recompute(registry, CHOICES)
    monday = datetime.fromisoformat("2026-09-06T22:00:00+00:00")  # 7 September, in Paris
    for row, instant in zip(rows, (monday, monday - HOUR, monday - 200 * DAY, monday + 100 * DAY), strict=True):
        with registry.bookkeeping() as session:
            session.get_one(Recording, row.id).eligible_at = instant
    with registry.transaction(NOW, ACTOR) as tx:
        one = hold(HoldScope.RECORDING, rows[3].id)
        tx.session.add(one)
        tx.record("hold.placed", one.id)
    with registry.reading() as session:
        told = figures.read(session, CHOICES, monday + DAY)
    by_week = {one.monday: (one.destroyed, one.planned, one.held) for one in told.weeks if one.total}
    assert by_week == {date(2026, 9, 7): (0, 3, 0), date(2026, 12, 14): (0, 0, 1)}
    with registry.reading() as session:
        earlier = figures.read(session, CHOICES, monday - 10 * DAY)
    assert {one.monday: one.planned for one in earlier.weeks if one.planned} == {
        date(2026, 8, 24): 1,
        date(2026, 8, 31): 1,
        date(2026, 9, 7): 1,
    }
    assert earlier.soon == 2
    destruction(registry, rows[0], monday, monday + HOUR)
    with registry.reading() as session:
        after = figures.read(session, CHOICES, monday + DAY)
    assert next(one for one in after.weeks if one.monday == date(2026, 9, 7)).destroyed == 1
    assert after.destroyed_lately == 1


def test_figures_cost_what_is_due(registry: Database) -> None:
    """Eight recordings more, none of them due, are read with the same number of statements."""
    counted = {"statements": 0}

    def count(*_told: object) -> None:
        counted["statements"] += 1

    def statements() -> int:
        due.recompute(registry, CHOICES)
        counted["statements"] = 0
        with registry.reading() as session:
            figures.read(session, CHOICES, NOW)
        return counted["statements"]

    event.listen(registry.engine, "before_cursor_execute", count)
    few = statements()
    for file in opened(registry, *(f"D-{n:03d}" for n in range(8))):
        accepted(registry, file, file.dossier.id.encode())
    assert statements() == few


@pytest.fixture
def officer(registry: Database) -> str:
    """A compliance officer, enrolled in May, beside a coordinator."""
    coordinator(registry)
    with registry.transaction(NOW, ACTOR) as tx:
        return users.add(tx, role=Role.COMPLIANCE_OFFICER, name="Dominique Conforme", mail="conformite@example.org").id


def sweep(registry: Database, which: Callable[..., object], now: datetime) -> list[OutboxMail]:
    """Run a sweep, and return every mail to the compliance officer."""
    which(registry, CENTRE, CHOICES, now)
    with registry.reading() as session:
        return list(
            session.exec(select(OutboxMail).where(OutboxMail.to_address == "conformite@example.org").order_by(col(OutboxMail.kind)))
        )


def test_the_report_is_sent_once_a_month(registry: Database, officer: str) -> None:
    """Not in the month of the enrolment, then once each month, however often the sweep runs; to nobody else."""
    assert officer
    counts = [len(sweep(registry, reporting.monthly, now)) for now in (NOW, NOW + 20 * DAY, NOW + 21 * DAY, NOW + 51 * DAY)]
    assert counts == [0, 1, 1, 2]
    with registry.reading() as session:
        told = mails_of(session, "report.compliance")
        assert {mail.to_address for mail in told} == {"conformite@example.org"}
        assert all(mail.attachment for mail in told)
        assert [mail.attachment_name for mail in told] == [f"Registre des destructions 2026-0{one}.xlsx" for one in ("6-01", "7-02")]


def test_without_a_compliance_officer_the_coordinators_are_told(registry: Database) -> None:
    """Somebody is always told; on demand at once."""
    coordinator(registry)
    assert reporting.monthly(registry, CENTRE, CHOICES, NOW + 30 * DAY) == 1
    assert reporting.report_now(registry, CENTRE, CHOICES, NOW + 30 * DAY) == 1


def test_overdue_is_told_each_day_until_it_is_over(registry: Database, officer: str) -> None:
    """Seen in the health of the centre, told to the officer once a day with how many and since when, and no more once it is done."""
    assert officer
    (file,) = opened(registry)
    recording = judged(registry, file)
    announced(registry, recording, ELIGIBLE - 30 * DAY)
    assert sweep(registry, reporting.watch, ELIGIBLE + DAY) == []
    first = ELIGIBLE + 3 * DAY
    for now in (first, first + HOUR, first + DAY):
        mails = sweep(registry, reporting.watch, now)
    assert [mail.kind for mail in mails] == ["alert.destruction_overdue"] * 2
    assert all("26 août 2026" in mail.text for mail in mails)
    with registry.reading() as session:
        assert session.get_one(Health, reporting.PART).code == reporting.PART
    assert alerting._ALERTS[reporting.PART] is Alert.DESTRUCTION_OVERDUE, "coordinators and operators are told with the other troubles"
    moved(registry, recording, RecordingState.DESTROYING, RecordingState.DESTROYED)
    assert len(sweep(registry, reporting.watch, first + 2 * DAY)) == 2
    with registry.reading() as session:
        assert session.get_one(Health, reporting.PART).code == "ok"
