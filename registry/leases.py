"""Leases: who leads the sweeps, and numbers given in order."""

from datetime import datetime, timedelta

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from registry import owners
from registry.tables import Counter, Lease, Row


def acquire(session: Session, name: str, owner: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew a lease; say whether it is ours. One that has expired, or whose process has ended, is anyone's."""
    insert_once(session, Lease, name=name, owner=owner, until=now + lasts)
    lease = session.get_one(Lease, name, with_for_update=True, populate_existing=True)
    if lease.owner != owner and stands(lease, now):
        return False
    lease.owner, lease.until = owner, now + lasts
    return True


def stands(lease: Lease, now: datetime) -> bool:
    """Tell whether somebody holds a lease now."""
    return lease.until > now and not owners.is_dead(lease.owner)


def release(session: Session, name: str, owner: str) -> None:
    """Give a lease back, if it is ours."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is not None and lease.owner == owner:
        session.delete(lease)


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series, from 1; it is given for good when the transaction commits."""
    insert_once(session, Counter, name=series, value=0)
    counter = session.get_one(Counter, series, with_for_update=True, populate_existing=True)
    counter.value += 1
    session.flush()
    return counter.value


def insert_once(session: Session, model: type[Row], **values: object) -> None:
    """Make a row unless it is there, whoever else does so at the same moment."""
    session.flush()  # what this transaction deleted is gone before
    insert = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    session.connection().execute(insert(model).values(**values).on_conflict_do_nothing())
