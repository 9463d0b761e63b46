"""What one person may only propose where the centre asks for two: nothing of it is true until a second one has confirmed it."""

from collections.abc import Sequence

from sqlmodel import Session, col, select

from registry import dossiers, reasons
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import Proposal, ProposedAct


def propose(tx: Transaction, act: ProposedAct, target_id: str, reason: str, *, detail: str | None = None) -> Proposal:
    """Write down what a person asks for.

    Raises:
        RefusedError: nobody of the staff asks, or the same waits already.
    """
    dossiers.named(tx)
    if any(one.act is act and one.target_id == target_id for one in waiting(tx.session)):
        raise RefusedError("the same waits for a second person already: “consigne confirm” lists it")
    row = Proposal(id=new_id("prp"), act=act, target_id=target_id, detail=detail, proposed_at=tx.now, proposed_by=tx.actor)
    tx.session.add(row)
    tx.record("proposal.made", row.id, act=str(act), target=target_id, detail=detail, reason_sha256=reasons.note(tx, row.id, reason))
    return row


def waiting(session: Session) -> Sequence[Proposal]:
    """Return what waits for a second person, oldest first."""
    query = select(Proposal).where(col(Proposal.settled_at).is_(None))
    return session.exec(query.order_by(col(Proposal.proposed_at), col(Proposal.id))).all()


def drop(tx: Transaction, act: ProposedAct, target_id: str) -> None:
    """Settle what waits about a target, since the fact that it was about is gone."""
    for one in waiting(tx.session):
        if one.act is act and one.target_id == target_id:
            settle(tx, one, confirmed=False)


def settle(tx: Transaction, row: Proposal, *, confirmed: bool, reason: str | None = None) -> None:
    """Note what the second person said."""
    row.settled_at, row.settled_by, row.confirmed = tx.now, tx.actor, confirmed
    said = reasons.note(tx, row.id, reason) if reason is not None else None
    tx.record("proposal.confirmed" if confirmed else "proposal.refused", row.id, reason_sha256=said)
