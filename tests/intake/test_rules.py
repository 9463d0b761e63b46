"""The rules against the domain's page: every code, every boundary day, in every order."""

import itertools
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.rules import Attested, Facts, call_date_codes, decide
from registry import schemes
from registry.clock import PARIS, civil_date
from registry.codes import REFUSING, REVIEWING, WARNING, Answer, Code
from registry.schemes import AgeBoundary, RecordingRules
from registry.states import RecordingState

_SCHEME = schemes.load("cqp-ce").recording
assert _SCHEME is not None
RULES: RecordingRules = _SCHEME
HEARING, DEADLINE, RECEIVED, CALL = date(2026, 6, 15), date(2026, 5, 25), date(2026, 5, 12), date(2026, 5, 4)
GOOD = Facts((), (), RULES, RECEIVED, DEADLINE, HEARING, Attested(CALL, CALL))
OF_THE_FILE = sorted((REFUSING | REVIEWING) - {Code.TOO_OLD, Code.FUTURE_DATE, Code.CONSENT_LATE, Code.WRONG_UNIT, Code.LATE})


def test_all_rules_hold() -> None:
    """Received, with nothing more to do."""
    ruling = decide(GOOD)
    assert (ruling.answer, ruling.state, ruling.codes) == (Answer.RECEIVED, RecordingState.ACCEPTED, ())


@pytest.mark.parametrize("code", sorted(REFUSING))
def test_each_refusing_code_refuses(code: Code) -> None:
    """The page's list of refusals, each alone."""
    told = {
        Code.TOO_OLD: replace(GOOD, attested=Attested(date(2025, 6, 15), date(2025, 6, 15))),
        Code.FUTURE_DATE: replace(GOOD, attested=Attested(RECEIVED + timedelta(days=1), CALL)),
        Code.CONSENT_LATE: replace(GOOD, attested=Attested(CALL, CALL + timedelta(days=1))),
        Code.WRONG_UNIT: replace(GOOD, rules=None),
    }.get(code, replace(GOOD, found=(code,)))
    ruling = decide(told)
    assert (ruling.answer, ruling.state, ruling.codes) == (Answer.REFUSED, RecordingState.REJECTED, (code,))


@pytest.mark.parametrize("code", sorted(REVIEWING))
def test_each_doubt_goes_to_a_person(code: Code) -> None:
    """The page's list of what the centre checks, each alone."""
    told = replace(GOOD, received_on=DEADLINE + timedelta(days=1)) if code is Code.LATE else replace(GOOD, found=(code,))
    ruling = decide(told)
    assert (ruling.answer, ruling.state, ruling.codes) == (Answer.TO_REVIEW, RecordingState.TO_REVIEW, (code,))


@pytest.mark.parametrize("code", sorted(WARNING))
def test_no_warning_ever_refuses(code: Code) -> None:
    """A warning changes neither answer nor state, and is kept."""
    ruling = decide(replace(GOOD, warnings=(code,)))
    assert (ruling.answer, ruling.codes, ruling.warnings) == (Answer.RECEIVED, (), (code,))


@pytest.mark.parametrize("attested", [None, Attested(None, None), Attested(None, CALL)])
def test_no_attestation_or_no_date_waits(attested: Attested | None) -> None:
    """Without a record, or without the call's day, the recording waits."""
    ruling = decide(replace(GOOD, attested=attested))
    assert (ruling.answer, ruling.state) == (Answer.AWAITING_CONSENT, RecordingState.AWAITING_CONSENT)


@pytest.mark.parametrize(("refusing", "doubted", "attested"), list(itertools.product([False, True], repeat=3)))
def test_the_first_answer_that_applies(refusing: bool, doubted: bool, attested: bool) -> None:  # noqa: FBT001 - a truth table
    """Refused before waiting, waiting before to check, to check before received: all eight cases."""
    found = (*([Code.SILENT] if doubted else []), *([Code.TOO_LONG] if refusing else []))
    ruling = decide(replace(GOOD, found=found, attested=GOOD.attested if attested else None))
    expected = Answer.REFUSED if refusing else Answer.AWAITING_CONSENT if not attested else Answer.TO_REVIEW if doubted else Answer.RECEIVED
    assert ruling.answer is expected
    assert set(ruling.codes) == set(found)
    assert not refusing or ruling.codes[0] is Code.TOO_LONG


@pytest.mark.parametrize(
    ("hearing", "first"),
    [
        (date(2026, 6, 15), date(2025, 6, 16)),
        (date(2028, 2, 29), date(2027, 3, 1)),
        (date(2029, 2, 28), date(2028, 2, 29)),
        (date(2029, 3, 1), date(2028, 3, 2)),
        (date(2026, 1, 1), date(2025, 1, 2)),
        (date(2026, 12, 31), date(2026, 1, 1)),
    ],
)
def test_the_earliest_day_of_the_call(hearing: date, first: date) -> None:
    """Strictly less than a calendar year before the hearing; 29 February clamps to the 28th; the printed day is the judged day."""
    assert RULES.earliest_call_date(hearing) == first
    assert call_date_codes(first, hearing_on=hearing, today=hearing, rules=RULES) == []
    assert call_date_codes(first - timedelta(days=1), hearing_on=hearing, today=hearing, rules=RULES) == [Code.TOO_OLD]


