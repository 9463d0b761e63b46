"""Checkpoints in the database, on both databases: signed once for a size, in order, never against what was signed before."""

from io import BytesIO

import pytest
from sqlalchemy import Connection, Engine, delete, insert, update

from journal import checkpoints, export, log, terms
from journal.checkpoints import CHECKPOINTS, Kept, Place
from journal.entry import Entry
from journal.errors import JournalDamagedError, JournalRefusedError
from journal.faults import FaultKind
from journal.note import Outcome
from journal.verify import verify
from tests.journal.exporting import KEY, OTHER
from tests.journal.making import START, an_entry


def grow(engine: Engine, count: int) -> None:
    """Append so many entries."""
    with engine.begin() as connection:
        size = log.size(connection)
        log.append(connection, [an_entry(size + number) for number in range(count)])


def sign(engine: Engine) -> Kept | None:
    """Sign the journal as it stands."""
    with engine.begin() as connection:
        return checkpoints.sign_newest(connection, KEY, START)


def exported(connection: Connection) -> BytesIO:
    """Export the journal into memory."""
    return BytesIO(b"".join(export.lines(connection)))


def test_a_checkpoint_is_signed_once(engine: Engine) -> None:
    """An empty journal has none; the same size gives the same one; a later one begins where the last ended."""
    assert sign(engine) is None
    grow(engine, 3)
    first = sign(engine)
    assert first is not None
    assert first == sign(engine)
    assert first.signed.check(KEY.public_key()) is Outcome.GOOD
    grow(engine, 4)
    second = sign(engine)
    assert second is not None
    assert (first.start, first.size, second.start, second.size) == (0, 3, 3, 7)
    assert first.signed.checkpoint.origin == second.signed.checkpoint.origin == terms.origin_from(an_entry(0).leaf_hash)
    with engine.begin() as connection:
        assert list(checkpoints.every(connection)) == [first, second]
        assert [checkpoints.covering(connection, index) for index in (0, 2, 3, 6, 7)] == [first, first, second, second, None]
        assert checkpoints.newest(connection) == second


def test_an_export_of_the_database_holds(engine: Engine) -> None:
    """What is exported verifies, and leaves out what no checkpoint covers."""
    for count in (3, 1, 9):
        grow(engine, count)
        sign(engine)
    grow(engine, 2)
    with engine.begin() as connection:
        report = verify(exported(connection), KEY.public_key())
        assert report.holds
        assert (report.size, report.root) == (13, log.root(connection, 13))


def test_an_export_of_a_damaged_database_shows_what_was_done(engine: Engine) -> None:
    """Rows edited, removed and exchanged by one who reaches the database: the export is made, and verification names each."""
    grow(engine, 3)
    sign(engine)
    grow(engine, 9)
    sign(engine)
    index = log.ENTRIES.c.index
    forged = an_entry(77)
    changes = [
        (update(log.ENTRIES).where(index == 5).values(bytes=forged.encode(), leaf_hash=forged.leaf_hash), (FaultKind.EDITED, 5)),
        (delete(log.ENTRIES).where(index == 7), (FaultKind.REMOVED, 7)),
        (delete(log.ENTRIES).where(index == 0), (FaultKind.REMOVED, 0)),
        (update(log.NODES).where(log.NODES.c.position == 0).values(hash=bytes(32)), (FaultKind.MALFORMED, 0)),
    ]
    for change, found in changes:
        with engine.connect() as connection:
            connection.execute(change)
            faults = verify(exported(connection), KEY.public_key()).faults
            assert [(fault.kind, fault.index) for fault in faults] == [found]
            connection.rollback()


def test_an_export_without_a_checkpoint_is_refused(engine: Engine) -> None:
    """Nothing vouches for it."""
    grow(engine, 1)
    with engine.begin() as connection, pytest.raises(JournalRefusedError, match="no checkpoint"):
        exported(connection)


