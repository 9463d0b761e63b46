"""The gate on SeaweedFS: kill -9 after every step and between two, a network that loses and refuses, and what is left on the disk."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from sqlmodel import col, select

from journal import log
from registry.database import Database
from registry.states import RecordingState, Unlistenable
from registry.tables import Destruction, OutboxMail, Recording, UploadAttempt
from retention import certificates
from retention.gate import Gate, Outcome
from retention.guards import Belief
from retention.undertaking import COMPLETED, STARTED
from storage.errors import StorageRefused
from storage.keyfile import Tombstone
from storage.s3_objects import S3Objects
from storage.signing import parse_public
from tests.scenarios.centre import Centre, recording, wait_for
from tests.scenarios.dying import Point
from tests.scenarios.gating import GateTrap, GatingParts
from tests.support.seaweed import LossyNetwork

pytestmark = [pytest.mark.scenario, pytest.mark.slow]
_STEPS = [point for point in Point if point.startswith("gate_")]
_BETWEEN = [Point.ENTOMBED, Point.ENTOMBED_IN_BOTH, Point.REMOVED]
_MOST = len(_STEPS) + len(_BETWEEN) + 4


@dataclass
class Stage:
    """A centre at rest, whose store runs here, with recordings that may be destroyed one after the other."""

    centre: Centre
    parts: GatingParts
    refs: list[str] = field(default_factory=list)

    @property
    def database(self) -> Database:
        """The centre's database."""
        return self.parts.database

    def due(self) -> Recording:
        """Let the time of one more recording come."""
        found = self.centre.recordings(self.refs.pop())[0]
        with self.database.transaction(self.parts.clock.now(), "system:essai") as tx:
            row = tx.lock(Recording, found.id)
            row.unlistenable, row.unlistenable_at = Unlistenable.CONSENT_WITHDRAWN, tx.now - timedelta(hours=25)
            row.stale = True
            tx.record("recording.consent_withdrawn", row.id)
        return row

    def sweep(self, point: Point | None = None) -> int:
        """Sweep in a process of its own, which dies at a point if one is named; return its exit code."""
        self.parts.trap.clear()
        if point is not None:
            self.parts.trap.set(point)
        words = [sys.executable, "-m", "tests.scenarios.gating", str(self.centre.home), str(self.parts.trap.path)]
        return subprocess.run(words, cwd=Path(__file__).parents[2], capture_output=True, timeout=120, check=False).returncode

    def gate(self) -> Gate:
        """Return a gate of this process."""
        return self.parts.destroyer().gate

    def keys(self, found: Recording) -> tuple[str, str]:
        """Return the names of a recording's objects."""
        with self.database.reading() as session:
            row = session.get_one(UploadAttempt, found.attempt_id)
        return row.object_key, row.waveform_key


