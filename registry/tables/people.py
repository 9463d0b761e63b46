"""Staff and candidates: the only rows with names and addresses, besides what is waiting to be sent."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from registry.codes import Language
from registry.tables.types import Instant, Row, choice


class Role(StrEnum):
    """What a member of the staff may do."""

    COORDINATOR = "coordinator"
    COMPLIANCE_OFFICER = "compliance_officer"
    OPERATOR = "operator"


class User(Row, table=True):
    """A member of the centre's staff."""

    __tablename__ = "user_account"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    role: Role = Field(sa_type=choice(Role))
    name: str
    mail: str = Field(unique=True)
    teams_link: str | None = None
    language: Language = Field(default=Language.FR, sa_type=choice(Language))
    active: bool = True
    created_at: datetime = Field(sa_type=Instant)


class Candidate(Row, table=True):
    """A candidate, known by the centre's reference; ``pseudonym`` is what outlives him."""

    __tablename__ = "candidate"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    reference: str = Field(unique=True)
    pseudonym: str = Field(unique=True)
    civility: str
    family_name: str
    given_name: str
    mail: str
    employer: str
    department: str
    language: Language = Field(default=Language.FR, sa_type=choice(Language))
    created_at: datetime = Field(sa_type=Instant)
