"""The daily mail that carries the journal's newest checkpoint out of the operator's reach. Pure."""

from notifications.answers import contact_lines
from notifications.composing import Person, Says, letter_of, short
from notifications.letters import as_html, as_text
from notifications.mail import Attachment, Mail
from notifications.parts import Contact, Line, Part
from notifications.words import ANSWERS
from notifications.words.checkpoint_words import CHECKPOINT


def checkpoint(note: str, size: int, log_key: str, person: Person, centre: str, contact: Contact) -> Mail:
    """Send a compliance officer the checkpoint, in the text and as a file that ``journal verify`` takes.

    Args:
        note: the signed note, exactly.
        size: how many entries it covers.
        log_key: the public line of the log key.
        person: whom it is for.
        centre: its name.
        contact: whom to ask.
    """
    language = person.language
    say, said = Says(language), CHECKPOINT[language]
    count = {"count": str(size)}
    parts = (
        Part(say(said.what), (Line(say(said.count, count)), Line(say(said.keep)), Line(say(said.verify)))),
        Part(say(said.checkpoint), tuple(Line(line) for line in note.splitlines() if line)),
        Part(say(said.key), (Line(log_key),)),
        Part(say(ANSWERS[language].whom), tuple(contact_lines(contact, language))),
    )
    title = say(said.title, count)
    letter = letter_of(language, short(centre), title, "", parts)
    attachment = Attachment(said.file.format_map(count), note.encode("utf-8"))
    return Mail("journal.checkpoint", person.mail, language, f"{title} - {short(centre)}", as_text(letter), as_html(letter), attachment)
