"""A gate on fakes: a real database and folder; objects, vaults, clocks and the log key in memory. And recordings to send through it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from intake.reading import Bytes
from intake.storing import Attempt
from journal import checkpoints
from registry import reasons
from registry.clock import Clock
from registry.database import Database, Transaction
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState, Unlistenable
from registry.tables import AttemptState, Destruction, Recording, UploadAttempt
from retention.certificate_facts import CentreFacts, CertificateFacts
from retention.certifying import Certifier
from retention.destroying import Destroyer, Run
from retention.gate import Gate
from retention.guards import Guards
from retention.proving import Witness
from retention.questions import Questions
from retention.statement import Statement
from retention.terms import Choices
from retention.undertaking import Failure, Step, Timing, Undertakings
from storage.objects import MemoryObjects
from storage.seal import DataKey
from storage.signing import LogKey
from storage.vault import Mirrored
from tests.factories import ACTOR, Intakes, accepted, opened

SOUND, WAVEFORM = b"a sound, sealed and stored", b"its waveform"
KEY = LogKey.generate()
CENTRE = CentreFacts("Centre d’essai", "coordination@example.org", "ed25519:essai")


@dataclass
class FakeReferences:
    """Clocks that say what the test's clock says, each as far off as the test wants."""

    clock: Clock
    one_machine: bool = True
    in_time: bool = True
    database_off: timedelta = timedelta(0)
    objects_off: timedelta = timedelta(0)
    outside_off: timedelta | None = None
    failing: Exception | None = None

    def database(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        return self.clock.now() + self.database_off

    def objects(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        if self.failing:
            raise self.failing
        return self.clock.now() + self.objects_off

    def synchronised(self) -> bool:
        """See :class:`retention.guards.ClockReferences`."""
        return self.in_time

    def outside(self) -> datetime | None:
        """See :class:`retention.guards.ClockReferences`."""
        return None if self.outside_off is None else self.clock.now() + self.outside_off


@dataclass
class FakeOriginals:
    """Deposit folders in memory: how many originals of a recording lie there."""

    lying: dict[str, int] = field(default_factory=dict)
    failing: Exception | None = None

    def remove(self, recording_id: str, attempt_ids: Sequence[str], sha256: str) -> int:
        """See :class:`retention.proving.Originals`."""
        del attempt_ids, sha256
        if self.failing:
            raise self.failing
        return self.lying.pop(recording_id, 0)

    def left(self, recording_id: str, attempt_ids: Sequence[str], sha256: str) -> int:
        """See :class:`retention.proving.Originals`."""
        del attempt_ids, sha256
        return self.lying.get(recording_id, 0)


class KilledError(BaseException):
    """The process ends here: nothing of ours handles it."""


@dataclass
class Killer:
    """Kills at one step, once."""

    at: Step | None = None
    passed: list[Step] = field(default_factory=list)

    def __call__(self, step: Step) -> None:
        """Note a step, and die if it is the one."""
        self.passed.append(step)
        if step is self.at:
            self.at = None
            raise KilledError


def _cleared(tx: Transaction, recording: Recording) -> None:
    recording.original_name = None
    tx.record("recording.cleared", recording.id)


@dataclass
class Gates:
    """The gate's surroundings."""

    parts: Intakes
    choices: Choices = field(default_factory=Choices)
    references: FakeReferences = field(init=False)
    originals: FakeOriginals = field(default_factory=FakeOriginals)
    witness: Witness | None = None
    objects: MemoryObjects | None = None
    vaults: Mirrored | None = None
    failures: list[Failure] = field(default_factory=list)
    posted: list[str] = field(default_factory=list)
    killer: Killer = field(default_factory=Killer)
    certify_fails: Exception | None = None
    compactions: int = 0
    compact_fails: Exception | None = None

    def __post_init__(self) -> None:
        self.references = FakeReferences(self.parts.clock)

    @property
    def database(self) -> Database:
        """The database."""
        return self.parts.database

    def gate(self, owner: str | None = None, after: Callable[[Step], None] | None = None) -> Gate:
        """Assemble the gate."""
        questions = Questions(self.choices, lambda _session, _recording, _eligible: None)
        certifier = Certifier(self.database, self.sign, self.post)

        def certify(destruction_id: str, now: datetime) -> None:
            if self.certify_fails:
                raise self.certify_fails
            certifier(destruction_id, now)

        def tell(_session: Session, failure: Failure, _now: datetime) -> None:
            self.failures.append(failure)

        objects = self.objects or self.parts.objects
        return Gate(
            undertakings=Undertakings(self.database, questions, owner or self.parts.owner, Timing()),
            objects=objects,
            witness=self.witness or objects,
            vaults=self.vaults or self.parts.vaults,
            originals=self.originals,
            state=Statement(CENTRE, self.choices, "consigne-test", embedded=True),
            certify=certify,
            clear=_cleared,
            tell=tell,
            clock=self.parts.clock,
            after=after or self.killer,
        )

    def sign(self, now: datetime) -> None:
        """Sign the journal."""
        with self.database.bookkeeping() as session:
            checkpoints.sign_newest(session.connection(), KEY.private, now)

    def post(self, _session: Session, row: Destruction, facts: CertificateFacts, _now: datetime) -> None:
        """Note that a certificate leaves."""
        assert facts.id == row.id
        self.posted.append(row.recording_id)

    @property
    def guards(self) -> Guards:
        """The guards of the clock."""
        return Guards(self.database, self.parts.clock, self.references, timedelta(days=self.choices.max_silence_days))

    def destroyer(self, owner: str | None = None) -> Destroyer:
        """Assemble the sweep, which lists all that is due."""

        def draw_up(now: datetime) -> list[Run]:
            with self.database.reading() as session:
                query = select(Recording.id).where(col(Recording.unlistenable_at) <= now, Recording.state != RecordingState.DESTROYED)
                return [Run("run_" + "0" * 32, tuple(session.exec(query.order_by(col(Recording.received_at), col(Recording.id)))))]

        def compact() -> None:
            if self.compact_fails:
                raise self.compact_fails
            self.compactions += 1

        return Destroyer(self.database, self.gate(owner), self.guards, draw_up, lambda _run, _now: None, compact)

    def stored(self, number: int = 1) -> list[Recording]:
        """Write accepted recordings down, each of a candidate of its own, with their objects and keys, as intake leaves them."""
        files = opened(self.database, *(f"C-{one:03d}" for one in range(1, number + 1)))
        return [self.kept(file, SOUND + file.dossier.folder.encode()) for file in files]

    def kept(self, file: File, data: bytes = SOUND) -> Recording:
        """Write one accepted recording down, with its objects and its key."""
        row = accepted(self.database, file, data)
        attempt, key = Attempt(new_id("att"), row.id, file.session.id, new_id("obj"), new_id("obj")), DataKey.generate()
        stored = self.parts.strongroom.upload(attempt, key, [data], len(data), WAVEFORM)
        self.parts.strongroom.keep_key(attempt, key, stored, Bytes(-1, row.sha256, len(data), b""), len(WAVEFORM))
        with self.database.transaction(self.parts.clock.now(), ACTOR) as tx:
            recording = tx.lock(Recording, row.id)
            recording.attempt_id = attempt.id
            recording.object_version, recording.waveform_version = stored.sound.version_id, stored.waveform.version_id
            tx.session.add(
                UploadAttempt(
                    id=attempt.id,
                    recording_id=row.id,
                    state=AttemptState.WON,
                    object_key=attempt.object_key,
                    waveform_key=attempt.waveform_key,
                    lease_owner=self.parts.owner,
                    lease_until=tx.now,
                    started_at=tx.now,
                )
            )
            tx.record("recording.stored", row.id, attempt=attempt.id)
        return recording

    def withdrawn(self, recording: Recording, at: datetime | None = None) -> Recording:
        """Withdraw the client's consent: an early cause, which needs no announcement."""
        with self.database.transaction(at or self.parts.clock.now(), ACTOR) as tx:
            row = tx.lock(Recording, recording.id)
            row.unlistenable, row.unlistenable_at = Unlistenable.CONSENT_WITHDRAWN, tx.now
            tx.record("recording.consent_withdrawn", row.id, reason_sha256=reasons.note(tx, row.id, "essai"))
        return row

    def due(self, number: int = 1) -> list[Recording]:
        """Store recordings, and let the time come when they may be destroyed; return them in the order in which a sweep takes them."""
        rows = [self.withdrawn(one) for one in self.stored(number)]
        self.parts.clock.go_on(hours=25)
        return sorted(rows, key=lambda row: row.id)  # they came at one instant

    def recording(self, recording_id: str) -> Recording:
        """Read a recording again."""
        with self.database.reading() as session:
            return session.get_one(Recording, recording_id)

    def row(self, recording_id: str) -> Destruction:
        """Read a destruction."""
        with self.database.reading() as session:
            return session.exec(select(Destruction).where(Destruction.recording_id == recording_id)).one()

    def on(self, **changed: object) -> "Gates":
        """Return the same surroundings with something exchanged."""
        other = replace(self, **changed)  # type: ignore[arg-type]  # the fields of this class
        other.failures, other.posted = self.failures, self.posted
        return other
