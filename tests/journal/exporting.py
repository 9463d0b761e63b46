"""Exports for the tests: made of entries without a database, and taken apart again."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal import blocks, checkpoint, export, terms
from journal.checkpoint import Checkpoint, Signed
from journal.entry import Entry
from journal.faults import FaultKind
from journal.fold import Fold, leaf_hashes
from journal.verify import Report, verify
from tests.journal.making import an_entry

KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(32))
SIZES = (1, 5, 6, 13, 20)


def entries(size: int = SIZES[-1]) -> list[bytes]:
    """Make so many different entries."""
    return [an_entry(number).encode() for number in range(size)]


@dataclass
class Made:
    """A journal in memory, as one who holds its key could make it."""

    entries: list[bytes]
    sizes: Sequence[int] = SIZES
    key: Ed25519PrivateKey = KEY
    keys: dict[int, Ed25519PrivateKey] = field(default_factory=dict)  # the key of some sizes, where it is another

    def root(self, size: int) -> bytes:
        """Return the root of the first entries."""
        fold = Fold()
        fold.add(leaf_hashes(self.entries[:size]))
        return fold.root()

    def signed(self, size: int) -> Signed:
        """Sign the first entries."""
        known = terms.Terms(first=leaf_hashes(self.entries[:1])[0])
        for index, data in enumerate(self.entries):
            if terms.REOPENED.encode() in data:
                known.learn(index, data)
        made = Checkpoint(known.origin_at(size), size, self.root(size))
        return checkpoint.sign(made, self.keys.get(size, self.key))

    def lines(self) -> list[bytes]:
        """Return the lines of its export, each with its end."""
        found, start = [export.header(self.sizes[-1]) + b"\n"], 0
        for size in self.sizes:
            found += blocks.block(self.entries[start:size], self.signed(size))
            start = size
        return found


def line_of(index: int, sizes: Sequence[int] = SIZES) -> int:
    """Return the place of an entry's line in an export."""
    return 1 + index + 2 * sum(size <= index for size in sizes)


def judged(lines: Sequence[bytes], older: Sequence[Signed] = (), public: Ed25519PublicKey | None = None) -> Report:
    """Verify an export."""
    return verify(BytesIO(b"".join(lines)), public or KEY.public_key(), older)


def found(lines: Sequence[bytes], older: Sequence[Signed] = ()) -> list[tuple[FaultKind, int]]:
    """Verify an export, and return what is wrong without the words."""
    return [(fault.kind, fault.index) for fault in judged(lines, older).faults]


def rotated(old: Ed25519PrivateKey, new: Ed25519PublicKey) -> bytes:
    """Make the entry by which one key gives way to another."""
    return Entry(terms.ROTATED, terms.SUBJECT, an_entry(1).at, "system:cli", terms.rotation_facts(old, new), bytes(16)).encode()


def reopened(kept: int, old: Checkpoint) -> bytes:
    """Make the entry by which a journal goes on under a new origin."""
    return Entry(terms.REOPENED, terms.SUBJECT, an_entry(1).at, "system:cli", terms.reopening_facts(kept, old), bytes(16)).encode()
