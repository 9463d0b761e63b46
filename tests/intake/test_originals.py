"""Step 9: only what was stored is taken away, whatever was put in its place meanwhile, and after any kill."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from intake.errors import UnreadableError
from intake.originals import TakenAway, take_away
from intake.shares import Place, Share
from tests.factories import names, sha256_of

PLACE = Place((b"S", b"C"), b"a.mp3")
SHA = sha256_of(b"stored")


@pytest.fixture
def share(tmp_path: Path) -> Share:
    """Make a share that holds one stored original."""
    folder = tmp_path / "S" / "C"
    folder.mkdir(parents=True)
    (folder / "a.mp3").write_bytes(b"stored")
    return Share(tmp_path)


def _file(share: Share) -> Path:
    return share.root / "S" / "C" / "a.mp3"


def test_the_original_goes(share: Share) -> None:
    """The file that was stored is unlinked, and no copy stays; again, there is nothing to do."""
    assert take_away(share, PLACE, "att_1", SHA) is TakenAway.REMOVED
    assert not _file(share).exists()
    assert names(share.root / ".consigne") == []
    assert take_away(share, PLACE, "att_1", SHA) is TakenAway.GONE


def test_a_kill_after_the_rename(share: Share) -> None:
    """What was set aside before a kill is unlinked, and a file dropped meanwhile under that name stays."""
    assert share.set_aside(PLACE, "att_1")
    _file(share).write_bytes(b"newer")
    assert take_away(share, PLACE, "att_1", SHA) is TakenAway.REMOVED
    assert _file(share).read_bytes() == b"newer"


def _replaced(file: Path) -> None:
    file.with_name("new").write_bytes(b"other")
    file.with_name("new").replace(file)


def _grown(file: Path) -> None:
    with file.open("ab") as end:
        end.write(b" and more")


def _linked(file: Path) -> None:
    file.unlink()
    file.symlink_to("/etc/hostname")


def _directory(file: Path) -> None:
    file.unlink()
    file.mkdir()
    (file / "inside").write_bytes(b"x")


def _pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize("change", [_replaced, _grown, _linked, _directory, _pipe])
def test_what_was_not_stored_is_given_back(share: Share, change: Callable[[Path], None]) -> None:
    """Anything else that lies there comes back as it was, and nothing that a link leads to is touched."""
    change(_file(share))
    before = _file(share).lstat()
    assert take_away(share, PLACE, "att_1", SHA) is TakenAway.GIVEN_BACK
    after = _file(share).lstat()
    assert (before.st_ino, before.st_mode, before.st_size) == (after.st_ino, after.st_mode, after.st_size)
    assert names(share.root / ".consigne") == []
    assert Path("/etc/hostname").exists()


def test_renamed_by_the_candidate(share: Share) -> None:
    """A file that now has another name is not searched for: it will be seen as a deposit."""
    _file(share).rename(_file(share).with_name("b.mp3"))
    assert take_away(share, PLACE, "att_1", SHA) is TakenAway.GONE
    assert _file(share).with_name("b.mp3").exists()


def test_the_folder_became_a_link(share: Share, tmp_path: Path) -> None:
    """A link put in the place of the folder is not followed, and nothing is raised that would stop a sweep."""
    (tmp_path / "S" / "C").rename(tmp_path / "elsewhere")
    (tmp_path / "S" / "C").symlink_to(tmp_path / "elsewhere")
    assert take_away(share, PLACE, "att_1", SHA) is TakenAway.GONE
    assert (tmp_path / "elsewhere" / "a.mp3").exists()


def test_a_link_in_the_place_of_our_own_folder(share: Share, tmp_path: Path) -> None:
    """A ``.consigne`` that leads elsewhere is not used."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / ".consigne").symlink_to("elsewhere")
    assert take_away(share, PLACE, "att_1", SHA) in {TakenAway.IN_USE, TakenAway.GONE}
    assert _file(share).exists()


@dataclass
class _Stubborn(Share):
    """A share that refuses every renaming."""

    root: Path
    error: Exception
    asked: list[str] = field(default_factory=list)

    def set_aside(self, place: Place, attempt: str) -> bool:
        self.asked.append(f"{place.shown} {attempt}")
        raise self.error


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (UnreadableError(), TakenAway.REFUSED),
        (OSError(errno.EROFS, "read-only"), TakenAway.REFUSED),
        (OSError(errno.EXDEV, "another device"), TakenAway.REFUSED),
        (OSError(errno.EBUSY, "busy"), TakenAway.IN_USE),
        (OSError(errno.EIO, "input/output"), TakenAway.IN_USE),
    ],
)
def test_a_share_that_refuses(share: Share, error: Exception, told: TakenAway) -> None:
    """In use is tried again; a share that will never let go is told apart, so that a person acts."""
    stubborn = _Stubborn(share.root, error)
    assert take_away(stubborn, PLACE, "att_1", SHA) is told
    assert stubborn.asked
    assert _file(share).read_bytes() == b"stored"


def test_a_folder_that_may_not_be_written(share: Share) -> None:
    """Without the right to take files out of the folder, nothing is lost and a person is asked."""
    if os.geteuid() == 0:
        for parent in share.root.parents:
            if parent != Path("/") and parent.stat().st_uid == 0 and parent != Path("/tmp"):
                parent.chmod(parent.stat().st_mode | 0o011)
        share.root.chmod(0o755)
        (share.root / ".consigne").mkdir(mode=0o777)
        (share.root / ".consigne").chmod(0o777)
        os.seteuid(65534)
    else:
        (share.root / "S" / "C").chmod(0o555)
    try:
        assert take_away(share, PLACE, "att_1", SHA) is TakenAway.REFUSED
    finally:
        os.seteuid(os.getuid())
    assert _file(share).exists()
