"""Read an attestation in whatever form it came. It runs in the confined process: the bytes are a stranger's."""

from consent import pdf
from consent.declaration import ReadAttestation
from consent.faults import ConsentFault
from registry.problems import Problem


def read(data: bytes, ending: str) -> tuple[ReadAttestation, ...]:
    """Read one file, by its content first, then by the ending of its name."""
    if ending == "pdf" or pdf.looks_like_pdf(data):
        return (pdf.read(data),)
    return (ReadAttestation(None, (Problem(ConsentFault.NOT_OURS),)),)


def rehearse() -> None:
    """Read something small of each kind, so that all that is imported lazily is there before files are out of reach."""
    for ending in ("pdf", "toml", "json", "csv", "xlsx"):
        read(b"%PDF-1.7\n%%EOF", ending)
