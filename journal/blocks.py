"""Blocks: the lines that exports and segments are made of. Entries, the list of their leaf hashes, the checkpoint over them. Pure.

Each line is canonical JSON and ends with an end of line, which no canonical JSON holds. An entry's line is the entry's exact bytes. The
list of leaf hashes proves nothing by itself: where a root does not come out, it tells which entry is to blame.
"""

import base64
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from journal import canonical, tree
from journal.checkpoint import Signed
from journal.errors import JournalRefusedError

ENTRY: Final = b'{"actor":'
LEAVES: Final = b'{"leaves":"'
CHECKPOINT: Final = b'{"checkpoint":'
_CLOSE: Final = b'"}'


def block(entries: Iterable[bytes], signed: Signed, leaves: Sequence[bytes] | None = None) -> Iterator[bytes]:
    """Write the entries since the checkpoint before, and the checkpoint: line by line, each with its end.

    Args:
        entries: their bytes.
        signed: the checkpoint at their end.
        leaves: the leaf hashes that the tree has for them; by default those of the bytes.
    """
    hashed: list[bytes] = []
    for data in entries:
        hashed.append(tree.leaf_hash(data))
        yield data + b"\n"
    yield leaves_line(hashed if leaves is None else leaves) + b"\n"
    yield canonical.encode({"checkpoint": signed.encode().decode("utf-8")}) + b"\n"


def leaves_line(leaves: Sequence[bytes]) -> bytes:
    """Write a list of leaf hashes, without the end of line."""
    return LEAVES + base64.b64encode(b"".join(leaves)) + _CLOSE


def read_leaves(line: bytes) -> list[bytes]:
    """Read what :func:`leaves_line` wrote, and nothing else.

    Raises:
        JournalRefusedError: it is not such a line.
    """
    try:
        joined = base64.b64decode(line.removeprefix(LEAVES).removesuffix(_CLOSE), validate=True)
    except ValueError as error:
        raise JournalRefusedError("a list of leaf hashes is not base64") from error
    leaves = [joined[at : at + tree.HASH_BYTES] for at in range(0, len(joined), tree.HASH_BYTES)]
    if leaves_line(leaves) != line or (leaves and len(leaves[-1]) != tree.HASH_BYTES):
        raise JournalRefusedError("a list of leaf hashes is not in its one form")
    return leaves


def read_checkpoint(line: bytes) -> Signed:
    """Read the line of a checkpoint.

    Raises:
        JournalRefusedError: it is not one.
    """
    members = canonical.decode(line)
    text = members.get("checkpoint") if isinstance(members, dict) else None
    if not isinstance(members, dict) or not isinstance(text, str) or len(members) != 1:
        raise JournalRefusedError("the line of a checkpoint has exactly the member checkpoint, a signed note")
    return Signed.decode(text.encode("utf-8"))
