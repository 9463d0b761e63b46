"""How and when a decision reached the candidate: sent, handed over and its proof, or come back unclaimed.

What is left out keeps what was said before, so that a letter is recorded when it leaves and completed when the post answers. An unclaimed
letter starts nothing: a second one is sent; if that comes back too, two people may set a reasoned date.
"""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from registry import decisions, dossiers, reasons, versions
from registry.clock import civil_date
from registry.database import Transaction
from registry.days import Days
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import Channel, Decision, Notification, Proof
from registry.versions import Change, Told

KIND = "notification"
_POSTED = frozenset({Channel.REGISTERED_LETTER, Channel.REGISTERED_MAIL})
_ATTEMPTS = 2  # letters that came back before a date may be reasoned


@dataclass(frozen=True, slots=True)
class Said:
    """What a person says of one notification; None says nothing."""

    channel: Channel | None = None
    sent_on: date | None = None
    handed_over_on: date | None = None
    proof: Proof | None = None
    unclaimed: bool | None = None

    def __bool__(self) -> bool:
        """Whether anything is said; that a letter is *not* unclaimed says nothing of its own."""
        return self != Said() and self != Said(unclaimed=False)


@dataclass(frozen=True, slots=True)
class _Letter:
    """One whole version, not yet written."""

    channel: Channel
    sent_on: date
    handed_over_on: date | None = None
    proof: Proof | None = None
    unclaimed: bool = False
    attempt: int = 1

    @classmethod
    def of(cls, row: Notification) -> "_Letter":
        return cls(row.channel, row.sent_on, row.handed_over_on, row.proof, row.unclaimed, row.attempt)


def record(
    tx: Transaction,
    dossier_id: str,
    said: Said,
    *,
    two_people: bool = False,
    old_meant: bool = False,
    correct: bool = False,
    reason: str | None = None,
) -> Told[Notification]:
    """Record, complete or correct the notification of the decision that stands. The same again changes nothing.

    After an unclaimed letter, one sent later is the second attempt, unless ``correct`` says that the first one's day was wrong.

    Raises:
        RefusedError: there is no decision; the dates are impossible; channel, proof and days contradict each other; destruction has
            begun; a correction has no reason.
        OldDayError: a day is more than six months back.
    """
    locked = dossiers.lock(tx, dossier_id)
    decision = _decision(tx.session, dossier_id)
    head = decisions.letter_of(tx.session, decision)
    letter = _next(head, said, correct=correct)
    if head is not None and (letter == _Letter.of(head) or (not correct and _long_known(tx.session, head, said))):
        return Told(Change.UNCHANGED, head)
    if two_people:
        dossiers.named(tx)
    locked.correctable()
    _check(letter, decision, Days(civil_date(tx.now), old_meant))
    change = _change(head, letter)
    if change is Change.CORRECTED and reason is None:
        raise RefusedError("this changes what was recorded about the notification: say why (--reason)")
    row = _write(tx, decision, letter, head, change, reason, two_people=two_people)
    locked.wake()
    return Told(change, row)


def reason_date(tx: Transaction, dossier_id: str, on: date, reason: str, *, old_meant: bool = False) -> Told[Notification]:
    """Set the day on which a letter that came back twice is held to have reached the candidate. It always takes a second person.

    Raises:
        RefusedError: two letters did not come back unclaimed, the day is impossible, or nobody of the staff answers for it.
        OldDayError: the day is more than six months back.
    """
    locked = dossiers.lock(tx, dossier_id)
    dossiers.named(tx)
    locked.correctable()
    decision = _decision(tx.session, dossier_id)
    head = decisions.letter_of(tx.session, decision)
    if head is None or not head.unclaimed or head.attempt < _ATTEMPTS:
        raise RefusedError("a date is reasoned only once a second letter has come back unclaimed: record that first (notify --unclaimed)")
    letter = replace(_Letter.of(head), handed_over_on=on, proof=Proof.REASONED_DATE, unclaimed=False)
    _check_days(letter, decision, Days(civil_date(tx.now), old_meant))
    row = _write(tx, decision, letter, head, Change.COMPLETED, reason, two_people=True)
    locked.wake()
    return Told(Change.COMPLETED, row)


def withdraw(tx: Transaction, dossier_id: str, reason: str) -> Notification:
    """Withdraw the notification of the decision that stands: no clock runs until another is recorded.

    Raises:
        RefusedError: there is none, or destruction has begun.
    """
    locked = dossiers.lock(tx, dossier_id)
    locked.correctable()
    head = decisions.letter_of(tx.session, _decision(tx.session, dossier_id))
    if head is None:
        raise RefusedError("no notification of this decision is on record: there is nothing to withdraw")
    versions.withdraw(tx, head, KIND, reason_sha256=reasons.note(tx, head.id, reason))
    locked.wake()
    return head


def _decision(session: Session, dossier_id: str) -> Decision:
    found = decisions.standing(session, dossier_id)
    if found is None:
        raise RefusedError("no decision of this dossier is on record: record the jury's decision first (decide)")
    return found


