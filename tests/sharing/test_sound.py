"""The bytes: any range of what was deposited, keys for a moment, a version that was adopted, and what is refused."""

import hashlib
import os
import threading
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.database import Transaction
from registry.tables import Recording
from sharing.errors import SilentError, UnreadableError
from sharing.keys import Keyring
from sharing.listening import Silence
from storage.errors import NotHeld, StorageUnavailable
from storage.identity import Identity
from storage.keyfile import Tombstone
from storage.objects import MemoryObjects, Version
from tests.factories import NOW
from tests.sharing.house import ACTOR, House

pytestmark = pytest.mark.slow

_LENGTH = 70_000


def test_any_range_is_what_was_deposited(house: House) -> None:
    """Whatever is asked for, the bytes are those that were deposited."""
    recording, cookie, _ = house.listener(os.urandom(_LENGTH))
    permit, data = house.room.permit(cookie, recording), house.deposited[recording]
    edge = st.one_of(st.sampled_from([0, 1, 16_383, 16_384, 16_385, 32_768, _LENGTH]), st.integers(0, _LENGTH))

    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(edge, edge)
    def check(one: int, other: int) -> None:
        start, stop = min(one, other), max(one, other)
        assert house.room.read(permit, start, stop) == data[start:stop]

    check()


def _objects(house: House) -> MemoryObjects:
    assert isinstance(house.objects, MemoryObjects)
    return house.objects


def _renamed(house: House, *, changed: bool = False) -> str:
    """Give the one object another version id, as a bucket copied back has; and other bytes, if told so."""
    objects = _objects(house)
    ((key, ((version, data),)),) = objects.held.items()
    sealed = data[:-1] + bytes([data[-1] ^ 1]) if changed else data
    objects.held[key] = [(Version(key, "f" * 32, version.length, delete_marker=False), sealed)]
    return "f" * 32


def test_a_version_that_is_gone_is_adopted_and_journaled(house: House) -> None:
    """After a bucket was copied back: the same bytes under another version are found once, and written down."""
    recording, cookie, _ = house.listener()
    version = _renamed(house)
    permit = house.room.permit(cookie, recording)
    assert house.room.read(permit, 5, 20_000) == house.deposited[recording][5:20_000]
    with house.database.reading() as session:
        assert session.get_one(Recording, recording).object_version == version
    (entry,) = house.entries("recording.adopted")
    assert dict(entry.entry.facts) == {"attempt": permit.attempt_id, "sealed_sha256": permit.sealed_sha256}
    _objects(house).before = _refuse("versions")
    assert house.room.read(permit, 0, 5) == house.deposited[recording][:5]
    assert house.room.read(house.room.permit(cookie, recording), 0, 5) == house.deposited[recording][:5]
    assert len(house.entries("recording.adopted")) == 1


def _refuse(verb: str) -> Callable[[str], None]:
    def before(asked: str) -> None:
        if asked == verb:
            raise StorageUnavailable(f"{verb} was asked for")

    return before


def test_other_bytes_are_not_adopted(house: House) -> None:
    """A version with one byte changed is nobody's: nothing is served, nothing written down."""
    recording, cookie, _ = house.listener()
    _renamed(house, changed=True)
    with pytest.raises(UnreadableError) as found:
        house.room.read(house.room.permit(cookie, recording), 0, 5)
    assert isinstance(found.value.__cause__, NotHeld)
    assert house.entries("recording.adopted") == []


def test_a_changed_byte_is_not_served(house: House) -> None:
    """A chunk whose tag does not hold is refused; the others are still heard."""
    recording, cookie, _ = house.listener()
    objects, permit = _objects(house), house.room.permit(cookie, recording)
    ((key, ((version, data),)),) = objects.held.items()
    objects.held[key] = [(version, data[:40_000] + bytes([data[40_000] ^ 1]) + data[40_001:])]
    assert house.room.read(permit, 0, 16_384) == house.deposited[recording][:16_384]
    with pytest.raises(UnreadableError):
        house.room.read(permit, 32_768, 49_000)


def test_an_object_that_was_cut_is_not_served(house: House) -> None:
    """The registry says how long it is, not the store."""
    recording, cookie, _ = house.listener()
    objects = _objects(house)
    ((key, ((version, data),)),) = objects.held.items()
    objects.held[key] = [(Version(key, version.version_id, len(data) - 20_000, delete_marker=False), data[:-20_000])]
    with pytest.raises(UnreadableError):
        house.room.read(house.room.permit(cookie, recording), 0, 5)


def test_a_key_is_kept_for_a_moment_and_then_forgotten(house: House) -> None:
    """It is opened once for many ranges, and leaves memory by itself."""
    recording, cookie, _ = house.listener()
    house.kept_seconds = 0.2
    permit, opened = house.room.permit(cookie, recording), threading.Event()
    house.room.read(permit, 0, 5)
    keys = house.room.keys
    assert list(keys._held) == [permit.attempt_id]
    held = keys.opened(permit)
    assert keys.opened(permit) is held
    opened.wait(0.6)
    assert keys._held == {}
    assert house.room.read(permit, 5, 9) == house.deposited[recording][5:9]


def test_a_key_is_forgotten_as_soon_as_nobody_may_hear(house: House) -> None:
    """The first refusal drops it."""
    recording, cookie, _ = house.listener()
    house.room.read(house.room.permit(cookie, recording), 0, 5)
    assert house.room.keys._held

    def silence(tx: Transaction) -> None:
        tx.lock(Recording, recording).consent_id = None
        tx.record("test.changed", recording)

    with house.database.transaction(NOW, ACTOR) as tx:
        silence(tx)
    with pytest.raises(SilentError):
        house.room.permit(cookie, recording)
    assert house.room.keys._held == {}


@pytest.mark.parametrize("where", ["vault", "mirror"])
def test_a_tombstone_in_either_silences(house: House, where: str) -> None:
    """A key that was destroyed is destroyed, whatever the other side still holds."""
    recording, cookie, _ = house.listener()
    permit = house.room.permit(cookie, recording)
    getattr(house.vaults, where).entomb(Tombstone(permit.attempt_id, NOW, 1))
    with pytest.raises(SilentError) as found:
        house.room.read(permit, 0, 5)
    assert found.value.why == Silence.GONE


def test_a_key_of_another_recording_opens_nothing(house: House) -> None:
    """What the vault holds must be what the registry says: another length, hash or recording is refused."""
    recording, cookie, _ = house.listener()
    with house.database.transaction(NOW, ACTOR) as tx:
        row = tx.lock(Recording, recording)
        row.sealed_sha256 = hashlib.sha256(b"other").hexdigest()
        tx.record("test.changed", recording)
    with pytest.raises(UnreadableError, match="run reconcile"):
        house.room.read(house.room.permit(cookie, recording), 0, 5)


def test_without_the_identity_nothing_opens(house: House) -> None:
    """Another centre's identity is not this one's."""
    recording, cookie, _ = house.listener()
    keys = Keyring(house.vaults, lambda: (Identity.generate(),))
    with pytest.raises(UnreadableError, match="no identity at hand"):
        keys.opened(house.room.permit(cookie, recording))


def test_a_keyring_shows_no_key(house: House) -> None:
    """Neither in its repr nor in what it hands out."""
    recording, cookie, _ = house.listener()
    permit = house.room.permit(cookie, recording)
    opened = house.room.keys.opened(permit)
    secret = opened.key.expose()
    for shown in (repr(house.room.keys), repr(opened), repr(house.room), str(opened)):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
