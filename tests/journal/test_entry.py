"""Entries: their one form, and what they refuse to hold."""

import hashlib
import hmac
import json
from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.entry import Entry, salted_hash
from journal.errors import JournalRefusedError
from tests.journal.making import an_entry

SUBJECT = "rec_" + "0f" * 16
HASHES = st.binary(min_size=32, max_size=32).map(bytes.hex)
DATES = st.dates().map(str)
SCALARS = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | HASHES | DATES | st.sampled_from(["TOO_LONG", "v1.2"])
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
FACTS = st.dictionaries(
    NAMES,
    st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8),
    max_size=5,
)
INSTANTS = st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (the strategy adds the zone)


@given(FACTS, INSTANTS, st.binary(min_size=16, max_size=16))
def test_every_entry_comes_back(facts: dict[str, Any], at: datetime, salt: bytes) -> None:
    """What was encoded decodes to an equal entry, and to the same bytes again."""
    entry = Entry("deposit.accepted", SUBJECT, at, "system:intake", facts, salt)
    assert Entry.decode(entry.encode()) == entry
    assert Entry.decode(entry.encode()).encode() == entry.encode()
    assert json.loads(entry.encode())["facts"] == facts


def test_leaf_hash_is_that_of_rfc_6962() -> None:
    """The leaf is the SHA-256 of a zero byte and the exact bytes."""
    assert an_entry().leaf_hash == hashlib.sha256(b"\x00" + an_entry().encode()).digest()


def test_salts_are_random() -> None:
    """Two entries of the same facts have different leaves, so that facts cannot be found by trying."""
    first, second = (Entry("a.b", SUBJECT, datetime(2026, 1, 1, tzinfo=UTC), "system:intake", {}) for _ in range(2))
    assert len(first.salt) == 16
    assert first.salt != second.salt
    assert first.salt.hex() not in repr(first)


def test_entries_cannot_change() -> None:
    """Neither the entry, nor its facts, nor what the caller gave can change it afterwards."""
    codes = ["QUIET"]
    entry = Entry("a.b", SUBJECT, datetime(2026, 1, 1, tzinfo=UTC), "system:intake", {"codes": codes, "inner": {"n": 1}})
    before = entry.encode()
    codes.append("NOISY")
    facts: Any = entry.facts
    with pytest.raises(TypeError):
        facts["codes"] = 1
    with pytest.raises(TypeError):
        facts["inner"]["n"] = 2
    with pytest.raises(FrozenInstanceError):
        entry.kind = "a.c"  # type: ignore[misc]  # what this test tries
    assert entry.encode() == before
    assert hash(entry) == hash(Entry.decode(before))


@pytest.mark.parametrize(
    "kind", ["", "accepted", "Deposit.accepted", "deposit.", ".accepted", "deposit accepted", "a.b\n", "a." + "b" * 63]
)
def test_kinds_are_dotted_lower_case_names(kind: str) -> None:
    """A kind without its dot, with capitals, spaces or more than 64 characters is refused."""
    with pytest.raises(JournalRefusedError, match="kind"):
        replace(an_entry(), kind=kind)


@pytest.mark.parametrize(
    "name", ["", "dupont", "Jean Dupont", "rec_12", "rec_" + "0F" * 16, "a@example.org", "system:Worker", "rec_" + "0" * 33]
)
@pytest.mark.parametrize("part", ["subject", "actor"])
def test_subject_and_actor_are_identifiers(part: str, name: str) -> None:
    """A name or a mail address cannot stand for whom or what an entry is about; and the message does not repeat it."""
    changes: Any = {part: name}
    with pytest.raises(JournalRefusedError, match=part) as caught:
        replace(an_entry(), **changes)
    assert not name or name not in str(caught.value)


