"""What stands before the pages: headers, bounds, where a form comes from, and calm pages when something is wrong."""

import logging
from dataclasses import replace
from datetime import datetime

import anyio
import pytest
from starlette.testclient import TestClient
from starlette.types import Message
from structlog.testing import capture_logs

from portal.app import create_app
from portal.guard import Bounds
from registry.database import Database
from tests.portal.making import GOOD, Place

_PAGES = ("/", "/healthz", "/nowhere", "/static/style.css", "/a/x", "/c/x", "/a/x/merci")


def test_every_answer_carries_the_headers(client: TestClient) -> None:
    """No script, no frame, no referrer, no guessing of types; nothing personal is cached."""
    for path in _PAGES:
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "script-src" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert ("no-store" in headers["cache-control"]) is not path.startswith("/static")
        assert "strict-transport-security" not in headers


def test_a_portal_with_tls_says_so(place: Place) -> None:
    """Browsers are told to come back by TLS only where the portal's address has it."""
    place.centre = replace(place.centre, portal_url="https://depot.example.org")
    with TestClient(create_app(place.services())) as client:
        assert client.get("/healthz").headers["strict-transport-security"] == "max-age=31536000"


def test_no_page_describes_the_application(client: TestClient) -> None:
    """Neither a schema nor its viewers are served, and nothing but our own two files."""
    for path in ("/docs", "/redoc", "/openapi.json", "/static/../app.py", "/static/%2e%2e/app.py", "/static/style.css/", "/static/"):
        assert client.get(path).status_code == 404


def test_health_says_ok_and_nothing_else(client: TestClient) -> None:
    """A supervisor asks whether the pages are served."""
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text, answer.headers["content-type"]) == (200, "ok", "text/plain; charset=utf-8")


def test_the_home_page_names_the_centre(client: TestClient) -> None:
    """Whoever comes without a link reads where he is."""
    assert "Centre de certification" in client.get("/").text
    assert "personal link" in client.get("/?lang=en").text


def test_other_methods_get_a_calm_page(client: TestClient) -> None:
    """A method that no page knows is refused in words."""
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        answer = client.request(method, "/a/x")
        assert answer.status_code == 405
        assert "Reprenez le lien de votre mail" in answer.text
        assert "Allow" in answer.headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"sec-fetch-site": "cross-site", "origin": "null"}, 403),
        ({"sec-fetch-site": "same-site", "origin": "http://portal.test"}, 403),
        ({"sec-fetch-site": "same-origin", "origin": "null"}, 303),
        ({"sec-fetch-site": "none"}, 303),
        ({"origin": "https://elsewhere.test"}, 403),
        ({"origin": "http://portal.test.elsewhere.test"}, 403),
        ({"origin": "http://["}, 403),
        ({"origin": "http://portal.test"}, 303),
        ({"origin": "null"}, 303),
        ({}, 303),
    ],
)
def test_forms_of_other_sites_are_refused(place: Place, client: TestClient, headers: dict[str, str], status: int) -> None:
    """A browser says from where a form was sent; where it cannot, the token is what protects."""
    answer = client.post(f"/a/{place.link()}", data=GOOD, headers=headers)
    assert answer.status_code == status
    assert len(place.consents()) == (status == 303)


_HOSTILE = (
    "\x00",
    "a" * 5000,
    "\u202e\u2066مرحبا",
    "😀" * 300,
    "9999-12-31",
    "0000-00-00",
    "99999-01-01",
    "<script>alert(1)</script>",
    "{{ 7*7777 }}",
)


def test_hostile_values_are_answered(place: Place, client: TestClient) -> None:
    """Whatever a field holds, the page answers, runs nothing, and keeps no such thing."""
    fields = [*GOOD, "recording", "unheard"]
    forms = [dict.fromkeys(fields, value) for value in _HOSTILE]
    forms += [{**GOOD, name: _HOSTILE[index % len(_HOSTILE)]} for index, name in enumerate(fields)]
    token = place.link()
    for form in forms:
        for path in (f"/a/{token}", f"/c/{token}"):
            answer = client.post(path, data=form)
            assert answer.status_code < 500
            assert "<script" not in answer.text
            assert "\x00" not in answer.text
            assert "\u202e" not in answer.text
            assert "{{ 7*7777 }}" in answer.text or "54439" not in answer.text


def test_bodies_that_are_no_form_are_answered(place: Place, client: TestClient) -> None:
    """Broken encodings, no fields and too many fields are refused in words."""
    path, media_type = f"/a/{place.link()}", {"content-type": "application/x-www-form-urlencoded"}
    for body in (b"", b"\xff\xfe\x00", b"%00=%ff%fe&&&==", b"call_date=%ZZ", b"a&" * 30_000, b"call_date=" + b"%F0%9F%98%80" * 900):
        answer = client.post(path, content=body, headers=media_type)
        assert answer.status_code in {400, 422}
        assert "<h1>" in answer.text


