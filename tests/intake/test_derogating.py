"""A derogation: what software refused is accepted by a named person, with a reason, while it lies in quarantine."""

from datetime import timedelta

import pytest

from intake import reviewing
from intake.derogating import derogate
from registry import decisions, users
from registry.codes import Answer, Code
from registry.errors import RefusedError
from registry.sessions import File
from registry.states import RecordingState, Unlistenable
from registry.tables import Recording, Role
from tests.factories import (
    CALL_ON,
    EXAM_ON,
    NOW,
    Intakes,
    admitted,
    attest,
    coordinator,
    fresh,
    journal_text,
    kinds,
    mails_of,
    opened,
    record,
)

pytestmark = pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)  # the locks and queries are tried on both kinds elsewhere
S = RecordingState


@pytest.fixture
def file(intakes: Intakes) -> File:
    """Open a dossier that has its attestation."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    return file


@pytest.fixture
def somebody(intakes: Intakes) -> str:
    """Enrol a coordinator."""
    return coordinator(intakes.database)


def _derogate(parts: Intakes, recording_id: str, by: str, reason: str = "appel déjà coupé par le logiciel") -> Recording:
    with parts.database.transaction(parts.clock.now(), by) as tx:
        return derogate(tx, recording_id, reason, parts.answering)


def test_a_derogation(intakes: Intakes, file: File, somebody: str) -> None:
    """State, entry, receipt and answer follow in one go; the quarantine is over; the reason's text is not in the journal."""
    recording = admitted(intakes, file, Code.TOO_LONG)
    assert recording.state is S.REJECTED
    intakes.clock.go_on(days=13)
    _derogate(intakes, recording.id, somebody)
    held = fresh(intakes.database, recording)
    assert (held.state, held.answer, held.quarantine_until, held.stale) == (S.ACCEPTED, Answer.RECEIVED, None, True)
    assert held.receipt_number is not None
    assert held.consent_id is not None
    with intakes.database.reading() as session:
        assert "recording.derogated" in kinds(session, recording.id)
        assert "coupé".encode() not in journal_text(session)
        assert len(mails_of(session, "answer.received")) == 1
    with pytest.raises(RefusedError, match="it is accepted"):
        _derogate(intakes, recording.id, somebody)


def test_it_replaces_the_earlier_one(intakes: Intakes, file: File, somebody: str) -> None:
    """As any recording that is accepted."""
    first = admitted(intakes, file, data=b"first")
    assert first.state is S.ACCEPTED
    intakes.clock.go_on(hours=1)
    attest(intakes, file, record(CALL_ON - timedelta(days=1)))
    second = admitted(intakes, file, Code.TOO_LONG, data=b"second")
    _derogate(intakes, second.id, somebody)
    assert fresh(intakes.database, first).unlistenable is Unlistenable.REPLACED


def test_after_the_decision_it_is_decided(intakes: Intakes, file: File, somebody: str) -> None:
    """Nobody of the committee hears it any more."""
    intakes.clock.go_on(days=30)
    recording = admitted(intakes, file, Code.TOO_LONG)
    intakes.clock.go_on(days=9)
    with intakes.database.transaction(intakes.clock.now(), somebody) as tx:
        decisions.record(tx, file.dossier.id, EXAM_ON)
    _derogate(intakes, recording.id, somebody)
    assert fresh(intakes.database, recording).state is S.DECIDED


def test_a_review_after_the_decision(intakes: Intakes, file: File, somebody: str) -> None:
    """What a person accepts once the jury has decided is decided too."""
    recording = admitted(intakes, file, Code.SILENT)
    intakes.clock.go_on(days=39)
    with intakes.database.transaction(intakes.clock.now(), somebody) as tx:
        decisions.record(tx, file.dossier.id, EXAM_ON)
        assert recording.state is S.TO_REVIEW
    with intakes.database.transaction(intakes.clock.now(), somebody) as tx:
        reviewing.review(tx, recording.id, reviewing.Decision.ACCEPT, "écouté en entier", intakes.answering)
    assert fresh(intakes.database, recording).state is S.DECIDED


def test_an_attestation_after_the_decision(intakes: Intakes, somebody: str) -> None:
    """What it lets in is decided too."""
    (other,) = opened(intakes.database, "C-077", code="AUTRE")
    recording = admitted(intakes, other)
    intakes.clock.go_on(days=39)
    with intakes.database.transaction(intakes.clock.now(), somebody) as tx:
        decisions.record(tx, other.dossier.id, EXAM_ON)
    attest(intakes, other)
    assert fresh(intakes.database, recording).state is S.DECIDED


def test_what_is_not_derogated(intakes: Intakes, file: File, somebody: str) -> None:
    """By nobody, without a reason, once the quarantine is over, an empty file, or what is not there."""
    recording = admitted(intakes, file, Code.TOO_LONG)
    empty = admitted(intakes, file, Code.EMPTY_FILE, data=b"")
    for what, by, reason, said in (
        (recording.id, "system:cli", "parce que", "--by"),
        (recording.id, somebody, "  ", "a reason is needed"),
        (empty.id, somebody, "parce que", "nothing in this file"),
        ("rec_0", somebody, "parce que", "check the identifier"),
    ):
        with pytest.raises(RefusedError, match=said):
            _derogate(intakes, what, by, reason)
    intakes.clock.go_on(days=14)
    with pytest.raises(RefusedError, match="quarantine is over"):
        _derogate(intakes, recording.id, somebody)
    assert fresh(intakes.database, recording).state is S.REJECTED


def test_nobody_listens_without_the_clients_consent(intakes: Intakes, somebody: str) -> None:
    """No derogation goes round it: the attestation comes first."""
    (other,) = opened(intakes.database, "C-077", code="AUTRE")
    recording = admitted(intakes, other, Code.TOO_LONG)
    with pytest.raises(RefusedError, match="have the attestation first"):
        _derogate(intakes, recording.id, somebody)
    attest(intakes, other)
    _derogate(intakes, recording.id, somebody)
    held = fresh(intakes.database, recording)
    assert (held.state, held.call_date) == (S.ACCEPTED, CALL_ON)


def test_one_who_left(intakes: Intakes, file: File) -> None:
    """A member of the staff who is no longer active answers for nothing."""
    recording = admitted(intakes, file, Code.TOO_LONG)
    with intakes.database.transaction(NOW, "system:test") as tx:
        user = users.add(tx, role=Role.COORDINATOR, name="x", mail="x@example.org")
        user.active = False
    with pytest.raises(RefusedError, match="--by"):
        _derogate(intakes, recording.id, user.id)
