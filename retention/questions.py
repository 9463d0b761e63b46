"""Step 1 of the gate: may this recording be destroyed, now? Asked inside the lock, of the facts and of nothing remembered.

1. eligible, from the facts, and its time has come; no hold; no open appeal
2. the clock was found sane, a minute ago at most
3. announced, with this date, some days ago, where its cause waits for that
4. approved by a person, where the scheme asks for it
5. within the number of a day, unless a person approved

The first that fails is the answer. Nothing is written here but the number given under 5, which goes with the transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from sqlmodel import Session, and_, col, or_, select

from journal.log import Recorded
from registry import appeals, holds
from registry.clock import civil_date
from registry.database import Transaction
from registry.leases import next_number
from registry.schemes import Approval, RecourseRule
from registry.tables import Dossier, Hold, HoldScope, Recording
from retention import announced
from retention.certificate_facts import AppealRecord, CheckFacts, ClockReference, Extension, GroundFacts, HoldRecord
from retention.eligibility import assess
from retention.errors import RetentionError
from retention.facts import Cause, Eligible, Facts, NotYet
from retention.guards import Belief
from retention.loading import facts_of
from retention.steps import EXTENSIONS
from retention.terms import Choices, Terms


class Refusal(StrEnum):
    """Why a recording that is due is not destroyed now, beyond the reasons of the facts themselves."""

    NOT_DUE = "not_due"
    HELD = "held"
    APPEAL_OPEN = "appeal_open"
    CLOCK_DOUBTFUL = "clock_doubtful"
    NOT_ANNOUNCED = "not_announced"
    NOT_APPROVED = "not_approved"
    DAILY_LIMIT = "daily_limit"


class NotNowError(RetentionError):
    """A question of step 1 was answered by no: nothing was touched."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this recording is not destroyed now: {why}")
        self.why = why


