"""What the first frame promises about the whole: the Xing, Info and VBRI headers. Read to be compared, never believed."""

from dataclasses import dataclass
from typing import Final

from intake.mp3.headers import channels_of, kind_of

_SIDE_INFO: Final = {("1", 2): 32, ("1", 1): 17, ("2", 2): 17, ("2", 1): 9}
_VBRI_AT: Final = 36
_HAS_FRAMES: Final = 1
_HAS_BYTES: Final = 2
_CRC: Final = 2


@dataclass(frozen=True)
class Promise:
    """Frames and bytes announced; None where the header does not say."""

    name: str
    frames: int | None
    size: int | None


def promise_in(frame: bytes, code: int) -> Promise | None:
    """Return what a first frame announces, or None when it is an ordinary one.

    ``frame`` holds the frame's bytes, ``code`` its entry of the header tables.
    """
    kind = kind_of(code)
    side = _SIDE_INFO["1" if kind.version == "1" else "2", channels_of(frame[3])]
    for at in (4 + side, 4 + side + _CRC):
        name = frame[at : at + 4]
        if name in {b"Xing", b"Info"}:
            return _xing(frame, at, name.decode("ascii"))
    if frame[_VBRI_AT : _VBRI_AT + 4] == b"VBRI" and len(frame) >= _VBRI_AT + 18:
        size, frames = (int.from_bytes(frame[_VBRI_AT + at : _VBRI_AT + at + 4], "big") for at in (10, 14))
        return Promise("VBRI", frames or None, size or None)
    return None


def _xing(frame: bytes, at: int, name: str) -> Promise:
    flags = int.from_bytes(frame[at + 4 : at + 8], "big")
    position = at + 8
    found: list[int | None] = []
    for flag in (_HAS_FRAMES, _HAS_BYTES):
        value = None
        if flags & flag and position + 4 <= len(frame):
            value = int.from_bytes(frame[position : position + 4], "big")
            position += 4
        found.append(value)
    return Promise(name, found[0], found[1])
