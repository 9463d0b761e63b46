"""Fills the templates of one language with the facts of one answer. Pure."""

import math
from datetime import date

from notifications.facts import AnswerFacts
from notifications.parts import Line, Part, one_line, shorten
from notifications.words import ANSWERS
from notifications.words.shape import AnswerTexts, CodeWords
from registry.codes import Code, Language
from registry.phrases import duration, long_date, moment, size, typeset

LONGEST_VALUE = 80
_LONGEST_FORMAT = 30
_MINUTE = 60


class Speaker:
    """Fills templates with the facts of one answer, typeset for its language."""

    def __init__(self, facts: AnswerFacts) -> None:
        self.language = facts.language
        self.texts: AnswerTexts = ANSWERS[facts.language]
        self._values = _values(facts, self.texts)

    def say(self, template: str, **more: str) -> str:
        """Fill one sentence. Only the template is typeset: names of files and people stay as they are."""
        return typeset(template, self.language).format_map(self._values | more)

    def greeting(self, facts: AnswerFacts) -> str:
        """Greet by civility and name, as far as they are known."""
        if not facts.name.strip():
            return self.say(self.texts.greeting_without_name)
        return self.say(self.texts.greeting if facts.civility.strip() else self.texts.greeting_without_civility)

    def line(self, template: str, url: str | None = None, **more: str) -> Line:
        """Fill one line, with its link."""
        return Line(self.say(template, **more), url)

    def remark(self, code: CodeWords) -> Line:
        """Say a warning and what may be done about it, as one line that refuses nothing."""
        problem = self.say(code.problem)
        return Line(f"{self.say(self.texts.remarks)}{problem[:1].lower()}{problem[1:]} {self.say(code.remedy)}")

    def part(self, heading: str, lines: list[Line]) -> Part:
        """Make a part; a sentence said twice is said once."""
        return Part(self.say(heading), tuple(dict.fromkeys(lines)))


def _values(facts: AnswerFacts, texts: AnswerTexts) -> dict[str, str]:
    language = facts.language
    seconds = facts.duration_seconds
    if seconds is not None and Code.TOO_LONG in facts.codes:
        seconds = math.ceil(seconds)  # 30 min 00,7 s must not read as the limit itself
    return {
        "civility": one_line(facts.civility),
        "name": shorten(one_line(facts.name), LONGEST_VALUE),
        "reference": shorten(one_line(facts.reference), LONGEST_VALUE),
        "unit": shorten(one_line(facts.unit_label), LONGEST_VALUE),
        "coordinator": shorten(one_line(facts.contact.name), LONGEST_VALUE),
        "deposited": moment(facts.deposited_at, language),
        "duration": texts.unknown_duration if seconds is None else duration(seconds),
        "size": texts.unknown_size if facts.size_bytes is None else size(facts.size_bytes, language),
        "size_limit": size(facts.size_limit, language),
        "limit": _limit(facts.limit_seconds, texts),
        "found": typeset(_found(facts.found, texts), language),
        "export": typeset(texts.export_guides.get(_key(facts.found), texts.export_default), language),
        "earliest": _day(facts.earliest_call_date, facts.language),
        "hearing": _day(facts.hearing_date, facts.language),
        "call_date": _day(facts.call_date, facts.language),
        "consent_date": _day(facts.consent_date, facts.language),
        "deadline_day": _day(facts.deadline, facts.language),
    }


def _key(found: str | None) -> str:
    return (found or "").strip().upper()


def _found(found: str | None, texts: AnswerTexts) -> str:
    if not found:
        return texts.found_nothing
    return texts.found_names.get(_key(found)) or texts.found_named.format(name=shorten(one_line(found), _LONGEST_FORMAT))


def _day(day: date | None, language: Language) -> str:
    return ANSWERS[language].unknown_date if day is None else long_date(day, language)


def _limit(seconds: int, texts: AnswerTexts) -> str:
    minutes, rest = divmod(seconds, _MINUTE)
    return duration(seconds) if rest else texts.minutes.format(count=minutes)
