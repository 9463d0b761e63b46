"""The compliance report, on demand and each month; and the alert as soon as a destruction is overdue."""

from collections.abc import Mapping
from datetime import date, datetime

from sqlmodel import Session, select

from notifications import mails, outbox
from notifications.centre import Centre
from notifications.compliance import ComplianceReport
from notifications.compliance_mails import compliance_report
from notifications.compliance_sheets import compliance_workbook
from notifications.composing import Person
from notifications.mails import AlertFacts
from notifications.words.mail_shape import Alert
from registry import health, users
from registry.clock import civil_date
from registry.codes import Language
from registry.database import Database
from registry.tables import OutboxMail, Role, User
from retention import due, figures, register
from retention.figures import Overdue
from retention.terms import Choices

PART = "overdue"


def report(database: Database, centre: Centre, choices: Choices, now: datetime, *, lines: int | None = None) -> ComplianceReport:
    """Make the report of an instant; ``lines``: only so many of the register's newest."""
    due.recompute(database, choices)
    with database.reading() as session:
        told = figures.read(session, choices, now)
        entries = register.read(session, lines)
        registered = len(entries) if lines is None else register.count(session)
    return ComplianceReport(centre.name, told, tuple(entries), registered)


def monthly(database: Database, centre: Centre, choices: Choices, now: datetime) -> int:
    """Queue the month's report for each compliance officer, the coordinators where there is none. Safe to repeat.

    Whoever was enrolled during the month gets the first one the month after. The workbook is drawn outside any transaction.
    """
    month = civil_date(now).replace(day=1)
    with database.reading() as session:
        keys = {user.id: f"compliance:{month:%Y-%m}:{user.id}" for user in _officers(session) if civil_date(user.created_at) < month}
        sent = {key for key in keys.values() if session.exec(select(OutboxMail.id).where(OutboxMail.dedupe_key == key)).first()}
    wanted = {user: key for user, key in keys.items() if key not in sent}
    return post(database, centre, report(database, centre, choices, now), wanted, now) if wanted else 0


def post(database: Database, centre: Centre, told: ComplianceReport, keys: Mapping[str, str], now: datetime) -> int:
    """Queue a report for some of the staff, by the key that names each mail; return how many were queued."""
    with database.reading() as session:
        people = [session.get_one(User, one) for one in keys]
        contact = centre.contact_for(session, None)
    workbooks = {language: compliance_workbook(told, language) for language in {Language(one.language) for one in people}}
    made = {one.id: compliance_report(told, workbooks[one.language], _person(one), contact) for one in people}
    with database.bookkeeping() as session:
        return sum(
            outbox.enqueue(session, mail, dedupe_key=keys[user], now=now, domain=centre.mail_domain, person_id=user)
            for user, mail in made.items()
        )


def report_now(database: Database, centre: Centre, choices: Choices, now: datetime) -> int:
    """Queue a report on demand for everybody whom the monthly one goes to."""
    with database.reading() as session:
        keys = {user.id: f"compliance:{now.isoformat()}:{user.id}" for user in _officers(session)}
    return post(database, centre, report(database, centre, choices, now), keys, now) if keys else 0


def watch(database: Database, centre: Centre, choices: Choices, now: datetime) -> Overdue:
    """Look for overdue destructions; put them where people look, and tell the compliance officers, again each day. Safe to repeat.

    Coordinators and operators are told with the other troubles of the centre.
    """
    due.recompute(database, choices)
    with database.reading() as session:
        found = figures.overdue(session, choices, now)
    with database.bookkeeping() as session:
        health.report(session, PART, PART if found.count else health.OK, now)
        for user in users.holding(session, Role.COMPLIANCE_OFFICER) if found.since is not None else ():
            _alert(session, centre, user, found, civil_date(now), now)
    return found


def _alert(session: Session, centre: Centre, user: User, found: Overdue, today: date, now: datetime) -> None:
    kind = Alert.DESTRUCTION_OVERDUE
    told = AlertFacts(kind, centre.name, found.since or now, centre.contact_for(session, None), found.count)
    key = f"alert:{kind}:{PART}:{today.isoformat()}:{user.id}"
    outbox.enqueue(session, mails.alert(told, _person(user)), dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)


def _officers(session: Session) -> list[User]:
    return list(users.holding(session, Role.COMPLIANCE_OFFICER) or users.holding(session, Role.COORDINATOR))


def _person(user: User) -> Person:
    return Person("", user.name, user.mail, user.language)
