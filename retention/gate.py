"""The gate: the destruction of one recording, and the only way to it.

1. ask, inside the lock: eligible? no hold, no appeal? clock sane? announced? approved? If any answer is no, stop and say why
2. commit the state ``destroying``: from here every request to listen is refused
3. entomb the key, in the vault and its mirror: the moment that cannot be undone
4. delete every version, marker and unfinished upload of its objects, and the original where intake has not finished
5. prove it, with a second client that can only read
6. commit the state ``destroyed`` and the facts of the certificate
7. certify; then clear what is personal of the recording

Where the vault or its mirror already holds a tombstone, the gate begins at step 2, from any state, without the questions.
Where the journal already tells of the end, the end is told as a repetition, and there is no second certificate.

A kill after any step resumes at that step; "already gone" counts as done, and is proved the same way. A step that fails is reported
and tried again later, from the third on. A row lock and a lease decide between two workers: the other finds nothing to do.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

import structlog

from registry.clock import Clock
from registry.errors import DatabaseUnavailableError
from registry.tables import Recording
from retention import copies, proving
from retention.account import Work
from retention.guards import Belief, Doubt
from retention.proving import NotProvedError, Originals, OriginalsUnavailableError, Witness
from retention.questions import NotNowError
from retention.undertaking import BusyError, Clear, SettledError, State, Step, Task, Tell, Undertakings, done
from storage.errors import StorageError
from storage.keyfile import Tombstone
from storage.objects import ObjectStore
from storage.vault import Mirrored

_log = structlog.get_logger()


class Outcome(StrEnum):
    """What the gate did with a recording."""

    DESTROYED = "destroyed"  # proved, certified, cleared
    REPEATED = "repeated"  # proved again: its certificate is the first one
    PROVED = "proved"  # as far as step 5, as it was asked
    COMPLETED = "completed"  # as far as step 6, as it was asked
    REFUSED = "refused"  # a question of step 1: nothing was touched
    FAILED = "failed"  # to be tried again
    BUSY = "busy"  # another worker has it, or it must wait
    SETTLED = "settled"  # nothing is left to do


@dataclass(frozen=True, slots=True)
class Ended:
    """How one recording left the gate, and why where it did not come through: a code, never a text."""

    recording_id: str
    outcome: Outcome
    why: str | None = None


Certify = Callable[[str, datetime], None]
"""Signs a checkpoint, assembles and stores the certificate of a destruction, by its id, and queues its mails. Safe to repeat."""


class _StepError(Exception):
    """A step failed: which, and the code of why. Never leaves the gate."""

    def __init__(self, step: Step, code: str) -> None:
        super().__init__(code)
        self.step, self.code = step, code


def _unobserved(_step: Step) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Gate:
    """The gate and what it stands on. ``after`` is told of each step done (the crash tests stop there)."""

    undertakings: Undertakings
    objects: ObjectStore
    witness: Witness
    vaults: Mirrored
    originals: Originals
    state: State
    certify: Certify
    clear: Clear
    tell: Tell
    clock: Clock
    after: Callable[[Step], None] = _unobserved

    def destroy(
        self,
        recording_id: str,
        belief: Belief | Doubt,
        *,
        run_id: str | None = None,
        until: Step = Step.CERTIFY,
        again: bool = False,
        compacted_at: datetime | None = None,
    ) -> Ended:
        """Treat one recording, as far as it can be treated now. What fails outside is written down and tried again, not raised.

        Args:
            recording_id: which.
            belief: what was found when the clock was asked, before any lock; a doubt lets only what has begun go on.
            run_id: the run on whose list it stands.
            until: the last step to take, 5 to 7: a sweep proves many before it compacts the store, and certifies many together.
            again: take up also what came to its end: a copy came back, as with a bucket that was restored.
            compacted_at: when the store's volumes were compacted after step 4, where that was done.

        Raises:
            DatabaseUnavailableError: nothing can be written down; what was done stays done.
        """
        try:
            task = self._entered(recording_id, belief, run_id, again=again)
            return self._treated(replace(task, work=replace(task.work, compacted_at=compacted_at or task.work.compacted_at)), until)
        except (BusyError, SettledError) as nothing:
            return Ended(recording_id, Outcome.BUSY if isinstance(nothing, BusyError) else Outcome.SETTLED)
        except NotNowError as refused:
            return Ended(recording_id, Outcome.REFUSED, refused.why)
        except StorageError as error:  # nothing has begun: the vaults were asked first
            return Ended(recording_id, Outcome.FAILED, f"vault_{_code(error)}")

    def _treated(self, task: Task, until: Step) -> Ended:
        try:
            return Ended(task.recording_id, self._steps(task, until))
        except _StepError as failed:
            _log.warning("destruction.failed", destruction=task.id, step=int(failed.step), code=failed.code)
            self.undertakings.fail(task, failed.step, failed.code, self.tell, self.clock.now())
            return Ended(task.recording_id, Outcome.FAILED, failed.code)

    def _entered(self, recording_id: str, belief: Belief | Doubt, run_id: str | None, *, again: bool) -> Task:
        """Steps 1 and 2, or where an earlier try stopped. The vaults are asked before anything is locked."""
        task = self.undertakings.claim(recording_id, self.clock.now(), again=again)
        if task is not None:
            return task
        with self.undertakings.database.reading() as session:
            recording = session.get(Recording, recording_id)
            attempts = () if recording is None else copies.attempts_of(session, recording)
        if recording is None:
            raise SettledError
        answers = copies.answers_of(self.vaults, attempts)
        task = self.undertakings.enter(recording_id, answers, belief, run_id, self.clock.now(), self.after)
        self.after(Step.BEGIN)
        return task

    def _steps(self, task: Task, until: Step) -> Outcome:
        # 3. entomb
        if task.step < Step.ENTOMB:
            task = self._entomb(task)
        # 4. delete
        if task.step < Step.DELETE:
            task = self._delete(task)
        # 5. prove
        if task.step < Step.PROVE:
            task = self._prove(task)
        if until < Step.COMPLETE:
            self.undertakings.release(task)
            return Outcome.PROVED
        # 6. complete
        if task.step < Step.COMPLETE:
            task = self._complete(task)
        if until < Step.CERTIFY:
            self.undertakings.release(task)
            return Outcome.COMPLETED
        # 7. certify and clear
        return self._certify(task)

    def _entomb(self, task: Task) -> Task:
        with self._step(Step.ENTOMB):
            proving.can_see(self.witness, self.objects, task.copies)
            now, index = self.clock.now(), self.undertakings.started_index(task)
            for attempt in task.copies.attempt_ids:
                self.vaults.entomb(Tombstone(attempt, now, index))
            return self._done(task, Step.ENTOMB, replace(task.work, entombed_at=now))

    def _delete(self, task: Task) -> Task:
        with self._step(Step.DELETE):
            work = task.work
            for copy in task.copies.each:
                for key in copy.object_keys:
                    work = work.plus(self.objects.remove_all(key), waveform=key == copy.waveform)
            taken = self.originals.remove(task.recording_id, task.copies.attempt_ids, task.sha256)
            work = replace(work, originals=work.originals + taken, removed_at=self.clock.now())
            return self._done(task, Step.DELETE, work)

    def _prove(self, task: Task) -> Task:
        with self._step(Step.PROVE):
            deposit = task.recording_id, task.sha256
            proof = proving.prove(self.witness, self.vaults, self.originals, task.copies, deposit, self.clock.now())
            return self._done(task, Step.PROVE, replace(task.work, proved_at=proof.proved_at))

    def _complete(self, task: Task) -> Task:
        with self._step(Step.COMPLETE):
            self.undertakings.complete(task, self.state, self.clock.now())
            self.after(Step.COMPLETE)
            return done(task, Step.COMPLETE)

    def _certify(self, task: Task) -> Outcome:
        with self._step(Step.CERTIFY):
            repeated = self.undertakings.is_repeated(task)
            if not repeated:
                self.certify(task.id, self.clock.now())
            self.undertakings.finish(task, self.clear, self.clock.now())
            self.after(Step.CERTIFY)
            return Outcome.REPEATED if repeated else Outcome.DESTROYED

    def _done(self, task: Task, step: Step, work: Work) -> Task:
        task = done(task, step, work)
        self.undertakings.save(task, self.clock.now())
        self.after(step)
        return task

    @contextmanager
    def _step(self, step: Step) -> Iterator[None]:
        """Turn what a step raises into a failure of that step; what is nobody's but ours has the code of its type.

        Raises:
            DatabaseUnavailableError: nothing can be written down now.
        """
        try:
            yield
        except (BusyError, DatabaseUnavailableError):
            raise
        except NotProvedError as error:
            raise _StepError(step, str(error.code)) from error
        except OriginalsUnavailableError as error:
            raise _StepError(step, "folder_unavailable") from error
        except Exception as error:
            raise _StepError(step, _code(error)) from error


def _code(error: Exception) -> str:
    """Name an error for rows, logs and mails: ``storage_unavailable``. Its message stays where it is."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", type(error).__name__.removesuffix("Error")).lower()
