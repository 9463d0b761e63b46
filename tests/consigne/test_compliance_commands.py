"""The compliance officer's commands on a centre as ``init`` makes it: exit codes, what is printed, what is written and never over."""

import re
import shutil
from dataclasses import fields
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from pypdf import PdfReader

from consigne import documents, settings
from consigne.wiring import Parts
from notifications.compliance import Entry
from notifications.replies import Found
from registry.database import Database
from registry.tables import Recording
from tests.consigne.centre import run
from tests.factories import ACTOR, FAMILY_NAME, NOW, accepted, opened

pytestmark = pytest.mark.scenario

CALL = date(2026, 3, 12)
ROOT = Path(__file__).parents[2]
NAME = "Centre d’essai <& associés>"


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre with a compliance officer and two recordings of one day, of two dossiers."""
    home = tmp_path_factory.mktemp("centres") / "centre"
    assert run("init", home, "--name", NAME, "--contact-mail", "coordination@centre.example").code == 0
    assert run("user", "add", "compliance_officer", "Dominique Essai", "dpo@centre.example", home=home).code == 0
    database = Database(f"sqlite:///{home / 'consigne.db'}")
    for file in opened(database, "C-012", "C-013"):
        recording = accepted(database, file, file.dossier.id.encode())
        with database.transaction(NOW, ACTOR) as tx:
            tx.lock(Recording, recording.id).call_date = CALL
            tx.record("test.dated", recording.id)
    database.close()
    return home


@pytest.fixture
def home(founded: Path, tmp_path: Path) -> Path:
    """A copy of it, for one test."""
    return Path(shutil.copytree(founded, tmp_path / "centre", ignore=shutil.ignore_patterns("store")))


def test_answer(home: Path, tmp_path: Path) -> None:
    """Not held is an answer; two dossiers make no page until the reference says which; the page names the officer, and nobody else."""
    ran = run("answer", "--call-date", "13/03/2026", home=home)
    assert (ran.code, "Nous ne détenons aucun enregistrement" in ran.out) == (0, True), ran.err
    assert run("answer", "--call-date", "2026-03-13", "--json", home=home).json()[0]["answer"] == "not_held"
    page = tmp_path / "reply.pdf"
    ran = run("answer", "--call-date", "2026-03-12", "--pdf", page, home=home)
    assert (ran.code, page.exists(), "reference" in ran.err) == (1, False, True)
    assert len(re.findall(r"^rec_.*: held$", ran.out, re.MULTILINE)) == 2
    told = run("answer", "--employer", "entreprise", "--json", home=home).json()[0]
    assert (told["answer"], len(told["recordings"])) == ("held", 2)
    reference = told["recordings"][0]["reference"]
    ran = run("answer", "--reference", reference, "--pdf", page, "--language", "en", home=home)
    assert (ran.code, "dpo@centre.example" in ran.out) == (0, True), ran.err
    text = PdfReader(BytesIO(page.read_bytes())).pages[0].extract_text()
    assert "We keep the recording of your call" in text
    assert reference in text
    assert FAMILY_NAME not in text + ran.out
    assert run("answer", "--reference", reference, "--pdf", page, home=home).code == 1


def test_answer_asks_for_a_question(home: Path) -> None:
    """Nothing asked, or a date that is none, is wrong use; a reference that cannot be ours is refused."""
    assert run("answer", home=home).code == 2
    assert run("answer", "--call-date", "hier", home=home).code == 2
    assert run("answer", "--reference", "xx", home=home).code == 1


def test_register(home: Path, tmp_path: Path) -> None:
    """Nothing destroyed yet: no line, and files that open."""
    ran = run("register", home=home)
    assert (ran.code, ran.out) == (0, "0 destructions\n")
    assert run("register", "--json", home=home).out == ""
    book, page = tmp_path / "register.xlsx", tmp_path / "register.html"
    assert run("register", "--xlsx", book, "--html", page, "--language", "en", home=home).code == 0
    assert load_workbook(book).sheetnames[0] == "Register"
    assert "No destruction so far." in page.read_text("utf-8")
    assert run("register", "--xlsx", book, home=home).code == 1


def test_report(home: Path, tmp_path: Path) -> None:
    """The figures in words and as JSON; the page and the workbook in a directory; a mail to the officer."""
    ran = run("compliance", "report", "--out", tmp_path / "out", "--send", home=home)
    assert (ran.code, "1 mails queued" in ran.out) == (0, True), ran.err
    assert re.search(r"^Détenus +2 ", ran.out, re.MULTILINE)
    assert sorted(one.suffix for one in (tmp_path / "out").iterdir()) == [".html", ".xlsx"]
    (told,) = run("compliance", "report", "--json", home=home).json()
    assert (told["held"], told["oldest_call"], told["overdue"], told["destroyed"]) == (2, "2026-03-12", 0, 0)
    assert len(told["weeks"]) == 34
    named = set(re.findall(r"`([a-z0-9_]+)`", (ROOT / "docs" / "compliance.md").read_text("utf-8")))
    keys = {*told, *told["weeks"][0], *(one.name for one in fields(Entry)), *(one.name for one in fields(Found))}
    assert keys <= named


class Strict(HTMLParser):
    """Checks that tags close in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag that opens."""
        del attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note a tag that closes."""
        assert self.open.pop() == tag


def test_documents(home: Path, tmp_path: Path) -> None:
    """Both are written whole, with the centre's name escaped, its choices filled in, what is its own to say marked; never written over."""
    assert run("compliance", "documents", tmp_path, home=home).code == 0
    entry, draft = (tmp_path / name for name in ("registre-article-30.html", "aipd-projet.html"))
    for page in (entry, draft):
        text = page.read_text("utf-8")
        parser = Strict()
        parser.feed(text)
        assert parser.open == []
        assert text.count("À COMPLÉTER PAR LE CENTRE") > 10
        assert "Centre d’essai &lt;&amp; associés&gt;" in text
        assert not re.search(r"\{\{|\{%|None|<script|https?://", text)
        assert "retention.postal_grace_days" in text
    assert "Dominique Essai, dpo@centre.example" in entry.read_text("utf-8")
    assert "2 mois après la remise" in entry.read_text("utf-8")
    assert run("compliance", "documents", tmp_path, home=home).code == 1


def test_documents_follow_the_settings(home: Path) -> None:
    """Another choice of the centre reads otherwise, and is no longer asked for."""
    chosen = {
        "CONSIGNE_RETENTION__POSTAL_GRACE_DAYS": "15",
        "CONSIGNE_RETENTION__SNAPSHOT_RETENTION_DAYS": "0",
        "CONSIGNE_RETENTION__CONFIRMATION": "two",
        "CONSIGNE_RETENTION__APPROVAL": "four_eyes",
        "CONSIGNE_RETENTION__PROOF_RETENTION_YEARS": "7",
        "CONSIGNE_ANCHORS__BUCKET": "anchors",
    }
    parts = Parts(settings.load(home, chosen))
    try:
        pages = documents.write_documents(parts)
    finally:
        parts.close()
    for text in pages.values():
        assert "plus 15 jours pour un courrier en route" in text
        assert "Aucun n’est pris." in text
        assert "7 ans après la destruction" in text
        assert "retention.postal_grace_days" not in text
        assert "anchors.bucket" not in text
    draft = pages["aipd-projet.html"]
    assert "confirmée par une seconde personne" in draft
    assert "validée par une personne" in draft
