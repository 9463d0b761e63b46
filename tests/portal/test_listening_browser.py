"""The listening room in a real browser: a link, a button, a player that seeks and falls silent; by keyboard, on a phone, in the dark."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
import uvicorn
from playwright.sync_api import Browser, Locator, Page, ViewportSize, sync_playwright

from intake.shares import Share
from portal.app import create_app
from registry.codes import Code, Language
from registry.database import Database
from registry.states import RecordingState
from registry.tables import Recording
from tests.factories import coordinator, moved
from tests.portal.test_browser import _FOCUS_SEEN, _TELL_REFUSALS, _judge
from tests.scenarios.centre import large_recording
from tests.scenarios.centre import recording as sound
from tests.sharing.house import House, opened
from tests.support.databases import SqliteTemplates
from tests.support.registry import build

pytestmark = pytest.mark.browser

_SETTLED = "(player) => player.readyState >= 2 && !player.seeking"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the system's Chromium once."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--autoplay-policy=no-user-gesture-required"]
        )
        yield browser
        browser.close()


@pytest.fixture
def house(sqlite_templates: SqliteTemplates, tmp_path: Path) -> Iterator[House]:
    """Serve the pages of a house on a free port of the loopback."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "house.db")
    database = Database(f"sqlite:///{tmp_path / 'house.db'}")
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    with opened(database, Share(tmp_path), portal_url=f"http://127.0.0.1:{listening.getsockname()[1]}") as house:
        app = create_app(house.services())
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_config=None, lifespan="off", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield house
        server.should_exit = True
        thread.join()
    listening.close()
    database.close()


def _page(browser: Browser, *, width: int = 1280, scheme: Literal["light", "dark"] = "light", script: bool = True) -> Page:
    view: ViewportSize = {"width": width, "height": 800}
    context = browser.new_context(viewport=view, color_scheme=scheme, java_script_enabled=script, locale="fr-FR")
    context.set_default_timeout(10_000)
    return context.new_page()


def _signed_in(page: Page, house: House, secret: str) -> Page:
    page.context.add_cookies([{"name": "consigne", "value": secret, "url": house.portal_url}])
    page.goto(f"{house.portal_url}/ecoute")
    return page


def _play(player: Locator) -> None:
    player.evaluate("(player) => player.play()")
    player.page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")


def test_from_the_mail_to_the_sound_and_to_its_middle(browser: Browser, house: House) -> None:
    """An evaluator opens the link, presses the button, plays, seeks, and leaves; the log has it, and the back button brings nothing."""
    recording, evaluator = house.deposit(house.file(), sound(1)), house.evaluator()
    page = _page(browser)
    page.goto(f"{house.portal_url}/e/{house.send(house.grant(evaluator, recording))}")
    page.get_by_role("button", name="Écouter").click()
    page.wait_for_url("**/ecoute*")
    player = page.locator("audio")
    assert player.evaluate("(player) => player.readyState") == 0  # nothing is fetched, and so noted, before somebody plays
    assert house.entries("listening.began") == []
    _play(player)
    assert player.evaluate("(player) => player.seekable.end(0) > 5")
    player.evaluate("(player) => { player.currentTime = player.duration * 0.75 }")
    page.wait_for_function("() => { const p = document.querySelector('audio'); return !p.seeking && p.currentTime > p.duration * 0.76 }")
    assert player.evaluate("(player) => player.error") is None
    (sitting,) = house.sittings(recording)
    assert (sitting.person_id, len(house.entries("listening.began"))) == (evaluator.id, 1)
    page.get_by_role("button", name="Quitter").click()
    page.wait_for_url("**/quitte*")
    page.go_back()
    assert page.locator("audio").count() == 0


def test_a_seek_asks_from_there_on(browser: Browser, house: House) -> None:
    """A click into a long recording asks for what begins there: what lies between is not waited for."""
    data = large_recording(1)  # 12 MB, well beyond what a browser reads ahead at once
    recording, evaluator = house.deposit(house.file(), data), house.evaluator()
    house.grant(evaluator, recording)
    page = _signed_in(_page(browser), house, house.sign_in(evaluator.id))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.headers.get("range", "")) if recording in request.url else None)
    _play(page.locator("audio"))
    page.locator("audio").evaluate("(player) => { player.currentTime = player.duration * 0.9 }")
    page.wait_for_function("() => { const p = document.querySelector('audio'); return !p.seeking && p.currentTime > p.duration * 0.9 }")
    starts = [int(one.removeprefix("bytes=").partition("-")[0]) for one in asked if one]
    assert starts[0] == 0
    assert max(starts) > len(data) * 0.7


