"""Choosing between two recordings dropped together."""

from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from portal.app import create_app
from registry.states import Unlistenable
from tests.portal.making import GOOD, NOW, Place


def _two(place: Place) -> tuple[str, str]:
    return place.record("un.mp3"), place.record("deux <b>.mp3", received_at=NOW + timedelta(seconds=5), seconds=1700)


def test_the_candidate_says_which_one(anywhere: Place) -> None:
    """The chosen one stays, the other is replaced, and asking again changes nothing."""
    first, second = _two(anywhere)
    token = anywhere.link()
    with TestClient(create_app(anywhere.services()), base_url="http://portal.test", follow_redirects=False) as client:
        page = client.get(f"/c/{token}").text
        assert "24\u00a0min\u00a012\u00a0s · 5,8\u00a0Mo" in page
        assert "28\u00a0min\u00a020\u00a0s" in page
        assert "deux &lt;b&gt;.mp3" in page
        sent = client.post(f"/c/{token}", data={"recording": first})
        assert (sent.status_code, sent.headers["location"]) == (303, f"{token}/merci")
        assert "C’est noté" in client.get(f"/c/{token}/merci").text
        assert anywhere.recording(second).unlistenable is Unlistenable.REPLACED
        assert anywhere.recording(first).unlistenable is None
        assert anywhere.woken == 1
        assert client.post(f"/c/{token}", data={"recording": second}).status_code == 303
        assert anywhere.recording(first).unlistenable is None
        assert "pas de choix à faire" in client.get(f"/c/{token}").text
    assert "recording.chosen" in anywhere.kinds()


@pytest.mark.parametrize("chosen", ["rec_" + "0" * 32, "'; DROP TABLE recording; --", "\u202egnp"])
def test_a_recording_that_is_not_offered_is_not_chosen(place: Place, client: TestClient, chosen: str) -> None:
    """Another dossier's recording, or nonsense: nothing changes, and the question is asked again."""
    _two(place)
    token = place.link()
    before = place.everything()
    sent = client.post(f"/c/{token}", data={"recording": chosen})
    assert (sent.status_code, sent.headers["location"]) == (303, token)
    assert place.everything() == before
    assert client.get(f"/c/{token}/merci").status_code == 303


def test_choosing_nothing_asks_again(place: Place, client: TestClient) -> None:
    """The page says what to do."""
    _two(place)
    answer = client.post(f"/c/{place.link()}", data={})
    assert answer.status_code == 422
    assert "Choisissez l’un des enregistrements" in answer.text


def test_another_candidate_has_no_choice_here(place: Place, client: TestClient) -> None:
    """A link of another dossier shows its own dossier, and cannot choose here."""
    first, _ = _two(place)
    other = place.link("C-02")
    assert "There is nothing to choose" in client.get(f"/c/{other}").text
    client.post(f"/c/{other}", data={"recording": first})
    assert place.kinds() == []


def test_the_form_leads_to_the_choice(place: Place, client: TestClient) -> None:
    """What we have says that two came together, and links to where one is chosen."""
    token = place.link()
    _two(place)
    page = client.get(f"/a/{token}").text
    assert f'href="../c/{token}"' in page
    assert "Lire la réponse entière" not in page  # the question is never folded away
    client.post(f"/a/{token}", data=GOOD)
    assert f'href="../../c/{token}"' in client.get(f"/a/{token}/merci").text
