"""Compare the stored entries with the stored tree, and name what differs. Pure: rows and nodes come in as streams, in order.

Where an entry and its leaf, or a node and those beneath it, disagree, the node above both is the judge: whichever of the two it
was made of was there first. So one altered cell gives one fault, and not one more on each level above it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from journal import tree
from journal.entry import Entry, instant_text
from journal.errors import JournalRefusedError
from journal.tree import Node

T = TypeVar("T")


class FaultKind(StrEnum):
    """What is wrong."""

    EDITED = "edited"  # the bytes of an entry are not those that were appended
    MISSING = "missing"  # an entry of the tree is not in the table
    INSERTED = "inserted"  # an entry in the table is not in the tree
    MOVED = "moved"  # entries of the tree stand at other indexes
    REWRITTEN = "rewritten"  # entries were changed together with their leaves
    COLUMN = "column"  # a column for look-up contradicts the entry's bytes
    UNREADABLE = "unreadable"  # the bytes are those that were appended, and are not an entry
    NODE = "node"  # a node of the tree is wrong or missing, or is none of the tree


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong, at the index of the first entry that it concerns."""

    index: int
    kind: FaultKind
    detail: str


class Row(NamedTuple):
    """A stored entry: its index, its exact bytes, and the columns beside them."""

    place: int
    data: bytes
    leaf_hash: bytes
    subject: str
    kind: str
    at: str


def faults(rows: Iterable[Row], nodes: Iterable[tuple[int, bytes]], node_total: int) -> list[Fault]:
    """Return every fault, by index.

    Args:
        rows: The entries, by index.
        nodes: The position and hash of each node, by position.
        node_total: One more than the last position there is.
    """
    return _Audit(rows, nodes).run(tree.size_of(node_total))


class _Subtree(NamedTuple):
    """A complete subtree, with the hashes that it may have: the stored one first, then the one computed if it differs."""

    node: Node
    hashes: tuple[bytes, ...]


