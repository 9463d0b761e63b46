"""The jury's decision: recorded once, corrected with a reason, withdrawn; it takes the recording from the evaluators."""

from datetime import UTC, date, datetime

import pytest
from sqlmodel import select

from registry import closures, decisions, dossiers, recordings, withdrawals
from registry.database import Transaction
from registry.days import Days, OldDayError, months_before
from registry.errors import RefusedError
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import ClosureCause, Decision, Reason, Recording
from registry.versions import Change
from tests.factories import kinds
from tests.registry.desk import DECIDED, SENT, Desk

pytestmark = pytest.mark.postgresql_later

S = RecordingState


def test_a_decision_ends_the_evaluators_turn(desk: Desk) -> None:
    """It counts at once, the recording goes to *decided*, retention is woken, and the same day again changes nothing."""
    told = desk.decide()
    assert (told.change, told.waits, told.row.recorded_by) == (Change.RECORDED, False, desk.first)
    assert desk.seen() == (S.DECIDED, True)
    desk.calm()
    assert desk.decide().change is Change.UNCHANGED
    assert desk.seen() == (S.DECIDED, False)
    with desk.database.reading() as session:
        assert kinds(session, told.row.id) == ["decision.recorded"]
        assert kinds(session, desk.recording.id)[-1] == "recording.decided"


def test_a_correction_is_a_new_version_with_a_reason(desk: Desk) -> None:
    """The earlier one names it, the reason's text stays outside the journal, and the state stays."""
    first = desk.decide().row
    with pytest.raises(RefusedError, match="--reason"):
        desk.decide(date(2026, 6, 21))
    told = desk.decide(date(2026, 6, 21), reason="une faute de frappe")
    assert told.change is Change.CORRECTED
    with desk.database.reading() as session:
        rows = decisions.of_dossier(session, desk.id)
        assert [(one.decided_on, one.superseded_by) for one in rows if one.id == first.id] == [(DECIDED, told.row.id)]
        assert kinds(session, first.id) == ["decision.recorded", "decision.superseded"]
        assert [one.text for one in session.exec(select(Reason).where(Reason.subject == told.row.id))] == ["une faute de frappe"]
    assert desk.held.state is S.DECIDED


@pytest.mark.parametrize("before", [S.ACCEPTED, S.RELEASED])
def test_a_withdrawn_decision_gives_the_recording_back(desk: Desk, before: RecordingState) -> None:
    """To the state that it came from, with its notification withdrawn; a new decision can be recorded."""
    if before is S.RELEASED:
        desk.act(lambda tx: recordings.move(tx, tx.lock(Recording, desk.recording.id), S.RELEASED, Who.COORDINATOR))
    desk.decide()
    letter = desk.notify().row
    desk.calm()
    gone = desk.act(lambda tx: decisions.withdraw(tx, desk.id, "un autre candidat"))
    assert desk.seen() == (before, True)
    with desk.database.reading() as session:
        assert session.get_one(Decision, gone.id).superseded_by == gone.id
        assert decisions.standing(session, desk.id) is None
        assert kinds(session, letter.id)[-1] == "notification.withdrawn"
    with pytest.raises(RefusedError, match="nothing to withdraw"):
        desk.act(lambda tx: decisions.withdraw(tx, desk.id, "encore"))
    assert desk.decide().change is Change.RECORDED
    assert desk.held.state is S.DECIDED


@pytest.mark.parametrize(
    ("day", "said"),
    [(date(2026, 6, 14), "before the hearing"), (date(2026, 7, 11), "in the future"), (date(2030, 1, 1), "in the future")],
)
def test_an_impossible_day(desk: Desk, day: date, said: str) -> None:
    """Before the hearing or in the future: refused with what to do, nothing written."""
    with pytest.raises(RefusedError, match=said):
        desk.decide(day)
    assert desk.seen() == (S.ACCEPTED, False)


