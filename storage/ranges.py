"""Read a range of a sealed recording, decrypting only the chunks that it touches.

``cryptography`` 50 opens a Cobblestone-256 object only from its first byte to its last; this reader follows the
same specification (C2SP chunked-encryption) for random access. It refuses to release a byte before its chunk's tag
is verified, and to believe the store about the length: that comes from the registry.
"""

import hmac
from collections.abc import Callable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.utils import Buffer

from storage.errors import StorageRefused, Tampered
from storage.seal import CHUNK, HEADER, KEY_LENGTH, TAG, Context, DataKey, sealed_length

Fetch = Callable[[int, int], bytes]
"""Return bytes ``start`` to ``stop`` (not included) of the sealed object: one range GET."""

SALT = 24
NONCE = 12
COMMITMENT = 32
SEALED_CHUNK = CHUNK + TAG
READ_AHEAD = 256 * 1024
"""Plaintext bytes fetched beyond the first chunk when nothing else is said: about a minute of a typical call."""
MOST = 1024 * 1024
"""Plaintext bytes fetched at once, at most: what a listener costs in memory."""

_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"
_CUT = "the stored object is shorter or longer than the registry recorded: it was cut or extended; keep it and tell the operator"
_WRONG = "the stored object does not open with this key and context: it was changed or swapped; keep it and tell the operator"


class _Message:
    """The key and base nonce of one sealed object, which exist only once its commitment has been checked."""

    __slots__ = ("_cipher", "_nonce")

    def __init__(self, key: DataKey, context: Context, header: bytes) -> None:
        """Derive message key, base nonce and commitment (chunked-encryption, "Key derivation").

        Raises:
            Tampered: the commitment is not this key's and context's.
        """
        length = KEY_LENGTH + NONCE + COMMITMENT
        derived = HKDFExpand(SHA512(), length, _INFO + header[:SALT] + context.encode()).derive(key.expose())
        if not hmac.compare_digest(derived[KEY_LENGTH + NONCE :], header[SALT:]):
            raise Tampered(_WRONG)
        self._cipher = AESGCM(derived[:KEY_LENGTH])
        self._nonce = int.from_bytes(derived[KEY_LENGTH : KEY_LENGTH + NONCE], "big")

    def open(self, index: int, sealed: Buffer) -> bytes:
        """Open one chunk.

        Raises:
            Tampered: its tag does not verify.
        """
        try:
            return self._cipher.decrypt((self._nonce ^ index).to_bytes(NONCE, "big"), sealed, None)
        except InvalidTag as error:
            raise Tampered(_WRONG) from error


class RangeReader:
    """Random access to one version of one sealed object, for one listener."""

    def __init__(self, key: DataKey, context: Context, fetch: Fetch, plain_length: int, *, read_ahead: int = READ_AHEAD) -> None:
        """Prepare a reader; nothing is fetched yet.

        Args:
            key: the recording's data key.
            context: the name that the object was sealed under.
            fetch: reads a range of the sealed object, always of the same version.
            plain_length: bytes of plaintext, as recorded in the registry.
            read_ahead: bytes of plaintext to fetch beyond the first chunk that is missing; 0 to fetch what is asked only.
        """
        self._length = plain_length
        self._sealed_length = sealed_length(plain_length)
        self._key, self._context, self._fetch = key, context, fetch
        self._ahead = min(max(read_ahead, 0), MOST - CHUNK) // CHUNK
        self._message: _Message | None = None
        self._held = b""
        self._held_from = 0

    @property
    def length(self) -> int:
        """Bytes of plaintext in the whole recording."""
        return self._length

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the plaintext from ``start`` to ``stop`` (not included), in pieces of at most one chunk.

        Raises:
            StorageRefused: the range is not inside the recording.
            Tampered: commitment, tag or length do not hold; nothing unverified was released.
            StorageUnavailable: from ``fetch``.
        """
        if not 0 <= start <= stop <= self._length:
            msg = f"the range {start} to {stop} is not inside a recording of {self._length} bytes: ask for a smaller one"
            raise StorageRefused(msg)
        return self._pieces(start, stop)

    def verify_end(self) -> None:
        """Prove the recorded length: the last chunk is there, short as it must be, and nothing follows that counts.

        Raises:
            Tampered: the object was cut or extended.
        """
        self._open_chunk(self._length // CHUNK, self._length // CHUNK)

    def _pieces(self, start: int, stop: int) -> Iterator[bytes]:
        if start == stop:
            return
        last = (stop - 1) // CHUNK
        for index in range(start // CHUNK, last + 1):
            plain = self._open_chunk(index, last)
            base = index * CHUNK
            yield plain[max(start - base, 0) : stop - base]

    def _open_chunk(self, index: int, wanted: int) -> bytes:
        sealed = self._sealed_chunk(index, wanted)
        return self._opened().open(index, sealed)

    def _opened(self) -> _Message:
        """Return the message, its commitment checked, with a request of its own for the header if it was not read yet."""
        if self._message is None:
            self._message = _Message(self._key, self._context, self._exactly(0, HEADER))
        return self._message

    def _sealed_chunk(self, index: int, wanted: int) -> memoryview:
        at = HEADER + index * SEALED_CHUNK
        end = min(at + SEALED_CHUNK, self._sealed_length)
        if not (self._held_from <= at and end <= self._held_from + len(self._held)):
            self._fill(index, wanted)
        offset = at - self._held_from
        return memoryview(self._held)[offset : offset + end - at]

    def _fill(self, index: int, wanted: int) -> None:
        """Fetch from chunk ``index`` on, in one GET; with the first chunk comes the header."""
        most = MOST // CHUNK
        until = min(max(wanted, index + self._ahead), index + most - 1)
        stop = min(HEADER + (until + 1) * SEALED_CHUNK, self._sealed_length)
        if index == 0 and self._message is None:
            start, held = 0, self._exactly(0, stop)
            self._message = _Message(self._key, self._context, held[:HEADER])
        else:
            self._opened()
            start = HEADER + index * SEALED_CHUNK
            held = self._exactly(start, stop)
        self._held, self._held_from = held, start

    def _exactly(self, start: int, stop: int) -> bytes:
        data = self._fetch(start, stop)
        if len(data) != stop - start:
            raise Tampered(_CUT)
        return data
