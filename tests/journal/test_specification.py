"""The page that specifies the journal: its worked example and its numbers are those of the code."""

import re
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from journal import log, tree
from journal.audit import FaultKind
from journal.entry import Entry
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
