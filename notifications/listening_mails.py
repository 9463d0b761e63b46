"""The mails that lead to a player: typed facts in, a mail out. Pure.

They hold no candidate's name and no sound: a link, what it leads to, and until when.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from notifications.answers import contact_lines
from notifications.letters import Letter, as_html, as_text
from notifications.mail import Mail
from notifications.mails import Person
from notifications.parts import Contact, Line, Part, one_line, shorten
from notifications.words import ANSWERS, MAILS
from notifications.words.listening_words import LISTENING, ListeningTexts
from registry.phrases import long_date, moment, typeset, until

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Access:
    """Where a mail leads.

    Attributes:
        centre: the centre's name.
        link: the personal link.
        link_until: when it stops opening.
        contact: whom to ask.
    """

    centre: str
    link: str
    link_until: datetime
    contact: Contact


@dataclass(frozen=True, slots=True)
class Assigned:
    """What an evaluator was given: how many recordings, until which day included, and from which day where that is not today."""

    count: int
    last_day: date
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class ToReview:
    """What a coordinator is asked to hear: a dossier's reference, and by when the candidate was promised an answer."""

    reference: str
    by: date | None = None


def available(assigned: Assigned, person: Person, access: Access) -> Mail:
    """Tell an evaluator that recordings are available."""
    said, say = _spoken(person)
    title = said.available_one if assigned.count == 1 else said.available_many
    count = said.assigned_one if assigned.count == 1 else said.assigned_many
    last = until(assigned.last_day, person.language)
    when = say(said.until, until=last)
    if assigned.first_day is not None:
        when = say(said.from_to, first=long_date(assigned.first_day, person.language), until=last)
    have = Part(say(said.have), (Line(say(count, count=str(assigned.count))), Line(when)))
    rules = (said.confidential, said.logged, said.decision, said.alone)
    return _mail("listening.available", say(title, count=str(assigned.count)), have, rules, person, access)


def to_review(asked: ToReview, person: Person, access: Access) -> Mail:
    """Send a coordinator the link to a recording that awaits a decision."""
    said, say = _spoken(person)
    lines = [Line(say(said.review, reference=shorten(one_line(asked.reference), _LONGEST)))]
    lines += [Line(say(said.review_by, by=long_date(asked.by, person.language)))] if asked.by else []
    rules = (said.confidential, said.logged, said.alone)
    return _mail("listening.review", say(said.review_title), Part(say(said.have), tuple(lines)), rules, person, access)


def again(person: Person, access: Access) -> Mail:
    """Send somebody a new link, which his page asked for."""
    said, say = _spoken(person)
    have = Part(say(said.have), (Line(say(said.again)),))
    return _mail("listening.again", say(said.again_title), have, (said.confidential, said.logged, said.alone), person, access)


class _Says:
    """Fills one language's templates; only the template is typeset."""

    def __init__(self, person: Person) -> None:
        self._language = person.language

    def __call__(self, template: str, **values: str) -> str:
        return typeset(template, self._language).format_map(values)


def _spoken(person: Person) -> tuple[ListeningTexts, _Says]:
    return LISTENING[person.language], _Says(person)


def _mail(kind: str, title: str, have: Part, rules: tuple[str, ...], person: Person, access: Access) -> Mail:
    language = person.language
    said, say = _spoken(person)
    answers, mails = ANSWERS[language], MAILS[language]
    steps = (
        Line(say(said.press)),
        Line(say(said.link), access.link),
        Line(say(said.once)),
        Line(say(said.link_until, moment=moment(access.link_until, language))),
    )
    parts = (
        have,
        Part(say(said.open), steps),
        Part(say(said.discretion), tuple(Line(say(rule)) for rule in rules)),
        Part(say(answers.whom), tuple(contact_lines(access.contact, language))),
    )
    centre = shorten(one_line(access.centre), _LONGEST)
    foot = (Line(say(mails.automatic)),)
    letter = Letter(language, centre, title, _greeting(person, answers.greeting_without_civility), parts, None, foot)
    subject = mails.subject.format(title=title, context=centre)
    return Mail(kind, person.mail, language, subject, as_text(letter), as_html(letter))


def _greeting(person: Person, template: str) -> str:
    values: Mapping[str, str] = {"name": shorten(one_line(person.name), _LONGEST)}
    return typeset(template, person.language).format_map(values)
