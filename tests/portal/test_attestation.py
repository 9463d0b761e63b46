"""The attestation form: what it shows, what it keeps, and what it gives back to look at."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time, timedelta

import pytest
from starlette.testclient import TestClient

from consent.record import ClientRole, ConsentRecord, Source, Way
from portal.app import create_app
from registry.codes import Language
from registry.database import Database
from registry.states import RecordingState
from tests.portal.making import GOOD, HEARING, NOW, Place

pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def client_anywhere(anywhere: Place) -> Iterator[TestClient]:
    """Give a client of the pages, on one database and on the other."""
    with TestClient(create_app(anywhere.services()), base_url="http://portal.test", follow_redirects=False) as client:
        yield client


def test_a_good_form_is_kept_and_the_waiting_recording_accepted(anywhere: Place, client_anywhere: TestClient) -> None:
    """The record holds what was typed, the recording that waited is ruled on, and the rest of the centre is woken once."""
    token, recording = anywhere.link(), anywhere.record()
    sent = client_anywhere.post(f"/a/{token}", data=GOOD)
    assert (sent.status_code, sent.headers["location"]) == (303, f"{token}/merci")
    (kept,) = anywhere.consents()
    record = ConsentRecord.from_json(kept.record)
    assert (record.call_date, record.call_time, record.given_on) == (date(2026, 3, 12), time(14, 30), date(2026, 3, 12))
    assert (record.way, record.notice_id, record.client_role, record.source) == (
        Way.ORAL_BEFORE,
        "2024-10",
        ClientRole.PAYROLL,
        Source.FORM,
    )
    assert all((record.told_recording, record.told_purpose, record.told_retention))
    assert (record.candidate_reference, record.attested_on) == ("C-01", date(2026, 5, 13))
    assert anywhere.recording(recording).state is RecordingState.ACCEPTED
    assert anywhere.woken == 1
    assert anywhere.kinds()[0] == "consent.attested"
    assert "plus rien à faire" in client_anywhere.get(f"/a/{token}/merci").text


def test_sending_the_same_form_twice_keeps_one_attestation(anywhere: Place, client_anywhere: TestClient) -> None:
    """A double click does nothing more."""
    token = anywhere.link()
    for _ in range(2):
        assert client_anywhere.post(f"/a/{token}", data=GOOD).status_code == 303
    assert len(anywhere.consents()) == 1


def test_a_double_click_from_two_windows_keeps_one(anywhere: Place) -> None:
    """Four forms at the same moment: one attestation, and no error for anybody."""
    token, app = anywhere.link(), create_app(anywhere.services())

    def send(_: int) -> int:
        with TestClient(app, base_url="http://portal.test", follow_redirects=False) as client:
            return client.post(f"/a/{token}", data=GOOD).status_code

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(send, range(4))) == [303] * 4
    assert len(anywhere.consents()) == 1


def test_a_second_form_takes_the_place_of_one_that_met_no_recording(anywhere: Place, client_anywhere: TestClient) -> None:
    """The candidate corrects himself: the last word counts."""
    token = anywhere.link()
    client_anywhere.post(f"/a/{token}", data=GOOD)
    client_anywhere.post(f"/a/{token}", data={**GOOD, "given_on": "2026-03-11"})
    first, second = anywhere.consents()
    assert (first.superseded_by, second.superseded_by) == (second.id, None)


def test_opening_a_link_changes_nothing(place: Place, client: TestClient) -> None:
    """Scanners of mail open links: no row of any table changes."""
    token = place.link()
    place.record()
    before = place.everything()
    for path in (f"/a/{token}", f"/a/{token}/merci", f"/c/{token}", f"/c/{token}/merci"):
        for method in ("GET", "HEAD"):
            assert client.request(method, path).status_code in {200, 303}
    assert place.everything() == before
    assert place.woken == 0


def test_the_form_shows_what_is_known(place: Place, client: TestClient) -> None:
    """Reference, session, earliest date of the call, last day in words, the client's reference and the contact are printed."""
    page = client.get(f"/a/{place.link()}").text
    for words in (
        "C-01",
        "CQP Conseiller Entreprise · Bloc 1 · session du lundi 15 juin 2026",
        "À partir du lundi 16 juin 2025",
        "jusqu’au lundi 25 mai 2026 inclus (23\u00a0h\u00a059)",
        "dans 12 jours",
        "Claire Example",
        "https://teams.example.org/claire",
        "uniquement à évaluer le conseiller",
        "N’écrivez aucun nom",
    ):
        assert words in page
    assert re.search(r"[BCDFGHJKMNPRTVWX]{4}-[BCDFGHJKMNPRTVWX]{4}", page)
    assert "2026-draft" not in page
    assert "Exemple" not in page.replace("Par exemple", "")  # whoever finds a link learns no name


