"""Destructions: what was announced, the list of each run, and how far each one is."""

from datetime import datetime
from typing import ClassVar

from sqlmodel import Field, UniqueConstraint

from registry.tables.types import Instant, Row


class Announcement(Row, table=True):
    """One notice that a recording will be destroyed, as one mail said it. It counts once that mail was accepted."""

    __tablename__ = "announcement"
    __table_args__ = (UniqueConstraint("recording_id", "eligible_at", "days_ahead", "mail_id"),)

    id: str = Field(primary_key=True)
    recording_id: str = Field(foreign_key="recording.id", index=True)
    eligible_at: datetime = Field(sa_type=Instant)
    days_ahead: int
    mail_id: str = Field(index=True)
    announced_at: datetime = Field(sa_type=Instant)
    accepted_at: datetime | None = Field(default=None, sa_type=Instant)  # by the mail server, or when its file was written


class DisposalRun(Row, table=True):
    """The list of what one run is to destroy, and who approved it where somebody must."""

    __tablename__ = "disposal_run"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    listed_at: datetime = Field(sa_type=Instant)
    listing: str  # canonical JSON: pseudonymous ids, causes and dates
    listing_sha256: str
    proposed_by: str
    needs_approval: bool = False
    approved_at: datetime | None = Field(default=None, sa_type=Instant)
    approved_by: str | None = None
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    list_document: bytes | None = None  # the signed disposal list, once the run has ended


class Destruction(Row, table=True):
    """One recording's way through the gate. ``step`` is the last numbered step whose work is committed."""

    __tablename__ = "destruction"
    journaled: ClassVar[bool] = True
    bookkeeping: ClassVar[frozenset[str]] = frozenset(
        {
            "step",
            "work",
            "lease_owner",
            "lease_until",
            "attempts",
            "next_at",
            "failure_code",
            "completed_index",
            "certificate",
            "checkpoint_size",
            "mailed_at",
            "cleared_at",
        }
    )

    id: str = Field(primary_key=True)
    recording_id: str = Field(foreign_key="recording.id", unique=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    run_id: str | None = Field(default=None, index=True)
    cause: str
    eligible_at: datetime | None = Field(default=None, sa_type=Instant)
    grounds: str  # canonical JSON: the facts that were read inside the lock when destruction began
    started_at: datetime = Field(sa_type=Instant)
    step: int = 2
    work: str | None = None  # canonical JSON: what steps 3 to 5 did and saw, until the facts hold it
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    next_at: datetime | None = Field(default=None, sa_type=Instant, index=True)  # None once nothing is left to do
    failure_code: str | None = None
    completed_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    facts: str | None = None  # canonical JSON of the certificate's facts
    facts_sha256: str | None = None
    completed_index: int | None = None  # of the journal's entry
    checkpoint_size: int | None = None  # of the checkpoint signed after it
    certificate: bytes | None = None
    mailed_at: datetime | None = Field(default=None, sa_type=Instant)
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)
