"""What would otherwise live for ever unseen: no decision long after the hearing, or a decision that never reached the candidate. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from retention.clock import months_later
from retention.eligibility import assess, standing_decisions
from retention.facts import Facts, NotYet, Reason
from retention.notified import counted_on


class Lingering(StrEnum):
    """What the compliance officer is told, and again each month."""

    UNDECIDED = "undecided"
    UNNOTIFIED = "unnotified"


@dataclass(frozen=True, slots=True)
class Escalation:
    """``since``: the civil day from which it counts as overdue; ``round_``: 0 then, 1 a month later, and so on."""

    kind: Lingering
    since: date
    round_: int


_UNDECIDED = {Reason.NO_DECISION, Reason.DECISION_UNCONFIRMED, Reason.APPEAL_AWAITS_DECISION}
_UNNOTIFIED = {Reason.NOT_NOTIFIED, Reason.NOTIFICATION_UNPROVEN, Reason.NOTIFICATION_UNCONFIRMED, Reason.UNCLAIMED}


def escalation(facts: Facts, today: date) -> Escalation | None:
    """Say what is to be escalated today, or None. One that ends by an early cause is not."""
    found = assess(facts)
    if not isinstance(found, NotYet):
        return None
    if _UNDECIDED & set(found.reasons):
        return _since(Lingering.UNDECIDED, months_later(facts.hearing_on, facts.terms.undecided_alert_months), today)
    decided = [day for head in standing_decisions(facts) if (day := counted_on(head, facts))]
    if decided and _UNNOTIFIED & set(found.reasons):
        return _since(Lingering.UNNOTIFIED, max(decided) + timedelta(days=facts.terms.unnotified_alert_days), today)
    return None


def _since(kind: Lingering, since: date, today: date) -> Escalation | None:
    if today < since:
        return None
    rounds = 0
    while months_later(since, rounds + 1) <= today:
        rounds += 1
    return Escalation(kind, since, rounds)
