"""The template of a list of attestations, that the centre types in or imports."""

from consent.files import COLUMNS
from consent.words import ROLES, WAYS
from registry.codes import Language
from registry.problems import Words
from registry.templates import Explained, delimited, workbook

_COLUMN = {column.key: column for column in COLUMNS}
_YES_NO = ("oui", "non")
_TOLD = Words("oui si le candidat atteste l’avoir dit à son client.", "oui (yes) if the candidate attests having told the client.")
EXPLAINED = (
    Explained(
        _COLUMN["candidate_reference"],
        Words("Celle qui nomme le dossier du candidat.", "The one that names the candidate’s folder."),
        "C-014",
    ),
    Explained(_COLUMN["call_date"], Words("Jour d’abord.", "The day first."), "12/03/2026", format="dd/mm/yyyy"),
    Explained(_COLUMN["call_time"], Words("Facultatif.", "Optional."), "14:30", format="hh:mm"),
    Explained(
        _COLUMN["given_on"],
        Words("Date de l’accord du client : le jour de l’appel, ou avant.", "Date of the client’s agreement: the call’s day, or before."),
        "12/03/2026",
        format="dd/mm/yyyy",
    ),
    Explained(
        _COLUMN["way"],
        Words(
            "Oral avant l’enregistrement, oral au début, ou par écrit.", "Orally before the recording, orally at its start, or in writing."
        ),
        WAYS[next(iter(WAYS))].fr,
        ("oral avant", "oral au début", "par écrit"),
    ),
    Explained(_COLUMN["told_recording"], _TOLD, "oui", _YES_NO),
    Explained(_COLUMN["told_purpose"], _TOLD, "oui", _YES_NO),
    Explained(_COLUMN["told_retention"], _TOLD, "oui", _YES_NO),
    Explained(_COLUMN["notice_id"], Words("Identifiant de la notice lue.", "Identifier of the notice that was read."), "2024-10"),
    Explained(
        _COLUMN["client_role"],
        Words("Facultatif ; jamais un nom.", "Optional; never a name."),
        "paie",
        tuple(words.text(Language.FR).split(",")[0] for words in ROLES.values()),
        width=24,
    ),
    Explained(
        _COLUMN["client_reference"],
        Words("Facultatif : celle du dossier, déjà connue.", "Optional: that of the folder, already known."),
        "ABCD-EFGH",
    ),
)


def attestations_workbook() -> bytes:
    """Return the template as an ``.xlsx``."""
    return workbook("Attestations", EXPLAINED)


def attestations_csv() -> bytes:
    """Return the template as a CSV."""
    return delimited(EXPLAINED)
