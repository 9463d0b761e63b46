"""The watcher's loop: what changed (inotify), what is pending (each second), and everything (each poll)."""

import os
import shutil
import threading
import time
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import structlog
import watchfiles

from consigne.dispatch import Dispatch
from consigne.settings import Watching
from intake.flow import Intake
from intake.sorting import is_sound
from intake.watch import Seen, Tracker, deposit_folders, look
from registry import health
from registry.errors import DatabaseUnavailableError

_log = structlog.get_logger()
_TICK = 0.5
_NEWS_SECONDS = 1.0  # between two lists of the folders that inotify follows
_NEWS_AGAIN_SECONDS = 60.0  # before inotify is tried again where it failed
_FULL, _AWAY = "disk_full", "share_unavailable"
_ODD = 3  # times as many files of any kind as recordings are let through
_SILENCE_SECONDS = 60.0  # longer than a look at several thousand folders takes
_HASHING_SECONDS = 0.5  # of one look: what is whole meanwhile is handed on before the rest is read
_CANDIDATE = 2  # how deep candidates' folders lie: above, news may be of a new folder


class Watcher:
    """Follows the shared folder until it is stopped; one thread, and one for inotify where it is used."""

    def __init__(
        self,
        intake: Intake,
        tracker: Tracker,
        dispatch: Dispatch,
        *,
        how: Watching,
        poll_seconds: float,
        disk: Path,
        held_back: Iterable[tuple[bytes, ...]] = (),
    ) -> None:
        self._intake = intake
        self._tracker = tracker
        self._dispatch = dispatch
        self._how = how
        self._poll_seconds = poll_seconds
        self._disk = disk
        self._stop = threading.Event()
        self._changed: set[tuple[bytes, ...]] = set()
        self._lock = threading.Lock()
        self._held = set(held_back)  # as the answers in the folders say
        self._threads: list[threading.Thread] = []
        self._told: str | None = None
        self.beat = time.monotonic()

    def stopped(self) -> bool:
        """Tell whether the watcher has been silent for longer than a look can take."""
        return time.monotonic() - self.beat > _SILENCE_SECONDS + self._poll_seconds

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
        hash_until = time.monotonic() + _HASHING_SECONDS
        for folder, found in seen.items():
            self._tracker.forget(folder, {one.place for one in found})
            for one in self._fair(folder, found):
                if sighting := self._tracker.observe(one, self._intake.clock.now(), may_hash=time.monotonic() < hash_until):
                    self._dispatch.submit(sighting)

    def _fair(self, folder: tuple[bytes, ...], found: list[Seen]) -> list[Seen]:
        """Hold a folder back that holds more than a person can have meant, and say so in it, once, as long as it does."""
        most = self._intake.policy.max_files_per_folder
        new = [one for one in found if not self._tracker.is_settled(one)]
        sounds = [one for one in new if one.regular and is_sound(one.place.name)]
        held = new if len(new) > _ODD * most else sounds if len(sounds) > most else []
        if not held:
            if found and folder in self._held:  # one that seems empty may be a share that is away: our answer lies in it at least
                self._intake.let_go(folder)
                self._held.discard(folder)
            return found
        if folder not in self._held:
            self._intake.hold_back(folder)
            self._held.add(folder)
        places = {one.place for one in held}
        return [one for one in found if one.place not in places]

    def _inotify(self) -> None:
        """Follow the folders, each on its own: a recursive watch would follow links out of the share."""
        while not self._stop.is_set():
            with self._lock:
                self._changed.add(())  # what came between two watches
            try:
                self._follow(set(deposit_folders(self._intake.share)))
            except FileNotFoundError:  # a folder went away between the list and the watch
                _log.info("watcher.again")
            except (OSError, RuntimeError) as error:  # too many folders for inotify, or a share without it: polling goes on
                _log.warning("watcher.polling_only", error=type(error).__name__)
                self._stop.wait(_NEWS_AGAIN_SECONDS)
            self._stop.wait(_NEWS_SECONDS)

    def _follow(self, watched: set[tuple[bytes, ...]]) -> None:
        """Note the folders in which something changes; return when there are other folders, or when news were lost."""
        root = self._intake.share.root
        paths = [path for one in sorted(watched) if (path := _text(root, one))]
        try:
            for changes in watchfiles.watch(
                *paths,
                recursive=False,
                stop_event=self._stop,
                debounce=200,
                step=50,
                rust_timeout=2000,
                watch_filter=None,
                yield_on_timeout=True,
            ):
                changed = {self._folder(root, path) for _, path in changes}
                with self._lock:
                    self._changed |= changed
                if any(len(one) < _CANDIDATE for one in changed) and set(deposit_folders(self._intake.share)) != watched:
                    return
        except RuntimeError as error:
            if "decode" not in str(error):  # a name that is not text ends the watch: what it was is seen by looking
                raise

    @staticmethod
    def _folder(root: Path, path: str) -> tuple[bytes, ...]:
        below = os.path.relpath(os.path.dirname(path), root)  # noqa: PTH120 - names may not be text
        parts = tuple(os.fsencode(below).split(b"/"))
        return () if parts[0] in {b".", b".."} else parts  # what is told of the root itself is looked for in the root

    def _room(self) -> bool:
        """Tell whether the share is there and the disks have room; else intake waits and says so."""
        trouble = self._trouble()
        if trouble != self._told:
            with self._intake.database.bookkeeping() as session:
                for part, code in (("disk", _FULL), ("share", _AWAY)):
                    health.report(session, part, code if trouble == code else health.OK, self._intake.clock.now())
            self._told = trouble
        return trouble == health.OK

    def _trouble(self) -> str:
        try:
            return _FULL if short_of_room(self._intake.policy.floor_bytes, self._disk, self._intake.share.root) else health.OK
        except OSError:
            return _AWAY


def short_of_room(floor_bytes: int, *paths: Path) -> bool:
    """Tell whether one of the disks has less than the floor.

    Raises:
        OSError: one of them is not there.
    """
    return any(shutil.disk_usage(path).free < floor_bytes for path in paths)


def _text(root: Path, folder: tuple[bytes, ...]) -> str | None:
    """Return a folder's path as text; None for a name that is none: only polling sees it."""
    try:
        return str(root.joinpath(*(part.decode() for part in folder)))
    except UnicodeDecodeError:
        return None
