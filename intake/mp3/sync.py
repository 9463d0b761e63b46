"""Finding the next frame in bytes that are not frames, in linear time whatever the bytes are.

One header alone proves nothing: one position in 5,600 of random bytes looks like one. A position is *confirmed* when the
frame that begins there is followed by one of the same version, layer and rate, or by two of any, or ends exactly where the
bytes end. Each stretch is examined once, by numpy, and remembered.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.mp3.headers import CODE_TABLE, LAYER_OF, LENGTH_BITS, LENGTH_MASK

_STRETCH: Final = 1 << 18
_HOLDS_AUDIO: Final = 5
_SYNC: Final = 0xFF
_HEADER: Final = 3  # bytes of a header that the tables need


class Sync:
    """Confirmed frame positions below ``end`` of ``data``."""

    def __init__(self, data: memoryview, end: int) -> None:
        self._bytes: NDArray[np.uint8] = np.frombuffer(data, dtype=np.uint8)
        self._end = end
        self._stretch = -1
        self._found: NDArray[np.int64] = np.empty(0, dtype=np.int64)

    def next(self, position: int) -> int | None:
        """Return the first confirmed position at or after ``position``, or None."""
        stretch = position // _STRETCH
        while stretch * _STRETCH < self._end:
            found = self._confirmed(stretch)
            rank = int(np.searchsorted(found, position))
            if rank < len(found):
                return int(found[rank])
            stretch += 1
        return None

    def holds_audio(self, start: int, stop: int) -> bool:
        """Say whether a range that claims to be a tag has several confirmed positions of layers II and III.

        Fewer are chance, in ten megabytes of a picture. Layer I is left out: its sync is the byte order mark of UTF-16 text.
        """
        total = 0
        for stretch in range(start // _STRETCH, -(-stop // _STRETCH)):
            found = self._confirmed(stretch)
            inside = found[(found >= start) & (found < stop)]
            total += int(np.count_nonzero(LAYER_OF[self._codes(inside) >> LENGTH_BITS] != 1))
            if total >= _HOLDS_AUDIO:
                return True
        return False

    def _codes(self, positions: NDArray[np.int64]) -> NDArray[np.int32]:
        """Return the code of the header at each position, or 0."""
        codes = np.zeros(len(positions), dtype=np.int32)
        inside = positions + _HEADER <= self._end
        at = positions[inside]
        found = CODE_TABLE[self._bytes[at + 1].astype(np.int32) << 8 | self._bytes[at + 2]]
        codes[inside] = np.where(self._bytes[at] == _SYNC, found, 0)
        return codes

    def _confirmed(self, stretch: int) -> NDArray[np.int64]:
        if stretch == self._stretch:
            return self._found
        begin = stretch * _STRETCH
        here = np.flatnonzero(self._bytes[begin : min(begin + _STRETCH, self._end)] == _SYNC) + begin
        codes = self._codes(here)
        here, codes = here[codes != 0], codes[codes != 0]
        second = here + (codes & LENGTH_MASK)
        second_codes = self._codes(second)
        third_codes = self._codes(second + (second_codes & LENGTH_MASK))
        same_kind = codes >> LENGTH_BITS == second_codes >> LENGTH_BITS
        confirmed = (second_codes != 0) & (same_kind | (third_codes != 0)) | (second == self._end)
        self._stretch, self._found = stretch, here[confirmed]
        return self._found
