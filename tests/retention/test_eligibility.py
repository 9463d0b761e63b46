"""May a recording be destroyed: every cause, every reason against, and what must hold whatever the facts."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import schemes
from registry.codes import Language
from registry.schemes import NotificationProof
from registry.states import RecordingState, Unlistenable
from registry.tables.decisions import AppealOutcome, ClosureCause, Proof
from registry.tables.holds import HoldReason, HoldScope
from retention import calendars, eligibility_words
from retention.clock_words import sentence
from retention.eligibility import assess
from retention.facts import AppealFact, Cause, ClosureFact, Eligible, Facts, HoldFact, NotYet, Reason
from retention.terms import Choices, combine
from tests.retention.making import DECIDED, ELIGIBLE, HANDED_OVER, HEARING, TERMS, decision, facts, notification

AT = datetime(2026, 6, 10, 12, 30, tzinfo=UTC)
DAY = timedelta(hours=24)
S, R = RecordingState, Reason
HOLD = HoldFact("hold_1", HoldScope.DOSSIER, HoldReason.LITIGATION, None)
OPEN = AppealFact("app_1", incident=False, closed_at=None, outcome=None)
UNDECIDED: dict[str, Any] = {"state": S.ACCEPTED, "decisions": (), "notifications": ()}


def _reasons(**changes: Any) -> tuple[Reason, ...]:
    found = assess(facts(**changes))
    assert isinstance(found, NotYet), found
    return found.reasons


def _eligible(**changes: Any) -> Eligible:
    found = assess(facts(**changes))
    assert isinstance(found, Eligible), found
    return found


def _closed(outcome: AppealOutcome, id_: str = "app_1", at: datetime = AT) -> AppealFact:
    return AppealFact(id_, incident=False, closed_at=at, outcome=outcome)


def test_the_time_to_contest_is_over() -> None:
    """Decided, handed over, two months: the cause, the instant, the steps, and what they follow from."""
    found = _eligible()
    assert (found.cause, found.at) == (Cause.APPEAL_PERIOD_OVER, ELIGIBLE)
    assert found.ground is not None
    assert (found.ground.decision.id, found.ground.notification.id) == ("dec_1", "not_1")
    assert (found.ground.notified_on, found.ground.appeal_last_day) == (HANDED_OVER, date(2026, 9, 1))
    assert len(found.steps) == 4


@pytest.mark.parametrize(
    ("cause", "at", "changes"),
    [
        (Cause.REPLACED, AT + DAY, {"unlistenable": Unlistenable.REPLACED, "unlistenable_at": AT}),
        (Cause.CONSENT_WITHDRAWN, AT + DAY, {"unlistenable": Unlistenable.CONSENT_WITHDRAWN, "unlistenable_at": AT}),
        (Cause.QUARANTINE_OVER, AT + DAY, {"state": S.REJECTED, "quarantine_until": AT}),
        (Cause.CONSENT_WAIT_OVER, datetime(2026, 6, 2, 22, tzinfo=UTC), {"state": S.AWAITING_CONSENT, "consent_until": date(2026, 6, 1)}),
        (Cause.SESSION_CANCELLED, AT + DAY, {"session_cancelled_at": AT}),
        (Cause.SESSION_CANCELLED, AT + DAY, {"closure": ClosureFact(ClosureCause.SESSION_CANCELLED, AT)}),
        (Cause.CLOSED_WITHOUT_DECISION, AT + DAY, {"closure": ClosureFact(ClosureCause.ABSENT, AT)}),
        (Cause.CLOSED_WITHOUT_DECISION, AT + DAY, {"closure": ClosureFact(ClosureCause.GAVE_UP, AT)}),
    ],
)
def test_early_causes(cause: Cause, at: datetime, changes: dict[str, Any]) -> None:
    """Each counts from its own moment, plus a day in which a slip can be undone; a hold keeps it, and its date can still be told."""
    found = _eligible(**UNDECIDED | changes)
    assert (found.cause, found.at, found.ground) == (cause, at, None)
    held = assess(facts(**UNDECIDED | changes | {"holds": (HOLD,)}))
    assert held == NotYet((R.HELD,), cause, at, found.steps, None, ("hold_1",))
    for language in Language:
        assert all("{" not in sentence(step, language) for step in found.steps)


@pytest.mark.parametrize(
    "changes",
    [
        {"unlistenable": Unlistenable.REPLACED},
        {"state": S.REJECTED},
        {"state": S.AWAITING_CONSENT},
    ],
)
def test_an_early_cause_without_its_moment_has_no_date(changes: dict[str, Any]) -> None:
    """Missing input is "not eligible", never "since ever"."""
    assert R.INSTANT_MISSING in _reasons(**UNDECIDED | changes)


def test_a_withdrawal_that_waits_for_a_second_person() -> None:
    """Silent at once, and not destroyed for it before somebody has confirmed; the decision's own end still comes."""
    waits = {"unlistenable": Unlistenable.CONSENT_WITHDRAWN}
    assert _reasons(**UNDECIDED | waits) == (R.WITHDRAWAL_UNCONFIRMED, R.NO_DECISION)
    assert _eligible(**waits).cause is Cause.APPEAL_PERIOD_OVER