@pytest.mark.parametrize(
    ("day", "said"), [(12, "c’est aujourd’hui"), (11, "c’est demain"), (13, "Le dernier jour de dépôt, le lundi 25 mai 2026, est passé")]
)
def test_the_last_day_is_near_or_past(place: Place, client: TestClient, day: int, said: str) -> None:
    """The distance to the last day is said in words."""
    token = place.link()
    place.clock.time = NOW + timedelta(days=day)
    assert said in client.get(f"/a/{token}").text


def test_faults_stand_beside_their_fields_and_the_rest_is_kept(place: Place, client: TestClient) -> None:
    """Nothing is saved, each field says what is left to look at, and what was typed is still there."""
    answer = client.post(f"/a/{place.link()}", data={"call_date": "douze mars", "way": "written", "told_purpose": "1"})
    assert answer.status_code == 422
    page = answer.text
    for field in ("call_date", "told_recording", "told_retention", "given_on", "notice"):
        assert f'id="{field}-fault"' in page
    assert 'id="way-fault"' not in page
    assert 'id="told_purpose-fault"' not in page
    assert re.search(r'<input type="text" id="call_date"[^>]*value="douze mars"', page)
    assert re.search(r'id="way-written"[^>]* checked', page)
    assert "« douze mars » n’est pas une date" in page.replace("\u202f", " ")
    assert "Il reste 5 points" in page
    assert place.consents() == []


@pytest.mark.parametrize(
    ("change", "field", "said"),
    [
        ({"call_date": "2025-06-15"}, "call_date", "au plus tôt du lundi 16 juin 2025"),
        ({"call_date": "2026-05-14"}, "call_date", "n’est pas encore venue"),
        ({"given_on": "2026-05-14"}, "given_on", "postérieur à l’appel"),
        ({"given_on": "2026-03-13"}, "given_on", "postérieur à l’appel"),
        ({"given_on": "2024-01-10"}, "notice", "pas en usage le mercredi 10 janvier 2024"),
        ({"notice": "2026-draft"}, "notice", "pas en usage"),
        ({"notice": "none"}, "notice", "pas connue"),
        ({"way": "telepathy"}, "way", "pas une réponse possible"),
        ({"client_role": "Madame Dupont"}, "client_role", "pas une réponse possible"),
        ({"call_time": "25h00"}, "call_time", "pas une heure"),
        ({"told_retention": "0"}, "told_retention", "combien de temps"),
    ],
)
def test_each_rule_has_its_words(place: Place, client: TestClient, change: dict[str, str], field: str, said: str) -> None:
    """What the rules refuse is said at the field that it concerns, and nothing is kept."""
    answer = client.post(f"/a/{place.link()}", data={**GOOD, **change})
    assert answer.status_code == 422
    found = re.search(rf'id="{field}-fault">(.*?)</p>', answer.text, re.DOTALL)
    assert found is not None
    assert said in found[1]
    assert place.consents() == []


@pytest.mark.parametrize("typed", ["12/03/2026", "12 mars 2026", "jeudi 12 mars 2026", "12.3.26", "2026-03-12"])
def test_dates_are_read_as_people_write_them(place: Place, client: TestClient, typed: str) -> None:
    """A browser without date fields sends text."""
    token = place.link()
    assert client.post(f"/a/{token}", data={**GOOD, "call_date": typed, "given_on": typed, "call_time": "14h30"}).status_code == 303
    assert place.consents()[0].call_date == date(2026, 3, 12)


