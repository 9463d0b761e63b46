"""Evaluation sessions and the dossiers in them."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field, UniqueConstraint

from registry.tables.types import Instant, Row


class EvaluationSession(Row, table=True):
    """One sitting of the exams; it pins one version of one scheme. ``code`` names its folder."""

    __tablename__ = "evaluation_session"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    code: str = Field(unique=True)
    scheme: str
    scheme_version: int
    unit: str
    exam_on: date
    deadline_on: date
    folder_link: str | None = None
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)


class Dossier(Row, table=True):
    """One candidate in one session. ``folder`` is the candidate's reference, never a name."""

    __tablename__ = "dossier"
    __table_args__ = (UniqueConstraint("session_id", "candidate_id"),)
    journaled: ClassVar[bool] = True
    bookkeeping: ClassVar[frozenset[str]] = frozenset({"folder_made_at"})

    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="evaluation_session.id", index=True)
    candidate_id: str = Field(foreign_key="candidate.id", index=True)
    folder: str
    client_reference: str  # random; printed for the client, so that his question can be answered
    hearing_at: datetime = Field(sa_type=Instant)
    opened_at: datetime = Field(sa_type=Instant)
    folder_made_at: datetime | None = Field(default=None, sa_type=Instant)
    cleared_at: datetime | None = Field(default=None, sa_type=Instant)  # when what names the candidate was erased