def test_a_second_letter_that_waits_leaves_the_first_unclaimed() -> None:
    """The post handed it over, and nobody has confirmed that yet."""
    lost = notification(unclaimed=True, proof=None, handed_over_on=None, superseded_by="not_2")
    second = notification(id="not_2", handed_over_on=date(2026, 8, 3), needs_confirmation=True)
    assert _reasons(notifications=(lost, second)) == (R.UNCLAIMED,)
    assert _eligible(notifications=(lost, replace(second, confirmed_by="usr_2"))).cause is Cause.APPEAL_PERIOD_OVER


def test_what_was_withdrawn_or_refused_names_itself() -> None:
    """A refused correction leaves the version before it; a withdrawn notification, none."""
    refused = notification(id="not_2", handed_over_on=date(2026, 6, 25), superseded_by="not_2")
    assert _eligible(notifications=(notification(), refused)).at == ELIGIBLE
    assert _reasons(notifications=(notification(superseded_by="not_1"),)) == (R.NOT_NOTIFIED,)


def test_a_flag_is_no_cause() -> None:
    """A recording that an evaluator flagged is silent, and waits for a person."""
    assert _reasons(**UNDECIDED | {"unlistenable": Unlistenable.FLAGGED, "unlistenable_at": AT}) == (R.NO_DECISION,)


def test_which_causes_wait_for_a_notice() -> None:
    """A withdrawal, a replacement and an expired quarantine do not."""
    assert {cause for cause in Cause if not cause.waits_for_notice} == {Cause.CONSENT_WITHDRAWN, Cause.REPLACED, Cause.QUARANTINE_OVER}


@pytest.mark.parametrize("closing", [{"closure": ClosureFact(ClosureCause.ABSENT, AT)}, {"session_cancelled_at": AT}])
def test_a_decision_on_record_undoes_a_closure(closing: dict[str, Any]) -> None:
    """Whoever was heard was not absent: the decision's own clock runs, confirmed or not."""
    assert _eligible(**closing).cause is Cause.APPEAL_PERIOD_OVER
    unconfirmed = (decision(needs_confirmation=True),)
    assert _reasons(**closing, decisions=unconfirmed) == (R.DECISION_UNCONFIRMED,)


def test_a_withdrawal_comes_before_the_decision_s_end() -> None:
    """Of two causes the first one counts, and a hold keeps both."""
    gone = {"unlistenable": Unlistenable.CONSENT_WITHDRAWN, "unlistenable_at": AT}
    assert _eligible(**gone).cause is Cause.CONSENT_WITHDRAWN
    late = gone | {"unlistenable_at": ELIGIBLE}
    assert _eligible(**late).cause is Cause.APPEAL_PERIOD_OVER
    assert _reasons(**gone, holds=(HOLD,), appeals=(OPEN,)) == (R.HELD, R.APPEAL_OPEN)


