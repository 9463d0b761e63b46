"""Leases, counters, and what the parts of a running centre say of their own health."""

from datetime import datetime

from sqlmodel import Field

from registry.tables.types import Instant, Row


class Lease(Row, table=True):
    """Who leads: one row a role, held until it expires."""

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_type=Instant)


class Counter(Row, table=True):
    """The last number given, per series."""

    __tablename__ = "counter"

    name: str = Field(primary_key=True)
    value: int


class Health(Row, table=True):
    """What one part said last: ``ok``, or the code of what is wrong and since when."""

    __tablename__ = "health"

    part: str = Field(primary_key=True)
    code: str
    since: datetime = Field(sa_type=Instant)
    seen_at: datetime = Field(sa_type=Instant)


class Reason(Row, table=True):
    """What a person gave as reason for an act on ``subject``; cleared with what it is about."""

    __tablename__ = "reason"

    id: str = Field(primary_key=True)
    subject: str = Field(index=True)
    text: str
    salt: bytes
    given_at: datetime = Field(sa_type=Instant)
