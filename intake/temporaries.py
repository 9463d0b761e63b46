"""Names of files that are being written into a candidate's folder, from which can be told whether their writer still lives.

Dotfiles that end in ``.tmp``: neither the candidate nor the watcher takes them for a file. What a killed process left behind is removed
when the next file is written into the same folder. One of another machine or another boot is left alone for an hour.
"""

import hashlib
import os
import re
import secrets
import time
from contextlib import suppress

from registry import owners

_NAME = re.compile(r"\.([0-9a-f]{8})-([0-9]+)-([0-9]+)-[0-9a-f]{8}\.tmp")
_AN_HOUR = 3600.0


def name() -> bytes:
    """Return a new name."""
    _, _, pid, started = owners.this_process().split("/")
    return f".{_here()}-{pid}-{started}-{secrets.token_hex(4)}.tmp".encode()


def sweep(directory: int) -> None:
    """Remove what the dead left in a directory, given by its descriptor."""
    for entry in os.listdir(directory):
        found = _NAME.fullmatch(entry)
        if found is not None and _is_over(directory, entry, found):
            with suppress(OSError):
                os.unlink(entry, dir_fd=directory)


def _is_over(directory: int, entry: str, found: re.Match[str]) -> bool:
    here, pid, started = found.groups()
    if here == _here():
        machine, boot, _, _ = owners.this_process().split("/")
        return owners.is_dead(f"{machine}/{boot}/{pid}/{started}")
    try:
        written = os.stat(entry, dir_fd=directory, follow_symlinks=False).st_mtime
    except OSError:
        return False
    return time.time() - written > _AN_HOUR


def _here() -> str:
    """Name this boot of this machine, in few letters."""
    machine, boot, _, _ = owners.this_process().split("/")
    return hashlib.sha256(f"{machine}/{boot}".encode()).hexdigest()[:8]
