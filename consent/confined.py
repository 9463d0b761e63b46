"""Reading an attestation, whatever its form, in a process without files or network: bytes in, plain JSON values out."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

from pypdf import PdfReader, PdfWriter

from consent import files, pdf
from consent.declaration import ReadAttestation
from consent.faults import ConsentFault
from consent.pdf_form import Prefill, write_attestation
from consent.template import attestations_workbook
from registry.problems import Problem
from registry.workbooks import OLE, ZIP

_MAX_BYTES = pdf.MAX_BYTES
ENDINGS = frozenset({"pdf", "toml", "json", "csv", "xlsx"})
"""Names that an attestation may end with. The content decides what it is."""


def read_attestation(data: bytes | memoryview, *, ending: str = "") -> dict[str, Any]:
    """Read the attestation that lies in a candidate's folder; ``ReadAttestation.from_json`` gives it back its types.

    ``ending`` is the end of the file's name, with or without its dot: it only tells text formats from one another.
    """
    return _read(data, ending.lower().lstrip(".")).to_json()


def warm_up() -> None:
    """Touch what reading needs, once, while files can still be opened: fonts, tables, modules imported late."""
    blank = Prefill("S", "", "C-1", "", "AAAA-AAAA", date(2026, 1, 1), date(2026, 1, 1), "", ())
    form = write_attestation(blank)
    texts = (b"%PDF-1.7\n", b"PK\x03\x04", b"Notice;x\n1;2\n", b'{"notice": "x"}')
    for sample in (form, _printed(form), attestations_workbook(), *texts):
        read_attestation(sample)


def _printed(attestation: bytes) -> bytes:
    """Return the page without its fields: reading words touches other tables than reading fields."""
    printed, target = PdfWriter(clone_from=PdfReader(BytesIO(attestation))), BytesIO()
    del printed.root_object["/AcroForm"]
    printed.remove_annotations(None)
    printed.write(target)
    return target.getvalue()


def _read(data: bytes | memoryview, ending: str) -> ReadAttestation:
    if len(data) > _MAX_BYTES:
        return ReadAttestation(None, (Problem(ConsentFault.TOO_LARGE),))
    return _reader(bytes(data), ending)(bytes(data))


def _reader(content: bytes, ending: str) -> Callable[[bytes], ReadAttestation]:
    if pdf.looks_like_pdf(content) or ending == "pdf":
        return pdf.read
    if content.startswith((ZIP, OLE)):
        return files.read_single_line
    if ending == "toml":
        return files.read_toml
    return files.read_json if ending == "json" or content.lstrip().startswith(b"{") else files.read_single_line
