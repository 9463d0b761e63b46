"""Reconcile: an upload attempt that never became a recording is discarded, so that a late worker loses; nothing else is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from intake.claims import Sighting, claim
from intake.errors import NotOursError
from intake.reading import Bytes, whole
from intake.shares import Identity, Place
from intake.storing import Attempt, KeyNotKeptError
from journal import log
from registry import owners, sessions
from registry.ids import new_id
from registry.states import RecordingState
from registry.tables import AttemptState, Recording, UploadAttempt
from retention.reconcile import DISCARDED, discard_attempts
from storage.errors import Entombed, StorageUnavailable
from storage.keyfile import KeyFile, Tombstone
from storage.seal import DataKey
from storage.vault import MemoryVault, Mirrored
from tests.factories import ACTOR, NOW, Intakes, attest, judgement, kinds, opened, sighting

DATA = b"a sound, half stored"


def _started(parts: Intakes, owner: str | None = None) -> tuple[Attempt, DataKey]:
    """Go through the flow up to the upload of the sound."""
    (file,) = opened(parts.database)
    path = parts.folder(file) / "a.mp3"
    path.write_bytes(DATA)
    seen = sighting(parts.share, path)
    mine = replace(parts, owner=owner or parts.owner)
    now = parts.clock.now()
    _, claimed = claim(parts.database, seen, owner=mine.owner, now=now, lease=parts.policy.lease)
    assert claimed is not None
    with whole(parts.share, seen.place, seen.identity, 1000) as data:
        _, attempt = mine.admission.open(claimed, file, data, judgement(data=DATA), now)
        assert attempt is not None
        key = DataKey.generate()
        parts.strongroom.upload(attempt, key, data.chunks(), data.size, b"")
    return attempt, key


def _reconcile(parts: Intakes, **lapse: float) -> int:
    return discard_attempts(parts.database, parts.objects, parts.vaults, parts.clock.go_on(**lapse))


def _row(parts: Intakes, attempt: Attempt) -> UploadAttempt:
    with parts.database.reading() as session:
        return session.get_one(UploadAttempt, attempt.id)


def _key_file(parts: Intakes, attempt: Attempt, key: DataKey) -> None:
    seen = Bytes(-1, "0" * 64, len(DATA), b"")
    stored = parts.strongroom.upload(replace(attempt, object_key=new_id("obj"), waveform_key=new_id("obj")), key, [DATA], len(DATA), b"")
    parts.strongroom.keep_key(attempt, key, stored, seen, 0)


def test_a_live_attempt_is_left_alone(intakes: Intakes) -> None:
    """While its lease stands and its process lives, nothing is touched."""
    attempt, _ = _started(intakes)
    assert _reconcile(intakes, seconds=1) == 0
    assert _row(intakes, attempt).state is AttemptState.OPEN
    assert attempt.object_key in intakes.objects.held
    assert intakes.vaults.get(attempt.id) is None


def test_an_expired_attempt_is_discarded_entombed_and_removed(intakes: Intakes) -> None:
    """Its row says so, the journal too, both vaults hold the tombstone that names that entry, and its objects are gone."""
    attempt, _ = _started(intakes)
    assert _reconcile(intakes, hours=2) == 1
    row = _row(intakes, attempt)
    assert (row.state, row.swept_at) == (AttemptState.DISCARDED, intakes.clock.now())
    assert not intakes.objects.held
    with intakes.database.reading() as session:
        (entry,) = [one for one in log.entries_about(session.connection(), attempt.recording_id) if one.entry.kind == DISCARDED]
    tombstone = Tombstone(attempt.id, intakes.clock.now(), entry.index)
    assert intakes.vaults.get_both(attempt.id) == (tombstone, tombstone)
    assert _reconcile(intakes, hours=1) == 0


def test_a_dead_workers_attempt_need_not_expire(intakes: Intakes) -> None:
    """The attempt of a process that has ended is discarded at once, and for good."""
    machine, boot, _, _ = owners.this_process().split("/")
    attempt, _ = _started(intakes, owner=f"{machine}/{boot}/4194305/1")
    assert _reconcile(intakes, seconds=1) == 1
    assert _row(intakes, attempt).swept_at is not None


def test_a_late_worker_loses(intakes: Intakes) -> None:
    """After the discard, its key is refused by both vaults and its commit finds the attempt lost; the file is looked at anew."""
    attempt, key = _started(intakes)
    _reconcile(intakes, minutes=10)
    with pytest.raises(KeyNotKeptError) as refused:
        _key_file(intakes, attempt, key)
    assert isinstance(refused.value.__cause__, Entombed)
    with intakes.database.reading() as session:
        recording = session.get_one(Recording, attempt.recording_id)
    assert recording.state is RecordingState.CHECKING
    assert recording.attempt_id is None
    seen = Sighting(Place((b"x",), b"y"), Identity(0, 0, 0, 0, 0), NOW)
    _, other = claim(intakes.database, seen, owner=intakes.owner, now=intakes.clock.now(), lease=intakes.policy.lease)
    assert other is not None
    with pytest.raises(NotOursError):
        intakes.admission.renew(other, attempt, intakes.clock.now())


def test_a_put_that_ends_after_the_discard_is_removed_too(intakes: Intakes) -> None:
    """A worker that hangs may finish an upload late: its attempt is swept again for an hour, then closed."""
    attempt, key = _started(intakes)
    assert _reconcile(intakes, minutes=10) == 0
    assert not intakes.objects.held
    intakes.strongroom.upload(attempt, key, [DATA], len(DATA), b"")
    assert intakes.objects.held
    assert _reconcile(intakes, minutes=5) == 0
    assert not intakes.objects.held
    assert _reconcile(intakes, hours=2) == 1
    assert _row(intakes, attempt).swept_at is not None


def test_nothing_that_a_recording_names_is_discarded(intakes: Intakes) -> None:
    """A recording that names the attempt keeps it, whatever its row says and however old its lease is."""
    attempt, _ = _started(intakes)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        row = tx.lock(Recording, attempt.recording_id)
        row.attempt_id = attempt.id
        tx.record("recording.brought", row.id)
    assert _reconcile(intakes, days=2) == 0
    assert intakes.objects.held
    assert _row(intakes, attempt).state is AttemptState.OPEN


def test_nothing_that_the_journal_names_is_discarded(intakes: Intakes) -> None:
    """An entry that says the attempt was stored keeps it, even where the row of its recording does not."""
    attempt, _ = _started(intakes)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        tx.record("recording.stored", attempt.recording_id, attempt=attempt.id)
    assert _reconcile(intakes, days=2) == 0
    assert intakes.objects.held


def test_an_attempt_that_won_is_never_looked_at(intakes: Intakes) -> None:
    """Its row alone protects it."""
    attempt, _ = _started(intakes)
    with intakes.database.bookkeeping() as session:
        session.get_one(UploadAttempt, attempt.id).state = AttemptState.WON
    assert _reconcile(intakes, days=2) == 0
    assert intakes.objects.held


class _Down(MemoryVault):
    """A mirror that cannot be reached."""

    down = True

    def entomb(self, tombstone: Tombstone) -> None:
        if self.down:
            raise StorageUnavailable("down")
        super().entomb(tombstone)


def test_a_failure_of_the_mirror_is_tried_again(intakes: Intakes) -> None:
    """Objects stay until the key is entombed in both; the attempt is discarded already, and finished next time."""
    mirror = _Down()
    parts = replace(intakes, vaults=Mirrored(MemoryVault(), mirror))
    attempt, _ = _started(parts)
    assert _reconcile(parts, hours=2) == 0
    assert _row(parts, attempt).state is AttemptState.DISCARDED
    assert parts.objects.held
    assert isinstance(parts.vaults.vault.get(attempt.id), Tombstone)
    mirror.down = False
    assert _reconcile(parts, minutes=5) == 1
    assert not parts.objects.held
    with parts.database.reading() as session:
        assert kinds(session, attempt.recording_id).count(DISCARDED) == 1


def test_a_failure_of_the_store_stops_only_its_own(intakes: Intakes) -> None:
    """One attempt that cannot be swept does not keep the others from it."""
    attempt, _ = _started(intakes)
    with intakes.database.bookkeeping() as session:
        for number in range(2):
            mine = session.get_one(UploadAttempt, attempt.id).model_dump() | {"id": new_id("att"), "waveform_key": new_id("obj")}
            session.add(UploadAttempt(**(mine | {"object_key": new_id("obj"), "started_at": NOW + timedelta(seconds=number)})))
    asked = 0

    def fail_once(verb: str) -> None:
        nonlocal asked
        if verb == "remove_all":
            asked += 1
            if asked == 1:
                raise StorageUnavailable("down")

    intakes.objects.before = fail_once
    assert _reconcile(intakes, hours=2) == 2
    assert _reconcile(intakes, minutes=5) == 1


def test_a_key_that_was_put_is_entombed(intakes: Intakes) -> None:
    """A kill between steps 7 and 8 leaves a key in both vaults: it goes with the attempt."""
    attempt, key = _started(intakes)
    _key_file(intakes, attempt, key)
    assert isinstance(intakes.vaults.get(attempt.id), KeyFile)
    _reconcile(intakes, hours=2)
    assert isinstance(intakes.vaults.vault.get(attempt.id), Tombstone)
    assert isinstance(intakes.vaults.mirror.get(attempt.id), Tombstone)


def test_the_deposit_goes_through_afterwards(intakes: Intakes) -> None:
    """After the discard the same file is admitted anew, as the same recording, under another attempt."""
    attempt, _ = _started(intakes)
    _reconcile(intakes, hours=2)
    with intakes.database.reading() as session:
        file = sessions.file_of(session, session.get_one(Recording, attempt.recording_id).dossier_id)
    attest(intakes, file)
    seen = sighting(intakes.share, intakes.folder(file) / "a.mp3")
    now = intakes.clock.now()
    _, claimed = claim(intakes.database, seen, owner=intakes.owner, now=now, lease=intakes.policy.lease)
    assert claimed is not None
    with whole(intakes.share, seen.place, seen.identity, 1000) as data:
        _, again = intakes.admission.open(claimed, file, data, judgement(data=DATA), now)
        assert again is not None
        assert (again.recording_id, again.id == attempt.id) == (attempt.recording_id, False)
        key = DataKey.generate()
        stored = intakes.strongroom.upload(again, key, data.chunks(), data.size, b"")
        intakes.strongroom.read_back(again, key, stored, data)
        intakes.strongroom.keep_key(again, key, stored, data, 0)
        intakes.admission.commit(claimed, again, stored, now)
    with intakes.database.reading() as session:
        assert session.get_one(Recording, attempt.recording_id).state is RecordingState.ACCEPTED
        assert kinds(session, attempt.recording_id)[-2:] == ["recording.stored", "recording.accepted"]
