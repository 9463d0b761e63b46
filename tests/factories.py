"""Builders for the tests: people, sessions, recordings, attestations, and an intake that stands on fakes. All are made up."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, cast

from sqlmodel import Session, col, select

from consent.notices import load_notices
from consent.record import ConsentRecord, Source, Way
from intake import attesting
from intake.admission import Admission, admit
from intake.answering import Answering
from intake.attestations import Attestations
from intake.attesting import Attested
from intake.claims import Sighting
from intake.confine import Pool
from intake.examining import Examiner
from intake.flow import Intake, Step
from intake.mp3.judgement import Judgement
from intake.policy import Policy
from intake.shares import Identity, Place, Share
from intake.storing import Strongroom
from journal import log
from notifications.centre import Centre
from notifications.parts import Contact
from registry import owners, recordings, sessions, users
from registry.clock import PARIS
from registry.codes import Code, Language
from registry.database import Database
from registry.ids import new_id
from registry.roster import Civility, RosterLine
from registry.sessions import File
from registry.states import RecordingState, StateError, Who
from registry.tables import Door, Dossier, OutboxFile, OutboxMail, Recording, Role
from storage.identity import Identity as CentreIdentity
from storage.objects import MemoryObjects
from storage.vault import MemoryVault, Mirrored

NOW = datetime(2026, 5, 12, 9, 3, tzinfo=UTC)
"""A Tuesday, thirteen days before the last day of :data:`EXAM_ON`'s session."""
EXAM_ON, DEADLINE = date(2026, 6, 15), date(2026, 5, 25)
CALL_ON = date(2026, 5, 4)
CODE, REFERENCE = "JUIN-2026", "C-012"
ACTOR = "system:test"
FAMILY_NAME, MAIL = "Zyxwvut", "zyxwvut@example.org"
"""What must never be found in a journal, a log or a key."""
CENTRE = Centre(
    "Centre d’essai", "https://depot.example.org", Contact("Dominique Contact", "coordination@example.org", None), "example.org", 75_000_000
)
_IDENTITY = CentreIdentity.generate()


@dataclass
class FixedClock:
    """A clock that stands still until it is told to go on."""

    instant: datetime = NOW

    def now(self) -> datetime:
        """Return the present instant."""
        return self.instant.astimezone(UTC)

    def go_on(self, **lapse: float) -> datetime:
        """Let time pass, and return the new instant."""
        self.instant += timedelta(**lapse)
        return self.now()


@dataclass(frozen=True)
class ScriptedExaminer(Examiner):
    """An examiner that finds in each file what the test says, and nothing wrong in the others."""

    found: dict[str, Judgement] = field(default_factory=dict)
    sounds: frozenset[str] = frozenset()

    def judge(self, descriptor: int, *, sha256: str) -> Judgement:
        """Return what the test says of these bytes."""
        del descriptor
        return self.found.get(sha256, judgement(sha256=sha256))

    def has_audio(self, descriptor: int) -> bool:
        """Tell whether the test calls these bytes a sound."""
        with open(f"/proc/self/fd/{descriptor}", "rb") as file:  # noqa: PTH123 - a descriptor has no better path
            return sha256_of(file.read()) in self.sounds


def nobody_asks() -> Pool:
    """Stand where a pool of confined processes would, unused."""
    return cast("Pool", None)


