"""What is due: the cache follows the facts, of whatever scope, and the query costs what is due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event
from sqlmodel import Session

from registry.database import Database
from registry.ids import new_id
from registry.states import RecordingState
from registry.tables import (
    Appeal,
    Closure,
    ClosureCause,
    EvaluationSession,
    Hold,
    HoldScope,
    RecourseCheck,
)
from retention.due import _due, due, recompute
from retention.facts import Cause, NotYet, Reason
from retention.loading import facts_of, load
from retention.terms import Choices
from tests.factories import ACTOR, NOW, accepted, fresh, moved, opened
from tests.retention.facts_made import CHOICES, ELIGIBLE, decided, hold, judged, record

pytestmark = pytest.mark.postgresql_later


def listed(registry: Database, as_of: datetime, choices: Choices = CHOICES) -> list[tuple[str, Cause, datetime, int]]:
    """Recompute, and return what is due: recording, cause, instant, how many holds stand."""
    recompute(registry, choices)
    with registry.reading() as session:
        return [(one.recording_id, one.cause, one.eligible_at, len(one.held_by)) for one in due(session, as_of, choices)]


def test_a_recording_is_due_once_its_appeal_period_is_over(registry: Database) -> None:
    """Two months after the notice of delivery, at midnight in Paris, and not a second before."""
    (file,) = opened(registry)
    recording = accepted(registry, file)
    assert listed(registry, NOW + timedelta(days=3650)) == []
    moved(registry, recording, RecordingState.DECIDED)
    decision, notification = decided(file.dossier.id)
    record(registry, file.dossier.id, decision)
    assert listed(registry, NOW + timedelta(days=3650)) == []
    record(registry, file.dossier.id, notification)
    assert listed(registry, ELIGIBLE - timedelta(seconds=1)) == []
    assert listed(registry, ELIGIBLE) == [(recording.id, Cause.APPEAL_PERIOD_OVER, ELIGIBLE, 0)]
    assert not fresh(registry, recording).stale


@pytest.mark.parametrize("scope", list(HoldScope))
def test_a_hold_of_any_scope_is_seen(registry: Database, scope: HoldScope) -> None:
    """It stands on the recording, its dossier, its session, or all; another one's does not; a released one no more."""
    file, other = opened(registry, "C-012", "C-013")
    recording, beside = accepted(registry, file), accepted(registry, other, b"another")
    target = {
        HoldScope.RECORDING: recording.id,
        HoldScope.DOSSIER: file.dossier.id,
        HoldScope.SESSION: file.session.id,
        HoldScope.ALL: None,
    }
    one = hold(scope, target[scope])
    record(registry, file.dossier.id, one)
    with registry.reading() as session:
        found = load(session, [recording, beside], CHOICES)
    assert [held.id for held in found[recording.id].holds] == [one.id]
    assert len(found[beside.id].holds) == (scope in {HoldScope.SESSION, HoldScope.ALL})
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Hold, one.id).released_at = NOW
        tx.record("hold.released", one.id)
    with registry.reading() as session:
        assert facts_of(session, recording, CHOICES).holds == ()