def test_the_first_admissible_day_is_taken(place: Place, client: TestClient) -> None:
    """The boundary that is printed is the one that is applied."""
    assert client.post(f"/a/{place.link()}", data={**GOOD, "call_date": "2025-06-16", "given_on": "2025-06-16"}).status_code == 303


def test_optional_items_may_be_left_out(place: Place, client: TestClient) -> None:
    """No time and no role: kept all the same."""
    assert client.post(f"/a/{place.link()}", data={**GOOD, "call_time": "", "client_role": ""}).status_code == 303
    record = ConsentRecord.from_json(place.consents()[0].record)
    assert (record.call_time, record.client_role) == (None, None)


def test_an_attestation_without_recording_can_be_corrected(place: Place, client: TestClient) -> None:
    """The page says what is on record and that sending again replaces it; the form starts from it, but for the ticks."""
    token = place.link()
    client.post(f"/a/{token}", data=GOOD)
    page = client.get(f"/a/{token}").text
    assert "Votre attestation est enregistrée" in page
    assert "un nouvel envoi la remplace" in page
    assert "jeudi 12 mars 2026, 14:30" in page
    assert 'value="2026-03-12"' in page
    assert not re.search(r'id="told_recording"[^>]* checked', page)


def test_an_attestation_that_met_its_recording_stays_and_the_next_is_spare(place: Place, client: TestClient) -> None:
    """Another attestation is kept for a replacement, and the page says so; the first stays with its recording."""
    token = place.link()
    place.record()
    client.post(f"/a/{token}", data=GOOD)
    page = client.get(f"/a/{token}").text
    assert "Elle est attachée" in page
    assert "gardée pour l’enregistrement" not in page
    assert 'value="2026-03-12"' not in page  # another call: the form starts empty
    client.post(f"/a/{token}", data={**GOOD, "call_date": "2026-04-02", "given_on": "2026-04-01"})
    page = client.get(f"/a/{token}").text
    assert "gardée pour l’enregistrement qui remplacera" in page
    assert "jeudi 12 mars 2026, 14:30" in page
    assert [one.superseded_by for one in place.consents()] == [None, None]


def test_a_replacement_needs_its_own_attestation(place: Place, client: TestClient) -> None:
    """What was attested of the first recording does not count for the second: the form is what there is to do."""
    token = place.link()
    place.record("un.mp3")
    client.post(f"/a/{token}", data=GOOD)
    second = place.record("deux.mp3", received_at=NOW + timedelta(hours=1))
    place.clock.time = NOW + timedelta(hours=2)
    page = client.get(f"/a/{token}").text
    assert "il manque votre attestation" in page
    assert "Votre attestation est enregistrée" not in page
    assert '<details class="again">' not in page
    client.post(f"/a/{token}", data={**GOOD, "call_date": "2026-04-02", "given_on": "2026-04-02"})
    assert place.recording(second).state is RecordingState.ACCEPTED


def test_two_attestations_that_disagree_are_settled_by_the_form(place: Place, client: TestClient) -> None:
    """The page says that neither counts; a form sent now takes the place of both."""
    token = place.link()
    client.post(f"/a/{token}", data=GOOD)
    with place.database.transaction(NOW, "system:tests") as tx:
        (one,) = place.consents()
        row = tx.lock(type(one), one.id)
        row.disputed = True
        tx.record("consent.disputed", row.id)
    page = client.get(f"/a/{token}").text
    assert "Deux attestations se contredisent" in page
    assert '<details class="again">' not in page
    assert client.get(f"/a/{token}/merci").status_code == 303
    client.post(f"/a/{token}", data=GOOD)
    assert "Votre attestation est enregistrée" in client.get(f"/a/{token}").text


