"""Certificates: the same bytes each time, one changed byte is found, by us and by the auditors' own verifier; and people can read them."""

import json
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from journal import canonical
from retention import certificate_words, certificates
from retention.certificate_facts import CertificateFacts, Copy, CopyState, Kept, Limit, Verified
from retention.certificate_lists import DisposalList, Fate, ListLine, disposal_list_pdf
from retention.certificate_pdf import certificate_pdf
from retention.certificates import Certificate, FaultKind
from retention.errors import CertificateRefusedError
from retention.facts import Cause
from storage.signing import LogKey, public_text
from tests.retention.certifying import DONE, EARLY, FACTS, KEY, an_id, certified, completed

OTHER = LogKey(bytes(32))
AUDITOR = Path(__file__).parents[2] / "docs" / "auditors" / "verify_certificate.py"


def kinds(data: bytes, public: Ed25519PublicKey | None = None) -> list[FaultKind]:
    """Verify, and return what is wrong without the words."""
    return [one.kind for one in certificates.verify(data, public or KEY.public)]


@pytest.mark.parametrize("facts", [FACTS, EARLY], ids=["whole", "early"])
def test_facts_come_back(facts: CertificateFacts) -> None:
    """What was written is read back, and written again in the same bytes."""
    assert CertificateFacts.decode(facts.encode()) == facts
    assert CertificateFacts.decode(facts.encode()).encode() == facts.encode()


@pytest.mark.parametrize("facts", [FACTS, EARLY], ids=["whole", "early"])
def test_a_certificate_holds_and_repeats(facts: CertificateFacts) -> None:
    """It verifies, comes back, and the same facts under the same checkpoint give the same bytes."""
    data = certified(facts)
    assert certificates.verify(data, KEY.public) == []
    assert Certificate.decode(data).encode() == data
    assert Certificate.decode(data).facts == facts
    assert certified(facts) == data


@pytest.mark.parametrize("size", range(6, 20))
def test_certificates_at_every_size(size: int) -> None:
    """Wherever the entry stands in the tree, the proof leads to the root."""
    for index in (0, 5, size - 1):
        assert index == 0 or certificates.verify(certified(index=index, size=size), KEY.public) == []


@pytest.mark.slow
def test_any_changed_byte_is_found() -> None:
    """Each byte in turn, changed in one of many ways: never a certificate that holds."""
    data = certified()
    for at in range(len(data)):
        forged = bytearray(data)
        forged[at] ^= 1 + at * 37 % 255
        assert kinds(bytes(forged)), at


def test_bytes_added_or_cut_are_found() -> None:
    """A line end, white space, a part of it."""
    data = certified()
    for forged in (data + b"\n", b" " + data, data[:-1], data[1:], b"", data + data, data.replace(b",", b", ", 1)):
        assert kinds(forged) == [FaultKind.UNREADABLE]


def forged(**changes: canonical.Encodable) -> bytes:
    """Change members of a certificate, in its canonical form again."""
    members = json.loads(certified())
    return canonical.encode({**members, **changes})


def test_each_part_is_bound() -> None:
    """Facts, entry, index, proof, checkpoint: each one of another certificate is told apart."""
    members = json.loads(certified())
    other = replace(FACTS, recording=replace(FACTS.recording, duration_ms=1))
    assert kinds(forged(facts=json.loads(other.encode()))) == [FaultKind.FACTS]
    assert kinds(forged(entry=json.loads(completed(other).encode()))) == [FaultKind.FACTS, FaultKind.PROOF]
    assert kinds(forged(index=4)) == [FaultKind.PROOF]
    assert kinds(forged(proof=members["proof"][:-1])) == [FaultKind.PROOF]
    assert kinds(forged(checkpoint=json.loads(certified(size=12))["checkpoint"])) == [FaultKind.PROOF]
    signed = members["checkpoint"]
    assert kinds(forged(checkpoint=signed + signed.rpartition("\n\n")[2])) == [FaultKind.BAD_SIGNATURE]


