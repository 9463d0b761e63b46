"""The words of the pages, in both languages."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from consent.record import ClientRole, Way
from portal.words import words
from registry.codes import Language

_PLACES = re.compile(r"\{(\w*)\}")


def _said(language: Language) -> Iterator[tuple[str, str]]:
    said = words(language)
    for field in fields(said):
        value = getattr(said, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif isinstance(value, Mapping):
            for key, one in value.items():
                yield from ((f"{field.name}.{key}", text) for text in ([one] if isinstance(one, str) else one))


def test_both_languages_fill_the_same_places() -> None:
    """A sentence takes the same values in French and in English."""
    places = [{name: set(_PLACES.findall(text)) for name, text in _said(language)} for language in Language]
    assert places[0] == places[1]


def test_every_way_and_role_is_named() -> None:
    """The form offers exactly what a record can hold."""
    for language in Language:
        assert set(words(language).ways) == set(Way)
        assert set(words(language).roles) == set(ClientRole)


def test_french_is_typeset() -> None:
    """Narrow no-break spaces before double punctuation and inside guillemets, curly apostrophes, nothing that sounds like a mark."""
    for name, text in _said(Language.FR):
        assert not re.search(r"[ \u00a0][:;?!»]|«[ \u00a0]|'", text), name
        assert "conforme" not in text, name