@dataclass(frozen=True)
class Intakes:
    """The parts of intake on fakes: a real database and a real folder; objects, vaults and clock in memory."""

    database: Database
    share: Share
    clock: FixedClock = field(default_factory=FixedClock)
    policy: Policy = field(default_factory=Policy)
    objects: MemoryObjects = field(default_factory=MemoryObjects)
    vaults: Mirrored = field(default_factory=lambda: Mirrored(MemoryVault(), MemoryVault()))
    examiner: ScriptedExaminer = field(default_factory=lambda: ScriptedExaminer(nobody_asks()))
    centre: Centre = field(default_factory=lambda: CENTRE)
    owner: str = field(default_factory=owners.this_process)

    @property
    def answering(self) -> Answering:
        """What says the answers."""
        return Answering(self.centre, self.policy)

    @property
    def admission(self) -> Admission:
        """The database's side of the flow."""
        return Admission(self.database, self.answering, self.policy, self.owner)

    @property
    def strongroom(self) -> Strongroom:
        """Where sealed recordings go."""
        return Strongroom(self.objects, self.vaults, _IDENTITY.public)

    def flow(self, after: Callable[[Step], None] = lambda _step: None) -> Intake:
        """Assemble the flow."""
        reading = Attestations(self.database, self.answering, load_notices(), self.clock, ACTOR)
        return Intake(
            database=self.database,
            share=self.share,
            examiner=self.examiner,
            strongroom=self.strongroom,
            admission=self.admission,
            answering=self.answering,
            attestations=reading,
            clock=self.clock,
            policy=self.policy,
            owner=self.owner,
            after=after,
        )

    def folder(self, file: File) -> Path:
        """Return the deposit folder of a dossier, made."""
        path = self.share.root / file.session.code / file.dossier.folder
        path.mkdir(parents=True, exist_ok=True)
        return path


def line(reference: str = REFERENCE, **changed: Any) -> RosterLine:
    """Return one line of a list of candidates."""
    told: dict[str, Any] = {
        "reference": reference,
        "civility": Civility.MRS,
        "family_name": FAMILY_NAME,
        "given_name": "Camille",
        "mail": MAIL,
        "employer": "Entreprise d’essai",
        "department": "75",
        "hearing_at": datetime.combine(EXAM_ON, time(9, 30), PARIS),
        "language": Language.FR,
    }
    return RosterLine(**(told | changed))


def opened(
    database: Database,
    *references: str,
    code: str = CODE,
    exam_on: date = EXAM_ON,
    scheme: str = "cqp-ce",
    unit: str = "1",
    now: datetime = NOW - timedelta(days=60),
    **changed: Any,
) -> list[File]:
    """Open a session with candidates, one by default, and return their dossiers."""
    with database.transaction(now, ACTOR) as tx:
        session = sessions.create(tx, code=code, exam_on=exam_on, scheme=scheme, unit=unit)
        wanted = references or (REFERENCE,)
        dossiers = [sessions.enrol(tx, session, line(reference, **changed))[1].id for reference in wanted]
    with database.reading() as session_:
        return [sessions.file_of(session_, one) for one in dossiers]


def coordinator(database: Database, mail: str = "coordination@example.org") -> str:
    """Enrol a coordinator, and return the identifier."""
    with database.transaction(NOW, ACTOR) as tx:
        return users.add(tx, role=Role.COORDINATOR, name="Dominique Contact", mail=mail).id


def sha256_of(data: bytes) -> str:
    """Hash bytes."""
    return hashlib.sha256(data).hexdigest()


def judgement(*codes: Code, data: bytes = b"", sha256: str | None = None, duration: float | None = 1452.3) -> Judgement:
    """Return what the examination of a file found: nothing wrong by default."""
    return Judgement.of(frozenset(codes), sha256=sha256 or sha256_of(data), size_bytes=len(data), duration_seconds=duration)


def record(call_on: date = CALL_ON, given_on: date | None = None, source: Source = Source.FORM, **changed: Any) -> ConsentRecord:
    """Return one attestation."""
    told: dict[str, Any] = {
        "candidate_reference": REFERENCE,
        "client_reference": "BCDF-GHJK",
        "call_date": call_on,
        "call_time": None,
        "given_on": given_on or call_on,
        "way": Way.ORAL_BEFORE,
        "told_recording": True,
        "told_purpose": True,
        "told_retention": True,
        "notice_id": "2024-10",
        "notice_sha256": "0" * 64,
        "client_role": None,
        "attested_on": NOW.date(),
        "source": source,
    }
    return ConsentRecord(**(told | changed))


def attest(parts: Intakes, file: File, said: ConsentRecord | None = None, now: datetime | None = None) -> Attested:
    """Hand an attestation in."""
    with parts.database.transaction(now or parts.clock.now(), ACTOR) as tx:
        return attesting.attest(tx, file, said or record(), parts.answering)


