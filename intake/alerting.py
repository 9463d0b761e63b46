"""Alerts: what is not well for some minutes is told to the staff by mail, and again each day that it stays so."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, or_, select

from intake.originals import TakenAway
from notifications import mails, outbox
from notifications.centre import Centre
from notifications.composing import Person
from notifications.mails import AlertFacts
from notifications.words.mail_shape import Alert
from registry import health, users
from registry.clock import civil_date
from registry.database import Database
from registry.states import MailState
from registry.tables import Deposit, DepositState, Role, User

_PATIENCE = timedelta(minutes=3)
_MANY = 20  # tries at taking one original away: some minutes
REFUSED = str(TakenAway.REFUSED)
_ALERTS = {
    "store": Alert.STORE_DOWN,
    "disk": Alert.DISK_FULL,
    "mirror": Alert.MIRROR_UNREACHABLE,
    "mail": Alert.MAIL_STUCK,
    "watcher": Alert.WATCHER_STOPPED,
    "journal": Alert.JOURNAL_BROKEN,
    "scanner": Alert.SCANNER_DOWN,
    "gate": Alert.DESTRUCTION_FAILED,
    "overdue": Alert.DESTRUCTION_OVERDUE,
    "clock": Alert.CLOCK_DOUBTFUL,
    "compaction": Alert.ERASURE_WAITS,
    "erasure": Alert.ERASURE_WAITS,
}

_Found = tuple[Alert, str, datetime, int | None]


def alert(database: Database, centre: Centre, now: datetime) -> int:
    """Queue the alerts of what is wrong now. Safe to repeat."""
    with database.bookkeeping() as session:
        found: list[_Found] = [
            (_ALERTS.get(row.part, Alert.INTAKE_STUCK), f"{row.part}:{row.since.isoformat()}", row.since, None)
            for row in health.troubles(session)
            if now - row.since >= _PATIENCE
        ]
        found += _of_mail(session, now) + _of_originals(session)
        return sum(_tell(session, centre, user, one, now) for one in found for user in _staff(session))


def _of_mail(session: Session, now: datetime) -> list[_Found]:
    found: list[_Found] = []
    stuck = outbox.stuck(session, now)
    for kind, chosen in ((Alert.MAIL_UNCERTAIN, True), (Alert.MAIL_STUCK, False)):
        mine = [mail for mail in stuck if (mail.state is MailState.UNCERTAIN) is chosen]
        if mine:
            found.append((kind, f"mail:{mine[0].id}", mine[0].created_at, len(mine)))
    return found


def _of_originals(session: Session) -> list[_Found]:
    """Find the originals that the share refuses to let go: a person must act, since their recordings are safe but not alone."""
    query = select(Deposit).where(Deposit.state == DepositState.STORED, or_(Deposit.code == REFUSED, Deposit.failures >= _MANY))
    held = session.exec(query.order_by(col(Deposit.first_seen_at), col(Deposit.id))).all()
    return [(Alert.INTAKE_STUCK, f"originals:{held[0].id}", held[0].first_seen_at, len(held))] if held else []


def _staff(session: Session) -> list[User]:
    return [*users.holding(session, Role.COORDINATOR), *users.holding(session, Role.OPERATOR)]


def _tell(session: Session, centre: Centre, user: User, found: _Found, now: datetime) -> bool:
    kind, what, since, count = found
    told = AlertFacts(kind, centre.name, since, centre.contact_for(session, None), count)
    mail = mails.alert(told, Person("", user.name, user.mail, user.language))
    key = f"alert:{kind}:{what}:{civil_date(now).isoformat()}:{user.id}"
    return outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)
