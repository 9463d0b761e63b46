"""The date of the jury's decision on a dossier: recorded, corrected, withdrawn. The result itself is nobody's business here.

The outcome of an appeal is a decision of its own, beside the first one. A decision that counts takes the recording from the evaluators.
"""

from collections.abc import Sequence
from datetime import date

from sqlmodel import Session, col, select

from journal import log
from registry import appeals, dossiers, reasons, recordings, versions
from registry.clock import civil_date
from registry.database import Transaction
from registry.days import Days
from registry.dossiers import Locked
from registry.errors import RefusedError
from registry.ids import new_id
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import Appeal, AppealOutcome, Decision, Notification
from registry.versions import Change, Told

KIND = "decision"
RULINGS = frozenset({AppealOutcome.REJECTED, AppealOutcome.UPHELD})
"""The outcomes of an appeal that are a new decision, with its own notification and its own clock."""
_BEFORE = (RecordingState.ACCEPTED, RecordingState.RELEASED)


def of_dossier(session: Session, dossier_id: str) -> Sequence[Decision]:
    """Return every version of every decision of a dossier, oldest first."""
    query = select(Decision).where(Decision.dossier_id == dossier_id)
    return session.exec(query.order_by(col(Decision.recorded_at), col(Decision.id))).all()


def standing(session: Session, dossier_id: str) -> Decision | None:
    """Return the newest version of the decision that stands, confirmed or not: the outcome of the latest appeal, else the first."""
    found = versions.heads(of_dossier(session, dossier_id))
    after = [one for one in found if one.after_appeal is not None]
    return next(reversed(after or found), None)


def counting(session: Session, dossier_id: str) -> Decision | None:
    """Return the version of a decision that counts, or None while the jury's decision is not known."""
    rows = of_dossier(session, dossier_id)
    found = [versions.counting(head, rows) for head in versions.heads(rows)]
    return next((one for one in reversed(found) if one is not None), None)


def record(
    tx: Transaction, dossier_id: str, decided_on: date, *, two_people: bool = False, old_meant: bool = False, reason: str | None = None
) -> Told[Decision]:
    """Record the day of the jury's decision, or correct it. The same day again changes nothing.

    Args:
        tx: the caller's transaction.
        dossier_id: whose.
        decided_on: the day, in Paris.
        two_people: it counts only once a second person has confirmed it.
        old_meant: a day long past is meant.
        reason: why; a correction needs one.

    Raises:
        RefusedError: the day is impossible, the dossier ended otherwise, destruction has begun, or a correction has no reason.
        OldDayError: the day is more than six months back.
    """
    locked = dossiers.lock(tx, dossier_id)
    head = standing(tx.session, dossier_id)
    if head is not None and head.decided_on == decided_on:
        return Told(Change.UNCHANGED, head)
    if two_people:
        dossiers.named(tx)
    locked.correctable()
    _refuse_ended(tx.session, locked)
    _check_day(locked, decided_on, Days(civil_date(tx.now), old_meant))
    _refuse_before_letters(tx.session, dossier_id, head, decided_on)
    if head is not None and reason is None:
        raise RefusedError(f"the decision was recorded as of {head.decided_on}: say why it changes (--reason)")
    row = _version(tx, dossier_id, decided_on, head.after_appeal if head else None, two_people=two_people)
    told = "corrected" if head else "recorded"
    if head is not None:
        versions.supersede(tx, head, row, KIND)
    _write(tx, row, told, reason)
    if not two_people:
        take_effect(tx, locked, row)
    locked.wake()
    return Told(Change.CORRECTED if head else Change.RECORDED, row)


def of_appeal(tx: Transaction, locked: Locked, appeal: Appeal, decided_on: date, *, days: Days, two_people: bool) -> Decision:
    """Record the decision that rules on an appeal. Once it counts, the appeal is closed and its hold released.

    Raises:
        RefusedError: the day is impossible, or comes before the first decision.
        OldDayError: it is more than six months back.
    """
    first = standing(tx.session, locked.id)
    days.check(decided_on, "the ruling of")
    if first is not None and decided_on < first.decided_on:
        raise RefusedError(f"an appeal is ruled on after the decision of {first.decided_on}: correct the day of the ruling")
    row = _version(tx, locked.id, decided_on, appeal.id, two_people=two_people)
    _write(tx, row, "recorded", None)
    if not two_people:
        take_effect(tx, locked, row)
    return row


