"""What would live for ever unseen is told to the compliance officer, and again each month: no decision, or none that reached anybody."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from sqlmodel import Session, col, select

from notifications import outbox, retention_mails
from notifications.centre import Centre
from notifications.composing import Person
from notifications.retention_mails import Lingering
from registry import users
from registry.clock import civil_date
from registry.database import Database
from registry.recordings import GONE
from registry.tables import Dossier, EvaluationSession, Recording, Role, User
from retention.escalation import Escalation, escalation
from retention.loading import load
from retention.terms import Choices


def escalate(database: Database, centre: Centre, choices: Choices, now: datetime) -> int:
    """Queue one mail a person about every dossier that waits, whenever one has begun to, or has waited another month.

    Returns how many dossiers wait. Safe to repeat.
    """
    with database.bookkeeping() as session:
        found = sorted(_waiting(session, choices, now), key=lambda one: (one[1].since, one[0]))
        if not found:
            return 0
        named = "\n".join(f"{dossier_id} {one.kind} {one.round_}" for dossier_id, one in found)
        key = hashlib.sha256(named.encode()).hexdigest()[:32]
        rows = [_row(session, dossier_id, one) for dossier_id, one in found]
        for user in _officers(session):
            person = Person("", user.name, user.mail, user.language)
            mail = retention_mails.lingering(rows, person, centre.name, centre.contact_for(session, None))
            told = f"lingering:{key}:{user.id}"
            outbox.enqueue(session, mail, dedupe_key=told, now=now, domain=centre.mail_domain, person_id=user.id)
    return len(found)


def _waiting(session: Session, choices: Choices, now: datetime) -> Iterator[tuple[str, Escalation]]:
    """Find the dossiers that nothing will end by itself, each once."""
    rows = session.exec(select(Recording).where(col(Recording.eligible_at).is_(None), col(Recording.state).not_in(GONE))).all()
    facts = load(session, rows, choices)
    seen: set[str] = set()
    for row in rows:
        found = escalation(facts[row.id], civil_date(now)) if row.id in facts else None
        if found is not None and row.dossier_id not in seen:
            seen.add(row.dossier_id)
            yield row.dossier_id, found


def _row(session: Session, dossier_id: str, one: Escalation) -> Lingering:
    dossier = session.get_one(Dossier, dossier_id)
    evaluation = session.get_one(EvaluationSession, dossier.session_id)
    return Lingering(dossier.folder, evaluation.code, one.kind.value, one.since)


def _officers(session: Session) -> list[User]:
    """Return the compliance officers, the coordinators where there is none."""
    return list(users.holding(session, Role.COMPLIANCE_OFFICER) or users.holding(session, Role.COORDINATOR))
