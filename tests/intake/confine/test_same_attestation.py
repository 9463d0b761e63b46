"""In the confined process an attestation is read as it is outside, and nothing is imported or opened after the lock."""

import json
import random
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time
from functools import partial
from io import BytesIO
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet
from reportlab.pdfgen.canvas import Canvas

from consent.confined import read_attestation, warm_up
from intake.confine import Pool, Task
from tests.consent.test_files import JSON, LINE, TITLES, TOML
from tests.consent.test_pdf import SPOILS, drawn
from tests.intake.confine import watching
from tests.intake.confine.watching import answered
from tests.support.attestations import BLANK, filled, saved, writer
from tests.support.workbooks import with_member, workbook_bytes

pytestmark = pytest.mark.scenario

Maker = Callable[[], bytes]
SHEET = "xl/worksheets/sheet1.xml"
ROWS = [TITLES.split(";"), LINE.split(";")]
TYPED: list[object] = ["C-014", date(2026, 3, 12), time(14, 30), datetime(2026, 3, 11, 9, 0), *LINE.split(";")[4:]]  # noqa: DTZ001 - a cell has no zone
OLE = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Reading attestations as intake rehearses it, watched."""
    with Pool({"read": Task(watching.read_watched, warm_up=warm_up)}) as made_pool:
        yield made_pool


def csv(encoding: str) -> bytes:
    """One attestation in a CSV file of that encoding."""
    return f"{TITLES}\r\n{LINE}\r\n".encode(encoding, "replace")


def workbook(encoding: str) -> bytes:
    """A workbook whose sheet is written in that encoding, which XML allows."""
    data = workbook_bytes(ROWS)
    with zipfile.ZipFile(BytesIO(data)) as archive:
        text = archive.read(SHEET).decode()
    declared = f'<?xml version="1.0" encoding="{encoding}"?>' + text[text.index("<worksheet") :]
    return with_member(data, SHEET, declared.encode(encoding, "xmlcharrefreplace"))


def spoilt(change: Callable[..., object]) -> bytes:
    """A filled attestation, changed."""
    pdf = writer(filled())
    change(pdf)
    return saved(pdf)


def encrypted(method: str, password: str) -> bytes:
    """A filled attestation behind a password, which may be empty."""
    pdf = writer(filled())
    pdf.encrypt(password, "owner", algorithm=method)
    return saved(pdf)


def mutant(make: Maker, seed: int) -> bytes:
    """What ``make`` makes with a few bytes changed, always the same ones."""
    rng, changed = random.Random(seed), bytearray(make())  # noqa: S311 - damage, not secrets
    for _ in range(rng.randrange(1, 30)):
        changed[rng.randrange(len(changed))] = rng.randrange(256)
    return bytes(changed)


def dumped(**changes: object) -> bytes:
    """One attestation in JSON."""
    return json.dumps(JSON | changes, ensure_ascii=False).encode()


TEXTS: dict[tuple[str, str], Maker] = {
    ("toml", "UTF-8"): TOML.encode,
    ("toml", "UTF-8 with a mark"): lambda: TOML.encode("utf-8-sig"),
    ("toml", "Latin-1"): lambda: TOML.encode("latin-1"),
    ("toml", "damaged"): lambda: b"x = [",
    ("json", "whole"): dumped,
    ("json", "no date"): lambda: dumped(call_date="13/13/2026"),
    ("json", "no time"): lambda: dumped(call_time="matin"),
    ("json", "a formula"): lambda: dumped(notice_id="=cmd|x"),
    ("json", "UTF-16"): lambda: json.dumps(JSON).encode("utf-16"),
    ("json", "too deep"): lambda: b"[" * 60_000,
    ("csv", "nothing"): bytes,
    ("csv", "other columns"): lambda: b"a;b\r\n1;2\r\n",
    ("", "words"): lambda: b"just words",
} | {
    ("csv", encoding): partial(csv, encoding)
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "cp850", "mac_roman")
}
WORKBOOKS: dict[tuple[str, str], Maker] = {
    ("xlsx", "texts"): lambda: workbook_bytes(ROWS),
    ("xlsx", "dates"): lambda: workbook_bytes([TITLES.split(";"), TYPED]),
    ("xlsx", "a formula"): lambda: workbook_bytes([TITLES.split(";"), ["C-014", "=TODAY()"]]),
    ("xlsx", "an error"): lambda: workbook_bytes([TITLES.split(";"), ["C-014", "#REF!"]]),
    ("xlsx", "cut"): lambda: workbook_bytes(ROWS)[:3000],
    ("xlsx", "damaged XML"): lambda: with_member(workbook_bytes(ROWS), SHEET, b"<worksheet><"),
    ("xlsx", "a document type"): lambda: with_member(workbook_bytes(ROWS), SHEET, b"<!DOCTYPE a><worksheet/>"),
    ("xls", "of before 2007"): lambda: OLE + bytes(2000),
    ("xlsx", "encrypted"): lambda: OLE + "EncryptedPackage".encode("utf-16-le") + bytes(2000),
} | {
    ("xlsx", encoding): partial(workbook, encoding)
    for encoding in ("utf-16", "iso-8859-1", "windows-1252", "windows-1250", "koi8-r", "shift_jis", "gb18030")
}
PDFS: dict[tuple[str, str], Maker] = {
    ("pdf", "filled"): filled,
    ("pdf", "a date in words"): lambda: filled(call_date="jeudi 12 mars 2026"),
    ("pdf", "no date"): lambda: filled(call_date="hier"),
    ("pdf", "a picture"): lambda: drawn(picture=True),
    ("pdf", "another document"): lambda: drawn(text="Facture", picture=True),
    ("pdf", "nothing"): lambda: b"%PDF-1.7\n",
    ("pdf", "half"): lambda: BLANK[: len(BLANK) // 2],
    ("pdf", "without its table"): lambda: filled().replace(b"startxref", b"startxxxx"),
    ("pdf", "behind a password"): partial(encrypted, "AES-256", "x"),
}
MUTANTS: dict[tuple[str, str], Maker] = {
    (ending, f"mutant {seed}"): partial(mutant, make, seed)
    for ending, make in (("pdf", filled), ("xlsx", partial(workbook_bytes, ROWS)))
    for seed in range(100)
}
MORE: dict[tuple[str, str], Maker] = (
    {("pdf", "blank"): lambda: BLANK, ("pdf", "too deep"): lambda: b"%PDF-1.7\n" + b"[" * 200_000}
    | {("pdf", what): partial(spoilt, change) for what, change, _ in SPOILS}
    | {
        ("pdf", f"{method} {word!r}"): partial(encrypted, method, word)
        for method in ("RC4-128", "AES-128", "AES-256")
        for word in ("", "x")
    }
)


def samples() -> list[ParameterSet]:
    """Every sample; the mutants and most PDFs are slow."""
    quick = [pytest.param(ending, make, id=f"{ending} {what}") for (ending, what), make in (TEXTS | WORKBOOKS | PDFS).items()]
    return quick + [
        pytest.param(ending, make, id=f"{ending} {what}", marks=pytest.mark.slow) for (ending, what), make in (MORE | MUTANTS).items()
    ]


def outside(data: bytes, ending: str) -> object:
    """What is read without confinement, as it comes through JSON."""
    return json.loads(json.dumps(read_attestation(data, ending=ending)))


@pytest.mark.parametrize(("ending", "make"), samples())
def test_an_attestation_is_read_alike_confined(pool: Pool, ending: str, make: Maker) -> None:
    """What is read and what is remarked are equal, and nothing was out of reach."""
    data = make()
    assert answered(pool, "read", data, ending=ending) == {"value": outside(data, ending), "tried": []}


def test_an_encoding_that_does_not_exist_is_damage_confined_and_not(pool: Pool) -> None:
    """Here alone Python looks for a module: there is none to find, on either side."""
    named = with_member(workbook_bytes(ROWS), SHEET, b'<?xml version="1.0" encoding="no-such"?><worksheet/>')
    found = answered(pool, "read", named, ending="xlsx")
    assert found["value"] == outside(named, "xlsx")
    assert found["value"]["problems"][0]["fault"] == "DAMAGED"


@pytest.mark.slow
def test_printed_and_scanned_ones_are_read_alike_confined(pool: Pool, tmp_path: Path) -> None:
    """Fonts and pictures of another program reach other paths of the reader."""
    path = tmp_path / "attestation.pdf"
    path.write_bytes(filled())
    subprocess.run(["pdftocairo", "-pdf", str(path), str(tmp_path / "printed.pdf")], check=True, timeout=60)
    subprocess.run(["pdftoppm", "-r", "60", "-jpeg", "-singlefile", str(path), str(tmp_path / "scan")], check=True, timeout=60)
    target = BytesIO()
    canvas = Canvas(target)
    canvas.drawImage(str(tmp_path / "scan.jpg"), 0, 0, 500, 700)
    canvas.save()
    for data, fault in (((tmp_path / "printed.pdf").read_bytes(), "FLATTENED"), (target.getvalue(), "SCANNED")):
        found = answered(pool, "read", data, ending="pdf")
        assert found == {"value": outside(data, "pdf"), "tried": []}
        assert found["value"]["problems"][0]["fault"] == fault
