"""The first byte of a seek into the middle of a 30-minute recording: through the portal, and by a plain S3 range GET of the same object.

Both are asked as a player asks when somebody clicks: the bytes from the middle on, over a new connection, since the one before was
given up. A second line asks both for 64 KiB over a kept connection. The portal is the real one, in a process of its own beside its
store: it asks the registry whether this person may hear this recording now, fetches, decrypts and verifies, and notes what was heard.
Every round asks both, in turn, so that a slow moment of the machine falls on both; the median of each is kept.

Exit code 1 when a seek through the portal takes more than 1.5 times as long. Needs lame.
"""

import argparse
import contextlib
import email
import email.policy
import http.client
import json
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

from judge import make

from consigne import founding, settings
from consigne.demo_attestations import attest_by_form
from consigne.founding import Told
from consigne.wiring import Parts
from registry.clock import SystemClock
from registry.tables import Recording, UploadAttempt

TARGET = 1.5
KEPT = 64 * 1024
COMMAND = [sys.executable, "-c", "from consigne.cli import main; main()"]


def consigne(home: Path, *words: str) -> str:
    return subprocess.run([*COMMAND, "--home", str(home), *words], check=True, capture_output=True, text=True).stdout


@contextlib.contextmanager
def running(directory: Path) -> Iterator[tuple[Path, int]]:
    """Found a centre and run it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    home, url = directory / "centre", f"http://127.0.0.1:{port}"
    told = Told("Bench", "Bench", "bench@centre.example", None, "depots", "mirror", url, port, "bench@centre.example", None, "bench")
    founding.found(home, told, SystemClock())
    with subprocess.Popen([*COMMAND, "--home", str(home), "up"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        json.loads(process.stdout.readline())
        try:
            yield home, port
        finally:
            process.terminate()


def link(home: Path, section: str) -> str:
    """Find a personal link in the mails."""
    for _ in range(100):
        for mail in (home / "outbox").glob("*.eml"):
            body = email.message_from_bytes(mail.read_bytes(), policy=email.policy.default).get_body(("plain",))
            found = re.search(rf"https?://\S+/{section}/[A-Za-z0-9_-]+", body.get_content() if body else "")
            if found:
                return found[0]
        time.sleep(0.2)
    raise SystemExit(f"no mail holds a link to /{section}/")


def release(home: Path, file: Path) -> tuple[str, str]:
    """Deposit a recording, attest, assign it, sign in; return the recording's identifier and the cookie."""
    exam = date.today() + timedelta(days=40)  # noqa: DTZ011 - any day will do
    consigne(home, "session", "create", "bench", "--exam", exam.isoformat())
    person = ("--reference", "B-1", "--family-name", "Bench", "--given-name", "Bench", "--mail", "b@centre.example")
    consigne(home, "candidate", "add", "bench", *person, "--hearing", exam.isoformat())
    told = json.loads(consigne(home, "deposit", str(file), "--dossier", "bench/B-1", "--reason", "bench", "--json"))
    attest_by_form(link(home, "a"), exam - timedelta(days=60), "2024-10")
    consigne(home, "evaluator", "add", "Bench", "listener@centre.example", "--employer", "Bench")
    consigne(home, "assign", "listener@centre.example", "bench/B-1")
    signed = urllib.parse.urlsplit(link(home, "e"))
    connection = http.client.HTTPConnection(signed.netloc)
    connection.request("POST", signed.path, b"", {"Content-Type": "application/x-www-form-urlencoded"})
    cookie = connection.getresponse().headers["Set-Cookie"].partition(";")[0]
    connection.close()
    return told["recording_id"], cookie


def first_byte(port: int, path: str, cookie: str) -> Callable[[int, int | None], float]:
    """Ask the portal; without a last byte, on a new connection that is given up after the first."""
    kept = http.client.HTTPConnection("127.0.0.1", port)

    def ask(start: int, last: int | None) -> float:
        began = time.perf_counter()
        connection = kept if last is not None else http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", path, headers={"Range": f"bytes={start}-{'' if last is None else last}", "Cookie": cookie})
        answer = connection.getresponse()
        assert answer.status == 206, answer.status
        assert len(answer.read(1)) == 1
        took = time.perf_counter() - began
        if last is None:
            connection.close()
        else:
            answer.read()
        return took

    return ask


def plain(parts: Parts, key: str, version: str | None) -> Callable[[int, int | None], float]:
    """Ask the store, as anybody does with boto3."""
    assert parts.embedded is not None
    assert parts.embedded.attach()
    store = parts.objects
    client = store._s3  # type: ignore[attr-defined]  # noqa: SLF001 - the client that the store is read with
    named = {"VersionId": version} if version else {}

    def ask(start: int, last: int | None) -> float:
        began = time.perf_counter()
        answer = client.get_object(
            Bucket=parts.settings.objects.bucket, Key=key, Range=f"bytes={start}-{'' if last is None else last}", **named
        )
        body = answer["Body"]
        assert len(body.read(1)) == 1
        took = time.perf_counter() - began
        if last is None:
            body.close()
        else:
            body.read()
        return took

    return ask


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="bench-seek-") as temporary, running(Path(temporary)) as (home, port):
        make(Path(temporary) / "one.mp3", 44100, 2, 128)
        recording, cookie = release(home, Path(temporary) / "one.mp3")
        parts = Parts(settings.load(home))
        with parts.database.reading() as session:
            row = session.get_one(Recording, recording)
            key = session.get_one(UploadAttempt, str(row.attempt_id)).object_key
        ways = (first_byte(port, f"/ecoute/{recording}", cookie), plain(parts, key, row.object_version))
        print(
            f"| median of {rounds}, {row.size_bytes / 1e6:.1f} MB | portal, ms | plain S3 GET, ms | ratio |\n| --- | ---: | ---: | ---: |"
        )
        ratios = [
            line(name, ways, row.size_bytes // 2, length, rounds)
            for name, length in (("a seek", None), ("64 KiB of it, kept connection", KEPT))
        ]
        parts.close()
    return 1 if ratios[0] > TARGET else 0


def line(name: str, ways: tuple[Callable[[int, int | None], float], ...], middle: int, length: int | None, rounds: int) -> float:
    taken: tuple[list[float], ...] = ([], [])
    for number in range(-5, rounds):
        start = middle + number * 10_007
        for seconds, ask in zip(taken, ways, strict=True):
            took = ask(start, None if length is None else start + length - 1)
            if number >= 0:
                seconds.append(took)
        time.sleep(0.04)  # somebody who seeks: the portal lets a client ask thirty times a second
    portal, store = (statistics.median(seconds) * 1000 for seconds in taken)
    print(f"| {name} | {portal:.2f} | {store:.2f} | {portal / store:.2f} |", flush=True)
    return portal / store


if __name__ == "__main__":
    sys.exit(main())
