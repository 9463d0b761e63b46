"""May this recording be destroyed, from when, and why. Pure: the facts of one recording in, one answer out; no date is today's.

1. What is not stored, or is already on its way out, is nobody's to ask about.
2. Early causes: replaced, consent withdrawn, quarantine or consent wait over, session cancelled, closed without decision. Each counts
   from its own moment, plus a delay in which a slip can be undone. A decision on record undoes a closure or a cancellation.
3. The jury's decision: the one after the latest appeal that was ruled on, else the first; proven to have reached the candidate; then
   the clock.
4. Of the causes that hold, the one that comes first.
5. A hold or an open appeal always wins.

Missing input means "not eligible", never "zero".
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from registry.schemes import RecourseRule
from registry.states import RecordingState, Unlistenable
from registry.tables.decisions import AppealOutcome, ClosureCause
from retention.clock import end_of, reckon
from retention.facts import Cause, DecisionVersion, Eligible, Facts, Ground, NotYet, Reason
from retention.notified import Notified, heads, notified
from retention.steps import Step, StepKind

_OUTSIDE = {
    RecordingState.RECEIVED: Reason.NOT_STORED,
    RecordingState.CHECKING: Reason.NOT_STORED,
    RecordingState.DESTROYING: Reason.BEING_DESTROYED,
    RecordingState.DESTROYED: Reason.DESTROYED,
}
_WITHOUT_DECISION = {AppealOutcome.WITHDRAWN, AppealOutcome.INADMISSIBLE}
_CLOSURES = {
    ClosureCause.ABSENT: (Cause.CLOSED_WITHOUT_DECISION, StepKind.CANDIDATE_ABSENT),
    ClosureCause.GAVE_UP: (Cause.CLOSED_WITHOUT_DECISION, StepKind.CANDIDATE_GAVE_UP),
    ClosureCause.SESSION_CANCELLED: (Cause.SESSION_CANCELLED, StepKind.SESSION_CANCELLED),
}


@dataclass(frozen=True, slots=True)
class _Way:
    """One cause by which a recording may end, and what still stands in its way."""

    cause: Cause
    at: datetime
    steps: tuple[Step, ...]
    ground: Ground | None = None
    reasons: tuple[Reason, ...] = ()


def assess(facts: Facts) -> Eligible | NotYet:
    """Say from when a recording may be destroyed and why, or why not. The date may lie ahead: the caller compares it with its ``now``."""
    if facts.state in _OUTSIDE:  # 1
        return NotYet((_OUTSIDE[facts.state],))
    found = [*_early(facts), *_decided(facts)]  # 2, 3
    ways = [one for one in found if isinstance(one, _Way)]
    reasons = tuple(dict.fromkeys((*_blocks(facts), *(one for one in found if isinstance(one, Reason)))))
    held_by = tuple(hold.id for hold in facts.holds)
    if not ways:
        return NotYet(reasons, held_by=held_by)
    way = min(ways, key=lambda one: (bool(one.reasons), one.at))  # 4
    reasons = tuple(dict.fromkeys((*_blocks(facts), *way.reasons)))
    if reasons:  # 5
        return NotYet(reasons, way.cause, way.at, way.steps, way.ground, held_by)
    return Eligible(way.cause, way.at, way.steps, way.ground)


def _blocks(facts: Facts) -> Iterator[Reason]:
    if facts.holds:
        yield Reason.HELD
    if any(appeal.closed_at is None and not appeal.incident for appeal in facts.appeals):
        yield Reason.APPEAL_OPEN


def _early(facts: Facts) -> Iterator[_Way | Reason]:
    gone = {
        Unlistenable.REPLACED: (Cause.REPLACED, StepKind.REPLACED),
        Unlistenable.CONSENT_WITHDRAWN: (Cause.CONSENT_WITHDRAWN, StepKind.CONSENT_WITHDRAWN),
    }
    if facts.unlistenable in gone:
        cause, kind = gone[facts.unlistenable]
        waits = cause is Cause.CONSENT_WITHDRAWN and facts.unlistenable_at is None
        yield Reason.WITHDRAWAL_UNCONFIRMED if waits else _after(facts, cause, kind, facts.unlistenable_at)
    if facts.state is RecordingState.REJECTED:
        yield _after(facts, Cause.QUARANTINE_OVER, StepKind.QUARANTINE_OVER, facts.quarantine_until)
    if facts.state is RecordingState.AWAITING_CONSENT:
        yield _waited(facts)
    if heads(facts.decisions):
        return
    if facts.closure is not None:
        cause, kind = _CLOSURES[facts.closure.cause]
        yield _after(facts, cause, kind, facts.closure.closed_at)
    if facts.session_cancelled_at is not None:
        yield _after(facts, Cause.SESSION_CANCELLED, StepKind.SESSION_CANCELLED, facts.session_cancelled_at)


def _after(facts: Facts, cause: Cause, kind: StepKind, begun: datetime | None) -> _Way | Reason:
    if begun is None:
        return Reason.INSTANT_MISSING
    return _delayed(facts, cause, Step(kind, at=begun), begun)


def _waited(facts: Facts) -> _Way | Reason:
    if facts.consent_until is None:
        return Reason.INSTANT_MISSING
    waited = Step(StepKind.CONSENT_WAIT_OVER, facts.consent_until)
    return _delayed(facts, Cause.CONSENT_WAIT_OVER, waited, end_of(facts.consent_until))


def _delayed(facts: Facts, cause: Cause, first: Step, begun: datetime) -> _Way:
    hours = facts.terms.early_cause_delay_hours
    at = begun + timedelta(hours=hours)
    delay = (Step(StepKind.DELAY, count=hours),) if hours else ()
    return _Way(cause, at, (first, *delay, Step(StepKind.ELIGIBLE, at=at)))


def _decided(facts: Facts) -> Iterator[_Way | Reason]:
    """Follow the decision that stands; should two stand beside each other, the later end is the recording's."""
    standing = standing_decisions(facts)
    if not standing:
        yield Reason.APPEAL_AWAITS_DECISION if _ruled(facts) else Reason.NO_DECISION
        return
    found = [notified(head, facts) for head in standing]
    reached = [one for one in found if isinstance(one, Notified)]
    if len(reached) < len(found):
        yield from (one for one in found if isinstance(one, Reason))
        return
    yield _reckoned(max(reached, key=lambda one: one.on), facts)


