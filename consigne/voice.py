"""Speech made on the spot, with what the wheels bring: espeak-ng for the voice, LAME through PyAV for the MP3.

For the demonstration and the tests. It refuses to be a sound library: one synthesiser, French by default, mono speech,
constant bit rates. The same words give the same bytes on one machine; nothing here is random or dated.
"""

import _ctypes
import contextlib
import ctypes
import io
import itertools
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av
import espeakng_loader
import numpy as np
from numpy.typing import NDArray

from consigne.errors import OutsideError
from consigne.script import ADVISER, CLIENT, OPENING, exchanges

SPOKEN_SECONDS = 60.0  # how much is spoken before a long recording repeats itself

_SYNCHRONOUS, _NEVER_EXIT = 2, 0x8000  # speak_lib.h: AUDIO_OUTPUT_SYNCHRONOUS, espeakINITIALIZE_DONT_EXIT
_RATE, _UTF8, _BY_CHARACTER = 1, 1, 1  # speak_lib.h: espeakRATE, espeakCHARS_UTF8, POS_CHARACTER
_BYTES_PER_SAMPLE = 2
_PEAK = 0.708 * 32767  # -3 dBFS
_ROOM = 32767 * 10 ** (-62 / 20)  # the noise of a quiet office: a line is never digitally silent
_PACE = 155  # words a minute
_BLOCK = 1 << 18  # samples handed to the encoder at once

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class VoiceError(OutsideError):
    """The voice or the encoder of the wheels could not be used; says which, and what to reinstall."""


@dataclass(frozen=True)
class Pcm:
    """Mono sound. ``samples`` are int16, ``sample_rate`` is in hertz."""

    samples: NDArray[np.int16]
    sample_rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.sample_rate


class _Engine:
    """espeak-ng, for a few lines. One at a time in a process: the library keeps its state in globals.

    That state outlives ``espeak_Terminate`` and makes the same words sound a few samples different each time, so the library
    is unloaded at the end, and loaded anew (7 ms) for the next caller.
    """

    def __init__(self) -> None:
        self._heard: list[bytes] = []
        self._callback = _Callback(self._take)  # kept: the library holds a bare pointer to it
        try:
            self._lib = ctypes.CDLL(espeakng_loader.get_library_path())
            data = espeakng_loader.get_data_path()
        except (OSError, RuntimeError) as e:
            raise VoiceError("The voice of espeakng-loader cannot be loaded: reinstall that package.") from e
        self.sample_rate = int(self._lib.espeak_Initialize(_SYNCHRONOUS, 0, data.encode(), _NEVER_EXIT))
        if self.sample_rate <= 0:
            raise VoiceError("espeak-ng does not find its data: reinstall espeakng-loader.")
        self._lib.espeak_SetSynthCallback(self._callback)
        self._lib.espeak_ng_SetRandSeed(ctypes.c_long(1))

    def _take(self, wave: int | None, count: int, _events: int | None) -> int:
        if wave and count > 0:
            self._heard.append(ctypes.string_at(wave, count * _BYTES_PER_SAMPLE))
        return 0  # go on

    def say(self, text: str, voice: str, words_per_minute: int = _PACE) -> NDArray[np.int16]:
        words = text.encode() + b"\0"
        self._heard.clear()
        if self._lib.espeak_SetVoiceByName(voice.encode()):
            raise VoiceError(f"espeak-ng has no voice called {voice!r}: try 'fr+f2' or 'fr+m3'.")
        self._lib.espeak_SetParameter(_RATE, words_per_minute, 0)
        size = ctypes.c_size_t(len(words))
        if self._lib.espeak_Synth(words, size, ctypes.c_uint(0), _BY_CHARACTER, ctypes.c_uint(0), ctypes.c_uint(_UTF8), None, None):
            raise VoiceError("espeak-ng refused to speak: reinstall espeakng-loader.")
        return np.frombuffer(b"".join(self._heard), "<i2").astype(np.int16)

    def close(self) -> None:
        self._lib.espeak_Terminate()
        _ctypes.dlclose(self._lib._handle)  # noqa: SLF001 - ctypes offers no public way to unload


_ONE_AT_A_TIME = threading.Lock()


@contextlib.contextmanager
def _engine() -> Iterator[_Engine]:
    with _ONE_AT_A_TIME, contextlib.closing(_Engine()) as engine:
        yield engine


