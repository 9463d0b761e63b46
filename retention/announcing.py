"""Notices: what will be destroyed is told to the centre's people some days ahead, by mail, each date again when it draws near.

A notice counts for the date that it names, once its mail was accepted; ``retention.announced`` is the gate's question. What is held is
not announced: it is once the hold is lifted, and then waits as long as everybody else.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlmodel import Session, col, select

from notifications import outbox, retention_mails
from notifications.centre import Centre
from notifications.composing import Person
from notifications.retention_mails import Planned
from registry import health, schemes, users
from registry.clock import civil_date
from registry.database import Database
from registry.ids import new_id
from registry.states import MailState
from registry.tables import Announcement, Dossier, EvaluationSession, OutboxMail, Recording, Role, User
from retention.announced import restarted_at
from retention.due import Due, due
from retention.facts import Eligible
from retention.loading import load
from retention.terms import Choices

PART = "announcements"
NOBODY = "nobody_to_tell"


@dataclass(frozen=True, slots=True)
class _Notice:
    """One recording to announce, and the band of days that it has come into."""

    due: Due
    days_ahead: int
    planned: Planned


def announce(database: Database, centre: Centre, choices: Choices, now: datetime) -> int:
    """Queue the notices that are due, one mail a person; return how many recordings they name. Safe to repeat."""
    settle(database)
    with database.bookkeeping() as session:
        notices = list(_notices(session, choices, now))
        staff = _staff(session)
        health.report(session, PART, NOBODY if notices and not staff else health.OK, now)
        for user in staff if notices else ():
            _tell(session, centre, user, notices, now)
    return len(notices) if staff else 0


def settle(database: Database) -> None:
    """Note which notices were accepted: by the mail server, or into their file."""
    with database.bookkeeping() as session:
        query = (
            select(Announcement, OutboxMail.sent_at)
            .join(OutboxMail, col(OutboxMail.id) == col(Announcement.mail_id))
            .where(col(Announcement.accepted_at).is_(None), OutboxMail.state == MailState.SENT)
        )
        for notice, sent_at in session.exec(query):
            notice.accepted_at = sent_at


def _notices(session: Session, choices: Choices, now: datetime) -> Iterator[_Notice]:
    """Find what has come into a band of days in which it was not announced yet."""
    found = [one for one in due(session, now + _horizon(), choices) if isinstance(one.found, Eligible) and one.cause.waits_for_notice]
    rows = {one.recording_id: session.get_one(Recording, one.recording_id) for one in found}
    facts = load(session, list(rows.values()), choices)
    for one in found:
        terms = facts[one.recording_id].terms
        left = civil_date(one.eligible_at) - civil_date(now)
        bands = [days for days in terms.notice_days if left <= timedelta(days=days)]
        if not bands or _told(session, rows[one.recording_id], one, min(bands)):
            continue
        dossier = session.get_one(Dossier, one.dossier_id)
        evaluation = session.get_one(EvaluationSession, dossier.session_id)
        first = max(one.eligible_at, now + timedelta(days=terms.min_notice_days))
        yield _Notice(one, min(bands), Planned(dossier.folder, evaluation.code, one.cause.value, civil_date(first)))


@cache
def _horizon() -> timedelta:
    """Return how far ahead any scheme announces, and the day that it begins on."""
    profiles = (schemes.load(name, version) for name, versions in schemes.available().items() for version in versions)
    return timedelta(days=1 + max(days for profile in profiles for days in profile.retention.notice_days))


def _told(session: Session, recording: Recording, one: Due, days_ahead: int) -> bool:
    """Tell whether a recording was announced for this date in this band, since its latest appeal was closed."""
    query = select(Announcement.announced_at).where(
        Announcement.recording_id == recording.id,
        Announcement.eligible_at == one.eligible_at,
        col(Announcement.days_ahead) <= days_ahead,
    )
    restarted = restarted_at(session, recording)
    return any(restarted is None or at > restarted for at in session.exec(query))


def _tell(session: Session, centre: Centre, user: User, notices: Sequence[_Notice], now: datetime) -> None:
    person = Person("", user.name, user.mail, user.language)
    mail = retention_mails.planned([one.planned for one in notices], person, centre.name, centre.contact_for(session, None))
    named = "\n".join(f"{one.due.recording_id} {one.due.eligible_at.isoformat()} {one.days_ahead}" for one in notices)
    key = f"planned:{hashlib.sha256(named.encode()).hexdigest()[:32]}:{now.isoformat()}:{user.id}"
    outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)
    mail_id = session.exec(select(OutboxMail.id).where(OutboxMail.dedupe_key == key)).one()
    for one in notices:
        session.add(
            Announcement(
                id=new_id("ann"),
                recording_id=one.due.recording_id,
                eligible_at=one.due.eligible_at,
                days_ahead=one.days_ahead,
                mail_id=mail_id,
                announced_at=now,
            )
        )


def _staff(session: Session) -> list[User]:
    return [*users.holding(session, Role.COORDINATOR), *users.holding(session, Role.COMPLIANCE_OFFICER)]
