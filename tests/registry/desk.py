"""A desk at which two members of the staff record facts about one dossier, some weeks after its hearing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from registry import decisions, notifying, recordings, users
from registry.database import Database, Transaction
from registry.notifying import Said
from registry.sessions import File
from registry.states import RecordingState, Who
from registry.tables import Channel, Decision, Dossier, Notification, Proof, Recording, Role
from registry.versions import Told
from tests.factories import NOW, accepted, fresh, opened

LATER = datetime(2026, 7, 10, 9, tzinfo=UTC)
DECIDED, SENT, HANDED_OVER = date(2026, 6, 20), date(2026, 6, 22), date(2026, 6, 25)
LETTER = Said(Channel.REGISTERED_LETTER, SENT, HANDED_OVER, Proof.HANDED_OVER)
T = TypeVar("T")


@dataclass
class Desk:
    """The dossier, its accepted recording, and who acts: ``first`` unless told otherwise."""

    database: Database
    file: File
    recording: Recording
    first: str
    second: str
    now: datetime = LATER

    @classmethod
    def of(cls, database: Database, reference: str = "C-012", code: str = "JUIN-2026") -> "Desk":
        """Open a session with one dossier that has an accepted recording, and enrol two people."""
        (file,) = opened(database, reference, code=code)
        with database.transaction(NOW, "system:test") as tx:
            first, second = (
                users.add(tx, role=role, name=name, mail=f"{name}@{code.lower()}.example.org").id
                for role, name in ((Role.COORDINATOR, "first"), (Role.COMPLIANCE_OFFICER, "second"))
            )
        return cls(database, file, accepted(database, file), first, second)

    @property
    def id(self) -> str:
        """The dossier."""
        return self.file.dossier.id

    @property
    def held(self) -> Recording:
        """The recording, as it is now."""
        return fresh(self.database, self.recording)

    def act(self, what: Callable[[Transaction], T], by: str | None = None) -> T:
        """Do something in one transaction."""
        with self.database.transaction(self.now, by or self.first) as tx:
            return what(tx)

    def decide(self, day: date = DECIDED, *, two: bool = False, reason: str | None = None, by: str | None = None) -> Told[Decision]:
        """Record or correct the decision."""
        return self.act(lambda tx: decisions.record(tx, self.id, day, two_people=two, reason=reason), by)

    def notify(self, said: Said = LETTER, *, two: bool = False, reason: str | None = None, correct: bool = False) -> Told[Notification]:
        """Record, complete or correct the notification."""
        return self.act(lambda tx: notifying.record(tx, self.id, said, two_people=two, reason=reason, correct=correct))

    def begin(self, *, end: bool = False) -> None:
        """Begin the destruction of the recording, as the gate does once it has asked; ``end`` it too."""

        def gate(tx: Transaction) -> None:
            tx.lock(Dossier, self.id)
            row = tx.lock(Recording, self.recording.id)
            recordings.move(tx, row, RecordingState.DESTROYING, Who.GATE)
            if end:
                recordings.move(tx, row, RecordingState.DESTROYED, Who.GATE)
                row.destroyed_at = tx.now

        self.act(gate)

    def calm(self) -> None:
        """Let retention have looked at the recording: it is stale no more."""
        with self.database.bookkeeping() as session:
            session.get_one(Recording, self.recording.id).stale = False

    def seen(self) -> tuple[RecordingState, bool]:
        """Return the recording's state, and whether retention is asked to look at it."""
        held = self.held
        return held.state, held.stale
