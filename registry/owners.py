"""Who holds a lease: one process of one boot of one machine, so that a lease of a dead process need not run out."""

import os
from functools import cache
from pathlib import Path

_MACHINE = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NAMESPACE = Path("/proc/self/ns/pid")  # containers of one machine number their processes apart
_STATE_FIELD, _START_FIELD = 0, 19  # of /proc/PID/stat, counted after the command's name
_ENDED = frozenset("ZXx")  # ended, and not yet buried by its parent


def this_process() -> str:
    """Name this process: machine, boot, process number and start time."""
    pid = os.getpid()
    return f"{_machine()}/{_boot()}/{pid}/{_started(pid)}"


def is_dead(owner: str) -> bool:
    """Tell whether a process is known to have ended. One of another machine is never known to."""
    parts = owner.split("/")
    if len(parts) != 4 or parts[0] != _machine() or not parts[2].isdecimal():  # noqa: PLR2004 - the four parts above
        return False
    return parts[1] != _boot() or _started(int(parts[2])) != parts[3]


@cache
def _machine() -> str:
    """Name the machine, and the numbering of processes in it that this one belongs to."""
    names = (path.read_text("ascii").strip() for path in _MACHINE if path.is_file())
    name = next(filter(None, names), os.uname().nodename.replace("/", "-"))
    return f"{name}:{_NAMESPACE.readlink().name}"


def _boot() -> str:
    return _BOOT.read_text("ascii").strip()


def _started(pid: int) -> str:
    """Return the start time of a process, in ticks since the boot; empty when there is none, or when it has ended."""
    try:
        line = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return ""
    found = line.rpartition(")")[2].split()
    return "" if found[_STATE_FIELD] in _ENDED else found[_START_FIELD]