def withdraw(tx: Transaction, dossier_id: str, reason: str) -> Decision:
    """Withdraw the decision that stands, with its notifications: the dossier waits for the jury again.

    Raises:
        RefusedError: there is none, it rules on an appeal, or destruction has begun.
    """
    locked = dossiers.lock(tx, dossier_id)
    locked.correctable()
    head = standing(tx.session, dossier_id)
    if head is None:
        raise RefusedError("no decision of this dossier is on record: there is nothing to withdraw")
    if head.after_appeal is not None:
        raise RefusedError("this decision rules on an appeal: correct its day, or record the appeal again, which suspends destruction")
    for letter in versions.heads(letters(tx.session, dossier_id)):
        versions.withdraw(tx, letter, "notification")
    versions.withdraw(tx, head, KIND, reason_sha256=reasons.note(tx, head.id, reason))
    tx.session.flush()
    settle(tx, locked)
    locked.wake()
    return head


def letters(session: Session, dossier_id: str) -> Sequence[Notification]:
    """Return every version of every notification of a dossier, oldest first."""
    query = select(Notification).where(Notification.dossier_id == dossier_id)
    return session.exec(query.order_by(col(Notification.recorded_at), col(Notification.id))).all()


def letter_of(session: Session, decision: Decision) -> Notification | None:
    """Return the newest version of a decision's notification; it may name an earlier version of the decision."""
    ids = {one.id for one in versions.chain(decision, of_dossier(session, decision.dossier_id))}
    found = [one for one in versions.heads(letters(session, decision.dossier_id)) if one.decision_id in ids]
    return found[-1] if found else None


def take_effect(tx: Transaction, locked: Locked, row: Decision) -> None:
    """Do what follows once a decision counts: the recording goes to *decided*, the appeal that it rules on is closed."""
    tx.session.flush()
    if row.after_appeal is not None:
        appeals.close(tx, locked, tx.lock(Appeal, row.after_appeal))
    settle(tx, locked)


def settle(tx: Transaction, locked: Locked) -> None:
    """Bring the recordings' states in line with whether a decision counts. Safe to repeat.

    Also for a recording that is accepted after the jury has decided, and when a slip is undone.
    """
    found = counting(tx.session, locked.id)
    for one in locked.live:
        if found is not None and one.state in _BEFORE and one.unlistenable is not Unlistenable.REPLACED:
            recordings.move(tx, one, RecordingState.DECIDED, Who.COORDINATOR, decision=found.id)
        elif found is None and one.state is RecordingState.DECIDED:
            recordings.move(tx, one, _state_before(tx, one.id), Who.COORDINATOR)


def _state_before(tx: Transaction, recording_id: str) -> RecordingState:
    """Return the state that a decided recording was in, as the journal tells."""
    entries = log.entries_about(tx.session.connection(), recording_id)
    before = [one.entry.facts["before"] for one in entries if one.entry.facts.get("after") == RecordingState.DECIDED]
    return RecordingState(str(before[-1])) if before else RecordingState.ACCEPTED


def _version(tx: Transaction, dossier_id: str, decided_on: date, after_appeal: str | None, *, two_people: bool) -> Decision:
    row = Decision(
        id=new_id("dec"),
        dossier_id=dossier_id,
        decided_on=decided_on,
        after_appeal=after_appeal,
        recorded_at=tx.now,
        recorded_by=tx.actor,
        needs_confirmation=two_people,
    )
    tx.session.add(row)
    return row


def _write(tx: Transaction, row: Decision, told: str, reason: str | None) -> None:
    tx.record(
        f"{KIND}.{told}",
        row.id,
        dossier=row.dossier_id,
        decided_on=row.decided_on.isoformat(),
        after_appeal=row.after_appeal,
        needs_confirmation=row.needs_confirmation,
        reason_sha256=reasons.note(tx, row.id, reason) if reason is not None else None,
    )


def _check_day(locked: Locked, decided_on: date, days: Days) -> None:
    days.check(decided_on, "the decision of")
    if decided_on < locked.file.hearing_on:
        raise RefusedError(f"a decision of {decided_on} comes before the hearing of {locked.file.hearing_on}: correct one of the two dates")


def _refuse_ended(session: Session, locked: Locked) -> None:
    if locked.file.session.cancelled_at is not None:
        raise RefusedError("this session was cancelled: undo that first (session cancel --undo)")
    if dossiers.closure(session, locked.id) is not None:
        raise RefusedError("this dossier was closed without a decision: undo that first (close --undo)")


def _refuse_before_letters(session: Session, dossier_id: str, head: Decision | None, decided_on: date) -> None:
    if head is None:
        return
    letter = letter_of(session, head)
    if letter is not None and letter.sent_on < decided_on:
        raise RefusedError(f"the decision was sent on {letter.sent_on}, before {decided_on}: correct the notification first (notify)")
    if head.after_appeal is not None:
        earlier = [one for one in versions.heads(of_dossier(session, dossier_id)) if one.id != head.id]
        if any(decided_on < one.decided_on for one in earlier):
            raise RefusedError("an appeal is ruled on after the first decision: correct the day of the ruling")
