"""The listening room's pages: links that sign in, a cookie, what is listed, and how often one may ask."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from registry.codes import Code, Language
from registry.tables import Role, SignInLink
from registry.users import add
from sharing import grants, signing_in
from tests.factories import ACTOR, NOW, coordinator, mails_of
from tests.portal.rooms import client_of, cookie_of
from tests.sharing.house import House

pytestmark = [pytest.mark.postgresql_later, pytest.mark.scenario]


@pytest.fixture
def client(house: House) -> Iterator[TestClient]:
    """Give a client of the pages that does not follow where it is sent."""
    with client_of(house) as client:
        yield client


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
    with client_of(house) as secure:
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
    with client_of(house) as client:
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
    assert client.get("/ecoute", headers=cookie_of(cookie)).status_code == 200
    left = client.post("/ecoute/quitter?lang=en", headers=cookie_of(cookie))
    assert left.status_code == 303
    assert 'consigne=""' in left.headers["set-cookie"]
    assert "You have left" in client.get("/ecoute/quitte?lang=en").text
    assert client.get("/ecoute", headers=cookie_of(cookie)).status_code == 403
    assert client.get(f"/ecoute/{recording}", headers=cookie_of(cookie)).status_code == 404


def test_the_page_for_whoever_is_not_signed_in_explains(client: TestClient) -> None:
    """Without a session one reads how to come back."""
    answer = client.get("/ecoute")
    assert answer.status_code == 403
    assert "reprenez le lien de votre mail" in answer.text


def test_a_page_with_nothing_to_hear_says_so(house: House, client: TestClient) -> None:
    """A grant that is over leaves a calm page."""
    assert "Rien à écouter" in client.get("/ecoute", headers=cookie_of(house.sign_in(house.evaluator().id))).text


def test_a_recording_to_come_is_shown_without_a_player(house: House, client: TestClient) -> None:
    """Its day is said; its sound is refused until then."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    house.grant(evaluator, recording, after=2)
    cookie = cookie_of(house.sign_in(evaluator.id))
    page = client.get("/ecoute", headers=cookie).text
    assert "S’ouvre le jeudi 14 mai 2026" in page
    assert recording not in page
    assert client.get(f"/ecoute/{recording}", headers=cookie).status_code == 404


def test_a_coordinator_gets_the_same_player_for_a_review(house: House, client: TestClient) -> None:
    """With what is to be checked, and by when; nothing else is on the page, and no operator signs in."""
    recording = house.deposit(house.file(), None, Code.DAMAGED)
    cookie = cookie_of(house.sign_in(coordinator(house.database)))
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


@pytest.mark.slow
def test_a_player_may_ask_often_and_not_without_end(house: House) -> None:
    """Six hundred ranges at once, and meanwhile the pages of others behind the same address still open."""
    recording, cookie, _ = house.listener()
    with client_of(house, seconds=lambda: 0.0) as client:
        asked_for = {"range": "bytes=0-0", **cookie_of(cookie)}
        assert {client.get(f"/ecoute/{recording}", headers=asked_for).status_code for _ in range(600)} == {206}
        assert client.get(f"/ecoute/{recording}", headers=asked_for).status_code == 429
        assert client.get("/ecoute", headers=cookie_of(cookie)).status_code == 200


def test_a_link_hammered_is_slowed_down(house: House) -> None:
    """Sixty times at once, as any personal link."""
    with client_of(house, seconds=lambda: 0.0) as client:
        assert {client.post("/e/x").status_code for _ in range(60)} == {404}
        assert client.post("/e/x").status_code == 429


def test_only_the_room_may_run_a_script(house: House, client: TestClient) -> None:
    """Sound and our own script are allowed on the one page that plays; nowhere is anything inline."""
    _, cookie, _ = house.listener()
    page = client.get("/ecoute", headers=cookie_of(cookie))
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
