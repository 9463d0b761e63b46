"""What a file in a candidate's folder is: a deposit, an attestation, or something foreign."""

from enum import StrEnum

from intake.examining import Examiner
from intake.mp3.judgement import Judgement
from intake.reading import Bytes
from registry.codes import Code

_SOUND = frozenset(
    b"mp3 mp2 mpga wav wave m4a m4b aac mp4 m4v mov ogg oga opus flac wma wmv amr 3gp 3g2 aif aiff caf".split()
    + b"mka mkv webm avi mpg mpeg dss ds2".split(),
)
_ATTESTATION = frozenset(b"pdf toml json csv xlsx xlsm xls ods".split())


class Kind(StrEnum):
    """How a file is treated."""

    DEPOSIT = "deposit"
    ATTESTATION = "attestation"
    FOREIGN = "foreign"


def extension(name: bytes) -> bytes:
    """Return the ending of a name, in lower case, without its dot."""
    return name.rpartition(b".")[2].lower() if b"." in name else b""


def is_sound(name: bytes) -> bool:
    """Tell whether a name claims to be a sound or a film."""
    return extension(name) in _SOUND


def kind_of(name: bytes, data: Bytes, examiner: Examiner) -> Kind:
    """Tell what a file is, by its ending first, else by whether MPEG audio is in it. A name never makes it good."""
    ending = extension(name)
    if is_sound(name):
        return Kind.DEPOSIT
    document = data.head.startswith((b"%PDF", b"PK"))
    if not document and examiner.has_audio(data.descriptor):
        return Kind.DEPOSIT
    return Kind.ATTESTATION if ending in _ATTESTATION else Kind.FOREIGN


def may_grow(judgement: Judgement) -> bool:
    """Tell whether this may be the beginning of a file that is still being copied."""
    return Code.TRUNCATED in judgement.warnings or Code.EMPTY_FILE in judgement.reasons
