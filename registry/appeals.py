"""Contestations of a decision: recorded, they suspend destruction in the same transaction; a named person ends them.

An appeal of any form or date counts until somebody has ruled on it. One that comes once destruction has begun is recorded as an
incident, which cites the destruction and stops nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from registry import dossiers, holds, reasons
from registry.clock import civil_date
from registry.database import Transaction
from registry.days import Days
from registry.dossiers import Locked
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import Appeal, Destruction, Hold, HoldReason, HoldScope


@dataclass(frozen=True)
class Contested:
    """An appeal that was recorded, the hold that it placed, and the destructions that it came too late for."""

    appeal: Appeal
    hold: Hold | None
    destructions: tuple[str, ...] = ()


def of_dossier(session: Session, dossier_id: str) -> Sequence[Appeal]:
    """Return every appeal of a dossier, oldest first."""
    return session.exec(select(Appeal).where(Appeal.dossier_id == dossier_id).order_by(col(Appeal.recorded_at), col(Appeal.id))).all()


def open_ones(session: Session, dossier_id: str) -> list[Appeal]:
    """Return the appeals of a dossier on which nobody has ruled yet."""
    return [one for one in of_dossier(session, dossier_id) if one.closed_at is None]


def record(
    tx: Transaction,
    dossier_id: str,
    *,
    received_on: date,
    postmark_on: date | None = None,
    last_day: date | None = None,
    old_meant: bool = False,
    note: str | None = None,
) -> Contested:
    """Record an appeal, and suspend the destruction of all that the dossier still has.

    ``last_day`` is the last day to contest, where a clock runs: it tells whether the appeal was in time, and decides nothing.

    Raises:
        RefusedError: a day is impossible, or the same appeal is on record.
        OldDayError: a day is more than six months back.
    """
    locked = dossiers.lock(tx, dossier_id)
    _check(received_on, postmark_on, Days(civil_date(tx.now), old_meant))
    for one in open_ones(tx.session, dossier_id):
        if (one.received_on, one.postmark_on) == (received_on, postmark_on):
            raise RefusedError(f"this appeal is on record as {one.id}: nothing was changed")
    appeal = Appeal(
        id=new_id("app"),
        dossier_id=dossier_id,
        postmark_on=postmark_on,
        received_on=received_on,
        in_time=_in_time(postmark_on, last_day),
        incident=locked.is_over,
        recorded_at=tx.now,
        recorded_by=tx.actor,
    )
    tx.session.add(appeal)
    cited = _destructions(tx.session, locked) if appeal.incident else ()
    facts = {"destructions": list(cited)} if appeal.incident else {}
    _write(tx, appeal, "incident" if appeal.incident else "recorded", note, **facts)
    hold = None
    if locked.live or not appeal.incident:
        tx.session.flush()
        hold = holds.write(tx, HoldScope.DOSSIER, dossier_id, HoldReason.APPEAL, appeal_id=appeal.id)
    locked.wake()
    return Contested(appeal, hold, cited)


def correct(
    tx: Transaction,
    appeal_id: str,
    note: str,
    *,
    received_on: date | None = None,
    postmark_on: date | None = None,
    last_day: date | None = None,
    old_meant: bool = False,
) -> Appeal:
    """Correct the days of an appeal; every version is in the journal.

    Raises:
        RefusedError: a day is impossible, nothing changes, or destruction has begun.
        OldDayError: a day is more than six months back.
    """
    locked, appeal = lock(tx, appeal_id)
    if not appeal.incident:
        locked.correctable()
    received, postmark = received_on or appeal.received_on, postmark_on or appeal.postmark_on
    if (received, postmark) == (appeal.received_on, appeal.postmark_on):
        raise RefusedError("these are the days on record: nothing was changed")
    _check(received, postmark, Days(civil_date(tx.now), old_meant))
    appeal.received_on, appeal.postmark_on, appeal.in_time = received, postmark, _in_time(postmark, last_day)
    _write(tx, appeal, "corrected", note)
    locked.wake()
    return appeal


def lock(tx: Transaction, appeal_id: str) -> tuple[Locked, Appeal]:
    """Lock an appeal's dossier, its recordings, then the appeal.

    Raises:
        RefusedError: there is no such appeal.
    """
    found = tx.session.get(Appeal, appeal_id)
    if found is None:
        raise RefusedError(f"no appeal is known under {appeal_id}: check the identifier")
    locked = dossiers.lock(tx, found.dossier_id)
    return locked, tx.lock(Appeal, appeal_id)


def close(tx: Transaction, locked: Locked, appeal: Appeal) -> None:
    """Close an appeal whose outcome is known, and release its hold. A later sweep announces the date that follows."""
    if appeal.closed_at is not None:
        return
    appeal.closed_at = tx.now
    appeal.closed_by = appeal.closed_by or tx.actor
    tx.record("appeal.closed", appeal.id, dossier=appeal.dossier_id, outcome=str(appeal.outcome))
    query = select(Hold).where(Hold.appeal_id == appeal.id, col(Hold.released_at).is_(None)).order_by(col(Hold.id))
    for hold in tx.session.exec(query.with_for_update()):
        holds.end(tx, hold, appeal=appeal.id)
    locked.wake()


def _check(received_on: date, postmark_on: date | None, days: Days) -> None:
    days.check(received_on, "the appeal received on")
    if postmark_on is None:
        return
    days.check(postmark_on, "the postmark of")
    if postmark_on > received_on:
        raise RefusedError(f"it was posted on {postmark_on}, after it was received on {received_on}: correct one of the two")


def _in_time(postmark_on: date | None, last_day: date | None) -> bool | None:
    return None if postmark_on is None or last_day is None else postmark_on <= last_day


def _destructions(session: Session, locked: Locked) -> tuple[str, ...]:
    gone = [one.id for one in locked.gone]
    return tuple(session.exec(select(Destruction.id).where(col(Destruction.recording_id).in_(gone)).order_by(col(Destruction.id))))


def _write(tx: Transaction, appeal: Appeal, told: str, note: str | None, **facts: list[str]) -> None:
    tx.record(
        f"appeal.{told}",
        appeal.id,
        dossier=appeal.dossier_id,
        received_on=appeal.received_on.isoformat(),
        postmark_on=appeal.postmark_on.isoformat() if appeal.postmark_on else None,
        in_time=appeal.in_time,
        reason_sha256=reasons.note(tx, appeal.id, note) if note is not None else None,
        **facts,
    )
