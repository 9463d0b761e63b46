"""The page that the demonstration ends with."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import sync_playwright

from consigne.demo_index import Event, Link, Shown, write_index


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_index_holds_on_a_phone(tmp_path: Path, scheme: Literal["light", "dark"]) -> None:
    """No width cuts it; on a narrow screen each candidate is a card whose parts say what they are."""
    link = Link("3 - Attestation d’accord du client (à remplir).pdf", "x.pdf")
    one = Shown(
        "CE-001", "typical-call", "enregistrement_" * 5 + ".mp3", "par le PDF", "Bien reçu", True, "TRUNCATED", "3,9 s", [link], [link]
    )
    event = Event(datetime(2027, 1, 6, 13, tzinfo=UTC), "Le jury décide", ["CE-001, " * 12], [link] * 12, ["facts: " * 20], expected=True)
    write_index(tmp_path / "index.html", centre="Centre", shown=[one], staff=[link] * 12, reports=[link], events=[event])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for width in (320, 390, 500, 1000, 1300):
            page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page.goto((tmp_path / "index.html").as_uri())
            for closed in page.locator("summary").all():
                closed.click()
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            labelled = page.locator("td").evaluate_all("all => all.map((one) => getComputedStyle(one, '::before').content)")
            assert all((label != "none") is (width <= 960) for label in labelled), (width, labelled)
        browser.close()
