"""What a file that is not an MP3 may be, and how to make an MP3 of it, in French. Data only."""

FOUND_NAMES: dict[str, str] = {
    "MPEG LAYER II": "c’est un fichier MP2 (MPEG layer II)",
    "MPEG LAYER I": "c’est un fichier MP1 (MPEG layer I)",
    "MP3 FREE FORMAT": "son débit est « libre », et les navigateurs ne savent pas le lire",
    "MPEG VIDEO": "c’est une vidéo MPEG",
    "MATROSKA": "c’est une vidéo Matroska (MKV)",
    "MICROSOFT OFFICE": "c’est un document Microsoft Office",
    "TEXT": "c’est un fichier de texte",
    "SCRIPT": "c’est un programme",
    "EXE": "c’est un programme",
    "ELF": "c’est un programme",
    "SQLITE": "c’est une base de données",
    "RIFF": "c’est un fichier RIFF, d’un genre inconnu",
}
"""Formats whose name alone would not be understood, by the name found, in upper case."""

_AUDACITY = "Ouvrez-le dans Audacity (gratuit) : « Fichier », « Exporter l’audio… », format « MP3 », « Exporter »."
_VLC = "Avec VLC (gratuit) : « Média », « Convertir / Enregistrer… », ajoutez le fichier, profil « Audio - MP3 », « Démarrer »."
_PHONE = "C’est le format de beaucoup de dictaphones de téléphone. Copiez-le sur un ordinateur, puis exportez-le en MP3. " + _VLC
_VIDEO = (
    "C’est une vidéo, comme en font Teams et Zoom (Zoom laisse aussi un fichier de son seul, « .m4a ») : il faut en tirer le son. " + _VLC
)
_NOT_SOUND = "Ce n’est pas un enregistrement : cherchez le fichier de son sur votre ordinateur, et déposez-le en MP3."
_ARCHIVE = "Ouvrez l’archive (clic droit, « Extraire tout »), et gardez le fichier MP3 qu’elle contient."

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
    "Exportez l’enregistrement en MP3 depuis l’original. Téléphone : copiez le fichier du dictaphone sur un ordinateur. Teams ou Zoom : "
    "téléchargez l’enregistrement. " + _VLC
)
