"""What is known of a file once it was judged: the verdict, why, and what was measured. Frozen; strict in JSON, both ways."""

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final, Self

from intake.mp3.dates import DateEvidence
from registry.codes import REVIEWING, WARNING, Code, Verdict

WAVEFORM_PEAKS: Final = 800
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_REFUSED: Final = frozenset({Code.NOT_MP3, Code.EMPTY_FILE, Code.TOO_LONG, Code.TOO_LARGE})


class JudgementError(ValueError):
    """A judgement in JSON is not one that this version writes."""


@dataclass(frozen=True)
class Format:
    """What a decoder is told. ``bitrate_kbps`` is the mean where the rate varies."""

    version: str
    layer: int
    sample_rate: int
    channels: int
    bitrate_kbps: int
    vbr: bool


@dataclass(frozen=True)
class Levels:
    """What was heard, in dBFS, shares from 0 to 1, and intervals of silence in seconds."""

    dbfs: float
    peak_dbfs: float
    loud_dbfs: float
    speech_dbfs: float
    floor_dbfs: float
    active_seconds: float
    active_share: float
    clipped_share: float
    tonal_share: float
    silences: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Judgement:
    """One file, judged. ``cause`` says, for the log, why the confined process could not answer; it is never shown."""

    verdict: Verdict
    reasons: tuple[Code, ...]
    warnings: tuple[Code, ...]
    duration_seconds: float | None
    sha256: str
    size_bytes: int
    format: Format | None = None
    recorded_on: date | None = None
    found: str | None = None
    dates: tuple[DateEvidence, ...] = ()
    levels: Levels | None = None
    waveform: bytes = b""
    cause: str | None = None

    @classmethod
    def of(cls, codes: frozenset[Code], *, sha256: str, size_bytes: int, **facts: Any) -> Self:
        """Conclude: what refuses comes first, then what a person decides, then what only warns."""
        ordered = [code for code in Code if code in codes]
        refused = [code for code in ordered if code in _REFUSED]
        doubted = [code for code in ordered if code in REVIEWING]
        verdict = Verdict.REJECT if refused else Verdict.REVIEW if doubted else Verdict.ACCEPT
        warnings = tuple(code for code in ordered if code in WARNING)
        return cls(verdict, tuple(refused + doubted), warnings, facts.pop("duration_seconds", None), sha256, size_bytes, **facts)

    def with_warnings(self, more: tuple[Code, ...]) -> Self:
        """Return the same judgement with warnings that only the declared dates can give."""
        return replace(self, warnings=tuple(code for code in Code if code in {*self.warnings, *more}))

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; the waveform in base64."""
        return {
            "verdict": self.verdict.value,
            "reasons": [code.value for code in self.reasons],
            "warnings": [code.value for code in self.warnings],
            "duration_seconds": self.duration_seconds,
            "sha256": self.sha256,
            "size_bytes": self.size_bytes,
            "format": asdict(self.format) if self.format else None,
            "recorded_on": self.recorded_on.isoformat() if self.recorded_on else None,
            "found": self.found,
            "dates": [evidence.to_json() for evidence in self.dates],
            "levels": asdict(self.levels) | {"silences": [list(one) for one in self.levels.silences]} if self.levels else None,
            "waveform": base64.b64encode(self.waveform).decode("ascii"),
            "cause": self.cause,
        }

    @classmethod
    def from_json(cls, found: object) -> Self:
        """Read what :meth:`to_json` wrote, and nothing else: it comes from a process that read a hostile file.

        Raises:
            JudgementError: a field is missing, unknown, of another type, or outside its range.
        """
        try:
            return cls._parsed(_fields(found, _KEYS))
        except (TypeError, ValueError, KeyError, binascii.Error, OverflowError) as error:
            raise JudgementError("the judgement cannot be read: judge the file again") from error

    @classmethod
    def _parsed(cls, it: Mapping[str, Any]) -> Self:
        if not _SHA256.fullmatch(_typed(it["sha256"], str)):
            raise ValueError
        waveform = base64.b64decode(_typed(it["waveform"], str), validate=True)
        if len(waveform) not in {0, WAVEFORM_PEAKS}:
            raise ValueError
        return cls(
            verdict=Verdict(it["verdict"]),
            reasons=tuple(Code(code) for code in _typed(it["reasons"], list)),
            warnings=tuple(Code(code) for code in _typed(it["warnings"], list)),
            duration_seconds=_number(it["duration_seconds"]),
            sha256=it["sha256"],
            size_bytes=_count(it["size_bytes"]),
            format=_format(it["format"]),
            recorded_on=None if it["recorded_on"] is None else date.fromisoformat(it["recorded_on"]),
            found=_short(it["found"]),
            dates=tuple(DateEvidence.from_json(one) for one in _typed(it["dates"], list)),
            levels=_levels(it["levels"]),
            waveform=waveform,
            cause=_short(it["cause"]),
        )


_KEYS: Final = frozenset(Judgement.__dataclass_fields__)


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        raise TypeError
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if type(value) not in {int, float} or not 0 <= value < 1e9:  # noqa: PLR2004 - thirty years of sound
        raise ValueError
    return float(value)


def _short(value: Any) -> str | None:
    if value is not None and (type(value) is not str or len(value) > 200):  # noqa: PLR2004 - a name or a cause, not a text
        raise ValueError
    return value


def _fields(value: Any, names: frozenset[str]) -> Mapping[str, Any]:
    if type(value) is not dict or set(value) != names:
        raise ValueError
    return value


def _format(value: Any) -> Format | None:
    if value is None:
        return None
    it = _fields(value, frozenset(Format.__dataclass_fields__))
    return Format(
        _typed(it["version"], str),
        _count(it["layer"]),
        _count(it["sample_rate"]),
        _count(it["channels"]),
        _count(it["bitrate_kbps"]),
        _typed(it["vbr"], bool),
    )


def _levels(value: Any) -> Levels | None:
    if value is None:
        return None
    it = dict(_fields(value, frozenset(Levels.__dataclass_fields__)))
    silences = tuple((float(start), float(end)) for start, end in _typed(it.pop("silences"), list))
    return Levels(**{name: float(_typed(number, float)) for name, number in it.items()}, silences=silences)
