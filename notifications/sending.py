"""The sweep that sends what the outbox holds: claim in a transaction, send outside any, mark in a transaction."""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum

from sqlmodel import Session

from notifications import outbox
from notifications.errors import MailerUnavailableError, MailInvalidError, RecipientRefusedError, SendUncertainError
from notifications.mail import Sender, build_message
from notifications.outbox import Claimed
from notifications.smtp import Mailer
from registry.clock import Clock

OpenSession = Callable[[], AbstractContextManager[Session]]
"""Opens a session that commits at its end, or rolls back."""


class End(StrEnum):
    """How one send ended."""

    SENT = "sent"
    RETRY = "retry"
    SERVER_DOWN = "server_down"
    UNCERTAIN = "uncertain"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Swept:
    """What one sweep did; ``code`` is the last trouble's, or None."""

    sent: int = 0
    retried: int = 0
    uncertain: int = 0
    failed: int = 0
    code: str | None = None


def send_due(
    open_session: OpenSession,
    mailer: Mailer,
    sender: Sender,
    clock: Clock,
    owner: str,
    *,
    jitter: Callable[[], float],
    limit: int = 500,
) -> Swept:
    """Send every mail that is due, one at a time, and at most ``limit``.

    A server that is out of reach ends the sweep: the rest stays queued. A failure to reach the database is the caller's to
    handle; a mail that was being sent at that moment becomes uncertain once its lease is over.

    Args:
        open_session: gives a session that commits.
        mailer: sends.
        sender: whom the mails come from.
        clock: read before and after each send, since leases are real time.
        owner: names this worker, this run.
        jitter: gives numbers in [0, 1).
        limit: the most mails of one sweep.
    """
    ends: Counter[End] = Counter()
    code: str | None = None
    with open_session() as session:
        ends[End.UNCERTAIN] += outbox.expire(session, clock.now())
    for _ in range(limit):
        with open_session() as session:
            claimed = outbox.claim_due(session, clock.now(), owner)
        if not claimed:
            break
        end, trouble = _send(mailer, sender, claimed[0])
        code = trouble or code
        with open_session() as session:
            _mark(session, claimed[0], owner, clock, end, trouble, jitter())
        ends[end] += 1
        if end is End.SERVER_DOWN:
            break
    return Swept(ends[End.SENT], ends[End.RETRY] + ends[End.SERVER_DOWN], ends[End.UNCERTAIN], ends[End.FAILED], code)


def _send(mailer: Mailer, sender: Sender, claimed: Claimed) -> tuple[End, str]:
    try:
        message = build_message(claimed.mail(), message_id=claimed.message_id, date=claimed.created_at, sender=sender)
        mailer.send(message)
    except MailInvalidError:
        return End.FAILED, "invalid"
    except RecipientRefusedError as error:
        return End.FAILED, error.code
    except SendUncertainError as error:
        return End.UNCERTAIN, error.code
    except MailerUnavailableError as error:
        return (End.SERVER_DOWN if error.server else End.RETRY), error.code
    return End.SENT, ""


def _mark(session: Session, claimed: Claimed, owner: str, clock: Clock, end: End, code: str, jitter: float) -> None:
    match end:
        case End.SENT:
            outbox.mark_sent(session, claimed.id, owner, clock.now())
        case End.RETRY | End.SERVER_DOWN:
            outbox.mark_retry(session, claimed.id, owner, clock.now(), code, jitter)
        case End.UNCERTAIN:
            outbox.mark_uncertain(session, claimed.id, owner, code)
        case End.FAILED:
            outbox.mark_failed(session, claimed.id, owner, code)
