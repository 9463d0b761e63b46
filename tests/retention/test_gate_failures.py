"""What fails, lies or is slow while a recording is destroyed: a report, no certificate, another try; and the others go on."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from registry.states import RecordingState
from retention.gate import Ended, Outcome
from retention.guards import Belief
from retention.proving import OriginalsUnavailableError
from retention.undertaking import Step
from storage.errors import NotHeld, StorageRefused, StorageUnavailable, Tampered
from storage.keyfile import Held, KeyFile, Tombstone
from storage.objects import MemoryObjects, Removed, Span, Version
from storage.vault import KeyVault, Mirrored
from tests.factories import Intakes
from tests.retention.gates import Gates
from tests.retention.test_gate import assert_destroyed

pytestmark = [pytest.mark.postgresql_later, pytest.mark.slow]


@pytest.fixture
def gates(intakes: Intakes) -> Gates:
    """Give a gate's surroundings."""
    return Gates(intakes)


class Faulty(MemoryObjects):
    """An object store that can fail or lie."""

    def __init__(self, real: MemoryObjects) -> None:
        super().__init__(held=real.held)
        self.down: set[str] = set()
        self.keeps = False  # says deleted, still lists
        self.still_read = False  # lists nothing, still reads
        self.refuses_reads = False  # fails for another reason than that nothing is held
        self.before = self._asked

    def _asked(self, verb: str) -> None:
        if verb in self.down:
            raise StorageUnavailable("down")

    def remove_all(self, key: str) -> Removed:
        """Remove, or say so."""
        if self.keeps or self.still_read:
            return Removed(1, 0, 0)
        return super().remove_all(key)

    def versions(self, key: str) -> tuple[Version, ...]:
        """List, or hide."""
        return () if self.still_read else super().versions(key)

    def get_range(self, key: str, version_id: str | None, start: int, stop: int) -> Span:
        """Read, or refuse."""
        if self.refuses_reads:
            raise StorageRefused("no rights")
        return super().get_range(key, version_id, start, stop)


class FaultyVault:
    """A vault that can be away, or forget to entomb."""

    def __init__(self, real: KeyVault) -> None:
        self.real = real
        self.away: set[str] = set()
        self.forgets = False

    def put(self, key_file: KeyFile) -> None:
        """See :class:`KeyVault`."""
        self.real.put(key_file)

    def get(self, attempt_id: str) -> Held | None:
        """Answer, or be away."""
        if "get" in self.away:
            raise StorageUnavailable("away")
        return self.real.get(attempt_id)

    def entomb(self, tombstone: Tombstone) -> None:
        """Entomb, or be away, or only say so."""
        if "entomb" in self.away:
            raise StorageUnavailable("away")
        if not self.forgets:
            self.real.entomb(tombstone)

    def list(self) -> Iterator[str]:
        """See :class:`KeyVault`."""
        return self.real.list()


def _destroy(gates: Gates, recording_id: str) -> Ended:
    belief = gates.guards.ask()
    assert isinstance(belief, Belief)
    return gates.gate().destroy(recording_id, belief)


def assert_failed(gates: Gates, ended: Ended, step: Step, code: str) -> None:
    """Assert that a failure was told, that nothing was certified, and that it waits for another try."""
    assert (ended.outcome, ended.why) == (Outcome.FAILED, code)
    row = gates.row(ended.recording_id)
    assert (row.failure_code, row.certificate, row.lease_owner) == (code, None, None)
    assert row.next_at is not None
    assert row.next_at > gates.parts.clock.now()
    last = gates.failures[-1]
    assert (last.step, last.code, last.recording_id) == (step, code, ended.recording_id)
    assert gates.posted == []
    assert gates.recording(ended.recording_id).state in {RecordingState.DESTROYING, RecordingState.DESTROYED}
    assert _destroy(gates, ended.recording_id).outcome is Outcome.BUSY  # not before its time


