"""Two processes at the same rows: exactly one wins, and the other says so."""

from collections import Counter
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from registry import recordings
from registry.ids import new_id
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import Door, Hold, Recording
from retention.undertaking import COMPLETED, STARTED
from tests.factories import ACTOR, Intakes, judgement, kinds, opened
from tests.retention import racing
from tests.retention.racing import Race

pytestmark = pytest.mark.slow
_ROUNDS = 1000


def _due(parts: Intakes, number: int) -> tuple[tuple[str, str], ...]:
    """Write recordings down, each of a dossier of its own, whose consent was withdrawn and whose time has come."""
    files = opened(parts.database, *(f"C-{one:04d}" for one in range(number)))
    found = []
    with parts.database.transaction(parts.clock.now(), ACTOR) as tx:
        for file in files:
            row = Recording(
                id=new_id("rec"),
                dossier_id=file.dossier.id,
                state=RecordingState.RECEIVED,
                door=Door.DEPOSIT,
                received_at=tx.now,
                sha256="0" * 64,
                size_bytes=1,
                judgement=judgement().to_json(),
                attempt_id=new_id("att"),
                unlistenable=Unlistenable.CONSENT_WITHDRAWN,
                unlistenable_at=tx.now,
            )
            tx.session.add(row)
            tx.record("recording.received", row.id)
            recordings.move(tx, row, RecordingState.CHECKING, Who.INTAKE)
            recordings.move(tx, row, RecordingState.ACCEPTED, Who.INTAKE)
            found.append((row.id, file.dossier.id))
    parts.clock.go_on(hours=25)
    return tuple(found)


def _state(session: Session, recording_id: str) -> tuple[RecordingState, bool]:
    recording = session.get_one(Recording, recording_id)
    held = session.exec(select(Hold.id).where(Hold.target_id == recording.dossier_id)).first()
    return recording.state, held is not None


def test_an_appeal_and_a_destruction(intakes: Intakes, registry_url: str) -> None:
    """A thousand times: the appeal stops the destruction, or is told that it came too late; never both, never neither."""
    intakes.database.close()
    intakes = replace(intakes, policy=replace(intakes.policy, max_files_per_folder=10 * _ROUNDS))
    race = Race(registry_url, intakes.clock.now(), _due(intakes, _ROUNDS))
    race = replace(race, now=intakes.clock.now())
    destroyed, contested = racing.run([(racing.destroy, race), (racing.contest, race)])
    outcomes = Counter((destroyed[one], contested[one]) for one, _ in race.subjects)
    lost = {("refused:held", "suspended"), ("refused:appeal_open", "suspended")}
    assert set(outcomes) <= lost | {("proved", "incident")}, outcomes
    assert sum(outcomes.values()) == _ROUNDS
    with intakes.database.reading() as session:
        for one, _ in race.subjects:
            state = RecordingState.DESTROYING if destroyed[one] == "proved" else RecordingState.ACCEPTED
            assert _state(session, one) == (state, destroyed[one] != "proved")
    assert len({won == "incident" for _, won in outcomes}) == 2, f"one side always won: {outcomes}"


def test_two_sweeps(intakes: Intakes, registry_url: str) -> None:
    """Each recording is destroyed once, whoever does it."""
    race = Race(registry_url, intakes.clock.now(), _due(intakes, 30))
    race = replace(race, now=intakes.clock.now())
    swept = racing.run([(racing.sweep, replace(race, owner=f"another/boot/{one}/1")) for one in range(2)])
    with intakes.database.reading() as session:
        for one, _ in race.subjects:
            assert session.get_one(Recording, one).state is RecordingState.DESTROYED, swept
            told = kinds(session, one)
            assert (told.count(STARTED), told.count(COMPLETED)) == (1, 1)
    assert sum(found.get(one) == "destroyed" for found in swept for one, _ in race.subjects) == 30
