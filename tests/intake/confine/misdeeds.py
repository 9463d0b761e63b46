"""What a process might do once a file has taken it over; each is a task of the tests."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from typing import Any

from intake.mp3 import Judgement


def size_of(data: memoryview, more: int = 0) -> int:
    """Behave."""
    return len(data) + more


def said(data: memoryview) -> str:
    """Return the file's text."""
    return bytes(data).decode()


def sleep(data: memoryview) -> None:
    """Do nothing, for too long."""
    time.sleep(60 + len(data))


def spin(data: memoryview) -> None:
    """Use up the processor."""
    while len(data) >= 0:
        pass


def devour(data: memoryview) -> int:
    """Ask for more and more memory."""
    kept = [bytearray(50_000_000) for _ in range(40)]
    return len(kept) + len(data)


def crash(data: memoryview) -> None:
    """Read where nothing is."""
    ctypes.string_at(len(data))


def kill_itself(data: memoryview) -> None:
    """Die of a signal."""
    signal.raise_signal(signal.SIGKILL if len(data) >= 0 else signal.SIGTERM)


def leave(data: memoryview) -> None:
    """End without a word."""
    os._exit(3 + len(data))


def fail(data: memoryview) -> None:
    """Raise, with content in the message."""
    raise UnicodeDecodeError("utf-8", bytes(data), 0, 1, "secret")


def write_raw(data: memoryview) -> None:
    """Answer with whatever the file holds, past the protocol."""
    os.write(3, bytes(data))
    os._exit(0)


def not_json(data: memoryview) -> set[int]:
    """Return what JSON cannot say."""
    return {len(data)}


def endless(data: memoryview) -> str:
    """Answer at length."""
    return "x" * (1 << 22) + str(len(data))


def judge_asleep(data: memoryview, sha256: str) -> None:
    """Never come to a verdict."""
    time.sleep(60 + len(data) + len(sha256))


def judge_crashing(data: memoryview, sha256: str) -> None:
    """Fall in the decoder."""
    ctypes.string_at(len(data[:0]) + len(sha256[:0]))


def judge_raising(data: memoryview, sha256: str) -> None:
    """Raise what a library raises on bad text."""
    raise UnicodeDecodeError("utf-8", bytes(data[:1]), 0, 1, sha256)


def judge_lying(data: memoryview, sha256: str) -> dict[str, Any]:
    """Accept, as a process that was taken over would: for another file."""
    del sha256
    return Judgement.of(frozenset(), sha256="f" * 64, size_bytes=len(data)).to_json()


def attempts(data: memoryview) -> dict[str, bool]:
    """Try to reach the world; say what succeeded."""
    return {name: _succeeds(deed) for name, deed in _DEEDS.items()} | {"seen": len(data) > 0}


def environment(data: memoryview) -> list[str]:
    """Return the names of the environment, and the open descriptors beyond the file's."""
    return [*os.environ, str(len(data))]


def write_input(data: memoryview) -> bool:
    """Try to change the file that was given."""
    del data
    return any(_succeeds(lambda descriptor=descriptor: os.pwrite(descriptor, b"x", 0)) for descriptor in range(3, 16))


def _succeeds(deed: Any) -> bool:
    try:
        deed()
    except (OSError, ValueError, RuntimeError):
        return False
    return True


_DEEDS = {
    "read a file": lambda: open("/etc/passwd", "rb").close(),  # noqa: PTH123 - the plainest way
    "write a file": lambda: open("/tmp/confined", "wb").close(),  # noqa: PTH123 - the plainest way
    "list a directory": lambda: os.listdir("/"),  # noqa: PTH208 - the plainest way
    "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
    "open a local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM),
    "start a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    "fork": os.fork,
    "signal the parent": lambda: os.kill(os.getppid(), 0),
}


def warm_up_fails() -> None:
    """Fail before anything is locked."""
    raise RuntimeError("a library is missing")