def assert_recovers(gates: Gates, recording_id: str) -> None:
    """Assert that the next try, once its time has come and all is well, ends as if nothing had failed."""
    gates.parts.clock.go_on(minutes=2)
    assert _destroy(gates, recording_id).outcome is Outcome.DESTROYED
    assert_destroyed(gates, recording_id)


_STORE: list[tuple[str, Callable[[Faulty], None], Step, str]] = [
    ("delete fails", lambda it: it.down.add("remove_all"), Step.DELETE, "storage_unavailable"),
    ("list fails", lambda it: it.down.add("versions"), Step.ENTOMB, "storage_unavailable"),
    ("uploads fail", lambda it: it.down.add("uploads"), Step.DELETE, "storage_unavailable"),
    ("read fails", lambda it: it.down.add("get_range"), Step.PROVE, "storage_unavailable"),
    ("still listed", lambda it: setattr(it, "keeps", True), Step.PROVE, "object_listed"),
    ("still read", lambda it: setattr(it, "still_read", True), Step.PROVE, "object_read"),
    ("refuses to say", lambda it: setattr(it, "refuses_reads", True), Step.PROVE, "storage_refused"),
]


@pytest.mark.parametrize(("fault", "step", "code"), [one[1:] for one in _STORE], ids=[one[0] for one in _STORE])
def test_a_store_that_fails_or_lies(gates: Gates, fault: Callable[[Faulty], None], step: Step, code: str) -> None:
    """Whatever it does, nothing is called destroyed that was not proved so."""
    (recording,) = gates.due()
    faulty = Faulty(gates.parts.objects)
    fault(faulty)
    broken = gates.on(objects=faulty)
    assert_failed(broken, _destroy(broken, recording.id), step, code)
    assert_recovers(gates, recording.id)


def test_a_reader_that_sees_nothing_proves_nothing(gates: Gates) -> None:
    """It is asked for an object that is there before anything is destroyed: nothing is lost to a wrong setting."""
    (recording,) = gates.due()
    blind = gates.on(witness=MemoryObjects())
    assert_failed(blind, _destroy(blind, recording.id), Step.ENTOMB, "reader_blind")
    assert gates.parts.objects.held
    assert recording.attempt_id is not None
    assert isinstance(gates.parts.vaults.get(recording.attempt_id), KeyFile)
    assert_recovers(gates, recording.id)


@pytest.mark.parametrize("which", ["vault", "mirror"])
def test_a_vault_that_does_not_entomb(gates: Gates, which: str) -> None:
    """Neither the vault nor its mirror is believed: both are asked again."""
    (recording,) = gates.due()
    real = gates.parts.vaults
    faulty = FaultyVault(getattr(real, which))
    faulty.forgets = True
    vaults = Mirrored(faulty if which == "vault" else real.vault, faulty if which == "mirror" else real.mirror)
    broken = gates.on(vaults=vaults)
    assert_failed(broken, _destroy(broken, recording.id), Step.PROVE, f"key_in_{which}")
    assert_recovers(gates, recording.id)


@pytest.mark.parametrize("which", ["vault", "mirror"])
def test_a_vault_that_is_away(gates: Gates, which: str) -> None:
    """The other one is entombed all the same; the destruction is proved only when both are."""
    (recording,) = gates.due()
    real = gates.parts.vaults
    faulty = FaultyVault(getattr(real, which))
    faulty.away.add("entomb")
    vaults = Mirrored(faulty if which == "vault" else real.vault, faulty if which == "mirror" else real.mirror)
    broken = gates.on(vaults=vaults)
    assert_failed(broken, _destroy(broken, recording.id), Step.ENTOMB, "storage_unavailable")
    assert recording.attempt_id is not None
    other = real.mirror if which == "vault" else real.vault
    assert isinstance(other.get(recording.attempt_id), Tombstone)
    assert gates.parts.objects.held
    assert_recovers(gates, recording.id)


