"""The pool: answers come back, and whatever a task does, the next one is served."""

import json
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.confine import Answered, Bounds, ConfinementUnavailableError, Misbehaved, Misbehaviour, Pool, Task, UnknownTaskError
from tests.intake.confine import misdeeds

pytestmark = pytest.mark.scenario

ROOT = Path(__file__).resolve().parents[3]
NAMES = (
    "size_of", "said", "spin", "devour", "crash", "kill_itself", "leave", "fail", "write_raw", "not_json", "endless",
    "attempts", "environment", "write_input",
)  # fmt: skip


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """A pool whose tasks misbehave, with short limits."""
    bounds = Bounds(cpu_seconds=1, memory_bytes=500_000_000)
    with Pool({name: Task(getattr(misdeeds, name)) for name in NAMES}, bounds=bounds) as made:
        yield made


def test_a_task_answers(pool: Pool) -> None:
    """Bytes go in, a JSON value comes out, with the call's own parameters."""
    assert pool.run("size_of", b"abc", more=4) == Answered(7)
    assert pool.run("size_of", b"") == Answered(0)
    assert pool.run("said", "été".encode()) == Answered("été")


def test_a_descriptor_is_read_whole_wherever_it_stands(pool: Pool, tmp_path: Path) -> None:
    """The caller's position in the file neither matters nor moves."""
    file = tmp_path / "file"
    file.write_bytes(b"abcdef")
    with file.open("rb") as opened:
        opened.seek(4)
        assert pool.run("said", opened.fileno()) == Answered("abcdef")
        assert opened.tell() == 4


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("spin", b"", Misbehaviour.CPU),
        ("devour", b"", Misbehaviour.MEMORY),
        ("crash", b"", Misbehaviour.KILLED),
        ("kill_itself", b"", Misbehaviour.KILLED),
        ("leave", b"", Misbehaviour.DIED),
        ("fail", b"\xff", Misbehaviour.FAILED),
        ("not_json", b"", Misbehaviour.FAILED),
        ("endless", b"", Misbehaviour.GARBLED),
        ("write_raw", b"x" * 200_000, Misbehaviour.GARBLED),
        ("write_raw", b"{}\n", Misbehaviour.GARBLED),
        ("write_raw", b'{"value": 1}', Misbehaviour.GARBLED),
        ("write_raw", b'{"value": NaN}\n', Misbehaviour.GARBLED),
        ("write_raw", b"[" * 100_000 + b"\n", Misbehaviour.GARBLED),
        ("write_raw", b'{"error": "a name\\u2028"}\n', Misbehaviour.GARBLED),
        ("write_raw", b"\xff\n", Misbehaviour.GARBLED),
    ],
)
def test_a_misdeed_is_an_outcome_and_the_next_task_is_served(pool: Pool, name: str, data: bytes, kind: Misbehaviour) -> None:
    """A process that misbehaves is named, killed and replaced."""
    outcome = pool.run(name, data)
    assert isinstance(outcome, Misbehaved)
    assert outcome.kind is kind
    assert "secret" not in outcome.cause
    assert pool.run("size_of", b"abc") == Answered(3)


def test_a_task_that_lasts_is_stopped() -> None:
    """Time is kept from outside, where the process cannot reach it."""
    with Pool({"sleep": Task(misdeeds.sleep)}, bounds=Bounds(wall_seconds=0.3)) as short:
        assert short.run("sleep", b"") == Misbehaved(Misbehaviour.TIME)


def test_nothing_is_within_reach(pool: Pool) -> None:
    """No file, no directory, no socket, no program, no other process."""
    outcome = pool.run("attempts", b"x")
    assert isinstance(outcome, Answered)
    assert outcome.value.pop("seen")
    assert not any(outcome.value.values()), outcome.value


def test_the_file_cannot_be_changed(pool: Pool) -> None:
    """A process that was taken over cannot alter what the parent is about to store."""
    memory = os.memfd_create("deposit")
    try:
        os.write(memory, b"sound")
        assert pool.run("write_input", memory) == Answered(value=False)
        assert os.pread(memory, 10, 0) == b"sound"
    finally:
        os.close(memory)


