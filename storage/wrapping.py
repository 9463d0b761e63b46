"""Wrap the private half of a key for a file: the port, and the passphrase way.

The file is canonical JSON, specified in ``docs/formats/vault.md``. Changing the wrapping touches no sealed data key.
"""

import os
import secrets
import stat
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from journal import canonical
from storage import durable
from storage.errors import AlreadyHeld, NotHeld, StorageRefused, Tampered
from storage.strict import Fields, b64, parse

WRAPPED_FORMAT: Final = "consigne-wrapped-1"
_LOWEST, _HIGHEST = 12, 20
_BLOCK = 8
_SALT, _NONCE, _KEY = 16, 12, 32


class Kind(StrEnum):
    """Which secret a wrapped file holds."""

    IDENTITY = "identity"
    IDENTITY_RECOVERY = "identity-recovery"
    LOG_KEY = "log-key"


@dataclass(frozen=True)
class Label:
    """The public words beside a wrapped secret; they are bound to it, so that two files cannot be swapped."""

    kind: Kind
    key_id: str

    def encode(self) -> bytes:
        """Return the bytes that the wrapping authenticates."""
        return canonical.encode({"format": WRAPPED_FORMAT, "key_id": self.key_id, "kind": self.kind.value})


class Wrapping(Protocol):
    """A way to keep a secret closed at rest."""

    method: str

    def wrap(self, secret: bytes, label: Label) -> dict[str, canonical.Json]:
        """Return the fields that, with the same wrapping, give the secret back."""
        ...

    def unwrap(self, fields: canonical.Json, label: Label) -> bytes:
        """Return the secret.

        Raises:
            Tampered: a wrong passphrase or key, or a changed file.
        """
        ...


class PassphraseWrapping:
    """scrypt (RFC 7914), then AES-256-GCM, under a passphrase."""

    method = "scrypt-aes-256-gcm"

    def __init__(self, passphrase: str, *, log_n: int = 17) -> None:
        """Prepare the wrapping.

        Args:
            passphrase: spaces around it are dropped, and Unicode composed (NFC), so that it can be typed again elsewhere.
            log_n: cost; 2**(log_n + 10) bytes of memory, 128 MiB at 17.
        """
        self._passphrase = unicodedata.normalize("NFC", passphrase.strip()).encode()
        if not self._passphrase:
            msg = "the passphrase is empty: write one in its file, or let init make one"
            raise StorageRefused(msg)
        self._log_n = log_n

    def __repr__(self) -> str:
        return "PassphraseWrapping(…)"

    def _cipher(self, salt: bytes, log_n: int) -> AESGCM:
        return AESGCM(Scrypt(salt=salt, length=_KEY, n=1 << log_n, r=_BLOCK, p=1).derive(self._passphrase))

    def wrap(self, secret: bytes, label: Label) -> dict[str, canonical.Json]:
        """See :class:`Wrapping`."""
        salt, nonce = secrets.token_bytes(_SALT), secrets.token_bytes(_NONCE)
        sealed = self._cipher(salt, self._log_n).encrypt(nonce, secret, label.encode())
        return {"ciphertext": b64(sealed), "log_n": self._log_n, "nonce": b64(nonce), "salt": b64(salt)}

    def unwrap(self, fields: canonical.Json, label: Label) -> bytes:
        """See :class:`Wrapping`. Refuses a cost that would take all memory or protect nothing."""
        found = Fields(fields, {"ciphertext", "log_n", "nonce", "salt"}, "a wrapped key")
        log_n, salt, nonce = found.count("log_n"), found.data("salt"), found.data("nonce")
        if not _LOWEST <= log_n <= _HIGHEST or len(salt) != _SALT or len(nonce) != _NONCE:
            raise Tampered("a wrapped key names a cost or sizes that are never written: take its other copy")
        try:
            return self._cipher(salt, log_n).decrypt(nonce, found.data("ciphertext"), label.encode())
        except InvalidTag as error:
            raise Tampered("the passphrase does not open this key, or the file was changed: check both") from error


class NoWrapping:
    """A secret kept by the rights of its file alone; only for the log key, which opens no recording."""

    method = "none"

    def wrap(self, secret: bytes, label: Label) -> dict[str, canonical.Json]:
        """See :class:`Wrapping`.

        Raises:
            StorageRefused: the secret is not a log key.
        """
        if label.kind is not Kind.LOG_KEY:
            msg = f"the {label.kind.value} is never written without a wrapping: set a passphrase file or a KMS key"
            raise StorageRefused(msg)
        return {"secret": b64(secret)}

    def unwrap(self, fields: canonical.Json, label: Label) -> bytes:  # noqa: ARG002  # the port's arguments
        """See :class:`Wrapping`."""
        return Fields(fields, {"secret"}, "a key file without wrapping").data("secret")


def encode(secret: bytes, label: Label, wrapping: Wrapping) -> bytes:
    """Return the wrapped file of a secret."""
    fields = wrapping.wrap(secret, label)
    document: dict[str, canonical.Json] = {"format": WRAPPED_FORMAT, "key_id": label.key_id, "kind": label.kind.value}
    return canonical.encode(document | {"method": wrapping.method, "wrapping": fields})


def decode(data: bytes, kind: Kind, wrapping: Wrapping) -> tuple[Label, bytes]:
    """Read a wrapped file; return its label and the secret.

    Raises:
        Tampered: not such a file, another kind or method, or the wrapping does not open it.
    """
    fields = Fields(parse(data, "a wrapped key"), {"format", "key_id", "kind", "method", "wrapping"}, "a wrapped key")
    fields.exactly("format", WRAPPED_FORMAT)
    fields.exactly("kind", kind)
    fields.exactly("method", wrapping.method)
    label = Label(kind, fields.text("key_id"))
    return label, wrapping.unwrap(fields.inner("wrapping"), label)


def write_secret(path: Path, data: bytes) -> None:
    """Write a private file, mode 0600, never over another.

    Raises:
        AlreadyHeld: the file exists: a key is never replaced by a slip.
    """
    with durable.disk_errors(f"{path.name} cannot be written"):
        durable.private_directory(path.parent)
        if not durable.create(path, data):
            raise AlreadyHeld(f"{path.name} exists already, and a key is not overwritten: move it away first")


def read_secret(path: Path) -> bytes:
    """Read a private file.

    Raises:
        NotHeld: there is none.
        StorageRefused: others than its owner may read it, or it is not a regular file.
    """
    with durable.disk_errors(f"{path.name} cannot be read"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except FileNotFoundError as error:
            raise NotHeld(f"{path.name} is not there: run init, or set where it is") from error
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            if not stat.S_ISREG(mode) or stat.S_IMODE(mode) & 0o077:
                raise StorageRefused(f"{path.name} must be a regular file that only its owner can read: chmod 600 it, and renew the secret")
            return file.read(1 << 20)


def new_passphrase() -> str:
    """Make a passphrase of 150 random bits in six groups of five letters and digits, easy to copy by hand."""
    alphabet = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(5)) for _ in range(6))