def test_what_reached_a_place_is_noted_once(engine: Engine) -> None:
    """The first time counts, for each kind of place on its own."""
    grow(engine, 1)
    sign(engine)
    with engine.begin() as connection:
        checkpoints.reached(connection, 1, Place.DIRECTORY, START)
        checkpoints.reached(connection, 1, Place.DIRECTORY, START.replace(year=2027))
        newest = checkpoints.newest(connection)
        assert newest is not None
        assert (newest.directory_at, newest.bucket_at) == (START, None)
        assert checkpoints.missing_in(connection, Place.DIRECTORY) == ()
        assert checkpoints.missing_in(connection, Place.BUCKET) == (newest,)


def test_nothing_is_signed_against_what_was_signed(engine: Engine) -> None:
    """A journal that is shorter than its newest checkpoint, or holds other entries, gets no further signature."""
    grow(engine, 4)
    kept = sign(engine)
    assert kept is not None
    with engine.connect() as connection:
        connection.execute(update(log.NODES).where(log.NODES.c.position == 6).values(hash=bytes(32)))
        with pytest.raises(JournalDamagedError, match="not those that were signed"):
            checkpoints.sign_newest(connection, KEY, START)
        connection.rollback()
        row = {"size": 9, "start": 4, "root": bytes(32), "signed_at": "2026-05-25T22:00:00.000000Z"}
        note = kept.signed.encode().decode().replace("\n4\n", "\n9\n")
        connection.execute(insert(CHECKPOINTS), {**row, "note": note})
        with pytest.raises(JournalDamagedError, match="contradict"):
            checkpoints.sign_newest(connection, KEY, START)


def test_a_row_that_was_edited_is_seen(engine: Engine) -> None:
    """A note that is none, or a column that says other than the note."""
    grow(engine, 2)
    sign(engine)
    for values in ({"note": "x"}, {"root": bytes(32)}, {"signed_at": "yesterday"}, {"start": 2}):
        with engine.connect() as connection:
            connection.execute(update(CHECKPOINTS).values(values))
            with pytest.raises(JournalDamagedError):
                checkpoints.newest(connection)
            connection.rollback()


def test_the_key_in_force_signs(engine: Engine) -> None:
    """After a rotation the old key is refused, and the export verifies with either."""
    grow(engine, 2)
    sign(engine)
    with engine.begin() as connection:
        facts = terms.rotation_facts(KEY, OTHER.public_key())
        log.append(connection, [Entry(terms.ROTATED, terms.SUBJECT, START, "system:cli", facts)])
    with engine.connect() as connection, pytest.raises(JournalRefusedError, match="another log key"):
        checkpoints.sign_newest(connection, KEY, START)
    with engine.begin() as connection:
        checkpoints.sign_newest(connection, OTHER, START)
        assert verify(exported(connection), KEY.public_key()).holds
        assert verify(exported(connection), OTHER.public_key()).holds


def test_entries_are_put_back_byte_for_byte(engine: Engine) -> None:
    """What leads to the root is taken, with its columns and nodes; anything else leaves nothing behind."""
    lost = [an_entry(number).encode() for number in range(7)]
    with engine.begin() as connection:
        log.append(connection, [an_entry(number) for number in range(7)])
        root = log.root(connection)
        connection.rollback()
    grow(engine, 2)
    for wrong in (lost[3:], [*lost[2:6], an_entry(99).encode()], [*lost[2:], an_entry(7).encode()], [lost[3], lost[2], *lost[4:]], [b"{}"]):
        with engine.connect() as connection:
            with pytest.raises(JournalRefusedError):
                log.append_encoded(connection, 2, wrong, root)
            connection.rollback()
            assert log.size(connection) == 2
            connection.rollback()
    with engine.begin() as connection, pytest.raises(JournalRefusedError, match="not 3 entries"):
        log.append_encoded(connection, 3, lost[3:], root)
    with engine.begin() as connection:
        log.append_encoded(connection, 2, lost[2:], root)
        assert log.check(connection) == []
        assert list(log.encoded(connection)) == lost
        assert [one.entry for one in log.entries_about(connection, an_entry(0).subject)] == [an_entry(number) for number in range(7)]


def test_changed_bytes_are_not_given(engine: Engine) -> None:
    """Neither for an export nor for a segment."""
    grow(engine, 3)
    with engine.connect() as connection:
        connection.execute(update(log.ENTRIES).where(log.ENTRIES.c.index == 1).values(bytes=b"{}"))
        with pytest.raises(JournalDamagedError):
            list(log.encoded(connection))