def test_no_secret_of_the_environment_is_inherited(pool: Pool) -> None:
    """The interpreter starts with a handful of variables that say nothing."""
    outcome = pool.run("environment", b"")
    assert isinstance(outcome, Answered)
    assert set(outcome.value) <= {
        "PATH",
        "LANG",
        "LC_ALL",
        "LC_CTYPE",
        "LD_LIBRARY_PATH",
        "TZ",
        "OPENBLAS_NUM_THREADS",
        "OMP_NUM_THREADS",
        "0",
    }


def test_every_protection_is_reported(pool: Pool) -> None:
    """Doctor can show what holds here, in the order it is applied."""
    assert [one.name for one in pool.protections()] == ["no_new_privs", "limits", "landlock", "seccomp"]
    assert all(one.in_force or one.detail for one in pool.protections())


def test_threads_share_a_pool(pool: Pool) -> None:
    """Many threads ask at once; each gets its own answer."""
    answers: dict[int, object] = {}

    def ask(number: int) -> None:
        answers[number] = pool.run("size_of", bytes(number))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {number: Answered(number) for number in range(12)}


def test_an_unknown_task_is_the_callers_mistake(pool: Pool) -> None:
    """The registry is closed."""
    with pytest.raises(UnknownTaskError, match="format_disk"):
        pool.run("format_disk", b"")


def test_only_functions_that_can_be_found_again_are_tasks() -> None:
    """A lambda has no name that another interpreter could import."""
    with pytest.raises(ConfinementUnavailableError, match="cannot be a task"):
        Pool({"bad": Task(lambda data: data)})


def test_a_pool_that_cannot_start_says_why() -> None:
    """A missing library is ours to repair; nothing is said of the file."""
    with (
        Pool({"size_of": Task(misdeeds.size_of, warm_up=misdeeds.warm_up_fails)}) as broken,
        pytest.raises(ConfinementUnavailableError) as caught,
    ):
        broken.run("size_of", b"")
    assert "a library is missing" in str(caught.value)


@pytest.mark.scenario
def test_the_pool_comes_back_when_its_server_was_killed() -> None:
    """The system may kill any process of ours; the next task starts them anew."""
    with Pool({"size_of": Task(misdeeds.size_of)}) as pool:
        assert pool.run("size_of", b"a") == Answered(1)
        server = pool._server
        assert server is not None
        server.kill()
        server.wait()
        assert pool.run("size_of", b"ab") == Answered(2)


@pytest.mark.scenario
def test_a_pool_closed_is_gone_and_can_be_used_again() -> None:
    """Closing leaves no process; using starts anew."""
    pool = Pool({"size_of": Task(misdeeds.size_of)})
    assert pool.run("size_of", b"a") == Answered(1)
    children = [child.pid for child in pool._idle]
    pool.close()
    wait_until_gone(children)
    assert pool.run("size_of", b"ab") == Answered(2)
    pool.close()


PARENT = """
    import json, os, sys, threading, time
    sys.path[:] = json.loads(sys.argv[1])
    from intake.confine import Pool, Task
    from tests.intake.confine import misdeeds

    pool = Pool({"size_of": Task(misdeeds.size_of), "sleep": Task(misdeeds.sleep)})

    def begin():  # in a thread that ends: the children must not die with it
        pool.run("size_of", b"a")

    starter = threading.Thread(target=begin)
    starter.start()
    starter.join()
    threading.Thread(target=lambda: pool.run("sleep", b""), daemon=True).start()
    time.sleep(0.2)
    assert pool.run("size_of", b"abc").value == 3
    print(json.dumps([pool._server.pid, *(child.pid for child in pool._idle)]), flush=True)
    time.sleep(60)
"""


@pytest.mark.scenario
def test_children_die_with_a_parent_that_is_killed() -> None:
    """A kill that nobody can catch leaves no process behind, not even one at work."""
    paths = json.dumps([str(ROOT), *(path for path in sys.path if path)])
    parent = subprocess.Popen([sys.executable, "-c", textwrap.dedent(PARENT), paths], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pids = json.loads(parent.stdout.readline())
    at_work = Path(f"/proc/{pids[0]}/task/{pids[0]}/children").read_text().split()
    assert len(at_work) >= len(pids)
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    wait_until_gone([*pids, *map(int, at_work)])


def wait_until_gone(pids: list[int]) -> None:
    """Wait until none of these processes lives; a zombie that init has not reaped yet is dead."""
    until = time.monotonic() + 5
    while any(alive(pid) for pid in pids):
        assert time.monotonic() < until, pids
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Say whether a process runs."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
