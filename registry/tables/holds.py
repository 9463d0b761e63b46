"""Holds: what keeps a recording from being destroyed, whatever else is true of it."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from registry.tables.types import Instant, Row, choice


class HoldReason(StrEnum):
    """Why destruction is suspended."""

    APPEAL = "appeal"
    LITIGATION = "litigation"
    DPO_REQUEST = "dpo_request"
    RESTORED = "restored"  # after a restore, until a named person has re-entered what the backup lacks
    OTHER = "other"


class HoldScope(StrEnum):
    """How much a hold covers."""

    RECORDING = "recording"
    DOSSIER = "dossier"
    SESSION = "session"
    ALL = "all"


class Hold(Row, table=True):
    """One hold. It stands while ``released_at`` is None; many may stand at once."""

    __tablename__ = "hold"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    scope: HoldScope = Field(sa_type=choice(HoldScope))
    target_id: str | None = Field(default=None, index=True)  # of the recording, dossier or session; None for all
    reason: HoldReason = Field(sa_type=choice(HoldReason))
    appeal_id: str | None = Field(default=None, index=True)
    review_on: date | None = None
    placed_at: datetime = Field(sa_type=Instant)
    placed_by: str
    released_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    released_by: str | None = None
