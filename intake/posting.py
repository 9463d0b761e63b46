"""Intake reports by mail: daily, and on demand."""

from datetime import datetime

from sqlmodel import Session, select

from intake import reporting
from notifications import mails, outbox
from notifications.centre import Centre
from notifications.composing import Person
from registry import sessions, users
from registry.clock import civil_date
from registry.codes import Language
from registry.database import Database
from registry.errors import RefusedError
from registry.tables import EvaluationSession, OutboxMail, Role, User

_AFTER_DAYS = 30  # a session whose exam is that long past is no longer reported daily


def daily_reports(database: Database, centre: Centre, now: datetime) -> int:
    """Queue today's report of each open session for each coordinator. Safe to repeat."""
    today, queued = civil_date(now), 0
    with database.bookkeeping() as session:
        for evaluation in sessions.open_sessions(session):
            if (today - evaluation.exam_on).days > _AFTER_DAYS:
                continue
            for user in users.holding(session, Role.COORDINATOR):
                key = f"report:{evaluation.id}:{today.isoformat()}:{user.id}"
                if session.exec(select(OutboxMail.id).where(OutboxMail.dedupe_key == key)).first() is None:
                    queued += _post(session, centre, evaluation, user, key, now)
    return queued


def report_now(database: Database, centre: Centre, evaluation: EvaluationSession, now: datetime) -> int:
    """Queue a report on demand for every coordinator."""
    with database.bookkeeping() as session:
        return sum(
            _post(session, centre, evaluation, user, f"report:{evaluation.id}:{now.isoformat()}:{user.id}", now)
            for user in users.holding(session, Role.COORDINATOR)
        )


def _post(session: Session, centre: Centre, evaluation: EvaluationSession, user: User, key: str, now: datetime) -> bool:
    try:
        made = reporting.report(session, evaluation, now, Language(user.language))
    except RefusedError:  # nobody in it yet
        return False
    mail = mails.intake_report(made, Person("", user.name, user.mail, user.language), centre.contact_for(session, None))
    return outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)
