"""The second person: what waits for one, confirmed or refused.

A decision or a notification is a version that does not count yet; the rest are proposals. Nobody confirms what he recorded himself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from registry import appeals, closures, decisions, dossiers, outcomes, proposals, reasons, recourse_checks, versions, withdrawals
from registry.database import Transaction
from registry.errors import RefusedError
from registry.tables import Appeal, Decision, Notification, Proposal, ProposedAct, Row

_UNKNOWN = "nothing waits for a confirmation under {}: “consigne confirm” lists what does"
_R = TypeVar("_R", bound=Row)


def confirm(tx: Transaction, waiting_id: str) -> None:
    """Vouch for what somebody else recorded: from now on it counts.

    Raises:
        RefusedError: it does not wait, the same person recorded it, it can no longer hold, or nobody of the staff confirms.
    """
    dossiers.named(tx)
    _verb(waiting_id).confirm(tx, waiting_id)


def refuse(tx: Transaction, waiting_id: str, reason: str) -> None:
    """Turn down what waits, also one's own: what counted before still does.

    Raises:
        RefusedError: it does not wait, or nobody of the staff answers for it.
    """
    dossiers.named(tx)
    _verb(waiting_id).refuse(tx, waiting_id, reason)


def _confirm_decision(tx: Transaction, row_id: str) -> None:
    row = _found(tx, Decision, row_id)
    locked = dossiers.lock(tx, row.dossier_id)
    row = tx.lock(Decision, row_id)
    _second(tx, row_id, row.recorded_by, waits=_waits(row))
    locked.correctable()
    if row.decided_on < locked.file.hearing_on:
        raise RefusedError(
            f"this decision comes before the hearing, which is now on {locked.file.hearing_on}: correct one of the two dates"
        )
    row.confirmed_by, row.confirmed_at = tx.actor, tx.now
    tx.record("decision.confirmed", row.id, dossier=row.dossier_id)
    decisions.take_effect(tx, locked, row)
    locked.wake()


def _confirm_notification(tx: Transaction, row_id: str) -> None:
    row = _found(tx, Notification, row_id)
    locked = dossiers.lock(tx, row.dossier_id)
    row = tx.lock(Notification, row_id)
    _second(tx, row_id, row.recorded_by, waits=_waits(row))
    locked.correctable()
    decision = decisions.standing(tx.session, row.dossier_id)
    if decision is not None and row.sent_on < decision.decided_on:
        raise RefusedError(
            f"this notification comes before the decision, which is now of {decision.decided_on}: correct one of the two dates"
        )
    row.confirmed_by, row.confirmed_at = tx.actor, tx.now
    tx.record("notification.confirmed", row.id, dossier=row.dossier_id)
    locked.wake()


def _confirm_proposal(tx: Transaction, row_id: str) -> None:
    row = _found(tx, Proposal, row_id)
    _second(tx, row_id, row.proposed_by, waits=row.settled_at is None)
    _ACTS[row.act](tx, row)
    row = tx.lock(Proposal, row_id)  # after what it is about, as whoever proposes does
    _second(tx, row_id, row.proposed_by, waits=row.settled_at is None)
    proposals.settle(tx, row, confirmed=True)


def _end_appeal(tx: Transaction, proposal: Proposal) -> None:
    locked, appeal = appeals.lock(tx, proposal.target_id)
    appeals.close(tx, locked, appeal)


_ACTS: Mapping[ProposedAct, Callable[[Transaction, Proposal], None]] = {
    ProposedAct.CLOSE_DOSSIER: closures.confirm_closing,
    ProposedAct.CANCEL_SESSION: closures.confirm_cancelling,
    ProposedAct.WITHDRAW_CONSENT: withdrawals.confirm_withdrawal,
    ProposedAct.END_APPEAL: _end_appeal,
    ProposedAct.CHECK_RECOURSE: recourse_checks.confirm_check,
}


def _refuse_decision(tx: Transaction, row_id: str, reason: str) -> None:
    row = _found(tx, Decision, row_id)
    locked = dossiers.lock(tx, row.dossier_id)
    row = tx.lock(Decision, row_id)
    _still(row_id, waits=_waits(row))
    rows = decisions.of_dossier(tx.session, row.dossier_id)
    alone = len(versions.chain(row, rows)) == 1
    versions.refuse(tx, row, rows, decisions.KIND, reason_sha256=reasons.note(tx, row.id, reason))
    if alone and row.after_appeal is not None:
        outcomes.reopen(tx, tx.lock(Appeal, row.after_appeal))
    tx.session.flush()
    decisions.settle(tx, locked)
    locked.wake()


def _refuse_notification(tx: Transaction, row_id: str, reason: str) -> None:
    row = _found(tx, Notification, row_id)
    locked = dossiers.lock(tx, row.dossier_id)
    row = tx.lock(Notification, row_id)
    _still(row_id, waits=_waits(row))
    rows = decisions.letters(tx.session, row.dossier_id)
    versions.refuse(tx, row, rows, "notification", reason_sha256=reasons.note(tx, row.id, reason))
    locked.wake()


def _refuse_proposal(tx: Transaction, row_id: str, reason: str) -> None:
    row = _found(tx, Proposal, row_id)
    if row.act is ProposedAct.END_APPEAL:
        _, appeal = appeals.lock(tx, row.target_id)
        outcomes.reopen(tx, appeal)
    row = tx.lock(Proposal, row_id)
    _still(row_id, waits=row.settled_at is None)
    if row.act is ProposedAct.WITHDRAW_CONSENT:
        raise RefusedError("the client's withdrawal silenced the recording at once: undo it instead, if it is a slip (withdraw --undo)")
    proposals.settle(tx, row, confirmed=False, reason=reason)


@dataclass(frozen=True)
class _Verbs:
    confirm: Callable[[Transaction, str], None]
    refuse: Callable[[Transaction, str, str], None]


_VERBS = {
    "dec": _Verbs(_confirm_decision, _refuse_decision),
    "ntf": _Verbs(_confirm_notification, _refuse_notification),
    "prp": _Verbs(_confirm_proposal, _refuse_proposal),
}


def _verb(waiting_id: str) -> _Verbs:
    found = _VERBS.get(waiting_id.partition("_")[0])
    if found is None:
        raise RefusedError(_UNKNOWN.format(waiting_id))
    return found


def _found(tx: Transaction, model: type[_R], row_id: str) -> _R:
    row = tx.session.get(model, row_id)
    if row is None:
        raise RefusedError(_UNKNOWN.format(row_id))
    return row


def _waits(row: Decision | Notification) -> bool:
    return row.superseded_by is None and not versions.vouched(row)


def _still(row_id: str, *, waits: bool) -> None:
    if not waits:
        raise RefusedError(_UNKNOWN.format(row_id))


def _second(tx: Transaction, row_id: str, first: str, *, waits: bool) -> None:
    _still(row_id, waits=waits)
    if tx.actor == first:
        raise RefusedError("nobody confirms what he recorded himself: another member of the staff must (--by)")
