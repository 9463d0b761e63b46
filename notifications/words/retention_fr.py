"""The sentences of the mails about the end of recordings, in French."""

from notifications.words.retention_shape import RetentionTexts

RETENTION = RetentionTexts(
    causes={
        "appeal_period_over": "délai de recours écoulé",
        "no_recourse": "décision communiquée, sans voie de recours",
        "replaced": "enregistrement remplacé",
        "consent_withdrawn": "accord retiré",
        "quarantine_over": "refusé, mise de côté terminée",
        "consent_wait_over": "attestation jamais reçue",
        "session_cancelled": "session annulée",
        "closed_without_decision": "dossier clos sans décision",
    },
    dossier="Dossier",
    session="Session",
    cause="Motif",
    from_day="Destruction à partir du",
    waits_since="En attente depuis le",
    what_waits="Ce qui manque",
    planned_title="{count} destructions prévues",
    planned_one="Une destruction prévue",
    planned_what="Ce qui est prévu",
    planned_count="Les enregistrements ci-dessous seront détruits aux dates indiquées, ou dans les jours qui suivent.",
    planned_how="Un certificat de destruction sera établi pour chacun.",
    planned_nothing="Si ces dates sont justes, vous n’avez rien à faire.",
    planned_appeal="Si vous avez connaissance d’un recours, enregistrez-le avant la date indiquée : la destruction est alors suspendue "
    "aussitôt (consigne appeal).",
    planned_hold="Pour toute autre raison d’attendre, enregistrez une suspension (consigne hold).",
    approval_title="Une liste de destructions attend votre validation",
    approval_what="Ce qui attend",
    approval_four_eyes="Votre centre a choisi qu’une personne valide chaque liste avant la destruction.",
    approval_many="Cette liste dépasse le nombre de destructions qui peuvent se faire en un jour sans l’accord d’une personne.",
    approval_how="Relisez la liste, puis validez-la : consigne approve {run}",
    approval_meanwhile="D’ici là, rien de cette liste n’est détruit.",
    lingering_title="Des dossiers attendent sans échéance",
    lingering_what="Ce qui attend",
    lingering_count="Sans décision notifiée, le délai de recours ne commence pas, et l’enregistrement reste conservé sans date de fin.",
    lingering_kinds={"undecided": "la décision du jury", "unnotified": "la preuve de la notification"},
    lingering_decide="Si le jury a décidé, enregistrez la date (consigne decide).",
    lingering_notify="Si la décision a été notifiée, enregistrez la date de remise (consigne notify). Pour un pli non réclamé, faites un "
    "second envoi ; à défaut, une date motivée peut être fixée par deux personnes.",
    lingering_close="Si le candidat était absent ou a renoncé, clôturez le dossier (consigne close).",
)
