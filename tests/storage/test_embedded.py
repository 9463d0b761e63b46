"""The embedded store: what it promises when it is killed, when its parent is killed, and when its directory or ports are taken."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from storage import weed
from storage.embedded import SeaweedFS, State
from storage.errors import NotHeld, StorageRefused, StorageUnavailable
from storage.s3 import S3Settings
from storage.s3_objects import S3Objects
from tests.storage.contracts.objects import pattern

Make = Callable[[str], SeaweedFS]
LENGTH = 9_000_000


def alive(pid: int) -> bool:
    """Tell whether a process runs (one that waits to be buried does not)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(what: Callable[[], bool], seconds: float = 20.0) -> None:
    """Wait until something holds."""
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def pid_of(store: SeaweedFS) -> int:
    """The process id of a store that runs."""
    pid = store.health.pid
    assert pid is not None
    return pid


def test_ports_are_remembered_and_chosen_again_when_taken(tmp_path: Path) -> None:
    """The same ports each time, as long as nobody else listens on one of them."""
    path = tmp_path / "ports.json"
    ports = weed.load_ports(path)
    assert weed.load_ports(path) == ports
    with socket.create_server((weed.HOST, ports.filer + weed.GRPC)):
        again = weed.load_ports(path)
        assert set(asdict(again).values()).isdisjoint({ports.filer})
    assert weed.load_ports(path) == again


@pytest.mark.parametrize("damage", [b"", b"{}", b'{"master":1}', b"[1]", b"\xff", b'{"master":"1","volume":2,"filer":3,"s3":4,"admin":5}'])
def test_a_damaged_port_file_is_made_again(tmp_path: Path, damage: bytes) -> None:
    """A file half written by another program does not stop the store."""
    (tmp_path / "ports.json").write_bytes(damage)
    assert weed.load_ports(tmp_path / "ports.json").free()


def test_another_process_with_the_same_id_is_left_alone(tmp_path: Path) -> None:
    """A process that merely has the pid of an old child, but not its start time, is not ended."""
    with subprocess.Popen(["/bin/sleep", "60"]) as bystander:
        (tmp_path / "weed.pid").write_text(json.dumps([bystander.pid, "another boot 1"]))
        assert weed.reap(tmp_path) is False
        assert bystander.poll() is None
        bystander.kill()


def test_a_stale_child_is_ended(tmp_path: Path) -> None:
    """One with the same pid and the same start is what a killed run left behind."""
    with subprocess.Popen(["/bin/sleep", "60"]) as stale:
        (tmp_path / "weed.pid").write_text(json.dumps([stale.pid, weed._started(stale.pid)]))
        assert weed.reap(tmp_path) is True
        assert stale.wait(5) == -signal.SIGTERM
    assert not (tmp_path / "weed.pid").exists()


def test_the_log_is_bounded(tmp_path: Path) -> None:
    """A log that has grown is copied aside once and begun again, under the writer's feet."""
    log = tmp_path / "weed.log"
    with log.open("ab") as writer:
        writer.write(b"x" * (5 << 20))
        writer.flush()
        weed.bound_log(tmp_path)
        writer.write(b"after")
    assert log.read_bytes() == b"after"
    assert (tmp_path / "weed.log.1").stat().st_size == 5 << 20


def test_nothing_of_ours_reaches_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No credential of our environment is passed on, and no option lets it listen beyond loopback or call home."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    assert "secret" not in weed.environment(tmp_path).values()
    options = weed.arguments(tmp_path, weed.choose_ports())
    assert {"-ip.bind=127.0.0.1", "-master.telemetry=false", "-admin.ui=false", "-webdav=false"} <= set(options)


def test_a_store_that_was_not_started_says_so(tmp_path: Path) -> None:
    """Asking for settings or health before the start is an answer, not a crash."""
    store = SeaweedFS(tmp_path / "objects")
    assert store.health.state is State.STOPPED
    for ask in (store.synchronises, store.compact):
        with pytest.raises(StorageUnavailable):
            ask()
    store.stop()


