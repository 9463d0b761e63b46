"""Compare a journal with older checkpoints that were kept elsewhere. Pure."""

from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from journal.checkpoint import Signed
from journal.faults import Fault, FaultKind
from journal.fold import Fold
from journal.note import Outcome
from journal.terms import Terms, origin_from


class Older:
    """Older checkpoints, and what the journal has at their sizes."""

    def __init__(self, kept: Sequence[Signed], public: Ed25519PublicKey) -> None:
        self._kept = sorted(kept, key=lambda one: one.checkpoint.size)
        self._public = public
        self._roots: dict[int, bytes] = {0: Fold().root()}

    def compare(self, before: Fold, leaves: Sequence[bytes]) -> None:
        """Take the roots that are wanted within a block: what stood before it, and its leaf hashes. Neither is changed."""
        wanted = {one.checkpoint.size for one in self._kept if before.size < one.checkpoint.size <= before.size + len(leaves)}
        for size in wanted:
            fold = before.copy()
            fold.add(leaves[: size - before.size])
            self._roots[size] = fold.root()

    def judge(self, terms: Terms, size: int, *, astray: bool) -> Iterator[Fault]:
        """Say what the older checkpoints contradict, in a journal of this size.

        Args:
            terms: what the journal says of itself, its first entry at least.
            size: how many entries it has.
            astray: whether its entries are already known not to be those signed.
        """
        agreed = 0
        for one in self._kept:
            yield from self._signature(terms, one)
            fault = None if astray else self._fault(terms, one, size, agreed)
            if fault is None:
                agreed = max(agreed, min(one.checkpoint.size, size))
            else:
                yield fault

    def _fault(self, terms: Terms, one: Signed, size: int, agreed: int) -> Fault | None:
        wanted = one.checkpoint
        end = next((lost for lost in terms.reopenings if lost.old.origin == wanted.origin), None)
        if end is not None and wanted.size > end.index:
            if wanted.size > end.old.size or (wanted.size == end.old.size and wanted.root != end.old.root):
                return Fault(
                    end.index, FaultKind.FORKED, f"the older checkpoint of size {wanted.size} is not of what entry {end.index} calls lost"
                )
            detail = f"the older checkpoint of size {wanted.size} covers entries that entry {end.index} says were lost, from {end.index} on"
            return Fault(end.index, FaultKind.LOST, detail)
        if wanted.size > size:
            return Fault(size, FaultKind.CUT, f"an older checkpoint covers {wanted.size} entries, and the export ends at {size}")
        if self._roots.get(wanted.size) != wanted.root or wanted.origin not in _origins(terms):
            among = f"the first that differs is among {agreed} to {wanted.size - 1}"
            detail = f"the older checkpoint of size {wanted.size} signed other entries: {among}"
            return Fault(agreed, FaultKind.FORKED, detail)
        return None

    def _signature(self, terms: Terms, one: Signed) -> Iterator[Fault]:
        size = one.checkpoint.size
        raw = terms.key_at(size, self._public.public_bytes_raw())
        outcome = Outcome.UNKNOWN if raw is None else one.check(Ed25519PublicKey.from_public_bytes(raw))
        if outcome is Outcome.BAD:
            yield Fault(size, FaultKind.BAD_SIGNATURE, f"the signature of the older checkpoint of size {size} does not hold")
        elif outcome is Outcome.UNKNOWN:
            yield Fault(size, FaultKind.WRONG_KEY, f"the older checkpoint of size {size} is signed by another key")


def _origins(terms: Terms) -> set[str]:
    first = [] if terms.first is None else [terms.first]
    return {origin_from(leaf) for leaf in (*first, *(one.leaf_hash for one in terms.reopenings))}
