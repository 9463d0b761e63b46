"""How an appeal ends: somebody of the staff says what became of it, and when.

Rejected or upheld, the outcome is a new decision, with a notification and a clock of its own. Withdrawn or inadmissible, the first decision
stands, and so does its clock; the destruction is announced again.
"""

from datetime import date

from registry import appeals, decisions, dossiers, proposals, reasons
from registry.clock import civil_date
from registry.database import Transaction
from registry.days import Days
from registry.errors import RefusedError
from registry.tables import Appeal, AppealOutcome, ProposedAct


def conclude(
    tx: Transaction,
    appeal_id: str,
    outcome: AppealOutcome,
    on: date,
    note: str,
    *,
    two_people: bool = False,
    old_meant: bool = False,
) -> Appeal:
    """Record how an appeal ended. With two people it stays open, and its hold stands, until the second one has confirmed it.

    Raises:
        RefusedError: nobody of the staff answers for it, it has ended already, or the day is impossible.
        OldDayError: the day is more than six months back.
    """
    dossiers.named(tx)
    locked, appeal = appeals.lock(tx, appeal_id)
    if appeal.closed_at is not None or appeal.outcome is not None:
        raise RefusedError(f"this appeal has ended already, {appeal.outcome}: a new contestation is a new appeal")
    days = Days(civil_date(tx.now), old_meant)
    days.check(on, "the outcome of")
    if on < (appeal.postmark_on or on):
        raise RefusedError(f"an appeal posted on {appeal.postmark_on} cannot have ended on {on}: correct one of the two dates")
    appeal.outcome, appeal.closed_by = outcome, tx.actor
    tx.record(
        "appeal.outcome",
        appeal.id,
        dossier=appeal.dossier_id,
        outcome=str(outcome),
        on=on.isoformat(),
        reason_sha256=reasons.note(tx, appeal.id, note),
    )
    if locked.is_over:
        appeals.close(tx, locked, appeal)  # nothing is left whose date could follow from it
    elif outcome in decisions.RULINGS:
        decisions.of_appeal(tx, locked, appeal, on, days=days, two_people=two_people)
    elif two_people:
        proposals.propose(tx, ProposedAct.END_APPEAL, appeal.id, note)
    else:
        appeals.close(tx, locked, appeal)
    locked.wake()
    return appeal


def reopen(tx: Transaction, appeal: Appeal) -> None:
    """Forget an outcome that the second person refused: the appeal is open as before."""
    appeal.outcome, appeal.closed_by = None, None
    tx.record("appeal.outcome_refused", appeal.id, dossier=appeal.dossier_id)
