"""The mails that lead to a player: typed facts in, a mail out. Pure.

They hold no candidate's name and no sound: a link, what it leads to, and until when.
"""

from dataclasses import dataclass
from datetime import date, datetime

from notifications.answers import contact_lines
from notifications.composing import Person, Says, greeting, letter_of, short
from notifications.letters import as_html, as_text
from notifications.mail import Mail
from notifications.parts import Contact, Line, Part
from notifications.words import ANSWERS, MAILS
from notifications.words.listening_words import LISTENING, ListeningTexts
from registry.phrases import long_date, moment, until


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
    counted = {"count": str(assigned.count)}
    last = until(assigned.last_day, person.language)
    when = say(said.until, {"until": last})
    if assigned.first_day is not None:
        when = say(said.from_to, {"first": long_date(assigned.first_day, person.language), "until": last})
    have = Part(say(said.have), (Line(say(count, counted)), Line(when)))
    rules = (said.confidential, said.logged, said.decision, said.alone)
    return _mail("listening.available", say(title, counted), have, rules, person, access)


def to_review(asked: ToReview, person: Person, access: Access) -> Mail:
    """Send a coordinator the link to a recording that awaits a decision."""
    said, say = _spoken(person)
    lines = [Line(say(said.review, {"reference": short(asked.reference)}))]
    lines += [Line(say(said.review_by, {"by": long_date(asked.by, person.language)}))] if asked.by else []
    rules = (said.confidential, said.logged, said.alone)
    return _mail("listening.review", say(said.review_title), Part(say(said.have), tuple(lines)), rules, person, access)


def again(person: Person, access: Access) -> Mail:
    """Send somebody a new link, which his page asked for."""
    said, say = _spoken(person)
    have = Part(say(said.have), (Line(say(said.again)),))
    return _mail("listening.again", say(said.again_title), have, (said.confidential, said.logged, said.alone), person, access)


def _spoken(person: Person) -> tuple[ListeningTexts, Says]:
    return LISTENING[person.language], Says(person.language)


def _mail(kind: str, title: str, have: Part, rules: tuple[str, ...], person: Person, access: Access) -> Mail:
    language = person.language
    said, say = _spoken(person)
    steps = (
        Line(say(said.press)),
        Line(say(said.link), access.link),
        Line(say(said.once)),
        Line(say(said.link_until, {"moment": moment(access.link_until, language)})),
    )
    parts = (
        have,
        Part(say(said.open), steps),
        Part(say(said.discretion), tuple(Line(say(rule)) for rule in rules)),
        Part(say(ANSWERS[language].whom), tuple(contact_lines(access.contact, language))),
    )
    centre = short(access.centre)
    letter = letter_of(language, centre, title, greeting(person), parts)
    subject = MAILS[language].subject.format(title=title, context=centre)
    return Mail(kind, person.mail, language, subject, as_text(letter), as_html(letter))