def test_it_falls_silent_while_it_plays(browser: Browser, house: House) -> None:
    """The jury decides: within seconds the page stops what the browser had already fetched, and says so."""
    recording, cookie, _ = house.listener(sound(1) * 20)
    page = _signed_in(_page(browser), house, cookie)
    player = page.locator("audio")
    _play(player)
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DECIDED)
    page.get_by_text("ne peut plus être écouté").wait_for(state="visible")
    assert player.evaluate("(player) => player.paused && !player.hasAttribute('src')")
    assert not player.is_visible()
    page.reload()
    assert page.get_by_role("heading", level=1).inner_text() == "Rien à écouter pour l’instant"


def test_one_plays_at_a_time(browser: Browser, house: House) -> None:
    """To play one pauses the other."""
    evaluator = house.evaluator()
    for number in (1, 2):
        house.grant(evaluator, house.deposit(house.file(f"C-{number}", code=f"S-{number}", mail=f"c{number}@x.test"), sound(number)))
    page = _signed_in(_page(browser), house, house.sign_in(evaluator.id))
    _play(page.locator("audio").first)
    page.locator("audio").nth(1).evaluate("(player) => player.play()")
    page.wait_for_function("() => document.querySelectorAll('audio')[0].paused")
    assert not page.locator("audio").nth(1).evaluate("(player) => player.paused")


def test_by_keyboard_alone(browser: Browser, house: House) -> None:
    """Tab reaches the button and the player, Space plays and pauses, arrows seek; the focus can be seen."""
    recording, evaluator = house.deposit(house.file(), sound(1) * 20), house.evaluator()
    page = _page(browser)
    page.goto(f"{house.portal_url}/e/{house.send(house.grant(evaluator, recording))}")
    for wanted in ("button", "audio"):
        for _ in range(12):
            page.keyboard.press("Tab")
            name = page.evaluate("document.activeElement.localName")
            assert page.evaluate(_FOCUS_SEEN), name
            if name == wanted and page.evaluate("document.activeElement.className") != "plain":
                break
        else:
            pytest.fail(f"Tab does not reach the {wanted}")
        page.keyboard.press("Enter" if wanted == "button" else "Space")
        if wanted == "button":
            page.wait_for_url("**/ecoute*")
    page.wait_for_function("() => document.querySelector('audio').currentTime > 0.2")
    before = page.evaluate("document.querySelector('audio').currentTime")
    page.keyboard.press("ArrowRight")
    page.wait_for_function("(before) => document.querySelector('audio').currentTime > before + 2", arg=before)
    page.keyboard.press("Space")
    page.wait_for_function("() => document.querySelector('audio').paused")


def test_it_plays_without_javascript(browser: Browser, house: House) -> None:
    """The player is the browser's own, and the form signs in without a script."""
    recording, evaluator = house.deposit(house.file(), sound(1)), house.evaluator()
    page = _page(browser, width=360, script=False)
    page.goto(f"{house.portal_url}/e/{house.send(house.grant(evaluator, recording))}")
    page.get_by_role("button", name="Écouter").click()
    page.wait_for_url("**/ecoute*")
    assert page.locator("audio[controls]").count() == 1


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (360, "dark"), (2000, "light")])
def test_pages_fit_and_are_accessible(browser: Browser, house: House, width: int, scheme: Literal["light", "dark"]) -> None:
    """Every page, in both languages: no sideways scrolling, text of 16 px at least, nothing that axe-core or the policy finds wrong."""
    evaluator = house.evaluator(language=Language.EN)
    for number, after in ((1, 0.0), (2, 3.0)):
        name = "Anticonstitutionnellement-Exemplaire" if number == 1 else "Zyxwvut"
        file = house.file(f"C-{number}", code=f"S-{number}", mail=f"c{number}@x.test", family_name=name)
        given = house.grant(evaluator, house.deposit(file, sound(number)), after=after)
    house.deposit(house.file("C-9", code="S-9", mail="c9@x.test"), sound(9), Code.DAMAGED, Code.LATE)
    token = house.send(given)
    page = _page(browser, width=width, scheme=scheme)
    refused: list[str] = []
    page.on("console", lambda message: refused.append(message.text) if message.text.startswith("refused:") else None)
    page.add_init_script(_TELL_REFUSALS)
    for path in (f"/e/{token}", "/ecoute"):
        for language in ("fr", "en"):
            page.goto(f"{house.portal_url}{path}?lang={language}")
            _judge(page)
    page.goto(f"{house.portal_url}/e/{token}")
    page.get_by_role("button", name="Listen").click()
    page.wait_for_url("**/ecoute*")
    for language in ("fr", "en"):
        page.goto(f"{house.portal_url}/ecoute?lang={language}")
        _judge(page)
    page.get_by_role("button", name="Leave").click()
    _judge(page)
    house.clock.go_on(minutes=6)
    page.goto(f"{house.portal_url}/e/{token}")
    _judge(page)
    page.get_by_role("button").click()
    _judge(page)
    _signed_in(page, house, house.sign_in(coordinator(house.database)))
    _judge(page)
    assert [one for one in refused if "axe" not in one] == []
