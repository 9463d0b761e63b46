"""Decoding, to know what is heard: FFmpeg's MP3 decoder through PyAV, on the bytes that the walk found and on no others.

The format is always named: probing by content can be led to playlists, scripts and the network. The stream cannot be sought,
so the demuxer never reads tags at the end either. Samples are copied into blocks of many frames: a call of numpy for
each would cost more than the decoding, a new block each time as much as the copying.

Where the walk found frames that follow each other from beginning to end, there is nothing for a demuxer to find: many frames
go to the decoder at once, for two thirds of the time. One frame refused, or one sample more or less than the walk counted,
and the file is decoded again with the demuxer, whose count of refusals then speaks.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import av
import numpy as np
from av.codec.context import Flags2
from numpy.typing import NDArray

from intake.mp3.walk import Walk

_DECODER: Final = "mp3float"
_BUFFER: Final = 1 << 18
_BLOCK: Final = 1 << 16  # samples: a block of two channels stays in the processor's cache
_LONGEST: Final = 1152 * 2  # samples of one frame, and as many to spare
_MOST_CHANGES: Final = 64  # of rate or layout: beyond, sound is timed and no longer listened to
_SAMPLE: Final = 4  # bytes of a float
_REFUSALS: Final = (av.FFmpegError, UnicodeDecodeError, TypeError, ValueError)

Samples = NDArray[np.float32]
Sink = Callable[[int, list[Samples]], int]  # sampling rate, one array a channel; returns how many samples it is done with


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
    """Copies the planes of frames into blocks that are used again and again; gives each to the sink when it is full."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._shape = (0, 0)
        self._changes = 0
        self._samples: list[Samples] = []
        self._bytes: list[memoryview] = []
        self._filled = 0  # bytes of each block
        self._timed = 0  # samples of the present rate
        self._seconds = 0.0

    def add(self, frame: av.AudioFrame) -> None:
        planes = frame.planes
        rate, samples = frame.sample_rate, frame.samples
        if (rate, len(planes)) != self._shape:
            self._begin(rate, len(planes))
        self._timed += samples
        if self._changes > _MOST_CHANGES:
            return
        start = self._filled
        end = start + samples * _SAMPLE
        for block, plane in zip(self._bytes, planes, strict=True):
            block[start:end] = plane if plane.buffer_size == end - start else memoryview(plane)[: end - start]
        self._filled = end
        if end >= _BLOCK * _SAMPLE:
            self._give()

    def _begin(self, rate: int, channels: int) -> None:
        """Begin blocks of another rate or number of channels."""
        self.finish()
        self._changes += 1
        self._shape = (rate, channels)
        if self._changes <= _MOST_CHANGES:
            self._samples = [np.empty(_BLOCK + _LONGEST, dtype=np.float32) for _ in range(channels)]
            self._bytes = [one.data.cast("B") for one in self._samples]

    def _give(self) -> None:
        count = self._filled // _SAMPLE
        used = self._sink(self._shape[0], [one[:count] for one in self._samples])
        for one in self._samples:
            one[: count - used] = one[used:count]
        self._filled = (count - used) * _SAMPLE

    def finish(self) -> None:
        """Give what is left, and close the account of this rate."""
        if self._filled:
            self._give()
        self._seconds, self._timed, self._filled = self.seconds, 0, 0

    @property
    def seconds(self) -> float:
        """How much was added so far."""
        return self._seconds + self._timed / (self._shape[0] or 1)


def decode_unbroken(data: memoryview, walked: Walk, sink: Sink, *, unit: int) -> Decoded | None:
    """Decode a file's sound into ``sink`` between the cuts that the walk found, in whole ``unit`` samples but for the last block.

    None where there are no cuts, or where what was decoded is not what was counted: the sink is then to be thrown away.
    """
    if not walked.cuts:
        return None
    context = av.CodecContext.create(_DECODER, "r")
    assert isinstance(context, av.AudioCodecContext)
    context.thread_count = 1
    channels, frames, fifo = walked.channels, 0, av.AudioFifo()
    try:
        for start, stop in pairwise(walked.cuts):
            for frame in context.decode(av.Packet(bytes(data[start:stop]))):
                if frame.layout.nb_channels != channels:  # the queue looks at the rate alone
                    return None
                fifo.write(frame)
                frames += 1
            while fifo.samples >= _BLOCK:
                _hand_over(fifo, _BLOCK // unit * unit, sink)
    except _REFUSALS:
        return None
    _hand_over(fifo, 0, sink)
    kind = walked.main_kind
    alike = frames == walked.frames and (fifo.sample_rate, fifo.samples_written) == (kind.sample_rate, frames * kind.samples)
    return Decoded(walked.seconds, frames, 0) if alike else None


def _hand_over(fifo: av.AudioFifo, samples: int, sink: Sink) -> None:
    """Give the sink so many samples of the queue; 0 is all that are left."""
    block = fifo.read(samples)
    if block is not None:
        sink(block.sample_rate, [np.frombuffer(memoryview(plane), np.float32, block.samples) for plane in block.planes])


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
                if blocks.seconds >= stop_after:
                    break
    except (*_REFUSALS, IndexError):
        refused += 1
    blocks.finish()
    return Decoded(blocks.seconds, max(packets, refused), refused)
