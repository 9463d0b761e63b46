"""The twelve deposits of the demonstration: who drops what, how the client's agreement comes, and the answer to expect.

Data, and pure functions that make the bytes. Nothing here reads a clock or writes a file.
"""

import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction

import av
import numpy as np

from consigne.voice import SPOKEN_SECONDS, Pcm, dialogue, mp3, silence
from registry.codes import Answer, Code

_MINUTE = 60.0


class ConsentWay(StrEnum):
    """How the agreement of the client on the phone reaches the centre."""

    FORM = "form"
    PDF = "pdf"
    MISSING = "missing"


@dataclass(frozen=True)
class DemoRecording:
    """One candidate's deposit.

    ``reasons`` are all the codes that decide the answer; ``warnings`` are those that must be among the warnings given.
    ``call_days_before`` counts civil days from the declared date of the call to the hearing; the agreement is declared for
    the day of the call.
    """

    case: str
    file_name: str
    make: Callable[[], bytes]
    answer: Answer
    consent: ConsentWay
    call_days_before: int
    reasons: frozenset[Code] = frozenset()
    warnings: frozenset[Code] = frozenset()

    def call_date(self, hearing: date) -> date:
        """Return the date of the call that the candidate declares, for a hearing on that day."""
        return hearing - timedelta(days=self.call_days_before)


def _call(seed: int, seconds: float, bit_rate: int = 32_000, sample_rate: int = 16_000, channels: int = 1) -> Callable[[], bytes]:
    def make() -> bytes:
        return mp3(dialogue(min(seconds, SPOKEN_SECONDS), seed), bit_rate, sample_rate, channels, seconds)

    return make


def _cut(whole: Callable[[], bytes]) -> Callable[[], bytes]:
    """Stop in the middle of a frame, a third before the end, as a copy that was interrupted does."""

    def make() -> bytes:
        content = whole()
        return content[: len(content) * 2 // 3 + 31]

    return make


def _nobody_speaks() -> bytes:
    return mp3(silence(_MINUTE), 32_000, 16_000, seconds=5 * _MINUTE)


def _empty() -> bytes:
    return b""


def _other_format(muxer: str, codec: str, brand: str) -> Callable[[], bytes]:
    def make() -> bytes:
        return _foreign(dialogue(20, seed=8), muxer, codec, brand)

    return make


def _foreign(pcm: Pcm, muxer: str, codec: str, brand: str) -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=muxer, container_options={"fflags": "+bitexact"} | ({"brand": brand} if brand else {})) as container:
        stream = container.add_stream(codec, pcm.sample_rate, options={"flags": "+bitexact"}, layout="mono")
        assert isinstance(stream, av.AudioStream)
        frame = av.AudioFrame.from_ndarray(pcm.samples[np.newaxis, :], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = pcm.sample_rate, 0, Fraction(1, pcm.sample_rate)
        for content in (frame, None):
            container.mux(stream.encode(content))
    return out.getvalue()


RECORDINGS: tuple[DemoRecording, ...] = (
    DemoRecording("typical-call", "Mon appel.mp3", _call(1, 24 * _MINUTE + 12), Answer.RECEIVED, ConsentWay.FORM, 75),
    DemoRecording(
        "stereo-call", "enregistrement bloc 1.mp3", _call(2, 6 * _MINUTE, 128_000, 44_100, 2), Answer.RECEIVED, ConsentWay.PDF, 120
    ),
    # 364 days before is less than a year before, whether or not that year has a 29 February
    DemoRecording("oldest-admitted", "appel_client.MP3", _call(3, 11 * _MINUTE, 24_000, 8_000), Answer.RECEIVED, ConsentWay.FORM, 364),
    DemoRecording("thirty-minutes", "Conseil au téléphone (30 min).mp3", _call(4, 30 * _MINUTE), Answer.RECEIVED, ConsentWay.PDF, 61),
    DemoRecording(
        "cut-short",
        "appel - copie.mp3",
        _cut(_call(5, 9 * _MINUTE)),
        Answer.RECEIVED,
        ConsentWay.FORM,
        90,
        warnings=frozenset({Code.TRUNCATED}),
    ),
    DemoRecording("no-agreement-yet", "appel.mp3", _call(6, 14 * _MINUTE), Answer.AWAITING_CONSENT, ConsentWay.MISSING, 80),
    DemoRecording(
        "nobody-speaks",
        "enregistrement.mp3",
        _nobody_speaks,
        Answer.TO_REVIEW,
        ConsentWay.FORM,
        100,
        reasons=frozenset({Code.SILENT}),
    ),
    DemoRecording(
        "one-minute-too-long",
        "appel complet.mp3",
        _call(7, 31 * _MINUTE),
        Answer.REFUSED,
        ConsentWay.FORM,
        70,
        reasons=frozenset({Code.TOO_LONG}),
    ),
    DemoRecording(
        "renamed-wav",
        "Appel du dictaphone.mp3",
        _other_format("wav", "pcm_s16le", ""),
        Answer.REFUSED,
        ConsentWay.PDF,
        95,
        reasons=frozenset({Code.NOT_MP3}),
    ),
    DemoRecording(
        "telephone-m4a",
        "Mémo vocal.m4a",
        _other_format("ipod", "aac", "M4A "),
        Answer.REFUSED,
        ConsentWay.FORM,
        66,
        reasons=frozenset({Code.NOT_MP3}),
    ),
    DemoRecording("empty-file", "appel (1).mp3", _empty, Answer.REFUSED, ConsentWay.FORM, 64, reasons=frozenset({Code.EMPTY_FILE})),
    DemoRecording(
        "call-too-old",
        "ancien appel.mp3",
        _call(9, 7 * _MINUTE),
        Answer.REFUSED,
        ConsentWay.PDF,
        380,
        reasons=frozenset({Code.TOO_OLD}),
    ),
)