def test_another_key_is_told() -> None:
    """A certificate that another key signed proves nothing to who trusts ours."""
    assert kinds(certified(key=OTHER)) == [FaultKind.WRONG_KEY]
    assert kinds(certified(), OTHER.public) == [FaultKind.WRONG_KEY]


def test_what_does_not_belong_together_makes_no_certificate() -> None:
    """Neither an entry of other facts, nor of another recording."""
    other = replace(FACTS, recording=replace(FACTS.recording, id=an_id("rec", 9)))
    with pytest.raises(CertificateRefusedError, match="other facts"):
        certified(entry=completed(other))
    with pytest.raises(CertificateRefusedError, match="other facts"):
        certified(entry=completed(FACTS, facts_sha256="0a" * 32))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "Camille Essai"},
        {"recording": replace(FACTS.recording, id="../x")},
        {"recording": replace(FACTS.recording, candidate="Camille Essai")},
        {"recording": replace(FACTS.recording, sha256="0")},
        {"acts": replace(FACTS.acts, proposed_by="Camille Essai")},
        {"centre": replace(FACTS.centre, name="a\nb")},
        {"proofs": ()},
        {"schema": 2},
    ],
    ids=str,
)
def test_facts_that_may_not_stand(change: dict[str, object]) -> None:
    """No name where an id belongs, no path, no line end; and no certificate without proof."""
    with pytest.raises(CertificateRefusedError):
        replace(FACTS, **change)  # type: ignore[arg-type]  # one field at a time


@given(st.data())
def test_other_forms_of_facts_are_refused(data: st.DataObject) -> None:
    """A member of another type, missing or unknown, at any depth, is never read as facts."""
    told = json.loads(FACTS.encode())
    place = told
    while True:
        name = data.draw(st.sampled_from(sorted(place)))
        if not isinstance(place[name], dict) or data.draw(st.booleans()):
            break
        place = place[name]
    change = data.draw(st.sampled_from(["drop", "add", "type"]))
    if change == "drop":
        del place[name]
    elif change == "add":
        place["more"] = None
    else:
        place[name] = {"x": 1} if not isinstance(place[name], dict) else 1
    with pytest.raises(CertificateRefusedError):
        CertificateFacts.decode(canonical.encode(told))


def auditor(file: Path, key: str = public_text(KEY.public)) -> int:
    """Run the auditors' verifier, away from our packages."""
    command = [sys.executable, "-I", str(AUDITOR), str(file), key]
    return subprocess.run(command, cwd=file.parent, check=False, capture_output=True).returncode


@pytest.mark.slow
def test_the_auditors_verifier_agrees(tmp_path: Path) -> None:
    """On good certificates and on forged ones of every kind it says what we say; and it is short enough to be read."""
    members = json.loads(certified())
    cases = [certified(), certified(EARLY), certified(size=6), certified(key=OTHER), certified() + b"\n", b"", b"[]", b'{"a":1}']
    cases += [forged(index=index) for index in (4, -1, True, "5", 99)]
    cases += [forged(proof=[*members["proof"], members["proof"][0]]), forged(proof=[]), forged(proof=None), forged(checkpoint="x")]
    cases += [forged(facts={**members["facts"], "outcome": "x"}), forged(entry={**members["entry"], "kind": "destruction.started"})]
    cases += [forged(checkpoint=members["checkpoint"].replace("\n11\n", "\n12\n")), forged(checkpoint=members["checkpoint"] * 2)]
    said = []
    for number, data in enumerate(cases):
        (tmp_path / f"{number}.json").write_bytes(data)
        said.append(auditor(tmp_path / f"{number}.json"))
    assert said == [int(bool(kinds(data))) for data in cases]
    assert said[:3] == [0, 0, 0]
    assert set(said[3:]) == {1}
    assert auditor(tmp_path / "0.json", public_text(OTHER.public)) == 1
    for file, key in (("0.json", "x"), ("0.json", "consigne-log-1:x"), ("none.json", public_text(KEY.public))):
        assert auditor(tmp_path / file, key) == 2
    source = AUDITOR.read_text("utf-8")
    assert len(source.splitlines()) < 150
    imported = {line.split()[1].partition(".")[0] for line in source.splitlines() if line.startswith(("import ", "from "))}
    assert imported - sys.stdlib_module_names == {"cryptography"}