def _is_taken(centre: Centre, ref: str) -> bool:
    return not list(centre.folder(ref).glob("*.mp3"))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Have everybody deposit, stop the centre, and leave only its store running."""
    directory = tmp_path_factory.mktemp("gate")
    with Centre.found(directory) as centre:
        refs = centre.enrol(_MOST)
        with centre.up():
            for number, ref in enumerate(refs):
                centre.attest(ref)
                centre.drop(ref, "Mon appel.mp3", recording(number % 4) + bytes([number]))
            for ref in refs:
                centre.wait_answer(ref, 120)
            for ref in refs:
                wait_for(partial(_is_taken, centre, ref), "the original is taken away")
        parts = GatingParts(centre.parts.settings, trap=GateTrap(directory / "trap"))
        assert parts.embedded is not None
        with parts.embedded:
            yield Stage(centre, parts, refs)
            parts.close()


def assert_destroyed(stage: Stage, found: Recording) -> None:
    """Assert that nothing is left but one certificate that holds."""
    with stage.database.reading() as session:
        fresh = session.get_one(Recording, found.id)
        row = session.exec(select(Destruction).where(Destruction.recording_id == found.id)).one()
        kinds = [one.entry.kind for one in log.entries_about(session.connection(), found.id)]
        mails = [
            mail.kind for mail in session.exec(select(OutboxMail).where(col(OutboxMail.dedupe_key).startswith(f"certificate:{row.id}")))
        ]
    assert fresh.state is RecordingState.DESTROYED
    assert (kinds.count(STARTED), kinds.count(COMPLETED), kinds.count("recording.cleared")) == (1, 1, 1)
    assert mails == ["certificate.candidate"]
    assert row.certificate is not None
    assert certificates.verify(row.certificate, parse_public(stage.parts.settings.identity.log_public)) == []
    assert b'"state":"compacted"' in row.certificate
    assert found.attempt_id is not None
    assert all(isinstance(held, Tombstone) for held in stage.parts.vaults.get_both(found.attempt_id))
    for key in stage.keys(found):
        assert (stage.parts.objects.versions(key), stage.parts.objects.uploads(key)) == ((), ())


def test_without_a_kill(stage: Stage) -> None:
    """Destroyed, compacted, certified: the sealed bytes are in no volume of the store any more."""
    found = stage.due()
    key, _ = stage.keys(found)
    sealed = stage.parts.objects.get_range(key, None, 1000, 1064).data
    volumes = stage.centre.home / "store" / "data"

    def lies() -> bool:
        return any(sealed in path.read_bytes() for path in volumes.rglob("*.dat"))

    assert lies()
    assert stage.sweep() == 0
    assert_destroyed(stage, found)
    assert not lies()


@pytest.mark.parametrize("point", [*_STEPS, *_BETWEEN])
def test_a_kill_at_any_point_ends_as_without_it(stage: Stage, point: Point) -> None:
    """After each numbered step, and between the vault and its mirror, between one object and the next."""
    found = stage.due()
    assert stage.sweep(point) == -signal.SIGKILL
    with stage.database.reading() as session:
        untouched = session.get_one(Recording, found.id).state is RecordingState.ACCEPTED
    assert untouched is (point is Point.GATE_ASK)
    assert stage.sweep() == 0
    assert_destroyed(stage, found)


def test_the_witness_can_only_look(stage: Stage) -> None:
    """It reads and lists what is there, and cannot take it away."""
    found = stage.centre.recordings(stage.refs[0])[0]
    key, _ = stage.keys(found)
    witness = stage.parts.witness
    assert isinstance(witness, S3Objects)
    assert witness.versions(key)
    assert witness.get_range(key, None, 0, 1).data
    with pytest.raises(StorageRefused):
        witness.remove_all(key)
    assert witness.versions(key)


@pytest.fixture
def network(stage: Stage) -> Iterator[LossyNetwork]:
    """Put a network in front of the store."""
    assert stage.parts.embedded is not None
    made = LossyNetwork(str(stage.parts.embedded.settings("recordings").endpoint_url))
    yield made
    made.close()


def _through(stage: Stage, network: LossyNetwork) -> Gate:
    assert stage.parts.embedded is not None
    bucket = stage.parts.settings.objects.bucket
    settings = replace(stage.parts.embedded.settings(bucket), endpoint_url=network.endpoint_url, attempts=1)
    return replace(stage.gate(), objects=S3Objects(settings))


def test_a_network_that_refuses_then_loses_an_answer(stage: Stage, network: LossyNetwork) -> None:
    """It is reported and tried again; an answer that was lost is an object that is already gone."""
    found = stage.due()
    stage.parts.destroyer().draw_up(stage.parts.clock.now())
    gate = _through(stage, network)
    network.status = 503
    ended = gate.destroy(found.id, Belief(stage.parts.clock.now()))
    assert (ended.outcome, ended.why) == (Outcome.FAILED, "storage_unavailable")
    with stage.database.bookkeeping() as session:
        row = session.exec(select(Destruction).where(Destruction.recording_id == found.id)).one()
        assert (row.attempts, row.certificate) == (1, None)
        row.next_at = stage.parts.clock.now()
        reports = session.exec(select(OutboxMail.kind).where(OutboxMail.kind == "destruction.failure_report")).all()
        assert reports
    network.status, network.lose = None, ["DELETE"]
    ended = gate.destroy(found.id, Belief(stage.parts.clock.now()))
    assert network.lost == 1
    assert ended.outcome is Outcome.FAILED
    with stage.database.bookkeeping() as session:
        session.exec(select(Destruction).where(Destruction.recording_id == found.id)).one().next_at = stage.parts.clock.now()
    assert stage.sweep() == 0
    assert_destroyed(stage, found)
