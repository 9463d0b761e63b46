"""What does the gate cost? Destroying recordings one by one, proved and certified, against listing and deleting their objects alone.

Both on the same SeaweedFS, the same number of objects of the same size: two a recording. The peer lists the versions of each object and
deletes them, and knows nothing afterwards. Ours locks, asks, entombs, deletes, proves with a second client, completes, certifies, clears,
and has the store compacted. Exit code 1 when ours destroys less than half as many a second. The compaction, once a sweep, is told apart.
"""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from consigne import founding, logs, settings
from consigne.demo_parts import DemoParts
from consigne.founding import Told
from registry import recordings, sessions
from registry.clock import SystemClock, civil_date
from registry.codes import Language
from registry.database import Transaction
from registry.ids import new_id
from registry.roster import Civility, RosterLine
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import AttemptState, Door, Recording, UploadAttempt
from retention.gate import Outcome
from storage.keyfile import KeyFile, SealedObject
from storage.s3 import client
from storage.seal import Part

TARGET = 0.5
SOUND, WAVEFORM = 200_000, 900


def found(home: Path) -> DemoParts:
    """Make a centre that may destroy as many a day as there are."""
    told = Told(
        "Bench", "Bench", "bench@centre.example", None, "depots", "mirror", "http://127.0.0.1:9", 0, "bench@centre.example", None, "bench"
    )
    founding.found(home, told, SystemClock())
    loaded = settings.load(home)
    many = loaded.retention.model_copy(update={"max_destructions_per_day": 1_000_000})
    return DemoParts(loaded.model_copy(update={"retention": many}))


def store(parts: DemoParts, count: int) -> None:
    """Store recordings that were replaced two days ago: a cause that waits for no notice."""
    now = parts.clock.now()
    with parts.database.transaction(now, "system:bench") as tx:
        session = sessions.create(tx, code="BENCH", exam_on=civil_date(now) + timedelta(days=60), scheme="cqp-ce", unit="1")
        dossiers = [sessions.enrol(tx, session, _line(n, parts))[1].id for n in range(count)]
        session_id = session.id
    for dossier_id in dossiers:
        with parts.database.transaction(now, "system:bench") as tx:
            _store(parts, tx, dossier_id, session_id)


def _store(parts: DemoParts, tx: Transaction, dossier_id: str, session_id: str) -> None:
    attempt = UploadAttempt(
        id=new_id("att"),
        recording_id=new_id("rec"),
        state=AttemptState.WON,
        object_key=new_id("obj"),
        waveform_key=new_id("obj"),
        lease_owner="",
        lease_until=tx.now,
        started_at=tx.now,
    )
    sound, waveform = (parts.objects.put(key, [os.urandom(size)], size) for key, size in _objects(attempt))
    parts.vaults.put(
        KeyFile(
            attempt.recording_id,
            attempt.id,
            session_id,
            "idn_bench",
            os.urandom(64),
            (
                SealedObject(Part.SOUND, sound.key, SOUND, sound.sha256),
                SealedObject(Part.WAVEFORM, waveform.key, WAVEFORM, waveform.sha256),
            ),
        )
    )
    row = Recording(
        id=attempt.recording_id,
        dossier_id=dossier_id,
        state=RecordingState.RECEIVED,
        door=Door.FOLDER,
        received_at=tx.now,
        sha256=os.urandom(32).hex(),
        size_bytes=SOUND,
        judgement={},
        attempt_id=attempt.id,
        unlistenable=Unlistenable.REPLACED,
        unlistenable_at=tx.now - timedelta(days=2),
    )
    tx.session.add(row)
    tx.session.flush()
    tx.session.add(attempt)
    tx.record("recording.received", row.id)
    recordings.move(tx, row, RecordingState.CHECKING, Who.INTAKE)
    recordings.move(tx, row, RecordingState.ACCEPTED, Who.INTAKE)


def _objects(attempt: UploadAttempt) -> tuple[tuple[str, int], tuple[str, int]]:
    return (attempt.object_key, SOUND), (attempt.waveform_key, WAVEFORM)


def _line(number: int, parts: DemoParts) -> RosterLine:
    return RosterLine(
        reference=f"B-{number}",
        civility=Civility.MRS,
        family_name="Bench",
        given_name="Bench",
        mail="bench@centre.example",
        employer="",
        department="75",
        hearing_at=parts.clock.now() + timedelta(days=60),
        language=Language.FR,
    )


def bare(parts: DemoParts, count: int) -> float:
    """Return the seconds that listing and deleting alone take."""
    assert parts.embedded is not None
    parts.embedded.objects("bare")
    s3 = client(parts.embedded.settings("bare"))
    pairs = [((f"b{n}s", SOUND), (f"b{n}w", WAVEFORM)) for n in range(count)]
    for key, size in (one for pair in pairs for one in pair):
        s3.put_object(Bucket="bare", Key=key, Body=os.urandom(size))
    began = time.monotonic()
    for pair in pairs:
        found = [one for key, _ in pair for one in s3.list_object_versions(Bucket="bare", Prefix=key).get("Versions", [])]
        told = [{"Key": str(one["Key"]), "VersionId": str(one["VersionId"])} for one in found]
        s3.delete_objects(Bucket="bare", Delete={"Objects": told, "Quiet": True})  # type: ignore[typeddict-item]  # a plain dict will do
    return time.monotonic() - began


def main() -> int:
    """Measure both in one run, and print the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=200)
    count = parser.parse_args().count
    logs.configure()
    with tempfile.TemporaryDirectory(prefix="bench-destroy-") as directory:
        parts = found(Path(directory, "centre"))
        assert parts.embedded is not None
        with parts.embedded as embedded:
            theirs = bare(parts, count)
            store(parts, count)
            compacting = _Timed(embedded.compact)
            destroyer = replace(parts.destroyer(), compact=compacting)
            began = time.monotonic()
            swept = destroyer.sweep()
            ours = time.monotonic() - began - compacting.seconds
            done = len(swept.of(Outcome.DESTROYED))
        parts.close()
    assert done == count, [one for one in swept.ended if one.outcome is not Outcome.DESTROYED][:3]
    print(
        f"{count} recordings: listed and deleted in {theirs:.1f} s, destroyed in {ours:.1f} s, then compacted in {compacting.seconds:.1f} s"
    )
    print(f"ratio {theirs / ours:.2f} recordings a second against the bare calls (at least {TARGET})")
    return int(theirs / ours < TARGET)


class _Timed:
    """Calls something, and remembers how long it took."""

    def __init__(self, act: Callable[[], object]) -> None:
        self._act = act
        self.seconds = 0.0

    def __call__(self) -> None:
        began = time.monotonic()
        self._act()
        self.seconds += time.monotonic() - began


if __name__ == "__main__":
    sys.exit(main())
