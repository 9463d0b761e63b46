"""What every key vault must do."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from registry.ids import new_id
from storage.errors import AlreadyHeld, Entombed, StorageRefused
from storage.keyfile import KeyFile, SealedObject, Tombstone
from storage.seal import Part
from storage.vault import KeyVault

AT = datetime(2026, 5, 25, 21, 59, tzinfo=UTC)


def a_key_file(attempt_id: str | None = None, sealed_key: bytes = b"sealed") -> KeyFile:
    """A key file with everything in it."""
    objects = (SealedObject(Part.SOUND, "obj_1", 7_200_000, bytes(32)), SealedObject(Part.WAVEFORM, "obj_2", 400, bytes(range(32))))
    return KeyFile("rec_1", attempt_id or new_id("att"), "ses_1", "identity_1", sealed_key, objects)


def a_tombstone(attempt_id: str, index: int = 41) -> Tombstone:
    """A tombstone."""
    return Tombstone(attempt_id, AT, index)


class KeyVaultContract:
    """Inherit, and give a ``vault`` fixture."""

    def test_three_answers(self, vault: KeyVault) -> None:
        """Nothing, then the key file, then the tombstone."""
        key_file = a_key_file()
        assert vault.get(key_file.attempt_id) is None
        vault.put(key_file)
        assert vault.get(key_file.attempt_id) == key_file
        vault.entomb(a_tombstone(key_file.attempt_id))
        assert vault.get(key_file.attempt_id) == a_tombstone(key_file.attempt_id)

    def test_put_is_once(self, vault: KeyVault) -> None:
        """The same key file again changes nothing; another one is refused and changes nothing either."""
        key_file = a_key_file()
        vault.put(key_file)
        vault.put(key_file)
        with pytest.raises(AlreadyHeld):
            vault.put(replace(key_file, sealed_key=b"other"))
        assert vault.get(key_file.attempt_id) == key_file

    def test_a_tombstone_ends_it(self, vault: KeyVault) -> None:
        """After a tombstone no key can be put, the very same included."""
        key_file = a_key_file()
        vault.put(key_file)
        vault.entomb(a_tombstone(key_file.attempt_id))
        with pytest.raises(Entombed):
            vault.put(key_file)
        assert vault.get(key_file.attempt_id) == a_tombstone(key_file.attempt_id)

    def test_entombing_where_nothing_is_held(self, vault: KeyVault) -> None:
        """An attempt that never put its key can be entombed, so that a late put fails."""
        key_file = a_key_file()
        vault.entomb(a_tombstone(key_file.attempt_id))
        with pytest.raises(Entombed):
            vault.put(key_file)

    def test_the_first_tombstone_stays(self, vault: KeyVault) -> None:
        """Entombing again, as after a crash, changes nothing."""
        attempt_id = new_id("att")
        vault.entomb(a_tombstone(attempt_id, 41))
        vault.entomb(a_tombstone(attempt_id, 99))
        assert vault.get(attempt_id) == a_tombstone(attempt_id, 41)

    def test_list_names_keys_and_tombstones(self, vault: KeyVault) -> None:
        """Every attempt known is listed once, in order."""
        dead, alive = a_key_file(), a_key_file()
        for key_file in (dead, alive):
            vault.put(key_file)
        vault.entomb(a_tombstone(dead.attempt_id))
        listed = list(vault.list())
        assert listed == sorted(set(listed))
        assert {dead.attempt_id, alive.attempt_id} <= set(listed)

    def test_a_path_is_no_attempt(self, vault: KeyVault) -> None:
        """An id that could climb out of the vault is refused."""
        for name in ("../other", "a/b", "", ".hidden", "a" * 200):
            with pytest.raises(StorageRefused):
                vault.get(name)


class KeyVaultRaces:
    """The part of the contract for vaults that several threads may use at once: all but moto, whose conditional put is not atomic."""

    def test_one_of_many_wins(self, vault: KeyVault) -> None:
        """Of eight puts at once with different keys exactly one is held, and the others are told."""
        attempt_id = new_id("att")
        refused: list[bytes] = []
        barrier = threading.Barrier(8)

        def put(number: int) -> None:
            key_file = a_key_file(attempt_id, b"key %d" % number)
            barrier.wait()
            try:
                vault.put(key_file)
            except AlreadyHeld:
                refused.append(key_file.sealed_key)

        threads = [threading.Thread(target=put, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        held = vault.get(attempt_id)
        assert isinstance(held, KeyFile)
        assert sorted([held.sealed_key, *refused]) == [b"key %d" % number for number in range(8)]

    def test_a_race_never_brings_a_key_back(self, vault: KeyVault) -> None:
        """Put and entomb at the same moment, twenty times: it always ends with the tombstone."""
        for _ in range(20):
            key_file = a_key_file()
            barrier = threading.Barrier(2)

            def put(key_file: KeyFile = key_file, barrier: threading.Barrier = barrier) -> None:
                barrier.wait()
                try:
                    vault.put(key_file)
                except Entombed:
                    return

            thread = threading.Thread(target=put)
            thread.start()
            barrier.wait()
            vault.entomb(a_tombstone(key_file.attempt_id))
            thread.join()
            assert vault.get(key_file.attempt_id) == a_tombstone(key_file.attempt_id)
