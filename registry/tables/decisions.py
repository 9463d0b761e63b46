"""What the jury and the candidate did after the hearing: decisions, notifications, appeals, closures.

A correction never changes a version: it adds a row, and the earlier one names it in ``superseded_by``; one that was withdrawn names
itself. A version that two people must vouch for counts only once ``confirmed_at`` is set; ``needs_confirmation`` says that it was asked
for. What else two people must vouch for is a proposal until then: nothing of it is true yet.
"""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlmodel import Field

from registry.tables.types import Instant, Row, choice


class Channel(StrEnum):
    """How a decision was sent to the candidate."""

    REGISTERED_LETTER = "registered_letter"
    REGISTERED_MAIL = "registered_mail"  # lettre recommandée électronique
    BY_HAND = "by_hand"
    LETTER = "letter"
    MAIL = "mail"


class Proof(StrEnum):
    """What proves that a notification reached the candidate."""

    HANDED_OVER = "handed_over"  # the post's notice of delivery
    ACKNOWLEDGED = "acknowledged"  # signed by the candidate
    SENT_PLUS_DAYS = "sent_plus_days"  # presumed, where the centre chose so
    REASONED_DATE = "reasoned_date"  # an unclaimed letter, whose date two people set with a reason


class AppealOutcome(StrEnum):
    """How an appeal ended."""

    REJECTED = "rejected"
    UPHELD = "upheld"
    WITHDRAWN = "withdrawn"
    INADMISSIBLE = "inadmissible"


class ClosureCause(StrEnum):
    """Why a dossier ended without a decision."""

    ABSENT = "absent"
    GAVE_UP = "gave_up"
    SESSION_CANCELLED = "session_cancelled"


class Decision(Row, table=True):
    """One version of the date of a jury's decision on one dossier. The result itself is nobody's business here."""

    __tablename__ = "jury_decision"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    decided_on: date
    after_appeal: str | None = None  # the appeal whose outcome it is
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str
    superseded_by: str | None = None
    needs_confirmation: bool = False
    confirmed_by: str | None = None
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)


class Notification(Row, table=True):
    """One version of how and when a decision reached the candidate. ``handed_over_on`` without ``proof`` starts nothing."""

    __tablename__ = "notification"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    decision_id: str = Field(foreign_key="jury_decision.id", index=True)
    channel: Channel = Field(sa_type=choice(Channel))
    sent_on: date
    handed_over_on: date | None = None
    proof: Proof | None = Field(default=None, sa_type=choice(Proof))
    unclaimed: bool = False
    attempt: int = 1  # which letter it is: another one is sent when the first came back unclaimed
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str
    superseded_by: str | None = None
    needs_confirmation: bool = False
    confirmed_by: str | None = None
    confirmed_at: datetime | None = Field(default=None, sa_type=Instant)


class Appeal(Row, table=True):
    """One contestation. Open while ``closed_at`` is None; recording it places the hold that names it."""

    __tablename__ = "appeal"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    postmark_on: date | None = None
    received_on: date
    in_time: bool | None = None  # None where no delay runs yet, or no postmark is known
    incident: bool = False  # it came once destruction had begun: it stops nothing
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str
    outcome: AppealOutcome | None = Field(default=None, sa_type=choice(AppealOutcome))
    closed_at: datetime | None = Field(default=None, sa_type=Instant)
    closed_by: str | None = None


class Closure(Row, table=True):
    """A dossier that ends without a decision. Undone while ``undone_at`` is set."""

    __tablename__ = "closure"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    dossier_id: str = Field(foreign_key="dossier.id", index=True)
    cause: ClosureCause = Field(sa_type=choice(ClosureCause))
    closed_at: datetime = Field(sa_type=Instant)
    closed_by: str
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_by: str | None = None


class ProposedAct(StrEnum):
    """What one person may only propose, where the centre asks for two."""

    CLOSE_DOSSIER = "close_dossier"
    CANCEL_SESSION = "cancel_session"
    WITHDRAW_CONSENT = "withdraw_consent"  # it is silent at once; only its destruction waits
    END_APPEAL = "end_appeal"
    CHECK_RECOURSE = "check_recourse"


class Proposal(Row, table=True):
    """An act that brings a destruction nearer, asked for by one person, and done when a second one confirms it."""

    __tablename__ = "proposal"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    act: ProposedAct = Field(sa_type=choice(ProposedAct))
    target_id: str = Field(index=True)  # of the dossier, session or appeal
    detail: str | None = None  # a code, where the act needs one
    proposed_at: datetime = Field(sa_type=Instant)
    proposed_by: str
    settled_at: datetime | None = Field(default=None, sa_type=Instant, index=True)
    settled_by: str | None = None
    confirmed: bool = False  # false once settled: it was refused


class RecourseCheck(Row, table=True):
    """A named person's word that the commission had received no appeal about a session, as of a day."""

    __tablename__ = "recourse_check"
    journaled: ClassVar[bool] = True

    id: str = Field(primary_key=True)
    session_id: str = Field(foreign_key="evaluation_session.id", index=True)
    as_of: date
    recorded_at: datetime = Field(sa_type=Instant)
    recorded_by: str
