"""Attestations that candidates put into their folders: read, or answered with what to do. A file stays where it lies."""

import os
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl.worksheet.worksheet import Worksheet
from PIL import Image
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from consent.files import COLUMNS
from intake.shares import Place
from registry.codes import Answer, Code
from tests.scenarios.centre import Centre, wait_for
from tests.scenarios.looking import (
    Someone,
    answer_mails,
    deposit_at,
    deposit_well,
    fresh,
    place,
    tasks,
    wait_left,
    wait_recording,
    wait_words,
)
from tests.support.attestations import filled, saved, writer
from tests.support.workbooks import with_member, workbook_bytes

pytestmark = pytest.mark.scenario

PEOPLE = 30
_TITLES = [column.title for column in COLUMNS[:-1]]


def _blank(centre: Centre, ref: str) -> Path:
    return next(centre.folder(ref).glob("3 - *.pdf"))


def _filled(centre: Centre, ref: str, **answers: str) -> bytes:
    day = centre.call_date(ref).strftime("%d/%m/%Y")
    notice = centre.parts.notices.offered(centre.call_date(ref), centre.file(ref).hearing_on)[0].id
    return filled(_blank(centre, ref).read_bytes(), **{"call_date": day, "given_on": day, "notice_id": notice, **answers})


def _flattened(data: bytes) -> bytes:
    """Print it to a PDF: the words stay, the fields go."""
    pdf = writer(data)
    del pdf.root_object["/AcroForm"]
    for page in pdf.pages:
        if "/Annots" in page:
            del page["/Annots"]
    return saved(pdf)


def _scanned() -> bytes:
    target, pixels = BytesIO(), BytesIO()
    Image.new("L", (400, 560), 200).save(pixels, "PNG")
    canvas = Canvas(target)
    canvas.drawImage(ImageReader(pixels), 0, 0, 595, 842)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


def _invoice() -> bytes:
    target = BytesIO()
    canvas = Canvas(target)
    canvas.drawString(100, 700, "Facture")
    canvas.showPage()
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize("first", ["attestation", "recording"])
def test_a_filled_attestation_is_read_and_stays(centre: Centre, someone: Someone, first: str) -> None:
    """Saved over the blank one, before the recording or after it: the recording is received."""
    ref = someone()
    blank, content = _blank(centre, ref), _filled(centre, ref)
    if first == "recording":
        centre.drop(ref, "appel.mp3", fresh())
        wait_recording(centre, ref, Answer.AWAITING_CONSENT)
    blank.write_bytes(content)
    if first == "attestation":
        wait_left(centre, "ATTESTATION_READ", *place(ref, blank.name))
        centre.drop(ref, "appel.mp3", fresh())
    wait_for(lambda: [one.name for one in centre.answers(ref)] == ["1 - Bien reçu.pdf"], "the recording is received")
    assert blank.read_bytes() == content


@pytest.mark.parametrize(("what", "make"), [("flattened", None), ("scanned", _scanned)])
def test_an_attestation_for_a_person_becomes_a_task(centre: Centre, someone: Someone, what: str, make: Callable[[], bytes] | None) -> None:
    """The candidate has nothing to do again; a coordinator is asked to type it in."""
    ref = someone()
    name = f"attestation {what}.pdf"
    path = centre.drop(ref, name, make() if make else _flattened(_filled(centre, ref)))
    row = wait_left(centre, Code.ATTESTATION_UNREADABLE, *place(ref, name))
    wait_words(centre.folder(ref), "va la saisir")
    assert len(tasks(centre, "type_attestation", Place.of(row.place).key)) == 1
    assert path.exists()


def test_a_document_that_is_none_is_answered(centre: Centre, someone: Someone) -> None:
    """An invoice is neither a recording nor an attestation."""
    ref = someone()
    centre.drop(ref, "facture.pdf", _invoice())
    wait_left(centre, Code.NOT_A_DEPOSIT, *place(ref, "facture.pdf"))
    wait_words(centre.folder(ref), "ni un enregistrement ni une attestation")


@pytest.mark.parametrize("answers", [{"candidate_reference": "CE-999"}, {"call_date": "31/02/2026"}, {"told_purpose": "/Off"}])
def test_an_attestation_that_lies_or_lacks_something_is_answered(centre: Centre, someone: Someone, answers: dict[str, str]) -> None:
    """Another's reference, a day that does not exist, a box left alone: each is named, with what to do."""
    ref = someone()
    blank = _blank(centre, ref)
    blank.write_bytes(_filled(centre, ref, **answers))
    wait_left(centre, Code.ATTESTATION_INCOMPLETE, *place(ref, blank.name))
    wait_words(centre.folder(ref), "formulaire")
    centre.drop(ref, "appel.mp3", fresh())
    wait_recording(centre, ref, Answer.AWAITING_CONSENT)


