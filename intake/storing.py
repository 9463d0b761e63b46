"""Steps 5 to 7: seal a deposit into the object store, prove that it can be read back, and put its key in the vaults."""

from collections.abc import Iterable
from dataclasses import dataclass

from intake.reading import Bytes
from storage.errors import StorageError, StorageUnavailable, Tampered
from storage.identity import PublicIdentity
from storage.keyfile import KeyFile, SealedObject
from storage.objects import ObjectStore, Stored, read_all
from storage.seal import Context, DataKey, Part, open_stream, seal, sealed_length
from storage.vault import Mirrored

_OTHER = "what was read back is not what was deposited: the deposit stays where it is, and is tried again"


class KeyNotKeptError(StorageUnavailable):
    """The vault or its mirror does not take the key: nothing is accepted meanwhile."""


@dataclass(frozen=True)
class Attempt:
    """One upload attempt, as it was committed before its first byte left."""

    id: str
    recording_id: str
    session_id: str
    object_key: str
    waveform_key: str

    def context(self, part: Part) -> Context:
        """Name one of its sealed objects."""
        return Context(self.recording_id, self.id, self.session_id, part)


@dataclass(frozen=True)
class Sealed:
    """What was stored: the sound, the waveform, and what the registry must know of the sound."""

    sound: Stored
    waveform: Stored


@dataclass(frozen=True)
class Strongroom:
    """Where sealed recordings and their keys go, and the public half that keys are sealed to."""

    objects: ObjectStore
    vaults: Mirrored
    identity: PublicIdentity

    def upload(self, attempt: Attempt, key: DataKey, sound: Iterable[bytes], length: int, waveform: bytes) -> Sealed:
        """Step 5: seal and store both objects. Plaintext goes from memory to the cipher and nowhere else.

        Raises:
            KeyNotKeptError: vault or mirror cannot be read: nothing is stored whose key could not be kept.
        """
        try:
            self.vaults.get_both(attempt.id)
        except StorageError as error:
            raise KeyNotKeptError(str(error)) from error
        return Sealed(
            self._put(attempt, key, Part.SOUND, attempt.object_key, sound, length),
            self._put(attempt, key, Part.WAVEFORM, attempt.waveform_key, [waveform], len(waveform)),
        )

    def _put(self, attempt: Attempt, key: DataKey, part: Part, name: str, plain: Iterable[bytes], length: int) -> Stored:
        return self.objects.put(name, seal(key, attempt.context(part), plain), sealed_length(length))

    def read_back(self, attempt: Attempt, key: DataKey, sealed: Sealed, sound: Bytes) -> None:
        """Step 6: read the stored sound again, open it with the key still in memory, compare byte by byte with what was deposited.

        Raises:
            Tampered: the store does not give back what was put.
        """
        stored = sealed.sound
        at = 0
        pieces = read_all(self.objects, stored.key, stored.version_id, stored.length)
        for plain in open_stream(key, attempt.context(Part.SOUND), pieces):
            if not sound.holds(plain, at):
                raise Tampered(_OTHER)
            at += len(plain)
        if at != sound.size:
            raise Tampered(_OTHER)

    def keep_key(self, attempt: Attempt, key: DataKey, sealed: Sealed, sound: Bytes, waveform_length: int) -> None:
        """Step 7: seal the data key to the centre's identity; vault and mirror hold it, and both were read back.

        Raises:
            KeyNotKeptError: one of them cannot be reached, or does not answer with what was put.
        """
        key_file = KeyFile(
            recording_id=attempt.recording_id,
            attempt_id=attempt.id,
            session_id=attempt.session_id,
            identity_id=self.identity.identity_id,
            sealed_key=self.identity.seal(key, attempt.context(Part.SOUND)),
            objects=(
                SealedObject(Part.SOUND, attempt.object_key, sound.size, sealed.sound.sha256),
                SealedObject(Part.WAVEFORM, attempt.waveform_key, waveform_length, sealed.waveform.sha256),
            ),
        )
        try:
            self.vaults.put(key_file)
        except StorageError as error:
            raise KeyNotKeptError(str(error)) from error
