"""What is to be said: a row commits with the fact that it tells, and is sent or written afterwards."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from registry.codes import Language
from registry.states import MailState
from registry.tables.types import Instant, Row, choice


class OutboxMail(Row, table=True):
    """One mail. Its address and body are emptied as soon as it is sent."""

    __tablename__ = "outbox_mail"
    __table_args__ = (Index("ix_outbox_mail_state_next_at_id", "state", "next_at", "id"),)  # the next to send, however many wait

    id: str = Field(primary_key=True)
    kind: str
    dedupe_key: str = Field(unique=True)
    person_id: str | None = Field(default=None, index=True)
    to_address: str
    language: Language = Field(sa_type=choice(Language))
    subject: str
    text: str
    html: str
    attachment_name: str | None = None
    attachment: bytes | None = None
    message_id: str = Field(unique=True)
    state: MailState = Field(default=MailState.QUEUED, sa_type=choice(MailState))
    attempts: int = 0
    next_at: datetime = Field(sa_type=Instant)
    created_at: datetime = Field(sa_type=Instant)
    sent_at: datetime | None = Field(default=None, sa_type=Instant)
    error_code: str | None = None
    lease_owner: str | None = None
    lease_until: datetime | None = Field(default=None, sa_type=Instant)


class OutboxFile(Row, table=True):
    """One file to be written into a deposit folder. Its content is emptied as soon as it lies there.

    ``about`` is what an answer speaks of where that is no recording: the key of a deposit's place, or a consent's identifier.
    ``next_at`` is when the file is to be written; once it is, when we next see whether it still holds, or take it away.
    """

    __tablename__ = "outbox_file"
    __table_args__ = (
        Index("ix_outbox_file_folder_name_replaced", "folder", "name", "replaced"),
        Index("ix_outbox_file_replaced_removed_at", "replaced", "removed_at"),
        Index("ix_outbox_file_written_at_created_at_id", "written_at", "created_at", "id"),  # the next to write, however many wait
    )

    id: str = Field(primary_key=True)
    dossier_id: str | None = Field(default=None, index=True)
    recording_id: str | None = Field(default=None, index=True)
    about: str | None = Field(default=None, index=True)
    folder: bytes  # path below the root of the deposit folders
    name: str
    sha256: str = Field(index=True)
    replaced: bool = False  # it no longer holds, or a later answer has taken its place
    removed_at: datetime | None = Field(default=None, sa_type=Instant)  # when it had left the folder
    created_at: datetime = Field(sa_type=Instant)
    written_at: datetime | None = Field(default=None, sa_type=Instant)
    attempts: int = 0
    next_at: datetime = Field(sa_type=Instant)
    error_code: str | None = None
    content: bytes | None  # last: SQLite reads through a large value to reach what stands behind it
