"""Levels, folded block by block as the decoder gives them: the whole PCM of half an hour never exists.

Windows of 32 ms, each channel on its own (the sum of a stereo call recorded in opposite phase is silence), the constant part
removed, the louder channel kept. Spectra are taken on a few hundred windows.
"""

import warnings
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from intake.mp3.judgement import WAVEFORM_PEAKS, Levels
from intake.mp3.limits import Limits

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub looks for programs that it is never given, and imports audioop, which 3.11 still has
    from pydub import AudioSegment
    from pydub.silence import detect_silence

_WINDOW: Final = 0.032
_SPECTRA: Final = 400
_LOWEST: Final = -120.0
_FULL: Final = 0.985  # an encoder moves clipped samples a little
_SILENCE: Final = 2.0
_LOUD: Final = 5.0  # seconds: the level passed for that long is how loud the speech is, however long the silence beside it
_TONAL_BINS: Final = 4
_HIGH, _LOW = 95, 10
_SCALE: Final = 2**31 - 1
_HEADROOM: Final = 4.0  # a decoder may pass full scale; pydub's copy leaves it room
_MOST_SILENCES: Final = 200

Floats = NDArray[np.float32]


def decibels(power: float) -> float:
    """Return a mean square in dBFS, no lower than -120."""
    return max(_LOWEST, 10 * float(np.log10(power))) if power > 0 else _LOWEST


def window(rate: int) -> int:
    """Return the samples of one window at a sampling rate."""
    return round(rate * _WINDOW)


def _finite(blocks: list[Floats]) -> Floats:
    """Join blocks; a decoder may give what is no number, or none that ends, for hostile bytes."""
    joined: Floats = np.nan_to_num(np.concatenate(blocks), posinf=1.0)
    return joined


class Listener:
    """Takes blocks of samples; gives :class:`Levels` and the peaks of the waveform. ``expected`` seconds space the spectra."""

    def __init__(self, expected: float) -> None:
        self._stride = max(1, int(expected / _WINDOW / _SPECTRA))
        self._until_next = 0  # windows before the next spectrum
        self._powers: list[Floats] = []  # of the louder channel, one array a block
        self._peaks: list[Floats] = []
        self._clipped = 0
        self._samples = 0
        self._spectrum: NDArray[np.float64] | None = None

    def __call__(self, rate: int, channels: list[Floats]) -> int:
        """Fold the whole windows of one block in; return how many samples they are. ``channels`` are of equal length."""
        width = window(rate)
        count = len(channels[0]) // width
        if count:
            self._fold([one[: count * width] for one in channels], width)
        return count * width

    def _fold(self, channels: list[Floats], width: int) -> None:
        ones = np.ones(width, np.float32)
        begins = np.arange(0, len(channels[0]), width)
        folded = [one.reshape(-1, width) for one in channels]
        powers = []
        peaks = np.zeros(len(begins), np.float32)
        for samples, windows in zip(channels, folded, strict=True):
            mean = windows @ ones / width
            powers.append(np.maximum(np.vecdot(windows, windows) / width - mean * mean, 0))
            peak = np.maximum(np.maximum.reduceat(samples, begins), -np.minimum.reduceat(samples, begins))
            self._clipped += int(np.count_nonzero(np.abs(windows[peak >= _FULL]) >= _FULL))
            peaks = np.maximum(peaks, peak)
        self._samples += sum(samples.size for samples in channels)
        self._powers.append(np.maximum.reduce(powers))
        self._peaks.append(peaks)
        self._add_spectra(folded)

    def _add_spectra(self, channels: list[Floats]) -> None:
        chosen = [windows[self._until_next :: self._stride] for windows in channels]
        self._until_next += len(chosen[0]) * self._stride - len(channels[0])
        if not len(chosen[0]):
            return
        shape = _hanning(chosen[0].shape[1])
        power = sum(np.square(np.abs(np.fft.rfft((one - one.mean(axis=1, keepdims=True)) * shape))).sum(axis=0) for one in chosen)
        if self._spectrum is None:
            self._spectrum = np.asarray(power)
        elif len(self._spectrum) == len(np.asarray(power)):
            self._spectrum += power

    def levels(self, limits: Limits) -> Levels | None:
        """Return what was heard, or None when not one window was."""
        if not self._powers:
            return None
        powers = _finite(self._powers)
        decibel = np.maximum(10 * np.log10(np.maximum(powers, 1e-30)), _LOWEST)
        active = int(np.count_nonzero(decibel > limits.silent_dbfs))
        floor, speech = np.percentile(decibel, (_LOW, _HIGH))
        loud = 1 + min(len(decibel) * (100 - _HIGH) // 100, round(_LOUD / _WINDOW))
        dbfs, peak, silences = _with_pydub(powers, _finite(self._peaks), limits)
        return Levels(
            dbfs=dbfs,
            peak_dbfs=peak,
            loud_dbfs=round(float(np.sort(decibel)[-min(loud, len(decibel))]), 2),
            speech_dbfs=round(float(speech), 2),
            floor_dbfs=round(float(floor), 2),
            active_seconds=round(active * _WINDOW, 3),
            active_share=round(active / len(decibel), 4),
            clipped_share=round(self._clipped / max(1, self._samples), 5),
            tonal_share=round(self._tonal(), 4),
            silences=silences,
        )

    def _tonal(self) -> float:
        if self._spectrum is None or not self._spectrum.sum() > 0:
            return 0.0
        return float(np.sort(self._spectrum)[-_TONAL_BINS:].sum() / self._spectrum.sum())

    def waveform(self) -> bytes:
        """Return 800 peaks, one byte each, 255 is full scale: enough to draw the recording, too little to hear it."""
        if not self._peaks:
            return b""
        peaks = _finite(self._peaks)
        begins = np.arange(WAVEFORM_PEAKS) * len(peaks) // WAVEFORM_PEAKS
        return bytes(np.clip(np.maximum.reduceat(peaks, begins) * 255, 0, 255).astype(np.uint8))


@cache
def _hanning(width: int) -> NDArray[np.float64]:
    return np.hanning(width)


def _with_pydub(powers: Floats, peaks: Floats, limits: Limits) -> tuple[float, float, tuple[tuple[float, float], ...]]:
    """Return level and peak in dBFS and the silences in seconds, by pydub, on one sample a window.

    Each sample is the window's effective value, so the copy has the recording's level though it has a five-hundredth of its
    samples. A millisecond of pydub's is a window of ours.
    """
    loudness = _segment(np.sqrt(powers))
    peak = _segment(peaks)
    least = round(_SILENCE / _WINDOW)
    offset = 20 * float(np.log10(_HEADROOM))
    found = detect_silence(loudness, min_silence_len=least, silence_thresh=limits.silent_dbfs - offset, seek_step=least // 2)
    silences = tuple((round(start * _WINDOW, 2), round(end * _WINDOW, 2)) for start, end in found[:_MOST_SILENCES])
    return round(max(_LOWEST, loudness.dBFS + offset), 2), round(max(_LOWEST, peak.max_dBFS + offset), 2), silences


def _segment(values: Floats) -> AudioSegment:
    samples = (np.clip(values.astype(np.float64) / _HEADROOM, 0, 1) * _SCALE).astype("<i4")
    return AudioSegment(data=samples.tobytes(), sample_width=4, frame_rate=1000, channels=1)
