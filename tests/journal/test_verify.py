"""Verification of an export: every way of tampering is found, called by its name, and placed."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from journal import blocks, canonical, checkpoint, export, terms
from journal.checkpoint import Checkpoint, Signed
from journal.entry import Entry
from journal.faults import FaultKind
from journal.note import Note, Signature
from tests.journal.exporting import KEY, OTHER, SIZES, Made, entries, found, judged, line_of, reopened, rotated
from tests.journal.making import an_entry

MADE = Made(entries())
LINES = MADE.lines()
ALL = range(SIZES[-1])
FORGED = an_entry(777).encode()
FACTS = terms.rotation_facts(KEY, OTHER.public_key())


def test_an_export_as_it_was_written_holds() -> None:
    """Nothing changed, nothing found; against its own older checkpoints too."""
    report = judged(LINES, [MADE.signed(size) for size in (1, 4, 13, 20)])
    assert report.holds
    assert (report.size, report.root, report.checkpoints) == (20, MADE.root(20), len(SIZES))
    assert report.origin == MADE.signed(20).checkpoint.origin


@pytest.mark.parametrize("index", ALL)
def test_an_edited_entry(index: int) -> None:
    """Other bytes in the place of an entry."""
    lines = list(LINES)
    lines[line_of(index)] = FORGED + b"\n"
    assert found(lines) == [(FaultKind.EDITED, index)]


@pytest.mark.parametrize("index", ALL)
def test_a_removed_entry(index: int) -> None:
    """A line taken out."""
    lines = list(LINES)
    del lines[line_of(index)]
    assert found(lines) == [(FaultKind.REMOVED, index)]


@pytest.mark.parametrize("index", ALL)
def test_an_inserted_entry(index: int) -> None:
    """A line put in, before an entry; or a copy of an entry after it."""
    lines = list(LINES)
    lines.insert(line_of(index), FORGED + b"\n")
    assert found(lines) == [(FaultKind.INSERTED, index)]
    lines[line_of(index)] = lines[line_of(index) + 1]
    assert found(lines) == [(FaultKind.INSERTED, index + 1)]


@pytest.mark.parametrize("index", [index for index in ALL if index + 1 not in SIZES])
def test_reordered_entries(index: int) -> None:
    """Two neighbours exchanged."""
    lines = list(LINES)
    one = line_of(index)
    lines[one], lines[one + 1] = lines[one + 1], lines[one]
    assert [kind for kind, at in found(lines)] == [FaultKind.REORDERED]
    assert found(lines)[0][1] in {index, index + 1}


def test_entries_exchanged_between_blocks() -> None:
    """Each block misses one entry and holds another's."""
    lines = list(LINES)
    lines[line_of(3)], lines[line_of(15)] = lines[line_of(15)], lines[line_of(3)]
    assert found(lines) == [(FaultKind.EDITED, 3), (FaultKind.EDITED, 15)]


@pytest.mark.parametrize("index", ALL)
def test_an_entry_changed_with_its_leaf(index: int) -> None:
    """Entry and list of leaf hashes changed alike: only that it is among those since the last good checkpoint can be said."""
    start = max((size for size in SIZES if size <= index), default=0)
    stop = min(size for size in SIZES if size > index)
    forged = [FORGED if at == index else data for at, data in enumerate(MADE.entries)]
    lines = list(LINES)
    lines[line_of(index)] = FORGED + b"\n"
    lines[line_of(stop - 1) + 1] = list(blocks.block(forged[start:stop], MADE.signed(stop)))[-2]
    faults = found(lines)
    assert (FaultKind.REWRITTEN, start) in faults
    assert {kind for kind, _ in faults} <= {FaultKind.REWRITTEN, FaultKind.WRONG_ORIGIN}


@pytest.mark.parametrize("kept", range(1, len(LINES)))
def test_an_export_cut_between_lines(kept: int) -> None:
    """Whatever line it ends with, the number of entries that the header announces is missed."""
    faults = judged(LINES[:kept]).faults
    assert [fault.kind for fault in faults] == [FaultKind.CUT]
    assert faults[0].index == sum(line.startswith(blocks.ENTRY) for line in LINES[:kept])


@pytest.mark.parametrize("part", [0.3, 0.5, 0.8, 0.999])
def test_an_export_cut_in_a_line(part: float) -> None:
    """Half a line at the end is no line."""
    data = b"".join(LINES)
    assert [kind for kind, _ in found([data[: int(len(data) * part)]])] == [FaultKind.CUT]


def test_an_export_cut_with_its_header() -> None:
    """One who cuts at a checkpoint and mends the header is given away by a later checkpoint only, and then from where."""
    lines = [export.header(13) + b"\n", *LINES[1 : line_of(12) + 3]]
    assert judged(lines).holds
    assert found(lines, [MADE.signed(20)]) == [(FaultKind.CUT, 13)]


