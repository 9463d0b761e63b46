"""A mail as a value, and as a message on the wire. Pure.

A value that could add a header (an end of line in an address, a subject or an attachment's name) is refused.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import format_datetime
from typing import ClassVar, Literal

from notifications.errors import MailInvalidError
from registry.codes import Language

_ENDS = re.compile(r"[\r\n\x00\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_ADDRESS = re.compile(r"[^\s\x00-\x20\x7f@<>()\[\],;:\"\\]+@[^\s\x00-\x20\x7f@<>()\[\],;:\"\\]+")
_MESSAGE_ID = re.compile(r"<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>")
_LONGEST_SUBJECT = 200
_LONGEST_LINE = 76


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file beside the text."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail to one person, ready to be queued.

    Attributes:
        kind: a stable name for logs, such as ``answer.received``; nothing personal.
        to: one address, without a name.

    Raises:
        MailInvalidError: the address is not one address that can be written to, or a field holds an end of line.
    """

    kind: str
    to: str
    language: Language
    subject: str
    text: str
    html: str
    attachment: Attachment | None = None

    def __post_init__(self) -> None:
        wire_address(self.to)
        _single_line("subject", self.subject)
        if not self.subject or len(self.subject) > _LONGEST_SUBJECT:
            raise MailInvalidError("the subject of a mail is empty or too long: shorten the names of the session and the scheme")
        if self.attachment is not None:
            _single_line("attachment's name", self.attachment.name)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who the mails come from: a name that people know, and an address."""

    name: str
    address: str

    def __post_init__(self) -> None:
        wire_address(self.address)
        _single_line("sender's name", self.name)


def wire_address(address: str) -> str:
    """Return an address as servers read it, its domain in ASCII.

    Raises:
        MailInvalidError: not a single address, or one that only few servers can carry.
    """
    if _ADDRESS.fullmatch(address) is None:
        raise MailInvalidError("a mail address is not one address such as name@example.org: correct it")
    local, _, domain = address.rpartition("@")
    try:
        local.encode("ascii")
        plain = domain.encode("idna").decode("ascii")
    except UnicodeError as error:
        raise MailInvalidError("a mail address holds letters that mail servers do not carry: correct it") from error
    return f"{local}@{plain}"


def message_id_for(mail_id: str, domain: str) -> str:
    """Make the Message-ID of a queued mail: the same at every attempt, so that a second copy can be recognised."""
    return f"<{mail_id}@{domain}>"


def build_message(mail: Mail, *, message_id: str, date: datetime, sender: Sender) -> EmailMessage:
    """Build the message: UTF-8, plain text and HTML, the attachment, and headers that keep automatic answers away.

    Raises:
        MailInvalidError: the Message-ID is not one.
        ValueError: ``date`` is naive.
    """
    if date.tzinfo is None:
        raise ValueError("the date of a mail must carry its time zone")
    if _MESSAGE_ID.fullmatch(message_id) is None:
        raise MailInvalidError("a Message-ID must read <name@domain>: check the sender's domain in the settings")
    message = EmailMessage(policy=SMTP.clone(max_line_length=_LONGEST_LINE, header_factory=_HEADERS))
    message["From"] = Address(display_name=sender.name, addr_spec=wire_address(sender.address))
    message["To"] = Address(addr_spec=wire_address(mail.to))
    message["Subject"] = mail.subject
    message["Date"] = format_datetime(date)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no automatic answer to an automatic mail
    message["X-Auto-Response-Suppress"] = "All"  # the same, as Exchange reads it
    message["Content-Language"] = mail.language.value
    message.set_content(mail.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(mail.html, subtype="html", charset="utf-8", cte="quoted-printable")
    if mail.attachment is not None:
        subtype = _SUBTYPES.get(mail.attachment.name.rpartition(".")[2].lower(), "octet-stream")
        message.add_attachment(mail.attachment.content, maintype="application", subtype=subtype, filename=mail.attachment.name)
    return message


def envelope(message: EmailMessage) -> tuple[str, str]:
    """Return a message's sender and recipient, as the SMTP envelope names them.

    Raises:
        ValueError: not from one address to one address.
    """
    senders, recipients = message["From"].addresses, message["To"].addresses
    if len(senders) != 1 or len(recipients) != 1:
        raise ValueError("a message goes from one address to one address")
    return str(senders[0].addr_spec), str(recipients[0].addr_spec)


class _Subject(UnstructuredHeader, BaseHeader):
    """A subject that is encoded whole (RFC 2047) as soon as one letter needs it.

    Folded word by word, as the library does, a line may end just before an encoded word: readers then see two spaces.
    """

    max_count: ClassVar[Literal[1] | None] = 1

    def fold(self, *, policy: Policy) -> str:
        """Return the header as lines."""
        if self.isascii():
            return super().fold(policy=policy)
        encoded = Header(self, "utf-8", header_name=self.name, maxlinelen=_LONGEST_LINE).encode(linesep=policy.linesep)
        return f"{self.name}: {encoded}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("subject", _Subject)
_SUBTYPES = {"pdf": "pdf", "xlsx": "vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def _single_line(field: str, value: str) -> None:
    if _ENDS.search(value):
        raise MailInvalidError(f"the {field} of a mail holds an end of line: take it out")
