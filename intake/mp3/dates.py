"""Dates in tags. They prove nothing and only warn: a recorder's clock is set by whoever holds it.

mutagen reads a tag rebuilt from the date frames alone, a few hundred bytes; nothing else of the file's tags reaches it.
"""

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final, Self

import mutagen.id3
from mutagen import MutagenError

from intake.mp3.tags import TagFrame
from registry.codes import Code

_ID3: Final[Any] = mutagen.id3  # its annotations are partial
DATE_FRAMES: Final = frozenset({"TDRC", "TDRL", "TYER", "TDAT", "TIME", "TXXX", "TYE", "TDA", "TIM", "TXX"})
_RENAMED: Final = {"TYE": "TYER", "TDA": "TDAT", "TIM": "TIME", "TXX": "TXXX"}
_MOST_FRAMES: Final = 64
_LONGEST: Final = 127  # a size below 128 is written alike in versions 3 and 4
_CREATION: Final = "creation_time"
_YEARS: Final = range(1990, 2100)
_NEAR: Final = timedelta(days=7)
_V3: Final = 3
_V4: Final = 4
_V3_HIDDEN: Final = 0xC0  # compressed or encrypted
_V3_GROUPED: Final = 0x20
_V4_HIDDEN: Final = 0x0C
_V4_GROUPED: Final = 0x40
_V4_UNSYNCHRONISED: Final = 0x02
_V4_LENGTH: Final = 0x01
_ISO: Final = re.compile(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?(?:[T ].*)?")


@dataclass(frozen=True)
class DateEvidence:
    """What one tag says: the days it may mean, from ``earliest`` to ``latest``; both None when it cannot be read."""

    source: str
    earliest: date | None
    latest: date | None

    @property
    def day(self) -> date | None:
        """The one day it names, or None."""
        return self.earliest if self.earliest == self.latest else None

    def to_json(self) -> dict[str, str | None]:
        """Return plain JSON values."""
        return {
            "source": self.source,
            "earliest": self.earliest.isoformat() if self.earliest else None,
            "latest": self.latest.isoformat() if self.latest else None,
        }

    @classmethod
    def from_json(cls, found: Any) -> Self:
        """Read it back.

        Raises:
            ValueError: it is not what :meth:`to_json` writes.
        """
        if not isinstance(found, Mapping) or set(found) != {"source", "earliest", "latest"} or found["source"] not in _SOURCES:
            raise ValueError("not the evidence of a date")
        earliest, latest = (None if found[name] is None else date.fromisoformat(found[name]) for name in ("earliest", "latest"))
        if (earliest is None) != (latest is None) or (earliest and latest and earliest > latest):
            raise ValueError("not the evidence of a date")
        return cls(found["source"], earliest, latest)


_SOURCES: Final = ("TDRC", "TXXX:creation_time", "TDRL")  # strongest first; 2.3's year and day become TDRC


def read_dates(tags: Iterable[tuple[int, list[TagFrame]]]) -> tuple[DateEvidence, ...]:
    """Return what the date frames of each tag say, strongest first; ``tags`` holds (version, frames)."""
    found: list[DateEvidence] = []
    for version, frames in tags:
        rebuilt = _rebuilt(_V4 if version == _V4 else _V3, frames)
        if rebuilt is None:
            continue
        try:
            tag = _ID3.ID3(io.BytesIO(rebuilt))
        except (MutagenError, ValueError, TypeError, OverflowError, EOFError):
            found.append(DateEvidence("TDRC", None, None))
            continue
        found += _told(tag)
    return tuple(sorted(dict.fromkeys(found), key=lambda one: _SOURCES.index(one.source)))[:8]


def _told(tag: Any) -> list[DateEvidence]:
    found: list[DateEvidence] = []
    for source in ("TDRC", "TDRL"):
        for frame in tag.getall(source):
            found += [_interval(source, stamp.year, stamp.month, stamp.day) for stamp in frame.text]
    for frame in tag.getall("TXXX"):
        if frame.desc.strip().lower() == _CREATION:
            found += [_of_text(_SOURCES[1], str(text)) for text in frame.text if str(text).strip()]
    for frame in tag.getall("TYER"):  # mutagen keeps the year apart when the day beside it cannot be
        found += [_of_text("TDRC", str(text)) for text in frame.text if str(text).strip(" 0")]
    return found


def _of_text(source: str, text: str) -> DateEvidence:
    match = _ISO.fullmatch(text.strip())
    if match is None:
        return DateEvidence(source, None, None)
    year, month, day = (None if part is None else int(part) for part in match.groups())
    return _interval(source, year, month, day)


def _interval(source: str, year: int | None, month: int | None, day: int | None) -> DateEvidence:
    if year is None or year not in _YEARS:
        return DateEvidence(source, None, None)
    try:
        earliest = date(year, 1 if month is None else month, 1 if day is None else day)
        if month is None:
            latest = date(year, 12, 31)
        elif day is None:
            latest = date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        else:
            latest = earliest
    except ValueError:
        return DateEvidence(source, None, None)
    return DateEvidence(source, earliest, latest)


def _rebuilt(version: int, frames: list[TagFrame]) -> bytes | None:
    """Return a small tag of the date frames, or None when there is none; frames that are hidden or long are left out."""
    body = b""
    for frame in frames[:_MOST_FRAMES]:
        payload = _plain(version, frame)
        if payload is None or (frame.name in {"TXXX", "TXX"} and _CREATION.encode() not in payload.replace(b"\0", b"").lower()):
            continue
        if not payload[1:].strip(b"\0 0\xff\xfe"):
            continue  # an empty date says nothing
        name = _RENAMED.get(frame.name, frame.name).encode("ascii")
        body += name + _size(len(payload)) + b"\0\0" + payload
    return b"ID3" + bytes([version, 0, 0]) + _size(len(body)) + body if body else None


def _size(number: int) -> bytes:
    return bytes([number >> 21 & 127, number >> 14 & 127, number >> 7 & 127, number & 127])


def _plain(version: int, frame: TagFrame) -> bytes | None:
    low, grouped, hidden = (
        (frame.flags & 0xFF, _V3_GROUPED, _V3_HIDDEN) if version == _V3 else (frame.flags & 0xFF, _V4_GROUPED, _V4_HIDDEN)
    )
    if low & hidden or len(frame.payload) > _LONGEST:
        return None
    payload = bytes(frame.payload)
    if low & grouped:
        payload = payload[1:]
    if version == _V4 and low & _V4_LENGTH:
        payload = payload[4:]
    if version == _V4 and low & _V4_UNSYNCHRONISED:
        payload = payload.replace(b"\xff\x00", b"\xff")
    return payload


def date_warnings(
    evidence: Iterable[DateEvidence],
    *,
    hearing: date | None = None,
    call_date: date | None = None,
    today: date | None = None,
) -> tuple[Code, ...]:
    """Say what the dates in the tags give to think, beside what was declared. Never a reason to refuse.

    ``DATE_UNREADABLE``: no date, one outside 1990 to 2099, or one after the hearing or after today: a clock that was not set.
    ``DATE_CONFLICT``: more than a week away from the call's declared date; without one, not wholly within the year before the hearing.
    """
    codes: set[Code] = set()
    for one in evidence:
        if one.earliest is None or one.latest is None or any(one.earliest > day for day in (hearing, today) if day):
            codes.add(Code.DATE_UNREADABLE)
        elif call_date is not None:
            if not one.earliest - _NEAR <= call_date <= one.latest + _NEAR:
                codes.add(Code.DATE_CONFLICT)
        elif hearing is not None and one.earliest <= _year_before(hearing):
            codes.add(Code.DATE_CONFLICT)
    return tuple(sorted(codes, key=list(Code).index))


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
