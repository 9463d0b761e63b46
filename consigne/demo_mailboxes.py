"""The mailboxes of the demonstration's people: each mail as its reader saw it, beside the index.

A reader keeps his mail. The centre does not: once a dossier is over, what named the candidate leaves its folder of sent mails too.
"""

import re
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import quote

from sqlmodel import col, select

from consigne.demo_index import Link
from consigne.demo_parts import MAILS
from consigne.wiring import Parts
from registry.states import MailState
from registry.tables import OutboxMail


@dataclass(frozen=True)
class Received:
    """One mail that somebody received, and its page."""

    kind: str
    person_id: str
    sent_at: datetime
    text: str
    link: Link


@dataclass
class Mailboxes:
    """Keeps each mail once, in the order they were sent."""

    directory: Path
    received: list[Received] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)

    def collect(self, parts: Parts) -> list[Received]:
        """Take what was sent since last time, and return it."""
        with parts.database.reading() as session:
            query = select(OutboxMail).where(OutboxMail.state == MailState.SENT, col(OutboxMail.person_id).is_not(None))
            rows = session.exec(query.order_by(col(OutboxMail.sent_at), col(OutboxMail.id))).all()
        new = [self._keep(row) for row in rows if row.id not in self._seen]
        self.received += new
        return new

    def of(self, person_id: str) -> list[Link]:
        """Return what one person has received, oldest first."""
        return [one.link for one in self.received if one.person_id == person_id]

    def newest(self, person_id: str, kind: str = "") -> Received:
        """Return the last mail of one person, of one kind."""
        return next(one for one in reversed(self.received) if one.person_id == person_id and one.kind.startswith(kind))

    def count(self, person_id: str, kind: str) -> int:
        """Count the mails of one kind that one person has received."""
        return sum(one.person_id == person_id and one.kind.startswith(kind) for one in self.received)

    def _keep(self, row: OutboxMail) -> Received:
        delivered = self.directory / MAILS / f"{row.message_id.strip('<>')}.eml"
        mail = BytesParser(policy=policy.default).parsebytes(delivered.read_bytes())
        path = delivered.with_name(f"{row.id}.html")
        path.write_text(_body(mail, "html"), "utf-8")
        link = Link(str(mail["Subject"]), quote(str(path.relative_to(self.directory))))
        self._seen.add(row.id)
        assert row.person_id is not None
        assert row.sent_at is not None
        return Received(row.kind, row.person_id, row.sent_at, _body(mail, "plain"), link)


def link_in(text: str, page: str) -> str:
    """Find the personal link to a page (``a``: the attestation, ``e``: the listening room) in a mail's text.

    Raises:
        ValueError: there is none.
    """
    found = re.search(rf"https?://\S+/{page}/[A-Za-z0-9_-]+", text)
    if found is None:
        raise ValueError("the mail holds no such link")
    return found[0]


def _body(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())
