"""The log key (Ed25519): signs probes, checkpoints and certificates. It opens nothing."""

import base64
import hashlib
from pathlib import Path
from typing import Final, NoReturn

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage import wrapping
from storage.errors import StorageRefused, Tampered
from storage.wrapping import Kind, Label, Wrapping

_PREFIX: Final = "consigne-log-1:"
_LENGTH: Final = 32


class LogKey:
    """The private half of the log key. Refuses to show itself or to be pickled."""

    __slots__ = ("private",)

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _LENGTH:
            raise Tampered("the log key has a wrong length: restore signing/ from its backup")
        self.private = Ed25519PrivateKey.from_private_bytes(secret)

    @classmethod
    def generate(cls) -> "LogKey":
        """Make a new log key."""
        return cls(Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def load(cls, path: Path, how: Wrapping) -> "LogKey":
        """Open the file that :meth:`save` wrote.

        Raises:
            NotHeld, StorageRefused, Tampered: absent, readable by others, not opened by this wrapping.
        """
        label, secret = wrapping.decode(wrapping.read_secret(path), Kind.LOG_KEY, how)
        key = cls(secret)
        if key.key_id != label.key_id:
            raise Tampered("the log key's file names another key than it holds: restore signing/ from its backup")
        return key

    @property
    def public(self) -> Ed25519PublicKey:
        """The public half."""
        return self.private.public_key()

    @property
    def key_id(self) -> str:
        """The fingerprint of the public half."""
        return fingerprint(self.public)

    def save(self, path: Path, how: Wrapping) -> None:
        """Write the key, mode 0600, never over another file.

        Raises:
            AlreadyHeld: the file exists.
        """
        wrapping.write_secret(path, wrapping.encode(self.private.private_bytes_raw(), Label(Kind.LOG_KEY, self.key_id), how))

    def __repr__(self) -> str:
        return f"LogKey({self.key_id}, …)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "a log key is neither pickled nor copied"
        raise TypeError(msg)


def fingerprint(public: Ed25519PublicKey) -> str:
    """Return the id of a public half: 128 bits of its SHA-256."""
    return "log_" + hashlib.sha256(_PREFIX.encode() + public.public_bytes_raw()).hexdigest()[:32]


def public_text(public: Ed25519PublicKey) -> str:
    """Return the public half as one line."""
    return _PREFIX + base64.b64encode(public.public_bytes_raw()).decode("ascii")


def parse_public(text: str) -> Ed25519PublicKey:
    """Read what :func:`public_text` wrote.

    Raises:
        StorageRefused: anything else.
    """
    try:
        found = Ed25519PublicKey.from_public_bytes(base64.b64decode(text.strip().removeprefix(_PREFIX), validate=True))
    except ValueError as error:
        msg = "the log key's public half is not readable: copy it whole"
        raise StorageRefused(msg) from error
    if public_text(found) != text.strip():
        msg = f"the log key's public half must begin with {_PREFIX}, and be copied whole"
        raise StorageRefused(msg)
    return found


def verify(public: Ed25519PublicKey, signature: bytes, message: bytes, what: str) -> None:
    """Check a signature.

    Raises:
        Tampered: it does not hold.
    """
    try:
        public.verify(signature, message)
    except InvalidSignature as error:
        raise Tampered(f"the signature of {what} does not hold: it was changed, or signed by another key") from error
