"""Files made to mislead, and honest files that are merely odd: each gets the verdict that the rules give."""

import functools
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from _pytest.mark.structures import ParameterSet

from intake.mp3 import Judgement, Limits, judge
from registry.codes import Code, Verdict
from tests.intake.mp3 import made

pytestmark = pytest.mark.slow

VOICE = made.voice(44100, 8)
ACCEPT, REVIEW, REJECT = Verdict.ACCEPT, Verdict.REVIEW, Verdict.REJECT
CLIP = 12.096  # seconds of made.call() once encoded: 336 frames of 576 samples at 16 kHz
LONG = 31 * 60
Maker = Callable[[], bytes]


def judged(data: bytes) -> Judgement:
    """Judge with the default limits."""
    return judge(memoryview(data), Limits())


@functools.lru_cache(1)
def long() -> bytes:
    """31 minutes of sound."""
    return made.repeated(made.call(), CLIP, LONG)


@functools.lru_cache(1)
def minute() -> bytes:
    """A minute of sound."""
    return made.repeated(made.call(), CLIP, 60)


def long44(*, header: bool = False) -> bytes:
    """31 minutes at 44.1 kHz, by clips of at least twelve seconds."""
    return made.repeated(made.call(12.0, 44100, 64, header=header), 12.0, LONG)


def random_payload(rate: int, rank: int) -> bytes:
    """Perfect headers around noise."""
    noise = made.junk(3_000_000)
    return b"".join(made.silent_frame(rate, rank, payload=noise[at : at + 1000]) for at in range(0, 3_000_000, 1000))


def alternating(seconds: float, *rates: int) -> bytes:
    """Silent frames, each of another sampling rate than the one before."""
    one = sum(made.samples_of(rate) / rate for rate in rates)
    return b"".join(made.silent_frame(rate) for rate in rates) * int(seconds / one)