def test_thanks_before_any_attestation_leads_to_the_form(place: Place, client: TestClient) -> None:
    """The page of thanks never says thank you for nothing."""
    token = place.link()
    answer = client.get(f"/a/{token}/merci?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, f"../{token}?lang=en")


def test_english_by_person_and_by_link(place: Place, client: TestClient) -> None:
    """A candidate reads his own language unless the address asks for the other, also when something is wrong."""
    french, english = place.link(), place.link("C-02")
    assert '<html lang="fr">' in client.get(f"/a/{french}").text
    assert '<html lang="en">' in client.get(f"/a/{english}").text
    assert '<html lang="fr">' in client.get(f"/a/{english}?lang=fr").text
    assert '<html lang="fr">' in client.get(f"/a/{french}?lang=<x>").text
    answer = client.post(f"/a/{french}?lang=en", data={})
    assert "The date of the call is missing." in answer.text
    sent = client.post(f"/a/{french}?lang=en", data=GOOD)
    assert sent.headers["location"] == f"{french}/merci?lang=en"


def test_wrong_and_expired_links_get_one_and_the_same_page(place: Place, client: TestClient) -> None:
    """Nothing tells a link that has expired from one that was never given, and the page says whom to ask."""
    token = place.link()
    place.clock.time = HEARING
    pages = [client.get(path) for path in (f"/a/{token}", f"/c/{token}", "/a/" + "x" * 43, f"/a/{token}/merci", "/nowhere", "/a/")]
    pages.append(client.post(f"/a/{token}", data=GOOD))
    assert {page.status_code for page in pages} == {404}
    assert len({re.sub(r'(href|src)="(\.\./)*(\./)?', "", page.text) for page in pages}) == 1
    assert "claire@centre.test" in pages[0].text
    assert place.consents() == []


def test_a_link_opens_its_own_dossier_only(place: Place, client: TestClient) -> None:
    """What one candidate attests never reaches another, whatever the form says."""
    client.post(f"/a/{place.link('C-02')}", data={**GOOD, "candidate_reference": "C-01", "dossier_id": place.dossiers["C-01"]})
    assert place.consents("C-01") == []
    assert len(place.consents("C-02")) == 1


def test_a_locked_database_keeps_what_was_typed(place: Place) -> None:
    """When nothing can be saved, the page says so and still holds the answers."""
    token = place.link()
    url = str(place.database.engine.url)
    place.database.close()
    place.database, holder = Database(url, busy_seconds=0.05), Database(url)
    with TestClient(create_app(place.services()), base_url="http://portal.test") as client, holder.bookkeeping() as held:
        held.connection().exec_driver_sql("SELECT 1")  # begins, and so takes the lock
        answer = client.post(f"/a/{token}", data=GOOD)
    holder.close()
    assert answer.status_code == 503
    assert "n’a pas pu être enregistrée" in answer.text
    assert 'value="2026-03-12"' in answer.text
    assert place.woken == 0
    assert place.consents() == []


def test_a_unit_without_recording_asks_for_nothing(place: Place, client: TestClient) -> None:
    """No form where no recording is deposited, and a form sent all the same keeps nothing."""
    place.enrol("ucanss-gc", "S-UC", "1", {"C-03": Language.FR})
    token = place.link("C-03")
    assert "Aucun enregistrement n’est demandé" in client.get(f"/a/{token}").text
    assert "<form" not in client.get(f"/a/{token}").text
    client.post(f"/a/{token}", data=GOOD)
    assert place.consents("C-03") == []


def test_what_we_have_follows_the_recording(place: Place, client: TestClient) -> None:
    """Waiting, then destroyed or set aside: the page never shows an answer that no longer holds."""
    token, recording = place.link(), place.record()
    assert "il manque votre attestation" in client.get(f"/a/{token}").text
    assert 'href="#attestation"' in client.get(f"/a/{token}").text
    assert "Lire la réponse entière" in client.get(f"/a/{token}").text
    place.destroy(recording)
    page = client.get(f"/a/{token}").text
    assert "n’est plus conservé" in page
    assert "appel.mp3" not in page
