"""Dossiers that end without a decision, and sessions that do not take place.

Their recordings are silent at once, and destroyed some hours later, so that a slip can be undone.
"""

from registry import decisions, dossiers, proposals, reasons
from registry.clock import civil_date
from registry.database import Transaction
from registry.dossiers import Locked
from registry.errors import RefusedError
from registry.ids import new_id
from registry.states import Unlistenable
from registry.tables import Closure, ClosureCause, EvaluationSession, Proposal, ProposedAct


def close(tx: Transaction, dossier_id: str, cause: ClosureCause, reason: str, *, two_people: bool = False) -> Closure | Proposal:
    """Close a dossier because its candidate was absent or gave up. With two people it is proposed, and nothing changes yet.

    Raises:
        RefusedError: a decision is on record, the dossier has ended, destruction has begun, or the hearing lies ahead.
    """
    locked = dossiers.lock(tx, dossier_id)
    _closable(tx, locked, cause)
    if two_people:
        return proposals.propose(tx, ProposedAct.CLOSE_DOSSIER, dossier_id, reason, detail=str(cause))
    return _close(tx, locked, cause, tx.actor, reason)


def confirm_closing(tx: Transaction, proposal: Proposal) -> None:
    """Close the dossier that a first person proposed to close."""
    locked = dossiers.lock(tx, proposal.target_id)
    cause = ClosureCause(proposal.detail or "")
    _closable(tx, locked, cause)
    _close(tx, locked, cause, proposal.proposed_by, None)


def undo(tx: Transaction, dossier_id: str, reason: str) -> Closure:
    """Open a closed dossier again.

    Raises:
        RefusedError: it is not closed, or destruction has begun.
    """
    locked = dossiers.lock(tx, dossier_id)
    closure = dossiers.closure(tx.session, dossier_id)
    if closure is None:
        raise RefusedError("this dossier is not closed: there is nothing to undo")
    locked.undoable()
    closure.undone_at, closure.undone_by = tx.now, tx.actor
    tx.record("closure.undone", closure.id, dossier=dossier_id, reason_sha256=reasons.note(tx, closure.id, reason))
    _bring_back(tx, locked, Unlistenable.CLOSED)
    return closure


def cancel(tx: Transaction, session_id: str, reason: str, *, two_people: bool = False) -> EvaluationSession | Proposal:
    """Cancel a session that does not take place. It takes no deposits any more. With two people it is proposed.

    Raises:
        RefusedError: it was cancelled already, or the jury decided on one of its dossiers.
    """
    found, session = _lock_session(tx, session_id)
    _cancellable(tx, found, session)
    if two_people:
        return proposals.propose(tx, ProposedAct.CANCEL_SESSION, session_id, reason)
    return _cancel(tx, found, session, reason)


def confirm_cancelling(tx: Transaction, proposal: Proposal) -> None:
    """Cancel the session that a first person proposed to cancel."""
    found, session = _lock_session(tx, proposal.target_id)
    _cancellable(tx, found, session)
    _cancel(tx, found, session, None)


def undo_cancel(tx: Transaction, session_id: str, reason: str) -> EvaluationSession:
    """Let a cancelled session take place after all. What was destroyed meanwhile stays destroyed.

    Raises:
        RefusedError: it is not cancelled.
    """
    found, session = _lock_session(tx, session_id)
    if session.cancelled_at is None:
        raise RefusedError("this session is not cancelled: there is nothing to undo")
    if session.closed_at == session.cancelled_at:
        session.closed_at = None
    session.cancelled_at = None
    tx.record("session.reinstated", session.id, reason_sha256=reasons.note(tx, session.id, reason))
    for locked in found:
        _bring_back(tx, locked, Unlistenable.SESSION_CANCELLED)
    return session


def _closable(tx: Transaction, locked: Locked, cause: ClosureCause) -> None:
    if cause is ClosureCause.SESSION_CANCELLED:
        raise RefusedError("a session is cancelled as a whole (session cancel)")
    if locked.file.session.cancelled_at is not None or dossiers.closure(tx.session, locked.id) is not None:
        raise RefusedError("this dossier has ended already: nothing was changed")
    if decisions.standing(tx.session, locked.id) is not None:
        raise RefusedError("a decision of the jury is on record: withdraw it first if it is an error (decide --withdraw)")
    locked.undoable()
    if cause is ClosureCause.ABSENT and locked.file.hearing_on > civil_date(tx.now):
        raise RefusedError(f"nobody can be absent before the hearing of {locked.file.hearing_on}: say that the candidate gave up, or wait")


def _close(tx: Transaction, locked: Locked, cause: ClosureCause, by: str, reason: str | None) -> Closure:
    closure = Closure(id=new_id("clo"), dossier_id=locked.id, cause=cause, closed_at=tx.now, closed_by=by)
    tx.session.add(closure)
    said = reasons.note(tx, closure.id, reason) if reason is not None else None
    tx.record("closure.recorded", closure.id, dossier=locked.id, cause=str(cause), reason_sha256=said)
    _set_aside(tx, locked, Unlistenable.CLOSED)
    return closure


def _lock_session(tx: Transaction, session_id: str) -> tuple[list[Locked], EvaluationSession]:
    """Lock the dossiers of a session with their recordings, then the session."""
    found = dossiers.lock_all(tx, dossiers.of_session(tx.session, session_id))
    return found, tx.lock(EvaluationSession, session_id)


def _cancellable(tx: Transaction, found: list[Locked], session: EvaluationSession) -> None:
    if session.cancelled_at is not None:
        raise RefusedError("this session was cancelled already: nothing was changed")
    decided = sum(decisions.standing(tx.session, one.id) is not None for one in found)
    if decided:
        raise RefusedError(f"the jury decided on {decided} dossiers of this session, so it took place: close the others one by one (close)")


def _cancel(tx: Transaction, found: list[Locked], session: EvaluationSession, reason: str | None) -> EvaluationSession:
    session.cancelled_at = tx.now
    session.closed_at = session.closed_at or tx.now
    said = reasons.note(tx, session.id, reason) if reason is not None else None
    tx.record("session.cancelled", session.id, reason_sha256=said)
    for locked in found:
        _set_aside(tx, locked, Unlistenable.SESSION_CANCELLED)
    return session


def _set_aside(tx: Transaction, locked: Locked, why: Unlistenable) -> None:
    for one in locked.live:
        if one.unlistenable is None:
            one.unlistenable, one.unlistenable_at = why, tx.now
            tx.record("recording.set_aside", one.id, why=str(why))
    locked.wake()


def _bring_back(tx: Transaction, locked: Locked, why: Unlistenable) -> None:
    for one in locked.live:
        if one.unlistenable is why:
            one.unlistenable = one.unlistenable_at = None
            tx.record("recording.brought_back", one.id, why=str(why))
    locked.wake()