TOO_LONG: dict[str, Maker] = {
    "a forged Xing header says ten minutes": lambda: made.forged(long44(), 22969),
    "a forged VBRI header says ten minutes": lambda: made.forged(long44(), 22969, vbri=True),
    "whole files glued, each with its header": lambda: long44(header=True),
    "rates that alternate": lambda: alternating(LONG, 44100, 48000),
    "a tag claims two thirds of the sound": lambda: b"ID3\x04\0\0" + made.syncsafe(len(long()) * 2 // 3) + long(),
    "a tag with one good frame claims two thirds of the sound": lambda: (
        made.id3(("TIT2", made.text("x")), size=len(long()) * 2 // 3) + long()
    ),
    "a tag longer than the file before the sound": lambda: made.id3(("TIT2", made.text("x")), size=90_000_000) + long(),
    "a tag in mid-stream holds the sound": lambda: made.call() + made.id3(("PRIV", long())) + made.call(),
    "an APE tag lies about its size": lambda: long() + made.ape(size=len(long()) * 2 // 3),
    "a well-formed APE tag holds the sound": lambda: made.call() + made.ape(long()),
    "an ID3v1 tag after each clip": lambda: (made.call() + made.ID3V1) * 160,
    "frames that stand alone in junk": lambda: made.repeated(made.call(), CLIP, 1500) + (made.silent_frame() + b"\0") * 10_000,
    "frames that stand alone at the beginning": lambda: (made.silent_frame() + b"\0") * 400 + made.repeated(made.call(), CLIP, 1795),
    "30:00.6": lambda: made.silent(1800.6, 8000),
    "eight hours at 8 kbit/s": lambda: made.silent_frame(24000, 1) * (8 * 3600 * 24000 // 576),
    "layer II after the sound": lambda: made.repeated(made.call(), CLIP, 1500) + made.silent_frame(44100, 1, layer=2) * 12_000,
}


HEAVY = {
    "frames that stand alone in junk",
    "whole files glued, each with its header",
    "a forged VBRI header says ten minutes",
    "eight hours at 8 kbit/s",
    "a mebibyte of zeros",
    "60,000 keys",
    "a compressed frame that would fill 64 MB",
    "thirty minutes to the sample",
    "the same on both channels",
    "ABR",
    "48 kHz",
}


def cases(table: dict[str, Any]) -> list[ParameterSet]:
    """The rows of a table, those of half a second and more among the slow tests."""
    return [
        pytest.param(*(row if isinstance(row, tuple) else (row,)), id=name, marks=[pytest.mark.slow] if name in HEAVY else [])
        for name, row in table.items()
    ]


@pytest.mark.parametrize("make", cases(TOO_LONG))
def test_nothing_over_the_limit_is_accepted(make: Maker) -> None:
    """However the file hides it, more than 30:00.5 is refused, with the duration read."""
    found = judged(make())
    assert found.verdict is REJECT
    assert Code.TOO_LONG in found.reasons
    assert found.duration_seconds is not None
    assert found.duration_seconds > 1800.5


VERDICTS: dict[str, tuple[Maker, Verdict, set[Code]]] = {
    "30:00.4": (lambda: made.silent(1800.4, 8000), REVIEW, {Code.SILENT}),
    "a tag claims most of the sound": (lambda: b"ID3\x04\0\0" + made.syncsafe(150_000) + minute(), REVIEW, {Code.TAG_DAMAGED}),
    "a tag longer than the file": (lambda: made.id3(("TIT2", made.text("x")), size=9_000_000) + minute(), REVIEW, {Code.TAG_DAMAGED}),
    "cut within its tag": (lambda: made.id3(("APIC", made.junk(100_000)))[:50_000], REVIEW, {Code.TAG_DAMAGED}),
    "a tag whose size cannot be read": (lambda: b"ID3\x04\0\0\xff\xff\xff\xff" + made.call(), REVIEW, {Code.TAG_DAMAGED}),
    "rates that alternate": (lambda: alternating(20, 44100, 48000), REVIEW, {Code.MIXED_FORMAT, Code.SILENT}),
    "one rate after another": (lambda: made.call(12.0, 44100, 64) + made.call(), REVIEW, {Code.MIXED_FORMAT}),
    "mono, then stereo": (lambda: made.call(8.0, 44100, 64) + made.encode(VOICE, VOICE, rate=44100, kbps=64), REVIEW, {Code.MIXED_FORMAT}),
    "layer III, then II": (lambda: made.call(12.0, 44100, 64) + made.silent_frame(44100, 8, layer=2) * 500, REVIEW, {Code.MIXED_FORMAT}),
    "random payload, 44.1 kHz": (lambda: random_payload(44100, 9), REVIEW, {Code.DAMAGED}),
    "random payload, 16 kHz": (lambda: random_payload(16000, 4), REVIEW, {Code.DAMAGED}),
    "a ZIP after the sound": (lambda: made.call() + made.zipped(), REVIEW, {Code.TRAILING_DATA}),
    "a ZIP, then more frames": (lambda: made.call() + made.zipped() + made.call(), REVIEW, {Code.TRAILING_DATA}),
    "a PDF after the sound": (lambda: made.call() + b"%PDF-1.4" + made.junk(5000), REVIEW, {Code.TRAILING_DATA}),
    "an unknown file after the sound": (lambda: minute() * 3 + made.junk(70_000), REVIEW, {Code.TRAILING_DATA}),
    "a third of it junk": (lambda: minute() + made.junk(130_000) + made.call(), REVIEW, {Code.DAMAGED}),
    "a mebibyte of zeros": (lambda: minute() * 10 + bytes(1 << 20) + minute() * 10, REVIEW, {Code.DAMAGED}),
    "one second": (lambda: made.call(1.0), REVIEW, {Code.TOO_SHORT}),
    "cut in its first tag, then sound": (lambda: made.id3(("TIT2", made.text("abc")))[:12] + made.call(), ACCEPT, set()),
    "a header that promises more": (lambda: made.forged(made.call(12.0, 44100, 64), 99_999), ACCEPT, {Code.HEADER_LIES}),
    "the last frame cut": (lambda: made.call()[:-60], ACCEPT, {Code.TRUNCATED}),
    "cut in half, under a header": (lambda: made.call(12.0, 44100, 64, header=True)[:64_000], ACCEPT, {Code.HEADER_LIES, Code.TRUNCATED}),
    "300 bytes of junk": (lambda: made.call()[:20_000] + made.junk(300) + made.call(), ACCEPT, {Code.JUNK_BYTES}),
    "junk full of lone headers": (lambda: minute() + b"\xff\xfb\x90\xc0abc" * 3000 + minute(), ACCEPT, {Code.JUNK_BYTES}),
    "64 kB of zeros": (lambda: minute() * 2 + bytes(1 << 16) + minute(), ACCEPT, {Code.JUNK_BYTES}),
    "a PDF in a tag": (lambda: made.id3(("GEOB", b"\0application/pdf\0a\0\0%PDF-1.7")) + made.call(), ACCEPT, {Code.TAG_SUSPICIOUS}),
}  # fmt: skip


@pytest.mark.parametrize(("make", "verdict", "codes"), cases(VERDICTS))
def test_damage_goes_to_a_person_or_only_warns(make: Maker, verdict: Verdict, codes: set[Code]) -> None:
    """Each kind of damage has its code, and only what the rules refuse is refused."""
    found = judged(make())
    assert found.verdict is verdict
    assert codes <= {*found.reasons, *found.warnings}
    if verdict is REVIEW:
        assert set(found.reasons) <= codes


STEREO = {"joint_stereo": "0"}


def variable(quality: int, *, header: bool = False) -> bytes:
    """LAME's -V."""
    options = {"global_quality": str(118 * quality), "flags": "+qscale"}
    return made.encode(VOICE, rate=44100, options=options, header=header)


def titled(clip: bytes, title: str = "appel", padding: int = 0) -> bytes:
    """A tag with a title, then the clip."""
    return made.id3(("TIT2", made.text(title)), padding=padding) + clip


HONEST: dict[str, Maker] = {
    "cut out of a stream": lambda: made.call()[100:],
    "320 kbit/s": lambda: made.encode(VOICE, VOICE, rate=44100, kbps=320),
    "8 kHz, MPEG-2.5": lambda: made.call(12.0, 8000, 16),
    "11.025 kHz": lambda: made.call(12.0, 11025, 16),
    "48 kHz": lambda: made.call(8.0, 48000, 96, header=True),
    "VBR without a header": lambda: variable(9),
    "VBR with a header": lambda: variable(2, header=True),
    "ABR": lambda: made.encode(VOICE, rate=44100, kbps=64, options={"abr": "1"}),
    "opposite phases": lambda: made.encode(VOICE, -VOICE, rate=44100, kbps=128, options=STEREO),
    "the same on both channels": lambda: made.encode(VOICE, VOICE, rate=44100, kbps=128, options=STEREO),
    "one channel dead": lambda: made.encode(VOICE, np.zeros(8 * 44100, np.float32), rate=44100, kbps=128, options=STEREO),
    "tags by FFmpeg": lambda: made.encode(made.voice(16000, 12), rate=16000, header=True, tags=True),
    "APE, Lyrics3 and ID3v1 at the end": lambda: made.call() + made.ape(header=True) + made.lyrics() + made.ID3V1,
    "files glued with all their tags": lambda: titled(made.call() + made.ape(header=True) + made.lyrics() + made.ID3V1) * 2,
    "a picture in mid-stream": lambda: made.call() + made.id3(("APIC", made.junk(100_000))) + made.call(),
    "two tags, the second padded": lambda: titled(titled(made.call(), padding=2000)),
    "sizes of version 2.4 written as in 2.3": lambda: (
        b"ID3\4\0\0" + made.syncsafe(330) + b"TIT2\0\0\1\x2c\0\0" + made.text("x" * 299) + bytes(20) + made.call()
    ),
    "60,000 keys": lambda: made.id3(*[("TXXX", b"\3k%d\0v" % number) for number in range(60_000)]) + made.call(),
    "a compressed frame that would fill 64 MB": lambda: made.compressed_bomb() + made.call(),
    "a tag whose body is damaged but whose size is right": lambda: b"ID3\4\0\0" + made.syncsafe(200_000) + made.junk(200_000) + made.call(),
    "a tag five bytes too short": lambda: made.id3(("TIT2", made.text("hello")), size=11) + made.call(),
    "thirty minutes to the sample": lambda: made.repeated(made.call(), CLIP, 1780),
}  # fmt: skip


@pytest.mark.parametrize("make", cases(HONEST))
def test_odd_but_honest_recordings_are_accepted(make: Maker) -> None:
    """What recorders and editors write is accepted without a remark."""
    found = judged(make())
    assert (found.verdict, found.reasons, found.warnings) == (ACCEPT, (), ())


FOREIGN: dict[str, tuple[Maker, str | None]] = {
    "WAV": (lambda: b"RIFF\0\0\1\0WAVEfmt " + made.junk(50_000), "WAV"),
    "M4A": (lambda: b"\0\0\0\x20ftypM4A " + made.junk(50_000), "M4A"),
    "MP4": (lambda: b"\0\0\0\x20ftypisom" + made.junk(50_000), "MP4"),
    "OGG": (lambda: b"OggS" + made.junk(50_000), "OGG"),
    "FLAC behind a tag": (lambda: made.id3(("TIT2", made.text("x"))) + b"fLaC" + made.junk(50_000), "FLAC"),
    "Matroska": (lambda: b"\x1a\x45\xdf\xa3" + made.junk(5000), "Matroska"),
    "WebM": (lambda: b"\x1a\x45\xdf\xa3\x01\x42\x82\x84webm" + made.junk(5000), "WebM"),
    "PDF": (lambda: b"%PDF-1.7\n" + made.junk(5000), "PDF"),
    "ZIP": (made.zipped, "ZIP"),
    "EXE": (lambda: b"MZ" + made.junk(50_000), "EXE"),
    "ELF": (lambda: b"\x7fELF" + made.junk(5000), "ELF"),
    "JPEG": (lambda: b"\xff\xd8\xff\xe0" + made.junk(5000), "JPEG"),
    "HTML": (lambda: b"<!doctype html><p>" + b"x" * 2000, "HTML"),
    "XML": (lambda: b'\xef\xbb\xbf<?xml version="1.0"?>' + b" " * 2000, "XML"),
    "a playlist": (lambda: b"#EXTM3U\nhttp://example.org/a.mp3\n" + b" " * 2000, "text"),
    "AMR": (lambda: b"#!AMR\n" + made.junk(5000), "AMR"),
    "layer I": (lambda: made.silent_frame(44100, 8, layer=1) * 1500, "MPEG layer I"),
    "layer II": (lambda: made.silent_frame(44100, 8, layer=2) * 500, "MPEG layer II"),
    "AAC": (lambda: (b"\xff\xf1\x50\x80\x20\x1f\xfc" + b"a" * 249) * 200, "AAC"),
    "free format": (lambda: (b"\xff\xfb\x00\xc0" + bytes(413)) * 1000, "MP3 free format"),
    "HTML, then sound": (lambda: b"<script>alert(1)</script>" + made.call(), "HTML"),
    "a tag and nothing": (lambda: made.id3(("TIT2", made.text("vide")), padding=5000), None),
    "zeros": (lambda: bytes(1_000_000), None),
    "random bytes": (lambda: made.junk(1_000_000), None),
    "one byte": (lambda: b"\xff", None),
    "mostly junk": (lambda: made.junk(300_000) + minute()[:200_000], None),
}  # fmt: skip


@pytest.mark.parametrize(("make", "name"), cases(FOREIGN))
def test_what_is_not_an_mp3_is_refused_by_name(make: Maker, name: str | None) -> None:
    """The answer can say what the file is."""
    found = judged(make())
    assert (found.verdict, found.reasons, found.found) == (REJECT, (Code.NOT_MP3,), name)


def test_nothing_is_empty_and_too_much_is_too_large() -> None:
    """The two ends of size have codes of their own, and neither is decoded."""
    assert judged(b"").reasons == (Code.EMPTY_FILE,)
    assert judge(memoryview(bytes(2000)), Limits(max_bytes=1999)).reasons == (Code.TOO_LARGE,)


@pytest.mark.parametrize(
    "tag",
    [
        made.id3(("TYER", made.text("2026")), ("TDAT", made.text("0102")), version=3, flags=0x80),
        made.id3(("TYER", made.text("2026")), ("TDAT", made.text("0102")), version=3, flags=0x40, before=b"\0\0\0\6" + bytes(6)),
        made.id3(("TDRC", made.text("2026-02-01")), flags=0x40, before=b"\0\0\0\6\1\0"),
        made.id3(("TYE", made.text("2026")), ("TDA", made.text("0102")), version=2),
    ],
    ids=["unsynchronised", "extended header of 2.3", "extended header of 2.4", "version 2.2"],
)
def test_dates_are_found_in_every_kind_of_tag(tag: bytes) -> None:
    """Old and unusual tags are read, and the sound behind them is whole."""
    found = judged(tag + made.call())
    assert found.recorded_on == date(2026, 2, 1)
    assert found.duration_seconds == pytest.approx(CLIP)
