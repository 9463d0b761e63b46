"""Dates, durations and sizes as people write them, in French and in English.

French typography: a narrow no-break space before « : ; ? ! » and inside guillemets.
"""

import re
from datetime import date, datetime

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from registry.clock import PARIS
from registry.codes import Language

_NARROW = "\u202f"
_NO_BREAK = "\u00a0"
_LOCALE = {Language.FR: "fr_FR", Language.EN: "en_GB"}
_MINUTE, _HOUR = 60, 3600
_UNITS = ((1_000_000_000, "G", "0.0"), (1_000_000, "M", "0.0"), (1_000, "k", "0"))  # bytes, prefix, how many decimals


def typeset(text: str, language: Language) -> str:
    """Put narrow no-break spaces where French typography wants them; English is returned as it is."""
    if language is not Language.FR:
        return text
    text = re.sub(r"[ \u00a0]([:;?!»])", _NARROW + r"\1", text)
    return re.sub(r"«[ \u00a0]", "«" + _NARROW, text)


def long_date(day: date, language: Language) -> str:
    """Return ``lundi 25 mai 2026`` or ``Monday 25 May 2026``."""
    pattern = "EEEE d MMMM y"
    words = format_date(day, pattern, locale=_LOCALE[language])
    return re.sub(r"\b1 (?=\w+ \d{4}$)", "1er ", words) if language is Language.FR else words


def until(day: date, language: Language) -> str:
    """Say that a day is the last one, and counts in full."""
    if language is Language.FR:
        return f"jusqu’au {long_date(day, language)} inclus (23{_NO_BREAK}h{_NO_BREAK}59)"
    return f"until {long_date(day, language)} included (11:59 pm, Paris time)"


def moment(instant: datetime, language: Language) -> str:
    """Return the date and time in Paris, in words."""
    if instant.tzinfo is None:
        msg = "an instant must carry its time zone"
        raise ValueError(msg)
    local = instant.astimezone(PARIS)
    if language is Language.FR:
        return f"{long_date(local.date(), language)} à {local.hour}{_NO_BREAK}h{_NO_BREAK}{local.minute:02d}"
    return f"{long_date(local.date(), language)}, {format_datetime(local, 'HH:mm', locale='en_GB')} (Paris)"


def duration(seconds: float) -> str:
    """Return ``24 min 12 s``, cut down to the whole second, so that 30 min 00,3 s never reads as longer than it is."""
    whole = int(seconds)
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    parts = [f"{hours}{_NO_BREAK}h"] if hours else []
    if hours or minutes:
        parts.append(f"{minutes}{_NO_BREAK}min")
    parts.append(f"{left:02d}{_NO_BREAK}s" if parts else f"{left}{_NO_BREAK}s")
    return _NO_BREAK.join(parts)


def size(count: int, language: Language) -> str:
    """Return a number of bytes as ``5,8 Mo`` or ``5.8 MB``."""
    letter = "o" if language is Language.FR else "B"
    for unit, prefix, form in _UNITS:
        if count >= unit:
            return f"{format_decimal(count / unit, form, locale=_LOCALE[language])}{_NO_BREAK}{prefix}{letter}"
    word = "octets" if language is Language.FR else "bytes"
    return f"{count}{_NO_BREAK}{word}"
