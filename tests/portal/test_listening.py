"""The listening room over HTTP: links that sign in, a cookie, ranges, and what others are told."""

import contextlib
import http.client
import os
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from intake.shares import Share
from portal.app import create_app
from portal.ranges import Span, UnsatisfiableError, asked
from registry.codes import Code, Language
from registry.database import Database
from registry.ids import new_id
from registry.states import RecordingState, Unlistenable
from registry.tables import Hold, HoldReason, HoldScope, Recording, Role, SignInLink
from registry.users import add
from sharing import grants, signing_in
from storage.errors import StorageUnavailable
from storage.objects import MemoryObjects
from tests.factories import ACTOR, NOW, coordinator, mails_of, moved
from tests.sharing.house import House, opened
from tests.support.databases import SqliteTemplates
from tests.support.registry import build

_LENGTH = 100_000


@pytest.fixture
def house(sqlite_templates: SqliteTemplates, tmp_path: Path) -> Iterator[House]:
    """Give a house on SQLite; what the rule reads is tested on both databases, beside the rule."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "house.db")
    database = Database(f"sqlite:///{tmp_path / 'house.db'}")
    with opened(database, Share(tmp_path)) as house:
        yield house
    database.close()


@pytest.fixture
def anywhere(registry: Database, tmp_path: Path) -> Iterator[House]:
    """Give a house on one database, then on the other."""
    with opened(registry, Share(tmp_path)) as house:
        yield house


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """Give a client of the pages that does not follow where it is sent."""
    with _client(house) as client:
        yield client


def _client(house: House, seconds: Callable[[], float] | None = None) -> TestClient:
    app = create_app(house.services()) if seconds is None else create_app(house.services(), seconds=seconds)
    return TestClient(app, base_url=house.portal_url, follow_redirects=False)


def _cookie(secret: str) -> dict[str, str]:
    return {"cookie": f"consigne={secret}"}


# links


def test_a_link_shows_a_button_and_the_button_signs_in(house: House, client: TestClient) -> None:
    """Opening a link, as mail scanners do, changes nothing; pressing its button gives a cookie and the page of recordings."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    token = house.send(house.grant(evaluator, recording))
    for _ in range(3):
        shown = client.get(f"/e/{token}")
        assert shown.status_code == client.head(f"/e/{token}").status_code == 200
        assert "Maud Membre" in shown.text
        assert "set-cookie" not in shown.headers
    with house.database.reading() as session:
        assert session.get_one(SignInLink, signing_in.hash_of(token)).used_at is None
    signed = client.post(f"/e/{token}")
    assert (signed.status_code, signed.headers["location"]) == (303, "../ecoute")
    page = client.get("/ecoute").text
    assert f"ecoute/{recording}" in page
    assert "Zyxwvut" in page
    assert "Chaque écoute est notée" in page
    assert client.get(f"/ecoute/{recording}").content == house.deposited[recording]


def test_the_cookie_on_loopback_and_over_tls(house: House, client: TestClient) -> None:
    """It goes with the browser, no script reads it, no other site sends it; over TLS it is bound to this host."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    token = house.send(house.grant(evaluator, recording))
    plain = client.post(f"/e/{token}").headers["set-cookie"]
    assert plain.startswith("consigne=")
    for part in ("HttpOnly", "SameSite=strict", "Path=/"):
        assert part in plain
    for part in ("Max-Age", "expires", "Domain", "Secure"):
        assert part not in plain
    house.portal_url = "https://depot.example.org"
    house.clock.go_on(minutes=6)
    with _client(house) as secure:
        signed = secure.post(f"/e/{house.send(house.grant(evaluator, recording))}").headers["set-cookie"]
        assert signed.startswith("__Host-consigne=")
        assert "Secure" in signed
        assert "Domain" not in signed
        assert secure.get(f"/ecoute/{recording}").status_code == 200


def test_nobody_signs_in_where_others_can_overhear(house: House) -> None:
    """Without TLS, and not on this machine, nobody is signed in."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    token = house.send(house.grant(evaluator, recording))
    house.portal_url = "http://depot.example.org"
    with _client(house) as client:
        answer = client.post(f"/e/{token}")
    assert answer.status_code == 503
    assert "set-cookie" not in answer.headers


