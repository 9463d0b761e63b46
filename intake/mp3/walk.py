"""The walk over every frame header: how long the sound really is, and what else lies in the file.

Headers can be forged, missing, or belong to the first of several glued files; so each frame is counted, with its own rate.
A frame counts when its header lies where the one before it ends. Where none does, a tag or a resynchronisation follows.
"""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.mp3.foreign import trailing_name
from intake.mp3.headers import CODES, KINDS, LAYER_III, LENGTH_BITS, LENGTH_MASK, SINGLE_CHANNEL, TICKS, TICKS_PER_SECOND, Kind, kbps_of
from intake.mp3.promise import Promise, promise_in
from intake.mp3.sync import Sync
from intake.mp3.tags import ID3_HEADER, Tag, any_set, closing_tag, id3v2_at, tag_within

_FIRST_CHUNK: Final = 1 << 12
_CHUNK: Final = 1 << 20
_HEADER: Final = 3
_MOST_OPENING: Final = 64
_MOST_TAGS: Final = 1000  # in mid-stream
_MOST_LIES: Final = 8  # each costs a look at all that it claims
_MOST_RUNS: Final = 50_000  # an honest file is not broken thirty times a second
_LONG_RUN: Final = 8  # frames: a shorter run at the end may be chance in a file that was appended
_MOST_CLOSING: Final = 8
_MOST_GAPS: Final = 64
_GAP: Final = 512
_FREE_ZEROS: Final = 4096
UNKNOWN: Final = "unknown"
_PROBED: Final = 1 << 16
_UNKNOWN_FILE: Final = 1 << 16
_DETAIL: Final = 100_000  # frames looked at one by one for bit rate and channels; half an hour has 75,000
_CUT: Final = 1 << 14  # bytes of sound between two cuts


@dataclass(frozen=True)
class Walk:
    """What the walk found. Bytes and ticks; the header frame is not sound and is not counted.

    ``start`` and ``stop`` enclose what a player plays, junk at either end included, tags and appended files left out.
    ``counts`` gives the frames of each entry of ``KINDS``; ``other_channels`` those with another number of channels than most.
    ``swallowed`` are ticks of sound that a tag's false size claims;
    ``tag_damaged`` a tag longer than the file, or whose size cannot be read. ``gave_up`` when the file is broken so often
    that the walk stopped: what it counted is then a lower bound. ``cuts`` are positions between frames, the first and the last
    included, where layer III frames of one kind follow each other from beginning to end; empty where anything else lies there.
    """

    start: int
    stop: int
    counts: tuple[int, ...]
    audio_bytes: int
    junk_bytes: int
    longest_junk: int
    channels: int
    other_channels: int
    bitrates: tuple[int, ...]
    promise: Promise | None
    cut: bool
    tags: tuple[Tag, ...]
    tag_damaged: bool
    swallowed: int
    trailing: str | None
    gave_up: bool
    cuts: tuple[int, ...]

    @property
    def ticks(self) -> int:
        """The length of the sound, exact."""
        return sum(count * kind.ticks for count, kind in zip(self.counts, KINDS, strict=True))

    @property
    def seconds(self) -> float:
        """The length of the sound in seconds."""
        return self.ticks / TICKS_PER_SECOND

    @property
    def swallowed_seconds(self) -> float:
        """The length of the sound that a tag's false size claims."""
        return self.swallowed / TICKS_PER_SECOND

    @property
    def frames(self) -> int:
        """How many frames of sound."""
        return sum(self.counts)

    @property
    def main_kind(self) -> Kind:
        """The kind that most of the time is made of."""
        return max(zip(KINDS, self.counts, strict=True), key=lambda pair: pair[0].ticks * pair[1])[0]


@dataclass
class _Opening:
    position: int = 0
    tags: list[Tag] = field(default_factory=list)
    damaged: bool = False
    claimed: int = 0


def walk(data: memoryview) -> Walk | None:
    """Walk a file whole; None when no frame is in it."""
    opening = _opening(data)
    end = _closing(data, opening)
    walker = _Walker(data, end)
    walker.run(opening.position)
    return walker.result(opening) if walker.codes else None