@pytest.mark.parametrize("more", [FORGED + b"\n", b"x", LINES[-1], LINES[-2] + LINES[-1], b"\n"])
def test_an_extended_export(more: bytes) -> None:
    """Whatever follows the end is found there."""
    assert found([*LINES, more]) == [(FaultKind.EXTENDED, 20)]


def test_an_export_extended_with_its_header() -> None:
    """Entries added with a checkpoint that another key signed, or with none."""
    longer = Made([*MADE.entries, FORGED], (*SIZES, 21), keys={21: OTHER})
    assert found(longer.lines()) == [(FaultKind.WRONG_KEY, 21)]
    assert found([export.header(21) + b"\n", *LINES[1:], FORGED + b"\n"]) == [(FaultKind.CUT, 21)]


def test_a_fork() -> None:
    """One who holds the key and rewrites the past is contradicted by every checkpoint kept elsewhere, and by none before."""
    forked = Made([*MADE.entries[:7], FORGED, *MADE.entries[8:]])
    assert judged(forked.lines()).holds
    older = [MADE.signed(size) for size in (5, 13, 20)]
    assert found(forked.lines(), older[:1]) == []
    assert found(forked.lines(), older) == [(FaultKind.FORKED, 5), (FaultKind.FORKED, 5)]
    assert "among 5 to 12" in judged(forked.lines(), older[:2]).faults[0].detail


def test_a_journal_begun_anew() -> None:
    """Another first entry is another journal, whatever its size."""
    anew = Made([FORGED, *MADE.entries[1:]])
    assert found(anew.lines(), [MADE.signed(1)]) == [(FaultKind.FORKED, 0)]


def test_older_checkpoints_must_be_signed() -> None:
    """What claims to be an older checkpoint, and is not signed by this key, says nothing."""
    stranger = checkpoint.sign(MADE.signed(5).checkpoint, OTHER)
    good = MADE.signed(5)
    broken = Signed(good.checkpoint, Note(good.note.text, (Signature(good.checkpoint.origin, good.note.signatures[0].key_id, bytes(64)),)))
    assert found(LINES, [stranger]) == [(FaultKind.WRONG_KEY, 5)]
    assert found(LINES, [broken]) == [(FaultKind.BAD_SIGNATURE, 5)]


def changed(size: int, change: Callable[[str], str]) -> list[bytes]:
    """Change the note of one checkpoint in the export."""
    lines = list(LINES)
    text = change(MADE.signed(size).encode().decode())
    lines[line_of(size - 1) + 2] = canonical.encode({"checkpoint": text}) + b"\n"
    return lines


@pytest.mark.parametrize("size", SIZES)
def test_a_bad_signature(size: int) -> None:
    """One checkpoint whose signature does not hold, while everything else does."""

    def flip(note: str) -> str:
        head, _, signature = note.rpartition(" ")
        raw = bytearray(base64.b64decode(signature))
        raw[40] ^= 1
        return f"{head} {base64.b64encode(raw).decode()}\n"

    assert found(changed(size, flip)) == [(FaultKind.BAD_SIGNATURE, size)]


@pytest.mark.parametrize("size", SIZES)
def test_an_entry_changed_up_to_the_root(size: int) -> None:
    """Entry, leaf and root changed, without the key: the signature is bad, and the next good checkpoint places it."""
    forged = Made([*MADE.entries[: size - 1], FORGED, *MADE.entries[size:]])
    start = max((one for one in SIZES if one < size), default=0)
    bad = Signed(forged.signed(size).checkpoint, Note(forged.signed(size).note.text, MADE.signed(size).note.signatures))
    head, tail = LINES[: line_of(size - 1)], LINES[line_of(size - 1) + 3 :]
    mine = list(blocks.block(forged.entries[start:size], bad))
    faults = found([*head, *mine[-3:], *tail])
    assert (FaultKind.BAD_SIGNATURE if size > 1 else FaultKind.WRONG_KEY, size) in faults  # another first entry is another key's name
    if size != SIZES[-1]:
        assert (FaultKind.REWRITTEN, start) in faults


def test_a_wrong_key() -> None:
    """Another key than the one that signed: said once, with the number of checkpoints."""
    faults = judged(LINES, public=OTHER.public_key()).faults
    assert [(fault.kind, fault.index) for fault in faults] == [(FaultKind.WRONG_KEY, 1)]
    assert "5 of 5" in faults[0].detail


def test_a_checkpoint_of_another_journal() -> None:
    """The right root under another origin."""
    other = checkpoint.sign(Checkpoint("consigne-journal/other", 13, MADE.root(13)), KEY)
    assert found(changed(13, lambda _: other.encode().decode())) == [(FaultKind.WRONG_ORIGIN, 13)]


