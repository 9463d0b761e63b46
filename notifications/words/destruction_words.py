"""The words of the mails about destructions that ended, or did not, in French and in English. Templates."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.codes import Language


@dataclass(frozen=True, slots=True)
class DestructionTexts:
    """The sentences of these mails. ``steps`` says what each numbered step of the gate does; ``remedies`` what to look at."""

    happened: str
    means: str
    recording: str
    failed_title: str
    failed: str
    began: str
    step: str
    code: str
    tried: str
    failed_means: str
    failed_listened: str
    steps: Mapping[int, str]
    remedies: Mapping[int, str]
    certified_title: str
    certified_candidate: str
    certified_staff: str
    certified_on: str
    certified_means: str
    certified_keep: str
    certified_verify: str
    certified_file: str


DESTRUCTION: Mapping[Language, DestructionTexts] = {
    Language.FR: DestructionTexts(
        happened="Ce qui s’est passé",
        means="Ce que cela change",
        recording="Enregistrement {recording}.",
        failed_title="Constat de destruction non aboutie",
        failed="La destruction d’un enregistrement a commencé, et n’a pas abouti.",
        began="Commencée le {when}.",
        step="Arrêtée à l’étape {number} sur 7 : {what}.",
        code="Cause relevée : {code}.",
        tried="Essais faits : {count}. Prochain essai le {when}.",
        failed_means="Aucun certificat n’est remis tant que la disparition n’est pas prouvée. L’essai est refait de lui-même.",
        failed_listened="Depuis le début de la destruction, personne ne peut plus écouter cet enregistrement.",
        steps={
            3: "détruire la clé, dans le coffre et dans son miroir",
            4: "supprimer toutes les versions dans l’entrepôt, et l’original déposé",
            5: "prouver, par un second accès en lecture seule, qu’il ne reste rien",
            6: "inscrire la destruction au journal",
            7: "établir le certificat",
        },
        remedies={
            3: "Voyez si le coffre de clés et son miroir répondent (consigne doctor).",
            4: "Voyez si l’entrepôt et le dossier partagé répondent, et si personne n’y tient le fichier ouvert (consigne doctor).",
            5: "Voyez si l’entrepôt dit vrai : il annonce une suppression et montre encore l’objet (consigne doctor, consigne reconcile).",
            6: "Voyez si la base de données et le journal se vérifient (consigne doctor, consigne reconcile).",
            7: "Voyez si la clé du journal est en place et si le journal se vérifie (consigne doctor).",
        },
        certified_title="Certificat de destruction",
        certified_candidate="L’enregistrement que vous aviez déposé est détruit. Le certificat est joint à ce mail.",
        certified_staff="Un enregistrement est détruit. Son certificat, vérifiable par tous, est joint à ce mail.",
        certified_on="Destruction achevée le {when}.",
        certified_means="Plus personne ne peut l’écouter, le centre non plus : sa clé est détruite et toutes ses copies connues sont "
        "supprimées.",
        certified_keep="Conservez ce certificat. Il ne permet d’écouter ni de retrouver quoi que ce soit.",
        certified_verify="Pour le vérifier : consigne certificate verify, avec la clé publique du journal du centre.",
        certified_file="certificat-de-destruction",
    ),
    Language.EN: DestructionTexts(
        happened="What happened",
        means="What it changes",
        recording="Recording {recording}.",
        failed_title="Report of a destruction that did not succeed",
        failed="The destruction of a recording began, and did not come to its end.",
        began="Begun on {when}.",
        step="Stopped at step {number} of 7: {what}.",
        code="Cause found: {code}.",
        tried="Tries so far: {count}. Next try on {when}.",
        failed_means="No certificate is given until it is proved that nothing is left. It is tried again by itself.",
        failed_listened="Since the destruction began, nobody can listen to this recording.",
        steps={
            3: "destroy the key, in the vault and its mirror",
            4: "delete every version in the store, and the deposited original",
            5: "prove, through a second, read-only access, that nothing is left",
            6: "write the destruction into the journal",
            7: "make the certificate",
        },
        remedies={
            3: "See whether the key vault and its mirror answer (consigne doctor).",
            4: "See whether the store and the shared folder answer, and that nobody has the file open (consigne doctor).",
            5: "See whether the store tells the truth: it says deleted, and still shows the object (consigne doctor, consigne reconcile).",
            6: "See whether the database and the journal hold (consigne doctor, consigne reconcile).",
            7: "See whether the key of the journal is in its place, and the journal holds (consigne doctor).",
        },
        certified_title="Certificate of destruction",
        certified_candidate="The recording that you deposited is destroyed. The certificate is attached, in French.",
        certified_staff="A recording is destroyed. Its certificate, which anybody can verify, is attached.",
        certified_on="Destruction completed on {when}.",
        certified_means="Nobody can listen to it any more, nor can the centre: its key is destroyed and all its known copies are deleted.",
        certified_keep="Keep this certificate. It lets nobody listen to anything or find anything again.",
        certified_verify="To verify it: consigne certificate verify, with the public key of the centre’s journal.",
        certified_file="certificate-of-destruction",
    ),
}