def test_a_used_link_sends_another_to_the_address_on_record(house: House, client: TestClient) -> None:
    """A link works once; its page then offers a new one, which goes to the person it was for, at most one in five minutes."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    token = house.send(house.grant(evaluator, recording))
    assert client.post(f"/e/{token}").status_code == 303
    assert client.post(f"/e/{token}").status_code == 303  # a double click
    client.cookies.clear()
    house.clock.go_on(minutes=1)
    refused = client.post(f"/e/{token}")
    assert "set-cookie" not in refused.headers
    assert "déjà servi" in refused.text
    assert "déjà servi" in client.get(f"/e/{token}").text
    for minutes, mails in ((0, 1), (5, 2), (1, 2), (5, 3)):
        house.clock.go_on(minutes=minutes)
        sent = client.post(f"/e/{token}/nouveau?lang=en")
        assert (sent.status_code, sent.headers["location"]) == (303, "envoye?lang=en")
        assert "Look at your mail" in client.get(f"/e/{token}/envoye?lang=en").text
        with house.database.reading() as session:
            found = mails_of(session, "listening.")
        assert len(found) == mails
        assert {mail.to_address for mail in found} == {evaluator.mail}
    assert client.post(f"/e/{house.token()}").status_code == 303
    assert house.woken == 4


def test_a_new_link_is_sent_only_where_there_is_something_to_hear(house: House, client: TestClient) -> None:
    """Once the window is over, the same page says the same, and no mail leaves."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    token = house.send(house.grant(evaluator, recording, days=1))
    house.clock.go_on(days=2)
    assert "plus valable" in client.get(f"/e/{token}").text
    assert "set-cookie" not in client.post(f"/e/{token}").headers
    assert client.post(f"/e/{token}/nouveau").status_code == 303
    with house.database.reading() as session:
        assert len(mails_of(session, "listening.")) == 1


def test_hostile_links_open_nothing(house: House, client: TestClient) -> None:
    """Whatever stands in a link's place: the page that says that it opens nothing."""
    evaluator = house.evaluator()
    with house.database.bookkeeping() as session:
        token = signing_in.make_link(session, evaluator.id, NOW, NOW + timedelta(days=1))
    with house.database.transaction(NOW, ACTOR) as tx:
        grants.retire(tx, evaluator.id)
    for one in (token, "%00", "%ff", "a" * 8000, "..%2f..", "😀"):
        assert client.get(f"/e/{one}").status_code == 404
        assert client.post(f"/e/{one}").status_code == 404
        assert client.post(f"/e/{one}/nouveau").status_code == 404


def test_the_page_speaks_the_evaluators_language(house: House, client: TestClient) -> None:
    """English for who is enrolled so, French on demand."""
    recording, evaluator = house.deposit(house.file()), house.evaluator(language=Language.EN)
    token = house.send(house.grant(evaluator, recording))
    assert "Listen" in client.get(f"/e/{token}").text
    assert "Écouter" in client.get(f"/e/{token}?lang=fr").text
    client.post(f"/e/{token}")
    assert "Your recordings" in client.get("/ecoute").text
    assert "Vos enregistrements" in client.get("/ecoute?lang=fr").text


def test_leaving_ends_the_session(house: House, client: TestClient) -> None:
    """After « Quitter » the same cookie opens nothing, also where somebody kept it."""
    recording, cookie, _ = house.listener()
    assert client.get("/ecoute", headers=_cookie(cookie)).status_code == 200
    left = client.post("/ecoute/quitter?lang=en", headers=_cookie(cookie))
    assert left.status_code == 303
    assert 'consigne=""' in left.headers["set-cookie"]
    assert "You have left" in client.get("/ecoute/quitte?lang=en").text
    assert client.get("/ecoute", headers=_cookie(cookie)).status_code == 403
    assert client.get(f"/ecoute/{recording}", headers=_cookie(cookie)).status_code == 404


def test_the_page_for_whoever_is_not_signed_in_explains(client: TestClient) -> None:
    """Without a session one reads how to come back."""
    answer = client.get("/ecoute")
    assert answer.status_code == 403
    assert "reprenez le lien de votre mail" in answer.text


def test_a_page_with_nothing_to_hear_says_so(house: House, client: TestClient) -> None:
    """A grant that is over leaves a calm page."""
    assert "Rien à écouter" in client.get("/ecoute", headers=_cookie(house.sign_in(house.evaluator().id))).text


