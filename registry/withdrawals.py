"""A client withdraws the consent: nobody listens any more, at once. Destruction follows some hours later, so that a slip can be undone.

Under a hold the recording stays, silent, and the matter goes to the compliance officer. Where the centre asks for two people, silence does
not wait for the second one; destruction does.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from journal import log
from registry import decisions, dossiers, holds, proposals, reasons
from registry.database import Transaction
from registry.dossiers import Locked
from registry.errors import RefusedError
from registry.states import Unlistenable
from registry.tables import Hold, Proposal, ProposedAct, Recording

_KIND = "recording.consent_withdrawn"


@dataclass(frozen=True)
class Withdrawn:
    """The recordings that nobody may listen to any more, and the holds that keep them."""

    recordings: tuple[Recording, ...]
    holds: tuple[Hold, ...]
    waits: bool = False


def withdraw(tx: Transaction, dossier_id: str, reason: str, *, recording_id: str | None = None, two_people: bool = False) -> Withdrawn:
    """Silence one recording of a dossier, or all that are left.

    Raises:
        RefusedError: there is none left, or the consent was withdrawn already.
    """
    if two_people:
        dossiers.named(tx)
    locked = dossiers.lock(tx, dossier_id)
    concerned = [one for one in locked.live if one.id == (recording_id or one.id)]
    if not concerned:
        raise RefusedError("no recording is left that this consent is for: its destruction has begun, or nothing was deposited")
    changed = [one for one in concerned if one.unlistenable is not Unlistenable.CONSENT_WITHDRAWN]
    if not changed:
        raise RefusedError("the consent was withdrawn already: nothing was changed")
    for one in changed:
        was, was_at = one.unlistenable, one.unlistenable_at
        one.unlistenable, one.unlistenable_at = Unlistenable.CONSENT_WITHDRAWN, None if two_people else tx.now
        tx.record(
            _KIND,
            one.id,
            was=str(was) if was else None,
            was_at=was_at.isoformat() if was_at else None,
            needs_confirmation=two_people,
            reason_sha256=reasons.note(tx, one.id, reason),
        )
    if two_people and not any(_asked(one, dossier_id) for one in proposals.waiting(tx.session)):
        proposals.propose(tx, ProposedAct.WITHDRAW_CONSENT, dossier_id, reason)
    tx.session.flush()
    locked.wake()
    kept = {hold.id: hold for one in changed for hold in holds.covering(tx.session, one)}
    return Withdrawn(tuple(changed), tuple(kept.values()), waits=two_people)


def confirm_withdrawal(tx: Transaction, proposal: Proposal) -> None:
    """Let the destruction that follows a withdrawal be reckoned from now on."""
    locked = dossiers.lock(tx, proposal.target_id)
    for one in _withdrawn(locked):
        if one.unlistenable_at is None:
            one.unlistenable_at = tx.now
            tx.record("recording.withdrawal_confirmed", one.id)
    locked.wake()


def undo(tx: Transaction, dossier_id: str, reason: str) -> Sequence[Recording]:
    """Undo the withdrawals of a dossier: a slip. Each recording may be listened to again as far as nothing else silences it.

    Raises:
        RefusedError: nobody of the staff answers for it, or there is no withdrawal that can still be undone.
    """
    dossiers.named(tx)
    locked = dossiers.lock(tx, dossier_id)
    found = _withdrawn(locked)
    if not found:
        raise RefusedError("no withdrawal of this dossier can be undone: there is none, or destruction has begun")
    for one in found:
        one.unlistenable, one.unlistenable_at = _before(tx, one.id)
        tx.record("recording.consent_reinstated", one.id, reason_sha256=reasons.note(tx, one.id, reason))
    proposals.drop(tx, ProposedAct.WITHDRAW_CONSENT, dossier_id)
    tx.session.flush()
    decisions.settle(tx, locked)
    locked.wake()
    return found


def _asked(proposal: Proposal, dossier_id: str) -> bool:
    return proposal.act is ProposedAct.WITHDRAW_CONSENT and proposal.target_id == dossier_id


def _withdrawn(locked: Locked) -> list[Recording]:
    return [one for one in locked.live if one.unlistenable is Unlistenable.CONSENT_WITHDRAWN]


def _before(tx: Transaction, recording_id: str) -> tuple[Unlistenable | None, datetime | None]:
    """Return what silenced a recording before its consent was withdrawn, as the journal tells."""
    entries = [one.entry for one in log.entries_about(tx.session.connection(), recording_id) if one.entry.kind == _KIND]
    was, was_at = (entries[-1].facts["was"], entries[-1].facts["was_at"]) if entries else (None, None)
    return Unlistenable(str(was)) if was else None, datetime.fromisoformat(str(was_at)) if was_at else None
