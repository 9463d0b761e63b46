"""Which notification starts the clock. Pure. A correction that waits for a second person can delay, never bring forward.

Each decision and each notification is a chain of versions. The version that counts is the newest that needs no confirmation or has one;
those after it are pending, and every one of them must be proven too, the latest day being taken. So a wrong date can never be used while
somebody is correcting it, and nobody can bring a date forward alone.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol, TypeVar

from registry.schemes import NotificationProof
from registry.tables.decisions import Proof
from retention.facts import DecisionVersion, Facts, NotificationVersion, Reason


class _Version(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def superseded_by(self) -> str | None: ...
    @property
    def needs_confirmation(self) -> bool: ...
    @property
    def recorded_by(self) -> str: ...
    @property
    def confirmed_by(self) -> str | None: ...


_V = TypeVar("_V", bound=_Version)


@dataclass(frozen=True, slots=True)
class Notified:
    """A decision that counts, and the proven notification that starts its clock."""

    decision: DecisionVersion
    notification: NotificationVersion
    on: date


def heads(versions: tuple[_V, ...]) -> list[_V]:
    """Return the newest version of each chain."""
    return [one for one in versions if one.superseded_by is None]


def notified(head: DecisionVersion, facts: Facts) -> Notified | Reason:
    """Find when a decision reached the candidate: of several proven notifications, the latest."""
    chain = _chain(head, facts.decisions)
    counting = _counting(chain)
    if not counting:
        return Reason.DECISION_UNCONFIRMED
    decided_on = max(one.decided_on for one in counting)
    if min(one.decided_on for one in counting) < facts.hearing_on:
        return Reason.OUT_OF_ORDER
    ids = {one.id for one in chain}
    found = [_proven(one, facts) for one in heads(facts.notifications) if one.decision_id in ids]
    proven = [one for one in found if not isinstance(one, Reason)]
    if Reason.OUT_OF_ORDER in found or any(on < decided_on for _, on in proven):
        return Reason.OUT_OF_ORDER
    if not proven:
        return next((reason for reason in _MOST_TELLING if reason in found), Reason.NOT_NOTIFIED)
    notification, on = max(proven, key=lambda one: one[1])
    return Notified(counting[-1], notification, on)


_MOST_TELLING = (Reason.NOTIFICATION_UNCONFIRMED, Reason.UNCLAIMED, Reason.NOTIFICATION_UNPROVEN)


def counted_on(head: DecisionVersion, facts: Facts) -> date | None:
    """Return the day of a decision that counts, or None while it does not."""
    counting = _counting(_chain(head, facts.decisions))
    return max(one.decided_on for one in counting) if counting else None


def _chain(head: _V, versions: tuple[_V, ...]) -> list[_V]:
    """Return the versions that lead to this one, newest first."""
    chain = [head]
    while earlier := [one for one in versions if one.superseded_by == chain[-1].id and one not in chain]:
        chain.append(earlier[0])
    return chain


def _counting(chain: list[_V]) -> list[_V]:
    """Return the pending versions, newest first, and after them the one that counts; nothing where none counts."""
    for place, one in enumerate(chain):
        if _vouched(one):
            return chain[: place + 1]
    return []


def _vouched(version: _Version) -> bool:
    return not version.needs_confirmation or _confirmed(version)


def _confirmed(version: _Version) -> bool:
    """Tell whether a second person confirmed a version."""
    return version.confirmed_by is not None and version.confirmed_by != version.recorded_by


def _proven(head: NotificationVersion, facts: Facts) -> tuple[NotificationVersion, date] | Reason:
    """Return the version that counts, and the day that it and every pending one prove at the latest."""
    counting = _counting(_chain(head, facts.notifications))
    if not counting:
        return Reason.NOTIFICATION_UNCONFIRMED
    days: list[date] = []
    for one in counting:
        day = _proven_on(one, facts.terms.proof)
        if day is None:
            return Reason.UNCLAIMED if one.unclaimed else Reason.NOTIFICATION_UNPROVEN
        if day < one.sent_on:
            return Reason.OUT_OF_ORDER
        days.append(day)
    return counting[-1], max(days)


def _proven_on(version: NotificationVersion, admitted: NotificationProof) -> date | None:
    """Return the day that one version proves. An unclaimed letter proves none, unless two people set a reasoned date."""
    if version.proof is Proof.REASONED_DATE:
        return version.handed_over_on if _confirmed(version) else None
    if version.unclaimed:
        return None
    if version.proof is Proof.SENT_PLUS_DAYS:
        if admitted.sent_plus_days is None:
            return None
        presumed = version.sent_on + timedelta(days=admitted.sent_plus_days)
        return max(presumed, version.handed_over_on or presumed)
    allowed = {Proof.HANDED_OVER: admitted.handed_over, Proof.ACKNOWLEDGED: admitted.acknowledged}
    return version.handed_over_on if version.proof is not None and allowed[version.proof] else None
