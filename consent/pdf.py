"""Reading the fillable attestation back, as Acrobat, a browser or LibreOffice saved it.

The bytes are a stranger's: run it in a confined process. Takes only the fields that ``consent.pdf_form`` wrote, all of them,
each once, visible, of its type, without action. Refuses to guess: a value that is not one of those offered is a problem, and a
page without fields is for a person to read. Source: ISO 32000-1, 12.7 (forms), 12.5.3 (annotation flags), 12.6 (actions).
"""

import logging
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import TypeVar

from pypdf import PdfReader
from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject

from consent.declaration import Declaration, ReadAttestation
from consent.faults import ConsentFault
from consent.pdf_fields import AlteredError, Field, read_fields, refuse_active_content
from consent.pdf_form import MARK, UNSET, Prefill, write_attestation
from consent.record import ClientRole, Way
from consent.words import ITEMS, ROLES, TOLD
from registry.codes import Language
from registry.problems import Problem, shown
from registry.written import fold, read_date, read_time

__all__ = ["Prefill", "ReadAttestation", "looks_like_pdf", "read", "write_attestation"]

MAX_BYTES, MAX_PAGES = 10_000_000, 20
_HEAD = 1024
logging.getLogger("pypdf").setLevel(logging.CRITICAL + 1)  # it repeats pieces of the file: a stranger's words never reach a log
_TEXT_FIELDS = ("form", "session", "candidate_reference", "client_reference", "call_date", "call_time", "given_on")
_TYPES = {
    **dict.fromkeys(_TEXT_FIELDS, "/Tx"),
    **dict.fromkeys(("way", *TOLD), "/Btn"),
    **dict.fromkeys(("notice_id", "client_role"), "/Ch"),
}
_TICKED, _UNTICKED = frozenset({"Yes", "On"}), frozenset({"", "Off"})
_ROLE_NAMES = {fold(words.text(language)): role for role, words in ROLES.items() for language in Language}
_T = TypeVar("_T")


def looks_like_pdf(data: bytes | memoryview) -> bool:
    """Say whether the bytes begin as a PDF's do."""
    return b"%PDF-" in bytes(data[:_HEAD])


def read(data: bytes | memoryview) -> ReadAttestation:
    """Read an attestation. Never raises for what the file holds."""
    if len(data) > MAX_BYTES:
        return _refused(ConsentFault.TOO_LARGE)
    if not looks_like_pdf(data):
        return _refused(ConsentFault.NOT_OURS)
    try:
        return _read(PdfReader(BytesIO(data), strict=False))
    except AlteredError as error:
        return _refused(error.fault, error.field)
    except (PyPdfError, Exception):  # noqa: BLE001 - a malformed file draws KeyError, TypeError, RecursionError and more out of pypdf
        return _refused(ConsentFault.MALFORMED)


def _refused(fault: ConsentFault, column: str = "") -> ReadAttestation:
    return ReadAttestation(None, (Problem(fault, column=column[:60]),))


def _read(reader: PdfReader) -> ReadAttestation:
    if reader.is_encrypted:
        return _refused(ConsentFault.ENCRYPTED)
    if len(reader.pages) > MAX_PAGES:
        return _refused(ConsentFault.NOT_OURS)
    refuse_active_content(reader)
    fields = read_fields(reader)
    if "form" not in fields:
        return _refused(_without_form(reader, bare=not fields))
    for name, kind in _TYPES.items():
        if name not in fields or fields[name].kind != kind:
            raise AlteredError(name)
    if set(fields) - set(_TYPES):
        raise AlteredError(min(set(fields) - set(_TYPES)))
    if fields["form"].value != MARK:
        raise AlteredError("form")
    return _declare(fields)


def _without_form(reader: PdfReader, *, bare: bool) -> ConsentFault:
    """Say what a PDF without our fields is: ours but flattened, a picture, or something else."""
    text = "".join(page.extract_text() for page in reader.pages[:2])
    if MARK in text.replace("\n", ""):
        return ConsentFault.FLATTENED
    pictured = any(_has_picture(page) for page in reader.pages[:2])
    return ConsentFault.SCANNED if bare and pictured and not text.strip() else ConsentFault.NOT_OURS


def _has_picture(page: DictionaryObject) -> bool:
    resources = page.get("/Resources", DictionaryObject()).get_object()
    objects = resources.get("/XObject", DictionaryObject()).get_object() if isinstance(resources, DictionaryObject) else {}
    return any(one.get_object().get("/Subtype") == "/Image" for one in objects.values())


def _declare(fields: Mapping[str, Field]) -> ReadAttestation:
    reading = _Reading(fields)
    declaration = Declaration(
        session=reading.text("session"),
        candidate_reference=reading.text("candidate_reference"),
        client_reference=reading.text("client_reference"),
        call_date=reading.parsed("call_date", read_date, ConsentFault.BAD_DATE),
        call_time=reading.parsed("call_time", read_time, ConsentFault.BAD_TIME),
        given_on=reading.parsed("given_on", read_date, ConsentFault.BAD_DATE),
        way=reading.parsed("way", Way, ConsentFault.BAD_VALUE),
        told_recording=reading.ticked("told_recording"),
        told_purpose=reading.ticked("told_purpose"),
        told_retention=reading.ticked("told_retention"),
        notice_id=reading.chosen("notice_id"),
        client_role=reading.parsed("client_role", _role, ConsentFault.BAD_VALUE),
    )
    return ReadAttestation(declaration, tuple(reading.problems))


def _role(text: str) -> ClientRole:
    named = _ROLE_NAMES.get(fold(text))
    return named if named is not None else ClientRole(text)


class _Reading:
    """Turns fields into values, and gathers what cannot be read instead of stopping at the first."""

    def __init__(self, fields: Mapping[str, Field]) -> None:
        self.fields = fields
        self.problems: list[Problem] = []

    def text(self, name: str) -> str | None:
        return shown(self.fields[name].value) or None

    def chosen(self, name: str) -> str | None:
        value = self.fields[name].export()
        return None if value in {"", "Off", UNSET} else shown(value)

    def parsed(self, name: str, parse: Callable[[str], _T], fault: ConsentFault) -> _T | None:
        value = self.chosen(name)
        if value is None:
            return None
        try:
            return parse(value)
        except ValueError:
            self._problem(fault, name, value)
            return None

    def ticked(self, name: str) -> bool | None:
        value = self.fields[name].value
        if value not in _TICKED | _UNTICKED:
            self._problem(ConsentFault.BAD_VALUE, name, value)
            return None
        return value in _TICKED

    def _problem(self, fault: ConsentFault, name: str, value: str) -> None:
        words = ITEMS.get(name) or TOLD[name]
        self.problems.append(Problem(fault, column=words.fr, found=shown(value)))
