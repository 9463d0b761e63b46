"""The demonstration is a test: every step gives what it should, and everything that the index links is there."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.consigne.centre import Ran, run


@dataclass(frozen=True)
class Played:
    """One demonstration, played to its end."""

    ran: Ran
    directory: Path

    @property
    def page(self) -> str:
        """Its index."""
        return (self.directory / "index.html").read_text("utf-8")

    @property
    def links(self) -> list[str]:
        """What the index links."""
        return [unquote(link) for link in re.findall(r'href="([^"#]+)"', self.page)]

    @property
    def key(self) -> Path:
        """The log key's public half."""
        return self.directory / "cle-du-journal.txt"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play it once."""
    directory = tmp_path_factory.mktemp("demo") / "kept"
    return Played(run("demo", "--keep", directory), directory)


@pytest.mark.scenario
def test_every_step_gives_what_it_should(played: Played) -> None:
    """Exit code 0; twelve answers; no step is unexpected, on the terminal or on the page."""
    assert played.ran.code == 0, played.ran.out + played.ran.err
    assert "12 of 12 answers as expected" in played.ran.out
    assert "UNEXPECTED" not in played.ran.out
    assert "✗" not in played.page
    steps = re.search(r"^(\d+) of (\d+) steps as expected", played.ran.out, re.MULTILINE)
    assert steps is not None
    assert steps[1] == steps[2]
    assert int(steps[1]) == played.page.count('class="event"')


@pytest.mark.scenario
def test_the_index_links_what_each_person_received(played: Played) -> None:
    """Each linked file exists; each candidate has a mail and an answer, a certificate for people and one to verify."""
    assert [link for link in played.links if not (played.directory / link).is_file()] == []
    assert sum(link.partition("/")[0] == "mails" for link in played.links) >= 24
    assert sum("/1 - " in link for link in played.links) == 12
    for ending in ("pdf", "json"):
        assert {f"certificats/CE-{number:03d}.{ending}" for number in range(1, 13)} <= set(played.links)


@pytest.mark.scenario
def test_the_story_is_told_in_order(played: Played) -> None:
    """Listened to, cut off, contested, announced, destroyed, ruled on, destroyed, proved: each after the other."""
    heard = ("206, the bytes that were deposited", "cut off after", "contests the decision", "4 destructions announced 7 days ahead")
    ended = ("4 destroyed, appeal period over", "is ruled on", "1 destroyed, appeal period over: CE-002", "verified offline")
    places = [played.ran.out.index(one) for one in (*heard, *ended)]
    assert places == sorted(places)


@pytest.mark.scenario
def test_a_stranger_finds_the_same(played: Played) -> None:
    """``certificate verify`` and ``journal verify`` hold on what was laid down; the forged ones fail, and for the reason that is shown."""
    for path in sorted((played.directory / "certificats").glob("CE-*.json")):
        assert run("certificate", "verify", path, "--key", played.key).code == 0, path.name
    forged = run("certificate", "verify", played.directory / "certificats" / "faux.json", "--key", played.key, "--json")
    assert forged.code == 1
    assert [one["kind"] for one in forged.json()[0]["faults"]] == ["facts"]
    assert run("journal", "verify", played.directory / "journal.txt", "--key", played.key).code == 0
    assert run("journal", "verify", played.directory / "journal-modifie.txt", "--key", played.key).code == 1


@pytest.mark.scenario
def test_what_the_certificates_say_is_what_was_played(played: Played) -> None:
    """Nothing was destroyed before its date; the one that was contested went last, months after the others, under its own decision."""
    facts = {path.stem: json.loads(path.read_bytes())["facts"] for path in sorted((played.directory / "certificats").glob("CE-*.json"))}
    assert all(one["ground"]["eligible_at"] <= one["acts"]["started_at"] for one in facts.values())
    decided = {name: one["acts"]["completed_at"] for name, one in facts.items() if one["ground"]["decided_on"]}
    assert sorted(decided) == ["CE-001", "CE-002", "CE-003", "CE-004", "CE-005"]
    assert max(decided, key=lambda name: decided[name]) == "CE-002"
    assert facts["CE-002"]["ground"]["decided_on"] > facts["CE-001"]["ground"]["decided_on"]


@pytest.mark.scenario
def test_no_name_is_left_in_the_centre(played: Played) -> None:
    """The centre's own directory names no candidate any more; what lies beside it is what people kept."""
    kept = "".join(path.read_text("utf-8") for path in (played.directory / "mails").glob("*.html"))
    for name in ("Berthier", "Garnier", "candidat02@exemple.example"):
        assert name in kept or "@" in name
        assert [
            path.name for path in (played.directory / "centre").rglob("*") if path.is_file() and name.encode() in path.read_bytes()
        ] == []
