"""Verify an export without a database: every entry, every root, every signature, and older checkpoints kept elsewhere. Pure.

One pass, one block at a time:

1. hash the entries since the checkpoint before, and fold them onto the subtrees so far;
2. where the root is the checkpoint's, they are what was signed;
3. where it is not, the list of leaf hashes in the file, if it leads to that root, tells which entries are to blame;
4. older checkpoints that fall into the block are compared with the root at their size;
5. at the end, each signature is checked with the key that was in force, and the end with what the header announces.

It trusts the key that the caller gives, and nothing in the file. What it cannot see: entries after the newest checkpoint that anybody
kept outside, if who holds the log key rewrote them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from journal import blocks, export
from journal.checkpoint import Signed
from journal.differences import differences
from journal.errors import JournalRefusedError
from journal.faults import Fault, FaultKind
from journal.fold import Fold, leaf_hashes
from journal.note import Outcome
from journal.older import Older
from journal.terms import MARK, Reopening, Terms

_PIECE: Final = 1 << 17  # bytes: what stays in a processor's cache while it is cut up and hashed


@dataclass(frozen=True)
class Report:
    """What an export is, and what is wrong with it.

    Attributes:
        size: How many entries a checkpoint vouches for.
        origin: The journal's name; empty when not one entry could be read.
        root: The root over them.
        checkpoints: How many checkpoints the export holds.
        reopenings: Where the journal itself says that entries were lost.
        rotations: How many times the log key changed.
        faults: By index; none means that all holds.
    """

    size: int
    origin: str
    root: bytes
    checkpoints: int
    reopenings: tuple[Reopening, ...]
    rotations: int
    faults: tuple[Fault, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def verify(file: BinaryIO, public: Ed25519PublicKey, older: Sequence[Signed] = ()) -> Report:
    """Read an export to its end and return what is wrong with it.

    Args:
        file: The export, in bytes.
        public: The log key, from a source that is not the export: the centre's page, a daily mail.
        older: Checkpoints kept elsewhere, which the export must not contradict.
    """
    return _Verification(public, older).run(file)


class _Verification:
    def __init__(self, public: Ed25519PublicKey, older: Sequence[Signed]) -> None:
        self._public = public
        self._fold = Fold()
        self._terms = Terms()
        self._older = Older(older, public)
        self._found: list[Fault] = []
        self._signed: list[Signed] = []
        self._outcomes: list[Outcome] = []  # of their signatures with the key given
        self._total = 0
        self._vouched = 0  # the size of the last checkpoint whose root came out and whose signature holds
        self._astray = False  # whether the entries so far are not those that were signed, and which they were cannot be told
        self._leaves: list[bytes] = []  # of the block being read
        self._listed: bytes | None = None  # its list of leaf hashes, once that is read
        self._special: list[tuple[int, bytes]] = []  # its entries that may speak of the journal itself: place and bytes

    def run(self, file: BinaryIO) -> Report:
        pieces = _pieces(file)
        try:
            self._total = export.read_header(next(pieces, b"").rstrip(b"\n"))
        except JournalRefusedError as error:
            self._report(FaultKind.MALFORMED, 0, str(error))
            return self._finished()
        for piece in pieces:
            if not self._take(piece):
                self._leaves.append(b"")  # something that is no whole line, or that follows the end
                break
        self._end()
        return self._finished()

    def _take(self, piece: bytes) -> bool:
        """Go through some whole lines; tell whether that is what they were."""
        lines = piece.split(b"\n")
        if lines.pop():
            return False
        marked, start = MARK in piece, 0
        for at in [at for at, line in enumerate(lines) if not line.startswith(blocks.ENTRY)]:
            line = lines[at]
            if line.startswith(blocks.LEAVES) and self._listed is None:
                self._read(lines[start:at], marked=marked)
                self._listed, start = line, at + 1
            elif line.startswith(blocks.CHECKPOINT):
                self._read(lines[start:at], marked=marked)
                self._close(self._listed, line)
                self._listed, start = None, at + 1
            if self._fold.size >= self._total:
                return start == len(lines)
        self._read(lines[start:], marked=marked)
        return True

    def _read(self, entries: list[bytes], *, marked: bool) -> None:
        """Hash entries; those that speak of the journal itself are set aside."""
        start = len(self._leaves)
        if entries and self._listed is not None:
            self._report(FaultKind.MALFORMED, self._fold.size + start, "entries follow the list of their leaf hashes")
        self._leaves += leaf_hashes(entries)
        if marked:
            self._special += [(start + place, data) for place, data in enumerate(entries) if MARK in data]

    def _close(self, listed: bytes | None, line: bytes) -> None:
        """Judge a block, now that its checkpoint is read."""
        try:
            signed = blocks.read_checkpoint(line)
        except JournalRefusedError as error:
            self._report(FaultKind.MALFORMED, self._fold.size + len(self._leaves), f"a checkpoint cannot be read: {error}")
            self._go_on(self._leaves)
            return
        self._signed.append(signed)
        self._outcomes.append(signed.check(self._public))
        claimed = self._claimed(listed)
        if (fold := self._leads(self._leaves, signed)) is not None:
            if claimed is not self._leaves:
                detail = "the list of leaf hashes is not that of the entries, which are those signed"
                self._report(FaultKind.MALFORMED, self._fold.size, detail)
            self._accept(self._leaves, fold)
        elif claimed is not None and (fold := self._leads(claimed, signed)) is not None:
            self._found += differences(claimed, self._leaves, self._fold.size)
            self._accept(claimed, fold)
        else:
            if not self._astray:
                last = max(signed.checkpoint.size, self._vouched + 1) - 1
                self._report(FaultKind.REWRITTEN, self._vouched, f"entries {self._vouched} to {last} are not those that were signed")
            self._astray = True
            self._go_on(self._leaves)

    def _claimed(self, listed: bytes | None) -> list[bytes] | None:
        if listed is None:
            return None
        if listed == blocks.leaves_line(self._leaves):
            return self._leaves
        try:
            return blocks.read_leaves(listed)
        except JournalRefusedError:
            return None

    def _leads(self, leaves: list[bytes], signed: Signed) -> Fold | None:
        """Fold a block in, and return the result if it has the checkpoint's root."""
        if self._astray or self._fold.size + len(leaves) != signed.checkpoint.size:
            return None
        fold = self._fold.copy()
        fold.add(leaves)
        return fold if fold.root() == signed.checkpoint.root else None

    def _accept(self, leaves: list[bytes], fold: Fold) -> None:
        """Go on from a root that came out."""
        here = set(leaves) if leaves is not self._leaves else None
        for place, data in self._special:
            if here is None or leaf_hashes([data])[0] in here:
                self._learn(self._fold.size + place, data)
        if self._outcomes[-1] is Outcome.GOOD:
            self._vouched = fold.size
        self._go_on(leaves, fold)

    def _learn(self, index: int, data: bytes) -> None:
        try:
            self._terms.learn(index, data)
        except JournalRefusedError as error:
            self._report(FaultKind.MALFORMED, index, f"entry {index} speaks of the journal, and cannot be followed: {error}")

    def _go_on(self, leaves: list[bytes], fold: Fold | None = None) -> None:
        """Begin the next block, after these leaves, already folded in or not."""
        if self._fold.size == 0 and leaves:
            self._terms.first = leaves[0]
        if not self._astray:
            self._older.compare(self._fold, leaves)
        if fold is None:
            self._fold.add(leaves)
        else:
            self._fold = fold
        self._leaves, self._special = [], []

    def _end(self) -> None:
        """Compare the end with what was announced, then check who signed what."""
        size = self._fold.size
        if size >= self._total and (self._leaves or size > self._total):
            self._report(FaultKind.EXTENDED, self._total, f"the export announces {self._total} entries and goes on after them")
        elif size < self._total:
            here = size + len([leaf for leaf in self._leaves if leaf])
            self._report(FaultKind.CUT, here, f"the export announces {self._total} entries with their checkpoint, and ends at {here}")
        if self._terms.first is not None:
            self._signatures()
            self._found += self._older.judge(self._terms, size, astray=self._astray)

    def _signatures(self) -> None:
        """Check each checkpoint's name, and its signature with the key in force."""
        strangers: list[int] = []
        trusted = self._public.public_bytes_raw()
        for signed, with_ours in zip(self._signed, self._outcomes, strict=True):
            size = signed.checkpoint.size
            if not self._astray and signed.checkpoint.origin != self._terms.origin_at(size):
                self._report(FaultKind.WRONG_ORIGIN, size, f"the checkpoint of size {size} bears the name of another journal")
            raw = self._terms.key_at(size, trusted)
            outcome = with_ours if raw == trusted else Outcome.UNKNOWN
            if raw is not None and raw != trusted:
                outcome = signed.check(Ed25519PublicKey.from_public_bytes(raw))
            if outcome is Outcome.BAD:
                self._report(FaultKind.BAD_SIGNATURE, size, f"the signature of the checkpoint of size {size} does not hold")
            elif outcome is Outcome.UNKNOWN:
                strangers.append(size)
        if strangers:
            detail = f"{len(strangers)} of {len(self._signed)} checkpoints, the first of size {strangers[0]}, are signed by another key"
            self._report(FaultKind.WRONG_KEY, strangers[0], detail)

    def _finished(self) -> Report:
        size = self._fold.size
        origin = "" if self._terms.first is None else self._terms.origin_at(size)
        return Report(
            size,
            origin,
            self._fold.root(),
            len(self._signed),
            tuple(self._terms.reopenings),
            len(self._terms.rotations),
            tuple(sorted(self._found)),
        )

    def _report(self, kind: FaultKind, index: int, detail: str) -> None:
        self._found.append(Fault(index, kind, detail))


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    """Give the first line, then whole lines, many at a time; last, what is left without an end of line."""
    yield file.readline()
    rest = b""
    while chunk := file.read(_PIECE):
        cut = chunk.rfind(b"\n") + 1
        if cut:
            yield rest + chunk[:cut]
            rest = chunk[cut:]
        else:
            rest += chunk
    if rest:
        yield rest
