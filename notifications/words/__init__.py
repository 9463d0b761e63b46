"""The sentences that people read, as data, in each language."""

from collections.abc import Mapping

from notifications.words import en, fr
from notifications.words.shape import AnswerTexts
from registry.codes import Language

ANSWERS: Mapping[Language, AnswerTexts] = {Language.FR: fr.TEXTS, Language.EN: en.TEXTS}
