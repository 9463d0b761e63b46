"""The table of promises is whole, says what ``doctor`` says, and names tests and modules that exist; ``doctor`` knows its installation."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from consigne import promises, settings
from consigne.doctor import Finding, Light
from consigne.promises import PROMISES
from consigne.wiring import Parts
from tests.consigne.centre import run

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "promises.md").read_text("utf-8").splitlines()
    if re.match(r"\| P\d", line)
]


@cache
def defined_in(path: Path) -> frozenset[str]:
    """Return the tests that a module defines, as they are collected."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef) and one.name.startswith("test_"))


def test_every_promise_has_its_row() -> None:
    """Each once, in order, in the words of the code: nothing is promised twice in different words."""
    assert [(row[0], row[1]) for row in ROWS] == [(one.id, one.sentence) for one in PROMISES]
    assert [one.id for one in PROMISES] == [f"P{number}" for number in range(1, 23)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_a_row_names_exists(row: list[str]) -> None:
    """At least one test, each of which exists, and code that is there."""
    named = re.findall(r"`(tests/[^`]+)::(test_[a-z0-9_]+)`", row[3])
    assert named
    assert len(named) == row[3].count("`") // 2
    for file, test in named:
        assert test in defined_in(ROOT / file), f"{file} has no {test}"
    for path in re.findall(r"`([^`]+)`", row[2]):
        assert (ROOT / path).exists(), path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre as ``init`` makes it."""
    made = tmp_path_factory.mktemp("centres") / "centre"
    assert run("init", made, "--contact-mail", "coordination@centre.example").code == 0
    return made


def standing(home: Path, *found: Finding, **environment: str) -> dict[str, bool]:
    """Say which promises hold where doctor found this."""
    parts = Parts(settings.load(home, {f"CONSIGNE_{name}": value for name, value in environment.items()} | {"PATH": ""}))
    try:
        return {one.promise.id: one.holds for one in promises.standing(parts, found)}
    finally:
        parts.close()


def test_what_does_not_hold_is_said(home: Path) -> None:
    """By default one account runs all, and nothing anchors the journal; each finding takes its promise, and no other."""
    missing = {name for name, holds in standing(home).items() if not holds}
    assert missing == {"P10", "P17"}
    for finding, lost in (
        (Finding("object store's writes", Light.RED, ""), "P3"),
        (Finding("confined process: landlock", Light.AMBER, ""), "P5"),
        (Finding("swap", Light.RED, ""), "P9"),
        (Finding("mail", Light.AMBER, ""), "P13"),
        (Finding("running: erasure", Light.RED, ""), "P22"),
    ):
        assert {name for name, holds in standing(home, finding).items() if not holds} == {"P10", "P17", lost}
    assert standing(home, ANCHORS__BUCKET="anchors")["P17"]


def test_an_officer_who_gets_mail_anchors_the_journal(home: Path) -> None:
    """The daily mail is out of the operator's reach once it has left."""
    assert run("user", "add", "compliance_officer", "Dominique Essai", "dpo@centre.example", home=home).code == 0
    assert standing(home)["P17"]
    assert not standing(home, Finding("mail", Light.AMBER, ""))["P17"]
