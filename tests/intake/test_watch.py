"""Watching: a file is whole once it has stopped changing; what lies there is told, and no link is followed."""

import os
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from intake.claims import Sighting
from intake.shares import Place, Share
from intake.watch import Tracker, look, unfinished
from tests.factories import sha256_of

SETTLE = timedelta(seconds=5)
FOLDER = (b"S", b"C")


@dataclass
class Watch:
    """One tracker over one share, and a clock that begins now: the share's own times are real."""

    tracker: Tracker
    now: datetime = field(default_factory=lambda: datetime.now(UTC) + timedelta(seconds=1))

    def look(self, **lapse: float) -> list[Sighting]:
        """Let time pass, look at everything, and return what is whole."""
        self.now += timedelta(**lapse)
        seen = list(look(self.tracker.share))
        for folder in {one.place.folder for one in seen} | self.tracker.pending():
            self.tracker.forget(folder, {one.place for one in seen})
        return [found for one in seen if (found := self.tracker.observe(one, self.now))]

    def until_whole(self) -> list[Sighting]:
        """Look until what lies there is whole."""
        return self.look() + self.look(seconds=3) + self.look(seconds=5)


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    """Make a share with one folder."""
    (tmp_path / "S" / "C").mkdir(parents=True)
    return Watch(Tracker(Share(tmp_path), SETTLE, 1000))


def _file(watch: Watch, name: str = "a.mp3") -> Path:
    return watch.tracker.share.root / "S" / "C" / name


@pytest.mark.parametrize(
    "name",
    [
        "a.mp3.part",
        "a.partial",
        "a.TMP",
        "~$lettre.docx",
        "a.mp3~",
        "a.crdownload",
        ".a.mp3.Xy12",
        ".hidden",
        ".~lock.a.odt#",
        "a (conflicted copy 2026-05-12).mp3",
        "a.sync-conflict-20260512-101010-ABCDEFG.mp3",
        "a (conflict).mp3",
        "a (copie en conflit).mp3",
        "Thumbs.db",
        "desktop.ini",
        "a.filepart",
    ],
)
def test_temporary_names_are_passed_over(watch: Watch, name: str) -> None:
    """A copy under way, a lock or a conflict copy is not looked at."""
    assert unfinished(name.encode())
    _file(watch, name).write_bytes(b"x")
    assert not watch.until_whole()


@pytest.mark.parametrize("name", ["appel.mp3", "part.mp3", "conflit avec un client.mp3", "a.tmp.mp3", "temp", "download.mp3", "b\n.mp3"])
def test_other_names_are_not(name: str) -> None:
    """A name that merely looks like one is a deposit's."""
    assert not unfinished(name.encode())


def test_a_file_is_whole_after_the_settling_time_and_once(watch: Watch) -> None:
    """It is given when it has not changed for the settling time after its first hash, with that hash, and then not again."""
    _file(watch).write_bytes(b"sound")
    assert watch.look() == []
    assert watch.look(seconds=4.9) == []  # hashed now
    assert watch.look(seconds=4.9) == []
    (found,) = watch.look(seconds=0.2)
    assert (found.place, found.sha256) == (Place(FOLDER, b"a.mp3"), sha256_of(b"sound"))
    assert watch.look(seconds=60) == []
    watch.tracker.answered(found)
    assert watch.look(seconds=60) == []


def test_a_growing_file_is_never_whole(watch: Watch) -> None:
    """Each change begins the settling time anew."""
    for size in range(1, 10):
        _file(watch).write_bytes(b"x" * size)
        assert watch.look(seconds=1) == []
        assert watch.look(seconds=4) == []
    assert len(watch.until_whole()) == 1


def test_a_file_that_changed_after_its_first_hash(watch: Watch) -> None:
    """Touched between the two readings, it is seen whole again first; the same size and time do not deceive the inode's."""
    _file(watch).write_bytes(b"sound")
    before = _file(watch).stat()
    watch.look()
    watch.look(seconds=6)
    _file(watch).write_bytes(b"SOUND")
    os.utime(_file(watch), ns=(before.st_atime_ns, before.st_mtime_ns))
    assert watch.look(seconds=1) == []
    (found,) = watch.look(seconds=6) + watch.look(seconds=6)
    assert found.sha256 == sha256_of(b"SOUND")


def test_what_was_answered_is_looked_at_again_only_when_it_changes(watch: Watch) -> None:
    """A foreign file that stays is read once; the same name with other content is new."""
    _file(watch).write_bytes(b"one")
    (found,) = watch.until_whole()
    watch.tracker.answered(found)
    _file(watch).unlink()
    _file(watch).write_bytes(b"other")
    (again,) = watch.until_whole()
    assert again.identity != found.identity


def test_what_was_settled_before_the_start_is_not_read(watch: Watch) -> None:
    """A restart does not read again what was answered and left."""
    _file(watch).write_bytes(b"one")
    (found,) = watch.until_whole()
    restarted = Watch(Tracker(watch.tracker.share, SETTLE, 1000, {found.place: found.identity.text()}))
    assert restarted.until_whole() == []


def test_what_was_settled_is_forgotten_once_it_lies_there_no_more(watch: Watch) -> None:
    """Files that come and go fill no memory; a folder that seems empty is a share that is away, and nothing is read again."""
    for name in ("a.mp3", "b.mp3"):
        _file(watch, name).write_bytes(name.encode())
    one, other = watch.until_whole()
    for found in (one, other):
        watch.tracker.answered(found)
    watch.tracker.forget(one.place.folder, set())
    assert watch.until_whole() == []
    watch.tracker.forget(one.place.folder, {other.place})
    assert [found.place for found in watch.until_whole()] == [one.place]


