"""The list of a session's decisions and notifications: bytes of a workbook or CSV in, typed lines out, and its template.

A bad line is reported with its number and never keeps the others from being read. Nothing is stored here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from io import BytesIO
from typing import TypeVar

from openpyxl import load_workbook

from registry.cells import SheetError, SheetFault, escape
from registry.notifying import Said
from registry.problems import Fault, Problem, Words
from registry.sheets import Column, Row, read_sheet
from registry.tables import Channel, Proof
from registry.templates import Explained, delimited, workbook
from registry.written import fold

_E = TypeVar("_E", bound=StrEnum)

COLUMNS = (
    Column("reference", ("Référence", "Réf", "Référence candidat", "Numéro", "N°", "Candidate reference")),
    Column("decided_on", ("Date de décision", "Décision du jury", "Décision", "Date de la décision", "Decision date"), required=False),
    Column("channel", ("Mode d’envoi", "Envoi", "Mode", "Channel"), required=False),
    Column("sent_on", ("Envoyé le", "Date d’envoi", "Notifié le", "Sent on"), required=False),
    Column("handed_over_on", ("Remis le", "Date de remise", "Distribué le", "Handed over on"), required=False),
    Column("proof", ("Preuve", "Proof"), required=False),
    Column("unclaimed", ("Non réclamé", "Pli avisé et non réclamé", "Unclaimed"), required=False),
)
_TITLES = {column.key: column.title for column in COLUMNS}

CHANNELS: Mapping[Channel, tuple[str, ...]] = {
    Channel.REGISTERED_LETTER: ("recommandé", "lettre recommandée", "lrar", "lr", "registered letter"),
    Channel.REGISTERED_MAIL: ("recommandé électronique", "lettre recommandée électronique", "lre", "registered mail"),
    Channel.BY_HAND: ("remis en main propre", "main propre", "by hand"),
    Channel.LETTER: ("lettre simple", "courrier simple", "lettre", "letter"),
    Channel.MAIL: ("courriel", "mail", "e-mail", "email"),
}
"""What people write for each channel; the first is the one offered."""
PROOFS: Mapping[Proof, tuple[str, ...]] = {
    Proof.HANDED_OVER: ("avis de remise", "avis de réception", "ar", "remis", "handed over"),
    Proof.ACKNOWLEDGED: ("signé par le candidat", "récépissé signé", "signé", "acknowledged"),
    Proof.SENT_PLUS_DAYS: ("présumée", "présumé", "presumed"),
}


class DecisionFault(Fault):
    """What keeps a line from being taken."""

    EMPTY_REFERENCE = (
        "EMPTY_REFERENCE",
        ("La référence manque.", "The reference is missing."),
        ("Écrivez celle du candidat.", "Write the candidate’s."),
    )
    NOTHING_SAID = (
        "NOTHING_SAID",
        ("Cette ligne ne dit rien.", "This line says nothing."),
        ("Remplissez-la quand la date sera connue ; elle a été passée.", "Fill it in once a date is known; it was passed over."),
        True,
    )
    BAD_CHANNEL = (
        "BAD_CHANNEL",
        ("Le mode d’envoi « {found} » n’est pas connu.", "The channel “{found}” is not known."),
        (
            "Écrivez recommandé, recommandé électronique, remis en main propre, lettre simple ou courriel.",
            "Write registered letter, registered mail, by hand, letter or mail.",
        ),
    )
    BAD_PROOF = (
        "BAD_PROOF",
        ("La preuve « {found} » n’est pas connue.", "The proof “{found}” is not known."),
        ("Écrivez avis de remise, signé par le candidat ou présumée.", "Write handed over, acknowledged or presumed."),
    )
    DOUBLE_REFERENCE = (
        "DOUBLE_REFERENCE",
        ("La référence « {found} » est déjà à la ligne {wanted}.", "The reference “{found}” is already on line {wanted}."),
        ("Gardez une seule ligne par candidat.", "Keep one line for each candidate."),
    )


@dataclass(frozen=True, slots=True)
class DecisionLine:
    """What one line says of one dossier. ``line`` is where it stood."""

    reference: str
    decided_on: date | None
    said: Said
    line: int


@dataclass(frozen=True, slots=True)
class DecisionSheet:
    """The lines that can be taken, and what is wrong with the others or with the file."""

    lines: tuple[DecisionLine, ...]
    problems: tuple[Problem, ...]


def read_decisions(data: bytes) -> DecisionSheet:
    """Read a list of decisions; never raises for what the file holds."""
    sheet = read_sheet(data, COLUMNS)
    problems = list(sheet.problems)
    lines: list[DecisionLine] = []
    places: dict[str, int] = {}
    for row in sheet.rows:
        line, found = _line(row)
        known = places.setdefault(line.reference.casefold(), row.line)
        if line.reference and known != row.line:
            found.append(_problem(row, DecisionFault.DOUBLE_REFERENCE, "reference", line.reference, str(known)))
        if not found and line.decided_on is None and not line.said:
            found.append(_problem(row, DecisionFault.NOTHING_SAID, "decided_on"))
        elif not found:
            lines.append(line)
        problems.extend(found)
    if not sheet.rows and not problems:
        problems.append(Problem(SheetFault.EMPTY))
    return DecisionSheet(tuple(lines), tuple(problems))


def _line(row: Row) -> tuple[DecisionLine, list[Problem]]:
    problems: list[Problem] = []

    def date_in(key: str) -> date | None:
        try:
            return row.date_in(key)
        except SheetError as error:
            problems.append(error.problem)
            return None

    def one_of(key: str, words: Mapping[_E, tuple[str, ...]], fault: Fault) -> _E | None:
        written = text(key)
        found = _known(words).get(fold(written).rstrip(".")) if written else None
        if written and found is None:
            problems.append(_problem(row, fault, key, written))
        return found

    def text(key: str) -> str:
        try:
            return " ".join(row.text(key).split())
        except SheetError as error:
            problems.append(error.problem)
            return ""

    def flag(key: str) -> bool | None:
        try:
            return row.flag(key)
        except SheetError as error:
            problems.append(error.problem)
            return None

    reference = text("reference")
    said = Said(
        channel=one_of("channel", CHANNELS, DecisionFault.BAD_CHANNEL),
        sent_on=date_in("sent_on"),
        handed_over_on=date_in("handed_over_on"),
        proof=one_of("proof", PROOFS, DecisionFault.BAD_PROOF),
        unclaimed=flag("unclaimed"),
    )
    line = DecisionLine(reference, date_in("decided_on"), said, row.line)
    if not reference and not problems:
        problems.append(_problem(row, DecisionFault.EMPTY_REFERENCE, "reference"))
    return line, problems


def _known(words: Mapping[_E, tuple[str, ...]]) -> Mapping[str, _E]:
    return {fold(written): one for one, ways in words.items() for written in (str(one), *ways)}


def _problem(row: Row, fault: Fault, key: str, found: str = "", wanted: str = "") -> Problem:
    return Problem(fault, row.line, _TITLES[key], found, wanted)


_COLUMN = {column.key: column for column in COLUMNS}
_DAY = "dd/mm/yyyy"
EXPLAINED = (
    Explained(_COLUMN["reference"], Words("Celle du candidat dans la session.", "The candidate’s in the session."), "C-014"),
    Explained(
        _COLUMN["decided_on"],
        Words(
            "Jour de la décision du jury, jour d’abord. Jamais le résultat.", "Day of the jury’s decision, the day first. Never the result."
        ),
        "20/06/2026",
        format=_DAY,
    ),
    Explained(
        _COLUMN["channel"],
        Words("Comment la décision a été envoyée au candidat.", "How the decision was sent to the candidate."),
        "recommandé",
        tuple(words[0] for words in CHANNELS.values()),
        width=26,
    ),
    Explained(_COLUMN["sent_on"], Words("Jour de l’envoi.", "Day of sending."), "22/06/2026", format=_DAY),
    Explained(
        _COLUMN["handed_over_on"],
        Words(
            "Jour où le candidat l’a reçue, d’après la poste ou sa signature.",
            "Day on which the candidate received it, says the post or his signature.",
        ),
        "25/06/2026",
        format=_DAY,
    ),
    Explained(
        _COLUMN["proof"],
        Words("Ce qui prouve ce jour ; sans preuve, aucun délai ne court.", "What proves that day; without proof, no delay runs."),
        "avis de remise",
        tuple(words[0] for words in PROOFS.values()),
        width=24,
    ),
    Explained(
        _COLUMN["unclaimed"],
        Words("oui si le pli est revenu avisé et non réclamé.", "oui (yes) if the letter came back unclaimed."),
        "non",
        ("oui", "non"),
        width=14,
    ),
)


def decisions_workbook(references: Sequence[str] = ()) -> bytes:
    """Return the template as an ``.xlsx``, with the references of a session filled in."""
    empty = workbook("Décisions", EXPLAINED)
    if not references:
        return empty
    book = load_workbook(BytesIO(empty))
    for number, reference in enumerate(references, start=2):
        book["Décisions"].cell(number, 1, escape(reference))
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def decisions_csv(references: Sequence[str] = ()) -> bytes:
    """Return the template as a CSV, with the references of a session filled in."""
    lines = (escape(reference) + ";" * (len(EXPLAINED) - 1) + "\r\n" for reference in references)
    return delimited(EXPLAINED) + "".join(lines).encode("utf-8")
