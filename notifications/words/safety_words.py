"""The words of the mails about restores and about what the nightly comparison found, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.codes import Language


@dataclass(frozen=True, slots=True)
class SafetyTexts:
    """The sentences of these mails. ``papers``, ``kinds`` are by code; ``facts`` by the part of an entry's kind before the dot."""

    happened: str
    restored_title: str
    restored_from: str
    restored_bare: str
    restored_imported: str
    restored_held: str
    restored_enter: str
    restored_none: str
    restored_lift: str
    restored_uncertain: str
    recorded_on: str
    fact: str
    about: str
    source: str
    papers: Mapping[str, str]
    facts: Mapping[str, str]
    found_title: str
    found_one_title: str
    found_what: str
    found_nothing_deleted: str
    found_look: str
    found_kind: str
    found_count: str
    kinds: Mapping[str, str]


SAFETY: Mapping[Language, SafetyTexts] = {
    Language.FR: SafetyTexts(
        happened="Ce qui s’est passé",
        restored_title="Le centre a été restauré : des faits sont à ressaisir",
        restored_from="La base de données a été restaurée à partir de la sauvegarde du {day}.",
        restored_bare="La base de données a été reconstruite sans sauvegarde. Les noms sont perdus : un pseudonyme les remplace.",
        restored_imported="Le journal a retrouvé {count} inscriptions plus récentes. Il dit ce qui a été fait, sans textes ni noms.",
        restored_held="Tant que la suspension {hold} n’est pas levée, personne ne peut écouter, et rien n’est détruit.",
        restored_enter="Ressaisissez les faits ci-dessous d’après les pièces indiquées, en commençant par le haut de la liste.",
        restored_none="Aucun fait n’est à ressaisir.",
        restored_lift="Ensuite, levez la suspension : consigne release {hold}",
        restored_uncertain="Des courriels en attente sont peut-être déjà partis ({count}) : demandez à leurs destinataires.",
        recorded_on="Enregistré le",
        fact="Fait",
        about="Concerne",
        source="À reprendre de",
        papers={
            "letter": "la lettre recommandée et son cachet",
            "minutes": "le procès-verbal du jury",
            "delivery": "l’avis de réception",
            "client": "la demande du client",
            "attestation": "l’attestation du candidat",
            "roster": "la liste des candidats",
            "planning": "le planning des passages",
            "author": "la personne qui l’a enregistré",
        },
        facts={
            "appeal": "recours",
            "decision": "décision du jury",
            "notification": "notification",
            "hold": "suspension",
            "closure": "clôture d’un dossier",
            "recourse": "vérification des recours",
            "proposal": "demande à confirmer",
            "recording": "accord du client retiré ou rétabli",
            "consent": "attestation d’accord",
            "session": "session",
            "candidate": "candidat",
            "dossier": "dossier",
            "evaluator": "membre du CTE",
            "grant": "mise à disposition",
            "user": "compte du personnel",
        },
        found_title="Contrôle de la nuit : {count} anomalies",
        found_one_title="Contrôle de la nuit : une anomalie",
        found_what="La base de données, les enregistrements chiffrés et les coffres de clés ont été comparés. Le compte devrait être zéro.",
        found_nothing_deleted="Rien n’a été supprimé.",
        found_look="Demandez à l’administrateur technique de lancer « consigne reconcile » et de lire docs/operators.md.",
        found_kind="Anomalie",
        found_count="Nombre",
        kinds={
            "orphan_object": "objet chiffré que rien ne nomme",
            "ghost_object": "enregistrement dont l’objet chiffré manque",
            "ghost_key": "enregistrement dont la clé manque",
            "key_without_row": "clé sans enregistrement connu",
            "vaults_differ": "coffre et miroir différents",
            "unreadable_key": "clé illisible",
            "undead": "clé détruite, enregistrement non détruit",
            "returned": "enregistrement détruit dont une copie est revenue",
            "stalled": "destruction commencée et arrêtée",
            "overdue": "destruction en retard",
            "stuck_mail": "courriel bloqué",
            "expired_attempt": "dépôt commencé et abandonné",
            "unfinished_upload": "envoi inachevé",
            "damaged_object": "objet chiffré abîmé",
        },
    ),
    Language.EN: SafetyTexts(
        happened="What happened",
        restored_title="The centre was restored: facts are to be entered again",
        restored_from="The database was restored from the backup of {day}.",
        restored_bare="The database was rebuilt without a backup. The names are lost: a pseudonym stands in for each.",
        restored_imported="The journal found {count} later entries again. It tells what was done, but neither texts nor names.",
        restored_held="Until the hold {hold} is lifted, nobody can listen, and nothing is destroyed.",
        restored_enter="Enter the facts below again, from the papers named, beginning at the top of the list.",
        restored_none="No fact is to be entered again.",
        restored_lift="Then lift the hold: consigne release {hold}",
        restored_uncertain="Mails that waited may have left already ({count}): ask those they were for.",
        recorded_on="Recorded on",
        fact="Fact",
        about="About",
        source="Take it from",
        papers={
            "letter": "the registered letter and its postmark",
            "minutes": "the jury’s minutes",
            "delivery": "the post’s notice of delivery",
            "client": "the client’s request",
            "attestation": "the candidate’s attestation",
            "roster": "the list of candidates",
            "planning": "the planning of the hearings",
            "author": "the person who recorded it",
        },
        facts={
            "appeal": "appeal",
            "decision": "jury’s decision",
            "notification": "notification",
            "hold": "hold",
            "closure": "dossier closed",
            "recourse": "check for appeals",
            "proposal": "act to confirm",
            "recording": "client’s consent withdrawn or reinstated",
            "consent": "attestation of consent",
            "session": "session",
            "candidate": "candidate",
            "dossier": "dossier",
            "evaluator": "committee member",
            "grant": "recording made available",
            "user": "staff account",
        },
        found_title="Nightly check: {count} anomalies",
        found_one_title="Nightly check: one anomaly",
        found_what="Database, sealed recordings and key vaults were compared. The count should be zero.",
        found_nothing_deleted="Nothing was deleted.",
        found_look="Have the operator run “consigne reconcile” and read docs/operators.md.",
        found_kind="Anomaly",
        found_count="Count",
        kinds={
            "orphan_object": "sealed object that nothing names",
            "ghost_object": "recording whose sealed object is missing",
            "ghost_key": "recording whose key is missing",
            "key_without_row": "key without a known recording",
            "vaults_differ": "vault and mirror differ",
            "unreadable_key": "key that cannot be read",
            "undead": "key destroyed, recording not destroyed",
            "returned": "destroyed recording of which a copy came back",
            "stalled": "destruction begun and stopped",
            "overdue": "destruction overdue",
            "stuck_mail": "mail stuck",
            "expired_attempt": "deposit begun and given up",
            "unfinished_upload": "unfinished upload",
            "damaged_object": "damaged sealed object",
        },
    ),
}
