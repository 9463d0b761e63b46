"""Nothing lives for ever unseen: what is told to the compliance officer, and again each month."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from registry.states import RecordingState, Unlistenable
from retention.escalation import Escalation, Lingering, escalation
from tests.retention.making import decision, facts, notification

UNDECIDED: dict[str, Any] = {"state": RecordingState.RELEASED, "decisions": (), "notifications": ()}


@pytest.mark.parametrize(
    ("today", "round_"), [(date(2027, 3, 14), None), (date(2027, 3, 15), 0), (date(2027, 4, 14), 0), (date(2027, 4, 15), 1)]
)
def test_no_decision_nine_months_after_the_hearing(today: date, round_: int | None) -> None:
    """From the day itself, then a new round each month."""
    found = escalation(facts(**UNDECIDED), today)
    assert found == (None if round_ is None else Escalation(Lingering.UNDECIDED, date(2027, 3, 15), round_))


@pytest.mark.parametrize("letters", [(), (notification(unclaimed=True, proof=None, handed_over_on=None),), (notification(proof=None),)])
def test_a_decision_that_reached_nobody(letters: tuple[Any, ...]) -> None:
    """Not sent, not claimed, not proven: thirty days after the decision."""
    assert escalation(facts(notifications=letters), date(2026, 7, 21)) is None
    assert escalation(facts(notifications=letters), date(2026, 7, 22)) == Escalation(Lingering.UNNOTIFIED, date(2026, 7, 22), 0)


def test_of_two_decisions_the_later_is_waited_for() -> None:
    """Recorded twice by mistake, on two days."""
    both = (decision(), decision(id="dec_2", decided_on=date(2026, 6, 29)))
    assert escalation(facts(decisions=both), date(2026, 7, 28)) is None
    assert escalation(facts(decisions=both), date(2026, 7, 29)) == Escalation(Lingering.UNNOTIFIED, date(2026, 7, 29), 0)


def test_what_has_its_end_is_not_told() -> None:
    """Notified, or ending by an early cause, or unconfirmed before the nine months."""
    far = date(2030, 1, 1)
    assert escalation(facts(), far) is None
    gone = {"unlistenable": Unlistenable.CONSENT_WITHDRAWN, "unlistenable_at": datetime(2026, 6, 1, tzinfo=UTC)}
    assert escalation(facts(**UNDECIDED | gone), far) is None
    assert escalation(facts(decisions=(decision(needs_confirmation=True),)), date(2026, 7, 22)) is None
    assert escalation(facts(**UNDECIDED | {"state": RecordingState.DESTROYED}), far) is None
