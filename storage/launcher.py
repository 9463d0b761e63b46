"""Become another program that dies with whoever started it. Run as a script, by the standard library alone.

Usage: ``python -I -S launcher.py PARENT_PID PROGRAM ARGUMENT...``. The kernel sends SIGTERM to the program when the *thread* that started
it ends (Linux, ``prctl(2)``, PR_SET_PDEATHSIG), also after ``kill -9``; so the starting thread must live as long as the program.
"""

import ctypes
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Tie this process to its parent, forbid core dumps, and become the program."""
    parent, program = int(sys.argv[1]), sys.argv[2]
    if ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM) != 0:
        sys.exit("prctl(PR_SET_PDEATHSIG) failed: the kernel is not Linux")
    if os.getppid() != parent:
        sys.exit("the parent ended before its child began")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.execv(program, sys.argv[2:])  # noqa: S606  # the caller gives a fixed program and arguments


if __name__ == "__main__":
    main()
