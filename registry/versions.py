"""Versions of a decision or a notification: which is the newest, which one counts, and what becomes of the others.

A correction names its successor in ``superseded_by`` at once, also while it waits for a second person: what counts is the newest version
that somebody vouches for. A version that was withdrawn, or whose confirmation was refused, names itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from registry.database import Transaction
from registry.tables import Decision, Notification

V = TypeVar("V", Decision, Notification)


class Change(StrEnum):
    """What recording a fact did."""

    RECORDED = "recorded"
    COMPLETED = "completed"  # what was not known yet was added
    CORRECTED = "corrected"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Told(Generic[V]):
    """What recording did, and the version that is now the newest."""

    change: Change
    row: V

    @property
    def waits(self) -> bool:
        """Whether it counts only once a second person has confirmed it."""
        return not vouched(self.row)


def vouched(row: Decision | Notification) -> bool:
    """Tell whether a version counts: it needs no second person, or has one."""
    return not row.needs_confirmation or (row.confirmed_by is not None and row.confirmed_by != row.recorded_by)


def heads(rows: Sequence[V]) -> list[V]:
    """Return the newest version of each, oldest first."""
    return sorted((one for one in rows if one.superseded_by is None), key=lambda one: (one.recorded_at, one.id))


def chain(head: V, rows: Sequence[V]) -> list[V]:
    """Return the versions that lead to this one, newest first."""
    found = [head]
    while earlier := [one for one in rows if one.superseded_by == found[-1].id and one not in found]:
        found.append(earlier[0])
    return found


def counting(head: V, rows: Sequence[V]) -> V | None:
    """Return the newest version that counts, or None while none does."""
    return next((one for one in chain(head, rows) if vouched(one)), None)


def supersede(tx: Transaction, row: V, by: V, kind: str) -> None:
    """Let a version be followed by another one, which is written first."""
    tx.session.add(by)
    row.superseded_by = by.id
    tx.record(f"{kind}.superseded", row.id, by=by.id)


def withdraw(tx: Transaction, row: V, kind: str, **facts: str | None) -> None:
    """Withdraw a whole chain of versions by its newest: nothing of it counts any more."""
    row.superseded_by = row.id
    tx.record(f"{kind}.withdrawn", row.id, dossier=row.dossier_id, **facts)


def refuse(tx: Transaction, row: V, rows: Sequence[V], kind: str, **facts: str | None) -> None:
    """Drop a version that waits for a second person: the one before it is the newest again."""
    for one in rows:
        if one.superseded_by == row.id and one.id != row.id:
            one.superseded_by = None
            tx.record(f"{kind}.reinstated", one.id, refused=row.id)
    row.superseded_by = row.id
    tx.record(f"{kind}.refused", row.id, dossier=row.dossier_id, **facts)
