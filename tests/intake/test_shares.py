"""The shared folder: no link is followed, nothing of a candidate's is overwritten, odd things are told apart."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from intake import temporaries
from intake.errors import ChangedError, NotRegularError, UnreadableError
from intake.shares import Identity, Place, Share, digest
from tests.factories import names, sha256_of

_NOBODY = 65534
FOLDER = (b"S", b"C")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Act as an account that may read nothing of ours; root reads everything."""
    before = os.geteuid()
    os.seteuid(_NOBODY if before == 0 else before)
    try:
        yield
    finally:
        os.seteuid(before)


@pytest.fixture
def share(tmp_path: Path) -> Share:
    """Make a root with one candidate's folder, and a secret beside the root."""
    root = tmp_path / "depots"
    (root / "S" / "C").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "a.mp3").write_bytes(b"secret")
    return Share(root)


def _folder(share: Share) -> Path:
    return share.root / "S" / "C"


def test_a_file_is_read_by_its_bytes_name(share: Share) -> None:
    """Names in any encoding, and of 255 bytes, are names like others."""
    for name in (b"a.mp3", b"appel \xe9t\xe9.mp3", b"\xff\xfe.mp3", "Été « d’appel »\u202f.mp3".encode(), b"x" * 251 + b".mp3", b"\n.mp3"):
        (_folder(share) / os.fsdecode(name)).write_bytes(name)
        place = Place(FOLDER, name)
        with share.file(place) as (descriptor, status):
            assert digest(descriptor) == sha256_of(name)
        assert Place.of(place.path) == place
        assert place.shown.encode() == name.decode("utf-8", "replace").encode()
        assert Identity.of(status).size == len(name)


def test_a_link_is_never_a_file(share: Share, tmp_path: Path) -> None:
    """A link to a file is refused, whether it leads anywhere or not, and what it leads to is not read."""
    (_folder(share) / "a.mp3").symlink_to(tmp_path / "secret" / "a.mp3")
    (_folder(share) / "b.mp3").symlink_to("nowhere")
    for name in (b"a.mp3", b"b.mp3"):
        with pytest.raises(NotRegularError), share.file(Place(FOLDER, name)):
            pass


@pytest.mark.parametrize("parts", [(b"S", b"L"), (b"L",), (b"S", b"C", b"F")])
def test_a_folder_that_is_a_link_or_a_file_is_not_there(share: Share, tmp_path: Path, parts: tuple[bytes, ...]) -> None:
    """A link in the place of a folder, at any depth, leads nowhere; so does a file."""
    for link in (share.root / "L", share.root / "S" / "L"):
        link.symlink_to(tmp_path / "secret")
    (_folder(share) / "F").write_bytes(b"")
    with pytest.raises(ChangedError), share.directory(parts):
        pass
    assert share.stat(Place(parts, b"a.mp3")) is None


@pytest.mark.parametrize("parts", [(b"..",), (b"S", b".."), (b"..", b"secret"), (b".",), (b"",), (b"S", b"")])
def test_the_root_is_never_left(share: Share, parts: tuple[bytes, ...]) -> None:
    """No folder's name leads above the root, or to itself."""
    with pytest.raises(ChangedError), share.directory(parts):
        pass


def test_what_is_not_a_file(share: Share) -> None:
    """A directory, a pipe, a socket and a device are told apart from files without being opened or waited for."""
    folder = _folder(share)
    (folder / "x.mp3").mkdir()
    os.mkfifo(folder / "pipe.mp3")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(f"/proc/self/fd/{os.open(folder, os.O_PATH)}/s.mp3")
    told = [b"x.mp3", b"pipe.mp3", b"s.mp3"]
    if os.geteuid() == 0:
        os.mknod(folder / "zero.mp3", 0o600 | 0o020000, os.makedev(1, 5))
        told.append(b"zero.mp3")
    for name in told:
        with pytest.raises(NotRegularError), share.file(Place(FOLDER, name)):
            pass
    listening.close()


def test_what_may_not_be_read(share: Share) -> None:
    """A file, or a folder, closed to the centre's account is told apart from one that is gone."""
    (_folder(share) / "a.mp3").write_bytes(b"")
    (_folder(share) / "a.mp3").chmod(0)
    for parent in (*share.root.parents, share.root):
        parent.chmod(parent.stat().st_mode | 0o011) if parent.owner() == "root" and str(parent).startswith("/tmp/") else None
    with as_nobody(), pytest.raises(UnreadableError), share.file(Place(FOLDER, b"a.mp3")):
        pass
    share.root.chmod(0)
    with as_nobody(), pytest.raises(UnreadableError):
        share.stat(Place(FOLDER, b"a.mp3"))
    share.root.chmod(0o700)


