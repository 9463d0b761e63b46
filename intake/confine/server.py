"""The program that confined processes are forked from: a fresh interpreter without threads, secrets or open files.

It imports what the tasks need, and what the standard library would import late, and rehearses the tasks once; each child is
then a copy, locked, for one task. The standard library's fork server would also import the main program into every child, and
unpickle; this one does neither.
It ends when the control channel closes, which the kernel does even when the parent is killed; its children end with it.
"""

import contextlib
import gc
import json
import os
import signal
import socket
import time
from typing import Any, NoReturn

from intake.confine.child import live
from intake.confine.lock import Bounds
from intake.confine.preload import preload
from intake.confine.tasks import Task

_MESSAGE = 1 << 16


def main(descriptor: int) -> NoReturn:
    """Serve the control channel until it closes."""
    control = socket.socket(fileno=descriptor)
    try:
        configuration = json.loads(control.recv(_MESSAGE))
        tasks = {name: Task.from_json(found) for name, found in configuration["tasks"].items()}
        bounds = Bounds.from_json(configuration["bounds"])
        preload()
        for task in tasks.values():
            if task.warm_up is not None:
                task.warm_up()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the parent must be told, and this is the only way
        control.send(json.dumps({"failed": f"{type(error).__name__}: {error}"[:1000]}).encode())
        os._exit(1)
    gc.collect()
    gc.freeze()
    _silence()
    control.send(json.dumps({"ready": os.getpid()}).encode())
    _serve(control, tasks, bounds)


def _silence() -> None:
    null = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(null, standard)
    os.close(null)


def _serve(control: socket.socket, tasks: dict[str, Task], bounds: Bounds) -> NoReturn:
    children: set[int] = set()
    while True:
        try:
            message, descriptors, _, _ = socket.recv_fds(control, _MESSAGE, 1)
        except OSError:
            message, descriptors = b"", []
        if not message:
            for child in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(child, signal.SIGKILL)
            os._exit(0)
        request: dict[str, Any] = json.loads(message)
        if "reap" in request:
            answer = {"status": _reap(request["reap"], request["patience"])}
            children.discard(request["reap"])
        else:
            answer = {"child": _fork(descriptors[0], tasks, bounds)}
            children.add(answer["child"])
        control.send(json.dumps(answer).encode())


def _fork(channel: int, tasks: dict[str, Task], bounds: Bounds) -> int:
    server = os.getpid()
    child = os.fork()
    if child == 0:
        live(channel, server, tasks, bounds)
    os.close(channel)
    return child


def _reap(child: int, patience: float) -> int:
    """Return the exit status of a child: its own if it ends within ``patience`` seconds, else that of a kill."""
    until = time.monotonic() + patience
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= until:
            os.kill(child, signal.SIGKILL)
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        time.sleep(0.001)
