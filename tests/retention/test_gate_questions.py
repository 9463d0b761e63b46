"""Step 1: the first answer that is no stops everything, and says why; nothing is touched."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from journal import log
from registry import appeals, holds
from registry.ids import new_id
from registry.schemes import Approval
from registry.states import RecordingState
from registry.tables import Announcement, AppealOutcome, Closure, ClosureCause, Dossier, HoldReason, HoldScope, Recording
from retention.gate import Ended, Outcome
from retention.guards import Belief
from retention.questions import Questions
from retention.terms import Choices
from storage.keyfile import KeyFile
from tests.factories import ACTOR, Intakes
from tests.retention.gates import Gates
from tests.retention.test_gate import assert_destroyed

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def gates(intakes: Intakes) -> Gates:
    """Give a gate's surroundings."""
    return Gates(intakes)


def _closed(gates: Gates) -> tuple[Recording, datetime]:
    """Store a recording whose dossier is closed without a decision: its end must be announced. Return it, and from when it may go."""
    (recording,) = gates.stored()
    now = gates.parts.clock.now()
    with gates.database.transaction(now, ACTOR) as tx:
        row = Closure(id=new_id("clo"), dossier_id=recording.dossier_id, cause=ClosureCause.GAVE_UP, closed_at=now, closed_by=ACTOR)
        tx.session.add(row)
        tx.record("dossier.closed", row.id)
    return recording, now + timedelta(hours=24)


def _announced(gates: Gates, recording: Recording, eligible_at: datetime, *, accepted: bool = True) -> None:
    now = gates.parts.clock.now()
    with gates.database.bookkeeping() as session:
        session.add(
            Announcement(
                id=new_id("ann"),
                recording_id=recording.id,
                eligible_at=eligible_at,
                days_ahead=7,
                mail_id=new_id("mail"),
                announced_at=now,
                accepted_at=now if accepted else None,
            )
        )


def _ask(gates: Gates, recording: Recording, choices: Choices | None = None, approver: str | None = None) -> Ended:
    belief = gates.guards.ask()
    assert isinstance(belief, Belief)
    gate = gates.gate()
    questions = Questions(choices or gates.choices, lambda _session, _recording, _eligible: approver)
    gate = replace(gate, undertakings=replace(gate.undertakings, questions=questions))
    return gate.destroy(recording.id, belief)


def assert_refused(gates: Gates, ended: Ended, why: str) -> None:
    """Assert that nothing was touched, and that the reason is said."""
    assert (ended.outcome, ended.why) == (Outcome.REFUSED, why)
    recording = gates.recording(ended.recording_id)
    assert recording.state is RecordingState.ACCEPTED
    assert recording.attempt_id is not None
    assert isinstance(gates.parts.vaults.get(recording.attempt_id), KeyFile)
    with gates.database.reading() as session:
        assert not [one for one in log.entries_about(session.connection(), recording.id) if one.entry.kind.startswith("destruction")]


def test_a_time_that_has_not_come(gates: Gates) -> None:
    """Not one second early."""
    (recording,) = gates.stored()
    gates.withdrawn(recording)
    gates.parts.clock.go_on(hours=23, minutes=59, seconds=59)
    assert_refused(gates, _ask(gates, recording), "not_due")
    gates.parts.clock.go_on(seconds=1)
    assert _ask(gates, recording).outcome is Outcome.DESTROYED


def test_nothing_says_why(gates: Gates) -> None:
    """Missing input means: not eligible."""
    (recording,) = gates.stored()
    gates.parts.clock.go_on(days=4000)
    assert_refused(gates, _ask(gates, recording), "no_decision")


def _session_of(gates: Gates, row: Recording) -> str:
    with gates.database.reading() as session:
        return session.get_one(Dossier, row.dossier_id).session_id


_SCOPES: list[tuple[HoldScope, Callable[[Gates, Recording], str | None]]] = [
    (HoldScope.RECORDING, lambda _gates, row: row.id),
    (HoldScope.DOSSIER, lambda _gates, row: row.dossier_id),
    (HoldScope.SESSION, _session_of),
    (HoldScope.ALL, lambda _gates, _row: None),
]


