"""Signing in: a personal link by mail, used once, gives a session that ends with the browser, or after a working day.

Opening a link signs nobody in: scanners of mail open links too. Whoever presses its button is signed in. A link that was used or
has expired still knows whose it was, so that its page can send a new one to the address on record, and to no other.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from sqlmodel import Session, col, select

from registry.codes import Language
from registry.errors import RefusedError
from registry.tables import Evaluator, PortalSession, Role, SignInLink, User

SESSION = timedelta(hours=8)
LINK = timedelta(days=30)
"""A link opens until the last window closes, and for so long at most."""
_AGAIN = timedelta(seconds=30)  # a double click sends the form twice
_PATIENCE = timedelta(minutes=5)  # between two links that a page sends
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Opening(StrEnum):
    """What a link is good for."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in."""

    id: str
    name: str
    mail: str
    language: Language

    @property
    def is_staff(self) -> bool:
        """Whether it is a member of the centre's staff, rather than an evaluator."""
        return self.id.startswith("usr_")


def check_address(portal_url: str) -> None:
    """Refuse to send anybody to sound by an address that others can overhear.

    Raises:
        RefusedError: the portal's address has no TLS, and is not on this machine.
    """
    parts = urlsplit(portal_url)
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise RefusedError("recordings are heard over https only: put TLS before the portal, and set portal.url to its https address")


def make_link(session: Session, person_id: str, now: datetime, expires_at: datetime) -> str:
    """Make a link's token. It is returned once, and cannot be read back."""
    token = secrets.token_urlsafe(32)
    row = SignInLink(token_hash=hash_of(token), person_id=person_id, created_at=now, expires_at=min(expires_at, now + LINK))
    session.add(row)
    return token


def opening(session: Session, token: str, now: datetime) -> tuple[Person, Opening] | None:
    """Say whose link this is and what it is good for; None for a token never given, and for somebody who may not sign in."""
    link = session.get(SignInLink, hash_of(token))
    person = person_of(session, link.person_id) if link else None
    if link is None or person is None:
        return None
    if link.used_at is not None and now >= link.used_at + _AGAIN:
        return person, Opening.USED
    return person, Opening.GOOD if now < link.expires_at else Opening.EXPIRED


def sign_in(session: Session, token: str, now: datetime) -> str | None:
    """Use a link, and return the secret for the cookie; None where it opens nothing. The caller commits."""
    link = session.get(SignInLink, hash_of(token), with_for_update=True, populate_existing=True)
    found = opening(session, token, now)
    if link is None or found is None or found[1] is not Opening.GOOD:
        return None
    link.used_at = link.used_at or now
    cookie = secrets.token_urlsafe(32)
    session.add(PortalSession(token_hash=hash_of(cookie), person_id=link.person_id, created_at=now, expires_at=now + SESSION))
    return cookie


def signed_in(session: Session, cookie: str, now: datetime) -> Person | None:
    """Return who holds this cookie, or None: unknown, ended and expired are not told apart."""
    row = session.get(PortalSession, hash_of(cookie))
    if row is None or row.ended_at is not None or row.expires_at <= now:
        return None
    return person_of(session, row.person_id)


def sign_out(session: Session, cookie: str, now: datetime) -> None:
    """End a session; what plays in it ends with it."""
    row = session.get(PortalSession, hash_of(cookie), with_for_update=True)
    if row is not None and row.ended_at is None:
        row.ended_at = now


def may_send_again(session: Session, person_id: str, now: datetime) -> bool:
    """Tell whether a page may send this person another link already."""
    latest = select(SignInLink.created_at).where(SignInLink.person_id == person_id).order_by(col(SignInLink.created_at).desc())
    created_at = session.exec(latest).first()
    return created_at is None or now - created_at >= _PATIENCE


def person_of(session: Session, person_id: str) -> Person | None:
    """Return an active evaluator or coordinator; nobody else signs in, the operator least of all."""
    if person_id.startswith("usr_"):
        user = session.get(User, person_id)
        listens = user is not None and user.active and user.role is Role.COORDINATOR
        return Person(user.id, user.name, user.mail, user.language) if user and listens else None
    evaluator = session.get(Evaluator, person_id)
    active = evaluator is not None and evaluator.active
    return Person(evaluator.id, evaluator.name, evaluator.mail, evaluator.language) if evaluator and active else None


def expire(session: Session, now: datetime) -> int:
    """Remove links and sessions that ended more than a month ago; return how many. The caller commits."""
    links = session.exec(select(SignInLink).where(col(SignInLink.expires_at) < now - LINK)).all()
    sessions = session.exec(select(PortalSession).where(col(PortalSession.expires_at) < now - LINK)).all()
    for row in (*links, *sessions):
        session.delete(row)
    return len(links) + len(sessions)


def hash_of(token: str) -> str:
    """Return what the database keeps of a token or a cookie."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