def test_the_inclusive_boundary() -> None:
    """A scheme that says otherwise takes the very day, one year before."""
    inclusive = RULES.model_copy(update={"age_boundary": AgeBoundary.INCLUSIVE})
    assert inclusive.earliest_call_date(date(2026, 6, 15)) == date(2025, 6, 15)
    assert inclusive.earliest_call_date(date(2028, 2, 29)) == date(2027, 2, 28)


def test_a_call_of_today_is_not_in_the_future() -> None:
    """The day itself is admitted, the next is not."""
    assert call_date_codes(RECEIVED, hearing_on=HEARING, today=RECEIVED, rules=RULES) == []
    assert call_date_codes(RECEIVED + timedelta(days=1), hearing_on=HEARING, today=RECEIVED, rules=RULES) == [Code.FUTURE_DATE]


def test_consent_of_the_same_day_is_not_late() -> None:
    """Only a day after the call's is; nothing is presumed from the order within a day."""
    assert decide(GOOD).codes == ()
    assert decide(replace(GOOD, attested=Attested(CALL, CALL - timedelta(days=400)))).codes == ()


@pytest.mark.parametrize(
    ("instant", "late"),
    [
        (datetime(2026, 5, 25, 23, 59, 59, 999_000, PARIS), False),
        (datetime(2026, 5, 26, 0, 0, 0, 0, PARIS), True),
        (datetime(2026, 5, 25, 21, 59, 59, 999_999, UTC), False),
        (datetime(2026, 5, 25, 22, 0, 0, 0, UTC), True),
    ],
)
def test_the_last_day_ends_at_midnight_in_paris(instant: datetime, late: bool) -> None:  # noqa: FBT001 - the expected answer
    """That day counts in full, in Paris, whatever the machine's zone."""
    codes = decide(replace(GOOD, received_on=civil_date(instant))).codes
    assert (Code.LATE in codes) is late


@pytest.mark.parametrize(
    ("deadline", "last"),
    [
        (date(2026, 3, 29), datetime(2026, 3, 29, 21, 59, 59, 999_999, UTC)),  # clocks go forward that night: summer time at its end
        (date(2026, 10, 25), datetime(2026, 10, 25, 22, 59, 59, 999_999, UTC)),  # and back: winter time at its end
        (date(2026, 12, 25), datetime(2026, 12, 25, 22, 59, 59, 999_999, UTC)),  # a holiday moves nothing
    ],
)
def test_the_last_instant_when_clocks_change(deadline: date, last: datetime) -> None:
    """The last microsecond of the day is in time, the next is late."""
    told = replace(GOOD, deadline_on=deadline, hearing_on=deadline + timedelta(days=21), attested=Attested(deadline, deadline))
    assert decide(replace(told, received_on=civil_date(last))).codes == ()
    assert decide(replace(told, received_on=civil_date(last + timedelta(microseconds=1)))).codes == (Code.LATE,)


def test_the_deadline_of_a_session() -> None:
    """Three weeks before the exam, that day included, never moved."""
    assert RULES.deadline(date(2026, 6, 15)) == date(2026, 5, 25)
    assert RULES.deadline(date(2026, 1, 11)) == date(2025, 12, 21)


_DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))


@given(
    found=st.lists(st.sampled_from(OF_THE_FILE), unique=True).map(tuple),
    warnings=st.lists(st.sampled_from(sorted(WARNING)), unique=True).map(tuple),
    received=_DAYS,
    hearing=_DAYS,
    attested=st.none() | st.builds(Attested, st.none() | _DAYS, st.none() | _DAYS),
)
def test_whatever_the_facts(
    found: tuple[Code, ...], warnings: tuple[Code, ...], received: date, hearing: date, attested: Attested | None
) -> None:
    """The answer is the first that applies, nothing found is lost, refusing codes come first, and order does not matter."""
    facts = Facts(found, warnings, RULES, received, hearing - timedelta(days=21), hearing, attested)
    ruling = decide(facts)
    assert set(found) <= set(ruling.codes)
    assert ruling.warnings == warnings
    refusing = [code for code in ruling.codes if code in REFUSING]
    assert list(ruling.codes[: len(refusing)]) == refusing
    if refusing:
        assert ruling.answer is Answer.REFUSED
    elif attested is None or attested.call_date is None:
        assert ruling.answer is Answer.AWAITING_CONSENT
    else:
        assert ruling.answer is (Answer.TO_REVIEW if ruling.codes else Answer.RECEIVED)
    mirrored = decide(replace(facts, found=found[::-1]))
    assert (mirrored.answer, set(mirrored.codes)) == (ruling.answer, set(ruling.codes))
    assert decide(facts) == ruling


@given(hearing=_DAYS, call=_DAYS)
def test_age_is_a_calendar_year(hearing: date, call: date) -> None:
    """A call is young enough exactly when its first anniversary is after the hearing, 29 February counting as the 28th."""
    day = call.day if (call.month, call.day) != (2, 29) else 28
    anniversary = date(call.year + 1, call.month, day)
    young = Code.TOO_OLD not in call_date_codes(call, hearing_on=hearing, today=date.max, rules=RULES)
    if (call.month, call.day) not in {(2, 28), (2, 29)} and (hearing.month, hearing.day) != (2, 29):
        assert young is (anniversary > hearing)
