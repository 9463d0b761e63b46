"""The sweep over a real SMTP server: what people receive when the server is away, comes back, or drops the line."""

from datetime import timedelta

import pytest

from notifications import outbox
from notifications.mail import Sender
from notifications.mails import answer
from notifications.sending import Swept, send_due
from notifications.smtp import Security, SmtpMailer, SmtpSettings
from registry.codes import Answer, Code
from registry.database import Database
from registry.states import MailState
from tests.notifications.making import NOW, facts
from tests.notifications.test_outbox import DOMAIN, Watch, only
from tests.support.smtp import SmtpServer

SENDER = Sender("Consigne, centre d’essai", "consigne@example.org")
TO = "camille@example.org"


def queue(database: Database) -> None:
    """Queue a whole answer, with its PDF."""
    with database.bookkeeping() as session:
        made = answer(facts(Answer.REFUSED, Code.NOT_MP3), TO)
        assert outbox.enqueue(session, made, dedupe_key="answer:1", now=NOW, domain=DOMAIN)


def sweep(database: Database, server: SmtpServer, watch: Watch) -> Swept:
    """Send what is due to the real server."""
    mailer = SmtpMailer(SmtpSettings(server.host, server.port, Security.NONE, timeout=5))
    return send_due(database.bookkeeping, mailer, SENDER, watch, "w1", jitter=lambda: 1.0)


@pytest.mark.scenario
def test_a_greylisting_server_receives_the_answer_once(database: Database, smtp_server: SmtpServer) -> None:
    """Put off twice, the answer arrives once, whole, with its page, and the row is empty."""
    queue(database)
    watch = Watch()
    smtp_server.behaviour.recipient_reply = "450 greylisted"
    for _ in range(2):
        assert sweep(database, smtp_server, watch).retried == 1
        watch.at = only(database).next_at
    smtp_server.behaviour.recipient_reply = "250 OK"
    assert sweep(database, smtp_server, watch) == Swept(sent=1)
    assert sweep(database, smtp_server, Watch(watch.at + timedelta(days=1))) == Swept()
    (arrived,) = smtp_server.received
    (page,) = arrived.iter_attachments()
    assert smtp_server.recipients == [TO]
    assert arrived["Subject"].startswith("Fichier refusé")
    assert page.get_content_type() == "application/pdf"
    assert page.get_content().startswith(b"%PDF")
    assert only(database).text == ""


@pytest.mark.scenario
def test_a_line_lost_at_the_end_is_left_to_people(database: Database, smtp_server: SmtpServer) -> None:
    """The server took the mail and the line broke: it is not sent again by itself; resent by a person, it has the same identity."""
    queue(database)
    smtp_server.behaviour.drop_after_message = True
    assert sweep(database, smtp_server, Watch()).uncertain == 1
    smtp_server.behaviour.drop_after_message = False
    later = Watch(NOW + timedelta(days=2))
    assert sweep(database, smtp_server, later) == Swept()
    assert len(smtp_server.received) == 1
    row = only(database)
    assert row.state is MailState.UNCERTAIN
    with database.bookkeeping() as session:
        assert outbox.resend(session, row.id, later.at)
    assert sweep(database, smtp_server, later) == Swept(sent=1)
    assert len({str(m["Message-ID"]) for m in smtp_server.received}) == 1


@pytest.mark.scenario
def test_a_server_that_closes_ends_the_sweep(database: Database, smtp_server: SmtpServer) -> None:
    """A 421 says that the whole server is closing: the rest waits without being tried."""
    queue(database)
    with database.bookkeeping() as session:
        outbox.enqueue(session, answer(facts(), TO), dedupe_key="answer:2", now=NOW, domain=DOMAIN)
    smtp_server.behaviour.recipient_reply = "421 closing"
    assert sweep(database, smtp_server, Watch()) == Swept(retried=1, code="smtp_recipient_421")
    assert smtp_server.connections == 1
