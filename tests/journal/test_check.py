"""The check: every change to what is stored is found, and called by its name."""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, Engine, delete, insert, text, update

from journal import audit, log, tree
from journal.audit import FaultKind, Row
from journal.entry import Entry, instant_text
from journal.tree import Node
from tests.journal.making import an_entry, opened

T = TypeVar("T")
SIZE = 13
NODES = [Node(level, offset) for level in range(4) for offset in range(SIZE >> level)]


@pytest.fixture
def journal(engine: Engine) -> Engine:
    """Fill a journal with entries enough for several levels, and not a power of two."""
    with engine.begin() as connection:
        log.append(connection, [an_entry(number) for number in range(SIZE)])
    return engine


def found(connection: Connection) -> list[tuple[FaultKind, int]]:
    """Return what the check finds, without its words."""
    return [(fault.kind, fault.index) for fault in log.check(connection)]


def undone(journal: Engine, cases: Iterable[T]) -> Iterator[tuple[T, Connection]]:
    """Give each case a transaction of its own, and roll it back."""
    for case in cases:
        with journal.connect() as connection:
            yield case, connection
            connection.rollback()


def change(connection: Connection, index: int, **values: object) -> None:
    """Edit one row of the entries."""
    connection.execute(update(log.ENTRIES).where(log.ENTRIES.c.index == index).values(values))


def change_node(connection: Connection, node: Node, digest: bytes) -> None:
    """Edit one row of the nodes."""
    connection.execute(update(log.NODES).where(log.NODES.c.position == tree.position(node)).values(hash=digest))


def put(connection: Connection, index: int, entry: Entry) -> None:
    """Insert a row of the entries, as one who knows the tables would."""
    row = {"index": index, "bytes": entry.encode(), "leaf_hash": entry.leaf_hash, "subject": entry.subject, "kind": entry.kind}
    connection.execute(insert(log.ENTRIES), {**row, "at": instant_text(entry.at)})


def renumber(connection: Connection, moves: dict[int, int]) -> None:
    """Give rows other indexes."""
    index = log.ENTRIES.c.index
    for old in moves:
        connection.execute(update(log.ENTRIES).where(index == old).values(index=1000 + old))
    for old, new in moves.items():
        connection.execute(update(log.ENTRIES).where(index == 1000 + old).values(index=new))


def test_a_journal_as_it_was_written_holds(journal: Engine) -> None:
    """Nothing changed, nothing found."""
    with journal.begin() as connection:
        assert log.check(connection) == []


@pytest.mark.parametrize(
    "values", [{"subject": "rec_" + "9" * 32}, {"kind": "a.b"}, {"at": "2026-05-25"}, {"leaf_hash": b"0" * 32}], ids=str
)
def test_a_column_that_contradicts_its_entry(journal: Engine, values: dict[str, object]) -> None:
    """A column for look-up cannot say other than the bytes."""
    for index, connection in undone(journal, range(SIZE)):
        change(connection, index, **values)
        assert found(connection) == [(FaultKind.COLUMN, index)]
        assert next(iter(values)) in log.check(connection)[0].detail


def test_an_edited_entry(journal: Engine) -> None:
    """Other bytes in one row: found at its index, whether or not the columns beside them were made to agree."""
    forged = an_entry(77)
    for index, connection in undone(journal, range(SIZE)):
        change(connection, index, bytes=forged.encode())
        assert found(connection) == [(FaultKind.EDITED, index)]
        change(connection, index, leaf_hash=forged.leaf_hash, at=instant_text(forged.at))
        assert found(connection) == [(FaultKind.EDITED, index)]


def test_an_entry_edited_with_its_leaf(journal: Engine) -> None:
    """Other bytes with their leaf: the node above gives the pair away. Only a checkpoint can give away the last, odd entry."""
    forged = an_entry(77)
    for index, connection in undone(journal, range(SIZE - 1)):
        change(connection, index, bytes=forged.encode(), leaf_hash=forged.leaf_hash, at=instant_text(forged.at))
        change_node(connection, Node(0, index), forged.leaf_hash)
        assert found(connection) == [(FaultKind.REWRITTEN, index & ~1)]


