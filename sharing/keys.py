"""The data keys of what is being listened to: opened by the identity, kept in memory for a moment, never shown.

Only the listening service has this part: it alone loads the identity's private half.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sharing.asking import Permit
from sharing.errors import SilentError, UnreadableError
from sharing.listening import Silence
from storage.errors import StorageError, Tampered
from storage.identity import Identity, open_key
from storage.keyfile import KeyFile, SealedObject, Tombstone
from storage.seal import Context, DataKey, Part
from storage.vault import Mirrored

KEPT_SECONDS = 120.0
_OTHER = "the key held for attempt {attempt} is another recording's than the registry says: run reconcile"


@dataclass
class Opened:
    """One recording's key, with what it opens.

    ``header`` is the sealed object's, once it was read; ``adopted`` the version that took the place of the recorded one.
    """

    key: DataKey
    context: Context
    sound: SealedObject
    header: bytes = b""
    adopted: str | None = None
    adopting: threading.Lock = field(default_factory=threading.Lock, repr=False)


@dataclass
class Keyring:
    """Opens keys, and forgets each after ``kept_seconds`` from its opening, asked for or not."""

    vaults: Mirrored
    identities: Callable[[], Sequence[Identity]]
    kept_seconds: float = KEPT_SECONDS
    _held: dict[str, tuple[Opened, threading.Timer]] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def opened(self, permit: Permit) -> Opened:
        """Return the key of a recording that somebody was just permitted to hear.

        Raises:
            SilentError: the key was destroyed.
            UnreadableError: vault, mirror or identity cannot be read, or do not fit the registry.
        """
        with self._lock:
            held = self._held.get(permit.attempt_id)
        return held[0] if held else self._keep(permit.attempt_id, self._open(permit))

    def _open(self, permit: Permit) -> Opened:
        try:
            found = self.vaults.get(permit.attempt_id)
            if isinstance(found, Tombstone):
                raise SilentError(Silence.GONE)
            sound = found.sealed_object(Part.SOUND) if found else None
            if found is None or sound is None or not _fits(found, sound, permit):
                raise Tampered(_OTHER.format(attempt=permit.attempt_id))
            return Opened(open_key(found, self.identities()), found.context(Part.SOUND), sound)
        except StorageError as error:
            raise UnreadableError(str(error)) from error

    def _keep(self, attempt_id: str, opened: Opened) -> Opened:
        timer = threading.Timer(self.kept_seconds, self.forget, (attempt_id,))
        timer.daemon = True
        with self._lock:
            standing = self._held.setdefault(attempt_id, (opened, timer))
        if standing[1] is timer:
            timer.start()
        return standing[0]

    def forget(self, attempt_id: str) -> None:
        """Drop a key from memory."""
        with self._lock:
            held = self._held.pop(attempt_id, None)
        if held:
            held[1].cancel()

    def close(self) -> None:
        """Drop them all."""
        for attempt_id in tuple(self._held):
            self.forget(attempt_id)


def _fits(found: KeyFile, sound: SealedObject, permit: Permit) -> bool:
    told = (found.recording_id, sound.plain_length, sound.sealed_sha256.hex())
    return told == (permit.recording_id, permit.plain_length, permit.sealed_sha256)
