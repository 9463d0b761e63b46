"""The mails about appeals and holds, to the staff: typed facts in, a mail out. Pure.

They name a dossier by its reference alone, and never say what the jury decided.
"""

from dataclasses import dataclass
from datetime import date

from notifications.answers import contact_lines
from notifications.composing import Person, Says, Setting, compose, short
from notifications.mail import Mail
from notifications.parts import Line, Part
from notifications.words import ANSWERS
from notifications.words.recourse_words import RECOURSE
from registry.phrases import long_date


@dataclass(frozen=True, slots=True)
class Recourse:
    """An appeal. ``in_time`` is None where nothing tells; ``destructions`` are those that had begun before it was recorded."""

    reference: str
    received_on: date
    postmark_on: date | None = None
    in_time: bool | None = None
    destructions: tuple[str, ...] = ()


def suspended(told: Recourse, person: Person, setting: Setting) -> Mail:
    """Tell the staff that an appeal was recorded, and that destruction is suspended."""
    words, say = RECOURSE[person.language], Says(person.language)
    happened = [Line(say(words.suspended)), *_days(told, person)]
    if told.in_time is not None:
        happened.append(Line(say(words.in_time if told.in_time else words.too_late)))
    return _mail("recourse.suspended", words.suspended_title, happened, words.suspended_means, words.suspended_to_do, person, setting)


def incident(told: Recourse, person: Person, setting: Setting) -> Mail:
    """Tell the staff that an appeal came once destruction had begun, and which destruction that is."""
    words, say = RECOURSE[person.language], Says(person.language)
    cited = [Line(say(words.cited, {"destruction": one})) for one in told.destructions]
    happened = [Line(say(words.incident)), *_days(told, person), *cited]
    return _mail("recourse.incident", words.incident_title, happened, words.incident_means, words.incident_to_do, person, setting)


def kept(reference: str, holds: tuple[str, ...], person: Person, setting: Setting) -> Mail:
    """Tell the compliance officers that a recording whose consent was withdrawn is kept by holds."""
    words, say = RECOURSE[person.language], Says(person.language)
    happened = [Line(say(words.kept)), Line(say(words.dossier, {"reference": short(reference)}))]
    happened += [Line(say(words.kept_by, {"hold": one})) for one in holds]
    return _mail("recourse.consent_kept", words.kept_title, happened, words.kept_means, words.kept_to_do, person, setting)


def _days(told: Recourse, person: Person) -> list[Line]:
    words, say = RECOURSE[person.language], Says(person.language)
    days = [Line(say(words.dossier, {"reference": short(told.reference)}))]
    days.append(Line(say(words.received, {"day": long_date(told.received_on, person.language)})))
    if told.postmark_on is not None:
        days.append(Line(say(words.posted, {"day": long_date(told.postmark_on, person.language)})))
    return days


def _mail(kind: str, title: str, happened: list[Line], means: str, to_do: str, person: Person, setting: Setting) -> Mail:
    words, answers, say = RECOURSE[person.language], ANSWERS[person.language], Says(person.language)
    parts = (
        Part(say(words.happened), tuple(happened)),
        Part(say(words.means), (Line(say(means)),)),
        Part(say(answers.to_do), (Line(say(to_do)),)),
        Part(say(answers.whom), tuple(contact_lines(setting.contact, person.language))),
    )
    return compose(kind, person, setting, say(title), parts)
