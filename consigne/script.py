"""What the voices of the demonstration say: neutral sentences of our own, about nobody."""

import itertools
from collections.abc import Iterator

import numpy as np

ADVISER, CLIENT = "fr+m3", "fr+f2"

OPENING = (
    "Bonjour. Avant de commencer, je vous précise que notre appel est enregistré, pour un examen professionnel.",
    "Bonjour. C'est entendu, vous me l'aviez dit, et je suis d'accord.",
    "L'enregistrement sera écouté par des examinateurs, puis détruit une fois le résultat définitif.",
    "Très bien. Je vous écoute.",
)

_EXCHANGES = (
    (
        "Je vous appelle au sujet de la déclaration du trimestre. L'avez-vous sous les yeux ?",
        "Oui, je l'ai ouverte juste avant votre appel.",
    ),
    (
        "À la deuxième page, il y a un total qui ne correspond pas à la somme des lignes.",
        "Je vois, en effet. Une ligne a été comptée deux fois, je crois.",
    ),
    (
        "Voulez-vous que nous la corrigions ensemble maintenant ?",
        "Volontiers, cela m'évitera de vous rappeler la semaine prochaine.",
    ),
    (
        "Vous pouvez garder la première ligne, et effacer celle du dessous.",
        "C'est fait. Le total vient de changer tout seul.",
    ),
    (
        "Parfait. Avez-vous accueilli de nouveaux salariés depuis le printemps ?",
        "Deux personnes, à temps partiel, et un apprenti à la rentrée.",
    ),
    (
        "Pour l'apprenti, le calcul est un peu différent. Je vous envoie la notice par courrier.",
        "Merci, c'est justement la question que je voulais vous poser.",
    ),
    (
        "Préférez-vous recevoir nos messages le matin ou en fin de journée ?",
        "Le matin, s'il vous plaît. L'après-midi, je suis souvent en rendez-vous.",
    ),
    (
        "Je note le matin. Y a-t-il un autre sujet que vous souhaitez aborder ?",
        "Oui, le calendrier des versements. Peut-il être mensuel plutôt que trimestriel ?",
    ),
    (
        "C'est possible à partir du mois de janvier, sur simple demande écrite.",
        "Alors je vous ferai parvenir cette demande avant la fin du mois.",
    ),
    (
        "Je récapitule : le total est corrigé, la notice part demain, et j'attends votre demande.",
        "C'est exactement cela. Merci pour vos explications.",
    ),
)


def exchanges(chance: np.random.Generator) -> Iterator[tuple[str, str]]:
    """Yield question and answer for ever, in an order drawn anew each time all have been used."""
    while True:
        order = chance.permutation(len(_EXCHANGES))
        yield from itertools.chain(_EXCHANGES[int(index)] for index in order)
