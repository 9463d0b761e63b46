"""The mails that lead to a player: what they say, in both languages, and what they never hold."""

import re
from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from notifications.composing import Person
from notifications.listening_mails import Access, Assigned, ToReview, again, available, to_review
from notifications.mail import Mail
from notifications.words.listening_words import LISTENING
from registry.codes import Language
from tests.notifications.making import CONTACT

_LINK = "https://depot.example.org/e/3k9"
_ACCESS = Access("Centre d’essai", _LINK, datetime(2026, 6, 22, 22, tzinfo=UTC), CONTACT)
_LAST = date(2026, 6, 22)


def _person(language: Language = Language.FR, name: str = "Maud Membre") -> Person:
    return Person("", name, "membre@cte.test", language)


_MADE: tuple[Callable[[Person], Mail], ...] = (
    lambda person: available(Assigned(1, _LAST), person, _ACCESS),
    lambda person: available(Assigned(7, _LAST, date(2026, 6, 1)), person, _ACCESS),
    lambda person: to_review(ToReview("C-012", date(2026, 5, 15)), person, _ACCESS),
    lambda person: to_review(ToReview("C-012"), person, _ACCESS),
    lambda person: again(person, _ACCESS),
)


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("make", _MADE)
def test_each_says_what_to_do_until_when_and_whom_to_ask(make: Callable[[Person], Mail], language: Language) -> None:
    """A link, its end, that listening is noted, the contact; in text and in HTML alike, typeset, nothing left to fill in."""
    mail = make(_person(language))
    for shown in (mail.text, mail.html):
        assert _LINK in shown
        assert CONTACT.mail in shown
        assert "Maud Membre" in shown
        assert "{" not in re.sub(r"<style.*?</style>", "", shown, flags=re.DOTALL)
    assert ("notée" if language is Language.FR else "noted") in mail.text
    assert ("mardi 23 juin 2026" if language is Language.FR else "Tuesday 23 June 2026") in mail.text
    assert mail.subject.endswith("- Centre d’essai")
    assert mail.kind.startswith("listening.")
    if language is Language.FR:
        assert not re.search(r"(?<!https)[ \u00a0][:;?!»]|'", mail.text.replace(_LINK, ""))


def test_one_and_many_are_counted() -> None:
    """The number is in the title and in the text; a window that opens later says from when."""
    one, many = _MADE[0](_person()), _MADE[1](_person())
    assert one.subject.startswith("Un enregistrement est")
    assert many.subject.startswith("7 enregistrements sont")
    assert "à partir du lundi 1er juin 2026, et jusqu’au lundi 22 juin 2026 inclus" in many.text
    assert "à partir" not in one.text


def test_both_languages_fill_the_same_places() -> None:
    """A sentence takes the same values in French and in English."""
    places = [
        {one.name: set(re.findall(r"\{(\w*)\}", getattr(LISTENING[language], one.name))) for one in fields(LISTENING[language])}
        for language in Language
    ]
    assert places[0] == places[1]


@pytest.mark.parametrize("name", ["{link}", "<script>alert(1)</script>", "א" * 90, "x\r\nBcc: y@example.org", ""])
def test_any_name_is_text(name: str) -> None:
    """Whatever a person is called, nothing runs and no header is added."""
    for make in _MADE:
        mail = make(_person(name=name))
        assert "<script" not in mail.html
        assert "\n" not in mail.subject


def test_the_page_of_formats_lists_them() -> None:
    """The kinds that the documentation lists are those that are made, no more and no fewer."""
    page = (Path(__file__).parents[2] / "docs" / "formats" / "mails.md").read_text(encoding="utf-8")
    assert set(re.findall(r"`(listening\.[a-z_]+)`", page)) == {make(_person()).kind for make in _MADE}
