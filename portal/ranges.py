"""Which bytes a request asks for: RFC 9110, section 14. Pure.

What cannot be understood is ignored, as section 14.2 asks, and the whole is sent; so are several ranges at once, which no player
asks for. A range that begins where the recording has ended is refused.
"""

import re
from dataclasses import dataclass

_SPEC = re.compile(r"([0-9]*)-([0-9]*)")
_DIGITS = 18


@dataclass(frozen=True)
class Span:
    """Bytes ``start`` to ``stop`` (not included)."""

    start: int
    stop: int


class UnsatisfiableError(Exception):
    """No byte that was asked for exists: 416."""


def asked(header: str | None, length: int) -> Span | None:
    """Read a ``Range`` header for a recording of ``length`` bytes; None is the whole.

    Raises:
        UnsatisfiableError: it is well formed, and none of its ranges holds a byte.
    """
    unit, equals, listed = (header or "").partition("=")
    if unit.strip().lower() != "bytes" or not equals:
        return None
    specs = [spec.strip(" \t") for spec in listed.split(",")]
    read = [_read(spec, length) for spec in specs if spec]
    if not read or None in read:
        return None
    spans = [span for span in read if span is not None and span.start < span.stop]
    if not spans:
        raise UnsatisfiableError
    return spans[0] if len(spans) == 1 else None


def _read(spec: str, length: int) -> Span | None:
    """Read one range; one that holds no byte comes back empty, None is one that is no range."""
    found = _SPEC.fullmatch(spec)
    if found is None or spec == "-":
        return None
    first, last = found.groups()
    if not first:
        return Span(max(length - _number(last), 0), length)
    if last and _number(last) < _number(first):
        return None
    start = min(_number(first), length)
    return Span(start, min(_number(last) + 1, length) if last else length)


def _number(digits: str) -> int:
    """Read digits; a number longer than any recording is cut, as long as it stays so."""
    return int(digits) if len(digits) <= _DIGITS else 10**_DIGITS