def test_a_blank_one_saved_again_says_nothing(centre: Centre, someone: Someone) -> None:
    """Opening and saving it is no attestation, and no reason for an answer."""
    ref = someone()
    blank = _blank(centre, ref)
    before = blank.stat()
    blank.write_bytes(saved(writer(blank.read_bytes())))
    assert blank.stat().st_size != before.st_size
    deposit = wait_for(lambda: _changed(centre, ref, blank), "it was looked at")
    assert deposit == "ATTESTATION_READ"
    assert centre.answers(ref) == []
    assert answer_mails(centre, ref) == []


def _changed(centre: Centre, ref: str, path: Path) -> str | None:
    row = deposit_at(centre, *place(ref, path.name))
    return row.code if row is not None and row.identity.split(":")[2] == str(path.stat().st_size) else None


def test_two_attestations_that_disagree_are_answered(centre: Centre, someone: Someone) -> None:
    """Neither counts until the candidate says which is right."""
    ref = someone()
    day = centre.call_date(ref).replace(day=1).strftime("%d/%m/%Y")
    blank, other = _blank(centre, ref), _filled(centre, ref, call_date=day, given_on=day)
    blank.write_bytes(_filled(centre, ref))
    wait_left(centre, "ATTESTATION_READ", *place(ref, blank.name))
    centre.drop(ref, "attestation 2.pdf", other)
    wait_left(centre, Code.ATTESTATION_CONFLICT, *place(ref, "attestation 2.pdf"))
    wait_words(centre.folder(ref), "ne dit pas la même chose")
    centre.drop(ref, "appel.mp3", fresh())
    wait_recording(centre, ref, Answer.AWAITING_CONSENT)


def _row(centre: Centre, ref: str, reference: str | None = None) -> list[object]:
    day = centre.call_date(ref)
    notice = centre.parts.notices.offered(day, centre.file(ref).hearing_on)[0].id
    return [reference or ref, day, "", day, "oral avant", "oui", "oui", "oui", notice, ""]


def _merged(sheet: Worksheet) -> None:
    sheet.insert_rows(1)
    sheet["A1"] = "Attestation"
    sheet.merge_cells("A1:J1")


@pytest.mark.parametrize("what", ["plain", "merged", "formula", "macros"])
def test_a_workbook_is_read_or_answered(centre: Centre, someone: Someone, what: str) -> None:
    """A plain one counts; merged cells, a formula or macros are never run, and end in an answer or in its reading."""
    ref = someone()
    reference = "=cmd|' /C calc'!A0" if what == "formula" else None
    data = workbook_bytes([_TITLES, _row(centre, ref, reference)], _merged if what == "merged" else None)
    name = "attestation.xlsm" if what == "macros" else "attestation.xlsx"
    if what == "macros":
        data = with_member(data, "xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + bytes(600))
    centre.drop(ref, name, data)
    row = wait_for(lambda: (found := deposit_at(centre, *place(ref, name))) and found.code and found, "it was read")
    assert row
    if what == "plain":
        assert row.code == "ATTESTATION_READ"
    if what == "formula":
        assert row.code == Code.ATTESTATION_INCOMPLETE
    if row.code != "ATTESTATION_READ":
        wait_words(centre.folder(ref), "attestation")
    deposit_well(centre, someone())(40)


def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    """The centre's account may not open it: it stays, the answer says so; once it may, the file is taken. Others are answered."""
    with Centre.found(tmp_path) as centre:
        ref, other = centre.enrol(2)
        centre.attest(ref)
        path = centre.drop(ref, "Mon appel.mp3", fresh())
        path.chmod(0)
        answered = deposit_well(centre, other)
        words = [sys.executable, "-c", "from consigne.cli import main; main()", "--home", str(centre.home), "up"]
        if os.geteuid() == 0:  # the right to read everything is taken from root
            words = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all", *words]
        running = centre.run(words)
        wait_left(centre, Code.UNREADABLE, *place(ref, path.name))
        wait_words(centre.folder(ref), "n’a pas le droit de lire")
        answered(40)
        path.chmod(0o644)
        wait_recording(centre, ref, Answer.RECEIVED)
        assert running.stop() == 0
