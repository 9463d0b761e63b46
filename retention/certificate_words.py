"""The words of the certificate and of the disposal list, in French: what a lay person reads. Data; typography is the reader's.

The French text is the document of the centre; what proves is the JSON beside it, which has no language.
"""

from collections.abc import Mapping
from typing import Final

from registry.tables.decisions import AppealOutcome, Channel, Proof
from registry.tables.holds import HoldReason
from retention.certificate_facts import Copy, CopyState, Kept, Limit, Method, Verified
from retention.facts import Cause
from retention.steps import StepKind

CAUSES: Final[Mapping[Cause, str]] = {
    Cause.APPEAL_PERIOD_OVER: "le jury a décidé, et le délai pour contester est passé",
    Cause.NO_RECOURSE: "la décision a été communiquée, et cette certification ne prévoit pas de recours",
    Cause.REPLACED: "le candidat l’a remplacé par un autre enregistrement",
    Cause.CONSENT_WITHDRAWN: "l’accord de la personne enregistrée a été retiré",
    Cause.QUARANTINE_OVER: "le fichier avait été refusé, et le temps de sa mise de côté est passé",
    Cause.CONSENT_WAIT_OVER: "l’attestation d’accord attendue n’est jamais arrivée",
    Cause.SESSION_CANCELLED: "la session d’évaluation a été annulée",
    Cause.CLOSED_WITHOUT_DECISION: "le dossier a été clos sans décision du jury",
}
CHANNELS: Final[Mapping[Channel, str]] = {
    Channel.REGISTERED_LETTER: "lettre recommandée",
    Channel.REGISTERED_MAIL: "lettre recommandée électronique",
    Channel.BY_HAND: "remise en main propre",
    Channel.LETTER: "lettre simple",
    Channel.MAIL: "courrier électronique",
}
PROOFS: Final[Mapping[Proof, str]] = {
    Proof.HANDED_OVER: "avis de remise de la poste",
    Proof.ACKNOWLEDGED: "accusé de réception signé",
    Proof.SENT_PLUS_DAYS: "présumée d’après la date d’envoi",
    Proof.REASONED_DATE: "pli non réclamé, date fixée par deux personnes",
}
EXTENDED: Final[Mapping[StepKind, str]] = {StepKind.WEEKEND: "samedi ou dimanche", StepKind.HOLIDAY: "jour férié"}
OUTCOMES: Final[Mapping[AppealOutcome, str]] = {
    AppealOutcome.REJECTED: "rejeté",
    AppealOutcome.UPHELD: "accueilli",
    AppealOutcome.WITHDRAWN: "retiré",
    AppealOutcome.INADMISSIBLE: "irrecevable",
}
HOLDS: Final[Mapping[HoldReason, str]] = {
    HoldReason.APPEAL: "recours",
    HoldReason.LITIGATION: "litige",
    HoldReason.DPO_REQUEST: "demande du délégué à la protection des données",
    HoldReason.RESTORED: "restauration d’une sauvegarde",
    HoldReason.OTHER: "autre raison",
}
METHODS: Final[Mapping[Method, str]] = {
    Method.KEY_ERASED_AND_OBJECTS_DELETED: "L’enregistrement était chiffré avec une clé qui ne servait qu’à lui. Cette clé a été effacée "
    "du coffre et de son double, puis toutes les versions connues du fichier chiffré ont été supprimées. Sans la clé, une copie qui "
    "subsisterait ne peut plus être écoutée par personne.",
}
LIMITS: Final[Mapping[Limit, str]] = {
    Limit.MEDIA_NOT_OVERWRITTEN: "Les supports physiques n’ont pas été réécrits.",
    Limit.ONLY_KNOWN_COPIES: "Ce certificat ne porte que sur les copies connues du système ; il ne dit rien d’une copie faite hors de lui.",
}
COPIES: Final[Mapping[Copy, str]] = {
    Copy.KEY: "Clé, dans le coffre",
    Copy.KEY_MIRROR: "Clé, dans le double du coffre",
    Copy.SOUND: "Fichier chiffré",
    Copy.WAVEFORM: "Tracé du son, chiffré",
    Copy.UPLOAD_PARTS: "Envois inachevés",
    Copy.ORIGINAL: "Fichier d’origine, dans le dossier de dépôt",
    Copy.FOLDER_BACKUPS: "Corbeille, versions et sauvegardes du dossier partagé",
    Copy.STORE_VOLUME: "Fichier interne du stockage",
    Copy.DATABASE_BACKUPS: "Sauvegardes de la base de données",
    Copy.SNAPSHOTS: "Instantanés de la machine",
}
STATES: Final[Mapping[CopyState, str]] = {
    CopyState.ENTOMBED: "effacée définitivement",
    CopyState.DELETED: "supprimé",
    CopyState.NONE_FOUND: "rien trouvé",
    CopyState.COMPACTED: "espace récupéré",
    CopyState.PENDING: "reste chiffré, sans clé, jusqu’au prochain nettoyage",
    CopyState.EXCLUDED: "il n’y en a pas",
    CopyState.KEPT_DAYS: "gardés {days} jours",
    CopyState.UNKNOWN: "non connu du système : voir le centre",
    CopyState.WITHOUT_SOUND: "ne contiennent ni son ni clé",
}
CLOCKS: Final[Mapping[str, str]] = {
    "database": "la base de données",
    "object_store": "le stockage",
    "outside": "une horloge extérieure",
    "journal": "la dernière entrée du journal",
    "kernel": "la synchronisation de la machine",
}
VERIFIED: Final[Mapping[Verified, str]] = {
    Verified.NO_VERSION_LISTED: "le stockage ne liste plus aucune version du fichier",
    Verified.READ_FAILS: "sa lecture échoue",
    Verified.NO_UPLOAD_LISTED: "aucun envoi inachevé n’est listé",
    Verified.VAULT_TOMBSTONE: "le coffre répond que la clé est détruite",
    Verified.MIRROR_TOMBSTONE: "le double du coffre répond de même",
    Verified.NO_ORIGINAL: "le dossier de dépôt ne contient plus le fichier d’origine",
}
KEPT: Final[Mapping[Kept, str]] = {
    Kept.CERTIFICATE: "ce certificat",
    Kept.JOURNAL: "le journal, qui ne contient aucun nom",
    Kept.PSEUDONYMOUS_FACTS: "des dates, des tailles et des identifiants sans nom",
}
FATES: Final[Mapping[str, str]] = {
    "destroyed": "détruit, vérifié, certifié",
    "repeated": "déjà détruit : vérifié de nouveau, le premier certificat fait foi",
    "failed": "destruction commencée, non prouvée : elle sera reprise",
    "spared": "non détruit",
}


def who(identifier: str) -> str:
    """Say who acted: a person by his identifier, or the system."""
    return "le système, de lui-même" if identifier.startswith("system:") else identifier