def admitted(
    parts: Intakes, file: File, *codes: Code, data: bytes = b"a sound", at: datetime | None = None, received_at: datetime | None = None
) -> Recording:
    """Bring a recording through the ruling and its answer, as after it was stored, and return it."""
    now = at or parts.clock.now()
    with parts.database.transaction(now, ACTOR) as tx:
        tx.lock(Dossier, file.dossier.id)
        row = Recording(
            id=new_id("rec"),
            dossier_id=file.dossier.id,
            state=RecordingState.RECEIVED,
            door=Door.FOLDER,
            received_at=received_at or now,
            sha256=sha256_of(data),
            size_bytes=len(data),
            original_name=f"appel {FAMILY_NAME}.mp3",
            judgement=judgement(*codes, data=data).to_json(),
            attempt_id=new_id("att"),
        )
        tx.session.add(row)
        tx.record("recording.received", row.id)
        recordings.move(tx, row, RecordingState.CHECKING, Who.INTAKE)
        admit(tx, file, row, parts.answering)
    return row


def accepted(database: Database, file: File, data: bytes = b"a sound", state: RecordingState = RecordingState.ACCEPTED) -> Recording:
    """Write a recording down that was just accepted, or stands otherwise after the checks, without ruling and without an answer."""
    with database.transaction(NOW, ACTOR) as tx:
        row = Recording(
            id=new_id("rec"),
            dossier_id=file.dossier.id,
            state=RecordingState.RECEIVED,
            door=Door.FOLDER,
            received_at=NOW,
            sha256=sha256_of(data),
            size_bytes=len(data),
            original_name=f"appel {FAMILY_NAME}.mp3",
            judgement=judgement(data=data).to_json(),
        )
        tx.session.add(row)
        tx.record("recording.received", row.id)
        recordings.move(tx, row, RecordingState.CHECKING, Who.INTAKE)
        recordings.move(tx, row, state, Who.INTAKE)
    return row


def fresh(database: Database, recording: Recording) -> Recording:
    """Read a recording again."""
    with database.reading() as session:
        return session.get_one(Recording, recording.id)


def moved(database: Database, recording: Recording, *states: RecordingState) -> None:
    """Take a recording on along the table of states, whoever may."""
    for state in states:
        with database.transaction(NOW, ACTOR) as tx:
            row = tx.lock(Recording, recording.id)
            for who in Who:
                try:
                    recordings.move(tx, row, state, who)
                except StateError:
                    continue
                break


def sighting(share: Share, path: Path, *, at: datetime = NOW, **told: Any) -> Sighting:
    """Look at a file below the root of a share."""
    *folder, name = bytes(path.relative_to(share.root)).split(b"/")
    place = Place(tuple(folder), name)
    status = share.stat(place)
    assert status is not None
    return Sighting(place, Identity.of(status), at, **told)


def names(folder: Path) -> list[str]:
    """Return what lies in a folder, in order."""
    return sorted(one.name for one in folder.iterdir())


def files_of(session: Session) -> list[OutboxFile]:
    """Return every file queued for a folder, oldest first."""
    return list(session.exec(select(OutboxFile).order_by(col(OutboxFile.created_at), col(OutboxFile.name))))


def mails_of(session: Session, kind: str = "") -> list[OutboxMail]:
    """Return every mail queued, of one kind, oldest first."""
    found = session.exec(select(OutboxMail).order_by(col(OutboxMail.created_at), col(OutboxMail.dedupe_key)))
    return [mail for mail in found if mail.kind.startswith(kind)]


def kinds(session: Session, subject: str) -> list[str]:
    """Return what the journal says of something, in order."""
    return [one.entry.kind for one in log.entries_about(session.connection(), subject)]


def journal_text(session: Session) -> bytes:
    """Return every entry of the journal, as written."""
    entries: Iterable[log.Recorded] = log.read(session.connection())
    return b"\n".join(one.entry.encode() for one in entries)
