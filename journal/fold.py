"""Fold leaf hashes into a root in one pass, many at a time: for whoever holds every entry and no stored node. Pure.

The same tree as in :mod:`journal.tree`. It goes level by level over each batch, which in Python costs half of what entry by entry does.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Final

from journal import tree

_sha256: Final = hashlib.sha256
_LEAF: Final = hashlib.sha256(b"\x00")


class Fold:
    """The complete subtrees of the leaves so far: one at most of each level."""

    def __init__(self) -> None:
        self.size = 0
        self._peaks: list[bytes | None] = []

    def copy(self) -> "Fold":
        """Return one that goes its own way from here."""
        twin = Fold()
        twin.size, twin._peaks = self.size, list(self._peaks)
        return twin

    def add(self, leaves: Sequence[bytes]) -> None:
        """Append leaf hashes, in order."""
        self.size += len(leaves)
        rising, level = list(leaves), 0
        while rising:
            if level == len(self._peaks):
                self._peaks.append(None)
            waiting = self._peaks[level]
            if waiting is not None:
                rising.insert(0, waiting)
            self._peaks[level] = rising.pop() if len(rising) & 1 else None
            each = iter(rising)
            rising = [_sha256(b"\x01" + left + right).digest() for left, right in zip(each, each, strict=True)]
            level += 1

    def root(self) -> bytes:
        """Return the root over the leaves so far."""
        found: bytes | None = None
        for peak in self._peaks:
            if peak is not None:
                found = peak if found is None else tree.node_hash(peak, found)
        return tree.EMPTY_ROOT if found is None else found


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """Hash entries into leaves (RFC 6962, section 2.1). A state copied for each costs less than joining the prefix to each."""
    found = []
    for data in entries:
        state = _LEAF.copy()
        state.update(data)
        found.append(state.digest())
    return found
