"""The listening log: what was heard, merged; an opening in the journal; twelve months."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.database import Database
from registry.errors import DatabaseUnavailableError
from registry.tables import Listening
from sharing import log
from sharing.log import Notebook, merged
from tests.factories import NOW
from tests.sharing.house import House

pytestmark = [pytest.mark.postgresql_later, pytest.mark.slow]

_SPANS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: (min(pair), max(pair))), max_size=12)


@given(_SPANS)
def test_merged_spans_hold_the_same_bytes_and_never_touch(spans: list[tuple[int, int]]) -> None:
    """Nothing is lost, nothing is counted twice, and merging again changes nothing."""
    found = merged(spans)
    assert {at for start, stop in found for at in range(start, stop)} == {at for start, stop in spans for at in range(start, stop)}
    assert all(one[1] < other[0] for one, other in itertools.pairwise(found))
    assert all(start < stop for start, stop in found)
    assert merged(found) == found


def test_an_opening_is_in_the_journal_before_the_first_byte_and_once_a_sitting(house: House) -> None:
    """Who, what and when: ids only. A pause of half an hour begins another sitting, in this process or the next."""
    recording, cookie, evaluator = house.listener()
    permit = house.room.permit(cookie, recording)
    first = house.room.begin(permit)
    (entry,) = house.entries("listening.began")
    assert (entry.entry.subject, entry.entry.actor) == (first, evaluator.id)
    assert dict(entry.entry.facts) == {"recording": recording, "listener": evaluator.id}
    house.clock.go_on(minutes=29)
    assert house.room.begin(permit) == first
    house.room.note(first, 0, 10)
    house.room.notebook.flush()
    house.clock.go_on(minutes=29)
    assert Notebook(house.database).begin(evaluator.id, recording, house.clock.now()) == first
    house.clock.go_on(minutes=31)
    assert Notebook(house.database).begin(evaluator.id, recording, house.clock.now()) != first
    assert len(house.entries("listening.began")) == 2


def test_what_is_noted_is_merged_with_what_was_written(house: House) -> None:
    """Ranges of many requests make one line, and each byte counts once."""
    recording, cookie, _ = house.listener()
    sitting = house.room.begin(house.room.permit(cookie, recording))
    for start, stop in ((0, 10), (50, 60), (5, 20)):
        house.room.note(sitting, start, stop)
        house.clock.go_on(seconds=1)
    house.room.notebook.flush()
    house.room.note(sitting, 20, 50)
    (row,) = house.sittings(recording)
    assert (row.parts, log.heard(row), row.began_at) == ([[0, 60]], 60, NOW)
    assert row.last_at == NOW + timedelta(seconds=3)


def test_it_is_written_within_a_second_without_being_asked(house: House) -> None:
    """A timer writes down what was noted."""
    recording, cookie, _ = house.listener()
    house.room.note(house.room.begin(house.room.permit(cookie, recording)), 0, 10)
    timer = house.room.notebook._timer
    assert timer is not None
    timer.join(10)
    with house.database.reading() as session:
        assert [row.parts for row in log.of_recording(session, recording)] == [[[0, 10]]]


def test_a_database_that_is_away_loses_no_note(house: House, tmp_path: Path) -> None:
    """What could not be written is kept, with what came since."""
    recording, cookie, _ = house.listener()
    notebook = house.room.notebook
    sitting = house.room.begin(house.room.permit(cookie, recording))
    notebook.note(sitting, 0, 10, NOW)
    real, notebook.database = notebook.database, Database(f"sqlite:///{tmp_path}/nowhere/at/all.db")
    with pytest.raises(DatabaseUnavailableError):
        notebook.flush()
    notebook.note(sitting, 10, 30, NOW)
    notebook.close()
    notebook.database.close()
    notebook.database = real
    notebook.flush()
    assert [row.parts for row in house.sittings(recording)] == [[[0, 30]]]


def test_after_twelve_months_it_is_gone_and_the_journal_is_not(house: House) -> None:
    """Rows older than a year are removed; the others stay."""
    recording, cookie, _ = house.listener()
    house.room.note(house.room.begin(house.room.permit(cookie, recording)), 0, 10)
    house.room.notebook.flush()
    for days, gone in ((365, 0), (365.1, 1)):
        with house.database.bookkeeping() as session:
            assert log.expire(session, NOW + timedelta(days=days)) == gone
    with house.database.reading() as session:
        assert log.of_recording(session, recording) == []
        assert session.get(Listening, house.entries("listening.began")[0].entry.subject) is None
