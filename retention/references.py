"""The clocks of a real installation: the kernel's word, the database's, the object store's, and one outside."""

import ctypes
import http.client
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from sqlalchemy import text

from registry.database import Database
from retention.guards import ReferenceUnavailableError

_STA_UNSYNC = 0x0040
_TIME_ERROR = 5
_WITHIN = 5.0
_TIMEX_BYTES = 512  # more than any kernel's struct timex
_STATUS_AT = 5 * ctypes.sizeof(ctypes.c_long)  # after modes (padded), offset, freq, maxerror and esterror: see adjtimex(2)


@dataclass(frozen=True)
class MachineReferences:
    """See :class:`retention.guards.ClockReferences`.

    Attributes:
        registry: the database whose time is asked. SQLite has none of its own: it tells this machine's.
        store_time: asks the object store.
        one_machine: as the installation is.
        outside_url: an ``https`` address whose ``Date`` is the outside reference, or None.
    """

    registry: Database
    store_time: Callable[[], datetime]
    one_machine: bool
    outside_url: str | None = None

    def database(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        if self.registry.is_sqlite:
            return datetime.now(UTC)
        with self.registry.reading() as session:
            found: datetime = session.connection().execute(text("SELECT clock_timestamp()")).scalar_one()
        return found.astimezone(UTC)

    def objects(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        return self.store_time()

    def synchronised(self) -> bool:
        """See :class:`retention.guards.ClockReferences`."""
        return kernel_synchronised()

    def outside(self) -> datetime | None:
        """See :class:`retention.guards.ClockReferences`."""
        return None if self.outside_url is None else date_of(self.outside_url)


def kernel_synchronised() -> bool:
    """Ask the kernel, by adjtimex(2), changing nothing. A clock that somebody sets loses the kernel's word until it is in time again."""
    buffer = ctypes.create_string_buffer(_TIMEX_BYTES)  # all zero: modes 0 only reads
    state = ctypes.CDLL(None, use_errno=True).adjtimex(buffer)
    status = ctypes.c_int.from_buffer(buffer, _STATUS_AT).value
    return 0 <= state < _TIME_ERROR and not status & _STA_UNSYNC


def date_of(url: str) -> datetime:
    """Ask an ``https`` server for its date.

    Raises:
        ReferenceUnavailableError: it does not answer, proves not to be itself, or says no date.
    """
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname:
        raise ReferenceUnavailableError("the outside reference of the clock is an https address: correct it in the settings")
    connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=_WITHIN, context=ssl.create_default_context())
    try:
        connection.request("HEAD", parts.path or "/")
        return parsedate_to_datetime(connection.getresponse().headers["Date"]).astimezone(UTC)
    except (OSError, http.client.HTTPException, TypeError, ValueError) as error:
        raise ReferenceUnavailableError(f"the outside reference of the clock does not answer ({type(error).__name__})") from error
    finally:
        connection.close()
