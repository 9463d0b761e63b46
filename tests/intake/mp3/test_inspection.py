"""One file from the command line's side, through the confined process."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from intake.confine import Bounds, Pool, Task
from intake.errors import NotRegularError, UnreadableError
from intake.mp3 import JUDGE, Limits, inspect_file, judge_confined, judge_task
from registry.codes import Code, Verdict
from tests.intake.confine import misdeeds
from tests.intake.mp3 import made

pytestmark = pytest.mark.slow

KEYS = ["file", "verdict", "reasons", "warnings", "duration_seconds", "sha256", "size_bytes", "format", "recorded_on"]


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """The pool that the command line makes."""
    with Pool({JUDGE: judge_task()}) as made_pool:
        yield made_pool


def test_a_recording_is_inspected(pool: Pool, tmp_path: Path) -> None:
    """Exactly the keys that scripts rely on, in their order."""
    file = tmp_path / "appel.mp3"
    file.write_bytes(made.id3(("TDRC", made.text("2024-11-03"))) + made.call())
    found = inspect_file(file, pool, Limits(), hearing=date(2026, 6, 15))
    document = json.loads(json.dumps(found.to_json()))
    assert list(document) == KEYS
    assert (document["file"], document["verdict"], document["warnings"]) == (str(file), "accept", ["DATE_CONFLICT"])
    assert (document["duration_seconds"], document["recorded_on"]) == (12.096, "2024-11-03")
    assert inspect_file(file, pool, Limits(), call_date=date(2024, 11, 3)).to_json()["warnings"] == []


def test_an_open_descriptor_is_inspected_from_its_beginning(pool: Pool, tmp_path: Path) -> None:
    """Where the caller has read to does not matter."""
    file = tmp_path / "appel.mp3"
    file.write_bytes(made.call())
    with file.open("rb") as opened:
        opened.seek(1000)
        assert inspect_file(opened.fileno(), pool, Limits()).verdict is Verdict.ACCEPT


def test_a_file_too_large_is_not_read(pool: Pool, tmp_path: Path) -> None:
    """Ten gigabytes of nothing are refused at once, with their size and without a hash."""
    file = tmp_path / "sparse.mp3"
    with file.open("wb") as opened:
        opened.truncate(10_000_000_000)
    found = inspect_file(file, pool, Limits())
    assert (found.verdict, found.reasons) == (Verdict.REJECT, (Code.TOO_LARGE,))
    assert (found.to_json()["size_bytes"], found.to_json()["sha256"]) == (10_000_000_000, None)


def test_what_is_no_file_is_refused_without_waiting(pool: Pool, tmp_path: Path) -> None:
    """A pipe without a writer, a directory and a device say what they are."""
    os.mkfifo(tmp_path / "pipe.mp3")
    (tmp_path / "directory.mp3").mkdir()
    with pytest.raises(NotRegularError, match="not a regular file"):
        inspect_file(tmp_path / "pipe.mp3", pool, Limits())
    with pytest.raises(NotRegularError, match="a directory"):
        inspect_file(tmp_path / "directory.mp3", pool, Limits())
    with pytest.raises(NotRegularError, match="not a regular file"):
        inspect_file(Path("/dev/null"), pool, Limits())
    with pytest.raises(UnreadableError, match="No such file"):
        inspect_file(tmp_path / "absent.mp3", pool, Limits())


def test_a_name_in_any_encoding_can_be_told(pool: Pool, tmp_path: Path) -> None:
    """A name that is not UTF-8 is still one line of JSON."""
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9t\xe9.mp3"))
    file.write_bytes(b"")
    found = inspect_file(file, pool, Limits())
    assert found.reasons == (Code.EMPTY_FILE,)
    assert json.loads(json.dumps(found.to_json()))["file"] == str(file)


@pytest.mark.parametrize(
    ("task", "cause"),
    [
        (misdeeds.judge_asleep, "time"),
        (misdeeds.judge_crashing, "killed (signal 11)"),
        (misdeeds.judge_raising, "failed (UnicodeDecodeError)"),
        (misdeeds.judge_lying, "garbled"),
    ],
)
def test_a_process_that_misbehaves_makes_a_damaged_file(task: Callable[..., object], cause: str) -> None:
    """Never an outage, never accepted: to a person, with the cause for the log."""
    memory = os.memfd_create("deposit")
    try:
        os.write(memory, made.call())
        with Pool({JUDGE: Task(task)}, bounds=Bounds(wall_seconds=0.5 if cause == "time" else 14.0)) as broken:
            found = judge_confined(broken, memory, sha256="0" * 64)
    finally:
        os.close(memory)
    assert (found.verdict, found.reasons, found.cause) == (Verdict.REVIEW, (Code.DAMAGED,), cause)
