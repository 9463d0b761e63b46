"""One transaction: every change of what is true commits with its entry and its mails, or not at all."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, delete, insert, select, update

from journal import log
from registry import recordings
from registry.database import Database, Transaction
from registry.errors import DatabaseUnavailableError, RefusedError, UnexplainedWriteError
from registry.ids import new_id
from registry.leases import next_number
from registry.states import RecordingState, Who
from registry.tables import Candidate, Counter, Dossier, EvaluationSession, Recording
from tests.factories import ACTOR, FAMILY_NAME, MAIL, NOW, Intakes, accepted, attest, fresh, journal_text, kinds, moved, opened

Change = Callable[[Transaction, str], object]


@pytest.fixture
def recording(intakes: Intakes) -> Recording:
    """Have one accepted recording."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    return accepted(intakes.database, file)


def _state(tx: Transaction, row_id: str) -> None:
    tx.lock(Recording, row_id).state = RecordingState.DESTROYED


def _state_beside_another_entry(tx: Transaction, row_id: str) -> None:
    tx.lock(Recording, row_id).state = RecordingState.DESTROYED
    tx.record("recording.brought", row_id)


def _state_beside_a_move(tx: Transaction, row_id: str) -> None:
    row = tx.lock(Recording, row_id)
    recordings.move(tx, row, RecordingState.RELEASED, Who.COORDINATOR)
    tx.session.flush()
    row.state = RecordingState.DESTROYED


def _fact(tx: Transaction, row_id: str) -> None:
    tx.lock(Recording, row_id).sha256 = "0" * 64


def _deletion(tx: Transaction, row_id: str) -> None:
    tx.session.delete(tx.lock(Recording, row_id))


def _bulk_update(tx: Transaction, row_id: str) -> None:
    tx.session.exec(update(Recording).where(col(Recording.id) == row_id).values(state="destroyed"))


def _bulk_delete(tx: Transaction, _row_id: str) -> None:
    tx.session.exec(delete(Recording))


def _bulk_insert(tx: Transaction, _row_id: str) -> None:
    tx.session.exec(insert(Candidate).values(id="can_1"))


def _entry_about_another(tx: Transaction, row_id: str) -> None:
    tx.lock(Recording, row_id).sha256 = "0" * 64
    tx.record("recording.brought", new_id("rec"))


@pytest.mark.parametrize(
    "change",
    [
        _state,
        _state_beside_another_entry,
        _state_beside_a_move,
        _fact,
        _deletion,
        _bulk_update,
        _bulk_delete,
        _bulk_insert,
        _entry_about_another,
    ],
)
def test_no_change_without_the_entry_that_explains_it(intakes: Intakes, recording: Recording, change: Change) -> None:
    """A change that no entry explains is refused whole, also beside entries that explain something else."""
    with intakes.database.reading() as session:
        before = log.size(session.connection())
    with pytest.raises(UnexplainedWriteError), intakes.database.transaction(NOW, ACTOR) as tx:
        change(tx, recording.id)
    with intakes.database.reading() as session:
        assert session.get_one(Recording, recording.id) == recording
        assert log.size(session.connection()) == before


def test_bookkeeping_changes_nothing_that_is_true(intakes: Intakes, recording: Recording) -> None:
    """Where no entry can be written, only caches may change."""
    with pytest.raises(UnexplainedWriteError), intakes.database.bookkeeping() as session:
        session.get_one(Recording, recording.id).codes = ["LATE"]
    with intakes.database.bookkeeping() as session:
        session.get_one(Recording, recording.id).stale = True
    assert fresh(intakes.database, recording).codes == []


def test_two_moves_in_one_transaction_have_two_entries(intakes: Intakes, recording: Recording) -> None:
    """A chain of moves is explained step by step, in order."""
    with intakes.database.transaction(NOW, ACTOR) as tx:
        row = tx.lock(Recording, recording.id)
        recordings.move(tx, row, RecordingState.RELEASED, Who.COORDINATOR)
        recordings.move(tx, row, RecordingState.DECIDED, Who.COORDINATOR)
    with intakes.database.reading() as session:
        assert kinds(session, recording.id)[-2:] == ["recording.released", "recording.decided"]
        assert session.get_one(Recording, recording.id).state is RecordingState.DECIDED


