"""The words of the mails about appeals and holds, in French and in English. Templates; the values are made by ``recourse_mails``."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.codes import Language


@dataclass(frozen=True, slots=True)
class RecourseTexts:
    """The sentences of these mails."""

    happened: str
    dossier: str
    means: str
    suspended_title: str
    suspended: str
    received: str
    posted: str
    in_time: str
    too_late: str
    suspended_means: str
    suspended_to_do: str
    incident_title: str
    incident: str
    cited: str
    incident_means: str
    incident_to_do: str
    kept_title: str
    kept: str
    kept_means: str
    kept_by: str
    kept_to_do: str


RECOURSE: Mapping[Language, RecourseTexts] = {
    Language.FR: RecourseTexts(
        happened="Ce qui s’est passé",
        dossier="Dossier {reference}.",
        means="Ce que cela change",
        suspended_title="Recours enregistré, destruction suspendue",
        suspended="Un recours contre la décision du jury a été enregistré.",
        received="Reçu le {day}.",
        posted="Cachet de la poste : {day}.",
        in_time="D’après les dates enregistrées, il est arrivé dans le délai.",
        too_late="D’après les dates enregistrées, le délai était passé ; il suspend la destruction tout de même.",
        suspended_means="Rien de ce dossier ne sera détruit tant qu’une personne n’aura pas dit comment ce recours s’est terminé.",
        suspended_to_do="Quand l’issue sera connue, enregistrez-la avec sa date (consigne appeal, option --outcome).",
        incident_title="Recours arrivé après le début de la destruction",
        incident="Un recours contre la décision du jury a été enregistré, alors que la destruction de l’enregistrement avait commencé.",
        cited="Destruction concernée : {destruction}.",
        incident_means="La destruction n’est pas arrêtée : ce qui est détruit ne peut pas revenir. Le recours est inscrit comme incident.",
        incident_to_do="Prévenez la personne qui préside la commission, et joignez le certificat de destruction.",
        kept_title="Accord retiré, enregistrement retenu",
        kept="Le client a retiré son accord. Personne ne peut plus écouter cet enregistrement.",
        kept_means="Il n’est pas détruit pour autant, car sa destruction est suspendue.",
        kept_by="Suspension en cours : {hold}.",
        kept_to_do="Voyez s’il faut encore le retenir, répondez au client, puis levez la suspension si rien ne s’y oppose "
        "(consigne release).",
    ),
    Language.EN: RecourseTexts(
        happened="What happened",
        dossier="Dossier {reference}.",
        means="What it changes",
        suspended_title="Appeal recorded, destruction suspended",
        suspended="An appeal against the jury’s decision was recorded.",
        received="Received on {day}.",
        posted="Postmark: {day}.",
        in_time="By the dates on record, it came in time.",
        too_late="By the dates on record, the time had passed; it suspends destruction all the same.",
        suspended_means="Nothing of this dossier will be destroyed until somebody has said how this appeal ended.",
        suspended_to_do="Once the outcome is known, record it with its date (consigne appeal, option --outcome).",
        incident_title="Appeal received after destruction had begun",
        incident="An appeal against the jury’s decision was recorded, while the destruction of the recording had begun.",
        cited="Destruction concerned: {destruction}.",
        incident_means="Destruction is not stopped: what is destroyed cannot come back. The appeal is on record as an incident.",
        incident_to_do="Tell whoever presides the commission, and enclose the certificate of destruction.",
        kept_title="Consent withdrawn, recording kept",
        kept="The client withdrew the consent. Nobody can listen to this recording any more.",
        kept_means="It is not destroyed for all that, since its destruction is suspended.",
        kept_by="Hold that stands: {hold}.",
        kept_to_do="See whether it must still be kept, answer the client, then release the hold if nothing opposes it (consigne release).",
    ),
}
