"""Segments: a true round trip, one form only, and names in the order of entries."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import segment
from journal.errors import JournalRefusedError
from journal.segment import Segment
from tests.journal.exporting import Made, entries

MADE = Made(entries())


def a_segment(start: int = 5, stop: int = 13) -> Segment:
    """Make the segment between two checkpoints."""
    return Segment(start, MADE.signed(start) if start else None, tuple(MADE.entries[start:stop]), MADE.signed(stop))


@pytest.mark.parametrize(("start", "stop"), [(0, 1), (0, 20), (5, 13), (19, 20)])
def test_a_segment_comes_back(start: int, stop: int) -> None:
    """What was written is read back, and written again in the same bytes."""
    made = a_segment(start, stop)
    assert Segment.decode(made.encode()) == made
    assert Segment.decode(made.encode()).encode() == made.encode()


@given(st.integers(0, len(a_segment().encode()) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(at: int, flip: int) -> None:
    """It is refused, or is a note that no key signed."""
    data = bytearray(a_segment().encode())
    data[at] ^= flip
    try:
        read = Segment.decode(bytes(data))
    except JournalRefusedError:
        return
    assert read.encode() == bytes(data)
    assert read.entries == a_segment().entries


def test_other_forms_are_refused() -> None:
    """Cut, extended, without entries, between other checkpoints, with another header."""
    data = a_segment().encode()
    lines = data.splitlines(keepends=True)
    for wrong in (
        data[:-1],
        data + b"\n",
        data + data,
        b"".join(lines[:-1]),
        b"".join(lines[1:]),
        b"",
        data.replace(b'"start":5', b'"start":4'),
        b'{"format":"consigne-journal-segment-1","previous":0,"start":5}\n' + b"".join(lines[1:]),
        b'{"format":"x"}\n' + b"".join(lines[1:]),
    ):
        with pytest.raises(JournalRefusedError):
            Segment.decode(wrong)
    with pytest.raises(JournalRefusedError):
        Segment(13, MADE.signed(13), (), MADE.signed(13))


def test_names_stand_in_the_order_of_entries() -> None:
    """The name tells the first entry, the end and the origin, and can name an object."""
    made = [a_segment(0, 5), a_segment(5, 13), a_segment(13, 20)]
    names = [one.name for one in made]
    assert names == sorted(names)
    assert [segment.read_name(name) for name in names] == [
        (one.start, one.signed.checkpoint.size, one.signed.checkpoint.origin.rpartition("/")[2]) for one in made
    ]
    assert segment.read_name("segment-1-2-x") is None
