"""Two people: nothing that starts a clock or ends a recording counts on one person's word; the second one is another."""

from collections.abc import Callable
from datetime import date

import pytest
from sqlmodel import select

from registry import appeals, closures, confirming, decisions, dossiers, notifying, outcomes, recourse_checks, versions
from registry.database import Transaction
from registry.errors import RefusedError
from registry.states import RecordingState, Unlistenable
from registry.tables import Appeal, AppealOutcome, ClosureCause, Decision, EvaluationSession, Proposal, RecourseCheck
from registry.waiting import Waiting, waiting
from tests.factories import kinds
from tests.registry.desk import DECIDED, HANDED_OVER, LETTER, Desk

pytestmark = pytest.mark.postgresql_later

S = RecordingState
RULED = date(2026, 7, 10)


def _waits(desk: Desk) -> list[Waiting]:
    with desk.database.reading() as session:
        return waiting(session)


def _confirm(desk: Desk, what: str, by: str | None = None) -> None:
    desk.act(lambda tx: confirming.confirm(tx, what), by or desk.second)


def _refuse(desk: Desk, what: str) -> None:
    desk.act(lambda tx: confirming.refuse(tx, what, "je ne le vois nulle part"), desk.second)


def _counting(desk: Desk) -> date | None:
    with desk.database.reading() as session:
        found = decisions.counting(session, desk.id)
        return found.decided_on if found else None


def test_a_decision_waits(desk: Desk) -> None:
    """The recording stays with the evaluators until another person has confirmed; then it is decided, and retention woken."""
    told = desk.decide(two=True)
    assert (told.waits, desk.held.state, _counting(desk)) == (True, S.ACCEPTED, None)
    (waits,) = _waits(desk)
    assert (waits.id, waits.what, dict(waits.says), waits.recorded_by) == (
        told.row.id,
        "decision",
        {"decided_on": DECIDED.isoformat()},
        desk.first,
    )
    desk.calm()
    _confirm(desk, told.row.id)
    assert (desk.seen(), _counting(desk), _waits(desk)) == ((S.DECIDED, True), DECIDED, [])
    with desk.database.reading() as session:
        row = session.get_one(Decision, told.row.id)
        assert (row.confirmed_by, row.confirmed_at) == (desk.second, desk.now)
        assert kinds(session, row.id) == ["decision.recorded", "decision.confirmed"]


def test_the_second_person_is_another_one(desk: Desk) -> None:
    """Neither the same, nor a machine's account, nor one who is not there; nor is a fact recorded by one."""
    told = desk.decide(two=True)
    for by, said in ((desk.first, "nobody confirms"), ("system:cli", "--by"), ("usr_" + "0" * 32, "--by")):
        with pytest.raises(RefusedError, match=said):
            _confirm(desk, told.row.id, by)
    assert desk.held.state is S.ACCEPTED
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: decisions.record(tx, desk.id, date(2026, 6, 21), two_people=True, reason="x"), "system:cli")
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: notifying.record(tx, desk.id, LETTER, two_people=True), "system:cli")


def test_nothing_waits_under_that_name(desk: Desk) -> None:
    """Refused with where to look, confirmed or refused."""
    for what in ("dec_0", "ntf_0", "prp_0", "rec_0", "nothing"):
        for act in (_confirm, _refuse):
            with pytest.raises(RefusedError, match="nothing waits"):
                act(desk, what)


def test_nothing_is_confirmed_twice(desk: Desk) -> None:
    """Nor refused once it counts."""
    told = desk.decide(two=True)
    _confirm(desk, told.row.id)
    for act in (_confirm, _refuse):
        with pytest.raises(RefusedError, match="nothing waits"):
            act(desk, told.row.id)


