"""The demonstration is a test: every answer is the expected one, and everything that the index links is there."""

import re
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.consigne.centre import run


@pytest.mark.scenario
def test_the_demonstration_holds_and_links_what_each_person_received(tmp_path: Path) -> None:
    """Exit code 0, twelve answers, each linked file exists, each candidate has a mail and an answer."""
    ran = run("demo", "--keep", tmp_path / "demo")
    assert ran.code == 0, ran.out + ran.err
    assert "12 of 12 answers as expected" in ran.out
    page = (tmp_path / "demo" / "index.html").read_text("utf-8")
    links = [unquote(link) for link in re.findall(r'href="([^"]+)"', page)]
    assert [link for link in links if not (tmp_path / "demo" / link).is_file()] == []
    assert sum(link.partition("/")[0] == "mails" for link in links) >= 24
    assert sum("/1 - " in link for link in links) == 12
