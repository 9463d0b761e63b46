"""The client's consent as the candidate attests it, and the personal links to the form."""

from datetime import date, datetime
from typing import ClassVar

from sqlmodel import Field

from registry.tables.types import Instant, Row


class Consent(Row, table=True):
    """One attestation. It binds to the first recording that it meets, by SHA-256."""

    __tablename__ = "consent"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    arrived_at: datetime = Field(sa_type=Instant)
    source: str
    call_date: date | None
    record: str  # consent.record.ConsentRecord, in its one exact form
    bound_sha256: str | None = None
    superseded_by: str | None = None
    disputed: bool = False


class FormLink(Row, table=True):
    """A personal link to a dossier's form: only its hash is kept, and it expires."""

    __tablename__ = "form_link"

    token_hash: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
