"""The page that specifies the journal: its worked example and its numbers are those of the code."""

import base64
import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from journal import faults, log, note, tree
from journal.audit import FaultKind
from journal.entry import Entry
from journal.segment import Segment
from tests.journal.exporting import KEY, Made, judged
from tests.journal.making import slow_path, slow_root

PAGE = (Path(__file__).parents[2] / "docs" / "formats" / "journal.md").read_text(encoding="utf-8")
ENTRIES, NODES, PROOF = re.findall(r"```(?:json|text)\n(.*?)```", PAGE, re.DOTALL)
LINES = [line.encode() for line in ENTRIES.splitlines()]


@pytest.mark.parametrize("line", LINES)
def test_the_entries_of_the_example_are_canonical(line: bytes) -> None:
    """Each entry of the page decodes, and encodes to the bytes on the page."""
    assert Entry.decode(line).encode() == line


def test_the_example_is_what_a_database_holds(engine: Engine) -> None:
    """Appending the page's entries stores the page's bytes and nodes, and gives its root and proof."""
    with engine.begin() as connection:
        log.append(connection, [Entry.decode(line) for line in LINES])
    with engine.begin() as connection:
        assert [bytes(row.bytes) for row in connection.execute(select(log.ENTRIES).order_by("index"))] == LINES
        hashes = {row.position: row.hash.hex() for row in connection.execute(select(log.NODES))}
        shown = {f"root   {log.root(connection).hex()}", *(f"proof  {node.hex()}" for node in log.inclusion_proof(connection, 1))}
    named = [line.split() for line in NODES.splitlines()]
    assert {int(position): digest for position, _, _, _, _, digest in named} == hashes
    assert all(tree.position(tree.Node(int(level), int(offset))) == int(position) for position, _, level, _, offset, _ in named)
    assert shown == set(PROOF.splitlines())


def test_the_example_follows_from_the_rfc_alone() -> None:
    """The page's root and proof are those that the definitions of RFC 6962 give for its lines."""
    computed = [f"root   {slow_root(LINES).hex()}", *(f"proof  {node.hex()}" for node in slow_path(1, LINES))]
    assert PROOF.splitlines() == computed


def test_the_page_names_every_fault_and_the_lock() -> None:
    """What the check can say, and the lock that other writers must take, stand on the page."""
    assert all(f"`{kind}`" in PAGE for kind in FaultKind)
    assert f"pg_advisory_xact_lock({log.LOCK_KEY})" in PAGE


def test_positions_follow_the_formula_of_the_page() -> None:
    """Twice the last entry covered, less its one bits, plus the level."""
    for level in range(6):
        for offset in range(40):
            end = (offset + 1) * 2**level - 1
            assert tree.position(tree.Node(level, offset)) == 2 * end - end.bit_count() + level


def fenced(name: str) -> list[str]:
    """Return what stands between the fences of a page."""
    page = (Path(__file__).parents[2] / "docs" / "formats" / name).read_text(encoding="utf-8")
    return re.findall(r"```(?:json|text)\n(.*?)```", page, re.DOTALL)


def test_the_checkpoint_of_the_example() -> None:
    """The note, the public line and the verifier key of the page are those of the entries of the journal's page."""
    signed, keys = fenced("checkpoint.md")
    made = Made(LINES, (1, 3))
    assert signed == made.signed(3).encode().decode()
    origin, public = note.parse_verifier_key(keys.splitlines()[1])
    assert (origin, public) == (made.signed(3).checkpoint.origin, KEY.public_key())
    assert keys.splitlines()[0] == "consigne-log-1:" + base64.b64encode(public.public_bytes_raw()).decode()


def test_the_export_and_the_segment_of_the_example() -> None:
    """The export of the page is made of the entries of the journal's page, and so is the segment."""
    exported, head = fenced("segment.md")
    made = Made(LINES, (1, 3))
    assert exported.encode() == b"".join(made.lines())
    assert judged([exported.encode()]).holds
    last = Segment.decode(head.encode() + b"".join(made.lines()[-4:]))
    assert last == Segment(1, made.signed(1), tuple(LINES[1:]), made.signed(3))
    assert f"`{last.name}`" in (Path(__file__).parents[2] / "docs" / "formats" / "segment.md").read_text(encoding="utf-8")


def test_the_page_names_every_fault_of_an_export() -> None:
    """What verification can say stands on the page."""
    assert all(f"`{kind}`" in PAGE for kind in faults.FaultKind)
