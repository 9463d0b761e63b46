"""What every mail is made with: whom it is for, where it belongs, its sentences filled in, its text and its HTML. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from notifications.letters import Letter, Table, as_html, as_text
from notifications.mail import Attachment, Mail
from notifications.parts import Contact, Line, Part, one_line, shorten
from notifications.words import ANSWERS, MAILS
from registry.codes import Language
from registry.phrases import typeset

_LONGEST = 80
_LONGEST_CONTEXT = 110


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a mail is for. ``civility`` may be empty."""

    civility: str
    name: str
    mail: str
    language: Language


@dataclass(frozen=True, slots=True)
class Setting:
    """Where a mail belongs: the certification, its part, the session, and the coordinator to ask."""

    scheme_title: str
    unit_label: str
    session_label: str
    contact: Contact


class Says:
    """Fills one language's templates; only the template is typeset."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, template: str, values: Mapping[str, str] | None = None) -> str:
        """Return a template in this language's typography, its values put in as they are."""
        return typeset(template, self.language).format_map(values or {})


def compose(
    kind: str,
    person: Person,
    setting: Setting,
    title: str,
    parts: tuple[Part, ...],
    *,
    table: Table | None = None,
    foot: tuple[Line, ...] = (),
    attachment: Attachment | None = None,
) -> Mail:
    """Make a mail about one session: its subject says where it belongs."""
    context = " · ".join(one_line(v) for v in (setting.scheme_title, setting.unit_label, setting.session_label) if v)
    letter = letter_of(person.language, context, title, greeting(person), parts, table, foot)
    subject = MAILS[person.language].subject.format(title=title, context=shorten(context, _LONGEST_CONTEXT))
    return Mail(kind, person.mail, person.language, subject, as_text(letter), as_html(letter), attachment)


def letter_of(
    language: Language,
    context: str,
    title: str,
    greeted: str,
    parts: tuple[Part, ...],
    table: Table | None = None,
    foot: tuple[Line, ...] = (),
) -> Letter:
    """Make a letter that ends by saying that it is automatic."""
    automatic = Line(Says(language)(MAILS[language].automatic))
    return Letter(language, context, title, greeted, parts, table, (*foot, automatic))


def greeting(person: Person) -> str:
    """Greet a person as far as his name is known."""
    texts = ANSWERS[person.language]
    template = texts.greeting if person.civility.strip() else texts.greeting_without_civility
    if not person.name.strip():
        template = texts.greeting_without_name
    return Says(person.language)(template, {"civility": one_line(person.civility), "name": short(person.name)})


def short(value: str) -> str:
    """Return what people wrote on one line, shortened to what a mail bears."""
    return shorten(one_line(value), _LONGEST)
