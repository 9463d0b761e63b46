"""The database's side of the gate: who treats a destruction, what it writes down, and the two commits that change what is true."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum

from sqlmodel import Session, select

from journal import log
from journal.log import Recorded
from registry import owners, recordings
from registry.database import Database, Transaction
from registry.ids import new_id
from registry.states import RecordingState, Who
from registry.tables import Destruction, Dossier, Recording
from retention import copies
from retention.account import Grounds, Work
from retention.certificate_facts import CertificateFacts
from retention.copies import Answers, Copies
from retention.errors import RetentionError
from retention.guards import Belief, Doubt
from retention.questions import Answers as Answered
from retention.questions import NotNowError, Questions, Refusal

ACTOR = "system:gate"
STARTED, COMPLETED, REPEATED = "destruction.started", "destruction.completed", "destruction.repeated"


class Step(IntEnum):
    """The numbered steps of the gate, as the rows and the crash tests name them."""

    ASK = 1
    BEGIN = 2
    ENTOMB = 3
    DELETE = 4
    PROVE = 5
    COMPLETE = 6
    CERTIFY = 7


@dataclass(frozen=True, slots=True)
class Timing:
    """How long a lease lasts, and how long a failure waits: doubled at each try, up to a limit."""

    lease: timedelta = timedelta(minutes=10)
    first_wait: timedelta = timedelta(minutes=1)
    longest_wait: timedelta = timedelta(hours=6)

    def wait(self, attempts: int) -> timedelta:
        """Return how long to wait after so many tries."""
        doublings: int = 2 ** min(attempts - 1, 20)
        return min(self.first_wait * doublings, self.longest_wait)


@dataclass(frozen=True, slots=True)
class Task:
    """One destruction that is ours until its lease ends. ``step`` is the last one done."""

    id: str
    recording_id: str
    dossier_id: str
    sha256: str
    step: Step
    grounds: Grounds
    work: Work

    @property
    def copies(self) -> Copies:
        """What must go."""
        return self.grounds.copies


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that did not come to its end, as it is reported."""

    destruction_id: str
    recording_id: str
    dossier_id: str
    step: Step
    code: str
    attempts: int
    began_at: datetime
    next_at: datetime


State = Callable[[Transaction, Recording, Task], CertificateFacts]
"""Puts together the facts of the certificate, inside the transaction of step 6."""
Clear = Callable[[Transaction, Recording], None]
"""Clears what is personal of one recording, with its entry."""
Tell = Callable[[Session, Failure, datetime], None]
"""Queues the report of a failure, in the transaction that writes it down."""


def _unobserved(_step: Step) -> None:
    """Watch nothing."""


class BusyError(Exception):
    """Another worker has it, or took it over while we were slow; or it must wait. Never leaves the gate."""


class UntoldError(RetentionError):
    """Neither the journal nor the facts say why a key was destroyed: no certificate is made up, and a person must look."""

    def __init__(self) -> None:
        super().__init__("nothing tells why this key was destroyed: compare the journal's segments with the vault, then run reconcile")


class SettledError(Exception):
    """Nothing is left to do. Never leaves the gate."""


