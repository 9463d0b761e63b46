"""The sentences that people read, as data, in each language."""

from collections.abc import Mapping

from notifications.words import en, fr, mails_en, mails_fr
from notifications.words.mail_shape import MailTexts
from notifications.words.shape import AnswerTexts
from registry.codes import Language

ANSWERS: Mapping[Language, AnswerTexts] = {Language.FR: fr.TEXTS, Language.EN: en.TEXTS}
MAILS: Mapping[Language, MailTexts] = {Language.FR: mails_fr.MAILS, Language.EN: mails_en.MAILS}
