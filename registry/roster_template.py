"""The template of the list of candidates."""

from dataclasses import replace

from registry.problems import Words
from registry.roster import COLUMNS, DEPARTMENTS
from registry.templates import Explained, delimited, workbook

_COLUMN = {column.key: column for column in COLUMNS}
EXPLAINED = (
    Explained(
        _COLUMN["reference"],
        Words(
            "Nomme le dossier de dépôt : de 2 à 32 lettres sans accent, chiffres ou tirets. Ni le nom ni l’adresse du candidat.",
            "Names the deposit folder: 2 to 32 letters without accents, digits or hyphens. Neither the candidate’s name nor address.",
        ),
        "C-014",
    ),
    Explained(_COLUMN["civility"], Words("M. ou Mme, ou vide.", "M. or Mme, or empty."), "Mme", ("M.", "Mme"), width=10),
    Explained(_COLUMN["family_name"], Words("Nom de famille.", "Family name."), "Exemple"),
    Explained(_COLUMN["given_name"], Words("Prénom.", "Given name."), "Camille"),
    Explained(
        _COLUMN["mail"],
        Words("L’adresse où il reçoit son lien : une par candidat.", "Where the link is sent: one for each candidate."),
        "camille@example.org",
        width=32,
    ),
    Explained(_COLUMN["employer"], Words("L’entreprise qui l’emploie.", "The company that employs him."), "GPS Exemple", width=24),
    Explained(
        _COLUMN["department"],
        Words(
            "Département, pour les jours fériés : de 01 à 95, 2A, 2B, 971 à 988. Vide : jours fériés nationaux.",
            "Department, for public holidays: 01 to 95, 2A, 2B, 971 to 988. Empty: national holidays.",
        ),
        DEPARTMENTS[66],
        width=14,
    ),
    Explained(
        _COLUMN["hearing_date"],
        Words("Date du passage devant le CTE, jour d’abord.", "Date of the hearing, the day first."),
        "15/06/2026",
        format="dd/mm/yyyy",
    ),
    Explained(
        replace(_COLUMN["hearing_time"], required=True),  # of a line; the reader does without the column when every date carries its time
        Words(
            "Heure de Paris. Elle peut manquer ici seulement si elle est écrite avec la date : 15/06/2026 14:30.",
            "Time in Paris. It may be left out here only if it is written with the date: 15/06/2026 14:30.",
        ),
        "14:30",
        format="hh:mm",
    ),
    Explained(_COLUMN["language"], Words("fr (par défaut) ou en.", "fr (by default) or en."), "fr", ("fr", "en"), width=10),
)


def roster_workbook() -> bytes:
    """Return the template as an ``.xlsx``."""
    return workbook("Candidats", EXPLAINED)


def roster_csv() -> bytes:
    """Return the template as a CSV."""
    return delimited(EXPLAINED)
