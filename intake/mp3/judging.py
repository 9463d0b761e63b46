"""The judgement of one file, in numbered steps. It runs in the confined process: the bytes are a stranger's."""

import hashlib
from typing import Final

from intake.mp3.dates import DATE_FRAMES, DateEvidence, date_warnings, read_dates
from intake.mp3.decoding import Decoded, decode, decode_unbroken
from intake.mp3.foreign import FREE_FORMAT, MP1, MP2, adts_name, foreign_name, hidden_name
from intake.mp3.headers import KINDS, LAYER_II, LAYER_III, TICKS_PER_SECOND, looks_free_format
from intake.mp3.judgement import Format, Judgement, Levels
from intake.mp3.limits import Limits
from intake.mp3.listening import Listener, window
from intake.mp3.tags import frames_of, id3v2_at
from intake.mp3.walk import Walk, walk
from registry.codes import Code

_SIGNATURE: Final = 64
_MOST_TAGS: Final = 64
_MINOR_FRAMES: Final = 3  # of another kind: fewer are a flipped bit
_MINOR_CHANNELS: Final = 10  # of another number of channels: Chromium stops there, as it does where the rate changes
_DIFFERENCE: Final = 1.0
_HEADER_SHARE: Final = 0.01
_DECODE_SHARE: Final = 0.02
_EXTRA: Final = 1.0  # decoded beyond the limit, to be sure of it


def judge(data: memoryview, limits: Limits, *, sha256: str | None = None) -> Judgement:
    """Judge a whole file in memory. Never raises on its content.

    ``sha256`` is computed when the caller has not already done so.
    """
    size = len(data)
    digest = sha256 or hashlib.sha256(data).hexdigest()

    # 0. size and first bytes
    refused = _at_once(data, limits)
    if refused is not None:
        return Judgement.of(frozenset({refused[0]}), sha256=digest, size_bytes=size, found=refused[1])

    # 1 and 2. tags passed over, every frame header walked
    walked = walk(data)
    if walked is None:
        return _without_frames(data, digest)
    strange = _strange(data, walked, limits)
    if strange is not None:
        return _not_mp3(digest, size, strange or None)
    codes = _of_walk(walked, limits) | _of_tags(data, walked)
    evidence = _dates(data, walked)
    codes |= set(date_warnings(evidence))
    facts = {"dates": evidence, "format": _format(walked), "recorded_on": evidence[0].day if evidence else None}
    if Code.TOO_LONG in codes:
        return Judgement.of(frozenset(codes), sha256=digest, size_bytes=size, duration_seconds=round(walked.seconds, 3), **facts)

    # 3. decoded, 4. listened to
    listener = Listener(walked.seconds)
    decoded = decode_unbroken(data, walked, listener, unit=window(walked.main_kind.sample_rate))
    if decoded is None:
        listener = Listener(walked.seconds)
        decoded = decode(data[walked.start : walked.stop], listener, stop_after=limits.max_seconds + _EXTRA)
    seconds = max(walked.seconds, decoded.seconds)
    levels = listener.levels(limits)
    codes |= _of_decode(walked, decoded, limits) | _of_levels(levels, seconds, limits)
    return Judgement.of(
        frozenset(codes),
        sha256=digest,
        size_bytes=size,
        duration_seconds=round(seconds, 3),
        levels=levels,
        waveform=listener.waveform(),
        **facts,
    )


def _at_once(data: memoryview, limits: Limits) -> tuple[Code, str | None] | None:
    """Return what the size and the first bytes alone refuse, and the format found; or None."""
    if len(data) == 0:
        return Code.EMPTY_FILE, None
    if len(data) > limits.max_bytes:
        return Code.TOO_LARGE, None
    found = foreign_name(bytes(data[:_SIGNATURE]))
    return (Code.NOT_MP3, found) if found or len(data) < limits.min_bytes else None


def _not_mp3(digest: str, size: int, found: str | None) -> Judgement:
    return Judgement.of(frozenset({Code.NOT_MP3}), sha256=digest, size_bytes=size, found=found)


def _after_tags(data: memoryview) -> bytes:
    position = 0
    for _ in range(_MOST_TAGS):
        tag = id3v2_at(data, position)
        if tag is None or tag.end > len(data):
            break
        position = tag.end
    return bytes(data[position : position + 4096])


def _without_frames(data: memoryview, digest: str) -> Judgement:
    """Name what a file without frames is. One that was cut within its first tag goes to a person."""
    size = len(data)
    tag = id3v2_at(data, 0)
    if tag is not None and tag.end > size:
        return Judgement.of(frozenset({Code.TAG_DAMAGED}), sha256=digest, size_bytes=size)
    head = _after_tags(data)
    return _not_mp3(digest, size, foreign_name(head[:_SIGNATURE]) or adts_name(head) or _free_format(data))


def _free_format(data: memoryview) -> str | None:
    """Recognise frames of free format, which no table gives the length of: the same header at equal distances."""
    head = _after_tags(data)
    for start in range(len(head) - 4):
        header = head[start : start + 4]
        if looks_free_format(header):
            second = head.find(header[:2] + bytes([header[2]]), start + 4)
            third = 2 * second - start
            if second > 0 and head[third : third + 2] == header[:2]:
                return FREE_FORMAT
    return None


