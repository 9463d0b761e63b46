"""Holds: placed and released by a named person, each with a reason and a day on which somebody looks at it again.

A hold that comes once destruction has begun stops nothing: it is recorded as an incident, and its author is told at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text, update
from sqlmodel import Session, and_, col, or_, select

from registry import dossiers, reasons, recordings, sessions
from registry.clock import civil_date
from registry.database import Transaction
from registry.dossiers import Locked
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import Dossier, EvaluationSession, Hold, HoldReason, HoldScope, Recording


@dataclass(frozen=True)
class Placed:
    """What placing a hold did. ``hold`` is None where it came too late for all that it would have covered.

    ``too_late`` names the recordings in its scope whose destruction has begun and, but for a hold on one recording, is not over.
    """

    hold: Hold | None
    too_late: tuple[str, ...] = ()


def place(
    tx: Transaction, scope: HoldScope, target_id: str | None, reason: HoldReason, note: str, *, review_on: date | None = None
) -> Placed:
    """Suspend the destruction of one recording, a dossier, a session, or everything.

    Raises:
        RefusedError: nobody of the staff answers for it, there is no such target, or no day of review that lies ahead.
    """
    dossiers.named(tx)
    if reason is HoldReason.APPEAL:
        raise RefusedError("an appeal places its own hold: record the appeal instead (appeal)")
    if review_on is None and reason is not HoldReason.RESTORED:
        raise RefusedError("say on which day somebody looks at this hold again (--review)")
    if review_on is not None and review_on <= civil_date(tx.now):
        raise RefusedError(f"a hold is looked at again on a day ahead, not on {review_on}: correct it")
    found = _lock(tx, scope, target_id)
    rows = [one for locked in found for one in locked.recordings if scope is not HoldScope.RECORDING or one.id == target_id]
    live = [one for one in rows if one.state not in recordings.GONE]
    begun = [one for one in rows if one.state in recordings.GONE and (one.destroyed_at is None or scope is not HoldScope.SESSION)]
    too_late = tuple(one.id for one in begun)
    if begun and not live and scope in {HoldScope.RECORDING, HoldScope.DOSSIER} and target_id is not None:
        tx.record("hold.incident", target_id, reason=str(reason), too_late=list(too_late), reason_sha256=reasons.note(tx, target_id, note))
        return Placed(None, too_late)
    hold = write(tx, scope, target_id, reason, note=note, review_on=review_on)
    _wake(tx, scope, live)
    return Placed(hold, too_late)


def write(
    tx: Transaction,
    scope: HoldScope,
    target_id: str | None,
    reason: HoldReason,
    *,
    note: str | None = None,
    review_on: date | None = None,
    appeal_id: str | None = None,
) -> Hold:
    """Write a hold down, whose scope the caller has locked."""
    hold = Hold(
        id=new_id("hld"),
        scope=scope,
        target_id=target_id,
        reason=reason,
        appeal_id=appeal_id,
        review_on=review_on,
        placed_at=tx.now,
        placed_by=tx.actor,
    )
    tx.session.add(hold)
    tx.record(
        "hold.placed",
        hold.id,
        scope=str(scope),
        target=target_id,
        reason=str(reason),
        appeal=appeal_id,
        review_on=review_on.isoformat() if review_on else None,
        reason_sha256=reasons.note(tx, hold.id, note) if note is not None else None,
    )
    return hold


def release(tx: Transaction, hold_id: str, note: str) -> Hold:
    """Release a hold. Nothing is destroyed by that: the next sweep recomputes the dates, and announces them again.

    Raises:
        RefusedError: nobody of the staff answers for it, it is released already, or it is an appeal's.
    """
    dossiers.named(tx)
    hold = tx.session.get(Hold, hold_id)
    if hold is None:
        raise RefusedError(f"no hold is known under {hold_id}: “consigne hold --list” shows those that stand")
    if hold.reason is HoldReason.APPEAL:
        raise RefusedError("this hold is an appeal's: it ends when somebody rules on the appeal (appeal --outcome)")
    found = _lock(tx, hold.scope, hold.target_id)
    hold = tx.lock(Hold, hold_id)
    if hold.released_at is not None:
        raise RefusedError("this hold was released already: nothing was changed")
    end(tx, hold, reason_sha256=reasons.note(tx, hold.id, note))
    _wake(tx, hold.scope, [one for locked in found for one in locked.live])
    return hold


def end(tx: Transaction, hold: Hold, **facts: str | None) -> None:
    """Release one hold, whose scope the caller has locked."""
    hold.released_at, hold.released_by = tx.now, tx.actor
    tx.record("hold.released", hold.id, **facts)


def standing(session: Session) -> Sequence[Hold]:
    """Return every hold that stands, oldest first."""
    return session.exec(select(Hold).where(col(Hold.released_at).is_(None)).order_by(col(Hold.placed_at), col(Hold.id))).all()


def covering(session: Session, recording: Recording) -> Sequence[Hold]:
    """Return the holds that stand and cover a recording, whatever their scope, oldest first."""
    dossier = session.get_one(Dossier, recording.dossier_id)
    covers = or_(
        col(Hold.scope) == HoldScope.ALL,
        and_(col(Hold.scope) == HoldScope.RECORDING, col(Hold.target_id) == recording.id),
        and_(col(Hold.scope) == HoldScope.DOSSIER, col(Hold.target_id) == dossier.id),
        and_(col(Hold.scope) == HoldScope.SESSION, col(Hold.target_id) == dossier.session_id),
    )
    return session.exec(select(Hold).where(col(Hold.released_at).is_(None), covers).order_by(col(Hold.placed_at), col(Hold.id))).all()


def _lock(tx: Transaction, scope: HoldScope, target_id: str | None) -> list[Locked]:
    """Lock what a hold covers, so that no destruction can begin meanwhile."""
    if scope is HoldScope.ALL:
        if tx.session.get_bind().dialect.name == "postgresql":  # SQLite writes one at a time anyway
            tx.session.connection().execute(text("LOCK TABLE dossier IN EXCLUSIVE MODE"))
        return []
    if target_id is None:
        raise RefusedError(f"say which {scope} the hold is for")
    if scope is HoldScope.SESSION:
        if tx.session.get(EvaluationSession, target_id) is None:
            raise RefusedError(f"no session is known under {target_id}: check the identifier")
        return dossiers.lock_all(tx, dossiers.of_session(tx.session, target_id))
    if scope is HoldScope.DOSSIER:
        return [dossiers.lock(tx, sessions.file_of(tx.session, target_id).dossier.id)]
    recording = tx.session.get(Recording, target_id)
    if recording is None:
        raise RefusedError(f"no recording is known under {target_id}: check the identifier")
    return [dossiers.lock(tx, recording.dossier_id)]


def _wake(tx: Transaction, scope: HoldScope, live: Sequence[Recording]) -> None:
    for one in live:
        one.stale = True
    if scope is HoldScope.ALL:  # a cache, which needs no entry; loading every recording that exists would take minutes
        awake = update(Recording).where(col(Recording.state).not_in(recordings.GONE)).values(stale=True)
        tx.session.connection().execute(awake)
