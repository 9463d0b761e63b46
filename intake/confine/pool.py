"""A pool of confined processes, kept warm, one task each, replaced after it.

Input goes in by descriptor, opened anew for reading only; the answer comes back as one line of bounded JSON. Nothing that a
child sends is ever unpickled or evaluated.
"""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from intake.confine.errors import ConfinementUnavailableError, UnknownTaskError
from intake.confine.lock import Bounds, Protection
from intake.confine.outcomes import Answered, Misbehaved, Misbehaviour, Outcome
from intake.confine.tasks import Task

_BOOT: Final = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from intake.confine.server import main; main(int(sys.argv[2]))"
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TZ")
_MESSAGE: Final = 1 << 16
_START_SECONDS: Final = 60.0
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")
_GRACE: Final = 1.0


@dataclass(frozen=True)
class _Child:
    pid: int
    channel: socket.socket


class _LostError(Exception):
    """The server or an idle child is gone, through no fault of the file."""


class Pool:
    """Runs named tasks, each in a confined process of its own, at most ``size`` at a time. Safe to share between threads.

    The first use starts the server (about half a second). Close it, or use it as a context manager.
    """

    def __init__(self, tasks: Mapping[str, Task], *, size: int = 2, bounds: Bounds | None = None) -> None:
        self._bounds = bounds or Bounds()
        self._tasks = {name: task.to_json() for name, task in tasks.items()}
        self._slots = threading.BoundedSemaphore(size)
        self._lock = threading.Lock()
        self._size = size
        self._server: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._idle: list[_Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def run(self, name: str, source: int | bytes | memoryview, **parameters: Any) -> Outcome:
        """Run one task on a file: an open descriptor, of which the whole file is read whatever its position, or bytes.

        Raises:
            UnknownTaskError: no such task was given when the pool was made.
            ConfinementUnavailableError: no confined process can be started; nothing is known of the file, try again.
        """
        if name not in self._tasks:
            raise UnknownTaskError(f"no task is called {name}: name it when the pool is made")
        with self._slots, _readable(source) as descriptor:
            return self._tried({"task": name, "parameters": parameters}, descriptor)

    def protections(self) -> tuple[Protection, ...]:
        """Ask a confined process what is in force in it.

        Raises:
            ConfinementUnavailableError: no confined process can be started.
        """
        with self._slots, _readable(b"") as descriptor:
            outcome = self._tried({"task": None, "parameters": {}}, descriptor)
        if not isinstance(outcome, Answered):
            raise ConfinementUnavailableError(f"a confined process does not answer ({outcome.cause}): see the system's log")
        return tuple(Protection(str(name), bool(in_force), str(detail)) for name, in_force, detail in outcome.value)

    def close(self) -> None:
        """End every process of the pool. It starts anew when used again."""
        with self._lock:
            self._stop()

    def _tried(self, request: dict[str, Any], descriptor: int) -> Outcome:
        """Ask, and ask once more when a process was lost before the file can have been the reason."""
        for _ in range(2):
            with contextlib.suppress(_LostError):
                child = self._take()
                try:
                    return self._ask(child, request, descriptor)
                finally:
                    child.channel.close()
        raise ConfinementUnavailableError("confined processes keep ending before they begin: look for a lack of memory")

    def _ask(self, child: _Child, request: dict[str, Any], descriptor: int) -> Outcome:
        until = time.monotonic() + self._bounds.wall_seconds
        try:
            socket.send_fds(child.channel, [json.dumps(request).encode()], [descriptor])
        except OSError as error:
            self._reap(child, 0)
            raise _LostError from error
        answer = self._read(child, until)
        late = answer is None
        status = self._reap(child, 0 if late else _GRACE)
        if answer is None:
            return Misbehaved(Misbehaviour.TIME)
        return _parsed(answer) if answer else _ended(status)

    def _read(self, child: _Child, until: float) -> bytes | None:
        """Return what the child says until it falls silent; None when the time is over."""
        answer = b""
        while len(answer) <= self._bounds.answer_bytes:
            left = until - time.monotonic()
            if left <= 0:
                return None
            child.channel.settimeout(left)
            try:
                more = child.channel.recv(_MESSAGE)
            except TimeoutError:
                return None
            except OSError:
                more = b""
            answer += more
            if not more or answer.endswith(b"\n"):
                break
        return answer

    def _take(self) -> _Child:
        """Take a warm child, and have the next one made."""
        with self._lock:
            if self._control is None:
                self._start()
            while len(self._idle) <= self._size:
                self._idle.append(self._spawn())
            return self._idle.pop(0)

    def _spawn(self) -> _Child:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                found = self._exchange({"fork": True}, theirs.fileno())
        except BaseException:
            ours.close()
            raise
        return _Child(found["child"], ours)

    def _reap(self, child: _Child, patience: float) -> int:
        with self._lock:
            return int(self._exchange({"reap": child.pid, "patience": patience})["status"])

    def _exchange(self, message: dict[str, Any], descriptor: int | None = None) -> dict[str, Any]:
        """Send one message to the server and return its answer; the lock is held."""
        if self._control is None:
            raise _LostError
        try:
            socket.send_fds(self._control, [json.dumps(message).encode()], [] if descriptor is None else [descriptor])
            answer = self._control.recv(_MESSAGE)
        except OSError as error:
            self._stop()
            raise _LostError from error
        if not answer:
            self._stop()
            raise _LostError
        found: dict[str, Any] = json.loads(answer)
        return found

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with theirs:
            self._server = subprocess.Popen(
                [sys.executable, "-I", "-c", _BOOT, json.dumps([path for path in sys.path if path]), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl-C at a terminal is for the parent, which then decides
                close_fds=True,
            )
        self._control = ours
        ours.settimeout(_START_SECONDS)
        try:
            found = self._exchange({"tasks": self._tasks, "bounds": self._bounds.to_json()})
        except _LostError as error:
            raise ConfinementUnavailableError("the confined process does not start: run `consigne doctor`") from error
        if "ready" not in found:
            self._stop()
            raise ConfinementUnavailableError(f"the confined process does not start ({found.get('failed')}): repair the installation")

    def _stop(self) -> None:
        for child in self._idle:
            child.channel.close()
        self._idle = []
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._server is not None:
            self._server.kill()  # its children die with it
            self._server.wait()
            self._server = None


@contextlib.contextmanager
def _readable(source: int | bytes | memoryview) -> Any:
    """Give a descriptor that can only be read: a child must not change what the parent will store."""
    if isinstance(source, int):
        own, path = None, f"/proc/self/fd/{source}"
    else:
        own = os.memfd_create("task", os.MFD_CLOEXEC)
        path = f"/proc/self/fd/{own}"
    try:
        if own is not None:
            left = memoryview(source) if not isinstance(source, int) else memoryview(b"")
            while left:
                left = left[os.write(own, left) :]
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    finally:
        if own is not None:
            os.close(own)


def _parsed(answer: bytes) -> Outcome:
    """Read an answer: one line, one object, one key. The child may have been taken over: believe nothing."""
    try:
        found = json.loads(answer.decode("ascii"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return Misbehaved(Misbehaviour.GARBLED)
    if not answer.endswith(b"\n") or type(found) is not dict or len(found) != 1:
        return Misbehaved(Misbehaviour.GARBLED)
    if "value" in found:
        return Answered(found["value"])
    error = found.get("error")
    if type(error) is not str or not _NAME.fullmatch(error) or error == "garbled":
        return Misbehaved(Misbehaviour.GARBLED)
    return Misbehaved(Misbehaviour.MEMORY) if error == "memory" else Misbehaved(Misbehaviour.FAILED, error)


def _refuse(constant: str) -> float:
    raise ValueError(constant)


def _ended(status: int) -> Misbehaved:
    if status == -signal.SIGXCPU:
        return Misbehaved(Misbehaviour.CPU)
    if status < 0:
        return Misbehaved(Misbehaviour.KILLED, f"signal {-status}")
    return Misbehaved(Misbehaviour.DIED, f"status {status}")
