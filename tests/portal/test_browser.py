"""The pages in a real browser: by keyboard, on a phone, without JavaScript, in the dark, and as axe-core judges them."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from functools import cache
from importlib.resources import files
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from portal.app import create_app
from registry.states import RecordingState, Unlistenable
from tests.portal.making import NOW, Place
from tests.support.registry import Opener

pytestmark = pytest.mark.browser

_PHONE, _DESK = 360, 1280
_SMALLEST = "Math.min(...[...document.querySelectorAll('body *')].map((one) => parseFloat(getComputedStyle(one).fontSize)))"
_TELL_REFUSALS = "document.addEventListener('securitypolicyviolation', (event) => console.log('refused:', event.violatedDirective))"
_FOCUS_SEEN = """() => {
  const seen = (one) => {
    const style = getComputedStyle(one);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const active = document.activeElement;
  return seen(active) || (active.closest("label") !== null && seen(active.closest("label")));
}"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def served(sqlite_url: str, database_at: Opener) -> Iterator[tuple[Place, str]]:
    """Serve the pages on a free port of the loopback."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    with Place.opened(database_at(sqlite_url), portal_url=address) as place:
        server = uvicorn.Server(uvicorn.Config(create_app(place.services()), access_log=False, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield place, address
        server.should_exit = True
        thread.join()
    listening.close()


def _page(browser: Browser, *, width: int = _DESK, scheme: Literal["light", "dark"] = "light", script: bool = False) -> Page:
    view: ViewportSize = {"width": width, "height": 800}
    context = browser.new_context(viewport=view, color_scheme=scheme, java_script_enabled=script, locale="fr-FR")
    context.set_default_timeout(10_000)
    return context.new_page()


def _fill(page: Page) -> None:
    page.get_by_label("Date de l’appel").fill("2026-03-12")
    page.get_by_label("Heure de l’appel").fill("14:30")
    for point in ("que l’appel est enregistré", "à quoi sert l’enregistrement", "combien de temps il est gardé"):
        page.get_by_label(point).check()
    page.get_by_label("Date de l’accord").fill("2026-03-12")
    page.get_by_label("Oralement, avant de lancer").check()
    page.get_by_label("Notice d’octobre 2024", exact=True).check()
    page.get_by_label("Fonction de votre interlocuteur").select_option(label="Paie")


def test_the_form_on_a_phone_without_javascript(browser: Browser, served: tuple[Place, str]) -> None:
    """A candidate opens the link of his mail, fills the page in and reads that nothing is left to do."""
    place, address = served
    recording = place.record()
    page = _page(browser, width=_PHONE)
    page.goto(f"{address}/a/{place.link()}")
    page.get_by_text("Lire ce texte").click()
    assert page.get_by_text("uniquement à évaluer le conseiller").is_visible()
    _fill(page)
    page.get_by_role("button", name="Envoyer mon attestation").click()
    page.wait_for_url("**/merci")
    assert page.get_by_role("heading", level=1).inner_text() == "Merci, votre attestation est enregistrée"
    assert page.get_by_text("vous n’avez plus rien à faire", exact=False).first.is_visible()
    assert place.recording(recording).state is RecordingState.ACCEPTED
    page.reload()
    assert len(place.consents()) == 1
    page.get_by_role("link", name="Revoir ce qui est enregistré").click()
    assert page.get_by_role("heading", name="Votre attestation est enregistrée").is_visible()


def test_the_form_by_keyboard_alone(browser: Browser, served: tuple[Place, str]) -> None:
    """Tab, Space, arrows and Enter suffice, and the focus can be seen at each stop."""
    place, address = served
    page = _page(browser, script=True)
    page.goto(f"{address}/a/{place.link()}")
    typed = {"call_date": "03122026", "call_time": "0230PM", "given_on": "03122026"}  # as this Chromium orders its date fields
    done: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        name = page.evaluate("document.activeElement.name || document.activeElement.type || ''")
        assert page.evaluate(_FOCUS_SEEN), f"no visible focus on {page.evaluate('document.activeElement.outerHTML')}"
        if name in done:
            continue
        done.add(name)
        if name in typed:
            page.keyboard.type(typed[name])
        elif name.startswith("told_") or name in {"way", "notice"}:
            page.keyboard.press("Space")
        elif name == "submit":
            page.keyboard.press("Enter")
            break
    page.wait_for_url("**/merci")
    (kept,) = place.consents()
    assert (str(kept.call_date), kept.source) == ("2026-03-12", "form")


def test_what_is_left_to_look_at_keeps_what_was_typed(browser: Browser, served: tuple[Place, str]) -> None:
    """An unfinished form comes back as it was, each point linked to its field."""
    place, address = served
    page = _page(browser, width=_PHONE)
    page.goto(f"{address}/a/{place.link()}")
    _fill(page)
    page.get_by_label("combien de temps il est gardé").uncheck()
    page.get_by_role("button").click()
    assert page.title().startswith("À revoir")
    assert page.get_by_role("alert").locator("li").count() == 1
    assert page.get_by_label("Date de l’appel").input_value() == "2026-03-12"
    assert page.get_by_label("à quoi sert l’enregistrement").is_checked()
    page.get_by_label("combien de temps il est gardé").check()
    page.get_by_role("button").click()
    page.wait_for_url("**/merci")


def test_choosing_between_two_recordings(browser: Browser, served: tuple[Place, str]) -> None:
    """The candidate picks one of two, by a click on its whole block."""
    place, address = served
    first = place.record("un.mp3")
    second = place.record("deux.mp3", received_at=NOW + timedelta(seconds=5), seconds=1700)
    page = _page(browser, width=_PHONE)
    page.goto(f"{address}/c/{place.link()}")
    page.get_by_text("« un.mp3 »".replace("« ", "«\u202f").replace(" »", "\u202f»")).click()
    page.get_by_role("button", name="C’est celui-ci").click()
    page.wait_for_url("**/merci")
    assert place.recording(second).unlistenable is Unlistenable.REPLACED
    assert place.recording(first).unlistenable is None


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (_PHONE, "dark"), (2000, "light")])
def test_pages_fit_and_are_accessible(browser: Browser, served: tuple[Place, str], width: int, scheme: Literal["light", "dark"]) -> None:
    """Every page, in both languages: no sideways scrolling, text of 16 px at least, nothing that axe-core finds wrong."""
    place, address = served
    token, english, empty = place.link(), place.link("C-02"), place.link("C-02")
    place.record("un.mp3")
    place.record("deux.mp3", received_at=NOW + timedelta(seconds=5))
    page = _page(browser, width=width, scheme=scheme, script=True)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.text.startswith("refused:") else None)
    page.add_init_script(_TELL_REFUSALS)
    for path in (f"/a/{token}", f"/a/{english}", f"/c/{token}", "/", "/nowhere"):
        page.goto(address + path)
        _judge(page)
    page.goto(f"{address}/a/{empty}?lang=fr")
    page.get_by_role("button").click()
    _judge(page)
    _fill(page)
    page.get_by_role("button").click()
    page.wait_for_url("**/merci*")
    _judge(page)
    page.goto(f"{address}/a/{empty}")
    _judge(page)
    assert refused == []


def _judge(page: Page) -> None:
    width, scrolled = page.evaluate("[document.documentElement.clientWidth, document.documentElement.scrollWidth]")
    assert scrolled <= width, f"{page.title()} scrolls sideways"
    assert page.evaluate(_SMALLEST) >= 16
    page.evaluate(_axe())
    found = page.evaluate("axe.run()")
    assert [(one["id"], one["help"], [node["html"] for node in one["nodes"]]) for one in found["violations"]] == []
    assert len(found["passes"]) > 10


@cache
def _axe() -> str:
    return files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")
