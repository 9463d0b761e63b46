"""Answers that no longer hold leave the folder; what holds, what is not ours, and what a lost share hides stay."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from consent.declaration import Declaration, ReadAttestation
from consent.faults import ConsentFault
from consent.record import Source, Way
from intake import folders
from intake.attesting import Attested
from intake.claims import VANISHED
from intake.flow import Outcome
from registry.codes import Language
from registry.problems import Problem
from registry.sessions import File
from registry.tables import Deposit, DepositState, OutboxFile
from tests.factories import CALL_ON, Intakes, ScriptedExaminer, admitted, attest, mails_of, names, nobody_asks, opened, record, sighting

pytestmark = pytest.mark.postgresql_later

CONFIRMED, RECEIVED, NOT_TAKEN = "1 - Attestation bien reçue.pdf", "1 - Bien reçu.pdf", "1 - Fichier non pris.pdf"
GOOD, OTHER, LACKING, FLAT, BLANK = b"%PDF good", b"%PDF other day", b"%PDF lacking", b"%PDF flat", b"%PDF blank"


def _said(call_on: date) -> ReadAttestation:
    told = Declaration(
        call_date=call_on,
        given_on=call_on,
        way=Way.ORAL_BEFORE,
        told_recording=True,
        told_purpose=True,
        told_retention=True,
        notice_id="2024-10",
    )
    return ReadAttestation(told)


_READ: Mapping[bytes, ReadAttestation | None] = {
    GOOD: _said(CALL_ON),
    OTHER: _said(CALL_ON + timedelta(days=1)),
    LACKING: ReadAttestation(Declaration(call_date=CALL_ON), (Problem(ConsentFault.NO_WAY),)),
    BLANK: ReadAttestation(Declaration()),
    FLAT: None,
}


@dataclass(frozen=True)
class Reader(ScriptedExaminer):
    """An examiner that reads the attestations of these tests."""

    read: Mapping[bytes, ReadAttestation | None] = field(default_factory=lambda: _READ)

    def attestation(self, descriptor: int, *, ending: str) -> ReadAttestation | None:
        """Return what the test says of these bytes."""
        del ending
        return self.read[os.pread(descriptor, 100, 0)]


@pytest.fixture
def reading(intakes: Intakes) -> Intakes:
    """Give the parts of intake, with a reader of attestations."""
    return replace(intakes, examiner=Reader(nobody_asks()))


@pytest.fixture
def file(reading: Intakes) -> File:
    """Open a dossier without attestation."""
    return opened(reading.database)[0]


def _take(parts: Intakes, path: Path, content: bytes | None = None) -> Outcome:
    if content is not None:
        path.unlink(missing_ok=True)
        path.write_bytes(content)
    parts.clock.go_on(seconds=1)
    return parts.flow().take(sighting(parts.share, path, at=parts.clock.now()))


def _sweep(parts: Intakes, **later: float) -> list[str]:
    """Sweep, and return our answers in every folder."""
    parts.clock.go_on(**(later or {"minutes": 2}))
    for _ in range(2):
        folders.write_due(parts.database, parts.share, parts.clock.now())
    return sorted(one.name for one in parts.share.root.rglob("1 - *.pdf"))


def _mails(parts: Intakes) -> list[str]:
    with parts.database.reading() as session:
        return [one.kind for one in mails_of(session, "answer")]


@pytest.mark.parametrize("language", Language)
def test_an_attestation_before_its_recording_is_confirmed(reading: Intakes, language: Language) -> None:
    """One page and one mail; the recording's answer takes their place."""
    (file,) = opened(reading.database, language=language)
    assert _take(reading, reading.folder(file) / "a.pdf", GOOD) is Outcome.ATTESTED
    assert _sweep(reading) == [{Language.FR: CONFIRMED, Language.EN: "1 - Attestation received.pdf"}[language]]
    with reading.database.reading() as session:
        (mail,) = mails_of(session, "answer")
        assert (mail.kind, mail.language) == ("answer.attested", language)
        assert "a.pdf" not in mail.text + mail.html
        assert {Language.FR: "avant de lancer", Language.EN: "before the recording"}[language] in mail.text
    (reading.folder(file) / "b.mp3").write_bytes(b"a sound")
    assert _take(reading, reading.folder(file) / "b.mp3") is Outcome.TAKEN
    assert _sweep(reading) == [{Language.FR: RECEIVED, Language.EN: "1 - Received.pdf"}[language]]


def test_a_recording_that_waited_is_answered_and_nothing_else(reading: Intakes, file: File) -> None:
    """Where the recording came first, its own answer says it all."""
    admitted(reading, file)
    _take(reading, reading.folder(file) / "a.pdf", GOOD)
    assert _sweep(reading) == [RECEIVED]
    assert _mails(reading) == ["answer.awaiting_consent", "answer.received"]