@dataclass(frozen=True)
class Undertakings:
    """Claims and writes. ``owner`` names this process."""

    database: Database
    questions: Questions
    owner: str
    timing: Timing = field(default_factory=Timing)

    def claim(self, recording_id: str, now: datetime, *, again: bool) -> Task | None:
        """Take the lease of a destruction that has begun; None where none has.

        A lease that stands is respected, be it of this very process: it treats a recording once at a time. ``again`` takes up one that
        came to its end, because a copy came back.

        Raises:
            BusyError: another worker has it, or it must wait.
            SettledError: it came to its end.
        """
        with self.database.bookkeeping() as session:
            row = row_of(session, recording_id)
            if row is None:
                return None
            if stands(row, now):
                raise BusyError
            if row.step >= Step.CERTIFY:
                if not again:
                    raise SettledError
                row.step, row.work, row.next_at = Step.BEGIN, None, now
            if row.next_at is not None and row.next_at > now and not again:
                raise BusyError
            row.lease_owner, row.lease_until = self.owner, now + self.timing.lease
            return _task(row, session.get_one(Recording, recording_id))

    def enter(
        self,
        recording_id: str,
        answers: Mapping[str, Answers],
        belief: Belief | Doubt,
        run_id: str | None,
        now: datetime,
        after: Callable[[Step], None] = _unobserved,
    ) -> Task:
        """Steps 1 and 2, in one transaction. ``answers`` are those of vault and mirror, asked before anything was locked.

        Raises:
            NotNowError: a question was answered by no; nothing is written.
            BusyError: another worker came first.
            SettledError: there is nothing that could be destroyed.
        """
        with self.database.transaction(now, ACTOR) as tx:
            dossier_id = tx.session.get_one(Recording, recording_id).dossier_id
            tx.lock(Dossier, dossier_id)
            recording = tx.lock(Recording, recording_id)
            if row_of(tx.session, recording_id) is not None:
                raise BusyError
            found = copies.of_recording(tx.session, recording, answers)
            told = newest_of(tx.session, recording_id, STARTED, COMPLETED)
            if recording.state in recordings.GONE or _is_entombed(recording, answers, told):
                return self._begin_again(tx, recording, found, told)
            if recording.state in recordings.UNSTORED:
                raise SettledError
            if isinstance(belief, Doubt):
                raise NotNowError(Refusal.CLOCK_DOUBTFUL)
            # 1. ask
            answered = self.questions.ask(tx, recording, belief)
            after(Step.ASK)
            # 2. begin
            return self._begin(tx, recording, found, answered, run_id)

    def _begin(self, tx: Transaction, recording: Recording, found: Copies, answered: Answered, run_id: str | None) -> Task:
        grounds = Grounds(recording.state, found, answered.ground, answered.checks, ACTOR, answered.approved_by)
        row = self._row(tx, recording, grounds, run_id)
        told = {
            "cause": row.cause,
            "eligible_at": answered.ground.eligible_at.isoformat(),
            "run": run_id,
            "approved_by": grounds.approved_by,
        }
        recordings.move(tx, recording, RecordingState.DESTROYING, Who.GATE, destruction=row.id, **told)
        recording.stale = False
        return _task(row, recording)

    def _begin_again(self, tx: Transaction, recording: Recording, found: Copies, told: Recorded | None) -> Task:
        ground, checks = self.questions.remembered(tx, recording, told)
        row = self._row(tx, recording, Grounds(recording.state, found, ground, checks, ACTOR), None)
        if recording.state not in recordings.GONE:
            repeats = told.index if told else None
            recordings.enter_again(tx, recording, RecordingState.DESTROYING, STARTED, repeats, destruction=row.id)
        return _task(row, recording)

    def _row(self, tx: Transaction, recording: Recording, grounds: Grounds, run_id: str | None) -> Destruction:
        row = Destruction(
            id=new_id("dst"),
            recording_id=recording.id,
            dossier_id=recording.dossier_id,
            run_id=run_id,
            cause=str(grounds.ground.cause) if grounds.ground else "",
            eligible_at=grounds.ground.eligible_at if grounds.ground else None,
            grounds=grounds.encode(),
            started_at=tx.now,
            step=Step.BEGIN,
            lease_owner=self.owner,
            lease_until=tx.now + self.timing.lease,
            next_at=tx.now,
        )
        tx.session.add(row)
        tx.record("destruction.undertaken", row.id, recording=recording.id, grounds_sha256=grounds.sha256)
        return row

    def save(self, task: Task, now: datetime) -> None:
        """Write down that a step is done, and keep the lease.

        Raises:
            BusyError: it went to another worker.
        """
        with self.database.bookkeeping() as session:
            row = self.ours(session, task)
            row.step, row.work, row.lease_until = task.step, task.work.encode(), now + self.timing.lease

    def release(self, task: Task) -> None:
        """Give the lease back, to go on later.

        Raises:
            BusyError: it went to another worker.
        """
        with self.database.bookkeeping() as session:
            row = self.ours(session, task)
            row.lease_owner = row.lease_until = None

    def started_index(self, task: Task) -> int:
        """Return the journal's index of the entry that a tombstone names: the newest that tells of this destruction's beginning."""
        with self.database.reading() as session:
            found = newest_of(session, task.recording_id, STARTED) or newest_of(session, task.recording_id, COMPLETED)
        if found is None:
            raise UntoldError
        return found.index

    def complete(self, task: Task, state: State, now: datetime) -> None:
        """Step 6: the state, its entry and the facts of the certificate, all or nothing.

        Raises:
            BusyError: it went to another worker.
            UntoldError: nobody can say why it was destroyed.
        """
        with self.database.transaction(now, ACTOR) as tx:
            tx.lock(Dossier, task.dossier_id)
            recording = tx.lock(Recording, task.recording_id)
            row = self.ours(tx.session, task)
            told = newest_of(tx.session, task.recording_id, COMPLETED)
            if told is None:
                if task.grounds.ground is None:
                    raise UntoldError
                facts = state(tx, recording, task)
                row.facts, row.facts_sha256 = facts.encode().decode("utf-8"), facts.sha256
                tx.record("destruction.proved", row.id, recording=recording.id, facts_sha256=facts.sha256)
                recordings.move(tx, recording, RecordingState.DESTROYED, Who.GATE, destruction=row.id, facts_sha256=facts.sha256)
            else:
                tx.record("destruction.proved_again", row.id, recording=recording.id, cites=told.index)
                recordings.enter_again(tx, recording, RecordingState.DESTROYED, REPEATED, told.index, cites=told.index)
            recording.destroyed_at = recording.destroyed_at or now
            recording.eligible_at = recording.eligible_cause = None
            recording.stale = False
            row.completed_at = row.completed_at or now
            row.step, row.work, row.lease_until = Step.COMPLETE, task.work.encode(), now + self.timing.lease

    def is_repeated(self, task: Task) -> bool:
        """Tell whether the end of this destruction was told before this row knew of it: its certificate is elsewhere."""
        with self.database.reading() as session:
            row = session.get_one(Destruction, task.id)
            return row.facts is None or newest_of(session, task.recording_id, REPEATED) is not None

    def finish(self, task: Task, clear: Clear, now: datetime) -> None:
        """Step 7, after the certificate: clear what is personal of the recording, and close the row.

        Raises:
            BusyError: it went to another worker.
        """
        with self.database.transaction(now, ACTOR) as tx:
            tx.lock(Dossier, task.dossier_id)
            recording = tx.lock(Recording, task.recording_id)
            row = self.ours(tx.session, task)
            clear(tx, recording)
            row.step, row.cleared_at = Step.CERTIFY, now
            row.next_at = row.lease_owner = row.lease_until = row.failure_code = None

    def fail(self, task: Task, step: Step, code: str, tell: Tell, now: datetime) -> None:
        """Write a failure down, tell of it, and let it be tried again later: what was not proved, from the third step on."""
        with self.database.bookkeeping() as session:
            try:
                row = self.ours(session, task)
            except BusyError:
                return
            row.attempts += 1
            row.failure_code, row.next_at = code, now + self.timing.wait(row.attempts)
            row.lease_owner = row.lease_until = None
            if row.step <= Step.PROVE:
                row.step = Step.BEGIN
            tell(session, Failure(row.id, row.recording_id, row.dossier_id, step, code, row.attempts, row.started_at, row.next_at), now)

    def ours(self, session: Session, task: Task) -> Destruction:
        """Read our row again, and hold it.

        Raises:
            BusyError: it went to another worker.
        """
        row = row_of(session, task.recording_id)
        if row is None or row.lease_owner != self.owner or row.step >= Step.CERTIFY:
            raise BusyError
        return row


