"""The words of the page that a client receives who asks after the recording of his call, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notifications.replies import Held
from registry.codes import Language


@dataclass(frozen=True, slots=True)
class ReplyTexts:
    """The sentences of this page, as templates."""

    subject: str
    titles: Mapping[Held | None, str]
    made_on: str
    asked_heading: str
    asked_day: str
    asked_reference: str
    asked_otherwise: str
    answer_heading: str
    one_of: str
    came: str
    came_undated: str
    kept: str
    silent: str
    from_day: str
    since_day: str
    later: str
    suspended: str
    begun: str
    destroyed: str
    proved: str
    irreversible: str
    certificate: str
    remains: str
    none: str
    none_traces: str
    none_names: str
    none_undated: str
    rights_heading: str
    withdraw: str
    rights: str
    complaint: str
    whom_heading: str
    write: str
    foot: str


REPLIES: Final[Mapping[Language, ReplyTexts]] = {
    Language.FR: ReplyTexts(
        subject="Réponse à votre demande sur l’enregistrement d’un appel",
        titles={
            Held.HELD: "Nous conservons l’enregistrement de votre appel",
            Held.BEGUN: "L’enregistrement de votre appel est en cours de destruction",
            Held.DESTROYED: "L’enregistrement de votre appel a été détruit",
            None: "Nous ne détenons pas d’enregistrement de votre appel",
        },
        made_on="Réponse établie le {when}",
        asked_heading="Votre demande",
        asked_day="Vous demandez ce qu’est devenu l’enregistrement d’un appel du {day}.",
        asked_reference="Vous avez donné la référence {reference}.",
        asked_otherwise="Vous demandez ce qu’est devenu l’enregistrement d’un appel, avec les éléments que vous nous avez communiqués.",
        answer_heading="Notre réponse",
        one_of="Enregistrement {number} sur {count}",
        came="L’appel du {day} a été enregistré par un candidat à une certification professionnelle, qui nous l’a remis le {deposited}. "
        "Référence : {reference}.",
        came_undated="Un enregistrement nous a été remis le {deposited} par un candidat à une certification professionnelle ; la date "
        "de l’appel ne nous est pas encore connue. Référence : {reference}.",
        kept="Il est conservé chiffré. Seules les personnes que le centre a habilitées peuvent l’écouter, pour l’évaluation ; chaque "
        "écoute est notée.",
        silent="Plus personne ne peut l’écouter.",
        from_day="Sa destruction est prévue à partir du {day}.",
        since_day="Sa destruction est possible depuis le {day} ; elle est en préparation.",
        later="Il sera détruit une fois la décision du jury notifiée au candidat et le délai pour la contester écoulé.",
        suspended="Sa destruction est suspendue pour l’instant ; elle reprendra dès que cette suspension sera levée.",
        begun="Sa destruction a commencé et n’est pas encore vérifiée. Vous pouvez nous demander une nouvelle réponse dans quelques jours.",
        destroyed="Il a été détruit le {day}.",
        proved="Sa destruction a été vérifiée. Plus personne ne peut l’écouter, nous non plus.",
        irreversible="Elle est irréversible à partir du {day}, quand les dernières sauvegardes de la machine auront disparu.",
        certificate="Certificat de destruction n° {number}. Nous pouvons vous en remettre une copie : elle ne contient ni nom ni son.",
        remains="Il n’en reste que des dates, des empreintes et des identifiants sans nom, gardés {years} ans pour pouvoir vous répondre.",
        none="Nous ne détenons aucun enregistrement qui corresponde à votre demande.",
        none_traces="Nos registres, qui gardent la trace des destructions pendant {years} ans, n’en mentionnent pas non plus.",
        none_names="Après une destruction nous ne gardons aucun nom. Si l’enregistrement a été détruit, la date de l’appel ou la référence "
        "qui vous a été remise permettent de retrouver la trace de sa destruction : vous pouvez nous les indiquer.",
        none_undated="Certains enregistrements n’ont pas encore de date d’appel. La référence qui vous a été remise permettrait une "
        "réponse certaine.",
        rights_heading="Vos droits",
        withdraw="Vous pouvez retirer votre accord à tout moment : l’enregistrement cesse aussitôt de pouvoir être écouté, puis il est "
        "détruit. Il suffit de nous l’écrire, en rappelant la référence.",
        rights="Vous disposez des droits d’accès, de rectification, d’effacement et de limitation (règlement général sur la protection des "
        "données, articles 15 à 18).",
        complaint="Si notre réponse ne vous convient pas, vous pouvez vous adresser à la CNIL : www.cnil.fr.",
        whom_heading="Nous écrire",
        write="{name}, {mail}",
        foot="Cette réponse ne porte que sur les enregistrements confiés à {centre} et connus de son système au moment où elle est "
        "établie.",
    ),
    Language.EN: ReplyTexts(
        subject="Answer to your question about the recording of a call",
        titles={
            Held.HELD: "We keep the recording of your call",
            Held.BEGUN: "The recording of your call is being destroyed",
            Held.DESTROYED: "The recording of your call was destroyed",
            None: "We hold no recording of your call",
        },
        made_on="Answer made on {when}",
        asked_heading="Your question",
        asked_day="You ask what became of the recording of a call of {day}.",
        asked_reference="You gave the reference {reference}.",
        asked_otherwise="You ask what became of the recording of a call, with the details that you gave us.",
        answer_heading="Our answer",
        one_of="Recording {number} of {count}",
        came="The call of {day} was recorded by a candidate for a professional certification, who handed it to us on {deposited}. "
        "Reference: {reference}.",
        came_undated="A recording was handed to us on {deposited} by a candidate for a professional certification; the day of the call is "
        "not known to us yet. Reference: {reference}.",
        kept="It is kept sealed. Only people whom the centre has authorised can listen to it, to assess the candidate; each listening is "
        "logged.",
        silent="Nobody can listen to it any more.",
        from_day="Its destruction is planned from {day}.",
        since_day="Its destruction has been possible since {day}; it is being prepared.",
        later="It will be destroyed once the jury’s decision has been notified to the candidate and the time to contest it is over.",
        suspended="Its destruction is suspended for now; it goes on as soon as that hold is lifted.",
        begun="Its destruction has begun and is not verified yet. You may ask us again in a few days.",
        destroyed="It was destroyed on {day}.",
        proved="Its destruction was verified. Nobody can listen to it any more, nor can we.",
        irreversible="It is irreversible from {day}, when the last snapshots of the machine are gone.",
        certificate="Certificate of destruction no. {number}. We can give you a copy: it holds neither name nor sound.",
        remains="All that remains are dates, fingerprints and identifiers without a name, kept {years} years so that we can answer you.",
        none="We hold no recording that fits your question.",
        none_traces="Our registers, which keep traces of destructions for {years} years, mention none either.",
        none_names="After a destruction we keep no name. If the recording was destroyed, the day of the call or the reference that you "
        "were given lead to the trace of its destruction: you may send them to us.",
        none_undated="Some recordings have no day of call yet. The reference that you were given would allow a certain answer.",
        rights_heading="Your rights",
        withdraw="You may withdraw your consent at any time: from then on nobody can listen to the recording, and it is destroyed. It is "
        "enough to write to us, quoting the reference.",
        rights="You have the rights of access, rectification, erasure and restriction (General Data Protection Regulation, articles 15 to "
        "18).",
        complaint="If our answer does not satisfy you, you may turn to the supervisory authority, the CNIL: www.cnil.fr.",
        whom_heading="Write to us",
        write="{name}, {mail}",
        foot="This answer covers only the recordings entrusted to {centre} and known to its system when it is made.",
    ),
}