@pytest.mark.parametrize("content", [GOOD, BLANK, LACKING])
def test_what_was_confirmed_stays_so(reading: Intakes, file: File, content: bytes) -> None:
    """The same again, a blank one saved over it, or one that lacks something: what was kept is kept, and told once."""
    path = reading.folder(file) / "a.pdf"
    _take(reading, path, GOOD)
    _sweep(reading)
    _take(reading, path, content)
    assert CONFIRMED in _sweep(reading)
    path.unlink()
    assert _sweep(reading) == [CONFIRMED]
    assert _mails(reading).count("answer.attested") == 1


def test_the_form_needs_no_file_and_corrects_one(reading: Intakes, file: File) -> None:
    """The form's page of thanks says it; what the form corrects is confirmed no longer."""
    one, two = file, opened(reading.database, "C-013", code="MAI-2026")[0]
    attest(reading, one, record(client_reference=one.dossier.client_reference))
    _take(reading, reading.folder(one) / "a.pdf", GOOD)  # says the same
    assert _sweep(reading) == []
    _take(reading, reading.folder(two) / "a.pdf", GOOD)
    assert _sweep(reading) == [CONFIRMED]
    attest(reading, two, record(CALL_ON - timedelta(days=1)), now=reading.clock.now())
    assert _sweep(reading) == []
    assert _mails(reading) == ["answer.attested"]


def test_two_that_contradict_are_confirmed_no_longer(reading: Intakes, file: File) -> None:
    """The first is in doubt too: only the conflict's answer lies there, until the form settles it."""
    _take(reading, reading.folder(file) / "a.pdf", GOOD)
    assert _sweep(reading) == [CONFIRMED]
    _take(reading, reading.folder(file) / "b.pdf", OTHER)
    assert _sweep(reading) == [NOT_TAKEN]
    assert attest(reading, file, now=reading.clock.go_on(minutes=1)) is Attested.KEPT
    assert _sweep(reading) == []


@pytest.mark.parametrize("bad", [LACKING, FLAT])
@pytest.mark.parametrize("way", ["saved over", "beside", "form", "import", "taken back"])
def test_an_attestation_that_is_corrected(reading: Intakes, file: File, bad: bytes, way: str) -> None:
    """Whichever way it is corrected, the answer that spoke of the bad one goes."""
    path = reading.folder(file) / "a.pdf"
    _take(reading, path, bad)
    assert _sweep(reading) == [NOT_TAKEN]
    if way in {"saved over", "beside"}:
        _take(reading, path if way == "saved over" else path.with_name("b.pdf"), GOOD)
    elif way == "taken back":
        path.unlink()
    else:
        attest(reading, file, record(source=Source(way)), now=reading.clock.now())
    assert _sweep(reading) == ([CONFIRMED] if way in {"saved over", "beside"} else [])


def test_a_bad_attestation_saved_again_has_one_answer(reading: Intakes, file: File) -> None:
    """The new answer takes the old one's place; it does not lie beside it."""
    path = reading.folder(file) / "a.pdf"
    for content in (LACKING, FLAT, LACKING):
        _take(reading, path, content)
        assert len(_sweep(reading)) == 1


def test_a_good_file_in_the_place_of_a_bad_one(reading: Intakes, file: File) -> None:
    """A link, then a recording under the same name: the answer on the link goes."""
    attest(reading, file)
    path = reading.folder(file) / "a.mp3"
    path.symlink_to("/etc/hostname")
    assert _take(reading, path) is Outcome.LEFT
    assert _sweep(reading) == [NOT_TAKEN]
    assert _take(reading, path, b"a sound") is Outcome.TAKEN
    assert _sweep(reading) == [RECEIVED]


def test_a_foreign_file_that_is_taken_back(reading: Intakes, file: File) -> None:
    """Its answer goes, that of another stays; put back, it is answered again."""
    one, other = reading.folder(file) / "one.zip", reading.folder(file) / "other.zip"
    for path in (one, other):
        assert _take(reading, path, b"PK\x03\x04") is Outcome.LEFT
    assert len(_sweep(reading)) == 2
    other.unlink()
    assert _sweep(reading) == [NOT_TAKEN]
    with reading.database.reading() as session:
        row = session.exec(select(Deposit).where(Deposit.place == b"JUIN-2026/C-012/other.zip")).one()
        assert (row.state, row.code) == (DepositState.DONE, VANISHED)
    assert _take(reading, other, b"PK\x03\x04") is Outcome.LEFT
    assert len(_sweep(reading)) == 2


