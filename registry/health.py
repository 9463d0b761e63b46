"""What the parts of a running centre say of themselves, for ``status``, ``doctor`` and the alerts."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from registry.leases import insert_once
from registry.tables import Health

OK = "ok"


def report(session: Session, part: str, code: str, now: datetime) -> bool:
    """Write down what a part says; return whether that is news."""
    insert_once(session, Health, part=part, code=OK, since=now, seen_at=now)
    row = session.get_one(Health, part, with_for_update=True, populate_existing=True)
    changed = row.code != code
    if changed:
        row.code, row.since = code, now
    row.seen_at = now
    return changed


def troubles(session: Session) -> Sequence[Health]:
    """Return the parts that are not well, longest first."""
    return session.exec(select(Health).where(Health.code != OK).order_by(col(Health.since))).all()
