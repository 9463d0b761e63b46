"""The whole story on real parts: a deposit, a grant, a link by mail, curl and ffmpeg that seek, a copied bucket, a decision."""

import hashlib
import http.client
import random
import re
import socket
import subprocess
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from registry import recordings
from registry.states import RecordingState, Who
from registry.tables import Recording, UploadAttempt
from storage.objects import read_all
from tests.consigne.centre import run
from tests.factories import kinds
from tests.scenarios.centre import SESSION, STAFF_MAIL, Centre, large_recording, wait_for

pytestmark = pytest.mark.scenario

_LINK = re.compile(r"/e/[A-Za-z0-9_-]{43}")
_JURY = "system:essai"


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """Run one centre for all of these tests."""
    with Centre.found(tmp_path_factory.mktemp("story")) as centre, centre.up():
        yield centre


class _Listener:
    """Somebody who signed in by the link of his mail, with what was deposited for him."""

    def __init__(self, centre: Centre, mail: str, data: bytes) -> None:
        self.centre, self.data = centre, data
        (ref,) = centre.enrol(1)
        centre.attest(ref)
        centre.drop(ref, "appel.mp3", data)
        centre.wait_answer(ref)
        (row,) = centre.recordings(ref)
        self.recording, self.path = row.id, f"/ecoute/{row.id}"
        for words in (("evaluator", "add", "Maud Membre", mail, "--employer", "Autre"), ("assign", mail, f"{SESSION}/{ref}")):
            ran = run(*words, "--by", STAFF_MAIL, home=centre.home)
            assert ran.code == 0, ran.err
        self.cookie = self._sign_in(str(wait_for(lambda: self._link(mail), "the mail with the link")))
        self.url = f"http://127.0.0.1:{centre.port}{self.path}"

    def _link(self, to: str) -> str | None:
        for path in (self.centre.home / "outbox").glob("*.eml"):
            mail = message_from_bytes(path.read_bytes(), policy=policy.default)
            body = mail.get_body(("plain",))
            if mail["To"] == to and body is not None and (found := _LINK.search(body.get_content())):
                return found[0]
        return None

    def _sign_in(self, link: str) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.centre.port)
        connection.request("POST", link, b"", {"Content-Type": "application/x-www-form-urlencoded"})
        answer = connection.getresponse()
        assert answer.status == 303
        cookie = str(answer.headers["Set-Cookie"]).partition(";")[0]
        connection.close()
        return cookie

    def get(self, *arguments: str) -> bytes:
        """Ask with curl."""
        command = ["curl", "-sS", "--fail", "-H", f"Cookie: {self.cookie}", *arguments, self.url]
        return subprocess.run(command, check=True, capture_output=True, timeout=60).stdout

    def status(self, *arguments: str) -> str:
        """Ask with curl for the status alone."""
        command = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", *arguments, self.url]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


@pytest.fixture(scope="module")
def listener(centre: Centre) -> _Listener:
    """Deposit twelve megabytes, and sign their listener in."""
    return _Listener(centre, "maud@cte.test", large_recording(1))


def test_curl_gets_every_range_as_it_was_deposited(listener: _Listener) -> None:
    """Whole, and any part of it, from the real store; without the cookie nothing."""
    data, chance = listener.data, random.Random(7)  # noqa: S311 - which ranges are tried is no secret
    assert listener.get() == data
    assert listener.get("-r", "-1000") == data[-1000:]
    assert listener.get("-r", f"{len(data) - 1}-") == data[-1:]
    for _ in range(40):
        first = chance.randrange(len(data))
        last = min(first + chance.choice([0, 1, 16_383, 16_384, 300_000]), len(data) - 1)
        assert listener.get("-r", f"{first}-{last}") == data[first : last + 1]
    assert listener.status("-H", f"Cookie: {listener.cookie}", "-r", f"{len(data)}-") == "416"
    assert listener.status() == "404"
    assert listener.status("-H", "Cookie: consigne=x") == "404"


def test_curl_resumes_where_it_was_cut(listener: _Listener, tmp_path: Path) -> None:
    """A download that goes on from its half ends as the whole."""
    out = tmp_path / "part"
    out.write_bytes(listener.data[: len(listener.data) // 2])
    listener.get("-C", "-", "-o", str(out))
    assert hashlib.sha256(out.read_bytes()).digest() == hashlib.sha256(listener.data).digest()


def test_ffmpeg_seeks(listener: _Listener, tmp_path: Path) -> None:
    """``ffmpeg -ss`` over HTTP finds the same sound as in the file."""
    (tmp_path / "appel.mp3").write_bytes(listener.data)
    sounds = []
    served = ["-headers", f"Cookie: {listener.cookie}\r\n", "-ss", "200", "-i", listener.url]
    for source in (served, ["-ss", "200", "-i", str(tmp_path / "appel.mp3")]):
        command = ["ffmpeg", "-v", "error", *source, "-t", "1", "-f", "s16le", "-ac", "1", "-"]
        sounds.append(subprocess.run(command, check=True, capture_output=True, timeout=60).stdout)
    assert len(sounds[0]) > 80_000
    assert sounds[0] == sounds[1]


def test_a_bucket_that_was_copied_back_is_heard(centre: Centre) -> None:
    """The same object under another version id is adopted; the journal says so, and says it once."""
    listener = _Listener(centre, "autre@cte.test", large_recording(2))
    parts = centre.parts
    assert parts.embedded is not None
    assert parts.embedded.attach()
    with centre.database().reading() as session:
        row = session.get_one(Recording, listener.recording)
        key = session.get_one(UploadAttempt, str(row.attempt_id)).object_key
    assert row.sealed_bytes is not None
    sealed = b"".join(read_all(parts.objects, key, row.object_version, row.sealed_bytes))
    parts.objects.remove_all(key)
    again = parts.objects.put(key, [sealed], len(sealed))
    assert again.version_id != row.object_version
    assert listener.get("-r", "6000000-6099999") == listener.data[6_000_000:6_100_000]
    assert listener.get() == listener.data
    with centre.database().reading() as session:
        assert session.get_one(Recording, listener.recording).object_version == again.version_id
        assert kinds(session, listener.recording).count("recording.adopted") == 1


def test_the_decision_cuts_the_listener_off_in_the_middle(centre: Centre, listener: _Listener) -> None:
    """A listener who takes what he plays and no more; the jury decides; the sound ends short, and none begins."""
    connection = http.client.HTTPConnection("127.0.0.1", centre.port, timeout=60)
    connection.connect()
    assert connection.sock is not None
    connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
    connection.request("GET", listener.path, headers={"Cookie": listener.cookie, "Range": "bytes=0-"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["content-length"]) == (206, str(len(listener.data)))
    got = answer.read(100_000)
    with centre.database().transaction(centre.parts.clock.now(), _JURY) as tx:
        recordings.move(tx, tx.lock(Recording, listener.recording), RecordingState.DECIDED, Who.COORDINATOR)
    with pytest.raises(http.client.IncompleteRead) as cut:
        answer.read()
    connection.close()
    got += cut.value.partial
    assert len(got) < len(listener.data) / 2
    assert got == listener.data[: len(got)]
    assert listener.status("-H", f"Cookie: {listener.cookie}") == "404"
