"""Recovery: each live recording whole or not at all, from the mirror, the objects and the offline copy; a drill that writes nothing."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from retention.errors import RestoreRefusedError
from retention.recovering import Fault, Recovering
from storage import directory_vault
from storage.errors import StorageUnavailable
from storage.identity import Identity
from storage.keyfile import KeyFile, SealedObject, Tombstone
from storage.objects import MemoryObjects
from storage.seal import Context, DataKey, Part, seal, sealed_length
from storage.vault import MemoryVault
from tests.factories import NOW

pytestmark = pytest.mark.postgresql_later

IDENTITY = Identity.generate()
SOUND = b"a sound that survived " * 3000


class Machine:
    """What is left of a centre: a mirror and a bucket."""

    def __init__(self) -> None:
        self.mirror, self.objects = MemoryVault(), MemoryObjects()
        self.known: dict[str, str] = {}

    def keep(self, number: int, sound: bytes = SOUND, identity: Identity = IDENTITY) -> KeyFile:
        """Seal one recording."""
        names = (f"rec_{number}", f"att_{number}", f"ses_{number}")
        key, context = DataKey.generate(), Context(*names, Part.SOUND)
        stored = self.objects.put(f"obj_{number}", seal(key, context, [sound]), sealed_length(len(sound)))
        parts = (SealedObject(Part.SOUND, stored.key, len(sound), stored.sha256),)
        found = KeyFile(*names, identity.identity_id, identity.public.seal(key, context), parts)
        self.mirror.put(found)
        self.known[found.recording_id] = hashlib.sha256(sound).hexdigest()
        return found

    def recovering(self) -> Recovering:
        """Begin a recovery: the vault is lost with its disk."""
        absent = directory_vault.DirectoryVault(Path("/nonexistent/vault"))
        return Recovering((IDENTITY,), (self.mirror, absent), self.objects, self.known.get)


@pytest.fixture
def machine() -> Machine:
    """Give what is left."""
    return Machine()


def test_each_live_recording_is_written_whole(machine: Machine, tmp_path: Path) -> None:
    """Byte for byte what was deposited, compared where the hash is known; a tombstone is not recovered."""
    kept, gone = machine.keep(1), machine.keep(2)
    unknown = machine.keep(3, b"another")
    machine.mirror.entomb(Tombstone(gone.attempt_id, NOW, 0))
    del machine.known[unknown.recording_id]
    done = list(machine.recovering().recover(tmp_path / "out"))
    assert [(one.recording_id, one.compared, one.fault) for one in done] == [
        (kept.recording_id, True, None),
        (unknown.recording_id, False, None),
    ]
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == {"rec_1.mp3": SOUND, "rec_3.mp3": b"another"}


def test_what_fails_leaves_nothing_and_stops_nothing(machine: Machine, tmp_path: Path) -> None:
    """A cut object, a flipped bit, another identity, another sound, a lost object: each has its code, and the last one is recovered."""
    for number in range(1, 6):
        machine.keep(number, identity=Identity.generate() if number == 3 else IDENTITY)
    version, data = machine.objects.held["obj_1"][0]
    machine.objects.held["obj_1"][0] = (replace(version, length=len(data) - 1), data[:-1])
    version, data = machine.objects.held["obj_2"][0]
    machine.objects.held["obj_2"][0] = (version, data[:-1] + bytes([data[-1] ^ 1]))
    machine.known["rec_4"] = "0" * 64
    del machine.objects.held["obj_5"]
    machine.keep(6)
    done = {one.recording_id: one.fault for one in machine.recovering().recover(tmp_path / "out")}
    assert done == {
        "rec_1": Fault.OBJECT_DAMAGED,
        "rec_2": Fault.OBJECT_DAMAGED,
        "rec_3": Fault.OTHER_IDENTITY,
        "rec_4": Fault.OTHER_SOUND,
        "rec_5": Fault.OBJECT_MISSING,
        "rec_6": None,
    }
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["rec_6.mp3"]


def test_nothing_is_written_over_a_file(machine: Machine, tmp_path: Path) -> None:
    """A second recovery into the same directory says that the files are there."""
    machine.keep(1)
    list(machine.recovering().recover(tmp_path))
    (again,) = machine.recovering().recover(tmp_path)
    assert again.fault is Fault.FILE_EXISTS
    assert (tmp_path / "rec_1.mp3").read_bytes() == SOUND


def test_a_recording_without_a_key_is_refused(machine: Machine, tmp_path: Path) -> None:
    """It was destroyed, or never stored; the others that were named are not begun."""
    machine.keep(1)
    with pytest.raises(RestoreRefusedError, match="rec_9"):
        list(machine.recovering().recover(tmp_path / "out", ["rec_1", "rec_9"]))
    assert not (tmp_path / "out").exists()


def test_the_drill_opens_and_writes_nothing(machine: Machine) -> None:
    """It holds where every key that was tried opens, and the first chunk of one recording does."""
    machine.keep(1)
    before = (dict(machine.mirror.files), {key: list(held) for key, held in machine.objects.held.items()})
    found = machine.recovering().drill()
    assert (found.holds, found.live, found.tried, found.heard) == (True, 1, 1, "rec_1")
    assert before == (machine.mirror.files, machine.objects.held)


def test_a_drill_that_does_not_hold(machine: Machine) -> None:
    """Another identity's key, or an object that does not open, is named."""
    machine.keep(1, identity=Identity.generate())
    machine.keep(2)
    machine.objects.held["obj_2"][0] = (machine.objects.held["obj_2"][0][0], bytes(sealed_length(len(SOUND))))
    found = machine.recovering().drill()
    assert not found.holds
    assert {one.recording_id: one.fault for one in found.faults} == {"rec_1": Fault.OTHER_IDENTITY, "rec_2": Fault.OBJECT_DAMAGED}


def test_without_any_vault_nothing_is_concluded(machine: Machine) -> None:
    """No mirror, no vault: that is an outage, not an empty centre."""
    absent = directory_vault.DirectoryVault(Path("/nonexistent/vault"))
    with pytest.raises(StorageUnavailable, match="neither"):
        replace(machine.recovering(), vaults=(absent, absent)).drill()
