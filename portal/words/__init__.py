"""What the pages say, in each language."""

from collections.abc import Mapping
from dataclasses import fields, replace
from functools import cache
from typing import Any

from portal.words import en, fr
from portal.words.shape import PageWords
from registry.codes import Language
from registry.phrases import typeset

_WORDS = {Language.FR: fr.WORDS, Language.EN: en.WORDS}


@cache
def words(language: Language) -> PageWords:
    """Return the words of one language, typeset. What people wrote is never typeset: it stays as it is."""
    said = _WORDS[language]
    changes: dict[str, Any] = {field.name: _typeset(getattr(said, field.name), language) for field in fields(said)}
    return replace(said, **changes)


def _typeset(value: object, language: Language) -> object:
    if isinstance(value, str):
        return typeset(value, language)
    if isinstance(value, Mapping):
        return {key: _typeset(one, language) for key, one in value.items()}
    assert isinstance(value, tuple)
    return tuple(_typeset(one, language) for one in value)
