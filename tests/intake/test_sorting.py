"""What a file is taken for: by its ending, else by its content; a name never makes it good."""

import os

import pytest

from intake import sorting
from intake.reading import Bytes
from intake.sorting import Kind
from registry.codes import Code
from tests.factories import ScriptedExaminer, judgement, nobody_asks, sha256_of


def _kind(name: str, content: bytes = b"content", *, sound: bool = False) -> Kind:
    descriptor = os.memfd_create("test")
    os.write(descriptor, content)
    examiner = ScriptedExaminer(nobody_asks(), sounds=frozenset({sha256_of(content)} if sound else ()))
    try:
        return sorting.kind_of(os.fsencode(name), Bytes(descriptor, sha256_of(content), len(content), content[:64]), examiner)
    finally:
        os.close(descriptor)


@pytest.mark.parametrize("name", ["a.mp3", "A.MP3", "a.m4a", "a.wav", "a.b.ogg", "a.mov", ".mp3", "a.pdf.mp3", "\udcff.mp3"])
def test_a_sounds_ending_is_a_deposit(name: str) -> None:
    """Whatever is in it: what is not an MP3 is answered as a refused deposit, with the way to make one."""
    assert _kind(name) is Kind.DEPOSIT


@pytest.mark.parametrize("name", ["a", "a.txt", "a.pdf", "a.xlsx", "a.mp3.bin", "mp3"])
def test_a_sound_under_any_name_is_a_deposit(name: str) -> None:
    """An MP3 without its ending is taken all the same."""
    assert _kind(name, sound=True) is Kind.DEPOSIT


@pytest.mark.parametrize("name", ["a.pdf", "A.PDF", "a.toml", "a.json", "a.csv", "a.xlsx", "a.xlsm", "a.ods"])
def test_an_attestations_ending(name: str) -> None:
    """A document is read as an attestation, and a document's content is never searched for sound."""
    assert _kind(name) is Kind.ATTESTATION
    assert _kind(name, b"%PDF-1.7 with a sound in it", sound=True) is Kind.ATTESTATION
    assert _kind(name, b"PK\x03\x04", sound=True) is Kind.ATTESTATION


@pytest.mark.parametrize("name", ["a", "a.txt", "a.docx", "a.zip", "a.", "mp3", "a mp3", "a.mp3 ", "a.exe", ""])
def test_anything_else_is_foreign(name: str) -> None:
    """It is left where it lies, and answered."""
    assert _kind(name) is Kind.FOREIGN


def test_what_may_still_grow() -> None:
    """A cut file and an empty one are given time; a whole one, and one that is bad otherwise, are not."""
    assert sorting.may_grow(judgement(Code.TRUNCATED))
    assert sorting.may_grow(judgement(Code.EMPTY_FILE))
    assert not any(sorting.may_grow(judgement(code)) for code in Code if code not in {Code.TRUNCATED, Code.EMPTY_FILE})
