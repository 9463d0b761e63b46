"""The life of one confined process: lock, take one task, answer in one line of JSON, end."""

import json
import mmap
import os
import socket
from typing import Any, NoReturn

from intake.confine.lock import Bounds, Protection, die_with, lock
from intake.confine.tasks import Task

_REQUEST = 1 << 14


def live(channel: int, server: int, tasks: dict[str, Task], bounds: Bounds) -> NoReturn:
    """Live once. Never returns to the server's code, whatever happens."""
    try:
        if die_with(server):
            connection = _alone_with(channel)
            protections = lock(bounds)
            request, descriptors, _, _ = socket.recv_fds(connection, _REQUEST, 1)
            if request:
                connection.sendall(_answer(json.loads(request), descriptors, tasks, protections, bounds.answer_bytes))
    finally:
        os._exit(0)


def _alone_with(channel: int) -> socket.socket:
    """Keep the standard three, which lead nowhere, and the channel; close all else."""
    os.dup2(channel, 3)
    os.closerange(4, os.sysconf("SC_OPEN_MAX"))
    return socket.socket(fileno=3)


def _answer(
    request: dict[str, Any], descriptors: list[int], tasks: dict[str, Task], protections: tuple[Protection, ...], most: int
) -> bytes:
    try:
        if request["task"] is None:
            found: Any = [[one.name, one.in_force, one.detail] for one in protections]
        else:
            task = tasks[request["task"]]
            found = task.function(_view(descriptors[0]), **task.parameters, **request["parameters"])
        line = json.dumps({"value": found}, allow_nan=False).encode()
        if len(line) < most:
            return line + b"\n"
        error = "garbled"
    except MemoryError:
        error = "memory"
    except Exception as raised:  # noqa: BLE001 - a decoder may raise anything on a hostile file; its name is all that may leave
        error = type(raised).__name__
    return json.dumps({"error": error}).encode() + b"\n"


def _view(descriptor: int) -> memoryview:
    size = os.fstat(descriptor).st_size
    return memoryview(mmap.mmap(descriptor, size, flags=mmap.MAP_PRIVATE, prot=mmap.PROT_READ)) if size else memoryview(b"")
