"""The consent record."""

import json
from dataclasses import replace
from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from consent.errors import RecordError
from consent.record import ClientRole, ConsentRecord, Source, Way, read_client_reference

RECORD = ConsentRecord(
    candidate_reference="C-014",
    client_reference="ABCD-2345",
    call_date=date(2026, 3, 12),
    call_time=time(14, 30),
    given_on=date(2026, 3, 11),
    way=Way.ORAL_BEFORE,
    told_recording=True,
    told_purpose=True,
    told_retention=True,
    notice_id="2024-10",
    notice_sha256="0" * 64,
    client_role=ClientRole.PAYROLL,
    attested_on=date(2026, 3, 20),
    source=Source.PDF,
)
DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))


CHANGES = st.fixed_dictionaries(
    {
        "call_date": DATES,
        "given_on": DATES,
        "call_time": st.none() | st.builds(time, st.integers(0, 23), st.integers(0, 59)),
        "way": st.sampled_from(Way),
        "told_purpose": st.booleans(),
        "client_role": st.none() | st.sampled_from(ClientRole),
        "source": st.sampled_from(Source),
    },
)


@given(CHANGES)
def test_a_record_goes_to_json_and_back(changes: dict[str, object]) -> None:
    """What is written is read back, and written the same."""
    record = replace(RECORD, **changes)  # type: ignore[arg-type]  # fields by name
    assert ConsentRecord.from_json(record.to_json()) == record
    assert ConsentRecord.from_json(record.to_json()).to_json() == record.to_json()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("format", "consigne-consent/2"),
        ("call_date", None),
        ("call_date", "12/03/2026"),
        ("call_date", 20260312),
        ("call_time", "14:30:00"),
        ("way", "by pigeon"),
        ("told_recording", 1),
        ("told_recording", "true"),
        ("notice_sha256", "0" * 63),
        ("client_reference", "M. X, Y SA"),
        ("candidate_reference", ""),
        ("client_role", "M. X"),
        ("remark", "the client is M. X"),
        ("source", None),
    ],
)
def test_another_text_is_refused(key: str, value: object) -> None:
    """A key more, a value of another type, free text: not a record."""
    with pytest.raises(RecordError):
        ConsentRecord.from_json(json.dumps({**json.loads(RECORD.to_json()), key: value}, sort_keys=True, separators=(",", ":")))


@pytest.mark.parametrize("key", sorted(json.loads(RECORD.to_json())))
def test_no_key_may_be_missing(key: str) -> None:
    """Even an optional item is written, as null."""
    values = json.loads(RECORD.to_json())
    del values[key]
    with pytest.raises(RecordError):
        ConsentRecord.from_json(json.dumps(values, sort_keys=True, separators=(",", ":")))


@pytest.mark.parametrize("text", ["", "[]", "null", "{}", RECORD.to_json() + " ", "[" * 100_000])
def test_only_the_exact_form_is_read(text: str) -> None:
    """One record has one text."""
    with pytest.raises(RecordError):
        ConsentRecord.from_json(text)


@pytest.mark.parametrize("text", ["ABCD-2345", "abcd 2345", "abcd2345", " ABCD – 2345 "])
def test_a_client_may_write_the_reference_as_he_likes(text: str) -> None:
    """Case, spaces and kinds of hyphen do not matter."""
    assert read_client_reference(text) == "ABCD-2345"


@pytest.mark.parametrize("text", ["", "ABCD-234", "ABCD-23456", "OBCD-2345", "ABCD-2O45", "Dupont SA"])
def test_what_we_never_gave_is_no_reference(text: str) -> None:
    """Letters that read as others were never drawn."""
    with pytest.raises(ValueError, match="reference"):
        read_client_reference(text)
