"""Does finding what is due cost what is due, or what is stored? Among a million recordings against among ten thousand.

The same hundred recordings are due in both. Timed: the stale ones looked for (there are none), what is due read with its facts, the run
sorted. Exit code 1 when the million takes more than 1.5 times as long.
"""

import argparse
import statistics
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert

from registry import migrate, sessions
from registry.codes import Language
from registry.database import Database
from registry.ids import new_id
from registry.roster import Civility, RosterLine
from registry.states import RecordingState
from registry.tables import Channel, Decision, Door, Notification, Proof, Recording
from retention import due, runs
from retention.terms import Choices

TARGET = 1.5
DUE = 100
NOW = datetime(2027, 1, 4, 12, tzinfo=UTC)
ELIGIBLE = datetime(2026, 8, 25, 22, tzinfo=UTC)
CHOICES = Choices()


def found(path: Path, stored: int) -> Database:
    """Make a registry with so many recordings, a hundred of them due."""
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    opened = NOW - timedelta(days=300)
    with database.transaction(opened, "system:bench") as tx:
        session = sessions.create(tx, code="BENCH", exam_on=date(2026, 6, 15), scheme="cqp-ce", unit="1")
        dossiers = [sessions.enrol(tx, session, _line(n))[1].id for n in range(DUE + 1)]
    with database.engine.begin() as connection:
        due_rows = [_recording(one, ELIGIBLE) for one in dossiers[:DUE]]
        decisions = [
            {"id": new_id("dec"), "dossier_id": one, "decided_on": date(2026, 6, 20), "recorded_at": opened, "recorded_by": "system:bench"}
            for one in dossiers[:DUE]
        ]
        connection.execute(insert(Recording), due_rows)
        connection.execute(insert(Decision), [{"needs_confirmation": False} | one for one in decisions])
        connection.execute(insert(Notification), [_notification(one) for one in decisions])
        for start in range(0, stored - DUE, 10_000):
            count = min(10_000, stored - DUE - start)
            later = (NOW + timedelta(days=1 + n % 900) for n in range(count))
            connection.execute(insert(Recording), [_recording(dossiers[DUE], at) for at in later])
    due.recompute(database, CHOICES)  # notes the centre's choices, once
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE recording SET stale = 0")
    return database


def _line(number: int) -> RosterLine:
    return RosterLine(
        reference=f"B-{number}",
        civility=Civility.MRS,
        family_name="Bench",
        given_name="Bench",
        mail="bench@centre.example",
        employer="",
        department="75",
        hearing_at=datetime(2026, 6, 15, 8, tzinfo=UTC),
        language=Language.FR,
    )


def _recording(dossier_id: str, eligible_at: datetime) -> dict[str, object]:
    return {
        "id": new_id("rec"),
        "dossier_id": dossier_id,
        "state": RecordingState.DECIDED,
        "door": Door.FOLDER,
        "received_at": NOW - timedelta(days=250),
        "sha256": "0" * 64,
        "size_bytes": 1,
        "judgement": {},
        "codes": [],
        "warnings": [],
        "rules_version": 1,
        "stale": False,
        "eligible_at": eligible_at,
        "eligible_cause": "appeal_period_over",
    }


def _notification(decision: dict[str, object]) -> dict[str, object]:
    return {
        "id": new_id("ntf"),
        "dossier_id": decision["dossier_id"],
        "decision_id": decision["id"],
        "channel": Channel.REGISTERED_LETTER,
        "sent_on": date(2026, 6, 22),
        "handed_over_on": date(2026, 6, 25),
        "proof": Proof.HANDED_OVER,
        "unclaimed": False,
        "recorded_at": decision["recorded_at"],
        "recorded_by": "system:bench",
        "needs_confirmation": False,
    }


def look(database: Database) -> float:
    """Return the seconds of one look for what is due."""
    began = time.perf_counter()
    due.recompute(database, CHOICES)
    with database.reading() as session:
        count = len(due.due(session, NOW, CHOICES))
        runs.plan(session, CHOICES, NOW)
    taken = time.perf_counter() - began
    assert count == DUE, count
    return taken


def main() -> int:
    """Measure both, in turns, and print the ratio of the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stored", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=15)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="consigne-bench-") as directory:
        few, many = found(Path(directory, "few.db"), 10_000), found(Path(directory, "many.db"), told.stored)
        times = [(look(few), look(many)) for _ in range(told.rounds)]
        small, large = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{DUE} due among 10,000: {small * 1000:.1f} ms; among {told.stored:,}: {large * 1000:.1f} ms")
        print(f"ratio {large / small:.2f} (at most {TARGET})")
        few.close()
        many.close()
    return int(large / small > TARGET)


if __name__ == "__main__":
    sys.exit(main())