class _Audit:
    def __init__(self, rows: Iterable[Row], nodes: Iterable[tuple[int, bytes]]) -> None:
        self._rows = _Ordered((row.place, row) for row in rows)
        self._nodes = _Ordered(nodes)
        self._found: list[Fault] = []
        self._displaced: dict[int, tuple[bytes | None, bytes | None]] = {}  # index: its hash in the tree, the hash of its row

    def run(self, size: int) -> list[Fault]:
        peaks: list[_Subtree] = []
        for index in range(size):
            top = self._leaf(index)
            for _ in range(tree.completed_by(index)):
                top = self._join(peaks.pop(), top)
            peaks.append(top)
        for peak in peaks:
            self._settle(peak, 0)
        for index, row in (*self._rows.passed, *self._rows.rest()):
            self._displaced[index] = (None, tree.leaf_hash(row.data))
        for place, _ in (*self._nodes.passed, *self._nodes.rest()):
            self._report(FaultKind.NODE, max(size - 1, 0), f"position {place} is none of the tree's")
        self._explain()
        return sorted(self._found)

    def _leaf(self, index: int) -> _Subtree:
        """Weigh an entry against its leaf."""
        row = self._rows.take(index)
        leaf = None if row is None else tree.leaf_hash(row.data)
        subtree = self._weigh(Node(0, index), leaf)
        if row is None:
            self._displaced[index] = (subtree.hashes[0] if subtree.hashes else None, None)
        elif subtree.hashes == (leaf,):
            self._columns(row)
        return subtree

    def _join(self, left: _Subtree, right: _Subtree) -> _Subtree:
        """Weigh a node against the two beneath it, and settle which of their hashes were the true ones."""
        node = Node(left.node.level + 1, left.node.offset >> 1)
        stored = self._nodes.peek(tree.position(node))
        pairs = [(one, two) for one in range(len(left.hashes)) for two in range(len(right.hashes))]
        chosen = next((pair for pair in pairs if tree.node_hash(left.hashes[pair[0]], right.hashes[pair[1]]) == stored), (0, 0))
        self._settle(left, chosen[0])
        self._settle(right, chosen[1])
        known = pairs and tree.node_hash(left.hashes[chosen[0]], right.hashes[chosen[1]])
        return self._weigh(node, known or None)

    def _weigh(self, node: Node, computed: bytes | None) -> _Subtree:
        stored = self._nodes.take(tree.position(node))
        if stored is None:
            self._report(FaultKind.NODE, node.offset << node.level, f"the node at level {node.level}, offset {node.offset}, is missing")
        hashes = dict.fromkeys(digest for digest in (stored, computed) if digest is not None)
        return _Subtree(node, tuple(hashes))

    def _settle(self, subtree: _Subtree, chosen: int) -> None:
        """Record what a disagreement meant, now that the node above has shown which hash was there first."""
        if len(subtree.hashes) <= 1:
            return
        level, offset = subtree.node
        first, last = offset << level, (offset + 1 << level) - 1
        if chosen == 1:
            self._report(FaultKind.NODE, first, f"the node at level {level}, offset {offset}, is not the hash of what it covers")
        elif level == 0:
            self._displaced[first] = (subtree.hashes[0], subtree.hashes[1])
        else:
            self._report(FaultKind.REWRITTEN, first, f"among entries {first} to {last}, some were changed together with their leaves")

    def _columns(self, row: Row) -> None:
        """Compare the columns with the entry, whose bytes are the tree's."""
        if row.leaf_hash != tree.leaf_hash(row.data):
            self._report(FaultKind.COLUMN, row.place, "the column leaf_hash contradicts the entry")
        try:
            entry = Entry.decode(row.data)
        except JournalRefusedError as error:
            self._report(FaultKind.UNREADABLE, row.place, str(error))
            return
        truth = {"subject": entry.subject, "kind": entry.kind, "at": instant_text(entry.at)}
        for name, value in truth.items():
            if getattr(row, name) != value:
                self._report(FaultKind.COLUMN, row.place, f"the column {name} contradicts the entry")

    def _explain(self) -> None:
        """Tell apart the entries that are not the tree's: edited, missing, inserted, moved."""
        homes = {want: index for index, (want, _) in self._displaced.items() if want is not None}
        present = {have for _, have in self._displaced.values() if have is not None}
        moved: list[tuple[int, int]] = []
        for index, (want, have) in sorted(self._displaced.items()):
            if have in homes:
                moved.append((index, homes[have]))
            elif have is not None and want is not None and want not in present:
                self._report(FaultKind.EDITED, index, "the entry's bytes are not those that were appended")
                continue
            elif have is not None:
                self._report(
                    FaultKind.INSERTED, index, "the tree does not hold this entry: it was inserted, or the end of the tree was cut off"
                )
            if want is None and have is None:
                self._report(FaultKind.MISSING, index, "the entry is missing, and its leaf too")
            elif want is not None and want not in present:
                self._report(FaultKind.MISSING, index, "the entry is missing")
        for first, last, shift in _runs(moved):
            self._report(FaultKind.MOVED, first, f"entries {first} to {last} were appended at {first - shift} to {last - shift}")

    def _report(self, kind: FaultKind, index: int, detail: str) -> None:
        self._found.append(Fault(index, kind, detail))


def _runs(moved: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    """Gather neighbours that moved by the same distance: first index, last index, distance."""
    run: tuple[int, int, int] | None = None
    for index, home in moved:
        if run is not None and index == run[1] + 1 and index - home == run[2]:
            run = (run[0], index, run[2])
            continue
        if run is not None:
            yield run
        run = (index, index, index - home)
    if run is not None:
        yield run


class _Ordered(Generic[T]):
    """A stream of keys in rising order and their values, taken key by key."""

    def __init__(self, items: Iterable[tuple[int, T]]) -> None:
        self._items = iter(items)
        self._next = next(self._items, None)
        self.passed: list[tuple[int, T]] = []

    def peek(self, key: int) -> T | None:
        """Return the value of a key, or None when there is none; smaller keys are set aside in ``passed``."""
        while self._next is not None and self._next[0] < key:
            self.passed.append(self._next)
            self._next = next(self._items, None)
        return self._next[1] if self._next is not None and self._next[0] == key else None

    def take(self, key: int) -> T | None:
        """Return the value of a key and go on to the next one."""
        value = self.peek(key)
        if value is not None:
            self._next = next(self._items, None)
        return value

    def rest(self) -> Iterator[tuple[int, T]]:
        """Give what is left."""
        while self._next is not None:
            yield self._next
            self._next = next(self._items, None)