def test_a_file_that_waits_is_given_again_not_before_its_time(watch: Watch) -> None:
    """What must wait keeps its hash; what changed begins anew."""
    _file(watch).write_bytes(b"sound")
    (found,) = watch.until_whole()
    watch.tracker.again(found, watch.now + timedelta(seconds=10), changed=False)
    assert watch.look(seconds=9) == []
    assert [one.sha256 for one in watch.look(seconds=2)] == [found.sha256]
    watch.tracker.again(found, watch.now, changed=True)
    assert watch.look(seconds=1) == []
    assert len(watch.look(seconds=5) + watch.look(seconds=5)) == 1


def test_a_vanished_file_is_forgotten(watch: Watch) -> None:
    """Gone before it was whole, or while it was treated, it leaves nothing behind."""
    _file(watch).write_bytes(b"x")
    watch.look()
    _file(watch).unlink()
    watch.look(seconds=1)
    assert not watch.tracker.pending()
    _file(watch).write_bytes(b"y")
    (found,) = watch.until_whole()
    _file(watch).unlink()
    watch.tracker.again(found, watch.now, changed=True)
    watch.look(seconds=1)
    assert not watch.tracker.pending()


def test_odd_things_are_told_and_not_opened(watch: Watch) -> None:
    """A link, a pipe and a directory with a recording's name are given to be answered, without a hash; a plain folder is entered."""
    _file(watch, "link.mp3").symlink_to("/etc/hostname")
    os.mkfifo(_file(watch, "pipe.mp3"))
    _file(watch, "x.mp3").mkdir()
    (_file(watch, "x.mp3") / "inside.mp3").write_bytes(b"")
    _file(watch, "folder").mkdir()
    (_file(watch, "folder") / "deep.mp3").write_bytes(b"z")
    found = {one.place.path: one.sha256 for one in watch.until_whole()}
    assert found == {b"S/C/link.mp3": None, b"S/C/pipe.mp3": None, b"S/C/x.mp3": None, b"S/C/folder/deep.mp3": sha256_of(b"z")}


def test_links_to_folders_are_not_entered(watch: Watch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """A link to a directory is one odd thing, whatever lies behind it, also one that leads back up."""
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.mp3").write_bytes(b"secret")
    _file(watch, "out").symlink_to(outside)
    _file(watch, "loop").symlink_to("..")
    assert sorted(one.place.name for one in look(watch.tracker.share)) == [b"loop", b"out"]


def test_a_folder_too_deep_is_not_searched(watch: Watch) -> None:
    """One folder made by mistake inside a candidate's is searched; one in that is told as an odd thing, and not entered."""
    deep = _file(watch, "one") / "two"
    deep.mkdir(parents=True)
    (deep.parent / "seen.mp3").write_bytes(b"")
    (deep / "unseen.mp3").write_bytes(b"")
    assert sorted(one.place.name for one in look(watch.tracker.share)) == [b"seen.mp3", b"two"]


def test_a_huge_file_is_not_read(watch: Watch) -> None:
    """A sparse file of 10 GB is given without a hash: the flow answers that it is too large."""
    with _file(watch).open("wb") as file:
        file.truncate(10_000_000_000)
    (found,) = watch.until_whole()
    assert (found.sha256, found.identity.size) == (None, 10_000_000_000)


def test_lateness_is_told_by_the_share_not_by_the_file(watch: Watch) -> None:
    """A file's own times, which its owner sets, say nothing of when it was dropped; nor is it ever after now."""
    _file(watch).write_bytes(b"x")
    os.utime(_file(watch), (0, 0))
    (found,) = watch.until_whole()
    assert abs(found.first_seen_at.timestamp() - time.time()) < 60
    _file(watch, "b.mp3").write_bytes(b"x")
    watch.now = datetime(2020, 1, 1, tzinfo=UTC)
    (early,) = [one for one in watch.until_whole() if one.place.name == b"b.mp3"]
    assert early.first_seen_at <= watch.now


def test_a_file_dropped_while_nobody_watched_keeps_its_time(watch: Watch) -> None:
    """What lay there before the start came when it came, not when it was found."""
    _file(watch).write_bytes(b"x")
    watch.now += timedelta(days=3)
    (found,) = watch.until_whole()
    assert watch.now - found.first_seen_at > timedelta(days=2)


@pytest.mark.slow
def test_ten_thousand_files_at_once(watch: Watch) -> None:
    """A flood is looked through in a moment, and each file given once."""
    for number in range(10_000):
        _file(watch, f"{number}.txt").touch()
    started = time.perf_counter()
    assert watch.look() == []
    assert time.perf_counter() - started < 2
    assert len(watch.look(seconds=6)) + len(watch.look(seconds=6)) == 10_000
    assert watch.look(seconds=1) == []


def test_names_in_any_encoding(watch: Watch) -> None:
    """Bytes that are no text in any encoding are a name like another."""
    names = {b"appel \xe9.mp3", b"\xff\xff.mp3", b"x" * 251 + b".mp3"}
    for name in names:
        _file(watch, os.fsdecode(name)).write_bytes(name)
    assert {one.place.name for one in watch.until_whole()} == names