def _strange(data: memoryview, walked: Walk, limits: Limits) -> str | None:
    """Return None for an MP3; the name of the format found, or an empty string, for anything else."""
    layer_3 = any(count for kind, count in zip(KINDS, walked.counts, strict=True) if kind.layer == LAYER_III)
    if not layer_3:
        return MP2 if walked.main_kind.layer == LAYER_II else MP1
    head = _after_tags(data)
    if name := foreign_name(head[:_SIGNATURE]):
        return name
    if walked.junk_bytes > limits.not_mp3_junk * (walked.junk_bytes + walked.audio_bytes):
        return adts_name(head) or _free_format(data) or ""
    return None


def _of_walk(walked: Walk, limits: Limits) -> set[Code]:
    codes: set[Code] = set()
    minor = walked.frames - walked.counts[KINDS.index(walked.main_kind)]
    share = walked.junk_bytes / (walked.junk_bytes + walked.audio_bytes)
    for code, holds in (
        (Code.TOO_LONG, walked.seconds > limits.max_seconds),
        (Code.MIXED_FORMAT, minor >= _MINOR_FRAMES or walked.other_channels >= _MINOR_CHANNELS),
        (Code.TRAILING_DATA, walked.trailing is not None),
        (Code.DAMAGED, share > limits.damaged_junk and walked.trailing is None),
        (Code.DAMAGED, walked.longest_junk >= limits.damaged_junk_run and walked.trailing is None),
        (Code.DAMAGED, walked.gave_up),
        (Code.JUNK_BYTES, walked.junk_bytes >= limits.junk_bytes),
        (Code.TRUNCATED, walked.cut),
    ):
        if holds:
            codes.add(code)
    return codes | _of_promise(walked)


def _of_promise(walked: Walk) -> set[Code]:
    promise = walked.promise
    if promise is None or promise.frames is None:
        return set()
    promised = promise.frames * walked.main_kind.ticks / TICKS_PER_SECOND
    difference = promised - walked.seconds
    if abs(difference) <= max(_DIFFERENCE, _HEADER_SHARE * walked.seconds):
        return set()
    missing = promise.size is None or promise.size > (walked.stop - walked.start) * (1 + _HEADER_SHARE)
    return {Code.HEADER_LIES, Code.TRUNCATED} if difference > 0 and missing else {Code.HEADER_LIES}


def _of_tags(data: memoryview, walked: Walk) -> set[Code]:
    codes: set[Code] = set()
    if walked.tag_damaged or walked.swallowed_seconds > _DIFFERENCE:
        codes.add(Code.TAG_DAMAGED)
    if any(hidden_name(data[tag.start : tag.end]) for tag in walked.tags):
        codes.add(Code.TAG_SUSPICIOUS)
    return codes


def _dates(data: memoryview, walked: Walk) -> tuple[DateEvidence, ...]:
    return read_dates(
        (data[tag.start + 3], frames_of(data, tag.start, DATE_FRAMES) or [])
        for tag in walked.tags[:8]
        if tag.believed and bytes(data[tag.start : tag.start + 3]) == b"ID3"
    )


def _format(walked: Walk) -> Format:
    kind = walked.main_kind
    vbr = len(walked.bitrates) > 1
    mean = round(walked.audio_bytes * 8 / 1000 / walked.seconds) if walked.seconds else walked.bitrates[0]
    return Format(kind.version, kind.layer, kind.sample_rate, walked.channels, mean if vbr else walked.bitrates[0], vbr)


def _of_decode(walked: Walk, decoded: Decoded, limits: Limits) -> set[Code]:
    codes: set[Code] = set()
    if decoded.seconds > limits.max_seconds:
        codes.add(Code.TOO_LONG)
    if not decoded.packets or decoded.refused > limits.damaged_packets * decoded.packets:
        codes.add(Code.DAMAGED)
    if abs(decoded.seconds - walked.seconds) > max(_DIFFERENCE, _DECODE_SHARE * walked.seconds):
        codes.add(Code.DECODE_DIFFERS)
    return codes


def _of_levels(levels: Levels | None, seconds: float, limits: Limits) -> set[Code]:
    if seconds < limits.min_seconds:
        return {Code.TOO_SHORT}
    if levels is None:
        return {Code.DAMAGED}
    if levels.active_seconds < limits.silent_seconds:
        return {Code.SILENT}
    spread = levels.speech_dbfs - levels.floor_dbfs
    quiet = levels.loud_dbfs < limits.quiet_dbfs
    noise = spread < limits.noise_spread_db or levels.tonal_share > limits.tonal_share
    return {
        code
        for code, holds in (
            (Code.QUIET, quiet),
            (Code.CLIPPED, levels.clipped_share > limits.clipped_share),
            (Code.MOSTLY_SILENCE, not quiet and levels.active_share < limits.active_share),
            (Code.NOISE, noise),
            (Code.NOISY, not noise and spread < limits.noisy_spread_db),
        )
        if holds
    }
