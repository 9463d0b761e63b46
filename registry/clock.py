"""The clock port. Instants are UTC and aware; civil dates are those of Europe/Paris."""

from datetime import UTC, date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")


class Clock(Protocol):
    """Says what time it is. Read once per run, then passed along as ``now``."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.now(UTC)


def civil_date(instant: datetime) -> date:
    """Return the date that people in Paris write at this instant.

    Raises:
        ValueError: the instant is naive.
    """
    if instant.tzinfo is None:
        msg = "an instant must carry its time zone"
        raise ValueError(msg)
    return instant.astimezone(PARIS).date()