def row_of(session: Session, recording_id: str) -> Destruction | None:
    """Return a recording's destruction, and hold it."""
    query = select(Destruction).where(Destruction.recording_id == recording_id)
    return session.exec(query.with_for_update().execution_options(populate_existing=True)).first()


def stands(row: Destruction, now: datetime) -> bool:
    """Tell whether somebody is at work on it: neither is the lease over, nor has its process ended."""
    return row.lease_owner is not None and row.lease_until is not None and row.lease_until > now and not owners.is_dead(row.lease_owner)


def newest_of(session: Session, recording_id: str, *kinds: str) -> Recorded | None:
    """Return the newest entry of these kinds about a recording."""
    about = log.entries_about(session.connection(), recording_id)
    return next((one for one in reversed(about) if one.entry.kind in kinds), None)


def _is_entombed(recording: Recording, answers: Mapping[str, Answers], told: Recorded | None) -> bool:
    """Tell whether the key of a recording was destroyed by this gate: that of an attempt that lost is not the recording's.

    A recording that a restore brought back unfinished names no attempt: then the journal must tell of its destruction.
    """
    if recording.attempt_id is not None:
        return copies.is_entombed(answers.get(recording.attempt_id))
    return told is not None and any(copies.is_entombed(one) for one in answers.values())


def _task(row: Destruction, recording: Recording) -> Task:
    grounds, work = Grounds.decode(row.grounds), Work.decode(row.work)
    return Task(row.id, row.recording_id, row.dossier_id, recording.sha256, Step(row.step), grounds, work)


def done(task: Task, step: Step, work: Work | None = None) -> Task:
    """Return a task after one more step."""
    return replace(task, step=step, work=work or task.work)
