"""Appeals: recorded, they hold destruction in the same transaction; a ruling is a new decision; too late, an incident."""

from datetime import date

import pytest
from sqlmodel import select

from registry import appeals, decisions, holds, outcomes
from registry.appeals import Contested
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.states import RecordingState
from registry.tables import Appeal, AppealOutcome, Destruction, Hold, HoldReason
from tests.factories import kinds
from tests.registry.desk import LATER, Desk

pytestmark = pytest.mark.postgresql_later

S = RecordingState
RECEIVED, POSTED, RULED = date(2026, 7, 8), date(2026, 7, 6), date(2026, 7, 10)


def _contest(desk: Desk, *, received: date = RECEIVED, posted: date | None = POSTED, last_day: date | None = None) -> Contested:
    return desk.act(lambda tx: appeals.record(tx, desk.id, received_on=received, postmark_on=posted, last_day=last_day, note="lettre"))


def _conclude(desk: Desk, appeal: Appeal, outcome: AppealOutcome, on: date = RULED, *, two: bool = False) -> Appeal:
    return desk.act(lambda tx: outcomes.conclude(tx, appeal.id, outcome, on, "avis de la commission", two_people=two))


def _holds(desk: Desk) -> list[Hold]:
    with desk.database.reading() as session:
        return list(holds.covering(session, desk.recording))


@pytest.mark.parametrize(("last_day", "timely"), [(POSTED, True), (date(2026, 7, 5), False), (None, None)])
def test_an_appeal_places_a_hold(desk: Desk, last_day: date | None, timely: bool | None) -> None:  # noqa: FBT001 - a case
    """In the same transaction, of whatever date; whether it was in time is told, and decides nothing."""
    done = _contest(desk, last_day=last_day)
    assert (done.appeal.in_time, done.appeal.incident, done.destructions) == (timely, False, ())
    (hold,) = _holds(desk)
    assert (hold.reason, hold.appeal_id, hold.target_id) == (HoldReason.APPEAL, done.appeal.id, desk.id)
    assert desk.held.stale
    with desk.database.reading() as session:
        assert kinds(session, done.appeal.id) == ["appeal.recorded"]


@pytest.mark.parametrize(
    ("received", "posted", "said"),
    [(date(2026, 7, 11), None, "in the future"), (RECEIVED, date(2026, 7, 9), "after it was received")],
)
def test_impossible_days(desk: Desk, received: date, posted: date | None, said: str) -> None:
    """Refused with what to do, and no hold is placed."""
    with pytest.raises(RefusedError, match=said):
        _contest(desk, received=received, posted=posted)
    assert _holds(desk) == []


def test_the_same_appeal_twice(desk: Desk) -> None:
    """Refused by its name; another one is another hold."""
    first = _contest(desk)
    with pytest.raises(RefusedError, match=first.appeal.id):
        _contest(desk)
    _contest(desk, received=date(2026, 7, 9))
    assert len(_holds(desk)) == 2


@pytest.mark.parametrize("outcome", [AppealOutcome.REJECTED, AppealOutcome.UPHELD])
def test_a_ruling_is_a_new_decision(desk: Desk, outcome: AppealOutcome) -> None:
    """It closes the appeal and its hold, has no notification yet, and the first decision stays beside it."""
    first = desk.decide().row
    letter = desk.notify().row
    appeal = _contest(desk).appeal
    done = _conclude(desk, appeal, outcome)
    assert (done.outcome, done.closed_by, done.closed_at) == (outcome, desk.first, LATER)
    assert _holds(desk) == []
    with desk.database.reading() as session:
        standing = decisions.standing(session, desk.id)
        assert standing is not None
        assert (standing.after_appeal, standing.decided_on) == (appeal.id, RULED)
        assert decisions.letter_of(session, standing) is None
        found = decisions.letter_of(session, session.get_one(type(first), first.id))
        assert found is not None
        assert found.id == letter.id
    assert desk.held.state is S.DECIDED


@pytest.mark.parametrize("outcome", [AppealOutcome.WITHDRAWN, AppealOutcome.INADMISSIBLE])
def test_without_a_ruling_the_first_decision_stands(desk: Desk, outcome: AppealOutcome) -> None:
    """The appeal and its hold end, no decision is added."""
    first = desk.decide().row
    appeal = _contest(desk).appeal
    _conclude(desk, appeal, outcome)
    assert _holds(desk) == []
    with desk.database.reading() as session:
        assert [one.id for one in decisions.of_dossier(session, desk.id)] == [first.id]


