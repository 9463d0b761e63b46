"""After a restore: a tombstone found first, from any state, without the questions; what the journal tells already is repeated."""

import pytest
from sqlalchemy import update
from sqlmodel import delete

from journal import log
from registry import audit
from registry.states import RecordingState
from registry.tables import Destruction, Recording
from retention.gate import Outcome
from retention.guards import Belief, Doubt
from retention.undertaking import COMPLETED, REPEATED, Step
from storage.keyfile import Tombstone
from tests.factories import Intakes, kinds
from tests.retention.gates import Gates, KilledError
from tests.retention.test_gate import assert_destroyed

pytestmark = [pytest.mark.postgresql_later, pytest.mark.slow]


@pytest.fixture
def gates(intakes: Intakes) -> Gates:
    """Give a gate's surroundings."""
    return Gates(intakes)


def _bring_back(gates: Gates, recording: Recording, state: RecordingState, *, attempt: bool = True) -> None:
    """Put the rows back as a backup would, behind the house's back; the journal stays, as imported from its segments."""
    values = {"state": state, "destroyed_at": None, "original_name": "appel.mp3", "attempt_id": recording.attempt_id if attempt else None}
    with gates.database.engine.begin() as connection:
        connection.execute(delete(Destruction))
        connection.execute(update(Recording).values(**values))


def _destroyed(gates: Gates) -> Recording:
    (recording,) = gates.due()
    belief = gates.guards.ask()
    assert isinstance(belief, Belief)
    bucket = dict(gates.parts.objects.held)
    assert gates.gate().destroy(recording.id, belief).outcome is Outcome.DESTROYED
    gates.parts.objects.held.update(bucket)  # a stale copy of it came back too
    return recording


@pytest.mark.parametrize("state", [one for one in RecordingState if one is not RecordingState.DESTROYED])
def test_what_the_journal_tells_is_repeated(gates: Gates, state: RecordingState) -> None:
    """From any state: silent, deleted, proved, told as a repetition; no second certificate, and the registry agrees with the journal."""
    recording = _destroyed(gates)
    unstored = state in {RecordingState.RECEIVED, RecordingState.CHECKING}
    _bring_back(gates, recording, state, attempt=not unstored)
    gates.references.in_time = False
    ended = gates.gate().destroy(recording.id, Doubt.UNSYNCHRONISED)
    assert ended.outcome is Outcome.REPEATED
    with gates.database.reading() as session:
        told = kinds(session, recording.id)
        assert (told.count(COMPLETED), told.count(REPEATED)) == (1, 1)
        row = session.get_one(Recording, recording.id)
        assert (row.state, row.original_name) == (RecordingState.DESTROYED, None)
        assert audit.unexplained(session) == []
    assert not gates.parts.objects.held
    assert gates.posted == [recording.id]
    assert gates.row(recording.id).certificate is None
    assert gates.gate().destroy(recording.id, Doubt.UNSYNCHRONISED).outcome is Outcome.SETTLED


@pytest.mark.parametrize("step", [Step.BEGIN, Step.PROVE, Step.COMPLETE])
def test_a_kill_while_repeating(gates: Gates, step: Step) -> None:
    """Resumes, and is told once."""
    recording = _destroyed(gates)
    _bring_back(gates, recording, RecordingState.ACCEPTED)
    gates.killer.at = step
    with pytest.raises(KilledError):
        gates.gate().destroy(recording.id, Doubt.NO_ANSWER)
    gates.parts.clock.go_on(minutes=11)
    assert gates.gate().destroy(recording.id, Doubt.NO_ANSWER).outcome is Outcome.REPEATED
    with gates.database.reading() as session:
        assert kinds(session, recording.id).count(REPEATED) == 1


def test_what_was_begun_is_ended_with_its_certificate(gates: Gates) -> None:
    """The journal tells of the beginning alone: its ground is the one that the certificate states."""
    (recording,) = gates.due()
    belief = gates.guards.ask()
    assert isinstance(belief, Belief)
    gates.gate().destroy(recording.id, belief, until=Step.PROVE)
    _bring_back(gates, recording, RecordingState.ACCEPTED)
    assert gates.gate().destroy(recording.id, Doubt.NO_ANSWER).outcome is Outcome.DESTROYED
    with gates.database.reading() as session:
        assert audit.unexplained(session) == []
        assert [one.entry.kind for one in log.entries_about(session.connection(), recording.id)].count(COMPLETED) == 1
    certificate = gates.row(recording.id).certificate
    assert certificate is not None
    assert b'"cause":"consent_withdrawn"' in certificate


@pytest.mark.parametrize("which", ["vault", "mirror"])
def test_a_tombstone_in_either_is_enough(gates: Gates, which: str) -> None:
    """Nothing asks again whether it may: the key is gone. What the facts say is the ground."""
    (recording,) = gates.due()
    assert recording.attempt_id is not None
    getattr(gates.parts.vaults, which).entomb(Tombstone(recording.attempt_id, gates.parts.clock.now(), 0))
    assert gates.gate().destroy(recording.id, Doubt.NO_ANSWER).outcome is Outcome.DESTROYED
    assert_destroyed_but_for_the_index(gates, recording)


def assert_destroyed_but_for_the_index(gates: Gates, recording: Recording) -> None:
    """A tombstone already there stays as it is, and names another entry."""
    with pytest.raises(AssertionError, match="journal_index"):
        assert_destroyed(gates, recording.id)


def test_a_key_that_is_gone_for_no_known_reason(gates: Gates) -> None:
    """Everything is deleted and proved; no certificate is made up, and a person is told."""
    (recording,) = gates.stored()
    assert recording.attempt_id is not None
    gates.parts.vaults.entomb(Tombstone(recording.attempt_id, gates.parts.clock.now(), 0))
    ended = gates.gate().destroy(recording.id, Doubt.NO_ANSWER)
    assert (ended.outcome, ended.why) == (Outcome.FAILED, "untold")
    assert gates.failures[-1].step is Step.COMPLETE
    assert not gates.parts.objects.held
    assert gates.recording(recording.id).state is RecordingState.DESTROYING
