"""Recordings, the attempts to store them, and the deposits seen in folders."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, BigInteger
from sqlmodel import Field, UniqueConstraint

from registry.codes import Answer
from registry.states import RecordingState, Unlistenable
from registry.tables.types import Instant, Row, choice


class Door(StrEnum):
    """By which way a file came."""

    FOLDER = "folder"
    DEPOSIT = "deposit"
    PORTAL = "portal"


class Recording(Row, table=True):
    """One recording of one dossier. It names the one upload attempt that won."""

    __tablename__ = "recording"
    journaled: ClassVar[bool] = True
    bookkeeping: ClassVar[frozenset[str]] = frozenset({"stale", "eligible_at", "eligible_cause", "reviewed_reminder_at"})

    id: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    state: RecordingState = Field(sa_type=choice(RecordingState), index=True)
    door: Door = Field(sa_type=choice(Door))
    received_at: datetime = Field(sa_type=Instant)  # when the file was first seen: what lateness is judged by
    sha256: str = Field(index=True)
    size_bytes: int = Field(sa_type=BigInteger)
    original_name: str | None = None  # may hold a name: cleared with the recording
    judgement: dict[str, Any] = Field(sa_type=JSON)
    codes: list[str] = Field(default_factory=list, sa_type=JSON)
    warnings: list[str] = Field(default_factory=list, sa_type=JSON)
    answer: Answer | None = Field(default=None, sa_type=choice(Answer))
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    call_date: date | None = None
    consent_id: str | None = Field(default=None, foreign_key="consent.id")
    receipt_number: str | None = Field(default=None, unique=True)
    attempt_id: str | None = None
    object_version: str | None = None
    sealed_sha256: str | None = None
    sealed_bytes: int | None = Field(default=None, sa_type=BigInteger)
    waveform_version: str | None = None
    unlistenable: Unlistenable | None = Field(default=None, sa_type=choice(Unlistenable))
    unlistenable_at: datetime | None = Field(default=None, sa_type=Instant)
    replaced_by: str | None = None
    together_with: str | None = None  # another good file dropped at the same time: the candidate is asked which
    quarantine_until: datetime | None = Field(default=None, sa_type=Instant)
    review_due_on: date | None = None
    review_reason: str | None = None  # a person's words: cleared with the recording
    rules_version: int = 1
    stale: bool = Field(default=False, index=True)
    eligible_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    eligible_cause: str | None = None
    destroyed_at: datetime | None = Field(default=None, sa_type=Instant)
    reviewed_reminder_at: datetime | None = Field(default=None, sa_type=Instant)


class AttemptState(StrEnum):
    """Where an upload attempt stands."""

    OPEN = "open"
    WON = "won"
    DISCARDED = "discarded"


class UploadAttempt(Row, table=True):
    """One attempt to seal and store a recording, written before its first byte leaves."""

    __tablename__ = "upload_attempt"

    id: str = Field(primary_key=True)
    recording_id: str = Field(foreign_key="recording.id", index=True)
    state: AttemptState = Field(default=AttemptState.OPEN, sa_type=choice(AttemptState), index=True)
    object_key: str = Field(unique=True)
    waveform_key: str = Field(unique=True)
    lease_owner: str
    lease_until: datetime = Field(sa_type=Instant)
    started_at: datetime = Field(sa_type=Instant)
    swept_at: datetime | None = Field(default=None, sa_type=Instant)  # its objects and key were looked for, and are gone


class DepositState(StrEnum):
    """Where the treatment of one file in one place stands."""

    SEEN = "seen"
    CLAIMED = "claimed"
    STORED = "stored"  # the recording is safe; the original is still to be taken away
    DONE = "done"
    LEFT = "left"  # answered, and left where it lies


class Deposit(Row, table=True):
    """One file seen in one place. ``place`` may hold a name: cleared with the dossier."""

    __tablename__ = "deposit"
    __table_args__ = (UniqueConstraint("place_key"),)

    id: str = Field(primary_key=True)
    place_key: str  # SHA-256 of door and place
    door: Door = Field(sa_type=choice(Door))
    place: bytes  # path below the root of the deposit folders, as the file system spells it
    identity: str  # device, inode, size and times when last seen
    state: DepositState = Field(default=DepositState.SEEN, sa_type=choice(DepositState), index=True)
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    first_seen_at: datetime = Field(sa_type=Instant)
    not_before: datetime | None = Field(default=None, sa_type=Instant)
    sha256: str | None = None
    dossier_id: str | None = Field(default=None, foreign_key="dossier.id", index=True)
    recording_id: str | None = Field(default=None, foreign_key="recording.id", index=True)
    attempt_id: str | None = None
    code: str | None = None  # why it was left
    left_sha256: str | None = None  # of what was answered and left
    failures: int = 0
