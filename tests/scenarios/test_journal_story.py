"""The journal tells the whole story of a session, and shows who changed it, or changed the registry behind its back."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import Connection, text
from sqlmodel import select

from consigne.voice import mp3, silence
from journal import log
from journal.audit import FaultKind
from registry import states
from registry.audit import unexplained
from registry.database import Database
from registry.states import RecordingState
from registry.tables import Recording
from tests.scenarios.centre import Centre, recording, wait_for
from tests.scenarios.ending import Witness

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

_EDIT = text('UPDATE journal_entry SET bytes = :bytes WHERE "index" = :index')
_READ = text('SELECT bytes FROM journal_entry WHERE "index" = :index')
_SET_STATE = text("UPDATE recording SET state = :state WHERE id = :id")


@dataclass(frozen=True)
class Told:
    """A session that is over: its database, and the recordings that it made."""

    database: Database
    recordings: list[Recording]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Told]:
    """Play a session with every answer a recording can get; nothing runs any more when it is told."""
    url = None
    if request.param == "postgresql":
        server = request.getfixturevalue("postgres_server")
        url = server.url(server.create())
    with Centre.found(tmp_path_factory.mktemp(request.param), database_url=url) as centre:
        _play(centre)
        with centre.database().reading() as session:
            yield Told(centre.database(), list(session.exec(select(Recording))))


def _play(centre: Centre) -> None:
    good, late_attested, refused, quiet, replaced, repeated, unattested = refs = centre.enrol(7)
    with centre.up():
        for ref in (good, refused, quiet, replaced, repeated):
            centre.attest(ref)
        for number, ref in enumerate(refs):
            centre.drop(ref, "appel.mp3", _content(ref, number, refused=refused, quiet=quiet))
        for ref in refs:
            centre.wait_answer(ref)
        centre.attest(late_attested, by_form=True)
        wait_for(lambda: centre.recordings(late_attested)[0].state == RecordingState.ACCEPTED, "the attestation changes the answer")
        wait_for(lambda: not (centre.folder(repeated) / "appel.mp3").exists(), "the first copy is taken away")
        centre.drop(repeated, "appel.mp3", recording(refs.index(repeated)))
        centre.drop(replaced, "un autre appel.mp3", recording(50))
        wait_for(lambda: len(centre.recordings(replaced)) == 2, "a second recording comes")
        witness = Witness(centre)
        wait_for(lambda: all(witness.settled(ref) for ref in refs), "all is settled")
    assert centre.recordings(unattested)[0].state == RecordingState.AWAITING_CONSENT


def _content(ref: str, number: int, *, refused: str, quiet: str) -> bytes:
    if ref == refused:
        return b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(4000)
    return mp3(silence(20), 32_000, 16_000) if ref == quiet else recording(number)


def test_every_recording_comes_to_its_state_by_the_steps_of_the_table(told: Told) -> None:
    """Each step begins where the one before it ended, is one that the table of states has, and is called as the table says."""
    ends = set()
    with told.database.reading() as session:
        for row in told.recordings:
            entries = [one.entry for one in log.entries_about(session.connection(), row.id)]
            assert entries[0].kind == "recording.received"
            at = RecordingState.RECEIVED
            for entry in entries:
                if "after" in entry.facts:
                    after = RecordingState(str(entry.facts["after"]))
                    assert entry.facts["before"] == at
                    assert entry.kind in {step.kind for step in states.TABLE if (step.before, step.after) == (at, after)}
                    at = after
            assert at is row.state
            ends.add(at)
        assert unexplained(session) == []
        assert log.check(session.connection()) == []
    assert ends == {RecordingState.ACCEPTED, RecordingState.AWAITING_CONSENT, RecordingState.REJECTED, RecordingState.TO_REVIEW}


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_an_edited_entry_is_named(told: Told, share: float) -> None:
    """Whoever changes one byte of one entry, first, last or between, is found at that very index."""
    with told.database.engine.connect() as connection:
        index = round(share * (log.size(connection) - 1))
        was = bytes(connection.execute(_READ, {"index": index}).scalar_one())
        _edit(connection, index, was.replace(b"system", b"systen", 1))
        faults = log.check(connection)
        connection.rollback()
    assert [(fault.index, fault.kind) for fault in faults] == [(index, FaultKind.EDITED)]


def _edit(connection: Connection, index: int, data: bytes) -> None:
    assert connection.execute(_EDIT, {"index": index, "bytes": data}).rowcount == 1
    assert bytes(connection.execute(_READ, {"index": index}).scalar_one()) == data


@pytest.mark.parametrize("state", ["released", "destroyed", "no state at all"])
def test_a_state_changed_behind_the_journals_back_is_found(told: Told, state: str) -> None:
    """The row says what no entry says: it is named, with what the journal says of it."""
    row = told.recordings[0]
    with told.database.reading() as session:
        session.connection().execute(_SET_STATE, {"state": state, "id": row.id})
        found = unexplained(session)
        session.rollback()
    assert [(one.recording_id, one.told, one.found) for one in found] == [(row.id, str(row.state), state)]


def test_a_recording_made_in_silence_is_found(told: Told) -> None:
    """A row that no entry speaks of."""
    row = told.recordings[0]
    with told.database.reading() as session:
        columns = "dossier_id, state, door, received_at, sha256, size_bytes, judgement, codes, warnings, rules_version, stale"
        copy = f"INSERT INTO recording (id, {columns}) SELECT 'rec_unheard_of', {columns} FROM recording WHERE id = :id"  # noqa: S608 - no input
        session.connection().execute(text(copy), {"id": row.id})
        found = unexplained(session)
        session.rollback()
    assert [(one.recording_id, one.told, one.found) for one in found] == [("rec_unheard_of", None, str(row.state))]