def test_a_recording_to_come_is_shown_without_a_player(house: House, client: TestClient) -> None:
    """Its day is said; its sound is refused until then."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    house.grant(evaluator, recording, after=2)
    cookie = _cookie(house.sign_in(evaluator.id))
    page = client.get("/ecoute", headers=cookie).text
    assert "S’ouvre le jeudi 14 mai 2026" in page
    assert recording not in page
    assert client.get(f"/ecoute/{recording}", headers=cookie).status_code == 404


def test_a_coordinator_gets_the_same_player_for_a_review(house: House, client: TestClient) -> None:
    """With what is to be checked, and by when; nothing else is on the page, and no operator signs in."""
    recording = house.deposit(house.file(), None, Code.DAMAGED)
    cookie = _cookie(house.sign_in(coordinator(house.database)))
    page = client.get("/ecoute", headers=cookie).text
    assert f"ecoute/{recording}" in page
    assert "Fichier abîmé" in page
    assert "Réponse promise le" in page
    assert client.get(f"/ecoute/{recording}", headers=cookie).content == house.deposited[recording]
    with house.database.transaction(NOW, ACTOR) as tx:
        operator = add(tx, role=Role.OPERATOR, name="x", mail="operator@centre.test").id
    with house.database.bookkeeping() as session:
        token = signing_in.make_link(session, operator, NOW, NOW + timedelta(days=1))
    assert client.post(f"/e/{token}").status_code == 404


# who hears nothing


def test_others_are_told_what_is_told_of_what_does_not_exist(house: House, client: TestClient) -> None:
    """No cookie, another's cookie, another's recording, an invented one: one and the same page, and nothing in the log."""
    recording, cookie, _ = house.listener()
    other = _cookie(house.sign_in(house.evaluator("autre@cte.test").id))
    unknown = client.get(f"/ecoute/{new_id('rec')}", headers=_cookie(cookie))
    assert unknown.status_code == 404
    for headers in ({}, other, _cookie("x"), {"cookie": f"__Host-consigne={cookie}"}):
        for method in ("GET", "HEAD"):
            answer = client.request(method, f"/ecoute/{recording}", headers=headers)
            assert answer.status_code == 404
            assert answer.text in {unknown.text, ""}
            assert answer.headers["content-type"].startswith("text/html")
            assert answer.headers["cache-control"] == "no-store"
    assert house.sittings(recording) == []
    assert house.entries("listening.began") == []


def _unlistenable(house: House, recording: str) -> None:
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        row = tx.lock(Recording, recording)
        row.unlistenable, row.unlistenable_at = Unlistenable.CONSENT_WITHDRAWN, tx.now
        tx.record("consent.withdrawn", row.id)


def _decided(house: House, recording: str) -> None:
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DECIDED)


def _destroying(house: House, recording: str) -> None:
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DESTROYING)


def _revoked(house: House, recording: str) -> None:
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        evaluator = grants.everyone(tx.session)[0]
        assert grants.revoke(tx, evaluator.id, recording) == 1


def _restored(house: House, recording: str) -> None:
    del recording
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        hold = Hold(id=new_id("hld"), scope=HoldScope.ALL, reason=HoldReason.RESTORED, placed_at=tx.now, placed_by=ACTOR)
        tx.session.add(hold)
        tx.record("hold.placed", hold.id)


def _over(house: House, recording: str) -> None:
    del recording
    house.clock.go_on(days=21)


_ENDS = (_unlistenable, _decided, _destroying, _revoked, _restored, _over)


@pytest.mark.parametrize("end", _ENDS)
def test_each_end_silences_at_once(house: House, client: TestClient, end: Callable[[House, str], None]) -> None:
    """From that commit on neither the sound nor the page has it."""
    recording, cookie, _ = house.listener()
    headers = _cookie(cookie)
    assert client.get(f"/ecoute/{recording}", headers=headers).status_code == 200
    end(house, recording)
    if end is not _over:  # the session is over as well then
        assert recording not in client.get("/ecoute", headers=headers).text
    assert client.get(f"/ecoute/{recording}", headers=headers).status_code == 404
    assert client.head(f"/ecoute/{recording}", headers=headers).status_code == 404


# ranges


def test_what_a_player_is_told(house: House, client: TestClient) -> None:
    """Whole and in part: type, length, range, and that nothing may be kept."""
    recording, cookie, _ = house.listener()
    data, path, headers = house.deposited[recording], f"/ecoute/{recording}", _cookie(cookie)
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
        answer = client.get(f"/ecoute/{recording}", headers={**_cookie(cookie), "range": wanted})
        assert (answer.status_code, answer.content) == (416, b"")
        assert answer.headers["content-range"] == "bytes */100"
    assert house.sittings(recording) == []


def test_a_range_of_another_recording_is_not_continued(house: House, client: TestClient) -> None:
    """``If-Range`` that names these bytes gives the range, any other the whole."""
    recording, cookie, _ = house.listener()
    path, headers = f"/ecoute/{recording}", {**_cookie(cookie), "range": "bytes=1-2"}
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
    with _client(house, seconds=iter(range(10**9)).__next__) as client:

        @hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
        @given(_PLACES, _PLACES, st.sampled_from(["both", "open", "suffix"]))
        def check(one: int, other: int, how: str) -> None:
            first, last = min(one, other), max(one, other)
            wanted = {"both": f"{first}-{last}", "open": f"{first}-", "suffix": f"-{_LENGTH - first}"}[how]
            answer = client.get(f"/ecoute/{recording}", headers={**_cookie(cookie), "range": f"bytes={wanted}"})
            stop = last + 1 if how == "both" else _LENGTH
            assert answer.status_code == 206
            assert answer.headers["content-range"] == f"bytes {first}-{stop - 1}/{_LENGTH}"
            assert answer.content == data[first:stop]

        check()


def test_a_recording_of_many_pieces_arrives_whole(house: House, client: TestClient) -> None:
    """Several megabytes, asked for at once, are what was deposited, and the log says so."""
    recording, cookie, evaluator = house.listener(os.urandom(3_000_001))
    assert client.get(f"/ecoute/{recording}", headers=_cookie(cookie)).content == house.deposited[recording]
    (sitting,) = house.sittings(recording)
    assert (sitting.person_id, sitting.parts) == (evaluator.id, [[0, 3_000_001]])


# what the store does


def test_a_store_that_does_not_answer_is_said_calmly(house: House, client: TestClient) -> None:
    """A page that says so; the key is dropped, nothing is in the log of listening, and no name or path in ours."""
    recording, cookie, _ = house.listener()

    def fail(_verb: str) -> None:
        raise StorageUnavailable("the store has trouble")

    assert isinstance(house.objects, MemoryObjects)
    house.objects.before = fail
    with capture_logs() as logs:
        answer = client.get(f"/ecoute/{recording}", headers=_cookie(cookie))
    assert answer.status_code == 503
    assert "momentanément indisponible" in answer.text
    assert logs == [{"event": "listening.failed", "log_level": "error", "recording": recording, "error": "StorageUnavailable"}]
    assert house.entries("listening.began") == []


def test_nothing_is_logged_of_a_visit(house: House, client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """Neither links nor cookies, names or keys."""
    caplog.set_level("DEBUG")
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    token = house.send(house.grant(evaluator, recording))
    with capture_logs() as logs:
        client.post(f"/e/{token}")
        client.get("/ecoute")
        client.get(f"/ecoute/{recording}", headers={"range": "bytes=5-"})
    assert logs == []
    assert not any(token in record.getMessage() for record in caplog.records if not record.name.startswith("httpx"))


# how often


@pytest.mark.slow
def test_a_player_may_ask_often_and_not_without_end(house: House) -> None:
    """Six hundred ranges at once, and meanwhile the pages of others behind the same address still open."""
    recording, cookie, _ = house.listener()
    with _client(house, seconds=lambda: 0.0) as client:
        asked_for = {"range": "bytes=0-0", **_cookie(cookie)}
        assert {client.get(f"/ecoute/{recording}", headers=asked_for).status_code for _ in range(600)} == {206}
        assert client.get(f"/ecoute/{recording}", headers=asked_for).status_code == 429
        assert client.get("/ecoute", headers=_cookie(cookie)).status_code == 200


def test_a_link_hammered_is_slowed_down(house: House) -> None:
    """Sixty times at once, as any personal link."""
    with _client(house, seconds=lambda: 0.0) as client:
        assert {client.post("/e/x").status_code for _ in range(60)} == {404}
        assert client.post("/e/x").status_code == 429


def test_only_the_room_may_run_a_script(house: House, client: TestClient) -> None:
    """Sound and our own script are allowed on the one page that plays; nowhere is anything inline."""
    _, cookie, _ = house.listener()
    page = client.get("/ecoute", headers=_cookie(cookie))
    for rule in ("media-src 'self'", "script-src 'self'", "connect-src 'self'", "default-src 'none'"):
        assert rule in page.headers["content-security-policy"]
    assert page.text.count("<script") == 1
    assert 'style="' not in page.text
    for path in ("/", "/e/x", "/ecoute/quitte", "/ecoute/rec_x"):
        policy = client.get(path).headers["content-security-policy"]
        assert "script-src" not in policy
        assert "media-src" not in policy
    script = client.get("/static/listening.js")
    assert (script.status_code, script.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


# while it plays


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
@pytest.mark.parametrize("end", _ENDS)
def test_a_stream_in_progress_ends(anywhere: House, end: Callable[[House, str], None]) -> None:
    """A listener who is in the middle of a recording gets what was on its way, and nothing that is read after the end."""
    house = anywhere
    recording, cookie, _ = house.listener(os.urandom(24_000_000))
    with _served(house) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.connect()
        assert connection.sock is not None
        connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        connection.request("GET", f"/ecoute/{recording}", headers=_cookie(cookie))
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
        connection.request("GET", f"/ecoute/{recording}", headers=_cookie(cookie))
        connection.getresponse().read(100_000)
        connection.close()
        time.sleep(0.5)
    (sitting,) = house.sittings(recording)
    assert sitting.parts[0][1] < 20_000_000
