"""The database side of the flow: step 4 (recording and attempt), step 8 (the commit), and the end of step 9."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from intake import claims, ruling
from intake.answering import Answering
from intake.claims import Claim
from intake.errors import NotOursError
from intake.malware import Malware
from intake.mp3.judgement import Judgement
from intake.originals import TakenAway
from intake.policy import Policy
from intake.reading import Bytes
from intake.storing import Attempt, Sealed
from registry import reasons, recordings, sessions
from registry.codes import Answer, Code
from registry.database import Database, Transaction
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import AttemptState, Deposit, DepositState, Dossier, Recording, UploadAttempt

ACTOR = "system:intake"
_at_work: set[str] = set()  # this process's attempts: a lease of ours that is not here could not be given back


class Standing(StrEnum):
    """What step 4 found out about these bytes."""

    OPEN = "open"  # a new attempt is ours
    REPEATED = "repeated"  # they were answered before: the same answer again
    DESTROYED = "destroyed"  # they belong to a recording that is being or was destroyed
    BUSY = "busy"  # another worker is storing them


@dataclass(frozen=True)
class Admission:
    """Writes what is true of a deposit, each time in one transaction with its entries and its mails."""

    database: Database
    answering: Answering
    policy: Policy
    owner: str

    def open(
        self, claim: Claim, file: File, data: Bytes, judgement: Judgement, now: datetime, malware: Malware | None = None
    ) -> tuple[Standing, Attempt | None]:
        """Step 4: commit the recording and an upload attempt, or find that these bytes were here before.

        What the scanner found waits in the recording's codes, where every ruling reads it.
        """
        with self.database.transaction(now, ACTOR) as tx:
            tx.lock(Dossier, file.dossier.id)
            row = claims.ours(tx.session, claim)
            row.dossier_id, row.sha256 = file.dossier.id, data.sha256
            same = recordings.same_bytes(tx.session, data.sha256)
            if data.size and any(other.state in recordings.GONE for other in same):  # an empty file is nobody's copy
                return Standing.DESTROYED, None
            here = [other for other in same if other.dossier_id == file.dossier.id]
            unstored = [other for other in here if other.state in recordings.UNSTORED]
            if unstored and not self._free(tx, unstored[-1]):
                return Standing.BUSY, None
            if not unstored and here and self._answered_as_before(tx, file, here[-1], judgement, claim, malware):
                _note_bringer(tx, claim, here[-1])
                self._repeat(tx, file, row, here[-1])
                return Standing.REPEATED, None
            recording = self._resumed(tx, unstored[-1]) if unstored else self._received(tx, claim, file, data)
            _note_bringer(tx, claim, recording)
            recording.judgement = replace(judgement, waveform=b"").to_json()  # the waveform is sealed, never a column
            _flag(tx, recording, malware)
            return Standing.OPEN, self._attempt(tx, file, row, recording)

    def _free(self, tx: Transaction, recording: Recording) -> bool:
        """Tell whether nobody is storing this recording any more."""
        return not any(
            attempt.state is AttemptState.OPEN
            and claims.holds(attempt.lease_owner, attempt.lease_until, tx.now)
            and (attempt.lease_owner != self.owner or attempt.id in _at_work)
            for attempt in self._attempts(tx, recording)
        )

    @staticmethod
    def _attempts(tx: Transaction, recording: Recording) -> list[UploadAttempt]:
        query = select(UploadAttempt).where(UploadAttempt.recording_id == recording.id).order_by(col(UploadAttempt.id))
        return list(tx.session.exec(query.with_for_update()))

    @staticmethod
    def _answered_as_before(
        tx: Transaction, file: File, recording: Recording, judgement: Judgement, claim: Claim, malware: Malware | None
    ) -> bool:
        """Tell whether judging these bytes anew would change nothing: only a refusal can become something else."""
        if recording.answer is not Answer.REFUSED:
            return True
        consent = ruling.consent_for(ruling.consents_of(tx, file.dossier.id), recording.sha256)
        seen_at = claim.sighting.first_seen_at
        again = ruling.rule(file, recording, consent, judgement=judgement, received_at=seen_at, malware=malware is not None)
        return set(again.codes) - {Code.LATE} == set(recording.codes) - {Code.LATE}

    def _repeat(self, tx: Transaction, file: File, row: Deposit, recording: Recording) -> None:
        row.recording_id, row.attempt_id = recording.id, new_id("att")  # names the place where the copy is set aside
        standing = recordings.current(recordings.of_dossier(tx.session, file.dossier.id))
        replaced = recording.unlistenable is Unlistenable.REPLACED and standing is not None
        self.answering.again(tx, file, standing if replaced and standing else recording)
        tx.record("recording.deposited_again", recording.id)
        claims.settle(row, DepositState.STORED)

    @staticmethod
    def _received(tx: Transaction, claim: Claim, file: File, data: Bytes) -> Recording:
        recording = Recording(
            id=new_id("rec"),
            dossier_id=file.dossier.id,
            state=RecordingState.RECEIVED,
            door=claim.sighting.door,
            received_at=claim.sighting.first_seen_at,
            sha256=data.sha256,
            size_bytes=data.size,
            original_name=claim.sighting.place.shown,
            judgement={},
        )
        tx.session.add(recording)
        tx.record(
            "recording.received",
            recording.id,
            dossier=file.dossier.id,
            sha256=data.sha256,
            size_bytes=data.size,
            door=str(claim.sighting.door),
        )
        return recording

    def _resumed(self, tx: Transaction, recording: Recording) -> Recording:
        if recording.state is RecordingState.CHECKING:
            recordings.move(tx, recording, RecordingState.RECEIVED, Who.INTAKE)
        return recording

    def _attempt(self, tx: Transaction, file: File, row: Deposit, recording: Recording) -> Attempt:
        recordings.move(tx, recording, RecordingState.CHECKING, Who.INTAKE)
        attempt = UploadAttempt(
            id=new_id("att"),
            recording_id=recording.id,
            object_key=new_id("obj"),
            waveform_key=new_id("obj"),
            lease_owner=self.owner,
            lease_until=tx.now + self.policy.lease,
            started_at=tx.now,
        )
        tx.session.flush()  # the recording's row first
        tx.session.add(attempt)
        row.recording_id, row.attempt_id = recording.id, attempt.id
        _at_work.add(attempt.id)
        return Attempt(attempt.id, recording.id, file.session.id, attempt.object_key, attempt.waveform_key)

    def renew(self, claim: Claim, attempt: Attempt, now: datetime) -> None:
        """Keep a claim and its attempt for another lease.

        Raises:
            NotOursError: it was discarded, or its lease ran out and another worker has the recording.
        """
        claims.renew(self.database, claim, now + self.policy.lease)
        with self.database.bookkeeping() as session:
            row = session.get(UploadAttempt, attempt.id, with_for_update=True, populate_existing=True)
            self._require_ours(row, now).lease_until = now + self.policy.lease

    @staticmethod
    def ended(attempt: Attempt) -> None:
        """Note that this process is no longer at work on an attempt, however it ended."""
        _at_work.discard(attempt.id)

    def give_up(self, attempt: Attempt, now: datetime) -> None:
        """End the lease of an attempt that failed, so that the next one need not wait for it."""
        with self.database.bookkeeping() as session:
            row = session.get(UploadAttempt, attempt.id, with_for_update=True, populate_existing=True)
            if row is not None and row.state is AttemptState.OPEN and row.lease_owner == self.owner:
                row.lease_until = now

    def _require_ours(self, row: UploadAttempt | None, now: datetime) -> UploadAttempt:
        if row is None or row.state is not AttemptState.OPEN or row.lease_owner != self.owner or row.lease_until <= now:
            raise NotOursError("this upload attempt was given up, or is another worker's")
        return row

    def commit(self, claim: Claim, attempt: Attempt, sealed: Sealed, now: datetime) -> None:
        """Step 8: the state, its entries, the mails and the folder's answer, all or nothing.

        Raises:
            NotOursError: the attempt was discarded, or its lease is no longer ours: the file is looked at anew.
        """
        with self.database.transaction(now, ACTOR) as tx:
            recording = tx.session.get_one(Recording, attempt.recording_id)
            tx.lock(Dossier, recording.dossier_id)
            row = claims.ours(tx.session, claim)
            recording = tx.lock(Recording, attempt.recording_id)
            won = self._require_ours(tx.lock(UploadAttempt, attempt.id), now)
            won.state = AttemptState.WON
            file = sessions.file_of(tx.session, recording.dossier_id)
            _name_objects(recording, attempt, sealed)
            tx.record(
                "recording.stored",
                recording.id,
                attempt=attempt.id,
                sealed_sha256=sealed.sound.sha256.hex(),
                sealed_bytes=sealed.sound.length,
            )
            admit(tx, file, recording, self.answering)
            claims.settle(row, DepositState.STORED)

    def taken_away(self, deposit_id: str, result: TakenAway, now: datetime) -> bool:
        """End step 9; say whether the deposit is finished."""
        if result in {TakenAway.IN_USE, TakenAway.REFUSED}:
            with self.database.bookkeeping() as session:
                row = session.get_one(Deposit, deposit_id, with_for_update=True)
                row.failures += 1
                row.code = str(result)
            return False
        with self.database.transaction(now, ACTOR) as tx:
            row = tx.lock(Deposit, deposit_id)
            if row.recording_id is not None and row.state is DepositState.STORED:
                tx.record("original.taken_away", row.recording_id, result=str(result))
            claims.settle(row, DepositState.DONE, result)
        return True


def admit(tx: Transaction, file: File, recording: Recording, answering: Answering) -> None:
    """Rule on a stored recording, write what follows, and answer. Also used when an attestation comes later."""
    consent = ruling.consent_for(ruling.consents_of(tx, file.dossier.id), recording.sha256)
    ruled = ruling.rule(file, recording, consent)
    others = recordings.of_dossier(tx.session, file.dossier.id)
    if ruled.answer is not Answer.REFUSED:
        _note_together(tx, recording, [other for other in others if other.id != recording.id])
    ruling.apply(tx, file, recording, ruled, consent)
    elsewhere = ruled.answer is not Answer.REFUSED and any(
        same.dossier_id != recording.dossier_id and same.state not in recordings.GONE
        for same in recordings.same_bytes(tx.session, recording.sha256)
    )
    answering.answer(tx, file, recording, duplicate=elsewhere)


def _note_together(tx: Transaction, later: Recording, others: list[Recording]) -> None:
    for earlier in others:
        good = earlier.state not in (*recordings.GONE, *recordings.UNSTORED, RecordingState.REJECTED)
        if good and earlier.unlistenable is None and ruling.came_together(earlier, later):
            earlier.together_with, later.together_with = later.id, earlier.id
            tx.record("recording.came_together", earlier.id, other=later.id)
            tx.record("recording.came_together", later.id, other=earlier.id)


def _flag(tx: Transaction, recording: Recording, malware: Malware | None) -> None:
    if malware is not None:
        tx.record("recording.malware_found", recording.id, scanner=f"{malware.signature}:FOUND")
    recording.codes = [Code.MALWARE] if malware else []


def _note_bringer(tx: Transaction, claim: Claim, recording: Recording) -> None:
    bringer = claim.sighting.bringer
    if bringer is not None:
        tx.record("recording.brought", recording.id, by=bringer.actor, reason_sha256=reasons.note(tx, recording.id, bringer.reason))


def _name_objects(recording: Recording, attempt: Attempt, sealed: Sealed) -> None:
    recording.attempt_id = attempt.id
    recording.object_version, recording.waveform_version = sealed.sound.version_id, sealed.waveform.version_id
    recording.sealed_sha256, recording.sealed_bytes = sealed.sound.sha256.hex(), sealed.sound.length
