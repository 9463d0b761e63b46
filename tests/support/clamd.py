"""Malware scanners for tests: a fake, a small server that speaks as clamd does and can misbehave, and the real clamd.

None has a real signature: each finds :data:`BAD`, and what a test names to it, and nothing else.
"""

import hashlib
import os
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

from typing_extensions import override

from intake.errors import MustWaitError
from intake.malware import LIMIT, UNAVAILABLE, Malware, Signatures
from intake.reading import Bytes

BAD = b"Found by nothing but the signature of these tests. " * 40
LIMIT_BYTES = 1 << 20
_SIGNATURE = "Consigne.Test.File"
_SECONDS = 30


@contextmanager
def held(content: bytes) -> Iterator[Bytes]:
    """Hold bytes in memory, as step 2 of the flow does."""
    descriptor = os.memfd_create("test", os.MFD_CLOEXEC)
    with open(descriptor, "r+b", buffering=0) as file:  # noqa: PTH123 - a descriptor has no path
        file.write(content)
        yield Bytes(descriptor, hashlib.sha256(content).hexdigest(), len(content), content[:64])


@dataclass
class FakeScanner:
    """A scanner in memory. It answers while ``there``, takes files up to ``limit`` bytes, and finds what is ``bad``."""

    there: bool = True
    limit: int = LIMIT_BYTES
    bad: set[bytes] = field(default_factory=lambda: {BAD})
    signature: str = _SIGNATURE
    scanned: list[str] = field(default_factory=list)

    def scan(self, data: Bytes) -> Malware | None:
        """See :class:`intake.malware.Scanner`."""
        self.check()
        if data.size > self.limit:
            raise MustWaitError(LIMIT, "too large for the scanner: raise its limit")
        self.scanned.append(data.sha256)
        return Malware(self.signature) if b"".join(data.chunks()) in self.bad else None

    def check(self) -> Signatures | None:
        """See :class:`intake.malware.Scanner`."""
        if not self.there:
            raise MustWaitError(UNAVAILABLE, "the scanner is away: start it")
        return Signatures("a fake", datetime.now(UTC))


class SpokenClamd(socketserver.ThreadingUnixStreamServer):
    """A server that speaks clamd's protocol, strictly: it answers only what a true client may say.

    ``replies`` replaces the answer to the next question; ``silent`` keeps every question unanswered until it is closed.
    """

    daemon_threads = True
    request_queue_size = 8

    def __init__(self, path: Path) -> None:
        self.path = path
        self.version = b"ClamAV 1.4.6/27432/Thu Oct 16 09:12:55 2025"
        self.replies: list[bytes] = []
        self.received: list[bytes] = []
        self.limit = LIMIT_BYTES
        self.silent = False
        self.closed = threading.Event()
        super().__init__(str(path), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    @override
    def handle(self) -> None:
        server = cast("SpokenClamd", self.server)
        command = self._command()
        if server.silent:
            server.closed.wait(_SECONDS)
            return
        told = {b"zVERSION": lambda: server.version, b"zINSTREAM": lambda: self._scan(server)}[command]()
        self.wfile.write((server.replies.pop(0) if server.replies else told) + b"\0")

    def _command(self) -> bytes:
        said = b""
        while not said.endswith(b"\0"):
            said += self.rfile.read(1)
        return said[:-1]

    def _scan(self, server: SpokenClamd) -> bytes:
        content = bytearray()
        while length := int.from_bytes(self.rfile.read(4), "big"):
            if len(content) + length > server.limit:
                return b"INSTREAM size limit exceeded. ERROR"
            content += self.rfile.read(length)
        server.received.append(bytes(content))
        return f"stream: {_SIGNATURE} FOUND".encode() if content == BAD else b"stream: OK"


@contextmanager
def spoken_clamd(directory: Path) -> Iterator[SpokenClamd]:
    """Run the small server for a while."""
    with SpokenClamd(directory / "spoken") as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="clamd")
        thread.start()
        try:
            yield server
        finally:
            server.closed.set()
            server.shutdown()
            thread.join()


@contextmanager
def real_clamd(directory: Path, *bad: bytes, limit: int = LIMIT_BYTES) -> Iterator[Path]:
    """Run Debian's clamd with signatures of our own, in the foreground, and give its socket. It ends with the test."""
    database, temporary, socket = directory / "signatures", directory / "streams", directory / "clamd"
    for made in (database, temporary):
        made.mkdir(exist_ok=True)
    lines = [f"{hashlib.md5(one, usedforsecurity=False).hexdigest()}:{len(one)}:{_SIGNATURE}\n" for one in (BAD, *bad)]
    (database / "tests.hdb").write_text("".join(lines), "ascii")
    told = {
        "Foreground": "yes",
        "LocalSocket": str(socket),
        "DatabaseDirectory": str(database),
        "TemporaryDirectory": str(temporary),
        "AlertExceedsMax": "yes",
        "MaxThreads": "2",
        **dict.fromkeys(("StreamMaxLength", "MaxFileSize", "MaxScanSize"), str(limit)),
    }
    (directory / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in told.items()), "utf-8")
    with (directory / "clamd.log").open("wb") as log:
        process = subprocess.Popen(["/usr/sbin/clamd", "-c", str(directory / "clamd.conf")], stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + _SECONDS
        while not socket.exists():
            assert process.poll() is None, (directory / "clamd.log").read_text()
            assert time.monotonic() < deadline, "clamd does not start"
            time.sleep(0.05)
        yield socket
    finally:
        process.terminate()
        process.wait(_SECONDS)
        socket.unlink(missing_ok=True)
