"""One deposit, from a file that was seen whole to a sealed recording, an answer, and an empty place.

1. claim the file: a lease says that it is ours
2. read it once, into memory, hashing
3. judge it, in the confined process; ask the malware scanner, where there is one
4. commit the recording and an upload attempt, before the first byte leaves
5. upload it, sealed
6. read it back, open it with the key still in memory, compare
7. put the sealed key in the vault and its mirror, and read both back
8. lock the attempt; commit the state, the journal entries, the mails and the folder's answer
9. take the original away: out of sight, hashed again, unlinked if equal

A kill at any point ends in the same place: what was not committed is done again under a new attempt, what was
committed is finished. Callers repeat ``take`` until it says that the file is settled.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from sqlmodel import Session

from intake import claims, originals, sorting
from intake.admission import ACTOR, Admission, Standing
from intake.answering import Answering
from intake.attestations import Attestations
from intake.claims import Claim, Sighting
from intake.confine.errors import ConfinementUnavailableError
from intake.errors import ChangedError, IntakeError, MustWaitError, NotOursError, NotRegularError, UnreadableError
from intake.examining import Examiner
from intake.malware import Malware, NoScanner, Scanner
from intake.mp3.judgement import Judgement
from intake.originals import TakenAway
from intake.policy import Policy
from intake.reading import Bytes, TooLargeError, whole
from intake.shares import Identity, Place, Share
from intake.sorting import Kind
from intake.storing import Attempt, KeyNotKeptError, Strongroom
from registry import sessions
from registry.clock import Clock
from registry.codes import Code
from registry.database import Database
from registry.errors import DatabaseUnavailableError
from registry.sessions import File
from registry.tables import Deposit, DepositState, Door
from storage.errors import StorageError
from storage.seal import DataKey

_LEFT_FOR: Mapping[type[Exception], Code] = {
    TooLargeError: Code.TOO_LARGE,
    NotRegularError: Code.LINK,
    UnreadableError: Code.UNREADABLE,
}
_NOWHERE = Identity(0, 0, 0, 0, 0)


class Step(IntEnum):
    """The numbered steps, as the crash tests name them."""

    CLAIM = 1
    READ = 2
    JUDGE = 3
    ATTEMPT = 4
    UPLOAD = 5
    READ_BACK = 6
    KEEP_KEY = 7
    COMMIT = 8
    TAKE_AWAY = 9


class Outcome(StrEnum):
    """What ``take`` did with a file."""

    TAKEN = "taken"
    REPEATED = "repeated"  # the same bytes were here before: the last answer again
    ATTESTED = "attested"
    LEFT = "left"  # answered, and left where it lies
    OURS = "ours"  # a file that we wrote ourselves
    SETTLED = "settled"
    WAITS = "waits"  # to be looked at again
    CHANGED = "changed"  # to be seen whole again first


def _unobserved(_step: Step) -> None:
    """Watch nothing."""


@dataclass(frozen=True)
class Intake:
    """The flow and what it stands on. ``after`` is told of each step done (the crash tests stop there)."""

    database: Database
    share: Share
    examiner: Examiner
    strongroom: Strongroom
    admission: Admission
    answering: Answering
    attestations: Attestations
    clock: Clock
    policy: Policy
    owner: str
    scanner: Scanner = field(default_factory=NoScanner)
    after: Callable[[Step], None] = _unobserved

    def take(self, sighting: Sighting) -> Outcome:
        """Treat one file, as far as it can be treated now. Nothing is raised for what the file is or becomes.

        Raises:
            MustWaitError: the store, the vaults, the scanner, the database or the share do not answer; the file stays, unharmed.
        """
        try:
            return self._take(sighting)
        except (ChangedError, NotOursError):
            return Outcome.CHANGED
        except KeyNotKeptError as error:
            raise MustWaitError("mirror_unreachable", str(error)) from error
        except StorageError as error:
            raise MustWaitError("store_unavailable", str(error)) from error
        except DatabaseUnavailableError as error:
            raise MustWaitError("database_unavailable", str(error)) from error
        except ConfinementUnavailableError as error:
            raise MustWaitError("confinement_unavailable", str(error)) from error

    def _take(self, sighting: Sighting) -> Outcome:
        # 1. claim
        now = self.clock.now()
        standing, claim = claims.claim(self.database, sighting, owner=self.owner, now=now, lease=self.policy.lease)
        if standing is claims.Standing.SETTLED:
            return Outcome.SETTLED
        if claim is None:
            return Outcome.WAITS
        if standing is claims.Standing.UNFINISHED:
            return self.finish(claim.deposit_id)
        self.after(Step.CLAIM)
        try:
            return self._claimed(claim)
        except Exception:  # whatever it was: another try need not wait for the lease to run out
            self._give_back(claim)
            raise

    def _give_back(self, claim: Claim) -> None:
        """Give a claim up; the row of a file that is not there any more is closed, so that nothing waits for it."""
        try:
            gone = self.share.stat(claim.sighting.place) is None
        except (IntakeError, OSError):
            gone = False
        try:
            if gone:
                with self.database.bookkeeping() as session:
                    claims.settle(claims.ours(session, claim), DepositState.DONE, claims.VANISHED)
            else:
                claims.release(self.database, claim, failed=True)
        except (DatabaseUnavailableError, NotOursError):
            return  # the lease will run out

    def _claimed(self, claim: Claim) -> Outcome:
        sighting = claim.sighting
        with self.database.reading() as session:
            file = _file_of(session, sighting)
        if file is None:
            return self._leave(claim, None, Code.UNKNOWN_FOLDER)
        if file.session.closed_at is not None and sighting.door is Door.FOLDER:
            return self._leave(claim, file, Code.SESSION_CLOSED)
        # 2. read
        try:
            with whole(self.share, sighting.place, sighting.identity, self.policy.max_bytes) as data:
                if sighting.sha256 not in {None, data.sha256}:
                    raise ChangedError("the second hash is not the first")
                self.after(Step.READ)
                return self._settle(claim, Outcome.OURS) if self._is_ours(data) else self._sorted(claim, file, data)
        except (TooLargeError, NotRegularError, UnreadableError) as error:
            return self._leave(claim, file, _LEFT_FOR[type(error)])

    def _sorted(self, claim: Claim, file: File, data: Bytes) -> Outcome:
        kind = sorting.kind_of(claim.sighting.place.name, data, self.examiner)
        if kind is Kind.ATTESTATION:
            if data.size > self.policy.max_attestation_bytes:
                return self._leave(claim, file, Code.TOO_LARGE, data.sha256)
            read = self.examiner.attestation(
                data.descriptor, ending=sorting.extension(claim.sighting.place.name).decode("ascii", "replace")
            )
            self.attestations.take(claim, file, data, read)
            return Outcome.ATTESTED
        if kind is Kind.FOREIGN:
            return self._leave(claim, file, Code.NOT_A_DEPOSIT, data.sha256)
        # 3. judge
        judgement = self.examiner.judge(data.descriptor, sha256=data.sha256)
        self.after(Step.JUDGE)
        now = self.clock.now()
        grows_until = claim.sighting.first_seen_at + self.policy.patience
        if sorting.may_grow(judgement) and now < grows_until and claim.sighting.door is Door.FOLDER:
            claims.release(self.database, claim, not_before=grows_until)
            return Outcome.WAITS
        return self._judged(claim, file, data, judgement, self.scanner.scan(data))

    def _judged(self, claim: Claim, file: File, data: Bytes, judgement: Judgement, malware: Malware | None) -> Outcome:
        # 4. commit the attempt
        standing, attempt = self.admission.open(claim, file, data, judgement, self.clock.now(), malware)
        self.after(Step.ATTEMPT)
        if standing is Standing.BUSY:
            claims.release(self.database, claim, not_before=self.clock.now() + self.policy.retry)
            return Outcome.WAITS
        if standing is Standing.DESTROYED:
            return self._leave(claim, file, Code.ALREADY_DESTROYED, data.sha256)
        if standing is Standing.REPEATED:
            self.after(Step.COMMIT)
            self.finish(claim.deposit_id)
            return Outcome.REPEATED
        assert attempt is not None
        try:
            self._store(claim, attempt, data, judgement)
        except (StorageError, ChangedError):
            self.admission.give_up(attempt, self.clock.now())
            raise
        finally:
            self.admission.ended(attempt)
        # 9. take the original away
        return self.finish(claim.deposit_id)

    def _store(self, claim: Claim, attempt: Attempt, data: Bytes, judgement: Judgement) -> None:
        key = DataKey.generate()
        # 5. upload
        sealed = self.strongroom.upload(attempt, key, self._beating(claim, attempt, data), data.size, judgement.waveform)
        self.after(Step.UPLOAD)
        # 6. read back
        self.strongroom.read_back(attempt, key, sealed, data)
        self.after(Step.READ_BACK)
        # 7. keep the key
        self.admission.renew(claim, attempt, self.clock.now())
        self.strongroom.keep_key(attempt, key, sealed, data, len(judgement.waveform))
        self.after(Step.KEEP_KEY)
        # 8. commit
        self.admission.commit(claim, attempt, sealed, self.clock.now())
        self.after(Step.COMMIT)

    def _beating(self, claim: Claim, attempt: Attempt, data: Bytes) -> Iterator[bytes]:
        """Yield the bytes, renewing the leases as they leave: a slow store is not a dead worker."""
        renewed = self.clock.now()
        for chunk in data.chunks():
            if self.clock.now() - renewed > self.policy.lease / 3:
                renewed = self.clock.now()
                self.admission.renew(claim, attempt, renewed)
            yield chunk

    def hold_back(self, folder: tuple[bytes, ...]) -> None:
        """Answer for a whole folder that holds too many files, once until it is let go: nothing in it is touched."""
        place = Place(folder, b"")
        with self.database.transaction(self.clock.now(), ACTOR) as tx:
            if folder not in claims.held_back(tx.session):
                file = _file_of(tx.session, Sighting(place, _NOWHERE, self.clock.now()))
                self.answering.not_taken(tx, place, file, Code.TOO_MANY_FILES)

    def let_go(self, folder: tuple[bytes, ...]) -> None:
        """Withdraw that answer: the folder holds no more than a person can have meant."""
        with self.database.bookkeeping() as session:
            claims.withdraw(session, claims.about_all_of(folder))

    def finish(self, deposit_id: str) -> Outcome:
        """Step 9, also after a restart: take the original of a stored deposit away."""
        with self.database.reading() as session:
            row = session.get(Deposit, deposit_id)
        if row is None or row.state is not DepositState.STORED or row.attempt_id is None or row.sha256 is None:
            return Outcome.SETTLED
        place = Place.of(row.place)
        result = TakenAway.KEPT
        if row.door is Door.FOLDER:
            result = originals.take_away(self.share, place, row.attempt_id, row.sha256)
        self.after(Step.TAKE_AWAY)
        return Outcome.TAKEN if self.admission.taken_away(row.id, result, self.clock.now()) else Outcome.WAITS

    def _is_ours(self, data: Bytes) -> bool:
        with self.database.reading() as session:
            return self.answering.is_ours(session, data.sha256)

    def _settle(self, claim: Claim, outcome: Outcome) -> Outcome:
        with self.database.bookkeeping() as session:
            claims.withdraw(session, claim.sighting.key)
            claims.settle(claims.ours(session, claim), DepositState.LEFT)
        return outcome

    def _leave(self, claim: Claim, file: File | None, code: Code, sha256: str | None = None) -> Outcome:
        """Leave a file where it lies, and answer beside it, once: the same file put back or touched is not answered again."""
        with self.database.transaction(self.clock.now(), ACTOR) as tx:
            row = claims.ours(tx.session, claim)
            answered = (row.code, row.left_sha256) == (code, sha256)
            if claim.sighting.door is Door.FOLDER and not answered:
                claims.withdraw(tx.session, claim.sighting.key)
                size = claim.sighting.identity.size if code is Code.TOO_LARGE else None
                self.answering.not_taken(tx, claim.sighting.place, file, code, size_bytes=size)
            row.dossier_id = file.dossier.id if file else None
            row.left_sha256 = sha256
            claims.settle(row, DepositState.LEFT, code)
        return Outcome.LEFT


def _file_of(session: Session, sighting: Sighting) -> File | None:
    """Find whose deposit this is: told by who brings it, or by the folder it lies in."""
    if sighting.bringer is not None:
        return sessions.file_of(session, sighting.bringer.dossier_id)
    match sighting.place.folder:
        case (code, folder) if code.isascii() and folder.isascii():
            return sessions.file_in_folder(session, code.decode("ascii"), folder.decode("ascii"))
        case _:
            return None
