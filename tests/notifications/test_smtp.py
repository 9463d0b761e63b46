"""What the SMTP client makes of a server that refuses, drops, or is slow: each end asks for something else."""

import socket

import pytest

from notifications.errors import MailerUnavailableError, RecipientRefusedError, SendUncertainError
from notifications.smtp import Security, SmtpMailer, SmtpSettings
from tests.notifications.test_mailers import message
from tests.support.smtp import PASSWORD, USER, SmtpServer


def plain(server: SmtpServer, timeout: float = 5) -> SmtpMailer:
    """Return a client of the plain server."""
    return SmtpMailer(SmtpSettings(server.host, server.port, Security.NONE, timeout=timeout))


@pytest.mark.parametrize("reply", ["sender_reply", "recipient_reply", "message_reply"])
def test_a_temporary_refusal_asks_for_another_try(smtp_server: SmtpServer, reply: str) -> None:
    """A 4xx at any step leaves the mail for later."""
    setattr(smtp_server.behaviour, reply, "451 try again")
    with pytest.raises(MailerUnavailableError) as caught:
        plain(smtp_server).send(message())
    assert caught.value.code.endswith("451")
    assert not caught.value.server
    assert smtp_server.received == []


@pytest.mark.parametrize("reply", ["recipient_reply", "message_reply"])
def test_a_permanent_refusal_is_final(smtp_server: SmtpServer, reply: str) -> None:
    """A 5xx for the recipient or the message is not tried again."""
    setattr(smtp_server.behaviour, reply, "550 unknown")
    with pytest.raises(RecipientRefusedError) as caught:
        plain(smtp_server).send(message())
    assert caught.value.code.endswith("550")
    assert "camille" not in str(caught.value) + caught.value.code


def test_a_refusal_of_ourselves_does_not_condemn_the_mail(smtp_server: SmtpServer) -> None:
    """When the server refuses our own address, the mail waits for the settings to be corrected."""
    smtp_server.behaviour.sender_reply = "550 you may not"
    with pytest.raises(MailerUnavailableError, match="sender"):
        plain(smtp_server).send(message())


def test_lost_before_the_message_is_retried(smtp_server: SmtpServer) -> None:
    """A connection lost before the message was sent leaves no doubt: it was not taken."""
    smtp_server.behaviour.drop_at_recipient = True
    with pytest.raises(MailerUnavailableError):
        plain(smtp_server).send(message())
    assert smtp_server.received == []


@pytest.mark.parametrize("kept", [True, False])
def test_lost_after_the_message_is_uncertain(smtp_server: SmtpServer, kept: bool) -> None:  # noqa: FBT001 - a parameter of the test
    """Whether the server kept it or not looks the same from here, so it is called uncertain in both cases."""
    smtp_server.behaviour.drop_after_message = True
    smtp_server.behaviour.keep_dropped = kept
    with pytest.raises(SendUncertainError):
        plain(smtp_server).send(message())
    assert len(smtp_server.received) == kept


def test_a_slow_confirmation_is_uncertain(smtp_server: SmtpServer) -> None:
    """A server that takes the message and answers too late may have it."""
    smtp_server.behaviour.slow_seconds = 0.6
    with pytest.raises(SendUncertainError):
        plain(smtp_server, timeout=0.2).send(message())


def test_nobody_listening_is_an_outage() -> None:
    """A refused connection says that the whole server is out of reach."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    mailer = SmtpMailer(SmtpSettings("127.0.0.1", port, Security.NONE, timeout=2))
    with pytest.raises(MailerUnavailableError) as caught:
        mailer.send(message())
    assert caught.value.server
    with pytest.raises(MailerUnavailableError):
        mailer.check()


def test_a_silent_server_is_an_outage() -> None:
    """A port that accepts and says nothing costs one timeout."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        mailer = SmtpMailer(SmtpSettings("127.0.0.1", silent.getsockname()[1], Security.NONE, timeout=0.2))
        with pytest.raises(MailerUnavailableError) as caught:
            mailer.send(message())
    assert caught.value.code == "smtp_timeout"


def secure(server: SmtpServer, password: str = PASSWORD, *, trusted: bool = True) -> SmtpMailer:
    """Return a client of a server with TLS."""
    starttls = server.security is Security.STARTTLS
    return SmtpMailer(
        SmtpSettings(
            server.host,
            server.port,
            server.security,
            username=USER if starttls else None,
            password=password if starttls else None,
            timeout=5,
            ca_file=str(server.ca_file) if trusted else None,
        )
    )


def test_sending_over_tls(secure_smtp_server: SmtpServer) -> None:
    """A mail arrives over TLS from the start, and by STARTTLS with a password."""
    secure(secure_smtp_server).send(message())
    assert len(secure_smtp_server.received) == 1


def test_an_unknown_authority_is_refused(secure_smtp_server: SmtpServer) -> None:
    """A certificate that nobody vouches for stops everything before a password is said."""
    with pytest.raises(MailerUnavailableError) as caught:
        secure(secure_smtp_server, trusted=False).send(message())
    assert caught.value.code == "smtp_tls"


def test_a_wrong_password_waits_for_people(starttls_server: SmtpServer) -> None:
    """Mails wait while the password is wrong; the message does not repeat it."""
    with pytest.raises(MailerUnavailableError) as caught:
        secure(starttls_server, "wrong one").check()
    assert caught.value.code == "smtp_auth"
    assert "wrong one" not in str(caught.value)


def test_a_server_without_starttls_is_refused(smtp_server: SmtpServer) -> None:
    """Where STARTTLS is asked for and not offered, nothing is sent in clear."""
    mailer = SmtpMailer(SmtpSettings(smtp_server.host, smtp_server.port, Security.STARTTLS, timeout=5))
    with pytest.raises(MailerUnavailableError) as caught:
        mailer.send(message())
    assert caught.value.code == "smtp_unsupported"
    assert smtp_server.received == []


def test_a_password_in_clear_is_refused() -> None:
    """Settings that would send a password across a network in clear do not exist; and a password is never shown."""
    with pytest.raises(ValueError, match="in clear"):
        SmtpSettings("mail.example.org", 25, Security.NONE, username="u", password="p")
    assert "secret-p" not in repr(SmtpSettings("127.0.0.1", 25, Security.NONE, username="u", password="secret-p"))
