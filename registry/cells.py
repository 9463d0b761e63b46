"""A cell as a spreadsheet holds it, what can be wrong with one, and how to write one that no spreadsheet will run."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from registry.problems import Fault, Problem

Value = str | int | float | bool | date | datetime | time | timedelta | None

_RUNS_WHEN_FIRST = ("=", "+", "-", "@", "\t", "\r", "\n")


class SheetFault(Fault):
    """What keeps a file, a line or a cell from being read."""

    TOO_LARGE = (
        "TOO_LARGE",
        ("Ce fichier est trop gros pour une liste.", "This file is too large for a list."),
        (
            "Recopiez les lignes dans le modèle fourni, sans image ni mise en forme.",
            "Copy the lines into the template, without pictures or formatting.",
        ),
    )
    TOO_MANY_LINES = (
        "TOO_MANY_LINES",
        (
            "Ce fichier a plus de {wanted} lignes ; les suivantes n’ont pas été lues.",
            "This file has more than {wanted} lines; those after were not read.",
        ),
        (
            "Supprimez les lignes vides mises en forme, ou partagez la liste en plusieurs fichiers.",
            "Delete formatted empty lines, or split the list into several files.",
        ),
    )
    NOT_A_SHEET = (
        "NOT_A_SHEET",
        ("Ce fichier n’est ni un classeur Excel (.xlsx) ni un CSV.", "This file is neither an Excel workbook (.xlsx) nor a CSV."),
        ("Dans Excel : Fichier, Enregistrer sous, « Classeur Excel (.xlsx) ».", "In Excel: File, Save as, “Excel workbook (.xlsx)”."),
    )
    OLD_FORMAT = (
        "OLD_FORMAT",
        ("Ce classeur est dans un format que nous ne lisons pas ({found}).", "This workbook is in a format that we do not read ({found})."),
        (
            "Ouvrez-le, puis Fichier, Enregistrer sous, « Classeur Excel (.xlsx) ».",
            "Open it, then File, Save as, “Excel workbook (.xlsx)”.",
        ),
    )
    ENCRYPTED = (
        "ENCRYPTED",
        ("Ce classeur est protégé par un mot de passe.", "This workbook is protected by a password."),
        (
            "Dans Excel : Fichier, Informations, Protéger le classeur, Chiffrer, effacez le mot de passe, puis enregistrez.",
            "In Excel: File, Info, Protect workbook, Encrypt, clear the password, then save.",
        ),
    )
    MACROS = (
        "MACROS",
        ("Ce classeur contient des macros ; il n’a pas été ouvert.", "This workbook contains macros; it was not opened."),
        ("Enregistrez-le sous « Classeur Excel (.xlsx) », sans macros.", "Save it as “Excel workbook (.xlsx)”, without macros."),
    )
    DAMAGED = (
        "DAMAGED",
        ("Ce fichier est abîmé et n’a pas pu être lu.", "This file is damaged and could not be read."),
        (
            "Ouvrez-le dans Excel, enregistrez-le sous un autre nom, puis recommencez.",
            "Open it in Excel, save it under another name, then try again.",
        ),
    )
    EMPTY = (
        "EMPTY",
        ("Ce fichier ne contient aucune ligne.", "This file has no line."),
        ("Remplissez le modèle, une ligne par personne, puis recommencez.", "Fill the template, one line per person, then try again."),
    )
    ENCODING = (
        "ENCODING",
        ("Les caractères de ce fichier CSV n’ont pas pu être lus.", "The characters of this CSV file could not be read."),
        (
            "Dans Excel : Enregistrer sous, « CSV UTF-8 », ou mieux « Classeur Excel (.xlsx) ».",
            "In Excel: Save as, “CSV UTF-8”, or better “Excel workbook (.xlsx)”.",
        ),
    )
    MISSING_COLUMN = (
        "MISSING_COLUMN",
        ("La colonne « {column} » manque.", "The column “{column}” is missing."),
        ("Ajoutez-la, avec ce titre, ou partez du modèle.", "Add it, with this title, or start from the template."),
    )
    DOUBLE_COLUMN = (
        "DOUBLE_COLUMN",
        ("La colonne « {column} » est là deux fois (« {found} »).", "The column “{column}” is there twice (“{found}”)."),
        ("Gardez-en une seule.", "Keep only one."),
    )
    UNKNOWN_COLUMN = (
        "UNKNOWN_COLUMN",
        ("La colonne « {column} » n’a pas été lue.", "The column “{column}” was not read."),
        ("Si elle compte, donnez-lui le titre du modèle.", "If it matters, give it the title that the template has."),
        True,
    )
    HIDDEN_LINES = (
        "HIDDEN_LINES",
        ("Des lignes masquées (filtre) ont été lues comme les autres.", "Hidden lines (a filter) were read like the others."),
        ("Vérifiez qu’elles devaient l’être.", "Check that they were meant to be."),
        True,
    )
    FORMULA = (
        "FORMULA",
        ("La colonne « {column} » contient une formule ; elle n’a pas été lue.", "The column “{column}” holds a formula; it was not read."),
        (
            "Remplacez-la par sa valeur : copier, puis collage spécial, Valeurs.",
            "Replace it by its value: copy, then paste special, Values.",
        ),
    )
    ERROR_VALUE = (
        "ERROR_VALUE",
        ("La colonne « {column} » contient une erreur d’Excel ({found}).", "The column “{column}” holds an Excel error ({found})."),
        ("Écrivez la valeur à la place.", "Write the value instead."),
    )
    MERGED = (
        "MERGED",
        (
            "La colonne « {column} » a des cellules fusionnées ; cette ligne n’a pas été lue.",
            "The column “{column}” has merged cells; this line was not read.",
        ),
        (
            "Annulez la fusion (Accueil, Fusionner et centrer) et remplissez chaque ligne.",
            "Unmerge them (Home, Merge and centre) and fill each line.",
        ),
    )
    TOO_LONG = (
        "TOO_LONG",
        ("La colonne « {column} » contient un texte trop long.", "The column “{column}” holds a text that is too long."),
        ("Raccourcissez-le.", "Shorten it."),
    )
    NOT_A_DATE = (
        "NOT_A_DATE",
        (
            "« {found} » n’est pas une date que nous savons lire (colonne « {column} »).",
            "“{found}” is not a date that we can read (column “{column}”).",
        ),
        ("Écrivez-la ainsi : 12/03/2026.", "Write it so: 12/03/2026 (the day first)."),
    )
    NOT_A_TIME = (
        "NOT_A_TIME",
        (
            "« {found} » n’est pas une heure que nous savons lire (colonne « {column} »).",
            "“{found}” is not a time that we can read (column “{column}”).",
        ),
        ("Écrivez-la ainsi : 14:30 ou 14h30.", "Write it so: 14:30."),
    )
    NOT_A_FLAG = (
        "NOT_A_FLAG",
        ("« {found} » n’est ni oui ni non (colonne « {column} »).", "“{found}” is neither yes nor no (column “{column}”)."),
        ("Écrivez oui ou non.", "Write yes or no."),
    )


class SheetError(Exception):
    """A cell, or a whole file, cannot be read as asked; the problem says which and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.fault.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell holds. Texts are trimmed and normalised (NFC); an empty text is ``None``."""

    value: Value = None
    fault: SheetFault | None = None

    @property
    def empty(self) -> bool:
        """Say whether there is nothing in it, not even something unreadable."""
        return self.value is None and self.fault is None


@dataclass(frozen=True, slots=True)
class Grid:
    """The lines of one sheet, by the number that the spreadsheet shows. Lines without content are left out."""

    lines: Mapping[int, tuple[Cell, ...]]
    problems: tuple[Problem, ...] = field(default=())


def text_cell(text: str) -> Cell:
    """Make a cell out of a text; what a spreadsheet would run as a formula is marked so, and never used."""
    clean = unicodedata.normalize("NFC", text.replace("\u00a0", " ").replace("\u202f", " ")).strip()
    if not clean or clean in {"-", "–", "—"}:
        return Cell()
    if clean.startswith(_RUNS_WHEN_FIRST):
        return Cell(clean, SheetFault.FORMULA)
    return Cell(clean)


def escape(text: str) -> str:
    """Return a text that Excel and LibreOffice show and never run (CWE-1236): an apostrophe before ``= + - @`` and controls."""
    return f"'{text}" if text.startswith(_RUNS_WHEN_FIRST) else text
