"""The embedded object store: SeaweedFS on loopback, started, watched and stopped by Consigne.

It lives in one directory. Its credentials are generated, its data is synchronised to the disk before an answer counts, and it ends
with the process that started it, however that ends. Limit: SeaweedFS does not ask for credentials on its inner ports; another account
of the same machine can reach these on loopback, and delete sealed objects there (never open them).
"""

import contextlib
import ctypes
import fcntl
import http.client
import json
import os
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

from storage import durable, weed
from storage.errors import StorageError, StorageRefused, StorageUnavailable
from storage.s3 import S3Settings
from storage.s3_objects import S3Objects

_MARKER_BUCKET: Final = "consigne-ready"
_MARKER: Final = "marker"
_MARKER_BODY: Final = b"consigne"
_BUCKETS: Final = "/buckets/"
_TICK: Final = 0.2
_PING_EVERY: Final = 10.0
_PING_WITHIN: Final = 10.0
_PATIENCE: Final = 60.0  # three pings without an answer: a disk that is busy lets one through
_BACKOFF: Final = (0.2, 30.0)
_STEADY: Final = 60.0


class State(StrEnum):
    """What the store is doing."""

    STOPPED = "stopped"
    STARTING = "starting"
    RUNNING = "running"
    FAILED = "failed"


@dataclass(frozen=True)
class Health:
    """The store as ``doctor`` and ``status`` show it."""

    state: State
    pid: int | None
    restarts: int
    trouble: str | None


