"""What the pages of the listening room say, in both languages. Sentences in braces are templates; no value is ever one."""

from dataclasses import dataclass, fields, replace
from functools import cache

from registry.codes import Language
from registry.phrases import typeset


@dataclass(frozen=True, slots=True)
class RoomWords:
    """The sentences of the listening room."""

    # behind a personal link
    welcome: str
    welcome_lede: str
    welcome_shared: str
    listen: str
    used: str
    used_lede: str
    expired: str
    expired_lede: str
    send_new: str
    sent: str
    sent_lede: str
    sent_nothing: str
    # the recordings
    room: str
    room_lede: str
    review: str
    review_lede: str
    rule: str
    quit: str
    nothing: str
    nothing_lede: str
    hearing: str
    reference: str
    lasts: str
    open_until: str
    opens_on: str
    review_by: str
    to_check: str
    player: str
    ended: str
    failed: str
    vanishes: str
    review_vanishes: str
    colon: str
    # after leaving
    left: str
    left_lede: str


_WORDS = {
    Language.FR: RoomWords(
        welcome="Bonjour {name}",
        welcome_lede="Ce lien ouvre les enregistrements qui vous sont confiés. Il sert une fois.",
        welcome_shared="Sur un ordinateur partagé, appuyez sur « Quitter » quand vous avez fini. Fermer le navigateur suffit aussi.",
        listen="Écouter",
        used="Ce lien a déjà servi",
        used_lede="Nous pouvons vous en envoyer un autre, à l’adresse que le centre connaît.",
        expired="Ce lien n’est plus valable",
        expired_lede="Nous pouvons vous en envoyer un autre, à l’adresse que le centre connaît.",
        send_new="Recevoir un nouveau lien par mail",
        sent="Regardez vos mails",
        sent_lede="Si un enregistrement vous est confié, un nouveau lien vient de partir. Il arrive d’ordinaire dans la minute.",
        sent_nothing="Rien au bout de cinq minutes ? Regardez les indésirables, puis demandez à votre contact.",
        room="Vos enregistrements",
        room_lede="Par ordre de passage. Chacun s’écoute sur cette page, autant de fois qu’il le faut.",
        review="À écouter avant de décider",
        review_lede="Ces enregistrements attendent votre décision, et l’accord du client est enregistré.",
        rule="Confidentiel. Chaque écoute est notée.",
        quit="Quitter",
        nothing="Rien à écouter pour l’instant",
        nothing_lede="Aucun enregistrement ne vous est confié en ce moment. Cela peut changer : votre contact le sait.",
        hearing="Passage",
        reference="Référence",
        lasts="Durée",
        open_until="Accessible {until}",
        opens_on="S’ouvre le {moment}",
        review_by="Réponse promise le {by}",
        to_check="À vérifier",
        player="Enregistrement {reference}",
        ended="Cet enregistrement ne peut plus être écouté. Si cela vous surprend, rechargez la page ou écrivez à votre contact.",
        failed="La lecture s’est interrompue. Appuyez de nouveau sur lecture ; si cela se répète, écrivez à votre contact.",
        vanishes="Un enregistrement quitte cette page à la décision du jury, ou si son écoute n’est plus permise.",
        review_vanishes="Un enregistrement quitte cette page dès que vous l’avez accepté ou refusé (consigne review).",
        colon=" : ",
        left="Vous avez quitté l’écoute",
        left_lede="Cet ordinateur ne peut plus rien écouter. Pour revenir, reprenez le lien de votre mail.",
    ),
    Language.EN: RoomWords(
        welcome="Hello {name}",
        welcome_lede="This link opens the recordings that are entrusted to you. It works once.",
        welcome_shared="On a shared computer, press “Leave” when you have finished. Closing the browser does as well.",
        listen="Listen",
        used="This link has been used",
        used_lede="We can send you another, to the address that the centre knows.",
        expired="This link is no longer valid",
        expired_lede="We can send you another, to the address that the centre knows.",
        send_new="Send me a new link by mail",
        sent="Look at your mail",
        sent_lede="If a recording is entrusted to you, a new link has just left. It usually arrives within a minute.",
        sent_nothing="Nothing after five minutes? Look among the junk mail, then ask your contact.",
        room="Your recordings",
        room_lede="In the order of the hearings. Each is heard on this page, as often as needed.",
        review="To be heard before deciding",
        review_lede="These recordings await your decision, and the client’s agreement is on record.",
        rule="Confidential. Each listening is noted.",
        quit="Leave",
        nothing="Nothing to listen to for now",
        nothing_lede="No recording is entrusted to you at the moment. That may change: your contact knows.",
        hearing="Hearing",
        reference="Reference",
        lasts="Length",
        open_until="Open {until}",
        opens_on="Opens {moment}",
        review_by="Answer promised on {by}",
        to_check="To check",
        player="Recording {reference}",
        ended="This recording can no longer be heard. If this surprises you, reload the page or write to your contact.",
        failed="Playing was interrupted. Press play again; if it happens again, write to your contact.",
        vanishes="A recording leaves this page with the jury’s decision, or when it may no longer be heard.",
        review_vanishes="A recording leaves this page as soon as you have accepted or refused it (consigne review).",
        colon=": ",
        left="You have left",
        left_lede="This computer can no longer listen to anything. To come back, use the link in your mail.",
    ),
}


@cache
def room_words(language: Language) -> RoomWords:
    """Return the words of one language, typeset."""
    said = _WORDS[language]
    return replace(said, **{field.name: typeset(getattr(said, field.name), language) for field in fields(said)})
