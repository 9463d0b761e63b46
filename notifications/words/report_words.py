"""The words of the intake report, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from registry.codes import Language


class ReportState(StrEnum):
    """Where a candidate stands, most urgent first."""

    LATE = "late"  # nothing usable, and the last day has passed
    TO_CHECK = "to_check"
    REFUSED = "refused"
    WAITING = "waiting"
    MISSING = "missing"
    RECEIVED = "received"


class ToDo(StrEnum):
    """What the coordinator may do next for a candidate."""

    CONTACT = "contact"
    DECIDE = "decide"
    WAIT_NEW_FILE = "wait_new_file"
    REMIND_ATTESTATION = "remind_attestation"
    TYPE_ATTESTATION = "type_attestation"
    CHOOSE = "choose"
    WAIT = "wait"
    NOTHING = "nothing"


MARKS: Mapping[ReportState, str] = {
    ReportState.LATE: "▲",
    ReportState.TO_CHECK: "◆",
    ReportState.REFUSED: "✕",
    ReportState.WAITING: "■",
    ReportState.MISSING: "○",
    ReportState.RECEIVED: "✓",
}
"""A shape for each state, beside its word: colour never speaks alone."""


@dataclass(frozen=True, slots=True)
class ReportTexts:
    """The report's headers, states and tasks; ``headers`` are reference, candidate, state, since, next date, to do."""

    headers: tuple[str, str, str, str, str, str]
    states: Mapping[ReportState, str]
    to_do: Mapping[ToDo, str]
    sheet: str
    file_stem: str
    picture: str
    candidates: str
    table: str


REPORTS: Mapping[Language, ReportTexts] = {
    Language.FR: ReportTexts(
        headers=("Référence", "Candidat", "État", "Depuis", "Prochaine date", "À faire"),
        states={
            ReportState.LATE: "En retard",
            ReportState.TO_CHECK: "À vérifier",
            ReportState.REFUSED: "Refusé",
            ReportState.WAITING: "Attestation attendue",
            ReportState.MISSING: "Rien reçu",
            ReportState.RECEIVED: "Reçu",
        },
        to_do={
            ToDo.CONTACT: "Joindre le candidat",
            ToDo.DECIDE: "Écouter et décider",
            ToDo.WAIT_NEW_FILE: "Attendre un autre fichier",
            ToDo.REMIND_ATTESTATION: "Relancer pour l’attestation",
            ToDo.TYPE_ATTESTATION: "Saisir l’attestation",
            ToDo.CHOOSE: "Demander quel fichier compte",
            ToDo.WAIT: "Attendre le dépôt",
            ToDo.NOTHING: "Rien",
        },
        sheet="Dépôts",
        file_stem="Depots",
        picture="Répartition des candidats par état",
        candidates="Candidats : {count}",
        table="Candidats, du plus urgent au moins urgent",
    ),
    Language.EN: ReportTexts(
        headers=("Reference", "Candidate", "State", "Since", "Next date", "To do"),
        states={
            ReportState.LATE: "Late",
            ReportState.TO_CHECK: "To check",
            ReportState.REFUSED: "Refused",
            ReportState.WAITING: "Attestation expected",
            ReportState.MISSING: "Nothing received",
            ReportState.RECEIVED: "Received",
        },
        to_do={
            ToDo.CONTACT: "Contact the candidate",
            ToDo.DECIDE: "Listen and decide",
            ToDo.WAIT_NEW_FILE: "Wait for another file",
            ToDo.REMIND_ATTESTATION: "Remind of the attestation",
            ToDo.TYPE_ATTESTATION: "Type in the attestation",
            ToDo.CHOOSE: "Ask which file counts",
            ToDo.WAIT: "Wait for the deposit",
            ToDo.NOTHING: "Nothing",
        },
        sheet="Deposits",
        file_stem="Deposits",
        picture="The candidates by state",
        candidates="Candidates: {count}",
        table="Candidates, most urgent first",
    ),
}
