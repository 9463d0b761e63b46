"""Decoding, to know what is heard: FFmpeg's MP3 decoder through PyAV, on the bytes that the walk found and on no others.

The format is always named: probing by content can be led to playlists, scripts and the network. The stream cannot be sought,
so the demuxer never reads tags at the end either. Samples leave in blocks of many frames: a call for each would cost more
than the decoding.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import av
import numpy as np
from av.codec.context import Flags2
from av.plane import Plane
from numpy.typing import NDArray

_BUFFER: Final = 1 << 18
_BLOCK_FRAMES: Final = 256
_MOST_CHANGES: Final = 64  # of rate or layout: beyond, sound is timed and no longer listened to
_SAMPLE: Final = 4  # bytes of a float
_REFUSALS: Final = (av.FFmpegError, UnicodeDecodeError, TypeError, ValueError)

Samples = NDArray[np.float32]
Sink = Callable[[int, list[Samples]], None]  # sampling rate, one array a channel


@dataclass(frozen=True)
class Decoded:
    """How much was decoded: seconds of sound, packets seen, packets refused."""

    seconds: float
    packets: int
    refused: int


class _Range:
    """A file that begins and ends where the sound does, and that can only be read forward."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._position = 0

    def read(self, size: int) -> bytes:
        start = self._position
        self._position = min(start + size, len(self._data))
        return bytes(self._data[start : self._position])


class _Blocks:
    """Gathers the planes of frames of one rate and layout; gives them to the sink many at a time."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._shape = (0, 0)
        self._changes = 0
        self._parts: list[list[Plane | bytes]] = []
        self.seconds = 0.0
        self._samples = 0

    def add(self, frame: av.AudioFrame) -> None:
        planes = frame.planes
        rate, samples = frame.sample_rate, frame.samples
        if (rate, len(planes)) != self._shape:
            self.flush()
            self._changes += 1
            if self._changes > _MOST_CHANGES:
                self._shape = (0, 0)
                self.seconds += samples / rate
                return
            self._shape = (rate, len(planes))
            self._parts = [[] for _ in planes]
        size = samples * _SAMPLE
        for part, plane in zip(self._parts, planes, strict=True):
            part.append(plane if plane.buffer_size == size else bytes(plane)[:size])
        self._samples += samples
        if len(self._parts[0]) >= _BLOCK_FRAMES:
            self.flush()

    def flush(self) -> None:
        if not self._samples:
            return
        rate = self._shape[0]
        self.seconds += self._samples / rate
        self._samples = 0
        channels = [np.frombuffer(b"".join(part), dtype=np.float32) for part in self._parts]
        self._parts = [[] for _ in self._parts]
        self._sink(rate, channels)

    @property
    def reached(self) -> float:
        return self.seconds + self._samples / (self._shape[0] or 1)


def decode(sound: memoryview, sink: Sink, *, stop_after: float) -> Decoded:
    """Decode ``sound`` into ``sink`` until its end, or until ``stop_after`` seconds.

    Packets that the decoder refuses are counted, never raised. The encoder's delay and padding are kept, as in the walk.
    """
    blocks = _Blocks(sink)
    packets = refused = 0
    try:
        with av.open(_Range(sound), mode="r", format="mp3", buffer_size=_BUFFER) as container:
            stream = container.streams.audio[0]
            context = stream.codec_context
            context.thread_count = 1
            context.flags2 |= Flags2.skip_manual
            for packet in container.demux(stream):
                packets += bool(packet.size)
                try:
                    frames = packet.decode()
                except _REFUSALS:
                    refused += 1
                    continue
                for frame in frames:
                    blocks.add(frame)
                if blocks.reached >= stop_after:
                    break
    except (*_REFUSALS, IndexError):
        refused += 1
    blocks.flush()
    return Decoded(blocks.seconds, max(packets, refused), refused)
