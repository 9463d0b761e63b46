"""Causes and reasons in words, in French and in English."""

from registry.codes import Language
from registry.phrases import typeset
from retention.facts import Cause, Reason

_CAUSES: dict[Cause, tuple[str, str]] = {
    Cause.APPEAL_PERIOD_OVER: ("délai de recours écoulé", "the time to contest is over"),
    Cause.NO_RECOURSE: ("décision communiquée, sans recours possible", "the decision was communicated, and there is no recourse"),
    Cause.REPLACED: ("remplacé par un autre enregistrement", "replaced by another recording"),
    Cause.CONSENT_WITHDRAWN: ("accord du client retiré", "the client’s consent was withdrawn"),
    Cause.QUARANTINE_OVER: ("refusé, et mis de côté assez longtemps", "refused, and kept aside long enough"),
    Cause.CONSENT_WAIT_OVER: ("accord du client jamais attesté", "the client’s consent was never attested"),
    Cause.SESSION_CANCELLED: ("session annulée", "the session was cancelled"),
    Cause.CLOSED_WITHOUT_DECISION: ("dossier clos sans décision", "the dossier was closed without a decision"),
}
_REASONS: dict[Reason, tuple[str, str]] = {
    Reason.NOT_STORED: ("Le dépôt n’est pas encore conservé.", "The deposit is not stored yet."),
    Reason.BEING_DESTROYED: ("La destruction est en cours.", "It is being destroyed."),
    Reason.DESTROYED: ("L’enregistrement est détruit.", "It is destroyed."),
    Reason.HELD: ("La destruction est suspendue.", "Destruction is on hold."),
    Reason.APPEAL_OPEN: ("Un recours est ouvert.", "An appeal is open."),
    Reason.NO_DECISION: ("Aucune décision du jury n’est enregistrée.", "No decision of the jury is recorded."),
    Reason.APPEAL_AWAITS_DECISION: (
        "Le recours est tranché ; la nouvelle décision n’est pas enregistrée.",
        "The appeal was ruled on; the new decision is not recorded.",
    ),
    Reason.DECISION_UNCONFIRMED: (
        "La décision attend la confirmation d’une seconde personne.",
        "The decision waits for a second person’s confirmation.",
    ),
    Reason.NOT_NOTIFIED: ("Aucune notification n’est enregistrée.", "No notification is recorded."),
    Reason.NOTIFICATION_UNPROVEN: (
        "Rien ne prouve encore que la décision a été remise au candidat.",
        "Nothing proves yet that the decision reached the candidate.",
    ),
    Reason.NOTIFICATION_UNCONFIRMED: (
        "La notification attend la confirmation d’une seconde personne.",
        "The notification waits for a second person’s confirmation.",
    ),
    Reason.UNCLAIMED: (
        "Pli avisé et non réclamé : une seconde présentation est nécessaire, puis une date motivée par deux personnes.",
        "The letter was not claimed: a second attempt is needed, then a date that two people set with a reason.",
    ),
    Reason.OUT_OF_ORDER: (
        "Les dates se contredisent : décision avant le passage, ou notification avant la décision ou avant l’envoi.",
        "The dates contradict each other: decided before the hearing, or notified before the decision or before it was sent.",
    ),
    Reason.SCHEME_UNSTATED: (
        "Le délai de recours de cette certification n’est pas fixé : rien n’est détruit automatiquement.",
        "The time to contest is not set for this certification: nothing is destroyed automatically.",
    ),
    Reason.RECOURSE_UNCHECKED: (
        "Personne n’a encore noté que la commission n’a reçu aucun recours après le dernier jour.",
        "Nobody has noted yet that the commission received no appeal after the last day.",
    ),
    Reason.WITHDRAWAL_UNCONFIRMED: (
        "Le retrait de l’accord attend la confirmation d’une seconde personne.",
        "The withdrawal of consent waits for a second person’s confirmation.",
    ),
    Reason.INSTANT_MISSING: ("Le moment d’un fait n’est pas enregistré.", "The moment of a fact is not on record."),
}


def cause(found: Cause, language: Language) -> str:
    """Say a cause, as part of a sentence."""
    return typeset(_CAUSES[found][0 if language is Language.FR else 1], language)


def reason(found: Reason, language: Language) -> str:
    """Say in a sentence why nothing is destroyed."""
    return typeset(_REASONS[found][0 if language is Language.FR else 1], language)
