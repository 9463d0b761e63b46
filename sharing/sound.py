"""The bytes of a recording, any range of them, decrypted chunk by verified chunk and never whole."""

from collections.abc import Callable
from dataclasses import dataclass

from registry.clock import Clock
from registry.database import Database
from registry.tables import Recording
from sharing.asking import Permit
from sharing.errors import UnreadableError
from sharing.keys import Keyring, Opened
from storage.errors import NotHeld, StorageError
from storage.objects import ObjectStore, Stored, adopt, fetcher
from storage.ranges import RangeReader
from storage.seal import HEADER

ACTOR = "system:listening"


@dataclass(frozen=True)
class Sounds:
    """Reads sealed recordings for those who were permitted to hear them."""

    database: Database
    objects: Callable[[], ObjectStore]
    keys: Keyring
    clock: Clock

    def read(self, permit: Permit, start: int, stop: int) -> bytes:
        """Return the plaintext from ``start`` to ``stop`` (not included): one range GET, every byte verified.

        Raises:
            SilentError: the key was destroyed.
            UnreadableError: the store, the vaults or the identity do not give what the registry says.
        """
        opened = self.keys.opened(permit)
        try:
            fetch = _Fetching(self, permit, opened).fetch
            reader = RangeReader(opened.key, opened.context, fetch, permit.plain_length, read_ahead=0)
            return b"".join(reader.read(start, stop))
        except StorageError as error:
            self.keys.forget(permit.attempt_id)
            raise UnreadableError(str(error)) from error

    def adopt(self, permit: Permit, opened: Opened) -> str | None:
        """Find which version an object has become whose recorded one is gone, write it down, and return it.

        Raises:
            NotHeld: no version, or several, have the recorded size and hash.
        """
        with opened.adopting:
            opened.adopted = opened.adopted or self._adopt(permit, opened)
            return opened.adopted

    def _adopt(self, permit: Permit, opened: Opened) -> str | None:
        recorded = Stored(opened.sound.object_key, permit.version, permit.sealed_length, opened.sound.sealed_sha256)
        found = adopt(self.objects(), recorded)
        if found is None:
            raise NotHeld(f"no version of object {recorded.key} is the one that was recorded: run reconcile")
        with self.database.transaction(self.clock.now(), ACTOR) as tx:
            row = tx.lock(Recording, permit.recording_id)
            if row.object_version == permit.version and row.attempt_id == permit.attempt_id:
                row.object_version = found.version_id
                tx.record("recording.adopted", row.id, attempt=permit.attempt_id, sealed_sha256=permit.sealed_sha256)
        return found.version_id


class _Fetching:
    """Range GETs of one version; the header is asked for once a key, and a version that is gone is looked for once."""

    def __init__(self, sounds: Sounds, permit: Permit, opened: Opened) -> None:
        self._sounds = sounds
        self._permit = permit
        self._opened = opened

    def fetch(self, start: int, stop: int) -> bytes:
        """Return bytes of the sealed object."""
        if (start, stop) != (0, HEADER):
            return self._range(start, stop)
        self._opened.header = self._opened.header or self._range(start, stop)
        return self._opened.header

    def _range(self, start: int, stop: int) -> bytes:
        try:
            return self._of(self._opened.adopted or self._permit.version, start, stop)
        except NotHeld:
            return self._of(self._sounds.adopt(self._permit, self._opened), start, stop)

    def _of(self, version: str | None, start: int, stop: int) -> bytes:
        return fetcher(self._sounds.objects(), self._opened.sound.object_key, version, self._permit.sealed_length)(start, stop)