def test_a_correction_waits_and_is_refused(desk: Desk) -> None:
    """Until then the earlier version counts, and is shown beside it; refused, it is the newest again."""
    desk.decide()
    told = desk.decide(date(2026, 6, 18), two=True, reason="le 18")
    assert _counting(desk) == DECIDED
    (waits,) = _waits(desk)
    assert dict(waits.until_then) == {"decided_on": DECIDED.isoformat()}
    _refuse(desk, told.row.id)
    with desk.database.reading() as session:
        standing = decisions.standing(session, desk.id)
        assert standing is not None
        assert (standing.decided_on, standing.superseded_by) == (DECIDED, None)
    assert (desk.held.state, _waits(desk)) == (S.DECIDED, [])


def test_a_correction_of_what_waits(desk: Desk) -> None:
    """Only the newest waits; the first person may confirm the other's correction."""
    desk.decide(two=True)
    told = desk.decide(date(2026, 6, 18), two=True, reason="le 18", by=desk.second)
    assert [one.id for one in _waits(desk)] == [told.row.id]
    _confirm(desk, told.row.id, desk.first)
    assert _counting(desk) == date(2026, 6, 18)


def test_a_notification_waits(desk: Desk) -> None:
    """As a decision does; also a reasoned date, whatever the setting."""
    desk.decide()
    told = desk.notify(two=True)
    (waits,) = _waits(desk)
    assert (waits.what, waits.says["handed_over_on"], dict(waits.until_then)) == ("notification", HANDED_OVER.isoformat(), {})
    _refuse(desk, told.row.id)
    assert _waits(desk) == []
    again = desk.notify(two=True)
    desk.calm()
    _confirm(desk, again.row.id)
    assert desk.held.stale
    with desk.database.reading() as session:
        standing = decisions.standing(session, desk.id)
        assert standing is not None
        letter = decisions.letter_of(session, standing)
        assert letter is not None
        assert versions.vouched(letter)


def test_what_no_longer_holds_is_not_confirmed(desk: Desk) -> None:
    """A decision that moved past its notification meanwhile; and nothing once destruction has begun."""
    first = desk.decide().row
    told = desk.notify(two=True)

    def later(tx: Transaction) -> None:
        row = tx.lock(Decision, first.id)
        row.decided_on = date(2026, 6, 30)
        tx.record("test.moved", row.id)

    desk.act(later)
    with pytest.raises(RefusedError, match="before the decision"):
        _confirm(desk, told.row.id)
    desk.begin()
    with pytest.raises(RefusedError, match="has begun"):
        _confirm(desk, told.row.id)


def test_a_ruling_waits_with_its_appeal(desk: Desk) -> None:
    """The appeal stays open and its hold stands until the new decision is confirmed; refused, the appeal has no outcome."""
    desk.decide()
    done = desk.act(lambda tx: appeals.record(tx, desk.id, received_on=date(2026, 7, 8)))

    def conclude() -> str:
        desk.act(lambda tx: outcomes.conclude(tx, done.appeal.id, AppealOutcome.REJECTED, RULED, "avis", two_people=True))
        (waits,) = _waits(desk)
        assert waits.says["after_appeal"] == done.appeal.id
        return waits.id

    def appeal() -> Appeal:
        with desk.database.reading() as session:
            return session.get_one(Appeal, done.appeal.id)

    _refuse(desk, conclude())
    assert (appeal().outcome, appeal().closed_at) == (None, None)
    what = conclude()
    assert (appeal().outcome, appeal().closed_at) == (AppealOutcome.REJECTED, None)
    _confirm(desk, what)
    assert appeal().closed_at == desk.now
    with desk.database.reading() as session:
        assert appeals.open_ones(session, desk.id) == []


