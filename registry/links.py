"""Personal links: 256 random bits in the mail, their SHA-256 alone in the database, and an end."""

import hashlib
import secrets
from datetime import datetime

from sqlmodel import Session

from registry.tables import FormLink


def make(session: Session, dossier_id: str, now: datetime, expires_at: datetime) -> str:
    """Make a link's token for the form of one dossier. It is returned once, and cannot be read back."""
    token = secrets.token_urlsafe(32)
    session.add(FormLink(token_hash=_hash(token), dossier_id=dossier_id, created_at=now, expires_at=expires_at))
    return token


def dossier_of(session: Session, token: str, now: datetime) -> str | None:
    """Return the dossier that a token opens, or None: unknown and expired are not told apart."""
    link = session.get(FormLink, _hash(token))
    return link.dossier_id if link is not None and link.expires_at > now else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
