"""What a vault holds for an upload attempt: its key file, or the tombstone of a destroyed key.

Specified in ``docs/formats/vault.md``. A key file, the objects and the identity are enough to recover a recording.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from journal import canonical
from storage.errors import StorageRefused, Tampered
from storage.seal import Context, Part
from storage.strict import Fields, b64, instant, parse

KEY_FORMAT = "consigne-key-1"
TOMBSTONE_FORMAT = "consigne-tombstone-1"

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{2,99}")


def check_id(value: str) -> str:
    """Return an id that can name a file and an object, or refuse it (so no path can be built from it)."""
    if not _ID.fullmatch(value):
        msg = "an id holds 3 to 100 letters, digits, _ and -, and begins with a letter or digit: use the id that was given"
        raise StorageRefused(msg)
    return value


@dataclass(frozen=True)
class SealedObject:
    """One stored object of a recording: where it is and what it must be."""

    part: Part
    object_key: str
    plain_length: int
    sealed_sha256: bytes


@dataclass(frozen=True)
class KeyFile:
    """The sealed data key of one upload attempt, with all that a recovery needs besides the identity."""

    recording_id: str
    attempt_id: str
    session_id: str
    identity_id: str
    sealed_key: bytes
    objects: tuple[SealedObject, ...]

    def __post_init__(self) -> None:
        for value in (self.recording_id, self.attempt_id, self.session_id, self.identity_id):
            check_id(value)
        parts = [held.part for held in self.objects]
        if Part.SOUND not in parts or parts != sorted(set(parts)):
            msg = "a key file names the sound, and each other part at most once, in order: write it from the attempt's row"
            raise StorageRefused(msg)

    def context(self, part: Part) -> Context:
        """Return the context that a part was sealed under; the data key itself is sealed under the sound's."""
        return Context(self.recording_id, self.attempt_id, self.session_id, part)

    def sealed_object(self, part: Part) -> SealedObject | None:
        """Return what is recorded of a part, if it has one."""
        return next((held for held in self.objects if held.part is part), None)

    def encode(self) -> bytes:
        """Return the one exact encoding."""
        return canonical.encode(
            {
                "attempt_id": self.attempt_id,
                "format": KEY_FORMAT,
                "identity_id": self.identity_id,
                "objects": [
                    {
                        "context": b64(self.context(held.part).encode()),
                        "object_key": held.object_key,
                        "part": held.part.value,
                        "plain_length": held.plain_length,
                        "sealed_sha256": held.sealed_sha256.hex(),
                    }
                    for held in self.objects
                ],
                "recording_id": self.recording_id,
                "sealed_key": b64(self.sealed_key),
                "session_id": self.session_id,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> "KeyFile":
        """Read what :meth:`encode` wrote, and nothing else.

        Raises:
            Tampered: another encoding, format, set of fields or type, or a context that does not name this attempt.
        """
        names = {"attempt_id", "format", "identity_id", "objects", "recording_id", "sealed_key", "session_id"}
        fields = Fields(parse(data, "a key file"), names, "a key file")
        fields.exactly("format", KEY_FORMAT)
        try:
            found = cls(
                fields.text("recording_id"),
                fields.text("attempt_id"),
                fields.text("session_id"),
                fields.text("identity_id"),
                fields.data("sealed_key"),
                tuple(_sealed_object(item) for item in fields.objects("objects")),
            )
        except Tampered:
            raise
        except StorageRefused as error:
            raise Tampered("a key file names its parts or ids wrongly: restore it from its other copy") from error
        if found.encode() != data:
            raise Tampered("a key file's context does not name its own attempt: restore it from its other copy")
        return found


def _sealed_object(item: canonical.Json) -> SealedObject:
    names = {"context", "object_key", "part", "plain_length", "sealed_sha256"}
    fields = Fields(item, names, "an object of a key file")
    try:
        part = Part(fields.text("part"))
    except ValueError as error:
        raise Tampered("a key file names an unknown part: restore it from its other copy") from error
    return SealedObject(part, fields.text("object_key"), fields.count("plain_length"), fields.digest("sealed_sha256"))


@dataclass(frozen=True)
class Tombstone:
    """The proof, in a vault, that the key of an upload attempt was destroyed; it stays for ever."""

    attempt_id: str
    entombed_at: datetime
    journal_index: int

    def __post_init__(self) -> None:
        check_id(self.attempt_id)
        if self.journal_index < 0:
            msg = f"a journal index is not negative: {self.journal_index}"
            raise StorageRefused(msg)

    def encode(self) -> bytes:
        """Return the one exact encoding."""
        return canonical.encode(
            {
                "attempt_id": self.attempt_id,
                "entombed_at": instant(self.entombed_at),
                "format": TOMBSTONE_FORMAT,
                "journal_index": self.journal_index,
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> "Tombstone":
        """Read what :meth:`encode` wrote, and nothing else.

        Raises:
            Tampered: another encoding, format, set of fields or type.
        """
        fields = Fields(parse(data, "a tombstone"), {"attempt_id", "entombed_at", "format", "journal_index"}, "a tombstone")
        fields.exactly("format", TOMBSTONE_FORMAT)
        try:
            return cls(fields.text("attempt_id"), fields.at("entombed_at"), fields.count("journal_index"))
        except Tampered:
            raise
        except StorageRefused as error:
            raise Tampered("a tombstone names its attempt wrongly: restore it from its other copy") from error


Held = KeyFile | Tombstone


def decode(data: bytes, attempt_id: str) -> Held:
    """Read whichever of the two a vault holds under an attempt's id.

    Raises:
        Tampered: neither, or it belongs to another attempt.
    """
    value = parse(data, "a file of the vault")
    kind = value.get("format") if isinstance(value, dict) else None
    held: Held = Tombstone.decode(data) if kind == TOMBSTONE_FORMAT else KeyFile.decode(data)
    if held.attempt_id != attempt_id:
        raise Tampered("a file of the vault belongs to another upload attempt than its name says: restore it from its other copy")
    return held
