"""The mails about restores and about what was found wrong at night, to the staff: typed facts in, a mail out. Pure.

They hold identifiers, dates and codes: the names behind them stand in the registry, or are lost.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notifications.answers import contact_lines
from notifications.composing import Person, Says, letter_of, short
from notifications.letters import Table, as_html, as_text
from notifications.mail import Mail
from notifications.parts import Contact, Line, Part
from notifications.words import ANSWERS
from notifications.words.safety_words import SAFETY
from registry.phrases import long_date


@dataclass(frozen=True, slots=True)
class ToEnter:
    """One fact to enter again: the kind of its entry, when it was recorded, what it concerns, and the code of the papers."""

    kind: str
    on: date
    about: str
    papers: str


@dataclass(frozen=True, slots=True)
class RestoreFacts:
    """A restore. ``backup_on`` is None where there was no backup."""

    hold_id: str
    backup_on: date | None
    imported: int
    uncertain: int
    facts: tuple[ToEnter, ...]


def restored(told: RestoreFacts, person: Person, centre: str, contact: Contact) -> Mail:
    """Tell the staff that the centre was restored, and what is to be entered again."""
    say, said = Says(person.language), SAFETY[person.language]
    origin = say(said.restored_from, {"day": long_date(told.backup_on, person.language)}) if told.backup_on else say(said.restored_bare)
    happened = [origin, say(said.restored_imported, {"count": str(told.imported)}), say(said.restored_held, {"hold": told.hold_id})]
    to_do = [say(said.restored_enter if told.facts else said.restored_none)]
    if told.uncertain:
        to_do.append(say(said.restored_uncertain, {"count": str(told.uncertain)}))
    to_do.append(say(said.restored_lift, {"hold": told.hold_id}))
    rows = tuple(
        (
            long_date(one.on, person.language),
            say(said.facts[one.kind.partition(".")[0]]),
            short(one.about),
            say(said.papers[one.papers]),
        )
        for one in told.facts
    )
    table = Table(tuple(say(one) for one in (said.recorded_on, said.fact, said.about, said.source)), rows) if rows else None
    return _to_staff("safety.restored", say(said.restored_title), (happened, to_do), table, person, centre, contact)


def found(counts: Mapping[str, int], person: Person, centre: str, contact: Contact) -> Mail:
    """Tell the staff what is not as it should be: how many of each kind, by its code."""
    say, said = Says(person.language), SAFETY[person.language]
    total = sum(counts.values())
    title = say(said.found_one_title) if total == 1 else say(said.found_title, {"count": str(total)})
    rows = tuple((say(said.kinds[kind]), str(count)) for kind, count in counts.items() if count)
    table = Table((say(said.found_kind), say(said.found_count)), rows)
    happened = [say(said.found_what), say(said.found_nothing_deleted)]
    return _to_staff("safety.found", title, (happened, [say(said.found_look)]), table, person, centre, contact)


def _to_staff(
    kind: str, title: str, texts: tuple[Sequence[str], Sequence[str]], table: Table | None, person: Person, centre: str, contact: Contact
) -> Mail:
    say, answers = Says(person.language), ANSWERS[person.language]
    happened, to_do = (tuple(Line(one) for one in part) for part in texts)
    parts = (
        Part(say(SAFETY[person.language].happened), happened),
        Part(say(answers.to_do), to_do),
        Part(say(answers.whom), tuple(contact_lines(contact, person.language))),
    )
    letter = letter_of(person.language, short(centre), title, "", parts, table)
    return Mail(kind, person.mail, person.language, f"{title} - {short(centre)}", as_text(letter), as_html(letter))