def speak(text: str, voice: str = "fr+f2", words_per_minute: int = _PACE) -> Pcm:
    """Say a text aloud, as it comes from the synthesiser.

    Raises:
        VoiceError: the library is missing or broken, or it has no such voice.
    """
    with _engine() as engine:
        return Pcm(engine.say(text, voice, words_per_minute), engine.sample_rate)


def _turns(engine: _Engine, chance: np.random.Generator) -> Iterator[NDArray[np.int16]]:
    lines = itertools.chain(OPENING, itertools.chain.from_iterable(exchanges(chance)))  # the talk never ends by itself
    for voice, line in zip(itertools.cycle((ADVISER, CLIENT)), lines, strict=False):
        yield engine.say(line, voice)
        yield np.zeros(int(engine.sample_rate * chance.uniform(0.3, 0.8)), np.int16)


def dialogue(seconds: float, seed: int) -> Pcm:
    """Return a telephone call between two French voices that lasts exactly so long.

    The sentences are invented and neutral: no person, no company, no figure of anybody. The call opens, as it should, by
    saying that it is recorded. ``seed`` chooses the order of what follows.
    """
    chance = np.random.default_rng(seed)
    said: list[NDArray[np.int16]] = []
    have = 0
    with _engine() as engine:
        sample_rate = engine.sample_rate
        wanted = round(seconds * sample_rate)
        for turn in _turns(engine, chance):
            said.append(turn)
            have += len(turn)
            if have >= wanted:
                break
    sound = np.concatenate(said)[:wanted].astype(np.float64)
    sound *= _PEAK / max(1.0, float(np.abs(sound).max(initial=0.0)))
    sound += chance.normal(0, _ROOM, wanted)
    return Pcm(np.clip(np.rint(sound), -32768, 32767).astype(np.int16), sample_rate)


def silence(seconds: float, sample_rate: int = 22050) -> Pcm:
    """Return a call in which nobody speaks: nothing but zeros."""
    return Pcm(np.zeros(round(seconds * sample_rate), np.int16), sample_rate)


def mp3(pcm: Pcm, bit_rate: int, sample_rate: int, channels: int = 1, seconds: float | None = None) -> bytes:
    """Encode as MP3 at a constant bit rate, with its length header and without tags; the same sound gives the same bytes.

    Args:
        pcm: what is heard.
        bit_rate: in bits per second, one that layer III allows at this sample rate.
        sample_rate: of the file, in hertz.
        channels: 1, or 2 with the same sound on both.
        seconds: how long the file plays, when that is more than ``pcm`` lasts: encoded frames are repeated whole, so that
            half an hour costs what a minute does. To the frame, and never above what is asked.

    Raises:
        VoiceError: LAME is not in this build of PyAV, or refuses these numbers.
    """
    try:
        return _encode(pcm, bit_rate, sample_rate, channels, seconds)
    except (av.FFmpegError, ValueError) as e:
        raise VoiceError(f"LAME cannot make {bit_rate} bit/s at {sample_rate} Hz: {e}") from e


def _encode(pcm: Pcm, bit_rate: int, sample_rate: int, channels: int, seconds: float | None) -> bytes:
    out = io.BytesIO()
    quiet = {"fflags": "+bitexact", "id3v2_version": "0", "write_id3v1": "0"}
    with av.open(out, "w", format="mp3", container_options=quiet) as container:
        # Without the bit reservoir a frame leans on no other, and may be repeated.
        settings = {"flags": "+bitexact", "compression_level": "7", "reservoir": "0"}
        stream = container.add_stream("libmp3lame", sample_rate, options=settings, layout="stereo" if channels == 2 else "mono")  # noqa: PLR2004 - stereo is two
        stream.bit_rate = bit_rate
        packets = [bytes(packet) for frame in [*_frames(pcm), None] for packet in stream.encode(frame)]
        length = stream.codec_context.frame_size
        count = len(packets) if seconds is None else int(seconds * sample_rate) // length
        for index, content in enumerate(itertools.islice(itertools.cycle(packets), count)):
            packet = av.Packet(content)
            packet.stream, packet.time_base = stream, Fraction(1, sample_rate)
            packet.pts = packet.dts = index * length
            packet.duration = length
            container.mux(packet)
    return out.getvalue()


def _frames(pcm: Pcm) -> Iterator[av.AudioFrame]:
    for start in range(0, len(pcm.samples), _BLOCK):
        frame = av.AudioFrame.from_ndarray(pcm.samples[np.newaxis, start : start + _BLOCK], format="s16", layout="mono")
        frame.sample_rate = pcm.sample_rate
        yield frame