def standing_decisions(facts: Facts) -> list[DecisionVersion]:
    """Return the newest version of the decision that stands: the outcome of the latest appeal ruled on, else the first decision."""
    ruled = _ruled(facts)
    return [head for head in heads(facts.decisions) if head.after_appeal == ruled]


def _ruled(facts: Facts) -> str | None:
    """Return the latest appeal whose outcome is a new decision. One withdrawn or inadmissible has none, unless a decision names it."""
    named = {head.after_appeal for head in heads(facts.decisions)}
    closed = [one for one in facts.appeals if one.closed_at and not one.incident]
    ruled = [(one.closed_at, one.id) for one in closed if one.outcome not in _WITHOUT_DECISION or one.id in named]
    return max(ruled)[1] if ruled else None


def _reckoned(start: Notified, facts: Facts) -> _Way | Reason:
    found = reckon(start.on, facts.terms, facts.calendars)
    if found.eligible_at is None:
        return Reason.SCHEME_UNSTATED
    ground = Ground(start.decision, start.notification, start.on, found.appeal_last_day)
    if facts.terms.rule is RecourseRule.NONE:
        return _Way(Cause.NO_RECOURSE, found.eligible_at, found.steps, ground)
    checked = facts.recourse_checked_as_of
    assert found.appeal_last_day is not None
    unchecked = facts.terms.recourse_check and (checked is None or checked <= found.appeal_last_day)
    reasons = (Reason.RECOURSE_UNCHECKED,) if unchecked else ()
    return _Way(Cause.APPEAL_PERIOD_OVER, found.eligible_at, found.steps, ground, reasons)