def test_text_written_where_bytes_were(sqlite_url: str) -> None:
    """An editor of SQLite that turns bytes into text is seen, and does not stop the check."""
    with opened(sqlite_url) as engine, engine.begin() as connection:
        log.append(connection, [an_entry(number) for number in range(SIZE)])
        connection.execute(text("""UPDATE journal_entry SET bytes = replace(bytes, 'accepted', 'rejected') WHERE "index" = 4"""))
        assert found(connection) == [(FaultKind.EDITED, 4)]


def test_a_missing_entry(journal: Engine) -> None:
    """A row removed is missed at its index, the last one too."""
    for index, connection in undone(journal, range(SIZE)):
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index == index))
        assert found(connection) == [(FaultKind.MISSING, index)]


def test_a_missing_entry_whose_place_was_closed(journal: Engine) -> None:
    """A row removed and the later ones renumbered: one entry missing, one run of entries moved."""
    with journal.begin() as connection:
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index == 4))
        renumber(connection, {index: index - 1 for index in range(5, SIZE)})
        assert found(connection) == [(FaultKind.MISSING, 4), (FaultKind.MOVED, 4)]
        assert log.check(connection)[1].detail == "entries 4 to 11 were appended at 5 to 12"


def test_entries_that_moved_apart_are_told_apart(journal: Engine) -> None:
    """Two entries removed, each overwritten by its neighbour: two missing, and two moves, not one long one."""
    with journal.begin() as connection:
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index.in_([2, 7])))
        renumber(connection, {3: 2, 8: 7})
        assert found(connection) == [(FaultKind.MISSING, 2), (FaultKind.MOVED, 2), (FaultKind.MISSING, 7), (FaultKind.MOVED, 7)]


def test_an_inserted_entry(journal: Engine) -> None:
    """A row put in the middle, the later ones renumbered: one entry inserted, one run of entries moved."""
    with journal.begin() as connection:
        renumber(connection, {index: index + 1 for index in range(4, SIZE)})
        put(connection, 4, an_entry(77))
        assert found(connection) == [(FaultKind.INSERTED, 4), (FaultKind.MOVED, 5)]


def test_an_entry_outside_the_tree(journal: Engine) -> None:
    """A row put before or after the others is no entry of the tree, also when it copies one."""
    for index, connection in undone(journal, [-1, SIZE, SIZE + 5]):
        put(connection, index, an_entry(3))
        assert found(connection) == [(FaultKind.INSERTED, index)]


def test_entries_that_changed_places(journal: Engine) -> None:
    """Two rows swapped are two entries moved, not two edited."""
    with journal.begin() as connection:
        renumber(connection, {2: 7, 7: 2})
        assert found(connection) == [(FaultKind.MOVED, 2), (FaultKind.MOVED, 7)]


def test_a_wrong_node(journal: Engine) -> None:
    """A node changed gives one fault, at the first entry that it covers; entries are blamed only where no node above judges."""
    for node, connection in undone(journal, NODES):
        change_node(connection, node, b"\1" * 32)
        blamed = FaultKind.EDITED if node.level == 0 else FaultKind.REWRITTEN
        judged = Node(node.level + 1, node.offset >> 1) in NODES
        assert found(connection) == [(FaultKind.NODE if judged else blamed, node.offset << node.level)]


def test_a_missing_node(journal: Engine) -> None:
    """A node removed is missed; the leaf at the very end takes its entry out of the tree."""
    for node, connection in undone(journal, NODES):
        connection.execute(delete(log.NODES).where(log.NODES.c.position == tree.position(node)))
        last = node == Node(0, SIZE - 1)
        assert found(connection) == [(FaultKind.INSERTED if last else FaultKind.NODE, node.offset << node.level)]


def test_a_node_of_no_tree(journal: Engine) -> None:
    """A node outside the tree is found."""
    for place, connection in undone(journal, [-1, tree.node_count(SIZE) + 3]):
        connection.execute(insert(log.NODES), {"position": place, "hash": b"\0" * 32})
        assert FaultKind.NODE in {kind for kind, _ in found(connection)}