@pytest.mark.parametrize(
    ("state", "reason"),
    [(S.RECEIVED, R.NOT_STORED), (S.CHECKING, R.NOT_STORED), (S.DESTROYING, R.BEING_DESTROYED), (S.DESTROYED, R.DESTROYED)],
)
def test_outside_the_question(state: RecordingState, reason: Reason) -> None:
    """What is not stored yet, or is on its way out, has no date, whatever else is true."""
    assert _reasons(state=state, unlistenable=Unlistenable.CONSENT_WITHDRAWN, unlistenable_at=AT) == (reason,)


@pytest.mark.parametrize(
    ("reason", "changes"),
    [
        (R.NO_DECISION, {"decisions": (), "notifications": ()}),
        (R.NOT_NOTIFIED, {"notifications": ()}),
        (R.NOTIFICATION_UNPROVEN, {"notifications": (notification(proof=None),)}),
        (R.NOTIFICATION_UNPROVEN, {"notifications": (notification(handed_over_on=None),)}),
        (R.NOTIFICATION_UNPROVEN, {"notifications": (notification(proof=Proof.SENT_PLUS_DAYS),)}),
        (R.UNCLAIMED, {"notifications": (notification(unclaimed=True, proof=None, handed_over_on=None),)}),
        (R.UNCLAIMED, {"notifications": (notification(unclaimed=True),)}),
        (R.UNCLAIMED, {"notifications": (notification(unclaimed=True, proof=Proof.REASONED_DATE),)}),
        (R.UNCLAIMED, {"notifications": (notification(unclaimed=True, proof=Proof.REASONED_DATE, confirmed_by="usr_1"),)}),
        (R.DECISION_UNCONFIRMED, {"decisions": (decision(needs_confirmation=True),)}),
        (R.DECISION_UNCONFIRMED, {"decisions": (decision(needs_confirmation=True, confirmed_by="usr_1"),)}),
        (R.NOTIFICATION_UNCONFIRMED, {"notifications": (notification(needs_confirmation=True),)}),
        (R.OUT_OF_ORDER, {"hearing_on": DECIDED + timedelta(days=1)}),
        (R.OUT_OF_ORDER, {"notifications": (notification(handed_over_on=DECIDED - timedelta(days=1), sent_on=HEARING),)}),
        (R.OUT_OF_ORDER, {"notifications": (notification(sent_on=HANDED_OVER + timedelta(days=1)),)}),
        (R.NOT_NOTIFIED, {"notifications": (notification(decision_id="dec_of_another"),)}),
        (R.APPEAL_AWAITS_DECISION, {"appeals": (_closed(AppealOutcome.REJECTED),)}),
        (R.APPEAL_AWAITS_DECISION, {"appeals": (_closed(AppealOutcome.UPHELD),)}),
    ],
)
def test_what_is_missing_gives_no_date(reason: Reason, changes: dict[str, Any]) -> None:
    """Never zero: each gap is named."""
    assert assess(facts(**changes)) == NotYet((reason,))


def test_two_people_are_two() -> None:
    """The second is not the first."""
    confirmed = {"needs_confirmation": True, "confirmed_by": "usr_2"}
    assert _eligible(decisions=(decision(**confirmed),), notifications=(notification(**confirmed),)).at == ELIGIBLE
    reasoned = notification(unclaimed=True, proof=Proof.REASONED_DATE, needs_confirmation=True, confirmed_by="usr_2")
    assert _eligible(notifications=(reasoned,)).at == ELIGIBLE


