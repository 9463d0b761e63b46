"""The watcher's loop: what changed (inotify), what is pending (each second), and everything (each poll)."""

import os
import shutil
import threading
import time
from collections import defaultdict
from pathlib import Path

import structlog
import watchfiles

from consigne.dispatch import Dispatch
from consigne.settings import Watching
from intake.flow import Intake
from intake.shares import Place
from intake.sorting import is_sound
from intake.watch import Seen, Tracker, look
from registry import health
from registry.codes import Code
from registry.errors import DatabaseUnavailableError

_log = structlog.get_logger()
_TICK = 0.5


class Watcher:
    """Follows the shared folder until it is stopped; one thread, and one for inotify where it is used."""

    def __init__(self, intake: Intake, tracker: Tracker, dispatch: Dispatch, *, how: Watching, poll_seconds: float, disk: Path) -> None:
        self._intake = intake
        self._tracker = tracker
        self._dispatch = dispatch
        self._how = how
        self._poll_seconds = poll_seconds
        self._disk = disk
        self._stop = threading.Event()
        self._changed: set[tuple[bytes, ...]] = set()
        self._lock = threading.Lock()
        self._flooded: set[tuple[bytes, ...]] = set()
        self._threads: list[threading.Thread] = []
        self._short: bool | None = None
        self.beat = time.monotonic()

    def start(self) -> None:
        """Begin; what lay there before the start is found by the first look."""
        self._threads = [threading.Thread(target=self._loop, name="watcher", daemon=True)]
        if self._how is Watching.AUTO:
            self._threads.append(threading.Thread(target=self._inotify, name="inotify", daemon=True))
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End both threads."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=10)

    def _loop(self) -> None:
        next_poll = 0.0
        while not self._stop.is_set():
            try:
                whole = time.monotonic() >= next_poll
                if whole:
                    next_poll = time.monotonic() + self._poll_seconds
                if self._room():
                    self._look(None if whole else self._due())
                self.beat = time.monotonic()
            except DatabaseUnavailableError:
                _log.warning("watcher.waits", code="database_unavailable")
            except Exception as error:  # noqa: BLE001 - the watcher goes on, whatever lies there
                _log.error("watcher.failed", error=type(error).__name__, exc_info=True)
            self._stop.wait(_TICK)

    def _due(self) -> set[tuple[bytes, ...]]:
        with self._lock:
            changed, self._changed = self._changed, set()
        return changed | self._tracker.pending()

    def _look(self, folders: set[tuple[bytes, ...]] | None) -> None:
        seen: dict[tuple[bytes, ...], list[Seen]] = defaultdict(list)
        for folder in [()] if folders is None else sorted(folders):
            seen[folder] = []
            for one in look(self._intake.share, folder):
                seen[one.place.folder].append(one)
        for folder, found in seen.items():
            self._tracker.forget(folder, {one.place for one in found})
            for one in self._fair(folder, found):
                if sighting := self._tracker.observe(one, self._intake.clock.now()):
                    self._dispatch.submit(sighting)

    def _fair(self, folder: tuple[bytes, ...], found: list[Seen]) -> list[Seen]:
        """Hold a folder back that holds more recordings than a person can have meant, and say so in it, once."""
        sounds = [one for one in found if one.regular and is_sound(one.place.name) and not self._tracker.is_settled(one)]
        if len(sounds) <= self._intake.policy.max_files_per_folder:
            self._flooded.discard(folder)
            return found
        if folder not in self._flooded:
            self._flooded.add(folder)
            self._intake.refuse(Place(folder, b""), Code.TOO_MANY_FILES)
        held = {one.place for one in sounds}
        return [one for one in found if one.place not in held]

    def _inotify(self) -> None:
        root = self._intake.share.root
        while not self._stop.is_set():
            try:
                for changes in watchfiles.watch(
                    root, stop_event=self._stop, debounce=200, step=50, watch_filter=None, yield_on_timeout=True
                ):
                    folders = {self._folder(root, path) for _, path in changes}
                    with self._lock:
                        self._changed |= folders
            except (OSError, RuntimeError) as error:  # too many folders for inotify, or a share without it: polling goes on
                _log.warning("watcher.polling_only", error=type(error).__name__)
                return

    @staticmethod
    def _folder(root: Path, path: str) -> tuple[bytes, ...]:
        below = os.path.relpath(os.path.dirname(path), root)  # noqa: PTH120 - names may not be text
        parts = tuple(os.fsencode(below).split(b"/"))
        return () if parts[0] in {b".", b".."} else parts  # what is told of the root itself is looked for in the root

    def _room(self) -> bool:
        """Tell whether the disks have room; below the floor intake waits and says so."""
        short = any(shutil.disk_usage(path).free < self._intake.policy.floor_bytes for path in (self._disk, self._intake.share.root))
        if short is not self._short:
            with self._intake.database.bookkeeping() as session:
                health.report(session, "disk", "disk_full" if short else health.OK, self._intake.clock.now())
            self._short = short
        return not short
