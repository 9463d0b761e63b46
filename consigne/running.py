"""``up``: watcher, workers, scheduler, portal and embedded store in one process tree; stops cleanly, goes on where it was."""

import fcntl
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import structlog
import uvicorn

from consigne import safety
from consigne.dispatch import Dispatch
from consigne.errors import OutsideError, RefusedHereError
from consigne.sweeps import Sweeps
from consigne.watching import Watcher
from consigne.wiring import Parts
from intake import claims
from intake.watch import Tracker
from portal.app import PortalServices, create_app
from registry import health, migrate
from storage.errors import StorageError

_log = structlog.get_logger()
_SEND_BUFFER = 128 * 1024  # bytes: the kernel's own megabytes would be sound that nobody can call back any more


@contextmanager
def only_one(home: Path) -> Iterator[None]:
    """Hold the centre's lock: two ``up`` of one directory would fight for its store.

    Raises:
        RefusedHereError: another process runs this centre.
    """
    descriptor = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise RefusedHereError("this centre is running already: stop the other “consigne up” first") from error
    try:
        yield
    finally:
        os.close(descriptor)


class Running:
    """A centre that runs. Use it as a context manager; ``wait`` returns when it is asked to stop."""

    def __init__(self, parts: Parts, *, watch: bool = True, portal: bool = True, store: bool = True) -> None:
        self.parts = parts
        self._watch = watch
        self._portal = portal
        self._store = store
        self._stops: list[Callable[[], object]] = []
        self._asked = threading.Event()
        self.portal_url: str | None = None

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def _start(self) -> None:
        parts = self.parts
        migrate.upgrade(parts.database)
        self._stops.append(parts.close)
        safety.refuse_shorter(parts)
        if self._store and parts.embedded is not None:
            try:
                parts.embedded.start()
            except StorageError as error:
                raise OutsideError(str(error)) from error
            self._stops.append(parts.embedded.stop)
        sweeps = Sweeps(parts, parts.intake())
        sweeps.guarded("vaults", sweeps.equalise)()
        sweeps.guarded("unfinished", sweeps.finish_stored)()
        sweeps.guarded("attempts", sweeps.discard_attempts)()
        sweeps.start()
        self._stops.append(sweeps.stop)
        if self._watch:
            self._start_watcher(sweeps)
        if self._portal:
            self._start_portal(sweeps)
        with parts.database.bookkeeping() as session:
            health.report(session, "watcher", health.OK, parts.clock.now())

    def _start_watcher(self, sweeps: Sweeps) -> None:
        parts, told = self.parts, self.parts.settings.folders
        parts.share.root.mkdir(parents=True, exist_ok=True)
        with parts.database.reading() as session:
            settled, held_back = claims.settled(session), claims.held_back(session)
        tracker = Tracker(parts.share, parts.policy.settle, parts.policy.max_bytes, settled)

        dispatch = Dispatch(sweeps.intake, tracker, workers=parts.settings.intake.workers, answered=sweeps.wake)
        watcher = Watcher(
            sweeps.intake,
            tracker,
            dispatch,
            how=told.watch,
            poll_seconds=told.poll_seconds,
            disk=parts.settings.home,
            held_back=held_back,
        )
        self._stops.append(dispatch.stop)
        watcher.start()
        self._stops.append(watcher.stop)
        sweeps.follow(watcher.stopped)

    def _start_portal(self, sweeps: Sweeps) -> None:
        parts, told = self.parts, self.parts.settings.portal
        services = PortalServices(parts.database, parts.answering, parts.centre, parts.clock, parts.notices, sweeps.wake, parts.room)
        family = socket.AF_INET6 if ":" in told.host else socket.AF_INET
        listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # asyncio sends at once only where it reads TCP here
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        try:
            listening.bind((told.host, told.port))
            listening.listen()  # from here on nobody is turned away, though the server itself starts a moment later
        except OSError as error:
            listening.close()
            raise OutsideError(
                f"the portal cannot listen on {told.host}:{told.port} ({error.strerror}): choose another portal.port"
            ) from error
        server = uvicorn.Server(
            uvicorn.Config(
                create_app(services),
                access_log=False,
                log_config=None,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=5,  # a paused player holds its connection open
            )
        )
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, name="portal", daemon=True)
        thread.start()

        def stop() -> None:
            server.should_exit = True
            thread.join(timeout=10)
            listening.close()

        self._stops.append(stop)
        self.portal_url = f"http://{told.host}:{listening.getsockname()[1]}"

    def wait(self) -> None:
        """Wait until a signal asks to stop."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self._asked.set())
        while not self._asked.wait(1):
            continue

    def stop(self) -> None:
        """Stop everything, the last started first; the work under way ends."""
        while self._stops:
            try:
                self._stops.pop()()
            except Exception as error:  # noqa: BLE001 - the others must still be stopped
                _log.error("stop.failed", error=type(error).__name__, exc_info=True)