def test_a_failure_writes_nothing(intakes: Intakes, recording: Recording) -> None:
    """An error after the change and its entry leaves neither."""

    def fail(tx: Transaction) -> None:
        recordings.move(tx, tx.lock(Recording, recording.id), RecordingState.RELEASED, Who.COORDINATOR)
        tx.session.flush()
        raise InterruptedError

    with pytest.raises(InterruptedError), intakes.database.transaction(NOW, ACTOR) as tx:
        fail(tx)
    with intakes.database.reading() as session:
        assert kinds(session, recording.id)[-1] != "recording.released"
        assert session.get_one(Recording, recording.id).state is RecordingState.ACCEPTED


def test_what_is_read_is_not_kept(intakes: Intakes, recording: Recording) -> None:
    """A reading that writes by mistake changes nothing."""
    with intakes.database.reading() as session:
        session.get_one(Recording, recording.id).codes = ["LATE"]
    assert fresh(intakes.database, recording).codes == []


def test_one_edited_row_is_found(intakes: Intakes, recording: Recording) -> None:
    """Editing one entry behind the journal's back makes its check name that entry; untouched, it finds nothing."""
    with intakes.database.engine.begin() as connection:
        assert log.check(connection) == []
        index = log.entries_about(connection, recording.id)[0].index
        connection.execute(text('UPDATE journal_entry SET bytes = bytes || bytes WHERE "index" = :index'), {"index": index})
    with intakes.database.reading() as session:
        assert {fault.index for fault in log.check(session.connection())} == {index}


def test_the_journal_holds_nobody(intakes: Intakes, recording: Recording) -> None:
    """No name, address, employer or file name is in any entry of a whole story."""
    moved(intakes.database, recording, RecordingState.RELEASED, RecordingState.DECIDED)
    with intakes.database.reading() as session:
        told = journal_text(session)
    for personal in (FAMILY_NAME, MAIL, "Camille", "Entreprise", "appel"):
        assert personal.encode() not in told
    assert recording.id.encode() in told


def test_locking_what_is_not_there(registry: Database) -> None:
    """An unknown identifier is the caller's mistake."""
    with pytest.raises(RefusedError, match="rec_none"), registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, "rec_none")


def test_a_locked_database_is_unavailable(intakes: Intakes, recording: Recording, registry_url: str) -> None:
    """A writer that cannot have its turn says so, and has written nothing."""
    other = Database(registry_url, busy_seconds=0.05)

    def wait() -> None:
        with other.transaction(NOW, ACTOR) as second:
            if not other.is_sqlite:
                second.session.connection().exec_driver_sql("SET LOCAL lock_timeout = '50ms'")
            second.lock(Recording, recording.id)

    with intakes.database.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, recording.id)
        with pytest.raises(DatabaseUnavailableError):
            wait()
    other.close()


def test_an_unreachable_database_is_unavailable(tmp_path: object) -> None:
    """A database that is not there is waited for, whichever kind, and its password is in no repr."""
    for url in (f"sqlite:///{tmp_path}/none/at/all.db", "postgresql+psycopg://someone:s3cret@127.0.0.1:1/none?connect_timeout=1"):
        database = Database(url)
        with pytest.raises(DatabaseUnavailableError), database.reading() as session:
            session.exec(select(Dossier)).all()
        assert "s3cret" not in repr(database)
        database.close()


def test_readers_then_writers_do_not_collide(registry: Database) -> None:
    """Writers that read first take turns: none fails, and no number is given twice."""
    given: list[int] = []

    def take() -> None:
        for _ in range(5):
            with registry.bookkeeping() as session:
                session.exec(select(Counter)).all()
                given.append(next_number(session, "receipt-2026"))

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == list(range(1, 21))


def test_writers_of_one_dossier_lose_no_entry(intakes: Intakes, recording: Recording) -> None:
    """Many writers at once: every entry is in the journal, and its tree holds."""

    def write(number: int) -> None:
        for _ in range(5):
            with intakes.database.transaction(NOW + timedelta(seconds=number), ACTOR) as tx:
                tx.lock(Dossier, recording.dossier_id)
                tx.record("recording.noted", recording.id, by=number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with intakes.database.reading() as session:
        assert kinds(session, recording.id).count("recording.noted") == 20
        assert log.check(session.connection()) == []


def test_a_new_row_needs_its_entry(intakes: Intakes) -> None:
    """A row that appears without an entry is refused like a change."""
    (file,) = opened(intakes.database)
    with pytest.raises(UnexplainedWriteError), intakes.database.transaction(NOW, ACTOR) as tx:
        tx.session.add(EvaluationSession(**(file.session.model_dump() | {"id": new_id("ses"), "code": "AUTRE"})))
