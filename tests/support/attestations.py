"""Attestations for one made-up dossier: prefilled, filled, and spoilt."""

from datetime import date
from io import BytesIO

from pypdf import PdfReader, PdfWriter

from consent.notices import load_notices
from consent.pdf_form import Prefill, write_attestation
from consent.rules import Expected

NOTICES = load_notices()
EXPECTED = Expected("2026-06", "C-014", "ABCD-2345")
PREFILL = Prefill(
    session="2026-06",
    certification="CQP Conseiller Entreprise · Bloc 1",
    candidate_reference="C-014",
    candidate_name="Mme Zoé L’Hôte",
    client_reference="ABCD-2345",
    earliest_call=date(2025, 6, 16),
    deadline=date(2026, 5, 25),
    contact="Le secrétariat des examens, examens@example.org",
    notices=NOTICES.offered(date(2025, 6, 16), date(2026, 5, 25)),
)
BLANK = write_attestation(PREFILL)
ANSWERS = {
    "call_date": "12/03/2026",
    "call_time": "14h30",
    "given_on": "12 mars 2026",
    "way": "/oral_at_start",
    "told_recording": "/Yes",
    "told_purpose": "/Yes",
    "told_retention": "/Yes",
    "notice_id": "2024-10",
    "client_role": "payroll",
}


def writer(data: bytes = BLANK) -> PdfWriter:
    """Return a PDF open for change."""
    return PdfWriter(clone_from=PdfReader(BytesIO(data)))


def saved(pdf: PdfWriter) -> bytes:
    """Return the bytes of a changed PDF."""
    target = BytesIO()
    pdf.write(target)
    return target.getvalue()


def filled(data: bytes = BLANK, **answers: str) -> bytes:
    """Return the attestation with these answers in its fields, the usual ones for the rest."""
    pdf = writer(data)
    pdf.update_page_form_field_values(pdf.pages[0], {**ANSWERS, **answers}, auto_regenerate=False)
    return saved(pdf)
