"""One exact JSON encoding: a value has one form in bytes, and any other form is refused.

The form is RFC 8785 (JSON Canonicalization Scheme) without its fractions: null, true, false, integers from -(2^53-1) to 2^53-1,
strings, lists, objects; UTF-8; no white space; the members of an object in the order of the UTF-16 code units of their names; in
strings only what RFC 8259 demands is escaped, with the short escapes first. Strings are kept code point by code point: they are
not normalised, since a hash is over what was said, and since tables of Unicode change with the years. Specified in
``docs/formats/journal.md``.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from journal.errors import JournalRefusedError

Encodable: TypeAlias = "bool | int | str | Sequence[Encodable] | Mapping[str, Encodable] | None"
Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

MAX_INTEGER: Final = 2**53 - 1
MAX_DEPTH: Final = 32
_MAX_DIGITS: Final = len(str(-MAX_INTEGER))


def encode(value: Encodable) -> bytes:
    """Write a value in its only form.

    A tuple is written as the list that it equals, and is read back as one.

    Raises:
        JournalRefusedError: a float, an integer beyond 2^53-1, bytes, a name that is not a string, half of a surrogate pair, or
            more than ``MAX_DEPTH`` levels.
    """
    text = json.dumps(_checked(value, MAX_DEPTH), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise JournalRefusedError("a string holds half of a surrogate pair: give whole characters") from error


def decode(data: bytes) -> Json:
    """Read a value back; ``encode(decode(data)) == data`` for all that it accepts.

    Raises:
        JournalRefusedError: the bytes are not JSON, or not the one form that :func:`encode` writes.
    """
    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=_members,
            parse_int=_integer,
            parse_float=_no_number,
            parse_constant=_no_number,
        )
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise JournalRefusedError("these bytes are not JSON in UTF-8") from error
    if encode(value) != data:
        raise JournalRefusedError("these bytes are JSON, but not in its canonical form: they were not written by this encoder")
    return value


def _checked(value: object, depth: int) -> Json:
    """Copy a value with its members in order, refusing what has no canonical form."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, int):
        if not -MAX_INTEGER <= value <= MAX_INTEGER:
            raise JournalRefusedError("an integer is beyond 2^53-1: write it as a string")
        return value
    if depth == 0:
        raise JournalRefusedError(f"a value is nested in more than {MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        return {name: _checked(value[name], depth - 1) for name in sorted(value, key=_code_units)}
    if isinstance(value, list | tuple):
        return [_checked(item, depth - 1) for item in value]
    raise JournalRefusedError(f"a value of type {type(value).__name__} has no canonical form")


def _code_units(name: object) -> bytes:
    if not isinstance(name, str):
        raise JournalRefusedError(f"the name of a member is of type {type(name).__name__}, not a string")
    return name.encode("utf-16-be", "surrogatepass")


def _members(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise JournalRefusedError("an object names a member twice")
    return members


def _integer(digits: str) -> int:
    if len(digits) > _MAX_DIGITS:
        raise JournalRefusedError("an integer is beyond 2^53-1")
    return int(digits)


def _no_number(digits: str) -> int:
    raise JournalRefusedError(f"{digits[:20]} is not an integer")