def test_the_page_can_be_read(tmp_path: Path) -> None:
    """The PDF says in French what the facts say, is the same each time, and holds nothing that is missing a shape."""
    data = certificate_pdf(certified())
    assert certificate_pdf(certified()) == data
    (tmp_path / "c.pdf").write_bytes(data)
    reader = PdfReader(tmp_path / "c.pdf")
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for said in (
        "a été détruit le mercredi 12 août 2026",
        "lundi 27 juillet 2026",
        "24 min 12 s",
        "23,2 Mo",
        FACTS.recording.sha256,
        FACTS.id,
    ):
        assert said in text.replace("\u00a0", " ").replace("\u202f", " "), said
    assert "None" not in text
    assert "\u25a1" not in text
    assert len(reader.pages) <= 3
    assert certificate_pdf(certified(EARLY)).startswith(b"%PDF")


def test_every_code_has_its_words() -> None:
    """No cause, copy, state, proof, limit or kind of thing kept is without its French."""
    assert set(certificate_words.CAUSES) == set(Cause)
    assert set(certificate_words.COPIES) == set(Copy)
    assert set(certificate_words.STATES) == set(CopyState)
    assert set(certificate_words.VERIFIED) == set(Verified)
    assert set(certificate_words.LIMITS) == set(Limit)
    assert set(certificate_words.KEPT) == set(Kept)


LIST = DisposalList(
    id=an_id("run"),
    centre="Centre d’essai Agirc-Arrco",
    listed_at=DONE - timedelta(minutes=5),
    finished_at=DONE,
    proposed_by="system:gate",
    approved_by=None,
    software="0.2.0",
    lines=(
        ListLine(FACTS.recording.id, an_id("dos"), Cause.NO_RECOURSE, DONE, Fate.DESTROYED, FACTS.id, "0a" * 32),
        ListLine(an_id("rec", 2), an_id("dos"), Cause.REPLACED, DONE, Fate.FAILED, why="store_down"),
    ),
)


def test_a_disposal_list_comes_back() -> None:
    """Signed, read, and signed again in the same bytes; its page is the same each time."""
    data = LIST.sign(KEY.private)
    assert DisposalList.open(data, KEY.public) == LIST
    assert DisposalList.open(data, KEY.public).sign(KEY.private) == data
    assert disposal_list_pdf(LIST) == disposal_list_pdf(LIST)
    assert set(certificate_words.FATES) == set(Fate)


def test_a_disposal_list_that_was_changed() -> None:
    """Each byte in turn; and another key."""
    data = LIST.sign(KEY.private)
    for at in range(len(data)):
        forged = bytearray(data)
        forged[at] ^= 1 + at * 37 % 255
        with pytest.raises(CertificateRefusedError):
            DisposalList.open(bytes(forged), KEY.public)
    with pytest.raises(CertificateRefusedError, match="not signed"):
        DisposalList.open(data, OTHER.public)
    with pytest.raises(CertificateRefusedError, match="not an identifier"):
        replace(LIST, proposed_by="Camille Essai")


def test_a_long_list_takes_several_pages(tmp_path: Path) -> None:
    """Fifty lines, none lost at the end of a page."""
    lines = tuple(replace(LIST.lines[0], recording=an_id("rec", number)) for number in range(50))
    (tmp_path / "l.pdf").write_bytes(disposal_list_pdf(replace(LIST, lines=lines)))
    text = "".join(page.extract_text() for page in PdfReader(tmp_path / "l.pdf").pages)
    assert all(one.recording in text for one in lines)
