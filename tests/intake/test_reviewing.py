"""What a person decides, with a reason, once."""

from datetime import UTC, date, datetime

import pytest

from intake import reviewing
from intake.reviewing import Decision
from registry.codes import Answer, Code
from registry.errors import RefusedError
from registry.sessions import File
from registry.states import RecordingState, Unlistenable
from registry.tables import Recording
from tests.factories import ACTOR, NOW, Intakes, admitted, attest, coordinator, fresh, journal_text, kinds, mails_of, opened

pytestmark = pytest.mark.postgresql_later

S = RecordingState


@pytest.fixture
def file(intakes: Intakes) -> File:
    """Open a dossier that has its attestation."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    return file


def _decide(parts: Intakes, recording_id: str, decision: Decision, reason: str = "écouté en entier") -> None:
    with parts.database.transaction(parts.clock.go_on(hours=1), ACTOR) as tx:
        reviewing.review(tx, recording_id, decision, reason, parts.answering)


@pytest.mark.parametrize(
    ("decision", "state", "answer"), [(Decision.ACCEPT, S.ACCEPTED, Answer.RECEIVED), (Decision.REFUSE, S.REJECTED, Answer.REFUSED)]
)
def test_a_decision(intakes: Intakes, file: File, decision: Decision, state: RecordingState, answer: Answer) -> None:
    """State, entry, answer and quarantine follow in one go; the reason's text is not in the journal; a second decision is refused."""
    coordinator(intakes.database)
    recording = admitted(intakes, file, Code.SILENT)
    _decide(intakes, recording.id, decision)
    held = fresh(intakes.database, recording)
    assert (held.state, held.answer, held.review_reason, held.review_due_on) == (state, answer, "écouté en entier", None)
    assert (held.quarantine_until is not None) is (decision is Decision.REFUSE)
    with intakes.database.reading() as session:
        assert kinds(session, recording.id)[-1] == f"recording.{state}"
        assert "écouté".encode() not in journal_text(session)
        assert len(mails_of(session, "answer")) == 2
    with pytest.raises(RefusedError, match="not waiting"):
        _decide(intakes, recording.id, decision)


@pytest.mark.parametrize("reason", ["", "   \n ", "x" * 401])
def test_a_reason_is_needed(intakes: Intakes, file: File, reason: str) -> None:
    """Without one, or with one too long for the candidate's answer, nothing is decided."""
    recording = admitted(intakes, file, Code.SILENT)
    with pytest.raises(RefusedError, match="reason"):
        _decide(intakes, recording.id, Decision.ACCEPT, reason)
    assert fresh(intakes.database, recording).state is S.TO_REVIEW


def test_nothing_to_decide(intakes: Intakes, file: File) -> None:
    """An unknown recording, one that is accepted, and one that was replaced are no review."""
    recording = admitted(intakes, file)
    for recording_id in ("rec_none", recording.id):
        with pytest.raises(RefusedError):
            _decide(intakes, recording_id, Decision.REFUSE)
    (other,) = opened(intakes.database, "C-013", code="AUTRE")
    attest(intakes, other)
    doubted = admitted(intakes, other, Code.SILENT, data=b"other")
    with intakes.database.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, doubted.id).unlistenable = Unlistenable.REPLACED
        tx.record("recording.replaced", doubted.id)
    with pytest.raises(RefusedError, match="replaced"):
        _decide(intakes, doubted.id, Decision.ACCEPT)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (datetime(2026, 5, 12, 9, tzinfo=UTC), date(2026, 5, 15)),  # Tuesday; the 14th is Ascension
        (datetime(2026, 5, 8, 9, tzinfo=UTC), date(2026, 5, 12)),  # a holiday, and a Friday
        (datetime(2026, 5, 4, 22, 30, tzinfo=UTC), date(2026, 5, 7)),  # already Tuesday in Paris
    ],
)
def test_two_working_days(intakes: Intakes, file: File, now: datetime, due: date) -> None:
    """The day by which the centre decides skips weekends and holidays."""
    recording = admitted(intakes, file, Code.SILENT, at=now)
    assert recording.review_due_on == due
