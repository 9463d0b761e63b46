"""Tags, skipped by us and never shown to a decoder.

A tag is believed when its body reads as what it says it is. Its size alone is only a claim: a claim that is too large would
hide sound from us that a player plays, one that is too small would pass text for junk.
Sources: ID3v2.2, 2.3 and 2.4 as published on id3.org; APEv2; Lyrics3 v1 and v2; ID3v1.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

ID3_HEADER: Final = 10
ID3V1: Final = 128
_APE_FOOTER: Final = 32
_MOST_FRAMES: Final = 200_000
_MOST_UNSYNCHRONISED: Final = 1 << 24  # it must be copied to be read
_FLAG_FOOTER: Final = 0x10
_FLAG_EXTENDED: Final = 0x40
_FLAG_UNSYNCHRONISED: Final = 0x80
_V2, _V3, _V4 = 2, 3, 4
_ID: Final = re.compile(rb"[A-Z][A-Z0-9]{2,3}|[A-Z0-9]{3} ")  # some old writers pad a three-letter name with a space
_LYRICS_MOST: Final = 1_000_000  # the size field has six digits


@dataclass(frozen=True)
class Tag:
    """A range of bytes that claims to be a tag. ``end`` may lie beyond the file; ``believed`` when the body reads well."""

    start: int
    end: int
    believed: bool


@dataclass(frozen=True)
class TagFrame:
    """One frame of an ID3v2 tag: its name as written, its two bytes of flags, its payload as stored."""

    name: str
    flags: int
    payload: bytes | memoryview


def syncsafe(four: bytes | memoryview) -> int | None:
    """Read a number of seven bits a byte; None when a high bit is set."""
    if any(byte & 0x80 for byte in four):
        return None
    return four[0] << 21 | four[1] << 14 | four[2] << 7 | four[3]


def id3v2_at(data: memoryview, start: int) -> Tag | None:
    """Return the ID3v2 tag that begins at ``start``, or None when no header is there.

    A header whose size cannot be read claims its own ten bytes and is not believed.
    """
    header = bytes(data[start : start + ID3_HEADER])
    if len(header) < ID3_HEADER or header[:3] != b"ID3" or header[3] not in {_V2, _V3, _V4}:
        return None
    size = syncsafe(header[6:10])
    if size is None:
        return Tag(start, start + ID3_HEADER, believed=False)
    end = start + ID3_HEADER + size + (ID3_HEADER if header[3] == _V4 and header[5] & _FLAG_FOOTER else 0)
    return Tag(start, end, believed=end <= len(data) and frames_of(data, start) is not None)


def frames_of(data: memoryview, start: int, wanted: frozenset[str] = frozenset()) -> list[TagFrame] | None:
    """Return the wanted frames of the ID3v2 tag at ``start``, or None when its body is not frames and padding.

    Frames are sliced, never expanded: what is compressed or encrypted stays so.
    """
    header = bytes(data[start : start + ID3_HEADER])
    version, flags = header[3], header[5]
    size = syncsafe(header[6:10]) or 0
    body: memoryview | bytes = data[start + ID3_HEADER : start + ID3_HEADER + size]
    if flags & _FLAG_UNSYNCHRONISED and version != _V4:
        if size > _MOST_UNSYNCHRONISED:
            return None
        body = bytes(body).replace(b"\xff\x00", b"\xff")
    for skip in _skips(body, version, flags):
        for plain in (False, True) if version == _V4 else (True,):  # some writers of 2.4 never learnt its sizes
            kept: list[TagFrame] = []
            frame: TagFrame | None = None
            ended = False
            for frame in _read(body, skip, version, plain=plain):
                if frame is None:
                    ended = True
                elif frame.name in wanted:
                    kept.append(frame)
            if ended:
                return kept
    return None


def _skips(body: memoryview | bytes, version: int, flags: int) -> Iterator[int]:
    """Yield where the frames may begin: after the extended header, or at once where its flag lies."""
    if flags & _FLAG_EXTENDED and len(body) >= ID3_HEADER:
        if version == _V3:
            yield 4 + int.from_bytes(body[:4], "big")
        elif version == _V4:
            yield syncsafe(body[:4]) or 0
    yield 0


def _read(body: memoryview | bytes, position: int, version: int, *, plain: bool) -> Iterator[TagFrame | None]:
    """Yield the frames; then None if, and only if, the body ended as a body should."""
    head, name_bytes = (6, 3) if version == _V2 else (10, 4)
    for _ in range(_MOST_FRAMES):
        if position >= len(body) or body[position] == 0:
            if position <= len(body) and not any_set(body, position):
                yield None
            return
        name = bytes(body[position : position + name_bytes])
        if position + head > len(body) or not _ID.fullmatch(name):
            return
        raw = body[position + name_bytes : position + 2 * name_bytes]
        size = int.from_bytes(raw, "big") if plain else syncsafe(raw)
        if size is None or position + head + size > len(body):
            return
        flags = 0 if version == _V2 else int.from_bytes(body[position + 8 : position + 10], "big")
        yield TagFrame(name.decode("ascii").rstrip(), flags, body[position + head : position + head + size])
        position += head + size


def any_set(body: memoryview | bytes, position: int) -> bool:
    """Say whether any byte from ``position`` on is not zero."""
    step = 1 << 16
    return any(bytes(body[at : at + step]).strip(b"\0") for at in range(position, len(body), step))


def closing_tag(data: memoryview, end: int) -> Tag | None:
    """Return the tag that ends at ``end``: ID3v1 (and its extension), APEv2, Lyrics3, appended ID3v2.4; or None."""
    tail = bytes(data[max(0, end - ID3V1) : end])
    if len(tail) == ID3V1 and tail.startswith(b"TAG"):
        begin = end - ID3V1
        extension = begin - 227
        return Tag(extension if extension >= 0 and bytes(data[extension : extension + 4]) == b"TAG+" else begin, end, believed=True)
    if tail[-_APE_FOOTER:].startswith(b"APETAGEX") and len(tail) >= _APE_FOOTER:
        return _ape(data, end, tail[-_APE_FOOTER:])
    if tail.endswith((b"LYRICS200", b"LYRICSEND")):
        return _lyrics(data, end, v2=tail.endswith(b"LYRICS200"))
    footer = tail[-ID3_HEADER:]
    if footer.startswith(b"3DI") and len(footer) == ID3_HEADER:
        size = syncsafe(footer[6:10])
        start = end - 2 * ID3_HEADER - size if size is not None else -1
        found = id3v2_at(data, start) if start >= 0 else None
        good = found is not None and found.believed and found.end == end
        return Tag(start if good else end - ID3_HEADER, end, believed=good)
    return None


def _ape(data: memoryview, end: int, footer: bytes) -> Tag:
    size, items, flags = (int.from_bytes(footer[at : at + 4], "little") for at in (12, 16, 20))
    begin = end - size
    position, stop = begin, end - _APE_FOOTER
    good = _APE_FOOTER <= size <= end and items <= _MOST_FRAMES
    for _ in range(items if good else 0):
        key_end = bytes(data[position + 8 : min(position + 8 + 256, stop)]).find(b"\0")
        if key_end < 0:
            good = False
            break
        position += 8 + key_end + 1 + int.from_bytes(data[position : position + 4], "little")
    if not good or position != stop:
        return Tag(end - _APE_FOOTER, end, believed=False)
    header = begin - _APE_FOOTER
    has_header = flags >> 31 and header >= 0 and bytes(data[header : header + 8]) == b"APETAGEX"
    return Tag(header if has_header else begin, end, believed=True)


def _lyrics(data: memoryview, end: int, *, v2: bool) -> Tag:
    marker = 9
    if v2:
        digits = bytes(data[max(0, end - marker - 6) : end - marker])
        begin = end - marker - 6 - int(digits) if len(digits) == 6 and digits.isdigit() else -1  # noqa: PLR2004 - six digits
    else:
        window = max(0, end - 5100 - marker)
        rank = bytes(data[window : end - marker]).rfind(b"LYRICSBEGIN")
        begin = window + rank if rank >= 0 else -1
    if begin < 0 or bytes(data[begin : begin + 11]) != b"LYRICSBEGIN":
        return Tag(end - marker, end, believed=False)
    return Tag(begin, end, believed=True)


def tag_within(data: memoryview, start: int, end: int) -> Tag | None:
    """Return the tag that begins at ``start`` in mid-stream, as glued files have; or None."""
    opening = bytes(data[start : start + 11])
    if opening.startswith(b"ID3"):
        return id3v2_at(data, start)
    if opening.startswith(b"TAG"):
        return Tag(start, start + ID3V1, believed=start + ID3V1 <= end)
    if opening.startswith(b"APETAGEX"):
        size = int.from_bytes(data[start + 12 : start + 16], "little")
        stop = start + _APE_FOOTER + size
        closing = closing_tag(data, stop) if stop <= end else None
        return Tag(start, stop, believed=closing is not None and closing.believed and closing.start == start)
    if opening == b"LYRICSBEGIN":
        stretch = bytes(data[start : min(end, start + _LYRICS_MOST)])
        rank = stretch.find(b"LYRICS200")
        return Tag(start, start + (rank + 9 if rank >= 0 else 11), believed=rank >= 0)
    return None