def test_a_held_recording_is_listed_with_what_holds_it(registry: Database) -> None:
    """Its date is known, and so is why nothing happens."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    record(registry, file.dossier.id, hold(HoldScope.DOSSIER, file.dossier.id))
    assert listed(registry, ELIGIBLE) == [(recording.id, Cause.APPEAL_PERIOD_OVER, ELIGIBLE, 1)]
    with registry.reading() as session:
        (one,) = due(session, ELIGIBLE, CHOICES)
    assert isinstance(one.found, NotYet)
    assert one.found.reasons == (Reason.HELD,)
    assert list(one.to_json()) == ["recording_id", "dossier_id", "cause", "eligible_at", "held_by"]


def test_an_open_appeal_is_a_reason_of_its_own(registry: Database) -> None:
    """Even where somebody released its hold."""
    (file,) = opened(registry)
    judged(registry, file)
    appeal = Appeal(id=new_id("app"), dossier_id=file.dossier.id, received_on=date(2026, 7, 1), recorded_at=NOW, recorded_by=ACTOR)
    record(registry, file.dossier.id, appeal)
    recompute(registry, CHOICES)
    with registry.reading() as session:
        (one,) = due(session, ELIGIBLE, CHOICES)
    assert isinstance(one.found, NotYet)
    assert Reason.APPEAL_OPEN in one.found.reasons


def test_early_causes_come_from_their_rows(registry: Database) -> None:
    """A candidate who was absent, unless that was undone; a session that was cancelled; an attestation that never came."""
    absent, undone, cancelled, waiting = (opened(registry, f"C-02{n}", code=f"S-{n}")[0] for n in range(4))
    rows = {file.dossier.id: accepted(registry, file, file.dossier.id.encode()) for file in (absent, undone, cancelled)}
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(EvaluationSession, cancelled.session.id).cancelled_at = NOW
        tx.record("session.cancelled", cancelled.session.id)
    for file in (absent, undone):
        closure = Closure(id=new_id("clo"), dossier_id=file.dossier.id, cause=ClosureCause.ABSENT, closed_at=NOW, closed_by=ACTOR)
        if file is undone:
            closure.undone_at, closure.undone_by = NOW, ACTOR
        record(registry, file.dossier.id, closure)
    late = accepted(registry, waiting, b"waits", RecordingState.AWAITING_CONSENT).id
    day = NOW + timedelta(hours=24)
    assert {one[:3] for one in listed(registry, day)} == {
        (rows[absent.dossier.id].id, Cause.CLOSED_WITHOUT_DECISION, day),
        (rows[cancelled.dossier.id].id, Cause.SESSION_CANCELLED, day),
    }
    # the deadline is 25 May; seven days after it are over at midnight, and a day is left to undo a slip
    assert (late, Cause.CONSENT_WAIT_OVER, datetime(2026, 6, 2, 22, tzinfo=UTC), 0) in listed(registry, NOW + timedelta(days=60))


def test_a_recourse_check_that_the_centre_asks_for_is_the_latest(registry: Database) -> None:
    """The day that counts is the last one for which somebody gave his word."""
    (file,) = opened(registry)
    recording = accepted(registry, file)
    days = (date(2026, 9, 1), date(2026, 8, 1))
    checks = [RecourseCheck(id=new_id("rck"), session_id=file.session.id, as_of=day, recorded_at=NOW, recorded_by=ACTOR) for day in days]
    record(registry, file.dossier.id, *checks)
    with registry.reading() as session:
        assert facts_of(session, recording, CHOICES).recourse_checked_as_of == days[0]


def test_another_choice_of_the_centre_moves_every_date(registry: Database) -> None:
    """A grace for letters on their way, chosen afterwards, holds for what is already stored; the same choice again costs nothing."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    assert listed(registry, ELIGIBLE) != []
    graced = Choices(postal_grace_days=15)
    assert listed(registry, ELIGIBLE, graced) == []
    assert fresh(registry, recording).eligible_at == ELIGIBLE + timedelta(days=15)
    assert recompute(registry, graced) == 0
    assert listed(registry, ELIGIBLE) != []


def test_the_calendar_is_that_of_the_candidate_too(registry: Database) -> None:
    """Good Friday is a holiday in Alsace and Moselle."""
    (file,) = opened(registry, department="67")
    recording = accepted(registry, file)
    with registry.reading() as session:
        assert facts_of(session, recording, CHOICES).calendars.holiday(date(2027, 3, 26)) is not None


def test_what_is_due_is_found_by_an_index(registry: Database) -> None:
    """Whatever is stored, the query reads what is due."""
    with registry.reading() as session:
        assert "ix_recording_eligible_at" in _plan(session)


def _plan(session: Session) -> str:
    connection = session.connection()
    asked = _due(NOW).compile(connection.engine, compile_kwargs={"literal_binds": True})
    on_sqlite = connection.dialect.name == "sqlite"
    if not on_sqlite:
        connection.exec_driver_sql("SET enable_seqscan = off")  # an empty table is read whole otherwise
    return str(list(connection.exec_driver_sql(f"EXPLAIN {'QUERY PLAN' if on_sqlite else ''} {asked}")))


def test_facts_are_read_in_a_few_queries(registry: Database) -> None:
    """A hundred recordings do not cost a hundred times one."""
    files = opened(registry, *(f"D-{n:03d}" for n in range(12)))
    rows = [accepted(registry, file, file.dossier.id.encode()) for file in files]
    counted = {"statements": 0}

    def count(*_told: object) -> None:
        counted["statements"] += 1

    event.listen(registry.engine, "before_cursor_execute", count)
    with registry.reading() as session:
        assert len(load(session, rows, CHOICES)) == len(rows)
    assert counted["statements"] < len(rows)
