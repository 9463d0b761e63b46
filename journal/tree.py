"""The Merkle tree of RFC 6962 and RFC 9162, over a store of the hashes of its complete subtrees.

Only complete subtrees are stored: those that no later entry can change. Node ``(level, offset)`` covers the leaves from
``offset * 2**level`` to ``(offset + 1) * 2**level``, the last not included. Roots and proofs are folded from at most
``2 * log2(size)`` of them, fetched in one go. Nothing here reads or writes by itself.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from journal.errors import JournalRefusedError

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()


class Node(NamedTuple):
    """The place of a complete subtree."""

    level: int
    offset: int


class NodeStore(Protocol):
    """Where the hashes of complete subtrees are kept."""

    def nodes(self, wanted: Sequence[Node]) -> Mapping[Node, bytes]:
        """Return the 32-byte hash of each of these nodes, all of them; raise when one is missing."""
        ...


def leaf_hash(data: bytes) -> bytes:
    """Hash an entry (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them (RFC 6962, section 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def node_count(size: int) -> int:
    """Return how many complete subtrees, leaves included, a tree of this many leaves has."""
    return 2 * size - size.bit_count()


def size_of(nodes: int) -> int:
    """Return the size of the smallest tree that has at least this many complete subtrees, leaves included."""
    size = max((nodes + 1) // 2, 0)
    while node_count(size) < nodes:
        size += 1
    return size


def position(node: Node) -> int:
    """Return the rank of a node in the order in which appending makes them: each leaf, then the subtrees that it completes."""
    last_leaf = ((node.offset + 1) << node.level) - 1
    return node_count(last_leaf) + node.level


def completed_by(leaf: int) -> int:
    """Return how many levels of subtrees above itself the leaf of this index completes."""
    return (~leaf & (leaf + 1)).bit_length() - 1


def cover(start: int, stop: int) -> tuple[Node, ...]:
    """Return, from left to right, the largest complete subtrees that together cover these leaves.

    The range must be one that the recursion of RFC 6962 meets: its start is a multiple of the least power of two that is not
    smaller than its length.
    """
    nodes = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        nodes.append(Node(level, start >> level))
        start += 1 << level
    return tuple(nodes)


def extend(store: NodeStore, size: int, leaves: Iterable[bytes]) -> list[tuple[Node, bytes]]:
    """Return the nodes that appending these leaf hashes to a tree of this size adds, in the order of :func:`position`."""
    peaks_at = cover(0, size)
    known = store.nodes(peaks_at)
    peaks = [known[node] for node in peaks_at]
    added: list[tuple[Node, bytes]] = []
    for index, leaf in enumerate(leaves, start=size):
        top = leaf
        added.append((Node(0, index), top))
        for level in range(1, completed_by(index) + 1):
            top = node_hash(peaks.pop(), top)
            added.append((Node(level, index >> level), top))
        peaks.append(top)
    return added


def root(store: NodeStore, size: int) -> bytes:
    """Return the root of the tree of the first ``size`` leaves; for none, the hash of the empty string."""
    return _fold(store, [(0, size)])[0] if size else EMPTY_ROOT


def inclusion_proof(store: NodeStore, index: int, size: int) -> tuple[bytes, ...]:
    """Return the path from a leaf to the root of the tree of the first ``size`` leaves (RFC 6962, section 2.1.1).

    Raises:
        JournalRefusedError: that tree has no such leaf.
    """
    if not 0 <= index < size:
        raise JournalRefusedError(f"a tree of {size} entries has no entry {index}")
    start, stop = 0, size
    ranges = []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return _fold(store, ranges[::-1])


def consistency_proof(store: NodeStore, old: int, new: int) -> tuple[bytes, ...]:
    """Return the proof that the tree of ``old`` leaves begins the tree of ``new`` leaves (RFC 6962, section 2.1.2).

    Empty where there is nothing to prove: when the sizes are equal, and when the old tree is empty.

    Raises:
        JournalRefusedError: the sizes are not in order.
    """
    if not 0 <= old <= new:
        raise JournalRefusedError(f"a tree of {old} entries cannot begin one of {new}")
    if old in (0, new):
        return ()
    start, stop, whole = 0, new, True
    ranges = []
    while stop != old:
        middle = start + _split(stop - start)
        if old <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    if not whole:
        ranges.append((start, stop))
    return _fold(store, ranges[::-1])


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], expected_root: bytes) -> bool:
    """Say whether the proof puts this leaf hash at this index under this root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    here, last, result = index, size - 1, leaf
    for sibling in proof:
        if last == 0 or len(sibling) != HASH_BYTES:
            return False
        if here & 1 or here == last:
            result = node_hash(sibling, result)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            result = node_hash(result, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and result == expected_root


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> bool:
    """Say whether the proof shows that the old tree begins the new one (RFC 9162, section 2.1.4.2)."""
    if not 0 <= old <= new:
        return False
    if old in (0, new):
        return not proof and old_root == (new_root if old == new else EMPTY_ROOT) and (new > 0 or new_root == EMPTY_ROOT)
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    if not path or any(len(node) != HASH_BYTES for node in path):
        return False
    here, last = old - 1, new - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old_result = new_result = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old_result, new_result = node_hash(sibling, old_result), node_hash(sibling, new_result)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new_result = node_hash(new_result, sibling)
        here, last = here >> 1, last >> 1
    return last == 0 and old_result == old_root and new_result == new_root


def _split(length: int) -> int:
    """Return the largest power of two below a length of at least 2."""
    return 1 << ((length - 1).bit_length() - 1)


def _fold(store: NodeStore, ranges: Sequence[tuple[int, int]]) -> tuple[bytes, ...]:
    """Return the hash over each range of leaves, with one reading of the store."""
    covers = [cover(start, stop) for start, stop in ranges]
    known = store.nodes([node for nodes in covers for node in nodes])
    return tuple(_root_of([known[node] for node in nodes]) for nodes in covers)


def _root_of(peaks: Sequence[bytes]) -> bytes:
    result = peaks[-1]
    for peak in reversed(peaks[:-1]):
        result = node_hash(peak, result)
    return result
