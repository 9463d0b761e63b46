"""Telling the staff of a restore, and of what was found wrong: mails queued in the transaction of what they tell."""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlmodel import Session

from notifications import outbox, safety_mails
from notifications.centre import Centre
from notifications.composing import Person
from notifications.safety_mails import RestoreFacts, ToEnter
from registry import users
from registry.clock import civil_date
from registry.database import Database
from registry.tables import Role, User
from retention.comparing import Comparison
from retention.restoring import Restored
from retention.scrubbing import Scrubbed

_TOLD = (Role.COMPLIANCE_OFFICER, Role.OPERATOR, Role.COORDINATOR)
_FOUND = (Role.OPERATOR, Role.COMPLIANCE_OFFICER)
DAMAGED = "damaged_object"


def tell_restored(database: Database, centre: Centre, done: Restored) -> int:
    """Queue the list of what is to be entered again, to everybody on the staff; return how many. Nobody may be left: it is printed too."""
    facts = tuple(ToEnter(one.kind, civil_date(one.at), one.about or one.subject, str(one.papers)) for one in done.again)
    on = civil_date(done.backup_of) if done.backup_of else None
    told = RestoreFacts(done.hold_id, on, done.imported, done.uncertain, facts)
    with database.bookkeeping() as session:
        contact, count = centre.contact_for(session, None), 0
        for user in _staff(session, _TOLD):
            mail = safety_mails.restored(told, _person(user), centre.name, contact)
            key = f"restored:{done.hold_id}:{done.at.isoformat()}:{user.id}"
            count += outbox.enqueue(session, mail, dedupe_key=key, now=done.at, domain=centre.mail_domain, person_id=user.id)
    return count


def tell_compared(database: Database, centre: Centre, compared: Comparison) -> int:
    """Queue what the comparison found, once a day for the same findings; what goes through the gate by itself is told as well."""
    counts = {str(kind): len(found) for kind, found in compared.found.items()}
    return _tell_found(database, centre, counts, (f"{kind} {one}" for kind, found in compared.found.items() for one in found), compared.at)


def tell_scrubbed(database: Database, centre: Centre, done: Scrubbed, now: datetime) -> int:
    """Queue what the scrub found damaged."""
    return _tell_found(database, centre, {DAMAGED: len(done.damaged)}, (one.object_key for one in done.damaged), now)


def _tell_found(database: Database, centre: Centre, counts: Mapping[str, int], named: Iterable[str], now: datetime) -> int:
    if not any(counts.values()):
        return 0
    mark = hashlib.sha256("\n".join(named).encode()).hexdigest()[:32]
    with database.bookkeeping() as session:
        contact, queued = centre.contact_for(session, None), 0
        for user in _staff(session, _FOUND):
            mail = safety_mails.found(counts, _person(user), centre.name, contact)
            key = f"found:{mark}:{civil_date(now).isoformat()}:{user.id}"
            queued += outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)
    return queued


def _staff(session: Session, roles: Iterable[Role]) -> list[User]:
    return [user for role in roles for user in users.holding(session, role)]


def _person(user: User) -> Person:
    return Person("", user.name, user.mail, user.language)
