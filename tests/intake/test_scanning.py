"""Malware in the flow: what is found goes to a person, what cannot be looked through waits, and a ruling made later keeps it."""

from dataclasses import replace

import pytest
from sqlmodel import select

from intake.errors import MustWaitError
from intake.flow import Outcome
from intake.malware import LIMIT, UNAVAILABLE
from journal import log
from registry import recordings
from registry.codes import Answer, Code
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Deposit, DepositState, Recording
from tests.factories import (
    Intakes,
    ScriptedExaminer,
    attest,
    coordinator,
    files_of,
    fresh,
    judgement,
    kinds,
    mails_of,
    nobody_asks,
    opened,
    sha256_of,
    sighting,
)
from tests.support.clamd import BAD, FakeScanner

pytestmark = pytest.mark.scenario

NAME = "Mon appel.mp3"


def take(parts: Intakes, file: File, scanner: FakeScanner, content: bytes = BAD) -> Outcome:
    """Drop a file, and have the flow treat it."""
    path = parts.folder(file) / NAME
    path.write_bytes(content)
    return replace(parts.flow(), scanner=scanner).take(sighting(parts.share, path, at=parts.clock.now()))


def stored(parts: Intakes, file: File) -> list[Recording]:
    """Return what became of it."""
    with parts.database.reading() as session:
        return list(recordings.of_dossier(session, file.dossier.id))


def test_what_the_scanner_finds_goes_to_a_person(intakes: Intakes) -> None:
    """It is sealed and kept, its candidate told, a coordinator asked; the journal names the signature."""
    (file,) = opened(intakes.database)
    coordinator(intakes.database)
    attest(intakes, file)
    assert take(intakes, file, FakeScanner()) is Outcome.TAKEN
    (recording,) = stored(intakes, file)
    assert (recording.state, recording.answer, recording.codes) == (RecordingState.TO_REVIEW, Answer.TO_REVIEW, [Code.MALWARE])
    with intakes.database.reading() as session:
        entries = [one.entry for one in log.entries_about(session.connection(), recording.id)]
        (mail,) = mails_of(session, "task.review")
    assert [one.kind for one in entries].count("recording.malware_found") == 1
    assert {"scanner": "Consigne.Test.File:FOUND"} in [one.facts for one in entries]
    assert "antivirus" in mail.text.casefold()
    assert not (intakes.folder(file) / NAME).exists()


def test_a_later_attestation_does_not_wash_it(intakes: Intakes) -> None:
    """The ruling that an attestation brings finds again what the scanner found."""
    (file,) = opened(intakes.database)
    take(intakes, file, FakeScanner())
    (recording,) = stored(intakes, file)
    assert (recording.answer, recording.codes) == (Answer.AWAITING_CONSENT, [Code.MALWARE])
    attest(intakes, file)
    again = fresh(intakes.database, recording)
    assert (again.state, again.codes) == (RecordingState.TO_REVIEW, [Code.MALWARE])


def test_a_clean_file_is_received(intakes: Intakes) -> None:
    """Nothing of the scan is written down."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    scanner = FakeScanner()
    assert take(intakes, file, scanner, b"a sound") is Outcome.TAKEN
    (recording,) = stored(intakes, file)
    assert (recording.answer, recording.codes) == (Answer.RECEIVED, [])
    assert scanner.scanned == [sha256_of(b"a sound")]
    with intakes.database.reading() as session:
        assert "recording.malware_found" not in kinds(session, recording.id)


@pytest.mark.parametrize(("trouble", "code"), [(FakeScanner(there=False), UNAVAILABLE), (FakeScanner(limit=3), LIMIT)])
def test_what_cannot_be_looked_through_waits(intakes: Intakes, trouble: FakeScanner, code: str) -> None:
    """The file stays, nothing is stored, nobody is answered; it is taken once the scanner looks through it."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    with pytest.raises(MustWaitError) as error:
        take(intakes, file, trouble, b"a sound")
    assert error.value.code == code
    assert (intakes.folder(file) / NAME).read_bytes() == b"a sound"
    assert stored(intakes, file) == []
    assert list(intakes.objects.keys()) == []
    with intakes.database.reading() as session:
        (row,) = session.exec(select(Deposit)).all()
        assert (row.state, row.lease_owner) == (DepositState.SEEN, None)
        before = len(files_of(session))
    assert take(intakes, file, FakeScanner(), b"a sound") is Outcome.TAKEN
    assert [one.answer for one in stored(intakes, file)] == [Answer.RECEIVED]
    with intakes.database.reading() as session:
        assert len(files_of(session)) == before + 1


def test_a_refused_file_that_is_known_by_now_is_judged_anew(intakes: Intakes) -> None:
    """The same bytes have the same answer, until a signature knows them."""
    too_long = {sha256_of(BAD): judgement(Code.TOO_LONG, data=BAD)}
    parts = replace(intakes, examiner=ScriptedExaminer(nobody_asks(), found=too_long))
    (file,) = opened(parts.database)
    outdated = FakeScanner(bad=set())
    assert [take(parts, file, outdated), take(parts, file, outdated)] == [Outcome.TAKEN, Outcome.REPEATED]
    parts.clock.go_on(minutes=1)
    assert take(parts, file, FakeScanner()) is Outcome.TAKEN
    assert [one.codes for one in stored(parts, file)] == [[Code.TOO_LONG], [Code.TOO_LONG, Code.MALWARE]]
    assert take(parts, file, FakeScanner()) is Outcome.REPEATED


def test_a_signature_of_any_name_is_written_down(intakes: Intakes) -> None:
    """The journal refuses what looks like a person, a telephone or a file: a signature may look like each."""
    names = ["Dupont", "Archive.Zip", "0612345678", "a" * 100, "unnamed", "Win.Test.EICAR_HDB-1"]
    files = opened(intakes.database, *(f"C-{number}" for number, _ in enumerate(names)))
    for file, name in zip(files, names, strict=True):
        content = name.encode()
        assert take(intakes, file, FakeScanner(signature=name, bad={content}), content) is Outcome.TAKEN
        assert [one.codes for one in stored(intakes, file)] == [[Code.MALWARE]]