def test_a_foreign_file_outside_every_dossier(reading: Intakes) -> None:
    """In the root, where nobody is known, it is the same."""
    path = reading.share.root / "x.zip"
    assert _take(reading, path, b"PK\x03\x04") is Outcome.LEFT
    assert _sweep(reading) == [NOT_TAKEN]
    path.unlink()
    assert _sweep(reading) == []


@pytest.mark.parametrize("lost", ["root", "mount", "session"])
def test_a_share_that_is_away_changes_nothing(reading: Intakes, file: File, lost: str) -> None:
    """Not there, an empty mount point, or a folder of it away: no answer is thought outdated, and all are there afterwards."""
    for path in (reading.folder(file) / "x.zip", reading.share.root / "x.zip"):
        _take(reading, path, b"PK\x03\x04")
    before = _sweep(reading)
    assert len(before) == 2
    gone = reading.share.root if lost != "session" else reading.folder(file).parent
    hidden = gone.rename(reading.share.root.parent / "hidden")
    if lost == "mount":
        reading.share.root.mkdir()
    for _ in range(3):
        _sweep(reading)
    if lost == "mount":
        reading.share.root.rmdir()
    hidden.rename(gone)
    assert _sweep(reading) == before
    with reading.database.reading() as session:
        assert not any(one.replaced for one in session.exec(select(OutboxFile)))


def test_a_replaced_answer_waits_for_a_share_that_is_away(reading: Intakes, file: File) -> None:
    """Marked while the share was away, it goes once the share is back."""
    _take(reading, reading.folder(file) / "a.pdf", LACKING)
    assert _sweep(reading) == [NOT_TAKEN]
    hidden = reading.share.root.rename(reading.share.root.parent / "hidden")
    attest(reading, file)
    _sweep(reading)
    hidden.rename(reading.share.root)
    assert _sweep(reading, minutes=11) == []


def test_only_what_we_wrote_goes(reading: Intakes, file: File) -> None:
    """A file of the candidate's under our answer's name stays, and is not looked at for ever."""
    _take(reading, reading.folder(file) / "a.pdf", LACKING)
    _sweep(reading)
    ours = reading.folder(file) / NOT_TAKEN
    ours.write_bytes(b"notes of the candidate's own")
    attest(reading, file)
    assert _sweep(reading) == [NOT_TAKEN]
    assert ours.read_bytes() == b"notes of the candidate's own"
    with reading.database.reading() as session:
        (row,) = session.exec(select(OutboxFile).where(OutboxFile.name == NOT_TAKEN))
        assert row.removed_at is not None


def test_the_cost_is_bounded(reading: Intakes, file: File) -> None:
    """An answer that was looked at is not looked at again for a minute."""
    path = reading.folder(file) / "x.zip"
    _take(reading, path, b"PK\x03\x04")
    assert _sweep(reading) == [NOT_TAKEN]
    path.unlink()
    assert _sweep(reading, seconds=30) == [NOT_TAKEN]
    assert _sweep(reading, seconds=31) == []
    assert names(reading.folder(file)) == []


def test_dates_that_would_be_refused_are_told_with_the_confirmation(reading: Intakes, file: File) -> None:
    """A call that is not over yet is said to be so before any recording is dropped."""
    future = _said(reading.clock.now().date() + timedelta(days=3))
    parts = replace(reading, examiner=Reader(nobody_asks(), read={GOOD: future}))
    _take(parts, parts.folder(file) / "a.pdf", GOOD)
    with parts.database.reading() as session:
        (mail,) = mails_of(session, "answer")
        assert "n’est pas encore passée" in mail.text


def test_beside_a_recording_that_is_received(reading: Intakes, file: File) -> None:
    """A second attestation, of another call: confirmed, and nothing is said to be missing; the receipt stays."""
    attest(reading, file)
    admitted(reading, file)
    _take(reading, reading.folder(file) / "b.pdf", OTHER)
    assert _sweep(reading) == [CONFIRMED, RECEIVED]
    with reading.database.reading() as session:
        assert "Rien ne manque à l’enregistrement" in mails_of(session, "answer.attested")[0].text


def test_each_reason_speaks_of_its_place(reading: Intakes, file: File) -> None:
    """An answer names the row of the file that it speaks of; one for all the rest of a flood names none."""
    parts = replace(reading, policy=replace(reading.policy, max_files_per_folder=2))
    for number in range(4):
        _take(parts, parts.folder(file) / f"{number}.zip", b"PK\x03\x04 %d" % number)
    with parts.database.reading() as session:
        about = [one.about for one in session.exec(select(OutboxFile))]
        known = set(session.exec(select(Deposit.place_key)))
    assert len(about) == 3
    assert about.count(None) == 1
    assert set(about) - {None} <= known