def test_a_day_long_past_is_asked_about_again(desk: Desk) -> None:
    """More than six months back: refused until it is said to be meant."""
    desk.now = datetime(2027, 1, 10, tzinfo=UTC)
    with pytest.raises(OldDayError, match="--yes-old"):
        desk.decide()
    told = desk.act(lambda tx: decisions.record(tx, desk.id, DECIDED, old_meant=True))
    assert told.row.decided_on == DECIDED


def test_the_end_of_six_months() -> None:
    """The same day of the month, clamped to its end; that day itself is not old."""
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 6) == date(2025, 7, 15)
    Days(date(2026, 8, 31)).check(date(2026, 2, 28), "x")
    with pytest.raises(OldDayError):
        Days(date(2026, 8, 31)).check(date(2026, 2, 27), "x")


def test_a_decision_cannot_follow_its_notification(desk: Desk) -> None:
    """The notification is corrected first."""
    desk.decide()
    desk.notify()
    with pytest.raises(RefusedError, match="correct the notification first"):
        desk.decide(date(2026, 6, 23), reason="le 23")
    assert desk.decide(SENT, reason="le jour de l’envoi").change is Change.CORRECTED


@pytest.mark.parametrize("end", [False, True])
def test_nothing_changes_once_destruction_has_begun(desk: Desk, *, end: bool) -> None:
    """Neither a correction nor a withdrawal; the same day again is still no error."""
    desk.decide()
    desk.begin(end=end)
    for change in (
        lambda: desk.decide(date(2026, 6, 21), reason="non"),
        lambda: desk.act(lambda tx: decisions.withdraw(tx, desk.id, "non")),
    ):
        with pytest.raises(RefusedError, match="has begun"):
            change()
    assert desk.decide().change is Change.UNCHANGED


def test_what_was_replaced_and_destroyed_hinders_nobody(desk: Desk) -> None:
    """A dossier whose earlier recording is gone still has its decision corrected."""

    def replaced(tx: Transaction) -> None:
        row = tx.lock(Recording, desk.recording.id)
        row.unlistenable = Unlistenable.REPLACED
        tx.record("recording.replaced", row.id)

    desk.act(replaced)
    desk.begin(end=True)
    assert desk.decide().change is Change.RECORDED
    assert desk.held.state is S.DESTROYED


def test_a_destruction_for_another_cause_forbids_nothing(desk: Desk) -> None:
    """The jury decides also where the client withdrew the consent: the list of the session goes through."""
    desk.act(lambda tx: withdrawals.withdraw(tx, desk.id, "le client a écrit"))
    desk.begin(end=True)
    assert desk.decide().change is Change.RECORDED
    assert desk.notify().change is Change.RECORDED
    assert desk.held.state is S.DESTROYED


def test_a_dossier_that_ended_otherwise(desk: Desk) -> None:
    """Closed or of a cancelled session: that is undone first."""
    desk.act(lambda tx: closures.close(tx, desk.id, ClosureCause.ABSENT, "jamais venu"))
    with pytest.raises(RefusedError, match="close --undo"):
        desk.decide()
    desk.act(lambda tx: closures.undo(tx, desk.id, "il est venu"))
    desk.act(lambda tx: closures.cancel(tx, desk.file.session.id, "salle inondée"))
    with pytest.raises(RefusedError, match="cancel --undo"):
        desk.decide()


def test_nobody_is_known_under_that_name(desk: Desk) -> None:
    """A dossier that does not exist is refused."""
    with pytest.raises(RefusedError, match="check the identifier"):
        desk.act(lambda tx: decisions.record(tx, "dos_0", DECIDED))


def test_a_recording_that_is_accepted_late(desk: Desk) -> None:
    """Whoever accepts one after the decision settles its state; what was replaced is left as it is."""
    desk.decide()
    desk.act(lambda tx: recordings.move(tx, tx.lock(Recording, desk.recording.id), S.ACCEPTED, Who.COORDINATOR))
    desk.act(lambda tx: decisions.settle(tx, dossiers.lock(tx, desk.id)))
    assert desk.held.state is S.DECIDED
