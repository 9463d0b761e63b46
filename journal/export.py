"""Export: the whole journal in one file, for whoever checks it elsewhere (``docs/formats/journal.md``)."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection

from journal import blocks, canonical, checkpoints, log
from journal.errors import JournalRefusedError

FORMAT: Final = "consigne-journal-export-1"


def header(size: int) -> bytes:
    """Write the first line, without its end."""
    return canonical.encode({"format": FORMAT, "size": size})


def read_header(line: bytes) -> int:
    """Read the first line: how many entries the export says that it holds.

    Raises:
        JournalRefusedError: it is not the header of an export.
    """
    members = canonical.decode(line)
    if not isinstance(members, dict) or members.keys() != {"format", "size"} or members["format"] != FORMAT:
        raise JournalRefusedError(f"this file does not begin as an export of a journal does ({FORMAT})")
    size = members["size"]
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise JournalRefusedError("the size of an export is a number of entries")
    return size


def lines(connection: Connection) -> Iterator[bytes]:
    """Give the export of everything up to the newest checkpoint, line by line.

    Sign a checkpoint first: entries after the newest one are left out, since nothing vouches for them. What was changed or removed in the
    database is written as it is, beside the leaf hashes of the tree, so that verification names it.

    Raises:
        JournalRefusedError: no checkpoint was signed yet.
        JournalDamagedError: a checkpoint cannot be read.
    """
    signed = tuple(checkpoints.every(connection))
    if not signed:
        raise JournalRefusedError("no checkpoint was signed yet: nothing vouches for an export")
    yield header(signed[-1].size) + b"\n"
    start = 0
    for one in signed:
        entries, leaves = log.as_stored(connection, start, one.size)
        yield from blocks.block(entries, one.signed, leaves)
        start = one.size