@pytest.mark.parametrize("end", [_confirm, _refuse])
def test_an_appeal_that_is_withdrawn_waits(desk: Desk, end: Callable[[Desk, str], None]) -> None:
    """It has no decision of its own: the outcome itself is proposed."""
    desk.decide()
    done = desk.act(lambda tx: appeals.record(tx, desk.id, received_on=date(2026, 7, 8)))
    desk.act(lambda tx: outcomes.conclude(tx, done.appeal.id, AppealOutcome.WITHDRAWN, RULED, "lettre", two_people=True))
    (waits,) = _waits(desk)
    assert (waits.what, dict(waits.says)) == ("end_appeal", {"outcome": "withdrawn"})
    with desk.database.reading() as session:
        assert len(appeals.open_ones(session, desk.id)) == 1
    end(desk, waits.id)
    with desk.database.reading() as session:
        found = session.get_one(Appeal, done.appeal.id)
    assert (found.closed_at, found.outcome) == ((desk.now, AppealOutcome.WITHDRAWN) if end is _confirm else (None, None))


@pytest.mark.parametrize("end", [_confirm, _refuse])
def test_a_closure_waits(desk: Desk, end: Callable[[Desk, str], None]) -> None:
    """Nothing is true of it before; the same cannot be proposed twice."""
    done = desk.act(lambda tx: closures.close(tx, desk.id, ClosureCause.ABSENT, "jamais venu", two_people=True))
    assert isinstance(done, Proposal)
    assert desk.held.unlistenable is None
    with pytest.raises(RefusedError, match="waits for a second person already"):
        desk.act(lambda tx: closures.close(tx, desk.id, ClosureCause.ABSENT, "encore", two_people=True))
    (waits,) = _waits(desk)
    assert (waits.what, dict(waits.says), waits.dossier_id) == ("close_dossier", {"cause": "absent"}, desk.id)
    with pytest.raises(RefusedError, match="nobody confirms"):
        _confirm(desk, waits.id, desk.first)
    end(desk, waits.id)
    with desk.database.reading() as session:
        closure = dossiers.closure(session, desk.id)
    assert (closure is not None, desk.held.unlistenable) == ((True, Unlistenable.CLOSED) if end is _confirm else (False, None))
    assert _waits(desk) == []


def test_a_word_about_the_commission_waits(desk: Desk) -> None:
    """It counts for nothing before; alone, it counts at once; by a named person, about a day that has ended."""
    session_id, yesterday = desk.file.session.id, date(2026, 7, 9)

    def said(*, two: bool = False, day: date = yesterday) -> object:
        return desk.act(lambda tx: recourse_checks.record(tx, session_id, day, "appel téléphonique", two_people=two))

    def on_record() -> list[tuple[date, str]]:
        with desk.database.reading() as session:
            return [(one.as_of, one.recorded_by) for one in session.exec(select(RecourseCheck))]

    said(two=True)
    (waits,) = _waits(desk)
    assert (waits.what, dict(waits.says), on_record()) == ("check_recourse", {"as_of": "2026-07-09"}, [])
    _confirm(desk, waits.id)
    assert on_record() == [(yesterday, desk.first)]
    assert desk.held.stale
    said(day=date(2026, 7, 8))
    assert len(on_record()) == 2
    with pytest.raises(RefusedError, match="has not ended"):
        said(day=date(2026, 7, 10))
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: recourse_checks.record(tx, session_id, yesterday, "x"), "system:cli")
    with pytest.raises(RefusedError, match="check the identifier"):
        desk.act(lambda tx: recourse_checks.record(tx, "ses_0", yesterday, "x"))


def test_a_cancellation_waits(desk: Desk) -> None:
    """And is not confirmed once the jury has decided."""
    desk.act(lambda tx: closures.cancel(tx, desk.file.session.id, "grève", two_people=True))
    (waits,) = _waits(desk)
    assert (waits.what, waits.session_id, waits.dossier_id) == ("cancel_session", desk.file.session.id, None)
    decision = desk.decide()
    with pytest.raises(RefusedError, match="took place"):
        _confirm(desk, waits.id)
    assert decision.row.id
    desk.act(lambda tx: decisions.withdraw(tx, desk.id, "erreur"))
    _confirm(desk, waits.id)
    with desk.database.reading() as session:
        assert session.get_one(EvaluationSession, desk.file.session.id).cancelled_at == desk.now
        assert waiting(session, "ses_0") == []
