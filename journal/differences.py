"""Tell apart entries that were edited, removed, inserted and reordered, where it is known what should stand. Pure."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from journal.faults import Fault, FaultKind


class _Anchor(NamedTuple):
    place: int  # among what stands
    home: int  # where it should stand


def differences(truth: Sequence[bytes], found: Sequence[bytes], start: int) -> list[Fault]:
    """Compare the leaf hashes found with the true ones of a block that begins at this index; return the faults, by index."""
    homes = {leaf: home for home, leaf in enumerate(truth)}
    seen: set[bytes] = set()
    matched: list[_Anchor] = []
    strange: list[int] = []
    for place, leaf in enumerate(found):
        if leaf in homes and leaf not in seen:
            matched.append(_Anchor(place, homes[leaf]))
            seen.add(leaf)
        else:
            strange.append(place)
    kept = _longest_rising(matched)
    moved = sorted(set(matched) - set(kept), key=lambda one: one.home)
    faults = [
        Fault(start + one.home, FaultKind.REORDERED, f"entry {start + one.home} stands at the place of entry {start + one.place}")
        for one in moved
    ]
    missing = [home for home, leaf in enumerate(truth) if leaf not in seen]
    ends = (*kept, _Anchor(len(found), len(truth)))
    return sorted([*faults, *_unmatched(ends, missing, strange, start)])


def _unmatched(ends: Sequence[_Anchor], missing: Sequence[int], strange: Sequence[int], start: int) -> Iterator[Fault]:
    """Pair, between two entries that stand where they should, what is missing with what stands there instead."""
    gone, odd = list(missing), list(strange)
    for here in ends:
        lost = _take(gone, here.home)
        new = _take(odd, here.place)
        for home, _ in zip(lost, new, strict=False):
            yield Fault(start + home, FaultKind.EDITED, f"entry {start + home} is not the one that was signed")
        for home in lost[len(new) :]:
            yield Fault(start + home, FaultKind.REMOVED, f"entry {start + home} is missing")
        after = start + here.home
        for place in new[len(lost) :]:
            yield Fault(after, FaultKind.INSERTED, f"line {place + 1} of those since entry {start} was inserted before entry {after}")


def _take(waiting: list[int], limit: int) -> list[int]:
    """Take those below the limit from the front."""
    cut = bisect_left(waiting, limit)
    taken, waiting[:] = waiting[:cut], waiting[cut:]
    return taken


def _longest_rising(matched: Sequence[_Anchor]) -> list[_Anchor]:
    """Return the longest run of entries that stand in their order, wherever others stand between them (patience sorting)."""
    tails: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for at, one in enumerate(matched):
        pile = bisect_left(tails, one.home)
        before.append(last[pile - 1] if pile else -1)
        tails[pile : pile + 1] = [one.home]
        last[pile : pile + 1] = [at]
    run: list[_Anchor] = []
    at = last[-1] if last else -1
    while at >= 0:
        run.append(matched[at])
        at = before[at]
    return run[::-1]
