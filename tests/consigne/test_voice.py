"""The voice and the encoder of the wheels, for real: no fake stands in for them."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import av
import numpy as np
import pytest

from consigne.demo_recordings import RECORDINGS, ConsentWay, DemoRecording
from consigne.voice import Pcm, VoiceError, dialogue, mp3, silence, speak
from intake.mp3 import Limits, judge
from registry.codes import NOT_TAKEN, REFUSING, REVIEWING, WARNING, Answer

pytestmark = pytest.mark.slow

HEARING = date(2026, 6, 15)


def decoded_seconds(content: bytes) -> float:
    """Decode every frame, with nothing trimmed, and count what is heard."""
    with av.open(io.BytesIO(content), "r", format="mp3") as container:
        container.streams.audio[0].codec_context.options = {"flags2": "+skip_manual"}
        return float(sum(frame.samples / frame.sample_rate for frame in container.decode(container.streams.audio[0])))


def named(case: str) -> DemoRecording:
    """Find a deposit of the demonstration by its case."""
    return next(recording for recording in RECORDINGS if recording.case == case)


def test_speech_is_heard() -> None:
    """A sentence of eight words lasts between one and six seconds and is loud."""
    said = speak("Bonjour, je vous appelle au sujet du trimestre.")
    assert 1 < said.seconds < 6
    assert np.abs(said.samples.astype(int)).max() > 3000


def test_voices_differ() -> None:
    """The adviser does not sound like the client."""
    adviser, client = speak("Bonjour.", "fr+m3"), speak("Bonjour.", "fr+f2")
    assert adviser.samples.tobytes() != client.samples.tobytes()


def test_faster_is_shorter() -> None:
    """The pace is in words a minute."""
    assert speak("Je vous écoute.", words_per_minute=250).seconds < speak("Je vous écoute.", words_per_minute=100).seconds


def test_unknown_voice() -> None:
    """A voice that does not exist is named in the refusal, and the next caller is served."""
    with pytest.raises(VoiceError, match="zz"):
        speak("Bonjour.", "zz")
    assert speak("Bonjour.").seconds > 0


@pytest.mark.parametrize("seconds", [0.5, 12.34, 75])
def test_dialogue_lasts_what_is_asked(seconds: float) -> None:
    """To the sample, however long the sentences are."""
    call = dialogue(seconds, seed=1)
    assert len(call.samples) == round(seconds * call.sample_rate)


def test_dialogue_is_a_function_of_its_seed() -> None:
    """The same seed gives the same samples, another seed gives another talk."""
    first, again, other = dialogue(40, 1), dialogue(40, 1), dialogue(40, 2)
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples, other.samples)


def test_dialogue_level() -> None:
    """Loud enough to be speech, never clipped, and its pauses are not digital silence."""
    samples = dialogue(30, seed=3).samples.astype(np.int32)
    assert 20_000 < np.abs(samples).max() < 32_000
    windows = np.abs(samples[: len(samples) // 1000 * 1000].reshape(-1, 1000)).max(axis=1)
    assert 0 < windows.min() < 300


def test_voices_at_the_same_time() -> None:
    """Threads that speak together each hear their own words only."""
    alone = [speak(text).samples.tobytes() for text in ("Un.", "Deux.", "Trois.", "Quatre.")]
    with ThreadPoolExecutor(4) as pool:
        together = [said.samples.tobytes() for said in pool.map(speak, ("Un.", "Deux.", "Trois.", "Quatre."))]
    assert together == alone


@pytest.mark.parametrize(
    ("bit_rate", "sample_rate", "channels"), [(24_000, 8_000, 1), (32_000, 16_000, 1), (64_000, 22_050, 1), (128_000, 44_100, 2)]
)
def test_mp3_is_what_was_asked(bit_rate: int, sample_rate: int, channels: int) -> None:
    """Layer III at that rate, with a length header, no tag, and the same bytes each time."""
    call = dialogue(5, seed=1)
    content = mp3(call, bit_rate, sample_rate, channels)
    assert content == mp3(call, bit_rate, sample_rate, channels)
    assert content[0] == 0xFF
    assert b"Info" in content[:64]
    with av.open(io.BytesIO(content), "r", format="mp3") as container:
        codec = container.streams.audio[0].codec_context
        assert (codec.name, codec.sample_rate, codec.channels) == ("mp3float", sample_rate, channels)
    assert decoded_seconds(content) == pytest.approx(5, abs=0.3)


@pytest.mark.parametrize("seconds", [30.0, 61.5])
def test_repeated_mp3_has_its_length(seconds: float) -> None:
    """A file made of repeated frames decodes whole, to less than a frame under what was asked."""
    content = mp3(dialogue(5, seed=1), 32_000, 16_000, 1, seconds)
    assert seconds - 0.036 < decoded_seconds(content) <= seconds


def test_impossible_rate() -> None:
    """A sampling rate that MPEG audio does not have is refused in our own words."""
    with pytest.raises(VoiceError, match="12345"):
        mp3(silence(1), 32_000, 12_345)


def test_silence_is_silent() -> None:
    """Zeros, and nothing else."""
    nothing = silence(2, 8_000)
    assert isinstance(nothing, Pcm)
    assert nothing.seconds == 2
    assert not nothing.samples.any()


def test_twelve_deposits() -> None:
    """Twelve candidates, each case once, and every common answer among them."""
    assert len({recording.case for recording in RECORDINGS}) == 12
    assert {recording.answer for recording in RECORDINGS} == set(Answer) - {Answer.NOT_TAKEN}
    assert [recording.consent for recording in RECORDINGS].count(ConsentWay.MISSING) == 1
    assert [recording.consent for recording in RECORDINGS].count(ConsentWay.PDF) >= 2


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.case)
def test_expected_answers_are_coherent(recording: DemoRecording) -> None:
    """A refusal has a reason that refuses, a review one that reviews, and warnings only warn."""
    assert recording.warnings <= WARNING
    assert not recording.reasons & NOT_TAKEN
    assert bool(recording.reasons & REFUSING) == (recording.answer is Answer.REFUSED)
    assert bool(recording.reasons & REVIEWING) == (recording.answer is Answer.TO_REVIEW)


@pytest.mark.parametrize("hearing", [HEARING, date(2028, 2, 29), date(2028, 12, 1)])
def test_call_dates_around_the_year(hearing: date) -> None:
    """The oldest call admitted stays inside the year before the hearing, leap years too; the one too old does not."""
    a_year_before = hearing.replace(year=hearing.year - 1, day=min(hearing.day, 28))
    assert named("oldest-admitted").call_date(hearing) > a_year_before
    assert named("call-too-old").call_date(hearing) < a_year_before


@pytest.mark.parametrize(
    ("case", "start"),
    [("renamed-wav", b"RIFF"), ("telephone-m4a", b"\0\0\0\x1cftypM4A "), ("empty-file", b""), ("nobody-speaks", b"\xff\xf3")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_first_bytes(case: str, start: bytes) -> None:
    """The foreign files are really of that other format, whatever their name says."""
    content = named(case).make()
    assert content.startswith(start)
    assert bool(content) == bool(start)


def test_the_cut_file_stops_inside_a_frame() -> None:
    """Two thirds remain, and they are not a whole number of frames."""
    content = named("cut-short").make()
    assert 0.6 < len(content) / (9 * 60 * 4000) < 0.7
    assert len(content) % 144 != 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("case", "seconds"),
    [("typical-call", 1452), ("stereo-call", 360), ("oldest-admitted", 660), ("thirty-minutes", 1800), ("one-minute-too-long", 1860)],
)
def test_true_durations(case: str, seconds: float) -> None:
    """A full decode finds the duration that the case is about."""
    assert decoded_seconds(named(case).make()) == pytest.approx(seconds, abs=0.1)


BY_CONTENT = tuple(recording for recording in RECORDINGS if recording.case != "call-too-old")


@pytest.mark.slow
@pytest.mark.parametrize("recording", BY_CONTENT, ids=lambda recording: recording.case)
def test_the_judge_agrees(recording: DemoRecording) -> None:
    """Each deposit earns, by its bytes alone, the reasons that its answer is built on, and no warning but those named."""
    found = judge(memoryview(recording.make()), Limits())
    assert frozenset(found.reasons) == recording.reasons
    assert recording.warnings <= frozenset(found.warnings)
    assert bool(found.warnings) == bool(recording.warnings)