def _opening(data: memoryview) -> _Opening:
    """Pass the ID3v2 tags that the file begins with."""
    found = _Opening()
    sync = Sync(data, len(data))
    for _ in range(_MOST_OPENING):
        tag = id3v2_at(data, found.position)
        if tag is None:
            break
        inside = tag.start + ID3_HEADER
        if tag.end > len(data) or (not tag.believed and tag.end == inside):
            found.damaged = True
            first = sync.next(inside)
            found.position = len(data) if first is None else first
            break
        if not tag.believed and sync.holds_audio(inside, tag.end):
            found.claimed = tag.end
            found.position = sync.next(inside) or tag.end
            break
        found.tags.append(tag)
        found.position = tag.end
    return found


def _closing(data: memoryview, opening: _Opening) -> int:
    """Return where the sound may end: before the tags at the end that hold no sound."""
    end = len(data)
    sync = Sync(data, end)
    for _ in range(_MOST_CLOSING):
        tag = closing_tag(data, end)
        if tag is None or tag.start < opening.position or sync.holds_audio(tag.start, tag.end):
            break
        opening.tags.append(tag)
        end = tag.start
        if not tag.believed:
            break
    return end


class _Walker:
    def __init__(self, data: memoryview, end: int) -> None:
        self._data = data
        self._end = end
        self._sync = Sync(data, end)
        self.codes: list[int] = []
        self._runs: list[tuple[int, int]] = []  # where a run begins: in the file, in codes
        self._gaps: list[tuple[int, int]] = []
        self._junk = 0
        self._longest = 0
        self._cut = False
        self._gave_up = False
        self._lies = 0
        self._tags: list[Tag] = []
        self._position = 0
        self._sound_end = 0  # of the last run that is no chance

    def run(self, position: int) -> None:
        """Count every frame from ``position`` to the end."""
        first = self._sync.next(position)
        if first is None:
            self._gap(position, self._end)
            return
        self._leading(position, first)
        floor = first
        self._position = first
        while True:
            last = self._follow()
            if self._position >= self._end:
                break
            tag = self._tag()
            if tag is not None:
                self._tags.append(tag)
                self._position = floor = tag.end
                continue
            found = self._sync.next(max(floor, last + 4))
            if found is None or len(self._runs) >= _MOST_RUNS:
                self._gave_up = found is not None
                self._gap(self._position, self._end)
                return
            self._gap(self._position, found)
            self._position = floor = found
        if self._position > self._end and self.codes:
            self._cut = True
            self.codes.pop()

    def _leading(self, position: int, first: int) -> None:
        """Bytes before the first frame are junk, unless they are the rest of a frame of a stream that was cut."""
        code = CODES[bytes(self._data[first : first + _HEADER])]
        if first - position > code & LENGTH_MASK:
            self._gap(position, first)

    def _follow(self) -> int:
        """Follow one unbroken run of frames from the present position; return where its last frame begins."""
        data, end, position = self._data, self._end, self._position
        get, append = CODES.get, self.codes.append
        begin = len(self.codes)
        self._runs.append((position, begin))
        size = _FIRST_CHUNK
        while True:
            chunk = bytes(data[position : min(position + size, end)])
            at = 0
            while code := get(chunk[at : at + _HEADER]):
                append(code)
                at += code & LENGTH_MASK
            position += at
            if len(chunk) - at >= _HEADER or position + _HEADER > end:
                break
            size = min(size * 4, _CHUNK)
        self._position = position
        if len(self.codes) == begin:
            self._runs.pop()
            return position - 3  # nothing counted: look from the next byte on
        if len(self.codes) - begin >= _LONG_RUN or not self._sound_end:
            self._sound_end = min(position, end)
        return position - (self.codes[-1] & LENGTH_MASK)

    def _tag(self) -> Tag | None:
        if self._lies >= _MOST_LIES or len(self._tags) >= _MOST_TAGS:
            return None
        tag = tag_within(self._data, self._position, self._end)
        if tag is None:
            return None
        if not tag.believed or tag.end > self._end or self._sync.holds_audio(tag.start, tag.end):
            self._lies += 1
            return None
        return tag

    def _gap(self, start: int, stop: int) -> None:
        size = stop - start
        if size <= 0:
            return
        if size <= _FREE_ZEROS and not any_set(self._data[start:stop], 0):
            return
        self._junk += size
        self._longest = max(self._longest, size)
        if size >= _GAP and len(self._gaps) < _MOST_GAPS:
            self._gaps.append((start, stop))

    def _trailing(self) -> str | None:
        after = (self._sound_end, self._end)
        for start, stop in (*self._gaps, *([after] if after[1] - after[0] >= _GAP else [])):
            if name := trailing_name(self._data, start, stop):
                return name
        last = self._gaps[-1] if self._gaps else (0, 0)
        unknown = last[1] == self._end and last[1] - last[0] >= _UNKNOWN_FILE
        return UNKNOWN if unknown and any_set(self._data[last[0] : last[1]], 0) else None

    def _positions(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return where each of the first frames begins."""
        before = np.cumsum(lengths) - lengths
        begins = np.array([run for run in self._runs if run[1] < len(lengths)], dtype=np.int64).reshape(-1, 2)
        counts = np.diff(np.append(begins[:, 1], len(lengths)))
        positions: NDArray[np.int64] = before + np.repeat(begins[:, 0] - before[begins[:, 1]], counts)
        return positions

    def _cuts(self, positions: NDArray[np.int64], lengths: NDArray[np.int64]) -> tuple[int, ...]:
        """Return where the sound may be cut, about every 16 kB, if its frames fill all that a player is shown."""
        end = int(positions[-1] + lengths[-1])
        if len(self._runs) > 1 or self._cut or end != self._end or len(self.codes) > _DETAIL:
            return ()
        first = np.flatnonzero(np.diff(positions // _CUT)) + 1
        return (int(positions[0]), *positions[first].tolist(), end)

    def _shown_from(self, position: int, first: int) -> int:
        """Return where a decoder begins: a player also plays frames that stand alone in junk, but gives up after 64 kB of it."""
        tagged = bytes(self._data[position : position + 3]) == b"ID3"
        return first if tagged or first - position >= _PROBED else position

    def result(self, opening: _Opening) -> Walk:
        codes = np.array(self.codes, dtype=np.int32)
        kinds = codes >> LENGTH_BITS
        counts = np.bincount(kinds, minlength=len(KINDS))
        few = codes[:_DETAIL]
        lengths = (few & LENGTH_MASK).astype(np.int64)
        positions = self._positions(lengths)
        whole: NDArray[np.uint8] = np.frombuffer(self._data, dtype=np.uint8)
        first = self._runs[0][0]
        promise = promise_in(bytes(self._data[first : first + int(lengths[0])]), int(codes[0]))
        sound = slice(1, None) if promise else slice(None)
        if promise:
            counts[kinds[0]] -= 1
        main = int(np.argmax(counts * TICKS))
        chosen = positions[sound][kinds[: len(few)][sound] == main]
        modes, ranks = whole[np.minimum(chosen + 3, len(whole) - 1)], whole[chosen + 2] >> 4
        double = int(np.count_nonzero(modes >> 6 != SINGLE_CHANNEL))
        trailing = self._trailing()
        if trailing:
            self._junk -= max(0, self._end - max(self._position, self._sound_end)) if self._gaps and self._gaps[-1][1] == self._end else 0
        swallowed = kinds[: len(few)][positions < opening.claimed]
        alike = first == opening.position and double in {0, len(modes)} and np.count_nonzero(counts) == 1 and KINDS[main].layer == LAYER_III
        return Walk(
            start=self._shown_from(opening.position, first),
            stop=self._sound_end if trailing not in {None, UNKNOWN} else self._end,
            counts=tuple(int(count) for count in counts),
            audio_bytes=int((codes & LENGTH_MASK).sum()),
            junk_bytes=self._junk,
            longest_junk=self._longest,
            channels=2 if 2 * double > len(modes) else 1,
            other_channels=min(double, len(modes) - double),
            bitrates=tuple(kbps_of(KINDS[main], int(rank)) for rank in np.unique(ranks)),
            promise=promise,
            cut=self._cut,
            tags=tuple(opening.tags + self._tags),
            tag_damaged=opening.damaged,
            swallowed=int(TICKS[swallowed].sum()),
            trailing=trailing,
            gave_up=self._gave_up,
            cuts=self._cuts(positions[sound], lengths[sound]) if alike else (),
        )
