"""Notifications: recorded when sent, completed when the post answers, corrected with a reason; unclaimed letters and what follows them."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from registry import decisions, notifying
from registry.days import OldDayError
from registry.errors import RefusedError
from registry.notifying import Said
from registry.tables import Channel, Notification, Proof
from registry.versions import Change
from tests.factories import kinds
from tests.registry.desk import HANDED_OVER, LETTER, SENT, Desk

pytestmark = pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)  # the locks and queries are tried on both kinds elsewhere
AGAIN = date(2026, 7, 6)


@pytest.fixture
def told(desk: Desk) -> Desk:
    """A desk whose dossier has its decision."""
    desk.decide()
    desk.calm()
    return desk


def _standing(desk: Desk) -> Notification:
    with desk.database.reading() as session:
        decision = decisions.standing(session, desk.id)
        assert decision is not None
        found = decisions.letter_of(session, decision)
        assert found is not None
        return found


def test_a_letter_is_recorded_then_completed(told: Desk) -> None:
    """What is left out keeps what was said; adding what was not known is no correction; the same again changes nothing."""
    assert told.notify(Said(Channel.REGISTERED_LETTER, SENT)).change is Change.RECORDED
    assert told.held.stale
    assert told.notify(Said(handed_over_on=HANDED_OVER, proof=Proof.HANDED_OVER)).change is Change.COMPLETED
    assert told.notify().change is Change.UNCHANGED
    row = _standing(told)
    assert (row.channel, row.sent_on, row.handed_over_on, row.proof) == (Channel.REGISTERED_LETTER, SENT, HANDED_OVER, Proof.HANDED_OVER)
    with told.database.reading() as session:
        assert kinds(session, row.id) == ["notification.completed"]


def test_a_correction_needs_a_reason(told: Desk) -> None:
    """Each fact that was said and changes: the day, the channel, that it came back after all."""
    told.notify()
    for said in (Said(handed_over_on=date(2026, 6, 26)), Said(channel=Channel.REGISTERED_MAIL), Said(unclaimed=True)):
        with pytest.raises(RefusedError, match="--reason"):
            told.notify(said)
        assert told.notify(said, reason="relu sur l’avis").change is Change.CORRECTED
    row = _standing(told)
    assert (row.unclaimed, row.handed_over_on, row.proof, row.attempt) == (True, None, None, 1)


def test_a_corrected_decision_keeps_its_notification(told: Desk) -> None:
    """It names the earlier version, and is found all the same."""
    row = told.notify().row
    told.decide(date(2026, 6, 21), reason="le 21")
    assert _standing(told).id == row.id


_IMPOSSIBLE = (
    (replace(LETTER, sent_on=date(2026, 6, 19)), "before the decision"),
    (replace(LETTER, handed_over_on=date(2026, 6, 21)), "before it was sent"),
    (replace(LETTER, sent_on=date(2026, 7, 11)), "in the future"),
    (replace(LETTER, handed_over_on=date(2026, 7, 11)), "in the future"),
    (replace(LETTER, handed_over_on=None), "--handed-over"),
    (replace(LETTER, channel=Channel.BY_HAND), "--proof acknowledged"),
    (replace(LETTER, proof=Proof.REASONED_DATE), "two people"),
    (replace(LETTER, unclaimed=True), "one of the two"),
    (Said(Channel.MAIL, SENT, unclaimed=True), "correct the channel"),
    (Said(sent_on=SENT), "--channel"),
    (Said(Channel.LETTER), "--sent"),
)


def test_what_cannot_be(told: Desk) -> None:
    """Impossible orders and contradictions are refused with what to do; nothing is written."""
    for said, why in _IMPOSSIBLE:
        with pytest.raises(RefusedError, match=why):
            told.notify(said)
    assert not told.held.stale


def test_without_a_decision(desk: Desk) -> None:
    """There is nothing to notify."""
    with pytest.raises(RefusedError, match="decide"):
        desk.notify()


def test_by_hand_it_is_sent_the_day_that_it_is_signed(told: Desk) -> None:
    """One day is enough."""
    row = told.notify(Said(Channel.BY_HAND, None, HANDED_OVER, Proof.ACKNOWLEDGED)).row
    assert (row.sent_on, row.handed_over_on) == (HANDED_OVER, HANDED_OVER)


def test_a_day_long_past(told: Desk) -> None:
    """Asked about again, each of the two."""
    told.now = datetime(2026, 12, 23, tzinfo=UTC)
    with pytest.raises(OldDayError, match="sent on"):
        told.notify()


def test_after_an_unclaimed_letter_a_second_one(told: Desk) -> None:
    """A later sending is a second attempt; the old list imported again changes nothing; a correction is told apart."""
    told.notify(Said(Channel.REGISTERED_LETTER, SENT))
    assert told.notify(Said(unclaimed=True)).change is Change.COMPLETED
    assert told.notify(Said(Channel.REGISTERED_LETTER, SENT, unclaimed=True)).change is Change.UNCHANGED
    second = told.notify(Said(sent_on=AGAIN))
    assert (second.change, second.row.attempt, second.row.unclaimed, second.row.channel) == (
        Change.RECORDED,
        2,
        False,
        Channel.REGISTERED_LETTER,
    )
    assert told.notify(Said(Channel.REGISTERED_LETTER, SENT, unclaimed=True)).change is Change.UNCHANGED
    corrected = told.notify(Said(sent_on=date(2026, 7, 7)), reason="cachet relu")
    assert (corrected.change, corrected.row.attempt) == (Change.CORRECTED, 2)


def test_a_wrong_day_is_no_second_letter(told: Desk) -> None:
    """Where the person says so."""
    told.notify(Said(Channel.REGISTERED_LETTER, SENT, unclaimed=True))
    row = told.notify(Said(sent_on=AGAIN), correct=True, reason="mal lu").row
    assert (row.attempt, row.unclaimed) == (1, True)


def test_a_letter_that_was_claimed_after_all(told: Desk) -> None:
    """A handing-over takes *unclaimed* back, with a reason."""
    told.notify(Said(Channel.REGISTERED_LETTER, SENT, unclaimed=True))
    row = told.notify(Said(handed_over_on=HANDED_OVER, proof=Proof.HANDED_OVER), reason="avis retrouvé").row
    assert (row.unclaimed, row.handed_over_on, row.attempt) == (False, HANDED_OVER, 1)


def test_a_reasoned_date_needs_two_letters_and_two_people(told: Desk) -> None:
    """Only after the second came back, by a named person, and it waits for another one whatever the setting."""
    on = date(2026, 7, 8)
    told.notify(Said(Channel.REGISTERED_LETTER, SENT, unclaimed=True))
    with pytest.raises(RefusedError, match="second letter"):
        told.act(lambda tx: notifying.reason_date(tx, told.id, on, "revenu deux fois"))
    told.notify(Said(sent_on=AGAIN, unclaimed=True))
    with pytest.raises(RefusedError, match="--by"):
        told.act(lambda tx: notifying.reason_date(tx, told.id, on, "revenu deux fois"), by="system:cli")
    with pytest.raises(RefusedError, match="before it was sent"):
        told.act(lambda tx: notifying.reason_date(tx, told.id, date(2026, 7, 5), "revenu deux fois"))
    done = told.act(lambda tx: notifying.reason_date(tx, told.id, on, "revenu deux fois"))
    assert (done.waits, done.row.proof, done.row.handed_over_on, done.row.unclaimed) == (True, Proof.REASONED_DATE, on, False)


def test_a_notification_is_withdrawn(told: Desk) -> None:
    """No clock runs; another can be recorded; nothing is left to withdraw twice."""
    told.notify()
    gone = told.act(lambda tx: notifying.withdraw(tx, told.id, "envoyée à un autre"))
    assert gone.superseded_by == gone.id
    with pytest.raises(RefusedError, match="nothing to withdraw"):
        told.act(lambda tx: notifying.withdraw(tx, told.id, "encore"))
    assert told.notify().change is Change.RECORDED


def test_nothing_changes_once_destruction_has_begun(told: Desk) -> None:
    """Neither a correction, a withdrawal, nor a reasoned date."""
    told.notify()
    told.begin()
    with pytest.raises(RefusedError, match="has begun"):
        told.notify(Said(handed_over_on=date(2026, 6, 26)), reason="non")
    with pytest.raises(RefusedError, match="has begun"):
        told.act(lambda tx: notifying.withdraw(tx, told.id, "non"))
    with pytest.raises(RefusedError, match="has begun"):
        told.act(lambda tx: notifying.reason_date(tx, told.id, HANDED_OVER, "non"))
