"""Watching: what lies in the share, and which of it is whole.

A file is whole when neither its identity (size, times, inode) nor its hash has changed for the settling time: not every
share tells a change by the times. The first hash is taken here, once the file has been still for half that time; the
second is the flow's own reading. Nothing here opens a file by a path.
"""

import os
import re
import stat
from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime, timedelta

from intake.claims import Sighting
from intake.errors import IntakeError
from intake.shares import Identity, Place, Share, digest
from intake.sorting import is_sound

_UNFINISHED = re.compile(
    rb"^\.|^~|~$|\.(part|partial|tmp|temp|crdownload|download|opdownload|filepart|!ut|swp)$|^~\$|^\.~lock\."
    rb"|\.sync-conflict-|\(conflict|conflicted copy|copie en conflit|\.nextcloud$|\.owncloud$|^thumbs\.db$|^desktop\.ini$",
    re.IGNORECASE,
)
_DEPTH = 4  # the root, a session, a candidate, and a folder made by mistake in it
_CANDIDATE = 2  # how deep candidates' folders lie
_Folder = tuple[bytes, ...]


@dataclass(frozen=True)
class Seen:
    """One thing that lies in the share."""

    place: Place
    identity: Identity
    regular: bool


def unfinished(name: bytes) -> bool:
    """Tell a temporary name: of a copy under way, an editor's lock, a synchronisation client's conflict copy."""
    return _UNFINISHED.search(name) is not None


def look(share: Share, folder: tuple[bytes, ...] = ()) -> Iterator[Seen]:
    """List what lies in a folder and below it, following no link; a folder that cannot be entered is passed over."""
    try:
        with share.directory(folder) as directory:
            names = os.listdir(directory)  # noqa: PTH208 - by descriptor, so that no link is followed
            below, found = [], []
            for name in map(os.fsencode, names):
                if unfinished(name):
                    continue
                try:
                    status = os.stat(name, dir_fd=directory, follow_symlinks=False)
                except FileNotFoundError:
                    continue
                if stat.S_ISDIR(status.st_mode) and not is_sound(name) and len(folder) < _DEPTH - 1:
                    below.append(name)
                else:
                    found.append(Seen(Place(folder, name), Identity.of(status), stat.S_ISREG(status.st_mode)))
    except (IntakeError, OSError):
        return
    yield from found
    for name in below:
        yield from look(share, (*folder, name))


def deposit_folders(share: Share, folder: tuple[bytes, ...] = ()) -> Iterator[tuple[bytes, ...]]:
    """List the root, the sessions' folders and the candidates', following no link: where news are expected."""
    yield folder
    if len(folder) >= _CANDIDATE:
        return
    try:
        with share.directory(folder) as directory, os.scandir(directory) as entries:
            names = [os.fsencode(entry.name) for entry in entries if entry.is_dir(follow_symlinks=False)]
    except (IntakeError, OSError):
        return
    for name in names:
        if not unfinished(name):
            yield from deposit_folders(share, (*folder, name))


@dataclass(frozen=True)
class _Track:
    identity: Identity
    first_seen_at: datetime
    stable_since: datetime
    sha256: str | None = None
    hashed_at: datetime | None = None
    busy: bool = False
    not_before: datetime | None = None


@dataclass
class Tracker:
    """Follows what was seen until it is whole, and remembers what is settled. Reads files only to hash them once."""

    share: Share
    settle: timedelta
    hash_up_to: int  # bytes; a larger file will not be taken anyway
    settled: InitVar[Mapping[Place, str] | None] = None  # what was answered and left before, with its identity
    _settled: dict[_Folder, dict[Place, str]] = field(default_factory=dict, init=False)
    _tracks: dict[_Folder, dict[Place, _Track]] = field(default_factory=dict, init=False)

    def __post_init__(self, settled: Mapping[Place, str] | None) -> None:
        """Sort what was settled by folder: thousands of folders are each looked at for themselves."""
        for place, identity in (settled or {}).items():
            self._settled.setdefault(place.folder, {})[place] = identity

    def observe(self, seen: Seen, now: datetime, *, may_hash: bool = True) -> Sighting | None:
        """Note one sighting; return the file once it is whole, and then not again until it was ``answered``.

        A first hash that falls due is left to the next sighting where it is not allowed now.
        """
        place, identity = seen.place, seen.identity
        sighting = Sighting(place, identity, _dropped_at(identity, now))
        if self.is_settled(seen):
            return None
        tracks = self._tracks.setdefault(place.folder, {})
        track = tracks.get(place)
        if track is None or track.identity != identity:
            first = sighting.first_seen_at if track is None else min(track.first_seen_at, sighting.first_seen_at)
            if track is None or not track.busy:
                tracks[place] = _Track(identity, first, now)
            return None
        if track.busy or (track.not_before is not None and now < track.not_before):
            return None
        if seen.regular and track.hashed_at is None:
            if may_hash and now - track.stable_since >= self.settle / 2:
                tracks[place] = replace(track, sha256=self._hash(place, identity), hashed_at=now)
            return None
        if now - (track.hashed_at or track.stable_since) < self.settle:
            return None
        tracks[place] = replace(track, busy=True)
        return Sighting(place, identity, track.first_seen_at, sha256=track.sha256)

    def _hash(self, place: Place, identity: Identity) -> str | None:
        """Hash a file for the first time; one that cannot be read is the flow's to answer."""
        if identity.size > self.hash_up_to:
            return None
        try:
            with self.share.file(place) as (descriptor, _):
                return digest(descriptor)
        except (IntakeError, OSError):
            return None

    def is_settled(self, seen: Seen) -> bool:
        """Tell whether a file was answered already, and has not changed since."""
        return self._settled.get(seen.place.folder, {}).get(seen.place) == seen.identity.text()

    def pending(self) -> set[tuple[bytes, ...]]:
        """Return the folders in which something is not settled yet."""
        return {folder for folder, tracks in self._tracks.copy().items() if not all(one.busy for one in tracks.copy().values())}

    def answered(self, sighting: Sighting) -> None:
        """The file is settled: it is not looked at again unless it changes."""
        place = sighting.place
        self._settled.setdefault(place.folder, {})[place] = sighting.identity.text()
        self._tracks.get(place.folder, {}).pop(place, None)

    def again(self, sighting: Sighting, not_before: datetime, *, changed: bool) -> None:
        """The file is to be looked at again: from its beginning if it changed, else not before an instant."""
        tracks = self._tracks.get(sighting.place.folder, {})
        track = tracks.get(sighting.place)
        if track is not None:
            fresh = replace(track, busy=False, not_before=not_before)
            tracks[sighting.place] = replace(fresh, sha256=None, hashed_at=None, stable_since=not_before) if changed else fresh

    def forget(self, folder: _Folder, lying: set[Place]) -> None:
        """Drop what no longer lies in a folder that was just listed.

        What was settled in one that now seems empty is kept: it holds our page at least, unless the share is away.
        """
        tracks = self._tracks.get(folder, {})
        for place, track in tracks.copy().items():  # a copy: workers tell what became of theirs meanwhile
            if place not in lying and not track.busy:
                tracks.pop(place, None)
        settled = self._settled.get(folder, {}) if lying else {}
        for place in settled.keys() - lying:
            settled.pop(place, None)


def _dropped_at(identity: Identity, now: datetime) -> datetime:
    """When a file came, at the latest: its inode's change time on the share, which a client cannot set, never after now."""
    changed = datetime.fromtimestamp(identity.changed_ns / 1e9, UTC)
    return min(changed, now)