class SeaweedFS:
    """One embedded store in one directory.

    One process starts and stops it. Another of the same account reaches it all the same: everything but ``start`` and ``stop`` works there.
    """

    def __init__(self, directory: Path, *, ready_within: float = 30.0, patience: float = _PATIENCE) -> None:
        """Prepare the store; nothing is written or started yet.

        Args:
            directory: where all of it lives; made if absent.
            ready_within: seconds that a start, or a restart, may take before it counts as failed.
            patience: seconds without an answer after which a program that still runs is killed and started again.
        """
        self.directory = directory.absolute()
        self._ready_within = ready_within
        self._patience = patience
        self._stopping = threading.Event()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._ports: weed.Ports | None = None
        self._lock: int | None = None
        self._health = Health(State.STOPPED, None, 0, None)

    def start(self) -> None:
        """Start the store and return when it has answered a real read.

        Raises:
            StorageRefused: another process runs a store in this directory, or SeaweedFS is not installed.
            StorageUnavailable: it was not ready in time; ``weed.log`` says why.
        """
        with durable.disk_errors("the embedded store cannot be prepared"):
            self._prepare()
        self._stopping.clear()
        self._tell(State.STARTING)
        self._thread = threading.Thread(target=self._supervise, name="seaweedfs", daemon=True)
        self._thread.start()
        with self._changed:
            self._changed.wait_for(lambda: self._health.state in (State.RUNNING, State.FAILED, State.STOPPED))
        if self._health.state is not State.RUNNING:
            trouble = self._health.trouble or "it ended"
            self.stop()
            raise StorageUnavailable(f"the embedded store did not start: {trouble}; see weed.log in its directory")

    def attach(self) -> bool:
        """Use the store that another process runs in this directory; False when none does, so that this one may start it."""
        try:
            lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            self._ports = weed.last_ports(self.directory / "ports.json")
            return self._ports is not None
        finally:
            os.close(lock)
        return False

    def stop(self) -> None:
        """Stop the store and wait until it has ended; a store that does not run is left alone."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    @property
    def health(self) -> Health:
        """What the store is doing now."""
        return self._health

    def settings(self, bucket: str) -> S3Settings:
        """Return the way to a bucket, with all rights."""
        return self._settings(bucket, 0)

    def reader_settings(self, bucket: str) -> S3Settings:
        """Return the way to a bucket with the right to read and list only: the witness of a destruction."""
        return self._settings(bucket, 1)

    def objects(self, bucket: str) -> S3Objects:
        """Return the object store in a bucket, made if absent, whose writes are on the disk when they return."""
        store = S3Objects(self.settings(bucket), after_write=self.sync)
        store.ensure_bucket()
        return store

    def sync(self) -> None:
        """Put on the disk all that was written: SeaweedFS itself synchronises the data, not its index of names.

        Raises:
            StorageUnavailable: the disk says no.
        """
        with durable.disk_errors("the embedded store cannot be synchronised"):
            descriptor = os.open(self.directory / "data", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
                    number = ctypes.get_errno()
                    raise OSError(number, os.strerror(number))
            finally:
                os.close(descriptor)

    def synchronises(self) -> bool:
        """Tell whether the store's own setting to synchronise each write is in force, by asking it."""
        connection = http.client.HTTPConnection(weed.HOST, self._known_ports().filer, timeout=5)
        try:
            connection.request("GET", "/etc/seaweedfs/filer.conf")
            answer = connection.getresponse()
            rules = json.load(answer)["locations"] if answer.status == http.HTTPStatus.OK else []
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            raise StorageUnavailable(f"the embedded store does not show its settings ({type(error).__name__})") from error
        finally:
            connection.close()
        return any(rule["locationPrefix"] == _BUCKETS and rule["fsync"] for rule in rules)

    def compact(self) -> None:
        """Take the bytes of deleted objects out of the volume files: of all that were deleted before this call.

        Raises:
            StorageUnavailable: the store did not do it, or some are left; try again.
        """
        ports = self._known_ports()
        weed.wait_for_deletions(ports)
        weed.shell(self.directory, ports, ["lock", "volume.vacuum -garbageThreshold=0.000001", "unlock"])
        if weed.deleted_bytes(ports):
            raise StorageUnavailable("the embedded store still keeps deleted bytes in its volumes: it is tried again")

    def _known_ports(self) -> weed.Ports:
        """Return the ports in use: ours, or those of the process that runs the store of this directory."""
        ports = self._ports or weed.read_ports(self.directory / "ports.json")
        if ports is None:
            raise StorageUnavailable("the embedded store was never started here: run the centre first")
        return ports

    def _settings(self, bucket: str, which: int) -> S3Settings:
        with durable.disk_errors("the credentials of the embedded store cannot be read"):
            credentials = json.loads((self.directory / "s3.json").read_bytes())["identities"][which]["credentials"][0]
        endpoint = f"http://{weed.HOST}:{self._known_ports().s3}"
        return S3Settings(bucket, endpoint, access_key=credentials["accessKey"], secret_key=credentials["secretKey"])

    def _prepare(self) -> None:
        for directory in (self.directory, self.directory / "data", self.directory / "tmp"):
            durable.private_directory(directory)
        weed.find_program()
        self._lock = os.open(self.directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, durable.PRIVATE_FILE)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            self._lock = None
            msg = "another process runs the embedded store of this directory: stop it first"
            raise StorageRefused(msg) from error
        weed.reap(self.directory)
        before = weed.read_ports(self.directory / "ports.json")
        if before is not None and before.free():
            weed.remove_sockets(before)
        _make_credentials(self.directory / "s3.json")
        self._ports = weed.load_ports(self.directory / "ports.json")

    def _tell(self, state: State, *, pid: int | None = None, restarts: int | None = None, trouble: str | None = None) -> None:
        with self._changed:
            self._health = Health(state, pid, self._health.restarts if restarts is None else restarts, trouble)
            self._changed.notify_all()

    def _supervise(self) -> None:
        """Run the program until :meth:`stop`, again each time that it ends, with growing pauses. One thread starts every child."""
        restarts, pause = 0, _BACKOFF[0]
        ports = self._known_ports()
        while not self._stopping.is_set():
            began = time.monotonic()
            self._tell(State.STARTING, restarts=restarts, trouble=self._health.trouble)
            with self._child(ports) as child:
                trouble = self._run(child, restarts)
            if self._stopping.is_set():
                break
            pause = _BACKOFF[0] if time.monotonic() - began > _STEADY else min(pause * 2, _BACKOFF[1])
            restarts += 1
            self._tell(State.FAILED, restarts=restarts, trouble=trouble)
            self._stopping.wait(pause)
        weed.remove_sockets(ports)
        self._tell(State.STOPPED)

    @contextlib.contextmanager
    def _child(self, ports: weed.Ports) -> Iterator[weed.Child | None]:
        try:
            child = weed.Child(self.directory, ports)
        except (OSError, StorageError):
            yield None
            return
        try:
            yield child
        finally:
            child.stop()

    def _run(self, child: weed.Child | None, restarts: int) -> str:
        """Bring one child to readiness, then watch it; return why it is over."""
        if child is None:
            return "the program cannot be run"
        marker = self._marker_store()
        try:
            self._wait_ready(child, marker)
        except StorageError as error:
            return str(error)
        self._tell(State.RUNNING, pid=child.pid, restarts=restarts)
        every = min(_PING_EVERY, self._patience / 4)
        answered = time.monotonic()
        due = answered + every
        while not self._stopping.wait(_TICK):
            if child.ended():
                return "it ended"
            if time.monotonic() >= due:
                answered = time.monotonic() if _answers(marker) else answered
                due = time.monotonic() + every
                weed.bound_log(self.directory)
            if time.monotonic() - answered > self._patience:
                child.kill()
                return "it no longer answered"
        return "it was stopped"

    def _wait_ready(self, child: weed.Child, marker: S3Objects) -> None:
        """Wait for a real read of a real object: after a restart the list of buckets comes seconds before the data."""
        until = time.monotonic() + self._ready_within
        while not _answers(marker):
            if child.ended():
                raise StorageUnavailable("it ended before it was ready")
            if time.monotonic() > until or self._stopping.wait(_TICK / 4):
                raise StorageUnavailable("it was not ready in time")
        if not self.synchronises():
            weed.shell(self.directory, self._known_ports(), [f"fs.configure -locationPrefix={_BUCKETS} -fsync -apply"])
            if not self.synchronises():
                raise StorageUnavailable("it does not synchronise its writes")

    def _marker_store(self) -> S3Objects:
        settings = replace(
            self._settings(_MARKER_BUCKET, 0), connect_timeout=1.0, read_timeout=min(_PING_WITHIN, self._patience / 4), attempts=1
        )
        return S3Objects(settings)


def _answers(store: S3Objects) -> bool:
    try:
        store.ensure_bucket()
        store.put(_MARKER, [_MARKER_BODY], len(_MARKER_BODY))
        return store.get_range(_MARKER, None, 0, len(_MARKER_BODY)).data == _MARKER_BODY
    except StorageError:
        return False


def _make_credentials(path: Path) -> None:
    """Write, once, two generated identities: one with all rights, one that only reads."""
    rights = {"consigne": ["Admin", "Read", "Write", "List", "Tagging"], "consigne-reader": ["Read", "List"]}
    identities = [
        {
            "name": name,
            "credentials": [{"accessKey": secrets.token_hex(10).upper(), "secretKey": secrets.token_urlsafe(30)}],
            "actions": actions,
        }
        for name, actions in rights.items()
    ]
    durable.create(path, json.dumps({"identities": identities}).encode())