def test_lines_that_are_not_of_the_form() -> None:
    """A header, a list of leaf hashes, a checkpoint that was changed or taken out."""
    assert found([b"{}\n", *LINES[1:]]) == [(FaultKind.MALFORMED, 0)]
    assert found([]) == [(FaultKind.MALFORMED, 0)]
    listed = line_of(4) + 1
    assert found([*LINES[:listed], *LINES[listed + 1 :]]) == [(FaultKind.MALFORMED, 1)]
    assert found([*LINES[:listed], LINES[listed].replace(b'":"', b'":" '), *LINES[listed + 1 :]]) == [(FaultKind.MALFORMED, 1)]
    assert found([*LINES[: listed + 1], b'{"checkpoint":0}\n', *LINES[listed + 2 :]]) == [(FaultKind.MALFORMED, 5)]
    assert {kind for kind, _ in found([*LINES[:listed], *LINES[listed + 2 :]])} == {FaultKind.MALFORMED}


@settings(max_examples=300)
@given(st.integers(0, len(b"".join(LINES)) - 1), st.integers(1, 255))
def test_any_changed_byte_is_found(at: int, flip: int) -> None:
    """No byte of an export is without effect."""
    data = bytearray(b"".join(LINES))
    data[at] ^= flip
    assert not judged([bytes(data)]).holds


@settings(max_examples=200)
@given(st.data())
def test_any_mess_of_lines_is_found(data: st.DataObject) -> None:
    """Lines dropped, doubled and moved at random: never taken for the export, unless they are it."""
    order = data.draw(
        st.lists(st.sampled_from(range(len(LINES))), min_size=1, max_size=len(LINES) + 3) | st.permutations(range(len(LINES)))
    )
    lines = [LINES[place] for place in order]
    assert judged(lines).holds == (lines == LINES)


def test_a_list_that_stands_before_its_entries_is_found() -> None:
    """An export has one form: each block is its entries, their list, their checkpoint, in that order."""
    lists = [place for place, line in enumerate(LINES) if line.startswith(b'{"leaves":')]
    for place in lists:
        moved = [*LINES[: place - 1], LINES[place], LINES[place - 1], *LINES[place + 1 :]]
        assert {fault.kind for fault in judged(moved).faults} == {FaultKind.MALFORMED}


def test_a_chain_of_keys() -> None:
    """The old key and the new one both verify a journal in which one gives way to the other; a stranger does not."""
    made = [*MADE.entries[:8], rotated(KEY, OTHER.public_key()), *MADE.entries[9:]]
    chained = Made(made, keys={13: OTHER, 20: OTHER})
    assert judged(chained.lines(), [chained.signed(5), chained.signed(20)]).holds
    assert judged(chained.lines(), public=OTHER.public_key()).holds
    assert judged(chained.lines()).rotations == 1
    assert found(Made(made).lines()) == [(FaultKind.WRONG_KEY, 13)]
    third = Ed25519PrivateKey.from_private_bytes(bytes([7] * 32))
    assert [fault.kind for fault in judged(chained.lines(), public=third.public_key()).faults] == [FaultKind.WRONG_KEY]
    unsigned = Entry(terms.ROTATED, terms.SUBJECT, an_entry(1).at, "system:cli", {**FACTS, "signature": "ab" * 64}).encode()
    faults = found(Made([*made[:8], unsigned, *made[9:]], keys={13: OTHER, 20: OTHER}).lines())
    assert faults == [(FaultKind.MALFORMED, 8), (FaultKind.WRONG_KEY, 13)]


def test_a_reopened_journal_says_so() -> None:
    """A journal whose end was lost goes on under a new origin; it holds, and tells of the gap. The lost checkpoint stays in doubt."""
    last = MADE.signed(20).checkpoint
    new = Made([*MADE.entries[:13], reopened(13, last), an_entry(30).encode()], (1, 5, 13, 15))
    report = judged(new.lines(), [MADE.signed(13), MADE.signed(5), new.signed(15)])
    assert report.holds
    assert [(one.index, one.lost, one.old) for one in report.reopenings] == [(13, 7, last)]
    assert report.origin != last.origin
    assert found(new.lines(), [MADE.signed(20)]) == [(FaultKind.LOST, 13)]
    forked = Made([*MADE.entries[:19], FORGED])
    assert found(new.lines(), [forked.signed(20)]) == [(FaultKind.FORKED, 13)]
    longer = Made([*MADE.entries, FORGED], (21,))
    assert found(new.lines(), [longer.signed(21)]) == [(FaultKind.FORKED, 13)]
