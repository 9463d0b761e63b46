"""Frozen values to canonical JSON and back, strictly: exactly the members of the dataclass, exactly their types. Pure.

Instants are UTC with six decimals, as in the journal; days are ISO 8601; enumerations are their values; tuples are lists.
"""

import dataclasses
import types
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from journal.canonical import Encodable, Json
from journal.entry import instant_text
from retention.errors import CertificateRefusedError

T = TypeVar("T")


def to_json(value: Any) -> Encodable:
    """Write a value, a dataclass as an object of its fields."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: to_json(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, datetime):
        if value.utcoffset() != timedelta(0):
            raise CertificateRefusedError("an instant of the facts is aware and in UTC")
        return instant_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [to_json(one) for one in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    raise CertificateRefusedError(f"a fact of type {type(value).__name__} cannot be written")


def from_json(wanted: type[T], told: Json) -> T:
    """Read a value of this type, and nothing else.

    Raises:
        CertificateRefusedError: a member is missing, unknown, or not of its type.
    """
    found = _read(wanted, told, wanted.__name__)
    if not isinstance(found, wanted):
        raise CertificateRefusedError(f"these facts are not those of a {wanted.__name__}")
    return found


def _read(wanted: Any, told: Json, where: str) -> Any:
    if get_origin(wanted) is types.UnionType:
        return None if told is None else _read(next(one for one in get_args(wanted) if one is not types.NoneType), told, where)
    if get_origin(wanted) is tuple:
        if not isinstance(told, list):
            raise CertificateRefusedError(f"{where} is a list")
        return tuple(_read(get_args(wanted)[0], one, where) for one in told)
    if dataclasses.is_dataclass(wanted):
        return _read_members(wanted, told, where)
    return _read_plain(wanted, told, where)


def _read_members(wanted: Any, told: Json, where: str) -> Any:
    names = [one.name for one in dataclasses.fields(wanted)]
    if not isinstance(told, Mapping) or set(told) != set(names):
        raise CertificateRefusedError(f"{where} has exactly the members {', '.join(names)}")
    hints = get_type_hints(wanted)
    return wanted(**{name: _read(hints[name], told[name], f"{where}.{name}") for name in names})


def _read_plain(wanted: Any, told: Json, where: str) -> Any:
    try:
        if wanted is datetime and isinstance(told, str):
            found = datetime.fromisoformat(told)
            if found.tzinfo is not None and instant_text(found) == told:
                return found.replace(tzinfo=UTC)
        elif wanted is date and isinstance(told, str):
            day = date.fromisoformat(told)
            if day.isoformat() == told:
                return day
        elif (issubclass(wanted, StrEnum) and isinstance(told, str)) or (wanted in {str, int, bool} and type(told) is wanted):
            return wanted(told)
    except ValueError as error:
        raise CertificateRefusedError(f"{where} is not of its form") from error
    raise CertificateRefusedError(f"{where} is not of its type")
