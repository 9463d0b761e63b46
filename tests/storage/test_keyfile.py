"""Key files and tombstones: one exact form, a true round trip, and nothing else accepted."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal import canonical
from storage.errors import StorageRefused, Tampered
from storage.keyfile import KeyFile, SealedObject, Tombstone, decode
from storage.seal import Part
from tests.storage.contracts.vault import a_key_file, a_tombstone

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{2,40}", fullmatch=True)
lengths = st.integers(0, 1 << 40)
digests = st.binary(min_size=32, max_size=32)
sounds = st.builds(SealedObject, st.just(Part.SOUND), ids, lengths, digests)
waves = st.builds(SealedObject, st.just(Part.WAVEFORM), ids, lengths, digests)
objects = st.one_of(st.tuples(sounds), st.tuples(sounds, waves))
key_files = st.builds(KeyFile, ids, ids, ids, ids, st.binary(min_size=1, max_size=2000), objects)


@given(key_files)
def test_key_files_round_trip(key_file: KeyFile) -> None:
    """What is written is read back equal, and written again as the same bytes."""
    data = key_file.encode()
    assert decode(data, key_file.attempt_id) == key_file
    assert KeyFile.decode(data).encode() == data


@given(ids, st.datetimes(timezones=st.just(UTC), min_value=datetime(2000, 1, 1)), lengths)  # noqa: DTZ001  # hypothesis wants it naive
def test_tombstones_round_trip(attempt_id: str, at: datetime, index: int) -> None:
    """The instant keeps its microseconds, the index its value."""
    tombstone = Tombstone(attempt_id, at, index)
    assert decode(tombstone.encode(), attempt_id) == tombstone


def test_the_forms_are_known() -> None:
    """Known answers: what the recovery script and other programs parse."""
    assert a_tombstone("att_1").encode() == (
        b'{"attempt_id":"att_1","entombed_at":"2026-05-25T21:59:00.000000Z","format":"consigne-tombstone-1","journal_index":41}'
    )
    document = json.loads(a_key_file("att_1").encode())
    assert set(document) == {"attempt_id", "format", "identity_id", "objects", "recording_id", "sealed_key", "session_id"}
    assert [set(held) for held in document["objects"]] == [{"context", "object_key", "part", "plain_length", "sealed_sha256"}] * 2


def test_another_zone_is_the_same_instant() -> None:
    """An instant is written in UTC whatever zone it came in."""
    paris = timezone(timedelta(hours=2))
    assert Tombstone("att_1", datetime(2026, 5, 25, 23, 59, tzinfo=paris), 41).encode() == a_tombstone("att_1").encode()


CHANGES: dict[str, Any] = {
    "attempt_id": ["att_2", "", 5, None, "../x"],
    "format": ["consigne-key-2", "consigne-tombstone-1", None],
    "identity_id": ["", 1],
    "objects": [[], {}, "x", [{}]],
    "recording_id": ["rec_2", ""],
    "sealed_key": ["x", "c2VhbGVk=", " c2VhbGVk", 5, "c2VhbGVl\n"],
    "session_id": ["ses_2"],
    "more": [1],
}


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in CHANGES.items() for value in values])
def test_any_other_key_file_is_refused(name: str, value: Any) -> None:
    """A field added, changed so that the context no longer fits, or of another type: refused."""
    document = json.loads(a_key_file("att_1").encode())
    document[name] = value
    with pytest.raises(Tampered):
        KeyFile.decode(canonical.encode(document))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("context", "eA=="),
        ("part", "video"),
        ("part", "waveform"),
        ("plain_length", -1),
        ("plain_length", True),
        ("plain_length", "5"),
        ("sealed_sha256", "00"),
        ("sealed_sha256", "AB" * 32),
        ("sealed_sha256", "zz" * 32),
        ("object_key", ""),
    ],
)
def test_any_other_object_is_refused(name: str, value: Any) -> None:
    """The fields of each sealed object are as strict."""
    document = json.loads(a_key_file("att_1").encode())
    document["objects"][0][name] = value
    with pytest.raises(Tampered):
        KeyFile.decode(canonical.encode(document))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("entombed_at", "2026-05-25T21:59:00Z"),
        ("entombed_at", "2026-05-25T23:59:00.000000+02:00"),
        ("journal_index", -1),
        ("attempt_id", "a/b"),
    ],
)
def test_any_other_tombstone_is_refused(name: str, value: Any) -> None:
    """So is a tombstone."""
    document = json.loads(a_tombstone("att_1").encode())
    document[name] = value
    with pytest.raises(Tampered):
        Tombstone.decode(canonical.encode(document))


def test_another_encoding_is_refused() -> None:
    """Spaces, another order, a repeated name or a trailing newline are not the one exact form."""
    data = a_key_file("att_1").encode()
    document = json.loads(data)
    others = [
        json.dumps(document).encode(),
        json.dumps(dict(reversed(document.items())), separators=(",", ":")).encode(),
        data + b"\n",
        data.replace(b'"format"', b'"format":"x","format"', 1),
        b"[" * 100_000,
        b"\xff",
        b"",
    ]
    for other in others:
        with pytest.raises(Tampered):
            KeyFile.decode(other)


def test_a_file_under_another_name_is_refused() -> None:
    """A key file renamed to another attempt's name is not that attempt's."""
    with pytest.raises(Tampered):
        decode(a_key_file("att_1").encode(), "att_2")


def test_parts_are_named_once_with_the_sound() -> None:
    """A key file without the sound, or with a part twice or out of order, is never written."""
    key_file = a_key_file("att_1")
    sound, wave = key_file.objects
    for wrong in ((), (wave,), (wave, sound), (sound, sound)):
        with pytest.raises(StorageRefused):
            replace(key_file, objects=wrong)
    assert key_file.sealed_object(Part.WAVEFORM) == wave
    assert replace(key_file, objects=(sound,)).sealed_object(Part.WAVEFORM) is None


def test_a_naive_instant_is_refused() -> None:
    """An instant without its zone has no meaning."""
    with pytest.raises(ValueError, match="time zone"):
        Tombstone("att_1", datetime(2026, 5, 25), 1).encode()  # noqa: DTZ001  # what is refused
