"""A centre on fakes, backed up and restored: a real database and folder; objects, vaults and clock in memory; anchors in a directory."""

import copy
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlmodel import col, select

from journal import log
from registry import users
from registry.audit import unexplained
from registry.codes import Language
from registry.database import Database
from registry.ids import new_id
from registry.sessions import File
from registry.states import MailState
from registry.tables import Hold, HoldReason, OutboxMail, Recording, Role
from retention import dump
from retention.anchor_places import DirectoryPlace
from retention.anchors import Anchors
from retention.backing_up import Backup, Manifest, Source
from retention.restoring import Restored, Restorer
from storage.objects import MemoryObjects
from tests.factories import Intakes, attest, opened, sighting
from tests.retention.gates import KEY, SOUND, Gates

SETTINGS = 'database_url = "sqlite:///consigne.db"\n'


@dataclass
class Story:
    """What happens to a centre; each method is something that people or machines do."""

    gates: Gates
    tmp: Path
    backups: int = field(default=0)

    @property
    def parts(self) -> Intakes:
        """The parts of intake."""
        return self.gates.parts

    @property
    def database(self) -> Database:
        """The database."""
        return self.parts.database

    @property
    def now(self) -> datetime:
        """The present instant."""
        return self.parts.clock.now()

    @property
    def place(self) -> DirectoryPlace:
        """Where segments go."""
        return DirectoryPlace(self.tmp / "anchors")

    @property
    def anchors(self) -> Anchors:
        """What signs."""
        return Anchors(self.database, KEY, (self.place,))

    def officer(self) -> str:
        """Enrol a compliance officer, and return the identifier."""
        with self.database.transaction(self.now, "system:test") as tx:
            return users.add(tx, role=Role.COMPLIANCE_OFFICER, name="Dominique Essai", mail="conformite@example.org").id

    def stored(self, number: int = 1) -> list[Recording]:
        """Bring recordings through the whole intake, each of a candidate of its own."""
        files = opened(self.database, *(f"C-{one:03d}" for one in range(1, number + 1)))
        return [self.deposited(file, SOUND + file.dossier.folder.encode()) for file in files]

    def deposited(self, file: File, data: bytes) -> Recording:
        """Bring one file through the whole intake."""
        attest(self.parts, file)
        path = self.parts.folder(file) / "appel.mp3"
        path.write_bytes(data)
        self.parts.flow().take(sighting(self.parts.share, path, at=self.now))
        with self.database.reading() as session:
            return session.exec(select(Recording).where(Recording.dossier_id == file.dossier.id)).one()

    def mail(self, state: MailState) -> str:
        """Write down a mail that stands so; return its identifier."""
        row = OutboxMail(
            id=new_id("mail"),
            kind="deposit.open",
            dedupe_key=new_id("key"),
            to_address="essai@example.org",
            language=Language.FR,
            subject="Essai",
            text="Essai",
            html="<p>Essai</p>",
            message_id=new_id("message"),
            state=state,
            next_at=self.now,
            created_at=self.now,
        )
        with self.database.bookkeeping() as session:
            session.add(row)
        return row.id

    def back_up(self, *, objects: bool = False) -> Backup:
        """Take a backup."""
        self.backups += 1
        directory = self.tmp / f"backup-{self.backups}"
        self.write(directory, objects=objects)
        return Backup.read(directory)

    def write(self, directory: Path, *, objects: bool = False) -> Manifest:
        """Write a backup into a directory."""
        store = self.parts.objects if objects else None
        return Source(self.database, self.anchors.anchor, (self.place,), SETTINGS, store).back_up(directory, self.now)

    def bucket(self) -> MemoryObjects:
        """Copy the bucket, as an operator does on the side."""
        return copy.deepcopy(self.parts.objects)

    def put_bucket_back(self, stale: MemoryObjects) -> None:
        """Copy the old bucket over the one that is there."""
        self.parts.objects.held.clear()
        self.parts.objects.held.update(copy.deepcopy(stale.held))

    def destroyed(self, recording: Recording) -> None:
        """Have a consent withdrawn, and the recording destroyed."""
        self.gates.withdrawn(recording)
        self.parts.clock.go_on(hours=25)
        swept = self.gates.destroyer().sweep()
        assert [one.recording_id for one in swept.ended] == [recording.id]

    def restore(self, backup: Backup | None, *, reopen: bool = False, in_place: bool = False) -> Restored:
        """Restore, and send through the gate again what has a tombstone."""
        restorer = Restorer(self.database, self.parts.vaults, (self.place,), KEY.public, self.parts.objects)
        done = restorer.restore(backup, self.parts.clock.go_on(minutes=5), reopen=reopen, in_place=in_place)
        self.gates.destroyer().repeat(done.entombed)
        return done

    def put_database_back(self, backup: Backup) -> None:
        """Put an older database in the place of the one that is there, by hand."""
        with self.database.transaction(self.now, "system:test") as tx:
            dump.replace(tx.session.connection(), backup.database())

    def recordings(self) -> dict[str, Recording]:
        """Return every recording, by id."""
        with self.database.reading() as session:
            return {one.id: one for one in session.exec(select(Recording).order_by(col(Recording.id)))}

    def restored_holds(self) -> list[Hold]:
        """Return the holds of restores that stand."""
        with self.database.reading() as session:
            return list(session.exec(select(Hold).where(Hold.reason == HoldReason.RESTORED, col(Hold.released_at).is_(None))))

    def sound(self) -> bool:
        """Tell whether the journal holds, and explains every row."""
        with self.database.reading() as session:
            return log.check(session.connection()) == [] and unexplained(session) == []
