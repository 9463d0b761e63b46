"""Signed notes: a text and the signatures under it (C2SP ``signed-note``), with Ed25519. Pure.

The one form in bytes: the text, which ends with an end of line; an empty line; one line for each signature. What is read is written
again in the very same bytes. Nothing in a note counts before :meth:`Note.check` has said ``GOOD`` for a key that the caller trusts.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal.errors import JournalRefusedError

KEY_ID_BYTES: Final = 4
MAX_BYTES: Final = 64 * 1024
MAX_SIGNATURES: Final = 64

_ED25519: Final = b"\x01"
_DASH: Final = "\u2014"
_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME: Final = re.compile(r"[^\s+\x00-\x1f]+")
_PUBLIC_BYTES: Final = 32
_VKEY_PARTS: Final = 3


class Outcome(StrEnum):
    """What a key says of a note."""

    GOOD = "good"
    BAD = "bad"  # a signature names this key, and does not hold
    UNKNOWN = "unknown"  # no signature names this key


@dataclass(frozen=True)
class Signature:
    """One line under a note: whose key, which key, and its bytes."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        """Refuse what has no form."""
        check_name(self.name)
        if len(self.key_id) != KEY_ID_BYTES:
            raise JournalRefusedError("the id of a note's key has 4 bytes")

    def line(self) -> str:
        """Write the line, with its end."""
        return f"{_DASH} {self.name} {base64.b64encode(self.key_id + self.signature).decode('ascii')}\n"


@dataclass(frozen=True)
class Note:
    """A text that ends with an end of line, and at least one signature.

    Raises:
        JournalRefusedError: the text is empty, does not end with an end of line, or holds a control character; no signature, or more
            than ``MAX_SIGNATURES``.
    """

    text: str
    signatures: tuple[Signature, ...]

    def __post_init__(self) -> None:
        """Refuse what has no form."""
        if not self.text.endswith("\n"):
            raise JournalRefusedError("the text of a note ends with an end of line")
        if _CONTROL.search(self.text):
            raise JournalRefusedError("the text of a note holds no control character but the end of line")
        if not 0 < len(self.signatures) <= MAX_SIGNATURES:
            raise JournalRefusedError(f"a note has 1 to {MAX_SIGNATURES} signatures")

    def encode(self) -> bytes:
        """Write the note in its only form."""
        return (self.text + "\n" + "".join(one.line() for one in self.signatures)).encode("utf-8")

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a note back; ``Note.decode(data).encode() == data`` for all that it accepts.

        Raises:
            JournalRefusedError: the bytes are not a note, or not in its one form.
        """
        if len(data) > MAX_BYTES:
            raise JournalRefusedError(f"a note has at most {MAX_BYTES} bytes")
        try:
            whole = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise JournalRefusedError("a note is text in UTF-8: copy it whole") from error
        text, gap, block = whole.rpartition("\n\n")
        if not gap or not block.endswith("\n"):
            raise JournalRefusedError("a note ends with an empty line and its signatures, each with an end of line: copy it whole")
        note = cls(text + "\n", tuple(_signature(line) for line in block[:-1].split("\n")))
        if note.encode() != data:
            raise JournalRefusedError("a signature of the note is not in its one base64 form")
        return note

    def check(self, name: str, public: Ed25519PublicKey) -> Outcome:
        """Say whether the key of this name signed the text. Signatures of other keys are ignored, as the specification asks."""
        wanted = key_id(name, public)
        ours = [one for one in self.signatures if one.name == name and one.key_id == wanted]
        if not ours:
            return Outcome.UNKNOWN
        try:
            for one in ours:
                public.verify(one.signature, self.text.encode("utf-8"))
        except InvalidSignature:
            return Outcome.BAD
        return Outcome.GOOD


def sign(text: str, name: str, private: Ed25519PrivateKey) -> Note:
    """Sign a text; the same text and key give the same bytes (RFC 8032 is deterministic).

    Raises:
        JournalRefusedError: the text or the name has no form.
    """
    return Note(text, (Signature(name, key_id(name, private.public_key()), private.sign(text.encode("utf-8"))),))


def key_id(name: str, public: Ed25519PublicKey) -> bytes:
    """Return the 4 bytes that name a key in a signature: a hint, not a fingerprint."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + _ED25519 + public.public_bytes_raw()).digest()[:KEY_ID_BYTES]


def verifier_key(name: str, public: Ed25519PublicKey) -> str:
    """Write a key as other tools for signed notes want it (a *vkey*)."""
    return f"{check_name(name)}+{key_id(name, public).hex()}+{base64.b64encode(_ED25519 + public.public_bytes_raw()).decode('ascii')}"


def parse_verifier_key(text: str) -> tuple[str, Ed25519PublicKey]:
    """Read what :func:`verifier_key` wrote, and nothing else.

    Raises:
        JournalRefusedError: it is not an Ed25519 verifier key, or its id is another key's.
    """
    parts = text.split("+", 2)
    raw = _base64(parts[-1])
    if len(parts) != _VKEY_PARTS or raw is None or raw[:1] != _ED25519 or len(raw) != 1 + _PUBLIC_BYTES:
        raise JournalRefusedError("this is not an Ed25519 verifier key: copy it whole")
    public = Ed25519PublicKey.from_public_bytes(raw[1:])
    if verifier_key(parts[0], public) != text:
        raise JournalRefusedError("the id in the verifier key is another key's: copy it whole")
    return parts[0], public


def check_name(name: str) -> str:
    """Return the name of a key, or refuse it: not empty, no space of any kind, no plus, no control character below U+0020.

    Raises:
        JournalRefusedError: it has one.
    """
    if not _NAME.fullmatch(name):
        raise JournalRefusedError("the name of a note's key is not empty and holds no space, no plus and no control character")
    return name


def _signature(line: str) -> Signature:
    dash, _, rest = line.partition(" ")
    name, _, encoded = rest.partition(" ")
    raw = _base64(encoded)
    if dash != _DASH or raw is None or len(raw) <= KEY_ID_BYTES:
        raise JournalRefusedError("a line under the note is not a signature: an em dash, a name, and base64, with single spaces")
    return Signature(name, raw[:KEY_ID_BYTES], raw[KEY_ID_BYTES:])


def _base64(text: str) -> bytes | None:
    """Read base64 (RFC 4648, section 4); whether it is the one form is for the caller, who writes it again."""
    try:
        return base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return None
