"""A file that comes slowly is taken only when it is whole, whatever brings it, and then it is answered."""

import mmap
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from registry.codes import Answer
from tests.scenarios.centre import Centre, large_recording, wait_for
from tests.scenarios.looking import fresh, people, wait_recording

pytestmark = pytest.mark.scenario

Someone = Callable[[], str]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre whose share lies in memory: there a file can change without its times changing."""
    share = Path(tempfile.mkdtemp(dir="/dev/shm", prefix="depots-"))
    with Centre.found(tmp_path_factory.mktemp("slow")) as made:
        made.environment |= {"CONSIGNE_FOLDERS__ROOT": str(share), "CONSIGNE_FOLDERS__SETTLE_SECONDS": "1.5"}
        with made.up():
            yield made
    shutil.rmtree(share)


@pytest.fixture(scope="module")
def someone(centre: Centre) -> Someone:
    """Give a candidate whom no other test uses, and whose call is attested."""
    give = people(centre, 8)

    def attested() -> str:
        ref = give()
        centre.attest(ref)
        return ref

    return attested


def _taken_whole(centre: Centre, ref: str, content: bytes) -> None:
    """Wait for the answer; the recording must be the whole file, without a remark."""
    found = wait_recording(centre, ref, Answer.RECEIVED)
    assert (found.size_bytes, found.warnings) == (len(content), [])
    wait_for(lambda: [one.name for one in centre.answers(ref)] == ["1 - Bien reçu.pdf"], "one answer")


def test_a_copy_with_a_limited_rate(centre: Centre, someone: Someone) -> None:
    """Slice by slice under the final name, as cp and a slow line do: nothing is taken before the end."""
    ref, content = someone(), large_recording(901)
    slices = 40
    size = len(content) // slices + 1
    with (centre.folder(ref) / "Mon appel.mp3").open("wb", buffering=0) as file:
        for number in range(slices):
            file.write(content[number * size : (number + 1) * size])
            time.sleep(0.2)
            assert centre.recordings(ref) == []
    _taken_whole(centre, ref, content)


def test_a_copy_by_rclone(centre: Centre, someone: Someone, tmp_path: Path) -> None:
    """A synchronisation tool with a limited rate: in place or under a name of its own, as its version does."""
    ref, content = someone(), large_recording(902)
    source = tmp_path / "Mon appel.mp3"
    source.write_bytes(content)
    began = time.monotonic()
    words = ["rclone", "copy", "--config", "", "--bwlimit", "3M", str(source), str(centre.folder(ref))]
    subprocess.run(words, check=True, capture_output=True, timeout=60)
    assert time.monotonic() - began > 2
    _taken_whole(centre, ref, content)


def test_a_copy_that_stops_and_resumes(centre: Centre, someone: Someone) -> None:
    """A pause that is shorter than the patience, though longer than the settling time, cuts nothing."""
    ref, content = someone(), fresh()
    path = centre.drop(ref, "Mon appel.mp3", content[: len(content) // 3 + 5])
    time.sleep(0.9)
    with path.open("ab") as file:
        file.write(content[len(content) // 3 + 5 : len(content) // 2 + 7])
    time.sleep(0.9)
    with path.open("ab") as file:
        file.write(content[len(content) // 2 + 7 :])
    _taken_whole(centre, ref, content)


def test_a_file_that_is_renamed_into_place(centre: Centre, someone: Someone) -> None:
    """It is written elsewhere on the same share under another name; what appears is whole."""
    ref, content = someone(), fresh()
    part = centre.drop(ref, "Mon appel.mp3.filepart", content)
    time.sleep(2.5)
    assert centre.recordings(ref) == []
    part.rename(part.with_suffix(""))
    _taken_whole(centre, ref, content)


def test_a_file_that_has_its_size_and_its_times_before_its_content(centre: Centre, someone: Someone) -> None:
    """Its size and times stand still while it is filled: the second hash tells that it still changes."""
    ref, content = someone(), fresh()
    path = centre.folder(ref) / "Mon appel.mp3"
    with path.open("w+b") as file:
        file.truncate(len(content))
        with mmap.mmap(file.fileno(), len(content)) as memory:
            memory[:] = bytes(len(content))  # from here on the kernel sees no further writing
            before = path.stat()
            for start in range(0, len(content), 2000):
                memory[start : start + 2000] = content[start : start + 2000]
                time.sleep(0.4)
                assert centre.recordings(ref) == []
            after = path.stat()
    assert (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (after.st_size, after.st_mtime_ns, after.st_ctime_ns)
    _taken_whole(centre, ref, content)
