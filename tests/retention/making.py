"""Facts of one recording, to be changed one at a time: accepted, decided, handed over, nothing in the way."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from registry import schemes
from registry.states import RecordingState
from registry.tables.decisions import Channel, Proof
from retention.facts import DecisionVersion, Facts, NotificationVersion
from retention.terms import Choices, combine

TERMS = combine(schemes.load("cqp-ce"), Choices())
HEARING = date(2026, 6, 15)
DECIDED = date(2026, 6, 22)
HANDED_OVER = date(2026, 7, 1)
ELIGIBLE = datetime(2026, 9, 1, 22, tzinfo=UTC)
"""1 September 2026 is a Tuesday, the last day to contest."""


def decision(**changes: Any) -> DecisionVersion:
    """Make the jury's decision, of one version."""
    made = DecisionVersion("dec_1", DECIDED, None, None, needs_confirmation=False, recorded_by="usr_1", confirmed_by=None)
    return replace(made, **changes)


def notification(**changes: Any) -> NotificationVersion:
    """Make its notification: a registered letter, handed over."""
    made = NotificationVersion(
        id="not_1",
        decision_id="dec_1",
        channel=Channel.REGISTERED_LETTER,
        sent_on=date(2026, 6, 24),
        handed_over_on=HANDED_OVER,
        proof=Proof.HANDED_OVER,
        unclaimed=False,
        superseded_by=None,
        needs_confirmation=False,
        recorded_by="usr_1",
        confirmed_by=None,
    )
    return replace(made, **changes)


def facts(**changes: Any) -> Facts:
    """Make the facts of a recording that is eligible once the time to contest is over."""
    made = Facts(
        state=RecordingState.DECIDED,
        unlistenable=None,
        unlistenable_at=None,
        quarantine_until=None,
        consent_until=None,
        hearing_on=HEARING,
        session_cancelled_at=None,
        closure=None,
        decisions=(decision(),),
        notifications=(notification(),),
        appeals=(),
        holds=(),
        recourse_checked_as_of=None,
        terms=TERMS,
        calendars=TERMS.calendars,
    )
    return replace(made, **changes)
