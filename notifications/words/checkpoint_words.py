"""The words of the daily mail that carries the journal's checkpoint, in French and in English."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from registry.codes import Language


@dataclass(frozen=True, slots=True)
class CheckpointTexts:
    """The sentences of this mail, as templates."""

    title: str
    what: str
    count: str
    keep: str
    checkpoint: str
    key: str
    verify: str
    file: str


CHECKPOINT: Final[Mapping[Language, CheckpointTexts]] = {
    Language.FR: CheckpointTexts(
        title="Point de contrôle du journal : {count} entrées",
        what="À conserver",
        count="Le journal compte {count} entrées ; voici leur empreinte, signée.",
        keep="Gardez ce mail, hors de Consigne : avec lui, personne ne peut plus changer ces entrées sans que cela se voie.",
        checkpoint="Point de contrôle",
        key="Clé publique du centre",
        verify="Pour le comparer un jour : consigne journal export, puis consigne journal verify avec --checkpoint et le fichier joint.",
        file="point-de-controle-{count}.txt",
    ),
    Language.EN: CheckpointTexts(
        title="Checkpoint of the journal: {count} entries",
        what="Please keep this",
        count="The journal has {count} entries; here is their fingerprint, signed.",
        keep="Keep this mail, outside Consigne: with it, nobody can change these entries any more without it being seen.",
        checkpoint="Checkpoint",
        key="The centre’s public key",
        verify="To compare one day: consigne journal export, then consigne journal verify with --checkpoint and the attached file.",
        file="checkpoint-{count}.txt",
    ),
}