@pytest.mark.parametrize(("scope", "target"), _SCOPES, ids=[one[0].value for one in _SCOPES])
def test_a_hold_of_any_scope(gates: Gates, scope: HoldScope, target: Callable[[Gates, Recording], str | None]) -> None:
    """Wins, until it is released; the certificate tells of it."""
    (recording,) = gates.due()
    now = gates.parts.clock.now()
    with gates.database.transaction(now, ACTOR) as tx:
        hold = holds.write(tx, scope, target(gates, recording), HoldReason.LITIGATION)
    assert_refused(gates, _ask(gates, recording), "held")
    with gates.database.transaction(gates.parts.clock.go_on(minutes=1), ACTOR) as tx:
        holds.end(tx, tx.lock(type(hold), hold.id))
    assert _ask(gates, recording).outcome is Outcome.DESTROYED
    certificate = gates.row(recording.id).certificate
    assert certificate is not None
    assert hold.id.encode() in certificate


def test_an_open_appeal(gates: Gates) -> None:
    """Stops it; one that came after it began is an incident, and stops nothing."""
    (recording,) = gates.due()
    day = gates.parts.clock.now().date()
    with gates.database.transaction(gates.parts.clock.now(), ACTOR) as tx:
        appeals.record(tx, recording.dossier_id, received_on=day)
    assert_refused(gates, _ask(gates, recording), "held")


def test_an_end_that_was_not_announced(gates: Gates) -> None:
    """The mail must have been accepted, with this very date, and seven days ago."""
    recording, eligible_at = _closed(gates)
    gates.parts.clock.go_on(days=30)
    assert_refused(gates, _ask(gates, recording), "not_announced")
    _announced(gates, recording, eligible_at + timedelta(days=1))
    _announced(gates, recording, eligible_at, accepted=False)
    gates.parts.clock.go_on(days=8)
    assert_refused(gates, _ask(gates, recording), "not_announced")
    _announced(gates, recording, eligible_at)
    gates.parts.clock.go_on(days=6, hours=23, minutes=59)
    assert_refused(gates, _ask(gates, recording), "not_announced")
    gates.parts.clock.go_on(minutes=1)
    assert _ask(gates, recording).outcome is Outcome.DESTROYED
    assert_destroyed(gates, recording.id)


def test_a_closed_appeal_makes_notices_count_anew(gates: Gates) -> None:
    """What was announced before it no longer holds."""
    recording, eligible_at = _closed(gates)
    _announced(gates, recording, eligible_at)
    gates.parts.clock.go_on(days=9)
    now = gates.parts.clock.now()
    with gates.database.transaction(now, ACTOR) as tx:
        appeal = appeals.record(tx, recording.dossier_id, received_on=now.date()).appeal
    with gates.database.transaction(gates.parts.clock.go_on(minutes=1), ACTOR) as tx:
        locked, row = appeals.lock(tx, appeal.id)
        row.outcome = AppealOutcome.WITHDRAWN
        appeals.close(tx, locked, row)
    assert_refused(gates, _ask(gates, recording), "not_announced")
    gates.parts.clock.go_on(minutes=1)
    _announced(gates, recording, eligible_at)
    gates.parts.clock.go_on(days=7)
    assert _ask(gates, recording).outcome is Outcome.DESTROYED


def test_four_eyes(gates: Gates) -> None:
    """Where the scheme asks for a person, nothing goes without one; the certificate names who it was."""
    (recording,) = gates.due()
    watched = Choices(approval=Approval.FOUR_EYES)
    assert_refused(gates, _ask(gates, recording, watched), "not_approved")
    person = "usr_" + "1" * 32
    assert _ask(gates, recording, watched, person).outcome is Outcome.DESTROYED
    certificate = gates.row(recording.id).certificate
    assert certificate is not None
    assert person.encode() in certificate


def test_an_approved_one_is_not_counted(gates: Gates) -> None:
    """What a person approved may be more than a day may destroy."""
    rows, few = gates.due(3), Choices(max_destructions_per_day=1)
    assert _ask(gates, rows[0], few).outcome is Outcome.DESTROYED
    assert_refused(gates, _ask(gates, rows[1], few), "daily_limit")
    assert _ask(gates, rows[1], few, "usr_" + "1" * 32).outcome is Outcome.DESTROYED
    assert_refused(gates, _ask(gates, rows[2], few), "daily_limit")