def test_several_faults_at_once(journal: Engine) -> None:
    """Each of several changes is named, in the order of the entries."""
    with journal.begin() as connection:
        change(connection, 1, kind="a.b")
        change(connection, 5, bytes=an_entry(77).encode())
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index == 8))
        change_node(connection, Node(1, 5), b"\0" * 32)
        put(connection, 20, an_entry(78))
        assert found(connection) == [
            (FaultKind.COLUMN, 1),
            (FaultKind.EDITED, 5),
            (FaultKind.MISSING, 8),
            (FaultKind.NODE, 10),
            (FaultKind.INSERTED, 20),
        ]


def test_an_emptied_journal(journal: Engine) -> None:
    """All rows removed from one of the tables are missed one by one."""
    with journal.begin() as connection:
        connection.execute(delete(log.ENTRIES))
        assert found(connection) == [(FaultKind.MISSING, index) for index in range(SIZE)]


def test_an_emptied_tree(journal: Engine) -> None:
    """Without any node, no entry is the tree's."""
    with journal.begin() as connection:
        connection.execute(delete(log.NODES))
        assert found(connection) == [(FaultKind.INSERTED, index) for index in range(SIZE)]


def test_what_was_appended_and_is_no_entry() -> None:
    """Bytes that the tree holds, and that no release can read, are said to be so."""
    row = Row(0, b"{}", tree.leaf_hash(b"{}"), "", "", "")
    assert [fault.kind for fault in audit.faults([row], [(0, row.leaf_hash)], 1)] == [FaultKind.UNREADABLE]


def test_an_entry_lost_with_its_leaf() -> None:
    """When neither the entry nor its leaf is left, both are missed, and the levels above are not blamed."""
    rows, nodes = stored(SIZE)
    kinds = {
        fault.kind for fault in audit.faults(rows[:6] + rows[7:], [one for one in nodes if one[0] != tree.position(Node(0, 6))], len(nodes))
    }
    assert kinds == {FaultKind.MISSING, FaultKind.NODE}


@given(st.data())
def test_no_single_change_goes_unseen(data: st.DataObject) -> None:
    """Whatever one cell is changed, whichever one row removed or copied, the check finds something."""
    size = data.draw(st.integers(1, 40))
    rows, nodes = stored(size)
    assert audit.faults(rows, nodes, len(nodes)) == []
    index = data.draw(st.integers(0, size - 1))
    place = data.draw(st.integers(0, len(nodes) - 1))
    row, (_, digest) = rows[index], nodes[place]
    bit = data.draw(st.integers(0, 255))
    tamper: Callable[[], object] = data.draw(
        st.sampled_from(
            [
                lambda: rows.__setitem__(index, row._replace(data=flipped(row.data, bit))),
                lambda: rows.__setitem__(index, row._replace(leaf_hash=flipped(row.leaf_hash, bit))),
                lambda: rows.__setitem__(index, row._replace(kind=row.kind + "x")),
                lambda: rows.__setitem__(index, row._replace(subject="")),
                lambda: rows.__setitem__(index, row._replace(at=row.at[:-2] + "1Z")),
                lambda: rows.__delitem__(index),
                lambda: rows.append(row._replace(place=size)),
                lambda: nodes.__setitem__(place, (place, flipped(digest, bit))),
                lambda: nodes.__delitem__(place),
            ],
        ),
    )
    tamper()
    assert audit.faults(rows, nodes, max((one[0] + 1 for one in nodes), default=0))


def flipped(data: bytes, bit: int) -> bytes:
    """Flip one bit."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def stored(size: int) -> tuple[list[Row], list[tuple[int, bytes]]]:
    """Make the rows of a journal without a database."""
    entries = [an_entry(number) for number in range(size)]
    rows = [Row(i, one.encode(), one.leaf_hash, one.subject, one.kind, instant_text(one.at)) for i, one in enumerate(entries)]
    added = tree.extend(NoNodes(), 0, [entry.leaf_hash for entry in entries])
    return rows, [(tree.position(node), digest) for node, digest in added]


class NoNodes:
    """The store of an empty tree."""

    def nodes(self, _: object) -> dict[Node, bytes]:
        """Return nothing, since nothing is asked for."""
        return {}
