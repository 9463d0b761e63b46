"""Structured logs, from an allow-list: ids, codes, counts and outcomes. What is not on the list is not written.

An exception is logged by the names of its classes and the places in our code, never by its text: texts quote names and paths.
"""

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog

_ALLOWED = frozenset(
    (
        *("attempt", "code", "count", "deposit", "error", "event", "incident", "index", "job", "level", "mail", "outcome", "part"),
        *("pid", "port", "recording", "repair", "restarts", "session", "state", "step", "sweep", "timestamp", "where"),
    ),
)


def configure(level: int = logging.INFO) -> None:
    """Send every log line, ours and the libraries', to standard error as JSON, through the allow-list."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _places,
            only_allowed,
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each sweep that is still under way
    handler = _ByName()
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)


def only_allowed(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Drop every key that is not on the list."""
    return {key: value for key, value in event.items() if key in _ALLOWED}


def _places(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if event.pop("exc_info", None):
        error = sys.exc_info()[1]
        frames = traceback.extract_tb(error.__traceback__) if error else []
        event["where"] = [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in frames]
    return event


class _ByName(logging.Handler):
    """What libraries log is reduced to who spoke and how loud: their texts may quote anything."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the library's name and the level."""
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        structlog.get_logger().warning("library", part=record.name, code=record.levelname, error=error)


def quiet() -> None:
    """Write errors only: at a demonstration the log is not what people look at."""
    configure(logging.ERROR)
