"""The outbox, on both databases: once by itself, never lost, never quietly."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session, select

from notifications import outbox
from notifications.errors import MailerUnavailableError, MailInvalidError, RecipientRefusedError, SendUncertainError
from notifications.mail import Sender
from notifications.outbox import LEASE
from notifications.sending import Swept, send_due
from notifications.smtp import MemoryMailer
from registry.database import Database
from registry.states import MailState
from registry.tables import OutboxMail
from tests.notifications.making import NOW, mail

SENDER = Sender("Consigne", "consigne@example.org")
DOMAIN = "example.org"


@dataclass
class Watch:
    """A clock that the test moves."""

    at: datetime = NOW

    def now(self) -> datetime:
        """Return the instant that the test chose."""
        return self.at


def queue(database: Database, key: str = "answer:1", now: datetime = NOW) -> bool:
    """Queue one mail in a transaction of its own."""
    with database.bookkeeping() as session:
        return outbox.enqueue(session, mail(), dedupe_key=key, now=now, domain=DOMAIN, person_id="can_1")


def only(database: Database) -> OutboxMail:
    """Return the only row."""
    with database.reading() as session:
        return session.exec(select(OutboxMail)).one()


def sweep(database: Database, mailer: MemoryMailer, watch: Watch | None = None, owner: str = "w1") -> Swept:
    """Send what is due, without jitter."""
    return send_due(database.bookkeeping, mailer, SENDER, watch or Watch(), owner, jitter=lambda: 1.0)


def test_a_mail_is_queued_once(database: Database) -> None:
    """The same thing is told once, however often it is queued; another thing is another mail."""
    assert queue(database)
    assert not queue(database)
    assert queue(database, "answer:2")
    with database.reading() as session:
        rows = session.exec(select(OutboxMail)).all()
    assert len(rows) == 2
    assert len({row.message_id for row in rows}) == 2
    assert all(row.message_id == f"<{row.id}@{DOMAIN}>" for row in rows)


def test_queueing_lives_and_dies_with_the_transaction(database: Database) -> None:
    """A mail queued in a transaction that fails was never queued."""

    def fails() -> None:
        with database.bookkeeping() as session:
            outbox.enqueue(session, mail(), dedupe_key="k", now=NOW, domain=DOMAIN)
            raise LookupError("the caller's own trouble")

    with pytest.raises(LookupError):
        fails()
    assert sweep(database, MemoryMailer()) == Swept()
    assert queue(database, "k")


def test_a_sent_mail_leaves_no_body(database: Database) -> None:
    """Once taken by the server, the row keeps no address, no words and no attachment, and says when."""
    queue(database)
    mailer = MemoryMailer()
    assert sweep(database, mailer) == Swept(sent=1)
    row = only(database)
    assert row.state is MailState.SENT
    assert row.sent_at == NOW
    assert (row.to_address, row.subject, row.text, row.html, row.attachment, row.attachment_name) == ("", "", "", "", None, None)
    (sent,) = mailer.sent
    assert sent["Message-ID"] == row.message_id
    assert [part.get_filename() for part in sent.iter_attachments()] == ["1 - Bien reçu.pdf"]
    with database.reading() as session:
        assert outbox.state_of(session, "answer:1") is MailState.SENT
        assert outbox.state_of(session, "answer:2") is None
        assert outbox.stuck(session, NOW + timedelta(days=9)) == ()
    assert sweep(database, mailer) == Swept()


def test_an_outage_delays_and_ends_the_sweep(database: Database) -> None:
    """While the server is out of reach one mail is tried, none is lost, and all leave when it is back."""
    for number in range(3):
        queue(database, f"k{number}")
    mailer, watch = MemoryMailer(), Watch()
    mailer.failures.append(MailerUnavailableError("down", "smtp_unreachable", server=True))
    assert sweep(database, mailer, watch) == Swept(retried=1, code="smtp_unreachable")
    watch.at += timedelta(seconds=21)
    assert sweep(database, mailer, watch) == Swept(sent=3)


def test_a_refusal_of_one_does_not_stop_the_others(database: Database) -> None:
    """A mail put off or refused for good leaves the next ones their turn."""
    for number in range(3):
        queue(database, f"k{number}")
    mailer = MemoryMailer()
    mailer.failures.extend([MailerUnavailableError("later", "smtp_recipient_451"), RecipientRefusedError("no", "smtp_recipient_550")])
    assert sweep(database, mailer) == Swept(sent=1, retried=1, failed=1, code="smtp_recipient_550")


def test_waits_grow_and_are_capped(database: Database) -> None:
    """Each attempt waits longer than the one before, up to an hour, and the identity of the mail does not change."""
    queue(database)
    mailer, watch, waits = MemoryMailer(), Watch(), []
    identity = only(database).message_id
    for _ in range(12):
        mailer.failures.append(MailerUnavailableError("down", "smtp_timeout", server=True))
        sweep(database, mailer, watch)
        row = only(database)
        waits.append(row.next_at - watch.at)
        assert row.state is MailState.QUEUED
        assert row.error_code == "smtp_timeout"
        watch.at = row.next_at
    assert waits[0] == timedelta(seconds=20)
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=1)
    assert sweep(database, mailer, watch) == Swept(sent=1)
    assert mailer.sent[0]["Message-ID"] == identity


def test_jitter_spreads_within_the_wait(database: Database) -> None:
    """Jitter shortens a wait by half at most, so that mails do not all come back at once."""
    queue(database)
    mailer = MemoryMailer()
    mailer.failures.append(MailerUnavailableError("down", "smtp_timeout", server=True))
    send_due(database.bookkeeping, mailer, SENDER, Watch(), "w1", jitter=lambda: 0.0)
    assert only(database).next_at - NOW == timedelta(seconds=10)


def test_an_uncertain_mail_is_never_resent_by_itself(database: Database) -> None:
    """A mail that may have left stays, is seen by people, and leaves again only when one says so."""
    queue(database)
    mailer = MemoryMailer()
    mailer.failures.append(SendUncertainError("lost", "smtp_unconfirmed"))
    assert sweep(database, mailer) == Swept(uncertain=1, code="smtp_unconfirmed")
    later = Watch(NOW + timedelta(days=30))
    assert sweep(database, mailer, later) == Swept()
    with database.reading() as session:
        (seen,) = outbox.stuck(session, NOW)
    assert (seen.state, seen.error_code, seen.kind) == (MailState.UNCERTAIN, "smtp_unconfirmed", "answer.received")
    with database.bookkeeping() as session:
        assert outbox.resend(session, seen.id, later.at)
        assert not outbox.resend(session, seen.id, later.at)
    assert sweep(database, mailer, later) == Swept(sent=1)
    assert mailer.sent[0]["Message-ID"] == f"<{seen.id}@{DOMAIN}>"


def test_a_sender_killed_in_mid_send_leaves_an_uncertain_mail(database: Database) -> None:
    """When the process died between the claim and the mark, nobody knows: the next sweep says so, once the lease is over."""
    queue(database)
    with database.bookkeeping() as session:
        assert len(outbox.claim_due(session, NOW, "dead")) == 1
    mailer = MemoryMailer()
    assert sweep(database, mailer, Watch(NOW + LEASE)) == Swept()
    assert sweep(database, mailer, Watch(NOW + LEASE + timedelta(seconds=1))) == Swept(uncertain=1)
    assert mailer.sent == []
    assert only(database).error_code == "interrupted"


def test_a_slow_sender_may_still_tell_the_truth(database: Database) -> None:
    """Called uncertain while it was slow, the one who sent it can still say that it left; nobody else can."""
    queue(database)
    with database.bookkeeping() as session:
        (claimed,) = outbox.claim_due(session, NOW, "slow")
    late = NOW + LEASE * 2
    with database.bookkeeping() as session:
        assert outbox.expire(session, late) == 1
    with database.bookkeeping() as session:
        assert not outbox.mark_sent(session, claimed.id, "other", late)
        assert outbox.mark_sent(session, claimed.id, "slow", late)
    assert only(database).state is MailState.SENT


def test_two_workers_never_claim_the_same_mail(database: Database) -> None:
    """A claimed mail is not due for anyone else."""
    queue(database, "a")
    queue(database, "b")
    with database.bookkeeping() as session:
        (first,) = outbox.claim_due(session, NOW, "w1")
    with database.bookkeeping() as session:
        (second,) = outbox.claim_due(session, NOW, "w2")
        assert outbox.claim_due(session, NOW, "w3") == ()
    assert first.id != second.id


def test_a_failed_mail_can_be_corrected(database: Database) -> None:
    """A person corrects the address of a refused mail and sends it again; a wrong address is refused first."""
    queue(database)
    mailer = MemoryMailer()
    mailer.failures.append(RecipientRefusedError("no", "smtp_recipient_550"))
    assert sweep(database, mailer) == Swept(failed=1, code="smtp_recipient_550")
    failed = only(database)
    assert failed.text != ""
    with database.bookkeeping() as session, pytest.raises(MailInvalidError):
        outbox.resend(session, failed.id, NOW, "a@example.org\r\nBcc: b@example.org")
    with database.bookkeeping() as session:
        assert outbox.resend(session, failed.id, NOW, "right@example.org")
    assert sweep(database, mailer) == Swept(sent=1)
    assert str(mailer.sent[0]["To"]) == "right@example.org"


def test_a_settled_mail_is_emptied_and_never_called_sent(database: Database) -> None:
    """A person may say that nothing more is needed: the words go, and the mail is no longer shown nor counted as sent."""
    queue(database)
    mailer = MemoryMailer()
    mailer.failures.append(SendUncertainError("lost", "smtp_unconfirmed"))
    sweep(database, mailer)
    row = only(database)
    with database.bookkeeping() as session:
        assert outbox.settle(session, row.id)
    row = only(database)
    assert (row.state, row.text, row.to_address, row.sent_at) == (MailState.FAILED, "", "", None)
    with database.reading() as session:
        assert outbox.stuck(session, NOW + timedelta(days=1)) == ()
    with database.bookkeeping() as session:
        assert not outbox.resend(session, row.id, NOW)


def test_a_waiting_mail_becomes_stuck(database: Database) -> None:
    """A mail that has waited for longer than half an hour is shown."""
    queue(database)
    with database.reading() as session:
        assert outbox.stuck(session, NOW + timedelta(minutes=29)) == ()
        (seen,) = outbox.stuck(session, NOW + timedelta(minutes=30))
    assert seen.state is MailState.QUEUED


def test_a_row_that_is_no_mail_fails_alone(database: Database) -> None:
    """A row whose address was cleared meanwhile is marked, and the mail behind it leaves."""
    queue(database, "a")
    queue(database, "b")
    with database.bookkeeping() as session:
        _first(session).to_address = ""
    assert sweep(database, MemoryMailer()) == Swept(sent=1, failed=1, code="invalid")


def _first(session: Session) -> OutboxMail:
    row = session.exec(select(OutboxMail).where(OutboxMail.dedupe_key == "a")).one()
    session.add(row)
    return row


def test_the_most_of_one_sweep(database: Database) -> None:
    """A sweep sends no more than it is told to, and the next goes on."""
    for number in range(3):
        queue(database, f"k{number}")
    mailer = MemoryMailer()
    swept = send_due(database.bookkeeping, mailer, SENDER, Watch(), "w1", jitter=lambda: 0.5, limit=2)
    assert swept == Swept(sent=2)
    assert replace(sweep(database, mailer), code=None) == Swept(sent=1)