def test_a_vault_that_cannot_be_asked_begins_nothing(gates: Gates) -> None:
    """The question comes before the first step: nothing was touched, and the next sweep asks again."""
    (recording,) = gates.due()
    real = gates.parts.vaults
    faulty = FaultyVault(real.mirror)
    faulty.away.add("get")
    ended = _destroy(gates.on(vaults=Mirrored(real.vault, faulty)), recording.id)
    assert (ended.outcome, ended.why) == (Outcome.FAILED, "vault_storage_unavailable")
    assert gates.recording(recording.id).state is RecordingState.ACCEPTED
    assert_recovers(gates, recording.id)


def test_an_original_that_is_still_there(gates: Gates) -> None:
    """A share that does not answer, or does not let go, keeps the certificate back."""
    (recording,) = gates.due()
    gates.originals.failing = OriginalsUnavailableError("away")
    assert_failed(gates, _destroy(gates, recording.id), Step.DELETE, "folder_unavailable")
    gates.originals.failing = None
    gates.originals.lying[recording.id] = 1
    assert_recovers(gates, recording.id)
    assert gates.originals.lying == {}


def test_a_certificate_that_cannot_be_made(gates: Gates) -> None:
    """It is destroyed, and said so; the certificate is what the next sweep finishes."""
    (recording,) = gates.due()
    gates.certify_fails = Tampered("no key")
    assert_failed(gates, _destroy(gates, recording.id), Step.CERTIFY, "tampered")
    assert gates.recording(recording.id).state is RecordingState.DESTROYED
    assert gates.row(recording.id).step == Step.COMPLETE
    gates.certify_fails = None
    assert_recovers(gates, recording.id)


def test_waiting_grows_and_has_an_end(gates: Gates) -> None:
    """Each try waits twice as long as the one before, and never more than some hours."""
    (recording,) = gates.due()
    gates.originals.failing = OriginalsUnavailableError("away")
    waits = []
    for _ in range(12):
        _destroy(gates, recording.id)
        next_at = gates.row(recording.id).next_at
        assert next_at is not None
        waits.append(next_at - gates.parts.clock.now())
        gates.parts.clock.go_on(seconds=waits[-1].total_seconds())
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[-1] == timedelta(hours=6)
    gates.originals.failing = None
    assert _destroy(gates, recording.id).outcome is Outcome.DESTROYED


def test_one_bad_row_does_not_stop_the_sweep(gates: Gates) -> None:
    """The others are destroyed; the bad one is reported, and its turn comes again."""
    first, bad, last = gates.due(3)

    def fail_on_one(verb: str) -> None:
        if verb == "remove_all" and sum(1 for step in gates.killer.passed if step is Step.ENTOMB) == 2:
            raise StorageUnavailable("down")

    gates.parts.objects.before = fail_on_one
    swept = gates.destroyer().sweep()
    assert swept.of(Outcome.DESTROYED) == [first.id, last.id]
    assert swept.of(Outcome.FAILED) == [bad.id]
    gates.parts.objects.before = lambda _verb: None
    gates.parts.clock.go_on(minutes=2)
    assert gates.destroyer().sweep().of(Outcome.DESTROYED) == [bad.id]
    assert gates.compactions == 2


def test_a_volume_that_is_not_compacted_is_said_so(gates: Gates) -> None:
    """The certificate names that class of copies as pending."""
    (recording,) = gates.due()
    gates.compact_fails = StorageUnavailable("no shell")
    gates.destroyer().sweep()
    certificate = gates.row(recording.id).certificate
    assert certificate is not None
    assert b'"pending","what":"store_volume"' in certificate
    assert_destroyed(gates, recording.id)


def test_nothing_is_held_is_the_only_answer_that_counts() -> None:
    """The error by which a read fails must say that nothing is held, and nothing else does."""
    assert not issubclass(StorageUnavailable, NotHeld)
    assert not issubclass(Tampered, NotHeld)
