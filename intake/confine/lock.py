"""Taking everything away from a process that is about to read a stranger's file.

Each protection stands alone: what the kernel or the libraries lack is reported, and the others still hold.
Sources: prctl(2), setrlimit(2), landlock(7), seccomp(2).
"""

import ctypes
import errno
import os
import resource
import signal
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from py_landlock import Landlock, LandlockError
from py_landlock.prctl import set_no_new_privs

try:
    import pyseccomp
except (ImportError, RuntimeError, OSError):  # the library it wraps is not on every system
    pyseccomp = None

_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_AT_EMPTY_PATH: Final = 0x1000
_LIBC: Final = ctypes.CDLL(None, use_errno=True)

# what an interpreter needs that only computes and answers: memory, time, its own descriptors, its own end
_ALLOWED: Final = (
    "brk", "mmap", "munmap", "mremap", "mprotect", "madvise", "futex", "membarrier", "rseq", "set_robust_list",
    "read", "readv", "write", "writev", "close", "fstat", "lseek", "fcntl", "poll", "ppoll", "select", "pselect6",
    "recvmsg", "recvfrom", "sendmsg", "sendto", "shutdown",
    "clock_gettime", "clock_getres", "gettimeofday", "time", "nanosleep", "clock_nanosleep", "getrandom",
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "tgkill", "getpid", "gettid", "getppid",
    "getrusage", "times", "sched_yield", "sched_getaffinity", "restart_syscall", "sysinfo", "uname",
    "exit", "exit_group",
)  # fmt: skip


@dataclass(frozen=True)
class Bounds:
    """What one confined process may use. Bytes and seconds; ``wall_seconds`` is kept by the pool, from outside."""

    memory_bytes: int = 600_000_000
    cpu_seconds: int = 12
    wall_seconds: float = 14.0
    answer_bytes: int = 1 << 17
    open_files: int = 16

    def to_json(self) -> dict[str, float]:
        """Return the bounds by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> Self:
        """Read back what :meth:`to_json` wrote."""
        return cls(**found)


@dataclass(frozen=True)
class Protection:
    """One protection: whether it is in force in a confined process on this machine, and if not, why and what would help."""

    name: str
    in_force: bool
    detail: str = ""


def die_with(parent: int) -> bool:
    """Ask the kernel to kill this process when its parent dies; False when the parent is already gone."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    return os.getppid() == parent


def lock(bounds: Bounds) -> tuple[Protection, ...]:
    """Give up files, network, new programs and privileges for good. Returns what is in force."""
    steps: tuple[tuple[str, Callable[[Bounds], str]], ...] = (
        ("no_new_privs", _no_new_privileges),
        ("limits", _limits),
        ("landlock", _landlock),
        ("seccomp", _seccomp),
    )
    found = []
    for name, step in steps:
        try:
            found.append(Protection(name, in_force=True, detail=step(bounds)))
        except (OSError, ValueError, RuntimeError, LandlockError, MissingError) as error:
            found.append(Protection(name, in_force=False, detail=f"{type(error).__name__}: {error}"[:200]))
    return tuple(found)


class MissingError(Exception):
    """A protection needs something that this system lacks."""


def _no_new_privileges(_: Bounds) -> str:
    set_no_new_privs()
    _LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return ""


def _limits(bounds: Bounds) -> str:
    for which, value in (
        (resource.RLIMIT_AS, bounds.memory_bytes),
        (resource.RLIMIT_NOFILE, bounds.open_files),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (value, value))
    resource.setrlimit(resource.RLIMIT_CPU, (bounds.cpu_seconds, bounds.cpu_seconds + 1))
    return ""


def _landlock(_: Bounds) -> str:
    rules = Landlock(strict=False)
    rules.apply()
    return f"version {int(rules.abi_version)}"


def _seccomp(_: Bounds) -> str:
    if pyseccomp is None:
        raise MissingError("libseccomp is not installed: install it (Debian: libseccomp2)")
    rules = pyseccomp.SyscallFilter(pyseccomp.ERRNO(errno.EPERM))
    for name in _ALLOWED:
        rules.add_rule(pyseccomp.ALLOW, name)
    rules.add_rule(
        pyseccomp.ALLOW, "newfstatat", pyseccomp.Arg(3, pyseccomp.EQ, _AT_EMPTY_PATH)
    )  # how the C library asks about a descriptor
    rules.load()
    return ""
