"""Evaluators, what each may listen to and when, how they sign in, and what was listened to."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON
from sqlmodel import Field

from registry.codes import Language
from registry.tables.types import Instant, Row, choice


class Evaluator(Row, table=True):
    """A member of the technical evaluation committee (CTE)."""

    __tablename__ = "evaluator"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    name: str
    mail: str = Field(unique=True)
    employer: str
    language: Language = Field(default=Language.FR, sa_type=choice(Language))
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class Grant(Row, table=True):
    """One evaluator, one recording, a window of time."""

    __tablename__ = "listening_grant"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    evaluator_id: str = Field(foreign_key="evaluator.id", index=True)
    recording_id: str = Field(foreign_key="recording.id", index=True)
    opens_at: datetime = Field(sa_type=Instant)
    closes_at: datetime = Field(sa_type=Instant)
    granted_at: datetime = Field(sa_type=Instant)
    granted_by: str
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    revoked_by: str | None = None


class SignInLink(Row, table=True):
    """A personal link by mail: only its hash is kept; it signs in once."""

    __tablename__ = "sign_in_link"

    token_hash: str = Field(primary_key=True)
    person_id: str = Field(index=True)  # of an evaluator, or of a member of the staff
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    used_at: datetime | None = Field(default=None, sa_type=Instant)


class PortalSession(Row, table=True):
    """Somebody who signed in: the hash of the cookie, and until when it holds."""

    __tablename__ = "portal_session"

    token_hash: str = Field(primary_key=True)
    person_id: str = Field(index=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)


class Listening(Row, table=True):
    """What one person heard of one recording in one sitting. Kept 12 months."""

    __tablename__ = "listening"

    id: str = Field(primary_key=True)
    recording_id: str = Field(foreign_key="recording.id", index=True)
    person_id: str = Field(index=True)
    began_at: datetime = Field(sa_type=Instant)
    last_at: datetime = Field(sa_type=Instant, index=True)
    parts: list[Any] = Field(default_factory=list, sa_type=JSON)  # pairs of bytes of the plain recording, merged: from, to
