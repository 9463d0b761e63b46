"""Under which name, and with which key, a journal's checkpoints are signed: its first entry and a few others say so. Pure.

The *origin* is made of the hash of the entry that began it: entry 0, or the last entry ``journal.reopened``, which a journal writes
when entries that an outside checkpoint had signed are lost. An entry ``journal.key_rotated`` names the next log key, and carries the
old one's signature of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal import tree
from journal.checkpoint import Checkpoint
from journal.entry import Entry, Fact
from journal.errors import JournalRefusedError

REOPENED: Final = "journal.reopened"
ROTATED: Final = "journal.key_rotated"
KINDS: Final = (REOPENED, ROTATED)
SUBJECT: Final = "system:journal"
MARK: Final = b'"kind":"journal.'
"""Bytes that every such entry holds in its one form, and hardly any other: to find them without reading every entry."""

_PREFIX: Final = "consigne-journal/"
_ORIGIN_DIGITS: Final = 32
_ROTATION: Final = "consigne-log-key-rotation-1"


def origin_from(leaf_hash: bytes) -> str:
    """Return the origin that the entry of this leaf hash begins."""
    return _PREFIX + leaf_hash.hex()[:_ORIGIN_DIGITS]


@dataclass(frozen=True)
class Reopening:
    """The journal went on under a new origin, from this index on, after ``lost`` entries of the old one."""

    index: int
    leaf_hash: bytes
    old: Checkpoint

    @property
    def lost(self) -> int:
        """How many entries the old origin's last known checkpoint had signed, and are lost."""
        return self.old.size - self.index

    @classmethod
    def read(cls, index: int, entry: Entry) -> Self:
        """Read it from its entry.

        Raises:
            JournalRefusedError: the entry does not say what it should.
        """
        facts = entry.facts
        found = cls(
            index,
            entry.leaf_hash,
            Checkpoint(_text(facts, "old_origin"), _number(facts, "old_size"), bytes.fromhex(_hex(facts, "old_root", tree.HASH_BYTES))),
        )
        if _number(facts, "kept") != index:
            raise JournalRefusedError("a reopening says that other entries were kept than stand before it")
        return found


def reopening_facts(kept: int, old: Checkpoint) -> dict[str, Fact]:
    """Return the facts of the entry ``journal.reopened`` that will stand at index ``kept``."""
    return {"kept": kept, "old_origin": old.origin, "old_root": old.root.hex(), "old_size": old.size}


@dataclass(frozen=True)
class Rotation:
    """From the entry of this index on, included, checkpoints are signed with another key. Both are 32 bytes, raw."""

    index: int
    old: bytes
    new: bytes

    @classmethod
    def read(cls, index: int, entry: Entry) -> Self:
        """Read it from its entry, and check the old key's signature.

        Raises:
            JournalRefusedError: the entry does not say what it should, or the signature does not hold.
        """
        old, new = (bytes.fromhex(_hex(entry.facts, name, 32)) for name in ("old_key", "new_key"))
        signature = bytes.fromhex(_hex(entry.facts, "signature", 64))
        try:
            Ed25519PublicKey.from_public_bytes(old).verify(signature, _rotation_text(old, new))
        except InvalidSignature as error:
            raise JournalRefusedError("the old key did not sign the new one") from error
        return cls(index, old, new)


def rotation_facts(old: Ed25519PrivateKey, new: Ed25519PublicKey) -> dict[str, Fact]:
    """Return the facts of the entry ``journal.key_rotated``: write it, then sign with the new key only."""
    keys = old.public_key().public_bytes_raw(), new.public_bytes_raw()
    return {"new_key": keys[1].hex(), "old_key": keys[0].hex(), "signature": old.sign(_rotation_text(*keys)).hex()}


@dataclass
class Terms:
    """What a journal's own entries say of its name and its keys, as far as it was read."""

    first: bytes | None = None
    reopenings: list[Reopening] = field(default_factory=list)
    rotations: list[Rotation] = field(default_factory=list)

    def learn(self, index: int, data: bytes) -> None:
        """Take in one entry that holds ``MARK``, in order; other entries about the journal are passed over.

        Raises:
            JournalRefusedError: it is one of ours and does not say what it should.
        """
        entry = Entry.decode(data)
        if entry.kind == REOPENED:
            self.reopenings.append(Reopening.read(index, entry))
        elif entry.kind == ROTATED:
            rotation = Rotation.read(index, entry)
            if self.rotations and self.rotations[-1].new != rotation.old:
                raise JournalRefusedError("a key gave way to another that was not in force")
            self.rotations.append(rotation)

    def origin_at(self, size: int) -> str:
        """Return the origin that a checkpoint of this size bears.

        Raises:
            JournalRefusedError: no first entry is known.
        """
        begun = [one.leaf_hash for one in self.reopenings if one.index < size]
        if self.first is None:
            raise JournalRefusedError("a journal without entries has no origin: write the first entry")
        return origin_from(begun[-1] if begun else self.first)

    def key_at(self, size: int, trusted: bytes) -> bytes | None:
        """Return the raw key that signs a checkpoint of this size, if the chain of rotations holds the trusted key; else None.

        Without rotations that is the trusted key. The chain is as good as its place in the tree: whoever checks the signatures
        checks the tree first.
        """
        if not self.rotations:
            return trusted
        chain = [self.rotations[0].old, *(one.new for one in self.rotations)]
        if trusted not in chain:
            return None
        return chain[sum(one.index < size for one in self.rotations)]


def _rotation_text(old: bytes, new: bytes) -> bytes:
    return f"{_ROTATION}\n{old.hex()}\n{new.hex()}\n".encode("ascii")


def _text(facts: Mapping[str, Fact], name: str) -> str:
    value = facts.get(name)
    if not isinstance(value, str):
        raise JournalRefusedError(f"the fact {name} is missing, or is not text")
    return value


def _number(facts: Mapping[str, Fact], name: str) -> int:
    value = facts.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise JournalRefusedError(f"the fact {name} is missing, or is not a number")
    return value


def _hex(facts: Mapping[str, Fact], name: str, length: int) -> str:
    value = _text(facts, name)
    if len(value) != 2 * length or not set(value) <= set("0123456789abcdef"):
        raise JournalRefusedError(f"the fact {name} has {length} bytes, in hexadecimal")
    return value