@pytest.mark.scenario
def test_its_directory_is_private_and_its_credentials_are_its_own(make_seaweedfs: Make) -> None:
    """0700, 0600, two stores with different secrets; a stranger without them reads nothing."""
    one, two = make_seaweedfs("one"), make_seaweedfs("two")
    assert stat.S_IMODE(one.directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE((one.directory / name).stat().st_mode) for name in ("s3.json", "weed.log", "ports.json")} == {0o600}
    assert one.settings("recordings").secret_key != two.settings("recordings").secret_key
    one.objects("recordings").put("obj_1", [b"x"], 1)
    stranger = S3Objects(S3Settings("recordings", one.settings("recordings").endpoint_url, access_key="a", secret_key="b"))
    with pytest.raises(StorageRefused):
        stranger.get_range("obj_1", None, 0, 1)


@pytest.mark.scenario
def test_it_listens_on_loopback_only(make_seaweedfs: Make) -> None:
    """Every socket that the child listens on is bound to 127.0.0.1."""
    pid = pid_of(make_seaweedfs("objects"))
    inodes = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    lines = [line.split() for name in ("tcp", "tcp6") for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    listening = {fields[1].partition(":")[0] for fields in lines if fields[3] == "0A" and f"socket:[{fields[9]}]" in inodes}
    assert listening == {"0100007F"}


@pytest.mark.scenario
def test_its_writes_are_synchronised(make_seaweedfs: Make) -> None:
    """The store's own setting is in force from the first start, and stays after a restart."""
    store = make_seaweedfs("objects")
    assert store.synchronises()
    store.stop()
    store.start()
    assert store.synchronises()


@pytest.mark.scenario
def test_killed_it_comes_back_with_everything(make_seaweedfs: Make) -> None:
    """After ``kill -9`` in mid-use it is started again; meanwhile it is unavailable, and never says that an object is not held."""
    store = make_seaweedfs("objects")
    objects = store.objects("recordings")
    stored = objects.put("obj_1", [pattern(LENGTH)], LENGTH)
    hasty = S3Objects(store.settings("recordings"))
    for _ in range(2):
        old = pid_of(store)
        os.kill(old, signal.SIGKILL)

        def read(old: int = old) -> bool:
            try:
                data = hasty.get_range("obj_1", stored.version_id, 0, LENGTH).data
            except NotHeld:
                pytest.fail("a store that is coming back must not deny what it holds")
            except StorageUnavailable:
                return False
            return data == pattern(LENGTH) and store.health.pid not in (None, old)

        wait_for(read)
    wait_for(lambda: store.health.state is State.RUNNING)
    assert store.health.restarts == 2
    assert objects.put("obj_2", [b"x"], 1).length == 1


@pytest.mark.scenario
def test_frozen_it_is_started_again(tmp_path: Path) -> None:
    """A program that runs and no longer answers is killed and replaced."""
    with SeaweedFS(tmp_path / "objects", patience=6.0) as store:
        store.objects("recordings").put("obj_1", [b"held"], 4)
        old = pid_of(store)
        os.kill(old, signal.SIGSTOP)
        wait_for(lambda: store.health.state is State.RUNNING and store.health.pid != old, 40)
        assert not alive(old)
        assert S3Objects(store.settings("recordings")).get_range("obj_1", None, 0, 4).data == b"held"


@pytest.mark.scenario
def test_it_stops_and_goes_on_where_it_was(make_seaweedfs: Make) -> None:
    """A clean stop ends the child and removes its sockets; the next start, on other ports if need be, holds everything."""
    store = make_seaweedfs("objects")
    store.objects("recordings").put("obj_1", [pattern(1000)], 1000)
    pid, ports = pid_of(store), store._known_ports()
    assert not ports.free()
    store.stop()
    assert not alive(pid)
    assert store.health.state is State.STOPPED
    assert not [path for path in Path("/tmp").glob("seaweedfs-*.sock") if str(ports.s3) in path.name]
    with socket.create_server((weed.HOST, ports.s3)):
        store.start()
        assert store.objects("recordings").get_range("obj_1", None, 0, 1000).data == pattern(1000)
        assert store._known_ports() != ports


@pytest.mark.scenario
def test_two_do_not_share_a_directory(make_seaweedfs: Make, tmp_path: Path) -> None:
    """A second Consigne on the same directory is refused, and the first goes on."""
    store = make_seaweedfs("objects")
    with pytest.raises(StorageRefused, match="another process"):
        SeaweedFS(tmp_path / "objects").start()
    store.objects("recordings").ping()


@pytest.mark.scenario
def test_another_process_reaches_it(make_seaweedfs: Make) -> None:
    """A command in a second process finds the store that the first one runs, and stopping its own view of it stops nothing."""
    store = make_seaweedfs("objects")
    visitor = SeaweedFS(store.directory)
    assert visitor.objects("recordings").put("obj_1", [b"x"], 1).length == 1
    assert visitor.synchronises()
    visitor.stop()
    assert store.objects("recordings").get_range("obj_1", None, 0, 1).data == b"x"


PARENT = """
import sys, time
from pathlib import Path
from storage.embedded import SeaweedFS
store = SeaweedFS(Path(sys.argv[1]))
store.start()
store.objects("recordings").put("obj_1", [b"held"], 4)
print(store.health.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.scenario
def test_it_dies_with_its_parent(make_seaweedfs: Make, tmp_path: Path) -> None:
    """``kill -9`` of the process that started it ends the child too, and the next start finds all that was written."""
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "objects")], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    store = make_seaweedfs("objects")
    assert not alive(child)
    assert store.objects("recordings").get_range("obj_1", None, 0, 4).data == b"held"


@pytest.mark.scenario
def test_a_child_that_outlived_its_parent_is_ended_first(make_seaweedfs: Make, tmp_path: Path) -> None:
    """Where the child could not be ended with its parent (it was frozen), the next start ends it before it opens the data."""
    with subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path / "objects")], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        os.kill(child, signal.SIGSTOP)
        parent.kill()
    assert alive(child)
    store = make_seaweedfs("objects")
    assert not alive(child)
    assert store.objects("recordings").get_range("obj_1", None, 0, 4).data == b"held"


@pytest.mark.scenario
def test_compaction_takes_deleted_bytes_off_the_disk(make_seaweedfs: Make) -> None:
    """After a removal the sealed bytes are still in a volume file; after a compaction no file of the store holds them."""
    store = make_seaweedfs("objects")
    objects = store.objects("recordings")
    needle = pattern(100_000)[50_000:50_064]
    objects.put("obj_1", [pattern(100_000)], 100_000)
    objects.put("obj_2", [b"y" * 1000], 1000)

    def on_disk() -> bool:
        return any(needle in path.read_bytes() for path in (store.directory / "data").rglob("*") if path.is_file())

    assert on_disk()
    objects.remove_all("obj_1")
    assert on_disk()
    store.compact()
    assert not on_disk()
    assert objects.get_range("obj_2", None, 0, 1000).data == b"y" * 1000


@pytest.mark.scenario
def test_a_program_that_fails_is_said(tmp_path: Path) -> None:
    """When the store cannot start, start() says so in time, nothing keeps running, and the directory is free again."""
    store = SeaweedFS(tmp_path / "objects", ready_within=0.01)
    with pytest.raises(StorageUnavailable, match=r"weed\.log"):
        store.start()
    assert store.health.state is State.STOPPED
    assert not (tmp_path / "objects" / "weed.pid").exists()
    with SeaweedFS(tmp_path / "objects") as again:
        again.objects("recordings").ping()