def _next(head: Notification | None, said: Said, *, correct: bool) -> _Letter:
    if said.unclaimed and (said.handed_over_on is not None or said.proof is not None):
        raise RefusedError("a letter is either unclaimed or handed over: say one of the two")
    if head is None:
        if said.sent_on is None and said.channel is Channel.BY_HAND:
            said = replace(said, sent_on=said.handed_over_on)
        if said.channel is None or said.sent_on is None:
            raise RefusedError("say how and when the decision was sent (--channel, --sent)")
        return _Letter(said.channel, said.sent_on, said.handed_over_on, said.proof, unclaimed=bool(said.unclaimed))
    before = _Letter.of(head)
    again = before.unclaimed and not correct and said.sent_on is not None and said.sent_on > before.sent_on
    if again and said.sent_on is not None:
        return _Letter(
            said.channel or before.channel, said.sent_on, said.handed_over_on, said.proof, bool(said.unclaimed), before.attempt + 1
        )
    overlaid = replace(
        before,
        channel=said.channel or before.channel,
        sent_on=said.sent_on or before.sent_on,
        handed_over_on=said.handed_over_on or before.handed_over_on,
        proof=said.proof or before.proof,
    )
    if said.unclaimed:
        return replace(overlaid, unclaimed=True, handed_over_on=None, proof=None)
    return replace(overlaid, unclaimed=False) if said.handed_over_on is not None else overlaid


def _long_known(session: Session, head: Notification, said: Said) -> bool:
    """Tell whether what is said is of an earlier letter, which came back unclaimed: an old list imported again."""
    before = (one for one in decisions.letters(session, head.dossier_id) if one.attempt < head.attempt and one.unclaimed)
    return said.sent_on is not None and any(one.sent_on == said.sent_on for one in before)


def _change(head: Notification | None, letter: _Letter) -> Change:
    if head is None:
        return Change.RECORDED
    before = _Letter.of(head)
    if letter.attempt > before.attempt:
        return Change.RECORDED
    pairs = (
        (before.channel, letter.channel),
        (before.sent_on, letter.sent_on),
        (before.handed_over_on, letter.handed_over_on),
        (before.proof, letter.proof),
        (before.unclaimed or None, letter.unclaimed or None),
    )
    return Change.CORRECTED if any(old is not None and old != new for old, new in pairs) else Change.COMPLETED


def _check(letter: _Letter, decision: Decision, days: Days) -> None:
    _check_days(letter, decision, days)
    if letter.proof is Proof.REASONED_DATE:
        raise RefusedError("a reasoned date is set on its own, by two people (notify --reasoned-date)")
    if letter.unclaimed and letter.channel not in _POSTED:
        raise RefusedError("only a registered letter or a registered mail can come back unclaimed: correct the channel")
    if letter.proof is Proof.HANDED_OVER and letter.channel not in _POSTED:
        raise RefusedError("only the post proves a handing-over: say that the candidate signed (--proof acknowledged)")
    if letter.proof in {Proof.HANDED_OVER, Proof.ACKNOWLEDGED} and letter.handed_over_on is None:
        raise RefusedError("say on which day it was handed over or signed (--handed-over)")


def _check_days(letter: _Letter, decision: Decision, days: Days) -> None:
    days.check(letter.sent_on, "the notification sent on")
    if letter.sent_on < decision.decided_on:
        raise RefusedError(f"it was sent on {letter.sent_on}, before the decision of {decision.decided_on}: correct one of the two dates")
    if letter.handed_over_on is None:
        return
    days.check(letter.handed_over_on, "the handing-over of")
    if letter.handed_over_on < letter.sent_on:
        raise RefusedError(f"it was handed over on {letter.handed_over_on}, before it was sent on {letter.sent_on}: correct one of the two")


def _write(
    tx: Transaction,
    decision: Decision,
    letter: _Letter,
    head: Notification | None,
    change: Change,
    reason: str | None,
    *,
    two_people: bool,
) -> Notification:
    row = Notification(
        id=new_id("ntf"),
        dossier_id=decision.dossier_id,
        decision_id=decision.id,
        channel=letter.channel,
        sent_on=letter.sent_on,
        handed_over_on=letter.handed_over_on,
        proof=letter.proof,
        unclaimed=letter.unclaimed,
        attempt=letter.attempt,
        recorded_at=tx.now,
        recorded_by=tx.actor,
        needs_confirmation=two_people,
    )
    tx.session.add(row)
    if head is not None:
        versions.supersede(tx, head, row, KIND)
    tx.record(
        f"{KIND}.{change}",
        row.id,
        dossier=row.dossier_id,
        decision=row.decision_id,
        channel=str(row.channel),
        sent_on=row.sent_on.isoformat(),
        handed_over_on=row.handed_over_on.isoformat() if row.handed_over_on else None,
        proof=str(row.proof) if row.proof else None,
        unclaimed=row.unclaimed,
        attempt=row.attempt,
        needs_confirmation=row.needs_confirmation,
        reason_sha256=reasons.note(tx, row.id, reason) if reason is not None else None,
    )
    return row
