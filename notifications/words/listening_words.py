"""The words of the mails that lead to a player, in French and in English. Templates; the values are made by ``listening_mails``."""

from collections.abc import Mapping
from dataclasses import dataclass

from registry.codes import Language


@dataclass(frozen=True, slots=True)
class ListeningTexts:
    """The sentences of these mails."""

    available_one: str
    available_many: str
    review_title: str
    again_title: str
    have: str
    assigned_one: str
    assigned_many: str
    review: str
    again: str
    open: str
    link: str
    press: str
    once: str
    until: str
    from_to: str
    review_by: str
    link_until: str
    discretion: str
    confidential: str
    logged: str
    decision: str
    alone: str


LISTENING: Mapping[Language, ListeningTexts] = {
    Language.FR: ListeningTexts(
        available_one="Un enregistrement est à votre disposition",
        available_many="{count} enregistrements sont à votre disposition",
        review_title="Un enregistrement est à écouter avant de décider",
        again_title="Votre nouveau lien d’écoute",
        have="Ce qui vous est confié",
        assigned_one="Un enregistrement à écouter, en tant que membre du CTE.",
        assigned_many="{count} enregistrements à écouter, en tant que membre du CTE.",
        review="L’enregistrement du dossier {reference} attend votre décision.",
        again="Voici le nouveau lien que vous avez demandé. Si ce n’est pas vous, ne l’ouvrez pas et prévenez votre contact.",
        open="Comment écouter",
        link="Ouvrir mes enregistrements",
        press="Ouvrez ce lien, puis appuyez sur « Écouter ». Il n’y a ni compte ni mot de passe.",
        once="Le lien sert une fois. Ensuite, ou depuis un autre ordinateur, la même page vous en envoie un nouveau par mail.",
        until="Vous pouvez écouter {until}.",
        from_to="Vous pouvez écouter à partir du {first}, et {until}.",
        review_by="Réponse promise au candidat au plus tard le {by}.",
        link_until="Ce lien s’ouvre jusqu’au {moment}.",
        discretion="À savoir",
        confidential="Ces enregistrements sont confidentiels : ils s’écoutent sur la page, sans copie.",
        logged="Chaque écoute est notée : qui, quoi, quand.",
        decision="L’accès prend fin à la décision du jury.",
        alone="Ce lien est personnel : ne transférez pas ce mail.",
    ),
    Language.EN: ListeningTexts(
        available_one="A recording is available to you",
        available_many="{count} recordings are available to you",
        review_title="A recording is to be heard before deciding",
        again_title="Your new link to the recordings",
        have="What is entrusted to you",
        assigned_one="One recording to listen to, as a member of the committee.",
        assigned_many="{count} recordings to listen to, as a member of the committee.",
        review="The recording of dossier {reference} awaits your decision.",
        again="Here is the new link that you asked for. If it was not you, do not open it, and tell your contact.",
        open="How to listen",
        link="Open my recordings",
        press="Open this link, then press “Listen”. There is neither an account nor a password.",
        once="The link works once. Afterwards, or on another computer, the same page sends you a new one by mail.",
        until="You can listen {until}.",
        from_to="You can listen from {first} on, {until}.",
        review_by="Answer promised to the candidate by {by}.",
        link_until="This link opens until {moment}.",
        discretion="Please note",
        confidential="These recordings are confidential: they are heard on the page, without a copy.",
        logged="Each listening is noted: who, what, when.",
        decision="Access ends with the jury’s decision.",
        alone="This link is personal: do not forward this mail.",
    ),
}
