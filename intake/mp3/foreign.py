"""Other formats by their first bytes, so that an answer can name what the file is instead of saying what it is not.

Sources: the published signatures of each format. The weak ones (one or two bytes) ask for more evidence, since a stream cut
out of another begins with any byte.
"""

import string
from typing import Final

_PRINTABLE: Final = frozenset(string.printable.encode("ascii"))

_STRONG: Final = (
    (b"OggS", "OGG"),
    (b"fLaC", "FLAC"),
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "ZIP"),
    (b"PK\x05\x06", "ZIP"),
    (b"PK\x07\x08", "ZIP"),
    (b"\x7fELF", "ELF"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"#!AMR", "AMR"),
    (b"caff", "CAF"),
    (b"FORM", "AIFF"),
    (b"wvpk", "WavPack"),
    (b"MAC ", "Monkey's Audio"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"\x1f\x8b\x08", "GZIP"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "WMA"),
    (b"MThd", "MIDI"),
    (b"\x00\x00\x01\xba", "MPEG video"),
    (b"\x00\x00\x01\xb3", "MPEG video"),
    (b"{\\rtf", "RTF"),
    (b".snd", "AU"),
    (b"SQLite format 3", "SQLite"),
)
_LONGEST: Final = 64
MP2: Final = "MPEG layer II"
MP1: Final = "MPEG layer I"
FREE_FORMAT: Final = "MP3 free format"


def foreign_name(head: bytes) -> str | None:
    """Return the name of the format whose signature begins ``head`` (its first 64 bytes or more), or None."""
    if head[:4] in {b"RIFF", b"RIFX", b"RF64"}:
        return {b"WAVE": "WAV", b"AVI ": "AVI", b"WEBP": "WebP"}.get(head[8:12], "RIFF")
    if head[4:8] == b"ftyp":
        return "M4A" if head[8:11] == b"M4A" else ("3GP" if head[8:10] == b"3g" else "MP4")
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "WebM" if b"webm" in head else "Matroska"
    for signature, name in _STRONG:
        if head.startswith(signature):
            return name
    return _executable(head) or _text(head)


def _executable(head: bytes) -> str | None:
    return "EXE" if head.startswith(b"MZ") else None


def _text(head: bytes) -> str | None:
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if len(bare) < 4 or not all(byte in _PRINTABLE for byte in bare[:4]):  # noqa: PLR2004 - one sign and three letters
        return None
    if bare.startswith(b"<"):
        return "XML" if bare.startswith(b"<?xml") else "HTML"
    if bare.startswith(b"#"):
        return "script" if bare.startswith(b"#!") else "text"
    return None


def adts_name(head: bytes) -> str | None:
    """Return ``AAC`` when ``head`` begins with two chained ADTS frames (ISO/IEC 13818-7 §6.2), else None."""
    position = 0
    for _ in range(2):
        header = head[position : position + 7]
        if len(header) < 7 or header[0] != 0xFF or header[1] & 0xF6 != 0xF0:  # noqa: PLR2004 - an ADTS header
            return None
        position += (header[3] & 3) << 11 | header[4] << 3 | header[5] >> 5
    return "AAC"


def hidden_name(data: memoryview) -> str | None:
    """Return the name of a document found anywhere in a tag's bytes, or None. Meant to be told, not to refuse."""
    for start in range(0, len(data), _STRETCH):
        stretch = bytes(data[start : start + _STRETCH + _LONGEST])
        for signature, name in _DOCUMENTS:
            if signature in stretch:
                return name
    return None


_STRETCH: Final = 1 << 22
_DOCUMENTS: Final = (
    (b"%PDF-1", "PDF"),
    (b"PK\x03\x04\x14\x00", "ZIP"),
    (b"PK\x03\x04\x0a\x00", "ZIP"),
    (b"\x7fELF\x02\x01\x01", "ELF"),
    (b"MZ\x90\x00\x03\x00", "EXE"),
    (b"<script", "HTML"),
    (b"<SCRIPT", "HTML"),
    (b"<html", "HTML"),
    (b"<HTML", "HTML"),
    (b"<!doctype html", "HTML"),
    (b"<!DOCTYPE html", "HTML"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Microsoft Office"),
)


def trailing_name(data: memoryview, start: int, end: int) -> str | None:
    """Return the name of a file that follows the sound in ``[start, end)``, or None.

    A ZIP is read from its end, so its directory counts wherever it begins.
    """
    tail = bytes(data[max(start, end - 66_000) : end])
    if b"PK\x05\x06" in tail:
        return "ZIP"
    head = bytes(data[start : min(end, start + 4096)])
    for offset in range(min(len(head), 2048)):
        if head[offset] and (name := foreign_name(head[offset : offset + _LONGEST])) and name not in {"text", "script", "EXE", "HTML"}:
            return name
    return foreign_name(head.lstrip(b"\0"))
