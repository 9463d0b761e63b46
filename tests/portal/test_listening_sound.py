"""The listening room's sound: ranges, what others are told, what the store does, and how it ends while it plays."""

import contextlib
import http.client
import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from portal.app import create_app
from portal.ranges import Span, UnsatisfiableError, asked
from registry.ids import new_id
from storage.errors import StorageUnavailable
from storage.objects import MemoryObjects
from tests.portal.rooms import ENDS, End, client_of, cookie_of, over
from tests.sharing.house import House

pytestmark = pytest.mark.postgresql_later

_LENGTH = 100_000


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """Give a client of the pages that does not follow where it is sent."""
    with client_of(house) as client:
        yield client


def test_others_are_told_what_is_told_of_what_does_not_exist(house: House, client: TestClient) -> None:
    """No cookie, another's cookie, another's recording, an invented one: one and the same page, and nothing in the log."""
    recording, cookie, _ = house.listener()
    other = cookie_of(house.sign_in(house.evaluator("autre@cte.test").id))
    unknown = client.get(f"/ecoute/{new_id('rec')}", headers=cookie_of(cookie))
    assert unknown.status_code == 404
    for headers in ({}, other, cookie_of("x"), {"cookie": f"__Host-consigne={cookie}"}):
        for method in ("GET", "HEAD"):
            answer = client.request(method, f"/ecoute/{recording}", headers=headers)
            assert answer.status_code == 404
            assert answer.text in {unknown.text, ""}
            assert answer.headers["content-type"].startswith("text/html")
            assert answer.headers["cache-control"] == "no-store"
    assert house.sittings(recording) == []
    assert house.entries("listening.began") == []


@pytest.mark.parametrize("end", ENDS)
def test_each_end_silences_at_once(house: House, client: TestClient, end: End) -> None:
    """From that commit on neither the sound nor the page has it."""
    recording, cookie, _ = house.listener()
    headers = cookie_of(cookie)
    assert client.get(f"/ecoute/{recording}", headers=headers).status_code == 200
    end(house, recording)
    if end is not over:  # the session is over as well then
        assert recording not in client.get("/ecoute", headers=headers).text
    assert client.get(f"/ecoute/{recording}", headers=headers).status_code == 404
    assert client.head(f"/ecoute/{recording}", headers=headers).status_code == 404


def test_what_a_player_is_told(house: House, client: TestClient) -> None:
    """Whole and in part: type, length, range, and that nothing may be kept."""
    recording, cookie, _ = house.listener()
    data, path, headers = house.deposited[recording], f"/ecoute/{recording}", cookie_of(cookie)
    whole = client.get(path, headers=headers)
    head = client.head(path, headers={**headers, "range": "bytes=0-9"})
    assert (whole.status_code, head.status_code, head.content) == (200, 200, b"")
    for answer in (whole, head):
        assert answer.headers["content-length"] == str(len(data))
        assert "content-range" not in answer.headers
    part = client.get(path, headers={**headers, "range": "bytes=10-19"})
    assert (part.status_code, part.content) == (206, data[10:20])
    assert part.headers["content-range"] == f"bytes 10-19/{len(data)}"
    assert part.headers["content-length"] == "10"
    for answer in (whole, head, part):
        assert answer.headers["accept-ranges"] == "bytes"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "audio/mpeg"
        assert answer.headers["content-disposition"] == "inline"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("bytes=0-", (0, 100)),
        ("bytes=0-0", (0, 1)),
        ("bytes=99-", (99, 100)),
        ("bytes=50-1000000", (50, 100)),
        (f"bytes=50-{'9' * 400}", (50, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-100", (0, 100)),
        ("bytes=-1000", (0, 100)),
        ("Bytes=1-2", (1, 3)),
        ("bytes= 1-2 , ", (1, 3)),
        ("bytes=1-2,200-300", (1, 3)),
        ("bytes=0-1,5-6", None),
        ("bytes=5-4", None),
        ("bytes=1-2,5-4", None),
        ("bytes=a-b", None),
        ("bytes=-", None),
        ("bytes=", None),
        ("bytes", None),
        ("bytes=1", None),
        ("bytes=+1-2", None),
        ("bytes=١-٢", None),
        ("items=0-1", None),
        ("", None),
        (None, None),
    ],
)
def test_ranges_are_read_as_the_rfc_says(wanted: str | None, found: tuple[int, int] | None) -> None:
    """What is no range, and several at once, are the whole; an end beyond the end is the end."""
    assert asked(wanted, 100) == (None if found is None else Span(*found))


_BEYOND = ("bytes=100-", "bytes=100-200", f"bytes={'9' * 400}-", "bytes=-0", "bytes=-0,100-")


def test_a_range_beyond_the_end_is_refused(house: House, client: TestClient) -> None:
    """416 says how long the recording is; nobody has heard anything."""
    recording, cookie, _ = house.listener(os.urandom(100))
    for wanted in _BEYOND:
        with pytest.raises(UnsatisfiableError):
            asked(wanted, 100)
        answer = client.get(f"/ecoute/{recording}", headers={**cookie_of(cookie), "range": wanted})
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == "bytes */100"
    assert house.sittings(recording) == []


