"""Sending: the mailer port, a real SMTP client, and a fake that passes the same suite.

The client tells four ends apart, because each asks for something else: taken; not taken, to be tried again; refused for
good; and lost after the whole message had left (RFC 5321, 4.2.5: the server may then hold it), which is *uncertain*.
"""

import re
import smtplib
import ssl
from collections import deque
from dataclasses import dataclass, field
from email.message import EmailMessage
from enum import StrEnum
from typing import Protocol

from notifications.errors import MailerUnavailableError, NotificationsError, RecipientRefusedError, SendUncertainError
from notifications.mail import envelope

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_READY, _OK, _CLOSING, _PERMANENT = 354, 250, 421, 500
_LINE_DOT = re.compile(rb"(?m)^\.")


class Mailer(Protocol):
    """Sends one message to the one address in its ``To``."""

    def send(self, message: EmailMessage) -> None:
        """Send; returns only once the other side has taken the message.

        Raises:
            MailerUnavailableError: not taken; try again later.
            RecipientRefusedError: refused for good.
            SendUncertainError: perhaps taken; never send again by itself.
        """
        ...

    def check(self) -> None:
        """Ask whether mails could leave now, sending none.

        Raises:
            MailerUnavailableError: they could not.
        """
        ...


class Security(StrEnum):
    """How the connection is protected. ``none`` is for a relay on the same machine."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """Where and how to send. ``timeout`` is in seconds, for each step; ``ca_file`` names a private authority.

    Raises:
        ValueError: a password would cross a network in clear.
    """

    host: str
    port: int
    security: Security = Security.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    ca_file: str | None = None
    local_hostname: str | None = None

    def __post_init__(self) -> None:
        if self.username is not None and self.security is Security.NONE and self.host not in _LOOPBACK:
            raise ValueError("a mail password would cross the network in clear: set security to starttls or tls")


class SmtpMailer:
    """Sends by SMTP, one connection a message."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    def send(self, message: EmailMessage) -> None:
        """Send one message, as the port says."""
        sender, recipient = envelope(message)
        connection = self._connect()
        try:
            self._envelope(connection, sender, recipient)
            self._body(connection, message)
        finally:
            _close(connection)

    def check(self) -> None:
        """Connect, protect, log in, and leave."""
        _close(self._connect())

    def _connect(self) -> smtplib.SMTP:
        wanted = self._settings
        connection: smtplib.SMTP | None = None
        try:
            context = ssl.create_default_context(cafile=wanted.ca_file)
            if wanted.security is Security.TLS:
                connection = smtplib.SMTP_SSL(
                    wanted.host, wanted.port, timeout=wanted.timeout, context=context, local_hostname=wanted.local_hostname
                )
            else:
                connection = smtplib.SMTP(wanted.host, wanted.port, timeout=wanted.timeout, local_hostname=wanted.local_hostname)
            connection.ehlo_or_helo_if_needed()
            if wanted.security is Security.STARTTLS:
                connection.starttls(context=context)
                connection.ehlo()
            if wanted.username is not None:
                connection.login(wanted.username, wanted.password or "")
        except (smtplib.SMTPException, OSError) as error:
            if connection is not None:
                connection.close()
            raise _unreachable(error) from error
        return connection

    def _envelope(self, connection: smtplib.SMTP, sender: str, recipient: str) -> None:
        try:
            code, _ = connection.mail(sender)
            if code != _OK:
                raise MailerUnavailableError(
                    "the mail server refuses our own address: check the sender in the settings", f"smtp_sender_{code}"
                )
            code, _ = connection.rcpt(recipient)
            if code not in {_OK, 251, 252}:
                raise _refusal("recipient", code)
            code, _ = connection.docmd("DATA")
            if code != _READY:
                raise _refusal("data", code)
        except (smtplib.SMTPException, OSError) as error:
            raise MailerUnavailableError("the mail server left before the mail was sent: it will be sent again", "smtp_lost") from error

    def _body(self, connection: smtplib.SMTP, message: EmailMessage) -> None:
        try:
            connection.send(_LINE_DOT.sub(b"..", _wire(message)))
        except (smtplib.SMTPException, OSError) as error:  # no end was sent: the server must drop what it has (RFC 5321, 4.1.1.4)
            raise MailerUnavailableError("the mail server left in the middle of the mail: it will be sent again", "smtp_lost") from error
        try:
            connection.send(b".\r\n")
            code, _ = connection.getreply()
        except (smtplib.SMTPException, OSError) as error:
            raise SendUncertainError("the mail server left before it confirmed the mail: ask the recipient", "smtp_unconfirmed") from error
        if code != _OK:
            raise _refusal("message", code)


@dataclass
class MemoryMailer:
    """Keeps what it is given. ``failures`` are raised first, one a send, so that tests can tell each end."""

    sent: list[EmailMessage] = field(default_factory=list)
    failures: deque[NotificationsError] = field(default_factory=deque)

    def send(self, message: EmailMessage) -> None:
        """Keep the message, unless a failure is due."""
        if self.failures:
            raise self.failures.popleft()
        envelope(message)
        self.sent.append(message)

    def check(self) -> None:
        """Say whether the next send would find the server."""
        if self.failures and isinstance(self.failures[0], MailerUnavailableError):
            raise self.failures[0]


def _wire(message: EmailMessage) -> bytes:
    data = message.as_bytes()
    return data if data.endswith(b"\r\n") else data + b"\r\n"


def _refusal(step: str, code: int) -> NotificationsError:
    if code >= _PERMANENT:
        return RecipientRefusedError(f"the mail server refuses the {step} for good: check the address", f"smtp_{step}_{code}")
    return MailerUnavailableError(
        f"the mail server does not take the {step} now: it will be sent again", f"smtp_{step}_{code}", server=code == _CLOSING
    )


def _unreachable(error: Exception) -> MailerUnavailableError:
    hint = "check the server and its settings; mails wait meanwhile"
    match error:
        case smtplib.SMTPAuthenticationError():
            return MailerUnavailableError(f"the mail server refuses the user or the password: {hint}", "smtp_auth", server=True)
        case smtplib.SMTPNotSupportedError():
            return MailerUnavailableError(f"the mail server does not offer what the settings ask: {hint}", "smtp_unsupported", server=True)
        case ssl.SSLError():
            return MailerUnavailableError(f"the mail server's certificate or TLS is refused: {hint}", "smtp_tls", server=True)
        case _ if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):  # smtplib hides one in the other
            return MailerUnavailableError(f"the mail server does not answer: {hint}", "smtp_timeout", server=True)
        case _:
            return MailerUnavailableError(f"the mail server cannot be reached: {hint}", "smtp_unreachable", server=True)


def _close(connection: smtplib.SMTP) -> None:
    """Leave politely where possible; the mail's fate is settled already."""
    try:
        connection.quit()
    except (smtplib.SMTPException, OSError):
        connection.close()
