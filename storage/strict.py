"""Read canonical JSON documents strictly: one exact encoding, exact fields, exact types."""

import base64
import binascii
from collections.abc import Collection
from datetime import UTC, datetime

from journal import canonical
from journal.errors import JournalRefusedError
from storage.errors import Tampered


def b64(data: bytes) -> str:
    """Write bytes as text: base64 of RFC 4648, section 4, with padding."""
    return base64.b64encode(data).decode("ascii")


def b64_decode(text: str, what: str) -> bytes:
    """Read what :func:`b64` wrote, and nothing else.

    Raises:
        Tampered: another alphabet, spaces, missing padding or stray bits.
    """
    try:
        data = base64.b64decode(text, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Tampered(f"{what} is not base64: restore the file from its other copy") from error
    if b64(data) != text:
        raise Tampered(f"{what} is not in its one exact base64 form: restore the file from its other copy")
    return data


def instant(at: datetime) -> str:
    """Write an aware instant as UTC with microseconds, ``2026-05-25T21:59:00.000000Z``."""
    if at.tzinfo is None:
        msg = "an instant must carry its time zone"
        raise ValueError(msg)
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Fields:
    """The fields of one object, taken out by name and type; whatever is wrong is :class:`Tampered`."""

    def __init__(self, values: canonical.Json, names: Collection[str], what: str) -> None:
        if not isinstance(values, dict) or set(values) != set(names):
            raise Tampered(f"{what} does not have exactly the fields {', '.join(sorted(names))}: restore it from its other copy")
        self._values = values
        self._what = what

    def _wrong(self, name: str, wanted: str) -> Tampered:
        return Tampered(f"{self._what}: field {name} is not {wanted}; restore it from its other copy")

    def text(self, name: str) -> str:
        """Return a text that is not empty."""
        value = self._values[name]
        if not isinstance(value, str) or not value:
            raise self._wrong(name, "a text")
        return value

    def exactly(self, name: str, wanted: str) -> None:
        """Refuse any other text, such as the format of another kind of document."""
        if self._values[name] != wanted:
            raise self._wrong(name, wanted)

    def count(self, name: str) -> int:
        """Return a whole number that is not negative."""
        value = self._values[name]
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise self._wrong(name, "a whole number")
        return value

    def data(self, name: str) -> bytes:
        """Return the bytes of a base64 text."""
        return b64_decode(self.text(name), f"{self._what}: field {name}")

    def digest(self, name: str) -> bytes:
        """Return the 32 bytes of a SHA-256 written in lower hexadecimal."""
        value = self.text(name)
        try:
            digest = bytes.fromhex(value)
        except ValueError as error:
            raise self._wrong(name, "a SHA-256 in hexadecimal") from error
        if digest.hex() != value or len(digest) != 32:  # noqa: PLR2004  # SHA-256
            raise self._wrong(name, "a SHA-256 in hexadecimal")
        return digest

    def at(self, name: str) -> datetime:
        """Return an instant written by :func:`instant`."""
        value = self.text(name)
        try:
            at = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
        except ValueError as error:
            raise self._wrong(name, "an instant in UTC") from error
        if instant(at) != value:
            raise self._wrong(name, "an instant in UTC")
        return at

    def objects(self, name: str) -> list[canonical.Json]:
        """Return a list, its items not yet looked at."""
        value = self._values[name]
        if not isinstance(value, list):
            raise self._wrong(name, "a list")
        return value

    def inner(self, name: str) -> canonical.Json:
        """Return a value not yet looked at."""
        return self._values[name]


def parse(data: bytes, what: str) -> canonical.Json:
    """Parse canonical JSON.

    Raises:
        Tampered: not JSON, or not the one exact encoding of what it says (spaces, order, repeated names, escapes).
    """
    try:
        return canonical.decode(data)
    except JournalRefusedError as error:
        raise Tampered(f"{what} is not a document in its one exact encoding: restore it from its other copy") from error
