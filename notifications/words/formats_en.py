"""What a file that is not an MP3 may be, and how to make an MP3 of it, in English. Data only."""

FOUND_NAMES: dict[str, str] = {
    "MPEG LAYER II": "it is an MP2 file (MPEG layer II)",
    "MPEG LAYER I": "it is an MP1 file (MPEG layer I)",
    "MP3 FREE FORMAT": "its bit rate is “free”, and browsers cannot play it",
    "MPEG VIDEO": "it is an MPEG video",
    "MATROSKA": "it is a Matroska video (MKV)",
    "MICROSOFT OFFICE": "it is a Microsoft Office document",
    "TEXT": "it is a text file",
    "SCRIPT": "it is a program",
    "EXE": "it is a program",
    "ELF": "it is a program",
    "SQLITE": "it is a database",
    "RIFF": "it is a RIFF file of an unknown kind",
}
"""Formats whose name alone would not be understood, by the name found, in upper case."""

_AUDACITY = "Open it in Audacity (free): “File”, “Export Audio…”, format “MP3”, “Export”."
_VLC = "With VLC (free): “Media”, “Convert / Save…”, add the file, profile “Audio - MP3”, “Start”."
_PHONE = "Many phone recorders write this format. Copy it to a computer, then export it to MP3. " + _VLC
_VIDEO = "This is a video, as Teams and Zoom make them (Zoom also leaves a sound-only “.m4a” file): take the sound out of it. " + _VLC
_NOT_SOUND = "This is not a recording: look for the sound file on your computer, and deposit it as an MP3."
_ARCHIVE = "Open the archive (right click, “Extract all”), and keep the MP3 file that it holds."

EXPORT_GUIDES: dict[str, str] = {
    "WAV": _AUDACITY,
    "AIFF": _AUDACITY,
    "FLAC": _AUDACITY,
    "OGG": _AUDACITY,
    "AU": _AUDACITY,
    "M4A": _PHONE,
    "AAC": _PHONE,
    "AMR": _PHONE,
    "3GP": _PHONE,
    "CAF": _PHONE,
    "MP4": _VIDEO,
    "MOV": _VIDEO,
    "WEBM": _VIDEO,
    "MATROSKA": _VIDEO,
    "AVI": _VIDEO,
    "MPEG VIDEO": _VIDEO,
    "WMA": _VLC,
    "OPUS": _VLC,
    "WAVPACK": _VLC,
    "MONKEY'S AUDIO": _VLC,
    "MPEG LAYER II": _VLC,
    "MPEG LAYER I": _VLC,
    "MP3 FREE FORMAT": _VLC,
    "RIFF": _VLC,
    "ZIP": _ARCHIVE,
    "RAR": _ARCHIVE,
    "7-ZIP": _ARCHIVE,
    "GZIP": _ARCHIVE,
    "PDF": _NOT_SOUND,
    "JPEG": _NOT_SOUND,
    "PNG": _NOT_SOUND,
    "GIF": _NOT_SOUND,
    "WEBP": _NOT_SOUND,
    "HTML": _NOT_SOUND,
    "XML": _NOT_SOUND,
    "TEXT": _NOT_SOUND,
    "SCRIPT": _NOT_SOUND,
    "EXE": _NOT_SOUND,
    "ELF": _NOT_SOUND,
    "RTF": _NOT_SOUND,
    "MIDI": _NOT_SOUND,
    "SQLITE": _NOT_SOUND,
    "MICROSOFT OFFICE": _NOT_SOUND,
}
"""What to do with a file of each format, by the name found, in upper case."""

EXPORT_DEFAULT = (
    "Export the recording to MP3 from the original. Phone: copy the recorder’s file to a computer. Teams or Zoom: "
    "download the recording. " + _VLC
)
