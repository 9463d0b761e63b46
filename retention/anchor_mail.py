"""Each day's checkpoint by mail to the compliance officers: an anchor that the operator cannot rewrite."""

from datetime import datetime

from sqlmodel import select

from journal import checkpoints
from notifications import outbox
from notifications.centre import Centre
from notifications.checkpoint_mails import checkpoint
from notifications.composing import Person
from registry import users
from registry.clock import civil_date
from registry.database import Database
from registry.tables import OutboxMail, Role


def post_daily(database: Database, centre: Centre, log_key: str, now: datetime) -> int:
    """Queue today's mail to each compliance officer; safe to repeat. Sign first: it carries the newest checkpoint there is.

    Args:
        database: where the checkpoint is, and the outbox.
        centre: as people are told of it.
        log_key: the public line of the log key.
        now: the run's instant.
    """
    queued = 0
    with database.bookkeeping() as session:
        newest = checkpoints.newest(session.connection())
        if newest is None:
            return 0
        for user in users.holding(session, Role.COMPLIANCE_OFFICER):
            key = f"checkpoint:{civil_date(now).isoformat()}:{user.id}"
            if session.exec(select(OutboxMail.id).where(OutboxMail.dedupe_key == key)).first() is not None:
                continue
            person = Person("", user.name, user.mail, user.language)
            contact = centre.contact_for(session, None)
            mail = checkpoint(newest.signed.encode().decode("utf-8"), newest.size, log_key, person, centre.name, contact)
            queued += outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)
    return queued
