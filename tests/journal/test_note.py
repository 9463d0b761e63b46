"""Signed notes: the vectors of the specification and of its first implementation, a true round trip, and what plain openssl says."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from journal import note
from journal.errors import JournalRefusedError
from journal.note import Note, Outcome, Signature

# C2SP signed-note.md, "Example"; and the example of golang.org/x/mod/sumdb/note, which the specification grew from.
KNOWN = [
    (
        "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        (
            "This is an example message.\n\n"
            "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n"
        ),
    ),
    (
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        (
            "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
            "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
        ),
    ),
]
# C2SP signed-note.md, the first note of the page: its text holds an empty line.
POEM = (
    "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n\n— quasimodo.example/salvatore "
    "NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=60).map(lambda text: text + "\n")
NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"), min_size=1, max_size=12)
SIGNATURES = st.lists(
    st.builds(Signature, NAMES, st.binary(min_size=4, max_size=4), st.binary(min_size=1, max_size=70)), min_size=1, max_size=4
)


@pytest.mark.parametrize(("vkey", "whole"), KNOWN, ids=["c2sp", "go"])
def test_known_notes_verify(vkey: str, whole: str) -> None:
    """The published keys verify the published notes, and not one of them with another text."""
    name, public = note.parse_verifier_key(vkey)
    found = Note.decode(whole.encode())
    assert found.check(name, public) is Outcome.GOOD
    assert Note("Another text.\n", found.signatures).check(name, public) is Outcome.BAD
    assert found.check(f"{name}.example", public) is Outcome.UNKNOWN
    assert found.check(name, KEY.public_key()) is Outcome.UNKNOWN
    assert note.verifier_key(name, public) == vkey


def test_the_text_may_hold_empty_lines() -> None:
    """The last empty line parts the text from its signatures."""
    found = Note.decode(POEM.encode())
    assert found.text.endswith("\n\ned è subito sera.\n")
    assert found.signatures[0].name == "quasimodo.example/salvatore"
    assert found.encode().decode() == POEM


@given(TEXTS, SIGNATURES)
def test_every_note_comes_back(text: str, signatures: list[Signature]) -> None:
    """What was written is read back, and written again in the same bytes."""
    made = Note(text, tuple(signatures))
    assert Note.decode(made.encode()) == made
    assert Note.decode(made.encode()).encode() == made.encode()


@given(st.binary(max_size=80) | st.text("— a+b=QUJDREU\n \t", max_size=40).map(str.encode))
def test_bytes_that_are_accepted_are_the_only_form(data: bytes) -> None:
    """Whatever is read as a note is written again in the very same bytes."""
    try:
        found = Note.decode(data)
    except JournalRefusedError:
        return
    assert found.encode() == data


@given(TEXTS, NAMES)
def test_signing_verifies_and_repeats(text: str, name: str) -> None:
    """A signature verifies under its name, and the same text gives the same bytes."""
    made = note.sign(text, name, KEY)
    assert made.check(name, KEY.public_key()) is Outcome.GOOD
    assert note.sign(text, name, KEY).encode() == made.encode()


def test_signatures_of_others_are_ignored() -> None:
    """Other names, or the same name with another id, may stand beside ours; one that names our key must hold."""
    other = Ed25519PrivateKey.from_private_bytes(bytes(32))
    ours, theirs = note.sign("t\n", "a", KEY).signatures, note.sign("t\n", "a", other).signatures
    assert Note("t\n", theirs + ours).check("a", KEY.public_key()) is Outcome.GOOD
    broken = Signature("a", ours[0].key_id, bytes(64))
    assert Note("t\n", (*ours, broken)).check("a", KEY.public_key()) is Outcome.BAD


@pytest.mark.parametrize("at", range(len(KNOWN[0][1].encode())))
def test_one_changed_byte_is_found(at: int) -> None:
    """No byte of a note is without effect: it is refused, or the key does not say good."""
    vkey, whole = KNOWN[0]
    data = bytearray(whole.encode())
    data[at] ^= 1
    try:
        outcome = Note.decode(bytes(data)).check(*note.parse_verifier_key(vkey))
    except JournalRefusedError:
        return
    assert outcome is not Outcome.GOOD


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text\n",
        b"text\n\n",
        b"text\n\n\xe2\x80\x94 a QUJDREU=",
        b"text\n\n- a QUJDREU=\n",
        b"text\n\n\xe2\x80\x94 a  QUJDREU=\n",
        b"text\n\n\xe2\x80\x94 a+b QUJDREU=\n",
        b"text\n\n\xe2\x80\x94 a QUJDRA==\n",
        b"text\n\n\xe2\x80\x94 a QUJDREV=\n",
        b"te\txt\n\n\xe2\x80\x94 a QUJDREU=\n",
        b"te\rxt\n\n\xe2\x80\x94 a QUJDREU=\n",
        b"\xff\n\n\xe2\x80\x94 a QUJDREU=\n",
        b"text\n\n\xe2\x80\x94 a QUJDREU=\n\n",
        b"text\n\n" + b"\xe2\x80\x94 a QUJDREU=\n" * 65,
        b"x" * 70_000 + b"\n\n\xe2\x80\x94 a QUJDREU=\n",
    ],
)
def test_other_forms_are_refused(data: bytes) -> None:
    """No signature, a wrong dash, two spaces, a plus, too short, loose base64, control characters, too many: none is a note."""
    with pytest.raises(JournalRefusedError):
        Note.decode(data)


@pytest.mark.parametrize(
    "vkey", ["", "a+b", "a+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", KNOWN[0][0][:-1], KNOWN[0][0].replace("+Ae", "+Be")]
)
def test_other_verifier_keys_are_refused(vkey: str) -> None:
    """A verifier key names its own id, is Ed25519's, and is whole."""
    with pytest.raises(JournalRefusedError):
        note.parse_verifier_key(vkey)


def test_plain_openssl_verifies_the_signature(tmp_path: Path) -> None:
    """Without any of our code: the text, the 64 bytes after the key's id, and the public half in PEM."""
    made = note.sign("consigne-journal/0\n1\nAAAA\n", "consigne-journal/0", KEY).encode().decode()
    text, _, line = made.rpartition("\n\n")
    (tmp_path / "text").write_text(text + "\n", "utf-8")
    (tmp_path / "signature").write_bytes(base64.b64decode(line.split(" ")[2])[4:])
    pem = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (tmp_path / "key.pem").write_bytes(pem)
    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "text", "-sigfile", "signature"]
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 0
    (tmp_path / "text").write_text(text + "!\n", "utf-8")
    assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == 1
