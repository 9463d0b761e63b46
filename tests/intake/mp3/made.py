"""Recordings made for the tests: sound synthesised by numpy, encoded by LAME through PyAV, and files put together by hand.

Frame lengths and tags are computed here anew, so that a mistake in the code under test is not repeated.
"""

import functools
import io
import struct
import zipfile
import zlib
from typing import Final

import av
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SEED: Final = 20260615


@functools.lru_cache(16)
def voice(rate: int, seconds: float) -> Floats:
    """Something like speech: syllables of a buzz with formants, three a second, with pauses, over a faint noise."""
    count = round(rate * seconds)
    time = np.arange(count) / rate
    rng = np.random.default_rng(SEED)
    pitch = 120 + 30 * np.sin(2 * np.pi * 0.4 * time)
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    buzz = sum(np.sin(k * phase) / k for k in range(1, min(20, rate // 400)))
    syllables = np.clip(np.sin(2 * np.pi * 3 * time), 0, 1) ** 0.5
    phrases = (np.sin(2 * np.pi * 0.15 * time) > -0.6).astype(float)
    sound: Floats = (0.25 * buzz * syllables * phrases + rng.normal(0, 10 ** (-62 / 20), count)).astype(np.float32)
    return sound


def noise(rate: int, seconds: float, dbfs: float) -> Floats:
    """White noise of that effective value."""
    return np.random.default_rng(SEED).normal(0, 10 ** (dbfs / 20), round(rate * seconds)).astype(np.float32)


def encode(
    *channels: Floats, rate: int, kbps: int = 32, options: dict[str, str] | None = None, header: bool = False, tags: bool = False
) -> bytes:
    """Encode one or two channels with LAME; ``header`` asks for the Xing or Info frame."""
    out = io.BytesIO()
    muxer = {"write_xing": str(int(header)), "id3v2_version": "4" if tags else "0"}
    layout = "stereo" if len(channels) == 2 else "mono"
    with av.open(out, "w", format="mp3", options=muxer) as container:
        stream = container.add_stream("libmp3lame", rate, options={"compression_level": "9"} | (options or {}), layout=layout)
        if "global_quality" not in (options or {}):
            stream.bit_rate = kbps * 1000
        stream.format = "fltp"
        samples = np.ascontiguousarray(np.stack([np.clip(one, -1, 1) for one in channels]).astype(np.float32))
        for begin in range(0, samples.shape[1], rate):
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, begin : begin + rate]), format="fltp", layout=layout)
            frame.sample_rate = rate
            frame.pts = begin
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return out.getvalue()


@functools.lru_cache(32)
def call(seconds: float = 12.0, rate: int = 16000, kbps: int = 32, *, header: bool = False) -> bytes:
    """An ordinary mono recording."""
    return encode(voice(rate, seconds), rate=rate, kbps=kbps, header=header)


def repeated(clip: bytes, one: float, seconds: float) -> bytes:
    """The same clip of ``one`` seconds again and again, for at least ``seconds``."""
    return clip * -(-round(seconds * 1000) // round(one * 1000))


_RATES: Final = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def silent_frame(rate: int = 16000, rank: int = 4, *, mono: bool = True, layer: int = 3, payload: bytes | None = None) -> bytes:
    """One frame of any layer: side information and samples of zeros, or the payload given (cut or filled to the length)."""
    version = next(bits for bits, rates in _RATES.items() if rate in rates)
    kbps = {
        (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
        (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
        (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
        (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    }.get((version == 3, layer), (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160))[rank - 1]
    length = 12 * kbps * 1000 // rate * 4 if layer == 1 else (72 if layer == 3 and version != 3 else 144) * kbps * 1000 // rate
    header = bytes([0xFF, 0xE1 | version << 3 | (4 - layer) << 1, rank << 4 | _RATES[version].index(rate) << 2, 0xC0 if mono else 0])
    return header + (payload or b"").ljust(length - 4, b"\0")[: length - 4]


def samples_of(rate: int) -> int:
    """Samples of one layer III frame at this rate."""
    return 1152 if rate >= 32000 else 576


def silent(seconds: float, rate: int = 16000) -> bytes:
    """As many silent frames as fit in ``seconds``, not one more."""
    return silent_frame(rate) * int(seconds * rate / samples_of(rate))


def syncsafe(number: int) -> bytes:
    """Seven bits a byte."""
    return bytes([number >> 21 & 127, number >> 14 & 127, number >> 7 & 127, number & 127])


def id3(
    *frames: tuple[str, bytes], version: int = 4, flags: int = 0, size: int | None = None, padding: int = 0, before: bytes = b""
) -> bytes:
    """An ID3v2 tag; ``size`` lies about it; ``before`` goes between header and frames (an extended header)."""
    parts = [before]
    for name, payload in frames:
        if version == 2:
            parts += [name.encode(), struct.pack(">I", len(payload))[1:], payload]
        else:
            parts += [name.encode(), syncsafe(len(payload)) if version == 4 else struct.pack(">I", len(payload)), b"\0\0", payload]
    body = b"".join(parts) + bytes(padding)
    return b"ID3" + bytes([version, 0, flags]) + syncsafe(len(body) if size is None else size) + body


def text(value: str) -> bytes:
    """A text frame's payload in UTF-8, which is Latin-1 for the letters used here."""
    return b"\x03" + value.encode()


def ape(value: bytes = b"appel", *, size: int | None = None, header: bool = False) -> bytes:
    """An APEv2 tag with one item; ``size`` lies about it."""
    item = struct.pack("<II", len(value), 0) + b"Title\0" + value
    head = b"APETAGEX" + struct.pack("<IIII", 2000, len(item) + 32 if size is None else size, 1, 0x80000000 if header else 0) + bytes(8)
    return (head[:20] + struct.pack("<I", 0xA0000000) + head[24:] if header else b"") + item + head


def lyrics(body: bytes = b"IND00002" + b"10" + b"LYR00005" + b"allo!", *, size: int | None = None) -> bytes:
    """A Lyrics3 v2 block; ``size`` lies about it."""
    whole = b"LYRICSBEGIN" + body
    return whole + b"%06d" % (len(whole) if size is None else size) + b"LYRICS200"


ID3V1: Final = b"TAG" + b"appel".ljust(30, b"\0") * 3 + b"2026" + bytes(31)


def zipped(size: int = 30_000) -> bytes:
    """A ZIP of random bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.bin", np.random.default_rng(SEED).bytes(size))
    return out.getvalue()


def junk(size: int) -> bytes:
    """Random bytes, always the same."""
    return np.random.default_rng(SEED).bytes(size)


def forged(clip: bytes, frames: int, rate: int = 44100, *, vbri: bool = False) -> bytes:
    """Put a header frame that promises ``frames`` before a clip."""
    if vbri:
        payload = bytes(32) + b"VBRI" + struct.pack(">HHHII", 1, 0, 75, len(clip), frames)
    else:
        payload = bytes(17 if rate >= 32000 else 9) + b"Xing" + struct.pack(">III", 3, frames, len(clip))
    return silent_frame(rate, 9, payload=payload) + clip


def compressed_bomb() -> bytes:
    """A tag of 64 kB whose one frame expands to 64 MB."""
    squeezed = zlib.compressobj(9)
    packed = b"".join(squeezed.compress(bytes(1 << 20)) for _ in range(64)) + squeezed.flush()
    payload = syncsafe(64 << 20) + packed
    return b"ID3\x04\0\0" + syncsafe(len(payload) + 10) + b"TXXX" + syncsafe(len(payload)) + b"\0\x09" + payload
