"""The mails about the end of recordings, to staff: what is planned, what waits for approval, what waits for ever. Pure.

They name dossiers by their reference and session: never a client, never the jury's result.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from notifications.answers import contact_lines
from notifications.composing import Person, Says, letter_of, short
from notifications.letters import Table, as_html, as_text
from notifications.mail import Mail
from notifications.parts import Contact, Line, Part
from notifications.words import ANSWERS, retention_en, retention_fr
from notifications.words.retention_shape import RetentionTexts
from registry.codes import Language
from registry.phrases import long_date

RETENTION: Mapping[Language, RetentionTexts] = {Language.FR: retention_fr.RETENTION, Language.EN: retention_en.RETENTION}


@dataclass(frozen=True, slots=True)
class Planned:
    """One recording that is to be destroyed: its dossier, the code of the cause, and the first day on which it may be."""

    reference: str
    session_code: str
    cause: str
    on: date


@dataclass(frozen=True, slots=True)
class Lingering:
    """One dossier that waits, since when, and the code of what it waits for."""

    reference: str
    session_code: str
    waits_for: str
    since: date


def planned(rows: Sequence[Planned], person: Person, centre: str, contact: Contact) -> Mail:
    """Announce destructions. A notice counts once this mail was accepted by the server."""
    say, said = Says(person.language), RETENTION[person.language]
    title = say(said.planned_one) if len(rows) == 1 else say(said.planned_title, {"count": str(len(rows))})
    parts = (
        Part(say(said.planned_what), (Line(say(said.planned_count)), Line(say(said.planned_how)))),
        Part(
            say(ANSWERS[person.language].to_do),
            (Line(say(said.planned_nothing)), Line(say(said.planned_appeal)), Line(say(said.planned_hold))),
        ),
    )
    return _to_staff("destruction.planned", title, parts, _listed(rows, person.language), person, centre, contact)


def to_approve(rows: Sequence[Planned], run_id: str, *, many: bool, person: Person, centre: str, contact: Contact) -> Mail:
    """Ask for a person's approval of a list; ``many``: because it is longer than what one day may destroy without one."""
    say, said = Says(person.language), RETENTION[person.language]
    why = Line(say(said.approval_many if many else said.approval_four_eyes))
    parts = (
        Part(say(said.approval_what), (why, Line(say(said.approval_meanwhile)))),
        Part(say(ANSWERS[person.language].to_do), (Line(say(said.approval_how, {"run": run_id})),)),
    )
    return _to_staff("destruction.to_approve", say(said.approval_title), parts, _listed(rows, person.language), person, centre, contact)


def lingering(rows: Sequence[Lingering], person: Person, centre: str, contact: Contact) -> Mail:
    """Tell the compliance officer of dossiers that nothing will end by itself."""
    say, said = Says(person.language), RETENTION[person.language]
    table = Table(
        tuple(say(one) for one in (said.dossier, said.session, said.what_waits, said.waits_since)),
        tuple(
            (short(one.reference), one.session_code, say(said.lingering_kinds[one.waits_for]), long_date(one.since, person.language))
            for one in rows
        ),
    )
    parts = (
        Part(say(said.lingering_what), (Line(say(said.lingering_count)),)),
        Part(
            say(ANSWERS[person.language].to_do),
            (Line(say(said.lingering_decide)), Line(say(said.lingering_notify)), Line(say(said.lingering_close))),
        ),
    )
    return _to_staff("retention.lingering", say(said.lingering_title), parts, table, person, centre, contact)


def _listed(rows: Sequence[Planned], language: Language) -> Table:
    say, said = Says(language), RETENTION[language]
    return Table(
        tuple(say(one) for one in (said.dossier, said.session, said.cause, said.from_day)),
        tuple((short(one.reference), one.session_code, say(said.causes[one.cause]), long_date(one.on, language)) for one in rows),
    )


def _to_staff(kind: str, title: str, parts: tuple[Part, ...], table: Table, person: Person, centre: str, contact: Contact) -> Mail:
    language = person.language
    whom = Part(Says(language)(ANSWERS[language].whom), tuple(contact_lines(contact, language)))
    letter = letter_of(language, short(centre), title, "", (*parts, whom), table)
    return Mail(kind, person.mail, language, f"{title} - {short(centre)}", as_text(letter), as_html(letter))
