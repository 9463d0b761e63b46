"""The gate on fakes, on both databases: every step, every kill, every failure."""

import pytest

from journal import log
from registry.states import RecordingState
from retention import certificates
from retention.gate import Outcome
from retention.guards import Belief, Doubt
from retention.undertaking import COMPLETED, REPEATED, STARTED, Step
from storage.keyfile import Tombstone
from tests.factories import Intakes, kinds
from tests.retention.gates import KEY, Gates, KilledError

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def gates(intakes: Intakes) -> Gates:
    """Give a gate's surroundings."""
    return Gates(intakes)


def _belief(gates: Gates) -> Belief:
    found = gates.guards.ask()
    assert isinstance(found, Belief)
    return found


def assert_destroyed(gates: Gates, recording_id: str) -> None:
    """Assert that a recording is gone, proved, certified once, cleared."""
    recording, row = gates.recording(recording_id), gates.row(recording_id)
    assert recording.state is RecordingState.DESTROYED
    assert recording.destroyed_at is not None
    assert recording.eligible_at is None
    assert recording.original_name is None
    assert row.certificate is not None
    assert certificates.verify(row.certificate, KEY.public) == []
    assert (row.step, row.next_at, row.lease_owner) == (Step.CERTIFY, None, None)
    assert gates.posted.count(recording_id) == 1
    assert recording.attempt_id is not None
    with gates.database.reading() as session:
        told = kinds(session, recording_id)
        assert told.count(STARTED) == told.count(COMPLETED) == 1
        assert told[-3:] == [STARTED, COMPLETED, "recording.cleared"]
        started = next(one for one in log.entries_about(session.connection(), recording_id) if one.entry.kind == STARTED)
    for held in gates.parts.vaults.get_both(recording.attempt_id):
        assert isinstance(held, Tombstone)
        assert held.journal_index == started.index


def test_what_is_due_is_destroyed(gates: Gates) -> None:
    """Nothing of it is left but a certificate that a stranger can verify."""
    (recording,) = gates.due()
    assert gates.parts.objects.held
    ended = gates.gate().destroy(recording.id, _belief(gates))
    assert ended.outcome is Outcome.DESTROYED
    assert_destroyed(gates, recording.id)
    assert not gates.parts.objects.held
    assert gates.killer.passed == list(Step)
    assert gates.failures == []


def test_a_second_time_there_is_nothing_to_do(gates: Gates) -> None:
    """The gate is safe to repeat."""
    (recording,) = gates.due()
    gates.gate().destroy(recording.id, _belief(gates))
    assert gates.gate().destroy(recording.id, _belief(gates)).outcome is Outcome.SETTLED
    assert_destroyed(gates, recording.id)


@pytest.mark.parametrize("step", list(Step))
def test_a_kill_after_any_step_resumes(gates: Gates, step: Step) -> None:
    """One certificate, one end, whichever step the process died after."""
    (recording,) = gates.due()
    gates.killer.at = step
    with pytest.raises(KilledError):
        gates.gate().destroy(recording.id, _belief(gates))
    began = step >= Step.BEGIN
    assert (gates.recording(recording.id).state is not RecordingState.ACCEPTED) is began
    gates.parts.clock.go_on(minutes=11)  # the lease of this process, which did not really end
    ended = gates.gate().destroy(recording.id, _belief(gates)).outcome
    assert ended is (Outcome.SETTLED if step is Step.CERTIFY else Outcome.DESTROYED)
    assert_destroyed(gates, recording.id)


def test_a_dead_process_is_not_waited_for(gates: Gates) -> None:
    """Its lease is nobody's: the next one goes on at once."""
    (recording,) = gates.due()
    gates.killer.at = Step.ENTOMB
    dead = "/".join([*gates.parts.owner.split("/")[:2], "4194305", "1"])
    with pytest.raises(KilledError):
        gates.gate(dead).destroy(recording.id, _belief(gates))
    assert gates.gate().destroy(recording.id, _belief(gates)).outcome is Outcome.DESTROYED
    assert_destroyed(gates, recording.id)


def test_another_worker_is_left_alone(gates: Gates) -> None:
    """While its lease stands, there is nothing to do."""
    (recording,) = gates.due()
    gates.killer.at = Step.DELETE
    with pytest.raises(KilledError):
        gates.gate("another/machine/1/1").destroy(recording.id, _belief(gates))
    assert gates.gate().destroy(recording.id, _belief(gates)).outcome is Outcome.BUSY


def test_a_doubtful_clock_begins_nothing(gates: Gates) -> None:
    """What has begun goes on all the same: it cannot be undone."""
    (recording,) = gates.due()
    ended = gates.gate().destroy(recording.id, Doubt.UNSYNCHRONISED)
    assert (ended.outcome, ended.why) == (Outcome.REFUSED, "clock_doubtful")
    assert gates.recording(recording.id).state is RecordingState.ACCEPTED
    gates.gate().destroy(recording.id, _belief(gates), until=Step.PROVE)
    assert gates.gate().destroy(recording.id, Doubt.UNSYNCHRONISED).outcome is Outcome.DESTROYED


def test_an_old_answer_of_the_clock_is_none(gates: Gates) -> None:
    """It counts for a minute."""
    (recording,) = gates.due()
    belief = _belief(gates)
    gates.parts.clock.go_on(seconds=61)
    assert gates.gate().destroy(recording.id, belief).why == "clock_doubtful"


def test_copies_that_came_back_are_destroyed_again(gates: Gates) -> None:
    """A stale copy of the bucket: deleted and proved again, told as a repetition, without a second certificate."""
    (recording,) = gates.due()
    kept = dict(gates.parts.objects.held)
    gates.gate().destroy(recording.id, _belief(gates))
    certificate = gates.row(recording.id).certificate
    gates.parts.objects.held.update(kept)
    assert gates.gate().destroy(recording.id, Doubt.NO_ANSWER, again=True).outcome is Outcome.REPEATED
    assert not gates.parts.objects.held
    assert gates.row(recording.id).certificate == certificate
    assert gates.posted == [recording.id]
    with gates.database.reading() as session:
        (entry,) = [one for one in log.entries_about(session.connection(), recording.id) if one.entry.kind == REPEATED]
        assert entry.entry.facts["cites"] == gates.row(recording.id).completed_index
