"""MPEG audio frame headers as lookup tables.

Sources: ISO/IEC 11172-3 §2.4.2.3 and 13818-3 §2.4.2.3 for versions 1 and 2; version 2.5 is the common extension for 8 to 12 kHz.
Time is counted in ticks of 1/14,112,000 s, the least unit that divides one sample at each of the nine rates: sums are exact.
Free format (bit rate index 0) has no length in its header and is kept out of the tables.
"""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

TICKS_PER_SECOND: Final = 14_112_000
SINGLE_CHANNEL: Final = 3  # the mode of byte 3; the other three have two channels
LENGTH_BITS: Final = 12
LENGTH_MASK: Final = (1 << LENGTH_BITS) - 1

LAYER_II: Final = 2
LAYER_III: Final = 3
_FREE_FORMAT: Final = re.compile(rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x00-\x0b].", re.DOTALL)  # layer III, bit rate 0, a rate that exists
_VERSIONS: Final = {3: "1", 2: "2", 0: "2.5"}
_RATES: Final = {"1": (44100, 48000, 32000), "2": (22050, 24000, 16000), "2.5": (11025, 12000, 8000)}
_LAYERS: Final = {3: 1, 2: 2, 1: 3}
_KBPS: Final = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}


@dataclass(frozen=True)
class Kind:
    """What a decoder must know to stay in one stream: version, layer and sampling rate."""

    version: str
    layer: int
    sample_rate: int

    @property
    def samples(self) -> int:
        """Samples of one channel in one frame."""
        if self.layer == 1:
            return 384
        return 576 if self.layer == LAYER_III and self.version != "1" else 1152

    @property
    def ticks(self) -> int:
        """Length of one frame in ticks."""
        return self.samples * (TICKS_PER_SECOND // self.sample_rate)


KINDS: Final[tuple[Kind, ...]] = tuple(
    Kind(version, layer, rate) for version in _VERSIONS.values() for layer in (1, 2, 3) for rate in _RATES[version]
)
TICKS: Final[NDArray[np.int64]] = np.array([kind.ticks for kind in KINDS], dtype=np.int64)
LAYER_OF: Final[NDArray[np.int64]] = np.array([kind.layer for kind in KINDS], dtype=np.int64)


def _length(kind: Kind, kbps: int, padding: int) -> int:
    if kind.layer == 1:
        return (12 * kbps * 1000 // kind.sample_rate + padding) * 4
    return kind.samples // 8 * kbps * 1000 // kind.sample_rate + padding


def _entries() -> dict[tuple[int, int], int]:
    """Map bytes 1 and 2 of a valid header to its code: the kind's index above the frame's length in bytes."""
    found: dict[tuple[int, int], int] = {}
    for version_bits, version in _VERSIONS.items():
        for layer_bits, layer in _LAYERS.items():
            for rate_bits, rate in enumerate(_RATES[version]):
                kind = Kind(version, layer, rate)
                index = KINDS.index(kind) << LENGTH_BITS
                for rank, kbps in enumerate(_KBPS[version == "1", layer], start=1):
                    for low in range(4):  # padding and private bits
                        second = rank << 4 | rate_bits << 2 | low
                        for unprotected in range(2):
                            first = 0xE0 | version_bits << 3 | layer_bits << 1 | unprotected
                            found[first, second] = index | _length(kind, kbps, low >> 1)
    return found


_ENTRIES: Final = _entries()
CODES: Final[dict[bytes, int]] = {bytes((0xFF, first, second)): code for (first, second), code in _ENTRIES.items()}


def _table() -> NDArray[np.int32]:
    table = np.zeros(1 << 16, dtype=np.int32)
    for (first, second), code in _ENTRIES.items():
        table[first << 8 | second] = code
    return table


CODE_TABLE: Final[NDArray[np.int32]] = _table()


def kind_of(code: int) -> Kind:
    """Return the kind that a code names."""
    return KINDS[code >> LENGTH_BITS]


def kbps_of(kind: Kind, rank: int) -> int:
    """Return the bit rate in kbit/s of index ``rank`` (1 to 14) of the header tables."""
    return _KBPS[kind.version == "1", kind.layer][rank - 1]


def channels_of(mode_byte: int) -> int:
    """Return the channels that byte 3 of a header announces."""
    return 1 if mode_byte >> 6 == SINGLE_CHANNEL else 2


def looks_free_format(header: bytes) -> bool:
    """Say whether four bytes are a layer III header of free format."""
    return _FREE_FORMAT.fullmatch(header) is not None
