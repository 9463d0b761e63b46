"""The outbox: a mail is a row before it is a send, written in the transaction of what it tells.

A mail leaves at most once by itself. One that may have left (the connection or the process died in between) becomes
*uncertain*: people see it, ask, and resend or settle it. The address and the body go as soon as the mail has left.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from notifications.mail import Attachment, Mail, message_id_for, wire_address
from registry import owners
from registry.codes import Language
from registry.ids import new_id
from registry.states import MailState
from registry.tables import OutboxMail

LEASE = timedelta(minutes=10)
"""How long one send may last: longer than all the timeouts of one mail together."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=20), timedelta(hours=1)
_MOST_DOUBLINGS = 12
_INTERRUPTED, _SETTLED = "interrupted", "settled"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A mail that this owner alone sends now, as it lies in its row."""

    id: str
    kind: str
    to: str
    language: Language
    subject: str
    text: str
    html: str
    attachment: Attachment | None
    message_id: str
    attempts: int
    created_at: datetime

    def mail(self) -> Mail:
        """Read the row as a mail.

        Raises:
            MailInvalidError: what lies in the row is not one (its address was cleared meanwhile).
        """
        return Mail(self.kind, self.to, self.language, self.subject, self.text, self.html, self.attachment)


@dataclass(frozen=True, slots=True)
class StuckMail:
    """A mail that a person should look at. Ids and codes only."""

    id: str
    kind: str
    state: MailState
    attempts: int
    created_at: datetime
    error_code: str | None


def enqueue(session: Session, mail: Mail, *, dedupe_key: str, now: datetime, domain: str, person_id: str | None = None) -> bool:
    """Queue a mail in the caller's transaction; the caller commits.

    Args:
        session: the caller's.
        mail: what to send, already worded.
        dedupe_key: names what the mail tells, such as ``answer:<recording>:<decision>``; a second one is not queued.
        now: the run's instant.
        domain: the right part of the Message-ID, the sender's domain.
        person_id: whom it is for, so that what is personal can be cleared later.

    Returns:
        Whether it was queued; False when this was queued or sent before.
    """
    mail_id = new_id("mail")
    attachment = mail.attachment
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = (
        insert(OutboxMail)
        .values(
            id=mail_id,
            kind=mail.kind,
            dedupe_key=dedupe_key,
            person_id=person_id,
            to_address=mail.to,
            language=mail.language,
            subject=mail.subject,
            text=mail.text,
            html=mail.html,
            attachment_name=attachment.name if attachment else None,
            attachment=attachment.content if attachment else None,
            message_id=message_id_for(mail_id, domain),
            state=MailState.QUEUED,
            attempts=0,
            next_at=now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(col(OutboxMail.id))
    )
    return session.connection().execute(statement).first() is not None


def claim_due(session: Session, now: datetime, owner: str, limit: int = 1) -> tuple[Claimed, ...]:
    """Take the mails that are due, oldest first, so that nobody else sends them.

    Every mail claimed and not marked before ``LEASE`` is over becomes uncertain: claim one at a time.
    """
    due = (
        select(OutboxMail)
        .where(OutboxMail.state == MailState.QUEUED, OutboxMail.next_at <= now)
        .order_by(col(OutboxMail.next_at), col(OutboxMail.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = session.exec(due).all()
    for row in rows:
        row.state = MailState.SENDING
        row.lease_owner = owner
        row.lease_until = now + LEASE
        session.add(row)
    return tuple(_claimed(row) for row in rows)


def expire(session: Session, now: datetime) -> int:
    """Make uncertain what was being sent when its sender died, or fell silent; return how many."""
    sending = select(OutboxMail).where(OutboxMail.state == MailState.SENDING).with_for_update(skip_locked=True)
    rows = [
        row for row in session.exec(sending) if row.lease_until is None or row.lease_until < now or owners.is_dead(row.lease_owner or "")
    ]
    for row in rows:
        row.state = MailState.UNCERTAIN
        row.error_code = _INTERRUPTED
        session.add(row)
    return len(rows)


def mark_sent(session: Session, mail_id: str, owner: str, now: datetime) -> bool:
    """Write that the mail has left, and empty it. False when it is no longer this owner's to mark."""

    def sent(row: OutboxMail) -> None:
        row.state = MailState.SENT
        row.sent_at = now
        row.attempts += 1
        row.error_code = None
        _empty(row)

    return _mark(session, mail_id, owner, sent)


