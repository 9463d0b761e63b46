"""The page that explains, in each candidate's folder."""

import re

import pytest

from intake.page import folder_page
from registry.codes import Language
from tests.factories import Intakes, opened


@pytest.mark.parametrize(
    ("language", "announced", "asked"),
    [
        (Language.FR, "Deux choses sont demandées", ["Votre enregistrement", "Votre attestation"]),
        (Language.EN, "Two things are asked", ["Your recording", "Your attestation"]),
    ],
)
def test_the_two_things_asked_are_announced_as_two(intakes: Intakes, language: Language, announced: str, asked: list[str]) -> None:
    """The heading counts them, each is a point of its own, and no point says that it is the last."""
    (file,) = opened(intakes.database)
    file.candidate.language = language
    page = folder_page(file, intakes.centre.contact, form_link="https://centre.example/f").content.decode()
    heading, points = page.split("<h2>")[1].split("</h2>")
    assert heading == announced
    assert re.findall(r"<li><strong>(.+?)</strong>", points) == asked
    assert "https://centre.example/f" in points
    assert not re.search("rien d’autre|nothing else", page)
