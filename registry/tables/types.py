"""Column types and the base of every table."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import DateTime, Dialect, String, types
from sqlmodel import SQLModel
from typing_extensions import override

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING


class Instant(types.TypeDecorator[datetime]):
    """An aware instant, stored in UTC; a naive one is refused, and none ever comes back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    @override
    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            msg = "an instant must carry its time zone"
            raise ValueError(msg)
        return value.astimezone(UTC)

    @override
    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _Choice(types.TypeDecorator[StrEnum]):
    """A closed vocabulary, stored as its words, so that a new word needs no migration; an unknown word never comes back."""

    impl = String
    cache_ok = True
    words: type[StrEnum]

    @override
    def process_bind_param(self, value: StrEnum | str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(self.words(value))

    @override
    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.words(value)


def choice(words: type[StrEnum]) -> type[_Choice]:
    """Return the column type of one vocabulary."""
    return type(f"Choice{words.__name__}", (_Choice,), {"words": words, "cache_ok": True})


class Row(SQLModel):
    """Base of every table.

    ``journaled`` tables hold what is true of a dossier: no write of theirs commits without a journal entry that
    names the row. ``bookkeeping`` columns are caches and leases of such a table, which may change without one.
    """

    journaled: ClassVar[bool] = False
    bookkeeping: ClassVar[frozenset[str]] = frozenset()
