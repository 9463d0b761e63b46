"""The fillable attestation, written and read back; sound, spoilt and hostile."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, time
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NumberObject, PdfObject, TextStringObject
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from consent.declaration import Declaration, ReadAttestation
from consent.notices import Notice
from consent.pdf import read
from consent.pdf_form import MARK, drawable, write_attestation
from consent.record import ClientRole, Way
from registry.codes import Language
from registry.problems import Words
from tests.support.attestations import BLANK, NOTICES, PREFILL, filled, saved, writer

WHOLE = Declaration(
    session="2026-06",
    candidate_reference="C-014",
    client_reference="ABCD-2345",
    call_date=date(2026, 3, 12),
    call_time=time(14, 30),
    given_on=date(2026, 3, 12),
    way=Way.ORAL_AT_START,
    told_recording=True,
    told_purpose=True,
    told_retention=True,
    notice_id="2024-10",
    client_role=ClientRole.PAYROLL,
)


def field(pdf: PdfWriter, name: str) -> DictionaryObject:
    for one in pdf.root_object["/AcroForm"]["/Fields"]:  # type: ignore[index]  # a PDF object indexes as what it holds
        found = one.get_object()
        if found["/T"] == name:
            assert isinstance(found, DictionaryObject)
            return found
    raise AssertionError(name)


def faults(found: ReadAttestation) -> list[str]:
    return [str(problem.fault) for problem in found.problems]


def test_the_same_facts_give_the_same_bytes() -> None:
    """A folder that is made again gets the same file."""
    assert write_attestation(PREFILL) == BLANK


@pytest.mark.parametrize("language", list(Language))
def test_it_is_one_page_with_its_fonts_and_nothing_that_acts(language: Language) -> None:
    """One page, a title, a language, embedded fonts, no glyph that is missing, no script."""
    long_name = "Mme Marie-Françoise-Élisabeth de La Rochefoucauld-Œuvrard-Łukaszewicz"
    pdf = PdfReader(BytesIO(write_attestation(replace(PREFILL, language=language, candidate_name=long_name))))
    assert len(pdf.pages) == 1
    assert str(pdf.root_object["/Lang"]) == str(language)
    text = pdf.pages[0].extract_text()
    assert "16 juin 2025" in text or "16 June 2025" in text
    assert "?" not in text
    assert MARK in text
    fonts = pdf.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]  # a PDF object indexes as what it holds
    embedded = [font for font in fonts if "/FontDescriptor" in font.get_object()]
    assert len(embedded) >= 2
    assert all("/FontFile2" in font.get_object()["/FontDescriptor"] for font in embedded)


def test_letters_that_the_font_lacks_are_replaced() -> None:
    """Narrow spaces are widened, a letter loses the mark that it cannot have."""
    assert drawable("«\u202fété\u202f»\u202f: ǆ Ş 漢") == "«\u00a0été\u00a0»\u00a0: d Ş ?".replace("Ş", drawable("Ş"))


def test_an_untouched_attestation_says_nothing() -> None:
    """Only what was prefilled is there; a box left alone is not ticked, and the only notice is not chosen in the candidate's place."""
    found = read(BLANK)
    assert found.problems == ()
    assert found.declaration == Declaration(
        session="2026-06",
        candidate_reference="C-014",
        client_reference="ABCD-2345",
        told_recording=False,
        told_purpose=False,
        told_retention=False,
    )


def test_a_filled_attestation_is_read() -> None:
    """Every item comes back typed, and the whole goes to JSON and back."""
    found = read(filled())
    assert found == ReadAttestation(WHOLE)
    assert ReadAttestation.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("text", ["12/03/2026", "12.3.26", "12 mars 2026", "2026-03-12", "jeudi 12 mars 2026"])
def test_a_date_may_be_typed_in_any_usual_way(text: str) -> None:
    """The field is free text: people write dates as they do."""
    assert read(filled(call_date=text)).declaration == WHOLE


@pytest.mark.parametrize(
    ("answers", "fault"),
    [
        ({"call_date": "en mars"}, "BAD_DATE"),
        ({"given_on": "31/02/2026"}, "BAD_DATE"),
        ({"call_time": "matin"}, "BAD_TIME"),
        ({"client_role": "M. X"}, "BAD_VALUE"),
    ],
)
def test_one_item_that_cannot_be_read_leaves_the_others(answers: dict[str, str], fault: str) -> None:
    """The declaration stands without it, and the problem repeats what was typed."""
    found = read(filled(BLANK, **answers))
    assert faults(found) == [fault]
    assert found.problems[0].found in answers.values()
    assert found.declaration is not None
    assert found.declaration.told_recording is True
    assert ReadAttestation.from_json(found.to_json()) == found


def test_a_choice_saved_by_its_label_is_known() -> None:
    """Some readers save what is shown instead of what it stands for."""
    assert read(filled(client_role="paie", notice_id="Notice d'octobre 2024")).declaration == WHOLE


def test_a_notice_of_the_centre_may_have_any_title() -> None:
    """A title that no field font can draw does not keep the page from being written."""
    notice = NOTICES.all[0]
    odd = Notice(**{name: getattr(notice, name) for name in notice.__slots__} | {"title": Words("Œuvre « 漢 » – Łódź", "x")})
    found = read(write_attestation(replace(PREFILL, notices=(odd, replace(odd, id="other")))))
    assert found.declaration is not None
    assert found.declaration.notice_id is None


def test_an_altered_reference_is_read_as_it_is() -> None:
    """The reader reports what the file says: the rules compare it with the folder."""
    found = read(filled(candidate_reference="C-015"))
    assert found.declaration is not None
    assert found.declaration.candidate_reference == "C-015"


