"""Attestations in TOML, JSON, workbooks and CSV files."""

import json
from datetime import date, time

import pytest

from consent.confined import read_attestation, warm_up
from consent.declaration import Declaration, ReadAttestation
from consent.errors import RecordError
from consent.files import COLUMNS, read_list
from consent.record import ClientRole, Way
from consent.template import EXPLAINED, attestations_csv, attestations_workbook
from tests.support.attestations import BLANK, filled
from tests.support.workbooks import workbook_bytes

WHOLE = Declaration(
    candidate_reference="C-014",
    call_date=date(2026, 3, 12),
    call_time=time(14, 30),
    given_on=date(2026, 3, 11),
    way=Way.WRITTEN,
    told_recording=True,
    told_purpose=True,
    told_retention=False,
    notice_id="2024-10",
    client_role=ClientRole.PAYROLL,
)
TOML = """
reference = "C-014"
date_appel = 2026-03-12
heure = 14:30:00
date_accord = "11 mars 2026"
facon = "par écrit"
dit_enregistrement = true
dit_utilisation = "oui"
dit_duree = false
notice = "2024-10"
fonction = "Paie"
"""
JSON = {
    "candidate_reference": "C-014",
    "call_date": "2026-03-12",
    "call_time": "14:30",
    "given_on": "2026-03-11",
    "way": "written",
    "told_recording": True,
    "told_purpose": True,
    "told_retention": False,
    "notice_id": "2024-10",
    "client_role": "payroll",
}
TITLES = ";".join(column.title for column in COLUMNS[:-1])
LINE = "C-014;12/03/2026;14h30;11/03/2026;par écrit;oui;x;non;2024-10;paie"


def read(data: bytes, ending: str = "") -> ReadAttestation:
    return ReadAttestation.from_json(json.loads(json.dumps(read_attestation(data, ending=ending))))


def faults(found: ReadAttestation) -> list[str]:
    return [str(problem.fault) for problem in found.problems]


@pytest.mark.parametrize(
    ("data", "ending"),
    [
        (TOML.encode(), ".toml"),
        (TOML.encode("utf-8-sig"), "TOML"),
        (json.dumps(JSON).encode(), ".json"),
        (json.dumps(JSON).encode(), ""),
        (f"{TITLES}\r\n{LINE}\r\n".encode("cp1252"), ".csv"),
        (workbook_bytes([TITLES.split(";"), LINE.split(";")]), ".xlsx"),
    ],
)
def test_the_same_attestation_is_read_from_every_form(data: bytes, ending: str) -> None:
    """French and English keys, typed or written values: one declaration."""
    found = read(data, ending)
    assert found.declaration == WHOLE
    assert found.problems == ()


@pytest.mark.parametrize("extra", [{"remark": "M. X"}, {"nom_du_client": "M. X"}, {"date_appel": "12/03/2026"}])
def test_free_text_is_refused(extra: dict[str, str]) -> None:
    """A key that we do not take, or one said twice, keeps the file from being read: it could only be a name or a remark."""
    found = read(json.dumps({**JSON, **extra}).encode())
    assert (found.declaration, faults(found)) == (None, ["UNKNOWN_KEY"])


@pytest.mark.parametrize(
    ("key", "value", "fault"),
    [
        ("call_date", "13/13/2026", "NOT_A_DATE"),
        ("call_date", 46093, "NOT_A_DATE"),
        ("call_time", "matin", "NOT_A_TIME"),
        ("way", "by pigeon", "BAD_VALUE"),
        ("told_purpose", "peut-être", "NOT_A_FLAG"),
        ("client_role", "Mme Durand", "BAD_VALUE"),
        ("client_reference", "Durand et fils", "BAD_VALUE"),
        ("notice_id", "=cmd|x", "FORMULA"),
    ],
)
def test_one_item_that_cannot_be_read_leaves_the_others(key: str, value: object, fault: str) -> None:
    """The declaration stands without it."""
    found = read(json.dumps({**JSON, key: value}).encode())
    assert faults(found) == [fault]
    assert found.declaration is not None
    assert getattr(found.declaration, key) is None


