"""Finishing what a kill or a refusal left: deposits that are stored and whose original still lies in its folder."""

from sqlmodel import col, select

from intake.errors import MustWaitError
from intake.flow import Intake
from registry.tables import Deposit, DepositState


def finish_stored(intake: Intake) -> int:
    """Do step 9 for every stored deposit; return how many are finished. One that fails does not stop the others."""
    with intake.database.reading() as session:
        query = select(Deposit.id).where(Deposit.state == DepositState.STORED).order_by(col(Deposit.first_seen_at))
        waiting = session.exec(query).all()
    done = 0
    for deposit_id in waiting:
        try:
            done += intake.finish(deposit_id) is not None
        except MustWaitError:
            continue
    return done
