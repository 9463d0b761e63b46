"""The centre's identity: whoever has its public half seals data keys, only the private half opens them.

HPKE (RFC 9180), KEM ML-KEM-768 with X25519, HKDF-SHA-256, AES-256-GCM; ``info`` is the recording's context. Post-quantum, so that a
surviving copy of a sealed key does not become readable later.
"""

import base64
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey, Suite

from storage import wrapping
from storage.errors import NotHeld, StorageRefused, Tampered
from storage.keyfile import KeyFile
from storage.seal import Context, DataKey, Part
from storage.wrapping import Kind, Label, Wrapping

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_PREFIX: Final = "consigne-identity-1:"
_MLKEM_PUBLIC, _MLKEM_SEED, _X25519 = 1184, 64, 32
_WRONG: Final = "this identity does not open the sealed key: it belongs to another identity or recording, or was changed"


@dataclass(frozen=True)
class PublicIdentity:
    """The public half, as it stands in the settings. It seals, and can open nothing."""

    raw: bytes

    def __post_init__(self) -> None:
        if len(self.raw) != _MLKEM_PUBLIC + _X25519:
            msg = "the identity's public half has a wrong length: copy it whole from what init printed"
            raise StorageRefused(msg)

    @property
    def identity_id(self) -> str:
        """The fingerprint: 128 bits of the SHA-256 of the public half."""
        return "identity_" + hashlib.sha256(_PREFIX.encode() + self.raw).hexdigest()[:32]

    def text(self) -> str:
        """Return the one line for the settings."""
        return _PREFIX + base64.urlsafe_b64encode(self.raw).decode("ascii").rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "PublicIdentity":
        """Read what :meth:`text` wrote.

        Raises:
            StorageRefused: anything else.
        """
        body = text.strip().removeprefix(_PREFIX)
        try:
            found = cls(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except ValueError as error:
            msg = "the identity's public half is not readable: copy it whole from what init printed"
            raise StorageRefused(msg) from error
        if found.text() != text.strip():
            msg = f"the identity's public half must begin with {_PREFIX}, and be copied whole from what init printed"
            raise StorageRefused(msg)
        return found

    def seal(self, data_key: DataKey, context: Context) -> bytes:
        """Seal a recording's data key to this identity, bound to the recording's context."""
        return self.seal_bytes(data_key.expose(), context.encode())

    def seal_bytes(self, secret: bytes, info: bytes) -> bytes:
        """Seal a few bytes; what is sealed under one ``info`` does not open under another."""
        try:
            mlkem = MLKEM768PublicKey.from_public_bytes(self.raw[:_MLKEM_PUBLIC])
            public = MLKEM768X25519PublicKey(mlkem, X25519PublicKey.from_public_bytes(self.raw[_MLKEM_PUBLIC:]))
            return _SUITE.encrypt(secret, public, info=info)
        except ValueError as error:
            msg = "the identity's public half is not a key: copy it again from what init printed"
            raise StorageRefused(msg) from error


class Identity:
    """The private half: held by the listening service only. Refuses to show itself or to be pickled."""

    __slots__ = ("_private", "_secret", "public")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != _MLKEM_SEED + _X25519:
            raise Tampered("the identity's private half has a wrong length: take its recovery copy")
        mlkem = MLKEM768PrivateKey.from_seed_bytes(secret[:_MLKEM_SEED])
        x25519 = X25519PrivateKey.from_private_bytes(secret[_MLKEM_SEED:])
        self._secret = secret
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public = PublicIdentity(mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw())

    @classmethod
    def generate(cls) -> "Identity":
        """Make a new identity."""
        return cls(MLKEM768PrivateKey.generate().private_bytes_raw() + X25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def load(cls, path: Path, how: Wrapping) -> "Identity":
        """Open the file that :meth:`save` wrote.

        Raises:
            NotHeld: there is no such file.
            StorageRefused: others may read it.
            Tampered: the wrapping does not open it, or its label names another identity.
        """
        return cls._opened(wrapping.read_secret(path), Kind.IDENTITY, how)

    @classmethod
    def recover(cls, recovery_copy: bytes, how: Wrapping) -> "Identity":
        """Open the offline copy that :meth:`recovery_copy` made.

        Raises:
            Tampered: as :meth:`load`.
        """
        return cls._opened(recovery_copy, Kind.IDENTITY_RECOVERY, how)

    @classmethod
    def _opened(cls, data: bytes, kind: Kind, how: Wrapping) -> "Identity":
        label, secret = wrapping.decode(data, kind, how)
        identity = cls(secret)
        if identity.identity_id != label.key_id:
            raise Tampered("the identity's file names another identity than it holds: take its recovery copy")
        return identity

    @property
    def identity_id(self) -> str:
        """The fingerprint of the public half."""
        return self.public.identity_id

    def save(self, path: Path, how: Wrapping) -> None:
        """Write the private half, wrapped, mode 0600, never over another file.

        Raises:
            AlreadyHeld: the file exists.
        """
        wrapping.write_secret(path, wrapping.encode(self._secret, Label(Kind.IDENTITY, self.identity_id), how))

    def recovery_copy(self, how: Wrapping) -> bytes:
        """Return the copy to keep offline, encrypted to a passphrase of its own."""
        return wrapping.encode(self._secret, Label(Kind.IDENTITY_RECOVERY, self.identity_id), how)

    def open(self, sealed: bytes, context: Context) -> DataKey:
        """Open a sealed data key.

        Raises:
            Tampered: it was sealed to another identity or for another recording, or changed.
        """
        return DataKey(self.open_bytes(sealed, context.encode()))

    def open_bytes(self, sealed: bytes, info: bytes) -> bytes:
        """Open what :meth:`PublicIdentity.seal_bytes` sealed.

        Raises:
            Tampered: as :meth:`open`.
        """
        try:
            return _SUITE.decrypt(sealed, self._private, info=info)
        except (InvalidTag, ValueError) as error:
            raise Tampered(_WRONG) from error

    def __repr__(self) -> str:
        return f"Identity({self.identity_id}, …)"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        msg = "an identity is neither pickled nor copied"
        raise TypeError(msg)


def open_key(key_file: KeyFile, identities: Iterable[Identity]) -> DataKey:
    """Open a key file with the identity that it names; after a rotation there are several.

    Raises:
        NotHeld: that identity is not among them.
        Tampered: the key does not open.
    """
    for identity in identities:
        if identity.identity_id == key_file.identity_id:
            return identity.open(key_file.sealed_key, key_file.context(Part.SOUND))
    raise NotHeld(f"no identity at hand is {key_file.identity_id}: load the one that sealed attempt {key_file.attempt_id}")
