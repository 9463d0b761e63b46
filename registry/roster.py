"""The list of candidates of a session: bytes of a workbook or CSV in, typed lines out.

A bad line is reported with its number and never keeps the others from being read. Nothing is stored here.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from registry.addresses import is_address
from registry.cells import SheetError, SheetFault
from registry.clock import PARIS
from registry.codes import Language
from registry.problems import Fault, Problem
from registry.sheets import Column, Row, read_sheet
from registry.written import fold

_T = TypeVar("_T")

COLUMNS = (
    Column("reference", ("Référence", "Réf", "Référence candidat", "Numéro", "N°", "Candidate reference")),
    Column("civility", ("Civilité", "Titre", "Title"), required=False),
    Column("family_name", ("Nom", "Nom de famille", "Nom du candidat", "Last name", "Surname")),
    Column("given_name", ("Prénom", "Prénom du candidat", "First name")),
    Column("mail", ("Courriel", "Mail", "E-mail", "Adresse mail", "Adresse e-mail", "Adresse électronique", "Email address")),
    Column("employer", ("Employeur", "Entreprise", "Société", "GPS", "Company"), required=False),
    Column("department", ("Département", "Dpt", "Dép"), required=False),
    Column("hearing_date", ("Date de passage", "Date de passage devant le CTE", "Date d’audition", "Passage", "Date of hearing")),
    Column("hearing_time", ("Heure de passage", "Heure", "Heure d’audition", "Time of hearing"), required=False),
    Column("language", ("Langue",), required=False),
)
_TITLES = {column.key: column.title for column in COLUMNS}

MAINLAND = (*(f"{number:02d}" for number in range(1, 96) if number != 20), "2A", "2B")  # noqa: PLR2004 - Corsica was 20 until 1976
OVERSEAS = ("971", "972", "973", "974", "975", "976", "977", "978", "984", "986", "987", "988")
DEPARTMENTS = (*MAINLAND, *OVERSEAS)
_CALENDARS = {
    "57": "57",
    "67": "6AE",
    "68": "6AE",
    **{code: code for code in ("971", "972", "973", "974", "976")},
    "975": "PM",
    "977": "BL",
    "978": "MF",
    "984": "TF",
    "986": "WF",
    "987": "PF",
    "988": "NC",
}
"""Subdivision of the ``holidays`` library, for the departments that have public holidays of their own."""

_REFERENCE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])")
_RESERVED = re.compile(r"con|prn|aux|nul|com[0-9]|lpt[0-9]")  # names that Windows keeps for devices, hence no folders
_NOWHEN = datetime(1, 1, 1, tzinfo=PARIS)  # stands in a line that is refused anyway
_LONGEST_NAME = 80
_TELLING, _SHORTEST = 4, 2
_NEUTRAL = frozenset({"candidat", "candidate", "candidats", "contact", "mail", "courriel", "test", "session", "example", "user"})
_LANGUAGES = {
    **dict.fromkeys(("fr", "francais", "french"), Language.FR),
    **dict.fromkeys(("en", "anglais", "english"), Language.EN),
}


class Civility(StrEnum):
    """How a person is addressed."""

    NONE = ""
    MR = "M."
    MRS = "Mme"


_CIVILITIES = {
    **dict.fromkeys(("m", "mr", "monsieur"), Civility.MR),
    **dict.fromkeys(("mme", "madame", "mlle", "ms", "mrs"), Civility.MRS),
}


class RosterFault(Fault):
    """What keeps a line from being taken."""

    EMPTY_CELL = ("EMPTY_CELL", ("La colonne « {column} » est vide.", "The column “{column}” is empty."), ("Remplissez-la.", "Fill it."))
    BAD_REFERENCE = (
        "BAD_REFERENCE",
        ("« {found} » ne peut pas nommer un dossier.", "“{found}” cannot name a folder."),
        (
            "Utilisez de 2 à 32 lettres sans accent, chiffres ou tirets, par exemple C-014.",
            "Use 2 to 32 letters without accents, digits or hyphens, for instance C-014.",
        ),
    )
    TELLING_REFERENCE = (
        "TELLING_REFERENCE",
        (
            "La référence « {found} » reprend le nom ou l’adresse du candidat ; elle serait lue de tous.",
            "The reference “{found}” repeats the candidate’s name or address; everyone would read it.",
        ),
        ("Choisissez une référence neutre, par exemple C-014.", "Choose a neutral reference, for instance C-014."),
    )
    BAD_CIVILITY = (
        "BAD_CIVILITY",
        ("La civilité « {found} » n’est pas connue.", "The title “{found}” is not known."),
        ("Écrivez M. ou Mme, ou laissez vide.", "Write M. or Mme, or leave it empty."),
    )
    BAD_NAME = (
        "BAD_NAME",
        ("« {found} » ne peut pas être un nom (colonne « {column} »).", "“{found}” cannot be a name (column “{column}”)."),
        ("Écrivez-le avec des lettres, en 80 caractères au plus.", "Write it with letters, in 80 characters at most."),
    )
    BAD_MAIL = (
        "BAD_MAIL",
        ("« {found} » n’est pas une adresse de courriel.", "“{found}” is not a mail address."),
        ("Corrigez-la : une seule adresse, sans accent ni espace.", "Correct it: one address, without accents or spaces."),
    )
    BAD_DEPARTMENT = (
        "BAD_DEPARTMENT",
        ("« {found} » n’est pas un numéro de département.", "“{found}” is not the number of a department."),
        ("Écrivez par exemple 01, 2A (Corse-du-Sud), 67, 974, ou laissez vide.", "Write for instance 01, 2A, 67, 974, or leave it empty."),
    )
    NO_TIME = (
        "NO_TIME",
        ("L’heure de passage manque.", "The time of the hearing is missing."),
        (
            "Remplissez « Heure de passage », par exemple 14:30, ou écrivez l’heure avec la date ; elle pourra être changée.",
            "Fill “Heure de passage”, for instance 14:30, or write the time with the date; it can be changed later.",
        ),
    )
    TWO_TIMES = (
        "TWO_TIMES",
        ("Deux heures de passage différentes sont écrites.", "Two different times of hearing are written."),
        ("N’en gardez qu’une.", "Keep only one."),
    )
    BAD_LANGUAGE = (
        "BAD_LANGUAGE",
        ("La langue « {found} » n’est pas proposée.", "The language “{found}” is not offered."),
        ("Écrivez fr ou en, ou laissez vide (fr).", "Write fr or en, or leave it empty (fr)."),
    )
    DOUBLE_REFERENCE = (
        "DOUBLE_REFERENCE",
        ("La référence « {found} » est déjà à la ligne {wanted}.", "The reference “{found}” is already on line {wanted}."),
        (
            "Donnez à chaque candidat la sienne ; si c’est la même personne, supprimez une des deux lignes.",
            "Give each candidate a reference of his own; if it is the same person, delete one of the two lines.",
        ),
    )
    DOUBLE_MAIL = (
        "DOUBLE_MAIL",
        ("L’adresse « {found} » est déjà à la ligne {wanted}.", "The address “{found}” is already on line {wanted}."),
        (
            "Le lien de dépôt est personnel : donnez à chaque candidat son adresse.",
            "The deposit link is personal: give each candidate his own address.",
        ),
    )
    PAST_HEARING = (
        "PAST_HEARING",
        ("Le passage du {found} est déjà passé.", "The hearing of {found} is already past."),
        ("Vérifiez la date ; la ligne a été lue.", "Check the date; the line was read."),
        True,
    )


@dataclass(frozen=True, slots=True)
class RosterLine:
    """One candidate. ``hearing_at`` is aware, in Europe/Paris. ``line`` is where it stood, and no part of what it says."""

    reference: str
    civility: Civility
    family_name: str
    given_name: str
    mail: str
    employer: str
    department: str
    hearing_at: datetime
    language: Language = Language.FR
    line: int = field(default=0, compare=False)

    @property
    def calendar(self) -> str:
        """Return the calendar of public holidays: ``FR``, or a subdivision that the ``holidays`` library knows."""
        return _CALENDARS.get(self.department, "FR")


@dataclass(frozen=True, slots=True)
class Roster:
    """The lines that can be taken, and what is wrong with the others or with the file."""

    lines: tuple[RosterLine, ...]
    problems: tuple[Problem, ...]


def read_roster(data: bytes, *, now: datetime) -> Roster:
    """Read a list of candidates; never raises for what the file holds. ``now`` is aware: a hearing in the past is a warning."""
    sheet = read_sheet(data, COLUMNS)
    problems = list(sheet.problems)
    lines: list[RosterLine] = []
    references: dict[str, int] = {}
    mails: dict[str, int] = {}
    for row in sheet.rows:
        line, found = _line(row)
        found = [*_doubles(line, references, mails), *found]
        if any(not problem.warning for problem in found):
            problems.extend(found)
            continue
        references[line.reference.casefold()] = mails[line.mail.casefold()] = line.line
        if line.hearing_at < now:
            found.append(Problem(RosterFault.PAST_HEARING, row.line, _TITLES["hearing_date"], line.hearing_at.date()))
        problems.extend(found)
        lines.append(line)
    if not sheet.rows and not problems:
        problems.append(Problem(SheetFault.EMPTY))
    return Roster(tuple(lines), tuple(problems))


def _line(row: Row) -> tuple[RosterLine, list[Problem]]:
    """Read one line whole: what could not be read stands empty in it, beside the problem that says so."""
    reading = _Reading(row)
    line = RosterLine(
        reference=reading.text("reference"),
        civility=reading.one_of("civility", _CIVILITIES, RosterFault.BAD_CIVILITY, Civility.NONE),
        family_name=reading.name("family_name"),
        given_name=reading.name("given_name"),
        mail=reading.mail(),
        employer=reading.name("employer", required=False),
        department=reading.department(),
        hearing_at=reading.hearing(),
        language=reading.one_of("language", _LANGUAGES, RosterFault.BAD_LANGUAGE, Language.FR),
        line=row.line,
    )
    reading.check_reference(line)
    return line, reading.problems


class _Reading:
    """Reads the cells of one line, and gathers what is wrong instead of stopping at the first fault."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.problems: list[Problem] = []

    def fault(self, fault: Fault, key: str, found: str = "") -> None:
        self.problems.append(Problem(fault, self.row.line, _TITLES[key], found))

    def text(self, key: str, *, required: bool = True) -> str:
        try:
            value = " ".join(self.row.text(key).split())
        except SheetError as error:
            self.problems.append(error.problem)
            return ""
        if required and not value:
            self.fault(RosterFault.EMPTY_CELL, key)
        return value

    def name(self, key: str, *, required: bool = True) -> str:
        value = self.text(key, required=required)
        odd = any(unicodedata.category(letter)[0] == "C" or letter in "<>@" for letter in value)
        if value and (odd or len(value) > _LONGEST_NAME or not any(letter.isalnum() for letter in value)):
            self.fault(RosterFault.BAD_NAME, key, value)
        return value

    def one_of(self, key: str, known: Mapping[str, _T], fault: Fault, default: _T) -> _T:
        written = self.text(key, required=False)
        value = known.get(fold(written).rstrip(".")) if written else default
        if value is None:
            self.fault(fault, key, written)
            return default
        return value

    def mail(self) -> str:
        value = self.text("mail").removeprefix("mailto:")
        if value and not is_address(value):
            self.fault(RosterFault.BAD_MAIL, "mail", value)
        return value

    def department(self) -> str:
        written = self.text("department", required=False).upper()
        code = re.sub(r" .*", "", written).zfill(2) if written else ""
        if code and code not in DEPARTMENTS:
            self.fault(RosterFault.BAD_DEPARTMENT, "department", written)
        return code

    def hearing(self) -> datetime:
        try:
            day, at = self.row.date_in("hearing_date"), self.row.time_in("hearing_time")
            within = self.row.time_within("hearing_date")
        except SheetError as error:
            self.problems.append(error.problem)
            return _NOWHEN
        if day is None:
            self.fault(RosterFault.EMPTY_CELL, "hearing_date")
        elif at is None and within is None:
            self.fault(RosterFault.NO_TIME, "hearing_time")
        elif at is not None and within is not None and at != within:
            self.fault(RosterFault.TWO_TIMES, "hearing_time")
        hour = at or within
        return datetime.combine(day, hour, PARIS) if day is not None and hour is not None else _NOWHEN

    def check_reference(self, line: RosterLine) -> None:
        folded = fold(line.reference)
        if line.reference and (not _REFERENCE.fullmatch(line.reference) or _RESERVED.fullmatch(folded)):
            self.fault(RosterFault.BAD_REFERENCE, "reference", line.reference)
        elif _tells(folded, line):
            self.fault(RosterFault.TELLING_REFERENCE, "reference", line.reference)


def _tells(reference: str, line: RosterLine) -> bool:
    """Say whether a folded reference gives away the name or the mail address: long parts anywhere, short ones standing alone."""
    words = re.findall(r"[a-z]+", fold(f"{line.family_name} {line.given_name} {line.mail.partition('@')[0]}"))
    runs = set(re.findall(r"[a-z]+", reference))
    bare = reference.replace("-", "")
    parts = {word for word in words if len(word) >= _SHORTEST} - _NEUTRAL
    return any(part in runs or (len(part) >= _TELLING and part in bare) for part in parts)


def _doubles(line: RosterLine, references: dict[str, int], mails: dict[str, int]) -> list[Problem]:
    found = []
    for fault, key, value, seen in (
        (RosterFault.DOUBLE_REFERENCE, "reference", line.reference, references),
        (RosterFault.DOUBLE_MAIL, "mail", line.mail, mails),
    ):
        if value.casefold() in seen:
            found.append(Problem(fault, line.line, _TITLES[key], value, str(seen[value.casefold()])))
    return found