def test_nothing_is_written_over_a_candidates_file(share: Share) -> None:
    """Something that appeared under our name stays, and nothing half-written is left."""
    (_folder(share) / "1.pdf").write_bytes(b"theirs")
    with pytest.raises(ChangedError):
        share.write(FOLDER, b"1.pdf", b"ours")
    (_folder(share) / "2.pdf").symlink_to("1.pdf")
    with pytest.raises(ChangedError):
        share.write(FOLDER, b"2.pdf", b"ours")
    assert (_folder(share) / "1.pdf").read_bytes() == b"theirs"
    assert names(_folder(share)) == ["1.pdf", "2.pdf"]


def test_ours_is_written_whole_and_replaced(share: Share) -> None:
    """A file of ours has its content at once, under its one name, and a newer one takes its place."""
    first = share.write(FOLDER, b"1.pdf", b"ours")
    second = share.write(FOLDER, b"1.pdf", b"newer", over_ours=True)
    assert (_folder(share) / "1.pdf").read_bytes() == b"newer"
    assert first != second
    assert (_folder(share) / "1.pdf").stat().st_nlink == 1
    assert names(_folder(share)) == ["1.pdf"]


def test_what_a_kill_left_half_written_is_removed(share: Share) -> None:
    """By the next file that is written there; what a living process writes, and what a candidate calls so, stays."""
    folder = _folder(share)
    folder.mkdir(parents=True, exist_ok=True)
    ended = subprocess.run(
        [sys.executable, "-c", "from intake import temporaries; print(temporaries.name().decode())"],
        capture_output=True,
        text=True,
        check=True,
    )
    left, alive, elsewhere = ended.stdout.strip(), temporaries.name().decode(), ".00000000-1-1-00000000.tmp"
    for one in (left, alive, elsewhere, "appel.tmp"):
        (folder / one).write_bytes(b"half")
    share.write(FOLDER, b"1.pdf", b"ours")
    assert names(folder) == sorted([alive, elsewhere, "1.pdf", "appel.tmp"])
    os.utime(folder / elsewhere, (0, 0))
    share.write(FOLDER, b"2.pdf", b"ours")
    assert elsewhere not in names(folder)


def test_only_ours_is_removed(share: Share) -> None:
    """A file of that name with other bytes is somebody else's; one that is gone is no trouble."""
    share.write(FOLDER, b"1.pdf", b"ours")
    share.remove_ours(FOLDER, b"1.pdf", sha256_of(b"other"))
    assert (_folder(share) / "1.pdf").exists()
    share.remove_ours(FOLDER, b"1.pdf", sha256_of(b"ours"))
    share.remove_ours(FOLDER, b"1.pdf", sha256_of(b"ours"))
    assert not names(_folder(share))


def test_making_folders_twice(share: Share) -> None:
    """A folder is made with those above it; one that is there stays; a link in its place is not followed."""
    share.make((b"N", b"M"))
    share.make((b"N", b"M"))
    assert (share.root / "N" / "M").is_dir()
    (share.root / "L").symlink_to(share.root.parent / "secret")
    with pytest.raises(ChangedError):
        share.make((b"L", b"M"))
    assert not (share.root.parent / "secret" / "M").exists()


def test_giving_back_never_overwrites(share: Share) -> None:
    """What was set aside comes back under its name, else under the next free one, never over another file."""
    place = Place(FOLDER, b"a.mp3")
    for number, content in enumerate((b"first", b"second", b"third")):
        (_folder(share) / "a.mp3").write_bytes(content)
        assert share.set_aside(place, f"att_{number}")
    given = [share.put_back(f"att_{number}", place).name for number in range(3)]
    assert given == [b"a.mp3", b"a (2).mp3", b"a (3).mp3"]
    assert [(_folder(share) / os.fsdecode(name)).read_bytes() for name in given] == [b"first", b"second", b"third"]
    assert not names(share.root / ".consigne")


@pytest.mark.parametrize("name", [b"x" * 251 + b".mp3", b"." + b"y" * 254, b"z" * 255])
def test_giving_back_a_name_that_is_as_long_as_can_be(share: Share, name: bytes) -> None:
    """The number fits into a name of 255 bytes by shortening it."""
    place = Place(FOLDER, name)
    for number in range(2):
        (_folder(share) / os.fsdecode(name)).write_bytes(b"%d" % number)
        assert share.set_aside(place, f"att_{number}")
    assert share.put_back("att_0", place).name == name
    second = share.put_back("att_1", place).name
    assert second != name
    assert len(second) <= 255
    assert (_folder(share) / os.fsdecode(second)).read_bytes() == b"1"


def test_giving_back_after_a_kill_between_two_names(share: Share) -> None:
    """A file that already has both names gets back to one, without a copy."""
    place = Place(FOLDER, b"a.mp3")
    (_folder(share) / "a.mp3").write_bytes(b"it")
    assert share.set_aside(place, "att_1")
    os.link(share.root / ".consigne" / "att_1", _folder(share) / "a.mp3")
    assert share.put_back("att_1", place) == place
    assert names(_folder(share)) == ["a.mp3"]
    assert not names(share.root / ".consigne")