def name(text: str) -> NameObject:
    return NameObject(text)


def acting(kind: str) -> DictionaryObject:
    return DictionaryObject({name("/S"): name(kind), name("/JS"): TextStringObject("1")})


def put(part: str, key: str, value: PdfObject) -> Callable[[PdfWriter], None]:
    return lambda pdf: field(pdf, part).update({name(key): value})


def put_root(key: str, value: PdfObject) -> Callable[[PdfWriter], None]:
    return lambda pdf: pdf.root_object.update({name(key): value})


def put_form(key: str, value: PdfObject) -> Callable[[PdfWriter], None]:
    return lambda pdf: pdf.root_object["/AcroForm"].update({name(key): value})  # type: ignore[attr-defined]  # a dictionary


def add_pages(pdf: PdfWriter) -> None:
    for _ in range(25):
        pdf.add_blank_page(100, 100)


SPOILS: tuple[tuple[str, Callable[[PdfWriter], object], str], ...] = (
    ("hidden field", put("call_date", "/F", NumberObject(2)), "ALTERED"),
    ("field without size", put("given_on", "/Rect", ArrayObject([FloatObject(0)] * 4)), "ALTERED"),
    ("another mark", put("form", "/V", TextStringObject("consigne-attestation-2")), "ALTERED"),
    ("field renamed", put("told_purpose", "/T", TextStringObject("told_purpose_x")), "ALTERED"),
    ("field of another type", put("told_purpose", "/FT", name("/Tx")), "ALTERED"),
    ("field twice", put("call_time", "/T", TextStringObject("call_date")), "ALTERED"),
    ("unknown way", put("way", "/V", name("/telepathy")), "ALTERED"),
    ("box that shows another state", put("told_purpose", "/AS", name("/Off")), "ALTERED"),
    ("unticked box that looks ticked", put("told_purpose", "/V", name("/Off")), "ALTERED"),
    ("scripts of the document", put_root("/Names", DictionaryObject({name("/JavaScript"): DictionaryObject()})), "ACTIVE_CONTENT"),
    ("opening action", put_root("/OpenAction", acting("/Launch")), "ACTIVE_CONTENT"),
    ("script in a field", put("call_date", "/AA", DictionaryObject({name("/K"): acting("/JavaScript")})), "ACTIVE_CONTENT"),
    ("attachment", lambda pdf: pdf.add_attachment("x.exe", b"MZ"), "ACTIVE_CONTENT"),
    ("dynamic form", put_form("/XFA", TextStringObject("<xdp/>")), "ACTIVE_CONTENT"),
    ("password", lambda pdf: pdf.encrypt("secret"), "ENCRYPTED"),
    ("too many pages", add_pages, "NOT_OURS"),
)


@pytest.mark.parametrize(("change", "fault"), [(change, fault) for _, change, fault in SPOILS], ids=[what for what, _, _ in SPOILS])
def test_an_attestation_that_lies_is_refused_whole(change: Callable[[PdfWriter], object], fault: str) -> None:
    """Nothing is taken from a form that is not as we wrote it, and the remedy is there in both languages."""
    pdf = writer(filled())
    change(pdf)
    found = read(saved(pdf))
    assert (found.declaration, faults(found)) == (None, [fault])
    for language in Language:
        assert "{" not in found.problems[0].sentence(language)
    assert ReadAttestation.from_json(json.loads(json.dumps(found.to_json()))) == found


def drawn(*, text: str = "", picture: bool = False) -> bytes:
    target = BytesIO()
    canvas = Canvas(target)
    if text:
        canvas.drawString(100, 700, text)
    if picture:
        pixels = BytesIO()
        from PIL import Image  # noqa: PLC0415 - reportlab's own dependency, needed here alone

        Image.new("L", (40, 40), 200).save(pixels, "PNG")
        canvas.drawImage(ImageReader(pixels), 0, 0, 500, 700)
    canvas.showPage()
    canvas.save()
    return target.getvalue()


@pytest.mark.parametrize(
    ("data", "fault", "ours", "for_a_person"),
    [
        (drawn(text=f"Attestation {MARK}"), "FLATTENED", True, True),
        (drawn(picture=True), "SCANNED", True, True),
        (drawn(text="Facture"), "NOT_OURS", False, False),
        (drawn(text="Facture", picture=True), "NOT_OURS", False, False),
        (drawn(), "NOT_OURS", False, False),
        (b"", "NOT_OURS", False, False),
        (b"ID3 not a PDF", "NOT_OURS", False, False),
        (b"%PDF-1.7\n", "MALFORMED", True, False),
        (BLANK[: len(BLANK) // 2], "MALFORMED", True, False),
        (b"%PDF-1.7\n" + b"[" * 200_000, "MALFORMED", True, False),
        (b"%PDF-1.7\n" + b"0" * 10_000_000, "TOO_LARGE", True, False),
    ],
)
def test_what_is_no_readable_attestation_says_what_it_is(data: bytes, fault: str, ours: bool, for_a_person: bool) -> None:  # noqa: FBT001 - parametrized
    """A flattened or scanned one goes to a person; anything else is answered."""
    found = read(data)
    assert (found.declaration, faults(found), found.ours, found.for_a_person) == (None, [fault], ours, for_a_person)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, len(BLANK) - 1), st.binary(min_size=1, max_size=8))
def test_any_damage_gives_an_answer(at: int, noise: bytes) -> None:
    """Bytes changed anywhere never make the reader raise."""
    spoilt = BLANK[:at] + noise + BLANK[at + len(noise) :]
    found = read(spoilt)
    assert found.declaration is not None or found.problems
    assert ReadAttestation.from_json(found.to_json()) == found
