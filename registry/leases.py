"""Leases: who leads the sweeps, and numbers given in order."""

from datetime import datetime, timedelta

from sqlmodel import Session

from registry.tables import Counter, Lease


def acquire(session: Session, name: str, owner: str, now: datetime, lasts: timedelta) -> bool:
    """Take or renew a lease; say whether it is ours. One that has expired is anyone's."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is None:
        session.add(Lease(name=name, owner=owner, until=now + lasts))
        return True
    if lease.owner != owner and lease.until > now:
        return False
    lease.owner, lease.until = owner, now + lasts
    return True


def release(session: Session, name: str, owner: str) -> None:
    """Give a lease back, if it is ours."""
    lease = session.get(Lease, name, with_for_update=True)
    if lease is not None and lease.owner == owner:
        session.delete(lease)


def next_number(session: Session, series: str) -> int:
    """Return the next number of a series, from 1; it is given for good when the transaction commits."""
    counter = session.get(Counter, series, with_for_update=True)
    if counter is None:
        counter = Counter(name=series, value=0)
        session.add(counter)
    counter.value += 1
    session.flush()
    return counter.value
