"""Step 2: one reading, into memory that nobody can change, of a file that must not change meanwhile."""

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from intake.errors import ChangedError, NotRegularError
from intake.reading import TooLargeError, whole
from intake.shares import Identity, Place, Share
from tests.factories import sha256_of

PLACE = Place((), b"a.mp3")


@pytest.fixture
def share(tmp_path: Path) -> Share:
    """Make a share with one file."""
    (tmp_path / "a.mp3").write_bytes(b"sound" * 1000)
    return Share(tmp_path)


def _identity(share: Share) -> Identity:
    status = share.stat(PLACE)
    assert status is not None
    return Identity.of(status)


def test_the_bytes_are_those_of_the_file(share: Share) -> None:
    """Hash, size, beginning and content; two readers do not disturb each other; nobody can write there."""
    with whole(share, PLACE, _identity(share), 10_000) as data:
        assert (data.sha256, data.size) == (sha256_of(b"sound" * 1000), 5000)
        assert (b"sound" * 1000).startswith(data.head)
        first, second = data.chunks(), data.chunks()
        assert next(first) == next(second) == b"sound" * 1000
        with pytest.raises(PermissionError):
            os.write(data.descriptor, b"x")
        with pytest.raises(PermissionError):
            os.ftruncate(data.descriptor, 0)
        descriptor = data.descriptor
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_nothing_is_written_to_a_disk(share: Share) -> None:
    """What was read has no name in any file system."""
    with whole(share, PLACE, None, 10_000) as data:
        assert os.readlink(f"/proc/self/fd/{data.descriptor}").startswith("/memfd:")  # noqa: PTH115 - a magic link
        assert os.fstat(data.descriptor).st_nlink == 0


@pytest.mark.parametrize("content", [b"", b"x", b"x" * (1 << 20), b"x" * ((1 << 20) + 1)])
def test_sizes_at_the_edges_of_a_chunk(share: Share, content: bytes) -> None:
    """Also an empty file is read whole."""
    (share.root / "a.mp3").write_bytes(content)
    with whole(share, PLACE, None, 2 << 20) as data:
        assert b"".join(data.chunks()) == content
        assert data.sha256 == sha256_of(content)


def test_the_limit_is_inclusive(share: Share) -> None:
    """A file of exactly the limit is read; one more byte is too large, and a sparse giant is not read at all."""
    with whole(share, PLACE, None, 5000):
        pass
    with pytest.raises(TooLargeError), whole(share, PLACE, None, 4999):
        pass
    os.truncate(share.root / "a.mp3", 10_000_000_000)
    with pytest.raises(TooLargeError), whole(share, PLACE, None, 75_000_000):
        pass


def test_another_file_than_was_seen(share: Share) -> None:
    """Replaced, grown, touched or gone since it was seen: it is looked at anew."""
    seen = _identity(share)
    (share.root / "b").write_bytes(b"sound" * 1000)
    (share.root / "b").replace(share.root / "a.mp3")
    with pytest.raises(ChangedError), whole(share, PLACE, seen, 10_000):
        pass
    (share.root / "a.mp3").unlink()
    with pytest.raises(ChangedError), whole(share, PLACE, seen, 10_000):
        pass
    (share.root / "a.mp3").symlink_to("b")
    with pytest.raises(NotRegularError), whole(share, PLACE, seen, 10_000):
        pass


@dataclass(frozen=True)
class _Late(Identity):
    """An identity that is whatever is found, and lets the file change once it was compared."""

    path: str = ""

    def __eq__(self, other: object) -> bool:
        with Path(self.path).open("ab") as file:
            file.write(b"more")
        return True

    def __hash__(self) -> int:
        return 0


def test_a_file_that_grows_while_it_is_read(share: Share) -> None:
    """What changed between the first look and the last is not taken."""
    seen = _identity(share)
    late = _Late(seen.device, seen.inode, seen.size, seen.modified_ns, seen.changed_ns, str(share.root / "a.mp3"))
    with pytest.raises(ChangedError), whole(share, PLACE, late, 10_000):
        pass