def mark_retry(session: Session, mail_id: str, owner: str, now: datetime, code: str, jitter: float) -> bool:
    """Queue the mail again, later each time: 20 s, doubled at each attempt, an hour at most.

    ``jitter`` in [0, 1) spreads the mails over the second half of the wait.
    """

    def retry(row: OutboxMail) -> None:
        wait = min(_FIRST_WAIT * 2 ** min(row.attempts, _MOST_DOUBLINGS), _LONGEST_WAIT)
        row.state = MailState.QUEUED
        row.attempts += 1
        row.error_code = code
        row.next_at = now + wait * (0.5 + jitter / 2)
        row.lease_owner = row.lease_until = None

    return _mark(session, mail_id, owner, retry)


def mark_uncertain(session: Session, mail_id: str, owner: str, code: str) -> bool:
    """Write that the mail may have left. It is never sent again by itself."""
    return _mark(session, mail_id, owner, lambda row: _stop(row, MailState.UNCERTAIN, code))


def mark_failed(session: Session, mail_id: str, owner: str, code: str) -> bool:
    """Write that the mail was refused for good."""
    return _mark(session, mail_id, owner, lambda row: _stop(row, MailState.FAILED, code))


def resend(session: Session, mail_id: str, now: datetime, to_address: str | None = None) -> bool:
    """A person's decision: send an uncertain or failed mail again, perhaps to a corrected address.

    Returns:
        False when the mail is in no such state.
    """
    row = _undecided(session, mail_id)
    if row is None:
        return False
    if to_address is not None:
        wire_address(to_address)
        row.to_address = to_address
    row.state = MailState.QUEUED
    row.next_at = now
    row.error_code = row.lease_owner = row.lease_until = None
    session.add(row)
    return True


def settle(session: Session, mail_id: str) -> bool:
    """A person's decision: an uncertain or failed mail needs nothing more. It is emptied, and never called sent.

    Returns:
        False when the mail is in no such state.
    """
    row = _undecided(session, mail_id)
    if row is None:
        return False
    row.state = MailState.FAILED
    row.error_code = _SETTLED
    _empty(row)
    session.add(row)
    return True


def stuck(session: Session, now: datetime, patience: timedelta = timedelta(minutes=30)) -> tuple[StuckMail, ...]:
    """List what a person should look at: waiting for longer than ``patience``, uncertain, or refused; oldest first."""
    waiting: ColumnElement[bool] = and_(
        col(OutboxMail.state).in_([MailState.QUEUED, MailState.SENDING]), col(OutboxMail.created_at) <= now - patience
    )
    bad: ColumnElement[bool] = and_(
        col(OutboxMail.state).in_([MailState.UNCERTAIN, MailState.FAILED]), col(OutboxMail.error_code).is_distinct_from(_SETTLED)
    )
    rows = session.exec(select(OutboxMail).where(or_(waiting, bad)).order_by(col(OutboxMail.created_at), col(OutboxMail.id))).all()
    return tuple(StuckMail(r.id, r.kind, r.state, r.attempts, r.created_at, r.error_code) for r in rows)


def state_of(session: Session, dedupe_key: str) -> MailState | None:
    """Say where the mail of that key stands, or None when it was never queued."""
    found = session.exec(select(OutboxMail.state).where(OutboxMail.dedupe_key == dedupe_key)).first()
    return None if found is None else MailState(found)


def _mark(session: Session, mail_id: str, owner: str, change: Callable[[OutboxMail], None]) -> bool:
    """Change a mail that is still this owner's: being sent, or called uncertain while he was slow."""
    row = session.get(OutboxMail, mail_id, with_for_update=True)
    if row is None or row.lease_owner != owner or row.state not in {MailState.SENDING, MailState.UNCERTAIN}:
        return False
    change(row)
    session.add(row)
    return True


def _undecided(session: Session, mail_id: str) -> OutboxMail | None:
    row = session.get(OutboxMail, mail_id, with_for_update=True)
    if row is None or row.state not in {MailState.UNCERTAIN, MailState.FAILED} or row.error_code == _SETTLED:
        return None
    return row


def _stop(row: OutboxMail, state: MailState, code: str) -> None:
    row.state = state
    row.attempts += 1
    row.error_code = code
    row.lease_until = None


def _empty(row: OutboxMail) -> None:
    row.to_address = row.subject = row.text = row.html = ""
    row.attachment_name = row.attachment = row.lease_owner = row.lease_until = None


def _claimed(row: OutboxMail) -> Claimed:
    attachment = Attachment(row.attachment_name, row.attachment) if row.attachment_name is not None and row.attachment is not None else None
    return Claimed(
        id=row.id,
        kind=row.kind,
        to=row.to_address,
        language=row.language,
        subject=row.subject,
        text=row.text,
        html=row.html,
        attachment=attachment,
        message_id=row.message_id,
        attempts=row.attempts,
        created_at=row.created_at,
    )
