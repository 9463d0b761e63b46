"""A named person's word that the commission had received no appeal about a session, as of a day."""

from datetime import date

from registry import dossiers, proposals, reasons
from registry.clock import civil_date
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import EvaluationSession, Proposal, ProposedAct, RecourseCheck


def record(tx: Transaction, session_id: str, as_of: date, note: str, *, two_people: bool = False) -> RecourseCheck | Proposal:
    """Record that nothing had come by the end of a day. With two people it is proposed, and counts for nothing yet.

    Raises:
        RefusedError: nobody of the staff answers for it, there is no such session, or the day has not ended.
    """
    dossiers.named(tx)
    if tx.session.get(EvaluationSession, session_id) is None:
        raise RefusedError(f"no session is known under {session_id}: check the identifier")
    if as_of >= civil_date(tx.now):
        raise RefusedError(f"{as_of} has not ended: say what the commission had received by the end of an earlier day")
    if two_people:
        return proposals.propose(tx, ProposedAct.CHECK_RECOURSE, session_id, note, detail=as_of.isoformat())
    return _write(tx, session_id, as_of, tx.actor, note)


def confirm_check(tx: Transaction, proposal: Proposal) -> None:
    """Write down what a first person said."""
    _write(tx, proposal.target_id, date.fromisoformat(proposal.detail or ""), proposal.proposed_by, None)


def _write(tx: Transaction, session_id: str, as_of: date, by: str, note: str | None) -> RecourseCheck:
    found = dossiers.lock_all(tx, dossiers.of_session(tx.session, session_id))
    row = RecourseCheck(id=new_id("rck"), session_id=session_id, as_of=as_of, recorded_at=tx.now, recorded_by=by)
    tx.session.add(row)
    said = reasons.note(tx, row.id, note) if note is not None else None
    tx.record("recourse.checked", row.id, session=session_id, as_of=as_of.isoformat(), reason_sha256=said)
    for locked in found:
        locked.wake()
    return row
