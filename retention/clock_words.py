"""The steps of the clock in sentences, in French and in English.

Our own choices are never worded as the source's rule: the extension is « par analogie », the grace is the centre's.
"""

from registry.codes import Language
from registry.phrases import long_date, moment, typeset, until
from retention.steps import Step, StepKind

_FR, _EN = Language.FR, Language.EN
_K = StepKind

_SENTENCES: dict[StepKind, tuple[str, str]] = {
    _K.NOTIFIED: ("Décision notifiée le {day}.", "Decision notified on {day}."),
    _K.MONTHS: ("{months} plus tard, le même quantième : {day}.", "{months} later, the same day of the month: {day}."),
    _K.CLAMPED: (
        "{months} plus tard, le mois n’a pas ce quantième : son dernier jour, {day}.",
        "{months} later, the month has no such day: its last one, {day}.",
    ),
    _K.FRANC: ("Délai franc : un jour de plus, {day}.", "A clear period: one more day, {day}."),
    _K.WEEKEND: (
        "Le {day} ne peut pas être le dernier jour : délai prolongé au lendemain (article 642 du Code de procédure civile, par analogie).",
        "{day} cannot be the last day: extended to the next day (article 642 of the Code de procédure civile, by analogy).",
    ),
    _K.HOLIDAY: (
        "Le {day} est férié ({holiday}) : délai prolongé au lendemain (article 642 du Code de procédure civile, par analogie).",
        "{day} is a public holiday ({holiday}): extended to the next day (article 642 of the Code de procédure civile, by analogy).",
    ),
    _K.NOT_EXTENDED: (
        "Le {day} est un samedi, un dimanche ou un jour férié, mais le mode de calcul retenu ne prolonge pas le délai.",
        "{day} is a Saturday, a Sunday or a public holiday, but the computation chosen does not extend the period.",
    ),
    _K.LAST_DAY: ("Dernier jour pour contester{to} : {until}.", "Last day to contest{to}: {until}."),
    _K.GRACE: (
        "Délai d’acheminement du courrier, choisi par le centre : {days} de plus, {until}.",
        "Time for letters on their way, chosen by the centre: {days} more, {until}.",
    ),
    _K.NO_RECOURSE: (
        "{scheme} : aucun recours contre la décision du jury n’est prévu.",
        "{scheme}: no recourse against the jury’s decision is provided for.",
    ),
    _K.MIN_HOLD: (
        "Conservation minimale, réglage du centre : {days} de plus, {until}.",
        "Least time held, a setting of the centre: {days} more, {until}.",
    ),
    _K.UNSTATED: (
        "{scheme} : le délai de recours n’est pas indiqué. Rien n’est détruit automatiquement tant que le centre ne l’a pas fixé.",
        "{scheme}: the time to contest is not stated. Nothing is destroyed automatically until the centre has set it.",
    ),
    _K.ELIGIBLE: ("Destruction possible à partir du {moment}, heure de Paris.", "Destruction possible from {moment}."),
    _K.REPLACED: (
        "Remplacé le {moment} par un autre enregistrement, qui a été accepté.",
        "Replaced on {moment} by another recording, which was accepted.",
    ),
    _K.CONSENT_WITHDRAWN: ("Accord du client retiré le {moment}.", "The client’s consent was withdrawn on {moment}."),
    _K.QUARANTINE_OVER: ("Refusé, mis de côté jusqu’au {moment}.", "Refused, kept aside until {moment}."),
    _K.CONSENT_WAIT_OVER: ("Attestation d’accord attendue {until}.", "The attestation of consent was waited for {until}."),
    _K.SESSION_CANCELLED: ("Session annulée le {moment}.", "Session cancelled on {moment}."),
    _K.CANDIDATE_ABSENT: (
        "Dossier clos sans décision le {moment} : candidat absent.",
        "Dossier closed without a decision on {moment}: the candidate was absent.",
    ),
    _K.CANDIDATE_GAVE_UP: (
        "Dossier clos sans décision le {moment} : candidat désisté.",
        "Dossier closed without a decision on {moment}: the candidate gave up.",
    ),
    _K.DELAY: ("{hours} de plus, pour qu’une erreur puisse être corrigée.", "{hours} more, so that a slip can be undone."),
}
_TO = {_FR: " auprès du {name}", _EN: " before the {name}"}
_UNITS = {
    "months": {_FR: ("mois", "mois"), _EN: ("month", "months")},
    "days": {_FR: ("jour", "jours"), _EN: ("day", "days")},
    "hours": {_FR: ("heure", "heures"), _EN: ("hour", "hours")},
}


def sentence(step: Step, language: Language) -> str:
    """Say one step. Days in words, with the weekday; instants in Paris time."""
    template = _SENTENCES[step.kind][0 if language is _FR else 1]
    return typeset(template, language).format_map(_values(step, language))


def _values(step: Step, language: Language) -> dict[str, str]:
    values = {"to": _TO[language].format(name=step.addressee.in_(language)) if step.addressee else "", "scheme": step.scheme or ""}
    if step.day is not None:
        values |= {"day": long_date(step.day, language), "until": until(step.day, language)}
    if step.at is not None:
        values["moment"] = moment(step.at, language)
    if step.holiday is not None:
        values["holiday"] = step.holiday.in_(language)
    if step.count is not None:
        values |= {unit: f"{step.count}\u00a0{words[language][step.count > 1]}" for unit, words in _UNITS.items()}
    return values