def test_one_of_two_appeals_ends(desk: Desk) -> None:
    """The other's hold still stands."""
    first, second = _contest(desk).appeal, _contest(desk, received=date(2026, 7, 9)).appeal
    _conclude(desk, first, AppealOutcome.WITHDRAWN)
    assert [hold.appeal_id for hold in _holds(desk)] == [second.id]


def test_an_outcome_that_cannot_be(desk: Desk) -> None:
    """By nobody, in the future, before the letter or the decision, or twice."""
    desk.decide()
    appeal = _contest(desk).appeal
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: outcomes.conclude(tx, appeal.id, AppealOutcome.REJECTED, RULED, "avis"), by="system:cli")
    with pytest.raises(RefusedError, match="in the future"):
        _conclude(desk, appeal, AppealOutcome.REJECTED, date(2026, 7, 11))
    with pytest.raises(RefusedError, match="cannot have ended"):
        _conclude(desk, appeal, AppealOutcome.REJECTED, date(2026, 7, 5))
    other = _contest(desk, received=date(2026, 7, 9), posted=None).appeal
    with pytest.raises(RefusedError, match="ruled on after the decision"):
        _conclude(desk, other, AppealOutcome.UPHELD, date(2026, 6, 19))
    _conclude(desk, appeal, AppealOutcome.REJECTED)
    with pytest.raises(RefusedError, match="ended already"):
        _conclude(desk, appeal, AppealOutcome.UPHELD)
    with pytest.raises(RefusedError, match="check the identifier"):
        desk.act(lambda tx: outcomes.conclude(tx, "app_0", AppealOutcome.REJECTED, RULED, "avis"))


def test_the_day_of_a_ruling_is_corrected(desk: Desk) -> None:
    """As any decision, never before the first one; it cannot be withdrawn, since the appeal would be left without an end."""
    desk.decide()
    _conclude(desk, _contest(desk).appeal, AppealOutcome.REJECTED)
    told = desk.decide(date(2026, 7, 9), reason="le 9")
    assert told.row.after_appeal is not None
    with pytest.raises(RefusedError, match="after the first decision"):
        desk.decide(date(2026, 6, 19), reason="non")
    with pytest.raises(RefusedError, match="record the appeal again"):
        desk.act(lambda tx: decisions.withdraw(tx, desk.id, "non"))


def test_the_days_of_an_appeal_are_corrected(desk: Desk) -> None:
    """Each version is in the journal, and whether it was in time is told anew."""
    appeal = _contest(desk, last_day=date(2026, 7, 5)).appeal
    done = desk.act(lambda tx: appeals.correct(tx, appeal.id, "cachet relu", postmark_on=date(2026, 7, 4), last_day=date(2026, 7, 5)))
    assert (done.postmark_on, done.in_time) == (date(2026, 7, 4), True)
    with desk.database.reading() as session:
        assert kinds(session, appeal.id) == ["appeal.recorded", "appeal.corrected"]
    with pytest.raises(RefusedError, match="nothing was changed"):
        desk.act(lambda tx: appeals.correct(tx, appeal.id, "encore", postmark_on=date(2026, 7, 4)))


def test_too_late_it_is_an_incident(desk: Desk) -> None:
    """It cites the destruction, places no hold, stops nothing; somebody can still say how it ended, and no decision follows."""
    desk.decide()
    desk.begin()
    destruction = Destruction(
        id=new_id("dst"),
        recording_id=desk.recording.id,
        dossier_id=desk.id,
        cause="appeal_period_over",
        grounds="{}",
        started_at=LATER,
        next_at=LATER,
    )

    def started(tx: Transaction) -> None:
        tx.session.add(destruction)
        tx.record("destruction.planned", destruction.id)

    desk.act(started)
    done = _contest(desk)
    assert (done.appeal.incident, done.hold, done.destructions) == (True, None, (destruction.id,))
    assert desk.held.state is S.DESTROYING
    assert _holds(desk) == []
    with desk.database.reading() as session:
        assert kinds(session, done.appeal.id) == ["appeal.incident"]
    _conclude(desk, done.appeal, AppealOutcome.UPHELD)
    with desk.database.reading() as session:
        assert len(decisions.of_dossier(session, desk.id)) == 1
        assert session.exec(select(Appeal)).one().closed_at == LATER
