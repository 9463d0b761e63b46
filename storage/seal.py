"""Seal one recording: Cobblestone-256 (C2SP chunked-encryption, AES-256-GCM) under a data key of its own.

The context names the recording, the upload attempt, the session and the part, and is bound into the key derivation:
two sealed objects cannot be swapped. The format is specified in ``docs/formats/sealing.md``.
"""

import hmac
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag
from cryptography.utils import Buffer

from journal import canonical
from storage.errors import StorageRefused, Tampered

CHUNK = 16 * 1024
"""Plaintext bytes of one chunk (chunked-encryption, "Message chunking")."""
TAG = 16
HEADER = 24 + 32
"""Salt and commitment, before the first chunk."""
KEY_LENGTH = 32
CONTEXT_FORMAT = "consigne-context-1"

_STEP = 16 * CHUNK
_WRONG = "the sealed bytes do not open with this key and context: changed, cut, or of another recording; keep them and tell the operator"


class Part(StrEnum):
    """Which of a recording's sealed objects is meant."""

    SOUND = "sound"
    WAVEFORM = "waveform"


@dataclass(frozen=True)
class Context:
    """The public name of one sealed object. It is written beside the key, never inside the object."""

    recording_id: str
    attempt_id: str
    session_id: str
    part: Part

    def encode(self) -> bytes:
        """Return the one exact encoding (canonical JSON, ``docs/formats/sealing.md``)."""
        return canonical.encode(
            {
                "attempt_id": self.attempt_id,
                "format": CONTEXT_FORMAT,
                "part": self.part.value,
                "recording_id": self.recording_id,
                "session_id": self.session_id,
            }
        )


class DataKey:
    """The 32 random bytes that seal one recording of one upload attempt.

    Refuses to show itself (``repr``, ``str``, ``format``), to be pickled, copied or hashed.
    """

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_LENGTH:
            msg = f"a data key has {KEY_LENGTH} bytes; this one has {len(secret)}: read it again from its vault"
            raise StorageRefused(msg)
        self._secret = bytes(secret)

    @classmethod
    def generate(cls) -> "DataKey":
        """Draw a fresh key from the system's source of randomness."""
        return cls(secrets.token_bytes(KEY_LENGTH))

    def expose(self) -> bytes:
        """Return the bytes, for a cipher only. Whoever calls this never logs, stores or returns them."""
        return self._secret

    def __repr__(self) -> str:
        return "DataKey(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DataKey) and hmac.compare_digest(self._secret, other._secret)

    __hash__ = None  # type: ignore[assignment]  # a key is not an index

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a data key is neither pickled nor copied"
        raise TypeError(msg)


def sealed_length(plain_length: int) -> int:
    """Return the length in bytes of the sealed form of ``plain_length`` bytes.

    Source: C2SP chunked-encryption: 56 bytes of header, one tag per chunk, the last chunk always short.
    """
    if plain_length < 0:
        msg = f"a length cannot be negative: {plain_length}"
        raise StorageRefused(msg)
    return HEADER + plain_length + TAG * (plain_length // CHUNK + 1)


def _pieces(chunks: Iterable[Buffer]) -> Iterator[memoryview]:
    for chunk in chunks:
        view = memoryview(chunk).cast("B")
        for at in range(0, len(view), _STEP):
            yield view[at : at + _STEP]


def seal(key: DataKey, context: Context, chunks: Iterable[Buffer]) -> Iterator[bytes]:
    """Seal a stream of plaintext; the pieces yielded, in order, are the sealed object.

    Holds at most a quarter of a mebibyte, whatever the size of the chunks given. Two calls never give the same bytes.
    """
    encryptor = Cobblestone256Encryptor(key.expose(), context.encode())
    for piece in _pieces(chunks):
        if sealed := encryptor.update(piece):
            yield sealed
    yield encryptor.finalize()


def open_stream(key: DataKey, context: Context, chunks: Iterable[Buffer]) -> Iterator[bytes]:
    """Open a whole sealed object, releasing only bytes whose tag was verified.

    The end is proved by the last step of the iteration: a caller who acts on pieces before it must be ready to undo.

    Raises:
        Tampered: wrong key or context; changed, cut or extended bytes.
    """
    decryptor = Cobblestone256Decryptor(key.expose(), context.encode())
    try:
        for piece in _pieces(chunks):
            if plain := decryptor.update(piece):
                yield plain
        yield decryptor.finalize()
    except InvalidTag as error:
        raise Tampered(_WRONG) from error


def open_all(key: DataKey, context: Context, sealed: Buffer, plain_length: int) -> bytes:
    """Open a small sealed object (a waveform) at once.

    Raises:
        Tampered: as :func:`open_stream`, or the length is not the one recorded.
    """
    plain = b"".join(open_stream(key, context, [sealed]))
    if len(plain) != plain_length:
        raise Tampered(_WRONG)
    return plain
