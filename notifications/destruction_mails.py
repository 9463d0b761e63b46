"""The mails about a destruction: the report of one that failed, to the staff, and the certificate of one that succeeded. Pure.

They name a recording by its random id alone, never the client, nor what the jury decided.
"""

from dataclasses import dataclass
from datetime import datetime

from notifications.answers import contact_lines
from notifications.composing import Person, Says, greeting, letter_of, short
from notifications.letters import as_html, as_text
from notifications.mail import Attachment, Mail
from notifications.parts import Contact, Line, Part
from notifications.words import ANSWERS
from notifications.words.destruction_words import DESTRUCTION
from registry.phrases import moment


@dataclass(frozen=True, slots=True)
class Failed:
    """A destruction that did not come to its end. ``step`` is the number of the gate's step, 3 to 7; ``code`` says why."""

    recording: str
    began_at: datetime
    step: int
    code: str
    tries: int
    next_at: datetime


def failure_report(told: Failed, person: Person, centre: str, contact: Contact) -> Mail:
    """Report a destruction that did not succeed: how far it came, what stopped it, when it is tried again, what to look at."""
    language, say = person.language, Says(person.language)
    words = DESTRUCTION[language]
    happened = (
        Line(say(words.failed)),
        Line(say(words.recording, {"recording": told.recording})),
        Line(say(words.began, {"when": moment(told.began_at, language)})),
        Line(say(words.step, {"number": str(told.step), "what": words.steps[told.step]})),
        Line(say(words.code, {"code": told.code})),
        Line(say(words.tried, {"count": str(told.tries), "when": moment(told.next_at, language)})),
    )
    parts = (
        Part(say(words.happened), happened),
        Part(say(words.means), (Line(say(words.failed_means)), Line(say(words.failed_listened)))),
        Part(say(ANSWERS[language].to_do), (Line(say(words.remedies[told.step])),)),
        Part(say(ANSWERS[language].whom), tuple(contact_lines(contact, language))),
    )
    return _mail("destruction.failure_report", person, centre, say(words.failed_title), parts)


def certificate(
    recording: str, completed_at: datetime, content: bytes, ending: str, person: Person, centre: str, contact: Contact, *, staff: bool
) -> Mail:
    """Send a certificate: to the candidate the page for people, to the staff the file that can be verified; ``ending`` tells which."""
    language, say = person.language, Says(person.language)
    words = DESTRUCTION[language]
    happened = (
        Line(say(words.certified_staff if staff else words.certified_candidate)),
        Line(say(words.recording, {"recording": recording})),
        Line(say(words.certified_on, {"when": moment(completed_at, language)})),
    )
    parts = (
        Part(say(words.happened), happened),
        Part(say(words.means), (Line(say(words.certified_means)),)),
        Part(say(ANSWERS[language].to_do), (Line(say(words.certified_keep)), Line(say(words.certified_verify)))),
        Part(say(ANSWERS[language].whom), tuple(contact_lines(contact, language))),
    )
    attachment = Attachment(f"{words.certified_file}-{recording.removeprefix('rec_')[:8]}.{ending}", content)
    kind = "certificate.staff" if staff else "certificate.candidate"
    return _mail(kind, person, centre, say(words.certified_title), parts, attachment)


def _mail(kind: str, person: Person, centre: str, title: str, parts: tuple[Part, ...], attachment: Attachment | None = None) -> Mail:
    letter = letter_of(person.language, short(centre), title, greeting(person), parts)
    return Mail(kind, person.mail, person.language, f"{title} - {short(centre)}", as_text(letter), as_html(letter), attachment)