@pytest.mark.parametrize("name", ["cand_" + "ab" * 16, "upload_attempt_" + "01" * 16, "system:worker", "system:cqp-ce"])
def test_random_and_system_identifiers_are_taken(name: str) -> None:
    """A prefix and 128 random bits, or a part of the system."""
    assert replace(an_entry(), subject=name, actor=name).subject == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Jean Dupont",
        "Dupont",
        "Jean-Pierre",
        "Marie.Durand",
        "jean@example.org",
        "appel du 12 mars",
        "a\nb",
        "été",
        "l'appel",
        "appel.mp3",
        "2026-03-12_dupont.MP3",
        "attestation.pdf",
        "0612345678",
        "+33612345678",
        "06.12.34.56.78",
        "x" * 129,
        "a\\b",
        "a%20b",
    ],
)
def test_free_text_is_refused(text: str) -> None:
    """What could be a name, an address, a telephone number or a file's name is refused wherever it stands, and not repeated."""
    inside: list[Any] = [{"note": text}, {"list": [1, text]}, {"inner": {"deep": [{"note": text}]}}]
    for facts in inside:
        with pytest.raises(JournalRefusedError) as caught:
            replace(an_entry(), facts=facts)
        assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["2026-05-25", "2026-05-25T22:00:00.000000Z", "TOO_LONG", "cpc_640_642+franc", "cqp-ce/1", "ab" * 32, "v0.1.0"],
)
def test_codes_dates_and_hashes_are_taken(text: str) -> None:
    """What entries are made of passes."""
    assert replace(an_entry(), facts={"fact": text}).facts["fact"] == text


@pytest.mark.parametrize("value", [1.5, b"x", datetime(2026, 1, 1, tzinfo=UTC), {1, 2}, 2**53, {"Name": 1}, {"a b": 1}, {1: 1}], ids=repr)
def test_other_facts_are_refused(value: Any) -> None:
    """Fractions, bytes, dates that are not written out, sets, large integers and odd names are refused."""
    with pytest.raises(JournalRefusedError):
        replace(an_entry(), facts={"fact": value})


def test_facts_are_bounded() -> None:
    """Neither endless nesting nor endless length goes into an entry."""
    nested: Any = "x"
    for _ in range(40):
        nested = [nested]
    for facts in ({"fact": nested}, {"fact": ["x" * 100] * 1000}):
        with pytest.raises(JournalRefusedError):
            replace(an_entry(), facts=facts)


@pytest.mark.parametrize("at", [datetime(2026, 5, 25, 22, 0), datetime(2026, 5, 25, 22, 0, tzinfo=timezone(timedelta(hours=2)))])  # noqa: DTZ001 (naive on purpose)
def test_instants_are_aware_and_in_utc(at: datetime) -> None:
    """A naive instant, and one of another zone, are refused."""
    with pytest.raises(JournalRefusedError, match="UTC"):
        replace(an_entry(), at=at)


def test_salts_have_sixteen_bytes() -> None:
    """A shorter salt is refused."""
    with pytest.raises(JournalRefusedError, match="salt"):
        replace(an_entry(), salt=b"short")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"v":1', b'"v":2'),
        (b'"v":1', b'"v":true'),
        (b'"v":1', b'"v":"1"'),
        (b'"v":1}', b'"v":1,"w":1}'),
        (b'"actor":"system:intake",', b""),
        (b'"actor":"system:intake"', b'"actor":7'),
        (b"{", b"{ "),
        (b"22:00:00.000000Z", b"22:00:00Z"),
        (b"22:00:00.000000Z", b"25:00:00.000000Z"),
        (b"2026-05-25T", b"2026-02-30T"),
        (b"2026-05-25T", b"2026-05-25 "),
        (b'"facts":{"number":0}', b'"facts":[]'),
        (b'"number":0', b'"number":"Jean Dupont"'),
        (b'"salt":"0', b'"salt":"'),
        (b'"salt":"00', b'"salt":"0A'),
        (b"deposit.accepted", b"Deposit"),
    ],
)
def test_decoding_is_strict(old: bytes, new: bytes) -> None:
    """Every change to the form is refused, not repaired."""
    data = an_entry().encode()
    assert old in data
    with pytest.raises(JournalRefusedError):
        Entry.decode(data.replace(old, new, 1))


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'"x"', b" " * 70_000])
def test_other_bytes_are_no_entry(data: bytes) -> None:
    """What is not an object, or is too long, is refused."""
    with pytest.raises(JournalRefusedError):
        Entry.decode(data)


def test_salted_hash_is_keyed_by_its_salt() -> None:
    """The hash of a reason is HMAC-SHA-256, and fits in a fact."""
    digest = salted_hash("Dépôt tardif : grève des trains", b"s" * 16)
    assert digest == hmac.digest(b"s" * 16, "Dépôt tardif : grève des trains".encode(), "sha256").hex()
    assert replace(an_entry(), facts={"reason_sha256": digest}).facts["reason_sha256"] == digest
    with pytest.raises(JournalRefusedError):
        salted_hash("text", b"short")