def test_what_proves_a_notification_is_the_scheme_s_setting() -> None:
    """An acknowledgement alone, or the sending plus some days."""
    only = replace(TERMS, proof=NotificationProof(handed_over=False))
    assert _reasons(terms=only) == (R.NOTIFICATION_UNPROVEN,)
    assert _eligible(terms=only, notifications=(notification(proof=Proof.ACKNOWLEDGED),)).at == ELIGIBLE
    presumed = replace(TERMS, proof=NotificationProof(sent_plus_days=5))
    sent = notification(proof=Proof.SENT_PLUS_DAYS, handed_over_on=None)
    found = _eligible(terms=presumed, notifications=(sent,))
    assert found.ground is not None
    assert found.ground.notified_on == date(2026, 6, 29)
    assert _reasons(terms=presumed, notifications=(replace(sent, unclaimed=True),)) == (R.UNCLAIMED,)


def test_a_second_letter_starts_the_clock() -> None:
    """The first was not claimed, the second was; of two that were handed over, the later counts."""
    lost = notification(unclaimed=True, proof=None, handed_over_on=None)
    second = notification(id="not_2", handed_over_on=date(2026, 8, 3))
    for first in (lost, notification()):
        found = _eligible(notifications=(first, second))
        assert found.ground is not None
        assert (found.ground.notification.id, found.ground.notified_on) == ("not_2", date(2026, 8, 3))


def test_a_correction_counts_at_once_where_one_person_suffices() -> None:
    """The newest version, and a notification of the corrected decision stays its own."""
    first, second = notification(superseded_by="not_2"), notification(id="not_2", handed_over_on=date(2026, 7, 15))
    decisions = (decision(superseded_by="dec_2"), decision(id="dec_2", decided_on=date(2026, 6, 23)))
    found = _eligible(decisions=decisions, notifications=(first, second))
    assert found.ground is not None
    assert (found.ground.decision.id, found.ground.notified_on) == ("dec_2", date(2026, 7, 15))


def test_a_correction_that_waits_can_delay_but_not_bring_forward() -> None:
    """Until somebody confirms it the later of the two dates holds; corrected to unclaimed, there is no date."""
    first = notification(superseded_by="not_2")
    sooner = notification(id="not_2", handed_over_on=date(2026, 6, 25), needs_confirmation=True)
    assert _eligible(notifications=(first, sooner)).at == ELIGIBLE
    later = replace(sooner, handed_over_on=date(2026, 7, 15))
    assert _eligible(notifications=(first, later)).at > ELIGIBLE
    assert _reasons(notifications=(first, replace(sooner, unclaimed=True, proof=None))) == (R.UNCLAIMED,)
    assert _eligible(notifications=(first, replace(sooner, confirmed_by="usr_2"))).at < ELIGIBLE


def test_a_decision_taken_back_is_none() -> None:
    """Its last version was superseded by nothing that is here."""
    assert _reasons(decisions=(decision(superseded_by="dec_none"),)) == (R.NO_DECISION,)


def test_a_correction_of_the_decision_that_waits_must_be_possible_too() -> None:
    """While somebody says that it was decided before the hearing, or after the notification, nothing is destroyed."""
    first = decision(superseded_by="dec_2")
    for decided_on in (HEARING - timedelta(days=1), HANDED_OVER + timedelta(days=1)):
        pending = decision(id="dec_2", decided_on=decided_on, needs_confirmation=True)
        assert _reasons(decisions=(first, pending)) == (R.OUT_OF_ORDER,)


def test_of_two_decisions_side_by_side_the_later_end_counts() -> None:
    """Recorded twice by mistake: both must have reached the candidate."""
    both = (decision(), decision(id="dec_2"))
    assert _reasons(decisions=both) == (R.NOT_NOTIFIED,)
    second = notification(id="not_2", decision_id="dec_2", handed_over_on=date(2026, 7, 15))
    for notifications in ((notification(), second), (second, notification())):
        assert _eligible(decisions=both, notifications=notifications).at == datetime(2026, 9, 15, 22, tzinfo=UTC)


