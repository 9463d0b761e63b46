"""The attestation in the programs that people use: Chromium fills and saves it, LibreOffice and a printer flatten it."""

import base64
import shutil
import subprocess
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, sync_playwright
from pypdf import PdfReader
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from consent.declaration import ReadAttestation
from consent.pdf import read
from tests.consent.test_pdf import WHOLE
from tests.support.attestations import BLANK, filled

SCALE = 96 / 72
"""Pixels of the browser for a point of the page, at 100 %."""
KEEP = """() => {
    window.kept = '';
    const entry = {createWriter: (ready) => { const writer = {write: async (blob) => {
        for (const byte of new Uint8Array(await blob.arrayBuffer())) window.kept += String.fromCharCode(byte);
        if (writer.onwriteend) writer.onwriteend();
    }}; ready(writer); }};
    chrome.fileSystem.chooseEntry = (options, chosen) => chosen(entry);
    window.showSaveFilePicker = async () => ({createWritable: async () => ({
        write: async (blob) => { for (const byte of new Uint8Array(await blob.arrayBuffer())) window.kept += String.fromCharCode(byte); },
        close: async () => {},
    })});
}"""
"""Stands in for the window in which a person chooses where to save, which no program can press."""


@pytest.fixture
def viewer(tmp_path: Path) -> Iterator[Page]:
    """Open the blank attestation in Chromium's own PDF viewer."""
    path = tmp_path / "attestation.pdf"
    path.write_bytes(BLANK)
    chromium = shutil.which("chromium")
    assert chromium is not None
    with sync_playwright() as playwright:
        # the PDF viewer is an extension, which the headless shell lacks and the whole browser has
        browser = playwright.chromium.launch(executable_path=chromium, headless=False, args=["--no-sandbox", "--headless=new"])
        page = browser.new_page(viewport={"width": 1000, "height": 1300})
        page.goto(f"{path.as_uri()}#zoom=100&navpanes=0")
        page.wait_for_timeout(2_500)
        yield page
        browser.close()


def centres() -> dict[str, tuple[float, float]]:
    """Return the middle of each field on the page, in points from the top left; a radio button has the name of its value."""
    found = {}
    for annotation in PdfReader(BytesIO(BLANK)).pages[0]["/Annots"]:  # type: ignore[attr-defined]  # an array of widgets
        widget = annotation.get_object()
        name = widget.get("/T") or next(state for state in widget["/AP"]["/N"] if state != "/Off").removeprefix("/")
        left, bottom, right, top = (float(side) for side in widget["/Rect"])
        found[str(name)] = ((left + right) / 2, A4[1] - (bottom + top) / 2)
    return found


def viewer_frame(page: Page) -> Frame:
    return next(frame for frame in page.frames if frame.url.startswith("chrome-extension://"))


@pytest.mark.browser
@pytest.mark.slow
def test_chromium_fills_and_saves_it(viewer: Page) -> None:
    """What is typed, ticked and chosen in the browser's viewer, and saved with its changes, is what we read."""
    left = (1000 - A4[0] * SCALE) / 2
    top = 58  # the viewer's bar and the gap below it

    def click(name: str) -> None:
        x, y = centres()[name]
        viewer.mouse.click(left + x * SCALE, top + y * SCALE)
        viewer.wait_for_timeout(150)

    for name, text in (("call_date", "12/03/2026"), ("call_time", "14h30"), ("given_on", "12 mars 2026")):
        click(name)
        viewer.keyboard.type(text)
    for name in ("oral_at_start", "told_recording", "told_purpose", "told_retention"):
        click(name)
    for name, steps in (("notice_id", 1), ("client_role", 3)):
        click(name)
        for key in ("ArrowDown",) * steps + ("Enter",):
            viewer.keyboard.press(key)
        viewer.mouse.click(left + 300, top + 1_100)
    frame = viewer_frame(viewer)
    frame.evaluate(KEEP)
    viewer.mouse.click(896, 28)  # download
    viewer.wait_for_timeout(700)
    viewer.mouse.click(885, 73)  # with your changes
    for _ in range(20):
        viewer.wait_for_timeout(500)
        kept = base64.b64decode(str(frame.evaluate("() => btoa(window.kept)")))
        if b"%%EOF" in kept[-16:]:
            break
    assert read(kept) == ReadAttestation(WHOLE)


@pytest.mark.slow
def test_libreoffice_flattens_it_and_a_person_reads_it(tmp_path: Path) -> None:
    """LibreOffice Draw turns the fields into drawings: nothing can be read back, and it is known for what it is."""
    path = tmp_path / "attestation.pdf"
    path.write_bytes(filled())
    out, profile = tmp_path / "out", tmp_path / "profile"
    subprocess.run(
        ["soffice", f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", "pdf", "--outdir", str(out), str(path)],
        check=True,
        capture_output=True,
        timeout=120,
    )
    found = read((out / path.name).read_bytes())
    assert (str(found.problems[0].fault), found.for_a_person) == ("FLATTENED", True)


@pytest.mark.slow
def test_printed_and_scanned_ones_go_to_a_person(tmp_path: Path) -> None:
    """Printed to PDF, it is known by its mark; scanned, by being a picture alone."""
    path = tmp_path / "attestation.pdf"
    path.write_bytes(filled())
    subprocess.run(["pdftocairo", "-pdf", str(path), str(tmp_path / "printed.pdf")], check=True, timeout=60)
    assert str(read((tmp_path / "printed.pdf").read_bytes()).problems[0].fault) == "FLATTENED"
    subprocess.run(["pdftoppm", "-r", "100", "-png", "-singlefile", str(path), str(tmp_path / "scan")], check=True, timeout=60)
    target = BytesIO()
    canvas = Canvas(target, pagesize=A4)
    canvas.drawImage(str(tmp_path / "scan.png"), 0, 0, *A4)
    canvas.save()
    found = read(target.getvalue())
    assert (str(found.problems[0].fault), found.for_a_person) == ("SCANNED", True)