Approvals = Callable[[Session, Recording, Eligible], str | None]
"""Who approved the destruction of this recording, for this date: the id of a person, or None."""


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered, all of it yes."""

    ground: GroundFacts
    checks: CheckFacts
    approved_by: str | None


@dataclass(frozen=True)
class Questions:
    """Asks. ``max_per_day`` counts destructions begun on one day, in Paris, that nobody approved."""

    choices: Choices
    approvals: Approvals

    def ask(self, tx: Transaction, recording: Recording, belief: Belief) -> Answers:
        """Ask everything, of a recording that the caller has locked with its dossier.

        Raises:
            NotNowError: the first answer that is no.
        """
        session = tx.session
        facts = facts_of(session, recording, self.choices)
        eligible = _eligible(tx, recording, facts)  # 1
        if not belief.holds(tx.now):  # 2
            raise NotNowError(Refusal.CLOCK_DOUBTFUL)
        if not announced.long_enough(session, recording, eligible, tx.now, facts.terms.min_notice_days):  # 3
            raise NotNowError(Refusal.NOT_ANNOUNCED)
        approved_by = self.approvals(session, recording, eligible)  # 4
        if facts.terms.approval is Approval.FOUR_EYES and approved_by is None:
            raise NotNowError(Refusal.NOT_APPROVED)
        if approved_by is None and not _within(tx, self.choices.max_destructions_per_day):  # 5
            raise NotNowError(Refusal.DAILY_LIMIT)
        return Answers(ground_facts(eligible, facts.terms), _checks(tx, recording, eligible, facts, belief.by), approved_by)

    def remembered(self, tx: Transaction, recording: Recording, told: Recorded | None) -> tuple[GroundFacts | None, CheckFacts]:
        """Say on what ground a recording was destroyed whose key is a tombstone already: as the journal tells, else as its facts do.

        The ground is None where neither does: then nobody can say why, and no certificate is made up.
        """
        facts = facts_of(tx.session, recording, self.choices)
        checks = replace(_checks(tx, recording, None, facts, ()), at=told.entry.at if told else tx.now)
        cause, at = (told.entry.facts.get(name) for name in ("cause", "eligible_at")) if told else (None, None)
        if isinstance(cause, str) and isinstance(at, str):
            known = Cause(cause)
            return GroundFacts(known, str(known), facts.terms.version, datetime.fromisoformat(at).astimezone(UTC)), checks
        found = assess(facts)
        if found.cause is None or found.at is None:
            return None, checks
        return ground_facts(Eligible(found.cause, found.at, found.steps, found.ground), facts.terms), checks


def _eligible(tx: Transaction, recording: Recording, facts: Facts) -> Eligible:
    """See question 1. Holds and appeals are looked for twice: what would go wrong otherwise cannot be undone."""
    found = assess(facts)
    if isinstance(found, NotYet):
        raise NotNowError(found.reasons[0] if found.reasons else Refusal.NOT_DUE)
    if holds.covering(tx.session, recording):
        raise NotNowError(Refusal.HELD)
    if any(not one.incident for one in appeals.open_ones(tx.session, recording.dossier_id)):
        raise NotNowError(Refusal.APPEAL_OPEN)
    if found.at > tx.now:
        raise NotNowError(Refusal.NOT_DUE)
    return found


def _within(tx: Transaction, max_per_day: int) -> bool:
    """Count one more destruction of the day; the transaction that does not come to an end does not count."""
    return next_number(tx.session, f"destructions-{civil_date(tx.now).isoformat()}") <= max_per_day


def ground_facts(found: Eligible, terms: Terms) -> GroundFacts:
    """Put the ground of a destruction into the words of its certificate."""
    if found.ground is None:
        since = next((step.at for step in found.steps if step.at is not None), None)
        return GroundFacts(found.cause, str(found.cause), terms.version, found.at, since=since)
    ground, month_rule = found.ground, terms.rule is RecourseRule.MONTHS
    return GroundFacts(
        cause=found.cause,
        rule=str(terms.computation) if month_rule else str(terms.rule),
        rules_version=terms.version,
        eligible_at=found.at,
        decision=ground.decision.id,
        decided_on=ground.decision.decided_on,
        notification=ground.notification.id,
        channel=ground.notification.channel,
        notified_on=ground.notified_on,
        proof=ground.notification.proof,
        appeal_last_day=ground.appeal_last_day,
        extended_by=tuple(Extension(step.day, step.kind) for step in found.steps if step.kind in EXTENSIONS and step.day is not None),
        grace_days=terms.postal_grace_days if month_rule else terms.min_hold_days,
    )


def _checks(
    tx: Transaction, recording: Recording, eligible: Eligible | None, facts: Facts, clock: tuple[ClockReference, ...]
) -> CheckFacts:
    contested = appeals.of_dossier(tx.session, recording.dossier_id)
    return CheckFacts(
        at=tx.now,
        holds=tuple(_past_holds(tx.session, recording)),
        appeals=tuple(AppealRecord(one.id, one.received_on, one.incident, one.outcome, one.closed_at) for one in contested),
        clock=clock,
        announced_at=announced.announced_at(tx.session, recording, eligible.at) if eligible else None,
        recourse_checked_as_of=facts.recourse_checked_as_of,
    )


def _past_holds(session: Session, recording: Recording) -> list[HoldRecord]:
    """Return the holds that once stood on a recording, whatever their scope; those on everything, only from its arrival on."""
    dossier = session.get_one(Dossier, recording.dossier_id)
    covers = or_(
        and_(col(Hold.scope) == HoldScope.ALL, col(Hold.released_at) > recording.received_at),
        col(Hold.target_id).in_([recording.id, dossier.id, dossier.session_id]),
    )
    found = session.exec(select(Hold).where(covers).order_by(col(Hold.placed_at), col(Hold.id)))
    return [HoldRecord(one.id, one.scope, one.reason, one.placed_at, one.released_at) for one in found if one.released_at]