def test_an_open_appeal_keeps_everything() -> None:
    """Also without its hold; one that came too late to stop anything does not."""
    assert _reasons(appeals=(OPEN,)) == (R.APPEAL_OPEN,)
    for late in (OPEN, _closed(AppealOutcome.REJECTED)):
        assert _eligible(appeals=(replace(late, incident=True),)).at == ELIGIBLE


@pytest.mark.parametrize("outcome", [AppealOutcome.WITHDRAWN, AppealOutcome.INADMISSIBLE])
def test_an_appeal_that_decides_nothing_leaves_the_first_clock(outcome: AppealOutcome) -> None:
    """Withdrawn, or ruled inadmissible: the decision stands as it was."""
    assert _eligible(appeals=(_closed(outcome),)).at == ELIGIBLE


@pytest.mark.parametrize("outcome", list(AppealOutcome))
def test_the_outcome_of_an_appeal_is_a_new_decision(outcome: AppealOutcome) -> None:
    """With its own notification and its own clock; the first one no longer counts."""
    ruled = decision(id="dec_2", decided_on=date(2026, 10, 5), after_appeal="app_1")
    appeals = (_closed(outcome),)
    assert _reasons(decisions=(decision(), ruled), appeals=appeals) == (R.NOT_NOTIFIED,)
    told = notification(id="not_2", decision_id="dec_2", sent_on=date(2026, 10, 7), handed_over_on=date(2026, 10, 9))
    for notifications in ((notification(), told), (told,)):
        found = _eligible(decisions=(decision(), ruled), appeals=appeals, notifications=notifications)
        assert found.at == datetime(2026, 12, 9, 23, tzinfo=UTC)
    again = _closed(AppealOutcome.REJECTED, "app_2", AT + DAY)
    assert _reasons(decisions=(decision(), ruled), appeals=(*appeals, again), notifications=(told,)) == (R.APPEAL_AWAITS_DECISION,)


def test_a_person_asks_the_commission_where_the_centre_wants_it() -> None:
    """The word must be of a day after the last one; until then the date is told, and nothing is destroyed."""
    terms = combine(schemes.load("cqp-ce"), Choices(recourse_check=True))
    for as_of in (None, date(2026, 9, 1)):
        found = assess(facts(terms=terms, recourse_checked_as_of=as_of))
        assert isinstance(found, NotYet)
        assert (found.reasons, found.at) == ((R.RECOURSE_UNCHECKED,), ELIGIBLE)
    assert _eligible(terms=terms, recourse_checked_as_of=date(2026, 9, 2)).at == ELIGIBLE
    gone = {"unlistenable": Unlistenable.CONSENT_WITHDRAWN, "unlistenable_at": ELIGIBLE}
    assert _eligible(terms=terms, **gone).cause is Cause.CONSENT_WITHDRAWN


@pytest.mark.parametrize("scheme", ["ucanss-gc", "ucanss-cos"])
def test_a_scheme_that_states_nothing_destroys_nothing(scheme: str) -> None:
    """By its decision, that is: a consent withdrawn still ends it."""
    terms = combine(schemes.load(scheme), Choices())
    assert _reasons(terms=terms) == (R.SCHEME_UNSTATED,)
    assert _eligible(terms=terms, unlistenable=Unlistenable.CONSENT_WITHDRAWN, unlistenable_at=AT).at == AT + DAY


def test_a_scheme_without_recourse() -> None:
    """From the day after the communication, plus the least time held."""
    found = _eligible(terms=combine(schemes.load("mutualite-ac"), Choices()))
    assert (found.cause, found.at) == (Cause.NO_RECOURSE, datetime(2026, 7, 16, 22, tzinfo=UTC))


def test_the_candidate_s_calendar_counts() -> None:
    """Two months after 26 October end on Saint Stephen's, which is off in Strasbourg."""
    handed = (notification(sent_on=date(2028, 10, 24), handed_over_on=date(2028, 10, 26)),)
    mainland = _eligible(notifications=handed).at
    assert _eligible(notifications=handed, calendars=calendars.of("67")).at == mainland + DAY


_INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 - the bounds are wanted naive
_DATES = st.dates(date(2026, 6, 1), date(2026, 12, 31))
_NOTIFICATIONS = st.builds(
    notification,
    sent_on=_DATES,
    handed_over_on=st.none() | _DATES,
    proof=st.none() | st.sampled_from(Proof),
    unclaimed=st.booleans(),
    needs_confirmation=st.booleans(),
    confirmed_by=st.sampled_from([None, "usr_1", "usr_2"]),
)
_ANY = st.builds(
    facts,
    state=st.sampled_from(RecordingState),
    unlistenable=st.none() | st.sampled_from(Unlistenable),
    unlistenable_at=st.none() | _INSTANTS,
    quarantine_until=st.none() | _INSTANTS,
    consent_until=st.none() | _DATES,
    session_cancelled_at=st.none() | _INSTANTS,
    closure=st.none() | st.builds(ClosureFact, st.sampled_from(ClosureCause), _INSTANTS),
    decisions=st.lists(st.builds(decision, decided_on=_DATES, needs_confirmation=st.booleans()), max_size=1).map(tuple),
    notifications=st.lists(_NOTIFICATIONS, max_size=2).map(
        lambda made: tuple(replace(one, id=f"not_{place}") for place, one in enumerate(made))
    ),
    appeals=st.lists(
        st.builds(
            AppealFact,
            st.sampled_from(["app_1", "app_2"]),
            incident=st.booleans(),
            closed_at=st.none() | _INSTANTS,
            outcome=st.none() | st.sampled_from(AppealOutcome),
        ),
        max_size=2,
    ).map(tuple),
    recourse_checked_as_of=st.none() | _DATES,
)


@given(_ANY)
def test_a_hold_always_wins(some: Facts) -> None:
    """Whatever else is true, nothing is eligible under a hold, and the hold is named."""
    found = assess(replace(some, holds=(HOLD,)))
    assert isinstance(found, NotYet)
    assert found.reasons
    assert found.held_by == ("hold_1",) or found.reasons[0] in {R.NOT_STORED, R.BEING_DESTROYED, R.DESTROYED}


@given(_ANY)
def test_nothing_is_eligible_without_its_grounds(some: Facts) -> None:
    """An open appeal, two months from any proven hand-over, the delay of an early cause: no date comes before them."""
    found = assess(some)
    if isinstance(found, NotYet):
        assert found.reasons
        return
    assert not any(appeal.closed_at is None and not appeal.incident for appeal in some.appeals)
    if found.ground is None:
        begun = [some.unlistenable_at, some.quarantine_until, some.session_cancelled_at, some.closure and some.closure.closed_at]
        waited = [datetime(day.year, day.month, day.day, 22, tzinfo=UTC) for day in (some.consent_until,) if day]
        assert found.at - DAY in {*begun, *waited, *(one + timedelta(hours=1) for one in waited)}
        return
    earliest = found.ground.notified_on + timedelta(days=59)
    assert found.at.date() >= earliest
    assert found.ground.notified_on >= found.ground.decision.decided_on >= some.hearing_on


@given(_ANY, _NOTIFICATIONS)
def test_one_more_letter_never_brings_the_end_forward(some: Facts, more: Any) -> None:
    """A proven one can only be later; an unproven one changes nothing."""
    before = assess(some)
    after = assess(replace(some, notifications=(*some.notifications, replace(more, id="not_9"))))
    if isinstance(before, Eligible) and isinstance(after, Eligible) and before.ground and after.ground:
        assert after.at >= before.at


def test_every_cause_and_reason_has_its_words() -> None:
    """In both languages, each its own."""
    for language in Language:
        causes = [eligibility_words.cause(one, language) for one in Cause]
        reasons = [eligibility_words.reason(one, language) for one in Reason]
        assert len(set(causes)) == len(Cause)
        assert len(set(reasons)) == len(Reason)
        assert all(one.endswith(".") for one in reasons)
