"""A client withdraws the consent: silence at once, destruction later; under a hold it stays; a slip is undone."""

from datetime import date

import pytest

from registry import closures, confirming, holds, proposals, withdrawals
from registry.errors import RefusedError
from registry.states import RecordingState, Unlistenable
from registry.tables import ClosureCause, HoldReason, HoldScope, ProposedAct
from registry.withdrawals import Withdrawn
from tests.factories import accepted, fresh, kinds
from tests.registry.desk import LATER, Desk

pytestmark = pytest.mark.postgresql_later

S = RecordingState


def _withdraw(desk: Desk, recording: str | None = None, *, two: bool = False) -> Withdrawn:
    return desk.act(lambda tx: withdrawals.withdraw(tx, desk.id, "le client a écrit", recording_id=recording, two_people=two))


def test_silence_at_once(desk: Desk) -> None:
    """Whatever the state; retention is woken; a second time changes nothing."""
    desk.decide()
    desk.calm()
    done = _withdraw(desk)
    held = desk.held
    assert [one.id for one in done.recordings] == [held.id]
    assert (held.state, held.unlistenable, held.unlistenable_at, held.stale) == (S.DECIDED, Unlistenable.CONSENT_WITHDRAWN, LATER, True)
    with desk.database.reading() as session:
        assert kinds(session, held.id)[-1] == "recording.consent_withdrawn"
    with pytest.raises(RefusedError, match="withdrawn already"):
        _withdraw(desk)


def test_one_recording_or_all(desk: Desk) -> None:
    """The one that is named, else every one that is left."""
    other = accepted(desk.database, desk.file, b"another call")
    assert [one.id for one in _withdraw(desk, other.id).recordings] == [other.id]
    assert desk.held.unlistenable is None
    assert [one.id for one in _withdraw(desk).recordings] == [desk.recording.id]


def test_under_a_hold_it_stays(desk: Desk) -> None:
    """Silent, and the holds that keep it are told."""
    hold = desk.act(lambda tx: holds.place(tx, HoldScope.ALL, None, HoldReason.LITIGATION, "procès", review_on=date(2026, 9, 1))).hold
    assert hold is not None
    assert [one.id for one in _withdraw(desk).holds] == [hold.id]


def test_a_slip_is_undone(desk: Desk) -> None:
    """What silenced it before silences it again; a decision of meanwhile counts; without a withdrawal there is nothing to undo."""
    with pytest.raises(RefusedError, match="there is none"):
        desk.act(lambda tx: withdrawals.undo(tx, desk.id, "rien"))
    desk.act(lambda tx: closures.close(tx, desk.id, ClosureCause.GAVE_UP, "parti"))
    _withdraw(desk)
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: withdrawals.undo(tx, desk.id, "erreur"), by="system:cli")
    desk.act(lambda tx: withdrawals.undo(tx, desk.id, "erreur"))
    assert (desk.held.unlistenable, desk.held.unlistenable_at) == (Unlistenable.CLOSED, LATER)


def test_once_destruction_has_begun(desk: Desk) -> None:
    """Nothing is left to silence, and nothing can be undone."""
    _withdraw(desk)
    desk.begin()
    for what in (lambda: _withdraw(desk), lambda: desk.act(lambda tx: withdrawals.undo(tx, desk.id, "trop tard"))):
        with pytest.raises(RefusedError, match="destruction has begun"):
            what()


def test_with_two_people_silence_does_not_wait(desk: Desk) -> None:
    """Its moment is missing until the second one has confirmed it, so that nothing can follow from it."""
    done = _withdraw(desk, two=True)
    assert (done.waits, desk.held.unlistenable, desk.held.unlistenable_at) == (True, Unlistenable.CONSENT_WITHDRAWN, None)
    other = accepted(desk.database, desk.file, b"another call")
    _withdraw(desk, other.id, two=True)
    with desk.database.reading() as session:
        (waits,) = proposals.waiting(session)
    assert (waits.act, waits.target_id) == (ProposedAct.WITHDRAW_CONSENT, desk.id)
    with pytest.raises(RefusedError, match="withdraw --undo"):
        desk.act(lambda tx: confirming.refuse(tx, waits.id, "non"), by=desk.second)
    desk.act(lambda tx: confirming.confirm(tx, waits.id), by=desk.second)
    assert desk.held.unlistenable_at == fresh(desk.database, other).unlistenable_at == LATER


def test_undoing_settles_what_waited(desk: Desk) -> None:
    """Nothing is left to confirm."""
    _withdraw(desk, two=True)
    desk.act(lambda tx: withdrawals.undo(tx, desk.id, "erreur"))
    with desk.database.reading() as session:
        assert list(proposals.waiting(session)) == []
    assert desk.held.unlistenable is None
