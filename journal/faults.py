"""What can be wrong with a journal that was handed over, and where."""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What is wrong."""

    EDITED = "edited"  # an entry is not the one that was signed
    REMOVED = "removed"  # an entry that was signed is not there
    INSERTED = "inserted"  # an entry is there that was not signed
    REORDERED = "reordered"  # an entry stands elsewhere than it was signed
    REWRITTEN = "rewritten"  # entries were changed with their leaf hashes: only that it is among these can be said
    CUT = "cut"  # the end is missing
    EXTENDED = "extended"  # something stands after the end, and nothing vouches for it
    FORKED = "forked"  # an older checkpoint signed another beginning
    LOST = "lost"  # an older checkpoint signed entries that the journal itself says it has lost
    BAD_SIGNATURE = "bad_signature"  # a checkpoint names the key, and its signature does not hold
    WRONG_KEY = "wrong_key"  # a checkpoint was not signed by the key given, nor by one of its chain
    WRONG_ORIGIN = "wrong_origin"  # a checkpoint bears the name of another journal
    MALFORMED = "malformed"  # a line is not what it should be


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong, at the index of the first entry that it concerns."""

    index: int
    kind: FaultKind
    detail: str