@pytest.mark.parametrize(
    ("data", "ending", "fault"),
    [
        (b"", "csv", "EMPTY"),
        (b"{", "json", "MALFORMED"),
        (b"\xff\xfe\x00", "toml", "MALFORMED"),
        (b"[" * 60_000, "json", "MALFORMED"),
        (b'{"call_date": 1, "call_date": 2}', "json", "MALFORMED"),
        (b'{"a": 1}', "json", "NOT_OURS"),
        (b"[1, 2]", "json", "NOT_OURS"),
        (b"x = 1", "toml", "NOT_OURS"),
        (b"x = " + b"1" * 70_000, "toml", "TOO_LARGE"),
        (json.dumps({**JSON, "notice": {"a": 1}}).encode(), "json", "UNKNOWN_KEY"),
        (json.dumps({**JSON, "way": ["written"]}).encode(), "json", "BAD_VALUE"),
        (b"a;b\r\n1;2\r\n", "csv", "NOT_OURS"),
        (b"just words", "", "NOT_OURS"),
        (b"not a pdf", "pdf", "NOT_OURS"),
        (b"0" * 11_000_000, "pdf", "TOO_LARGE"),
        (f"{TITLES}\r\n{LINE}\r\n{LINE}\r\n".encode(), "csv", "SEVERAL"),
        (f"{TITLES}\r\n".encode(), "csv", "EMPTY"),
    ],
)
def test_what_is_no_attestation_says_why(data: bytes, ending: str, fault: str) -> None:
    """Every other file has its one answer."""
    found = read(data, ending)
    assert (found.declaration, faults(found)) == (None, [fault])


def test_the_content_decides_not_the_name() -> None:
    """A PDF named otherwise is read as the PDF that it is."""
    assert read(filled(), ".txt") == read(filled(), ".pdf")


def test_warming_up_reads_every_form() -> None:
    """Nothing is left to be opened once the process is confined; it can be done twice."""
    warm_up()
    warm_up()


def test_each_line_of_a_list_has_its_number_and_its_problems() -> None:
    """A bad line keeps nobody else from being read."""
    lines = [TITLES, LINE, LINE.replace("12/03/2026", "demain"), "", LINE.replace("C-014", "C-015")]
    found = read_list("\r\n".join(lines).encode())
    assert [one.line for one in found.attestations] == [2, 3, 5]
    assert [faults(one) for one in found.attestations] == [[], ["NOT_A_DATE"], []]
    assert found.attestations[1].problems[0].line == 3


def test_the_templates_are_read_back() -> None:
    """The template's titles are those of the reader; filled with its own examples, it is whole."""
    assert [str(problem.fault) for problem in read_list(attestations_workbook()).problems] == ["EMPTY"]
    found = read_list(attestations_csv() + ";".join(one.example for one in EXPLAINED).encode())
    assert found.problems == ()
    assert [faults(one) for one in found.attestations] == [[]]


@pytest.mark.parametrize(
    "change",
    [
        {"declaration": {}},
        {"declaration": "x"},
        {"problems": [{}]},
        {"problems": [{"family": "x", "fault": "NOT_OURS", "line": None, "column": "", "found": "", "wanted": ""}]},
        {"problems": [{"family": "consent", "fault": "x", "line": None, "column": "", "found": "", "wanted": ""}]},
        {"problems": [{"family": "consent", "fault": "NOT_OURS", "line": None, "column": "", "found": "y" * 300, "wanted": ""}]},
        {"line": "2"},
        {"more": 1},
    ],
)
def test_what_a_taken_over_process_says_is_refused(change: dict[str, object]) -> None:
    """Only what a reader can say comes back: no words, nothing long, nothing of another type."""
    with pytest.raises(RecordError):
        ReadAttestation.from_json({**read_attestation(BLANK), **change})
