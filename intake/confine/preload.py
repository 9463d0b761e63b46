"""What the standard library imports only when it is first needed, which in a confined process is too late.

A file may name any encoding that Python knows (a text in an ID3 tag, an XML declaration), and every error path may be taken.
"""

import encodings
import importlib
import pkgutil
from contextlib import suppress
from typing import Final

_LATE: Final = (
    "_strptime", "bz2", "calendar", "decimal", "fractions", "linecache", "lzma", "stringprep", "tokenize", "traceback",
    "tracemalloc", "unicodedata", "warnings", "zlib",
)  # fmt: skip


def preload() -> None:
    """Import every encoding, and what formats errors, warnings, dates and numbers. About 50 ms and 5 MB, once for all children."""
    for found in pkgutil.iter_modules(encodings.__path__):
        _bring(f"encodings.{found.name}")
    for name in _LATE:
        _bring(name)


def _bring(name: str) -> None:
    with suppress(ImportError):  # what this system lacks (the encodings of another one) cannot be asked for later either
        importlib.import_module(name)
