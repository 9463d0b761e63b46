"""A segment: the entries between two checkpoints, with both, for a place outside the database (``docs/formats/segment.md``). Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple, Self

from journal import blocks, canonical, tree
from journal.checkpoint import Signed
from journal.errors import JournalRefusedError

FORMAT: Final = "consigne-journal-segment-1"
_DIGITS: Final = 12
_NAME: Final = re.compile(r"segment-(\d{12})-(\d{12})-([0-9a-z]+)")


@dataclass(frozen=True)
class Segment:
    """A segment as it was read. Whether its entries lead to its root is for whoever knows the entries before.

    Attributes:
        start: The index of its first entry.
        previous: The checkpoint of that size, None at 0.
        entries: Their exact bytes.
        signed: The checkpoint at its end.
    """

    start: int
    previous: Signed | None
    entries: tuple[bytes, ...]
    signed: Signed

    def __post_init__(self) -> None:
        """Refuse what does not belong together."""
        before = 0 if self.previous is None else self.previous.checkpoint.size
        if before != self.start or not self.entries or self.start + len(self.entries) != self.signed.checkpoint.size:
            raise JournalRefusedError("the entries of a segment are those between its two checkpoints")

    @property
    def name(self) -> str:
        """The name of its file or object."""
        return name_of(self.start, self.signed)

    def encode(self) -> bytes:
        """Write the segment in its only form."""
        return b"".join(lines(self.previous, self.entries, self.signed))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a segment back; ``Segment.decode(data).encode() == data`` for all that it accepts. Signatures are not checked here.

        Raises:
            JournalRefusedError: the bytes are not a segment, or not in its one form.
        """
        head, *middle = data.split(b"\n")
        if len(middle) < 3 or middle[-1]:  # noqa: PLR2004 - leaves, checkpoint, and what follows the last end of line
            raise JournalRefusedError("a segment ends with the line of its checkpoint: this one was cut")
        start, previous = _header(head)
        entries = tuple(middle[:-3])
        if blocks.leaves_line([tree.leaf_hash(entry) for entry in entries]) != middle[-3]:
            raise JournalRefusedError("an entry of the segment does not hash to its leaf: it was changed; take the segment from elsewhere")
        segment = cls(start, previous, entries, blocks.read_checkpoint(middle[-2]))
        if segment.encode() != data:
            raise JournalRefusedError("the segment is not in its one form")
        return segment


def name_of(start: int, signed: Signed) -> str:
    """Name the segment that begins at ``start`` and ends with this checkpoint: in order of names is in order of entries."""
    origin = signed.checkpoint.origin.rpartition("/")[2]
    return f"segment-{start:0{_DIGITS}}-{signed.checkpoint.size:0{_DIGITS}}-{origin}"


class Named(NamedTuple):
    """What the name of a segment says of it."""

    start: int
    stop: int
    origin: str


def read_name(name: str) -> Named | None:
    """Read what :func:`name_of` wrote; None for any other name."""
    found = _NAME.fullmatch(name)
    return None if found is None else Named(int(found[1]), int(found[2]), found[3])


def lines(previous: Signed | None, entries: Iterable[bytes], signed: Signed) -> Iterator[bytes]:
    """Write a segment line by line, each with its end."""
    before = None if previous is None else previous.encode().decode("utf-8")
    start = 0 if previous is None else previous.checkpoint.size
    yield canonical.encode({"format": FORMAT, "previous": before, "start": start}) + b"\n"
    yield from blocks.block(entries, signed)


def _header(line: bytes) -> tuple[int, Signed | None]:
    members = canonical.decode(line)
    if not isinstance(members, dict) or members.keys() != {"format", "previous", "start"} or members["format"] != FORMAT:
        raise JournalRefusedError(f"these bytes do not begin as a segment of a journal does ({FORMAT})")
    start, before = members["start"], members["previous"]
    if not isinstance(start, int) or isinstance(start, bool) or not (before is None or isinstance(before, str)):
        raise JournalRefusedError("a segment names its first index, and the checkpoint before it")
    return start, None if before is None else Signed.decode(before.encode("utf-8"))