def test_other_kinds_of_body_are_refused(place: Place, client: TestClient) -> None:
    """The form posts one kind of body; nothing else is parsed."""
    path = f"/a/{place.link()}"
    for media_type in (b"multipart/form-data; boundary=x", b"application/json", b"text/plain", b"\xe9"):
        answer = client.post(path, content=b"call_date=2026-03-12", headers=[(b"content-type", media_type)])
        assert answer.status_code == 415


def test_bodies_too_large_are_refused(place: Place, client: TestClient) -> None:
    """A field of ten megabytes is not kept, and gets a page."""
    path = f"/a/{place.link()}"
    for size in (64_001, 10_000_000, 20_000_000):
        answer = client.post(path, content=b"way=" + b"x" * size, headers={"content-type": "application/x-www-form-urlencoded"})
        assert answer.status_code == 413
        assert "trop grand" in answer.text


def test_hostile_links_open_nothing(client: TestClient) -> None:
    """Whatever stands in a link's place, the same page says that it opens nothing."""
    for token in ("%00", "%ff%fe", "a" * 8000, "..%2f..", "%F0%9F%98%80", "'--", "%E2%80%AE", "a%2Fmerci"):
        for path in (f"/a/{token}", f"/c/{token}", f"/a/{token}/merci", f"/{token}"):
            assert client.get(path).status_code == 404


def test_who_asks_too_often_waits(place: Place) -> None:
    """A link hammered is slowed down; another candidate behind the same address is not."""
    client = TestClient(create_app(place.services(), seconds=lambda: 0.0), base_url="http://portal.test", follow_redirects=False)
    token = place.link()
    assert {client.get(f"/a/{token}").status_code for _ in range(60)} == {200}
    assert client.get(f"/c/{token}").status_code == 429
    assert "Recommencez dans une minute" in client.get(f"/a/{token}").text
    assert client.get(f"/a/{place.link('C-02')}").status_code == 200
    assert client.get("/a/elsewhere").status_code == 404


class _BrokenClock:
    """A clock whose failure names a person, as a database's error may."""

    def now(self) -> datetime:
        """Fail."""
        raise RuntimeError("Madame Exemple, c-01@candidates.test")


def test_a_fault_of_ours_shows_a_number_and_no_trace(place: Place) -> None:
    """The page gives an incident number, the log the same number and a type, neither what was being worked on."""
    token = place.link()
    services = place.services()
    broken = type(services)(services.database, services.answering, services.centre, _BrokenClock(), services.notices, services.after_change)
    with capture_logs() as logs, TestClient(create_app(broken), base_url="http://portal.test") as client:
        answer = client.get(f"/a/{token}")
    (entry,) = logs
    assert answer.status_code == 500
    assert entry["incident"] in answer.text
    assert (entry["event"], entry["error"]) == ("portal.failed", "RuntimeError")
    for secret in (token, "Exemple", "candidates.test"):
        assert secret not in answer.text
        assert secret not in str(entry)
    assert "Traceback" not in answer.text


def test_a_database_that_is_away_is_said_calmly(place: Place, tmp_path: object) -> None:
    """Links cannot be opened for the moment, and the page without a link still is."""
    place.database.close()
    place.database = Database(f"sqlite:////{tmp_path}/nowhere/at/all.db")
    with TestClient(create_app(place.services()), base_url="http://portal.test") as client:
        answer = client.get("/a/x")
        assert answer.status_code == 503
        assert "momentanément indisponible" in answer.text
        assert client.get("/").status_code == 200
        assert client.get("/healthz").status_code == 200


def test_nothing_is_logged_of_a_visit(place: Place, client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    """A whole visit leaves no line that holds the link or anything of the person."""
    caplog.set_level(logging.DEBUG)
    token = place.link()
    with capture_logs() as logs:
        client.get(f"/a/{token}")
        client.post(f"/a/{token}", data=GOOD)
        client.get(f"/a/{token}/merci")
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("httpx")]
    assert logs == []
    assert not any(token in line or "Exemple" in line for line in ours)


@pytest.mark.parametrize(("ends", "status"), [("never", 408), ("disconnect", 400)])
def test_a_form_that_never_ends_is_given_up(place: Place, ends: str, status: int) -> None:
    """A body that trickles, or whose sender leaves, is not waited for."""
    app = create_app(place.services(), Bounds(body_seconds=0.05))
    token = place.link()
    sent: list[Message] = []

    async def receive() -> Message:
        if ends == "disconnect":
            return {"type": "http.disconnect"}
        await anyio.sleep(0.01)
        return {"type": "http.request", "body": b"a", "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "path": f"/a/{token}",
        "raw_path": f"/a/{token}".encode(),
        "query_string": b"",
        "root_path": "",
        "scheme": "http",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
        "client": ("192.0.2.1", 5000),
        "server": ("portal.test", 80),
    }
    anyio.run(app, scope, receive, send)
    assert sent[0]["status"] == status
