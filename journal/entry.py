"""One entry of the journal: what happened, to what, when, by whom, with which facts.

An entry outlives the data that it speaks of, so it refuses what could name a person: every string is an identifier, a code, a
date, an instant or a hash. The patterns below stop accidents (a name, an address, a file's name passed in the wrong place), not
somebody who sets out to hide a name in a code.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Final, Self, TypeAlias

from journal import canonical, tree
from journal.errors import JournalRefusedError

Fact: TypeAlias = canonical.Encodable

VERSION: Final = 1
SALT_BYTES: Final = 16
MAX_BYTES: Final = 64 * 1024

_MEMBERS: Final = frozenset({"actor", "at", "facts", "kind", "salt", "subject", "v"})
_KIND: Final = re.compile(r"(?=.{3,64}\Z)[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)+")
_RANDOM_ID: Final = re.compile(r"(?=.{34,64}\Z)[a-z]+(?:_[a-z]+)*_[0-9a-f]{32}")
_SYSTEM_ID: Final = re.compile(r"system:[a-z][a-z0-9-]{0,31}")
_AT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_SALT: Final = re.compile(r"[0-9a-f]{32}")
_FACT_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
_FACT_TEXT: Final = re.compile(r"[A-Za-z0-9_.:+/=-]{1,128}")
_PROPER_NAME: Final = re.compile(r"(?=.*[A-Z])[A-Z]?[a-z]+(?:[-._/][A-Z]?[a-z]+)*")
_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9.-]{7,}[0-9]")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_FILE_NAME: Final = re.compile(r".*\.(?:aac|csv|docx?|eml|flac|m4a|mp[34]|ogg|opus|pdf|txt|wav|wma|xlsx?|zip)", re.IGNORECASE)


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    Attributes:
        kind: A dotted lower-case name such as ``deposit.accepted``.
        subject: What it happened to: a random identifier (``rec_`` and 32 hexadecimal digits) or ``system:<part>``.
        at: The instant, aware, in UTC, to the microsecond.
        actor: Who did it, in the form of ``subject``.
        facts: Names to identifiers, codes, ISO dates and instants, hexadecimal hashes, integers, booleans, null, and lists and
            objects of those. Frozen on the way in: lists become tuples, mappings become read-only.
        salt: 16 random bytes, made here unless given, so that nobody can find an entry's facts by trying its hash.

    Raises:
        JournalRefusedError: a part is not of its form. The message names the part and never shows its value.
    """

    kind: str
    subject: str
    at: datetime
    actor: str
    facts: Mapping[str, Fact] = field(hash=False)
    salt: bytes = field(default_factory=lambda: secrets.token_bytes(SALT_BYTES), repr=False)

    def __post_init__(self) -> None:
        """Refuse what does not conform, and freeze the facts."""
        _match(_KIND, self.kind, "the kind", "a dotted lower-case name such as deposit.accepted")
        for part, value in (("the subject", self.subject), ("the actor", self.actor)):
            if not is_identifier(value):
                raise JournalRefusedError(f"{part} is not an identifier: use a random id such as rec_ and 32 hex digits, or system:part")
        if self.at.utcoffset() != timedelta(0):
            raise JournalRefusedError("the instant of an entry must be aware and in UTC")
        if len(self.salt) != SALT_BYTES:
            raise JournalRefusedError(f"the salt of an entry has {SALT_BYTES} bytes")
        if not isinstance(self.facts, Mapping):
            raise JournalRefusedError("the facts of an entry are a mapping of names to values")
        object.__setattr__(self, "at", self.at.replace(tzinfo=UTC))
        object.__setattr__(self, "facts", _frozen(self.facts, "facts", canonical.MAX_DEPTH - 2))
        if len(self.encode()) > MAX_BYTES:
            raise JournalRefusedError(f"an entry has at most {MAX_BYTES} bytes: put the facts in the registry, and their hash here")

    def encode(self) -> bytes:
        """Write the entry in its only form."""
        return canonical.encode(
            {
                "actor": self.actor,
                "at": instant_text(self.at),
                "facts": self.facts,
                "kind": self.kind,
                "salt": self.salt.hex(),
                "subject": self.subject,
                "v": VERSION,
            },
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read an entry back; ``Entry.decode(data).encode() == data`` for all that it accepts.

        Raises:
            JournalRefusedError: the bytes are not the canonical form of an entry.
        """
        if len(data) > MAX_BYTES:
            raise JournalRefusedError(f"an entry has at most {MAX_BYTES} bytes")
        members = canonical.decode(data)
        if not isinstance(members, dict) or members.keys() != _MEMBERS:
            raise JournalRefusedError("an entry has exactly the members actor, at, facts, kind, salt, subject and v")
        if members["v"] is True or members["v"] != VERSION:
            raise JournalRefusedError(f"an entry of a version other than {VERSION}: use a newer release to read it")
        facts = members["facts"]
        if not isinstance(facts, dict):
            raise JournalRefusedError("the facts of an entry are an object")
        return cls(
            kind=_text(members["kind"], "the kind"),
            subject=_text(members["subject"], "the subject"),
            at=_instant(_text(members["at"], "the instant")),
            actor=_text(members["actor"], "the actor"),
            facts=facts,
            salt=bytes.fromhex(_match(_SALT, _text(members["salt"], "the salt"), "the salt", "32 hexadecimal digits")),
        )

    @property
    def leaf_hash(self) -> bytes:
        """The 32 bytes that stand for this entry in the tree (RFC 6962, section 2.1)."""
        return tree.leaf_hash(self.encode())


def is_identifier(value: str) -> bool:
    """Say whether a string has the form of a subject or an actor."""
    return bool(_RANDOM_ID.fullmatch(value) or _SYSTEM_ID.fullmatch(value))


def instant_text(instant: datetime) -> str:
    """Write an instant as entries do: UTC, always six decimals, ``Z``."""
    return instant.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def salted_hash(text: str, salt: bytes) -> str:
    """Return the hash that stands in an entry for a text, such as a reason, which stays outside the journal.

    HMAC-SHA-256 keyed by the salt, in hexadecimal. The salt is one of its own, kept beside the text and cleared with it: with the
    entry's salt, which is published, a short text could be found again by trying.

    Raises:
        JournalRefusedError: the salt is shorter than 16 bytes.
    """
    if len(salt) < SALT_BYTES:
        raise JournalRefusedError(f"the salt of a hash has at least {SALT_BYTES} random bytes")
    return hmac.new(salt, text.encode("utf-8"), hashlib.sha256).hexdigest()


def _frozen(value: object, name: str, depth: int) -> Fact:
    """Check a fact and make it immutable; ``name`` is where it stands, for messages."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, str):
        return _fact_text(value, name)
    if depth == 0:
        raise JournalRefusedError("the facts of an entry are nested too deeply")
    if isinstance(value, Mapping):
        names = [_match(_FACT_NAME, key, f"a name in {name}", "lower-case letters, digits and _") for key in value]
        return MappingProxyType({key: _frozen(value[key], f"{name}.{key}", depth - 1) for key in names})
    if isinstance(value, list | tuple):
        return tuple(_frozen(item, name, depth - 1) for item in value)
    raise JournalRefusedError(f"{name} is of type {type(value).__name__}: write dates and instants in ISO form, hashes in hexadecimal")


def _fact_text(value: str, name: str) -> str:
    """Refuse free text and what looks like a person's name, a telephone number or a file's name."""
    text = _match(_FACT_TEXT, value, name, "1 to 128 of A-Z a-z 0-9 _ . : + / = -: no free text; store its salted hash")
    if _PROPER_NAME.fullmatch(text):
        raise JournalRefusedError(f"{name} looks like a name: store an identifier or a code")
    if _TELEPHONE.fullmatch(text) and not _DAY.fullmatch(text):
        raise JournalRefusedError(f"{name} looks like a telephone number: store numbers as integers")
    if _FILE_NAME.fullmatch(text):
        raise JournalRefusedError(f"{name} looks like a file's name: store an identifier")
    return text


def _match(pattern: re.Pattern[str], value: object, name: str, form: str) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise JournalRefusedError(f"{name} is not of its form: {form}")
    return str(value)


def _text(value: canonical.Json, name: str) -> str:
    if not isinstance(value, str):
        raise JournalRefusedError(f"{name} of an entry is a string")
    return value


def _instant(text: str) -> datetime:
    _match(_AT, text, "the instant", "2026-05-25T22:00:00.000000Z")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise JournalRefusedError("the instant of an entry is not in the calendar") from error
