"""How the demonstration's candidates attest: by the form behind the link in their mail, or by the PDF in their folder."""

import io
import urllib.parse
import urllib.request
from datetime import date
from pathlib import Path

from pypdf import PdfReader, PdfWriter

_TIMEOUT = 20


def attest_by_form(link: str, call_date: date, notice: str) -> None:
    """Open the form as a browser does, fill it in, send it."""
    with urllib.request.urlopen(link, timeout=_TIMEOUT) as page:  # noqa: S310 - the address of our own portal
        page.read()
    fields = {
        "call_date": call_date.isoformat(),
        "call_time": "",
        "given_on": call_date.isoformat(),
        "way": "oral_before",
        "told_recording": "1",
        "told_purpose": "1",
        "told_retention": "1",
        "notice": notice,
        "client_role": "",
    }
    request = urllib.request.Request(link, urllib.parse.urlencode(fields).encode(), {"Content-Type": "application/x-www-form-urlencoded"})  # noqa: S310 - the same
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310 - the same
        answer.read()


def attest_by_pdf(folder: Path, call_date: date, notice: str) -> None:
    """Fill the attestation that lies in the folder, and save it there, as a PDF reader does."""
    blank = next(path for path in folder.iterdir() if path.name.startswith("3 - "))
    writer = PdfWriter(clone_from=PdfReader(blank))
    values = {
        "call_date": call_date.strftime("%d/%m/%Y"),
        "given_on": call_date.strftime("%d/%m/%Y"),
        "way": "/oral_at_start",
        "told_recording": "/Yes",
        "told_purpose": "/Yes",
        "told_retention": "/Yes",
        "notice_id": notice,
    }
    writer.update_page_form_field_values(writer.pages[0], values, auto_regenerate=False)
    out = io.BytesIO()
    writer.write(out)
    temporary = folder / "attestation.pdf.part"
    temporary.write_bytes(out.getvalue())
    temporary.replace(blank)