def test_a_range_of_another_recording_is_not_continued(house: House, client: TestClient) -> None:
    """``If-Range`` that names these bytes gives the range, any other the whole."""
    recording, cookie, _ = house.listener()
    path, headers = f"/ecoute/{recording}", {**cookie_of(cookie), "range": "bytes=1-2"}
    tag = client.get(path, headers=headers).headers["etag"]
    assert client.get(path, headers={**headers, "if-range": tag}).status_code == 206
    for other in ('"x"', f"W/{tag}", "Tue, 12 May 2026 09:03:00 GMT"):
        assert client.get(path, headers={**headers, "if-range": other}).status_code == 200


_EDGES = [0, 1, 16_383, 16_384, 16_385, 32_767, 32_768, 65_536, _LENGTH - 1]
_PLACES = st.one_of(st.sampled_from(_EDGES), st.integers(0, _LENGTH - 1))


@pytest.mark.slow
def test_any_range_is_what_was_deposited(house: House) -> None:
    """Bytes served for any range equal the bytes deposited, by position, to the end, and from the end."""
    recording, cookie, _ = house.listener(os.urandom(_LENGTH))
    data = house.deposited[recording]
    with client_of(house, seconds=iter(range(10**9)).__next__) as client:

        @hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(_PLACES, _PLACES, st.sampled_from(["both", "open", "suffix"]))
        def check(one: int, other: int, how: str) -> None:
            first, last = min(one, other), max(one, other)
            wanted = {"both": f"{first}-{last}", "open": f"{first}-", "suffix": f"-{_LENGTH - first}"}[how]
            answer = client.get(f"/ecoute/{recording}", headers={**cookie_of(cookie), "range": f"bytes={wanted}"})
            stop = last + 1 if how == "both" else _LENGTH
            assert answer.status_code == 206
            assert answer.headers["content-range"] == f"bytes {first}-{stop - 1}/{_LENGTH}"
            assert answer.content == data[first:stop]

        check()


def test_a_recording_of_many_pieces_arrives_whole(house: House, client: TestClient) -> None:
    """Several megabytes, asked for at once, are what was deposited, and the log says so."""
    recording, cookie, evaluator = house.listener(os.urandom(3_000_001))
    assert client.get(f"/ecoute/{recording}", headers=cookie_of(cookie)).content == house.deposited[recording]
    (sitting,) = house.sittings(recording)
    assert (sitting.person_id, sitting.parts) == (evaluator.id, [[0, 3_000_001]])


def test_a_store_that_does_not_answer_is_said_calmly(house: House, client: TestClient) -> None:
    """A page that says so; the key is dropped, nothing is in the log of listening, and no name or path in ours."""
    recording, cookie, _ = house.listener()

    def fail(_verb: str) -> None:
        raise StorageUnavailable("the store has trouble")

    assert isinstance(house.objects, MemoryObjects)
    house.objects.before = fail
    with capture_logs() as logs:
        answer = client.get(f"/ecoute/{recording}", headers=cookie_of(cookie))
    assert answer.status_code == 503
    assert "momentanément indisponible" in answer.text
    assert logs == [{"event": "listening.failed", "log_level": "error", "recording": recording, "error": "StorageUnavailable"}]
    assert house.entries("listening.began") == []


@contextlib.contextmanager
def _served(house: House) -> Iterator[int]:
    """Serve the pages on a free port of the loopback."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 64 * 1024)
    listening.bind(("127.0.0.1", 0))
    app = create_app(house.services())
    server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield int(listening.getsockname()[1])
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.mark.slow
@pytest.mark.parametrize("end", ENDS)
def test_a_stream_in_progress_ends(house_anywhere: House, end: End) -> None:
    """A listener who is in the middle of a recording gets what was on its way, and nothing that is read after the end."""
    house = house_anywhere
    recording, cookie, _ = house.listener(os.urandom(24_000_000))
    with _served(house) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.request("GET", f"/ecoute/{recording}", headers=cookie_of(cookie))
        answer = connection.getresponse()
        assert (answer.status, answer.headers["content-length"]) == (200, "24000000")
        got = len(answer.read(500_000))
        time.sleep(0.3)  # the listener is slow: pieces wait for him, not he for them
        end(house, recording)
        with pytest.raises(http.client.IncompleteRead) as cut:
            answer.read()
        got += len(cut.value.partial)
        connection.close()
    assert got < 12_000_000
    (sitting,) = house.sittings(recording)
    ((first, last),) = sitting.parts
    assert (first, last >= got, last < 12_000_000) == (0, True, True)


@pytest.mark.slow
def test_a_listener_who_leaves_is_not_read_for(house: House) -> None:
    """Once the connection is gone, the rest of the recording is neither fetched nor counted as heard."""
    recording, cookie, _ = house.listener(os.urandom(24_000_000))
    with _served(house) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", f"/ecoute/{recording}", headers=cookie_of(cookie))
        connection.getresponse().read(100_000)
        connection.close()
        time.sleep(0.5)
    (sitting,) = house.sittings(recording)
    assert sitting.parts[0][1] < 20_000_000
