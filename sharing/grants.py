"""Grants: the centre gives one member of the committee one recording, for a window of time, and takes it back.

A grant is given for what may be heard: an accepted recording, with the client's consent on record. The first grant takes the
recording from accepted to released; taking back the last one takes it to accepted again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from registry import addresses, recordings, sessions
from registry.clock import PARIS, civil_date
from registry.codes import Language
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.states import RecordingState, Who
from registry.tables import Evaluator, Grant, Recording, Role, User
from sharing.asking import facts_of
from sharing.listening import Facts, Listener, Silence, Window, barred

_AFTER_HEARING = timedelta(days=7)  # our choice: the committee hears the candidate, then proposes
_LONGEST = timedelta(days=366)
_NOT_ACTIVE = "this evaluator is no longer active: enrol the person again, or choose another"
_OVER = "this window is already over: give a later day with --until"
WHY = {
    Silence.GONE: "this recording is being destroyed, or is destroyed: nobody can listen to it",
    Silence.UNLISTENABLE: "this recording was replaced, flagged, or its consent withdrawn: nobody may listen to it",
    Silence.ENDED: "this session was cancelled, or this dossier closed without a decision: nobody may listen to it",
    Silence.NO_CONSENT: "no attestation of the client's consent is on record: nobody may listen until there is one",
    Silence.RESTORED: "everything is held since the restore: re-enter what the backup lacks, then release that hold",
}
_DECIDED = "the jury has decided: the committee no longer listens to this recording"
_NOT_ACCEPTED = "this recording is not accepted: review it first, or wait until it is"


def enrol(tx: Transaction, *, name: str, mail: str, employer: str, language: Language = Language.FR) -> Evaluator:
    """Enrol a member of the committee.

    Raises:
        RefusedError: the address is not one, or already another evaluator's or of the staff; the name or the employer is empty.
    """
    mail, name, employer = addresses.checked(mail), " ".join(name.split()), " ".join(employer.split())
    if not name or not employer:
        raise RefusedError("an evaluator has a name and an employer: give both")
    if tx.session.exec(select(Evaluator).where(Evaluator.mail == mail)).first() is not None:
        raise RefusedError("an evaluator of this mail address is enrolled already: “consigne evaluator list” shows them")
    if tx.session.exec(select(User).where(User.mail == mail)).first() is not None:
        raise RefusedError("this mail address is a member of the staff's: the committee is not the centre's own staff")
    made = Evaluator(id=new_id("evl"), name=name, mail=mail, employer=employer, language=language, created_at=tx.now)
    tx.session.add(made)
    tx.record("evaluator.enrolled", made.id)
    return made


def retire(tx: Transaction, evaluator_id: str) -> None:
    """Make an evaluator inactive: he hears nothing more, at once. His grants are taken back."""
    evaluator = tx.lock(Evaluator, evaluator_id)
    if not evaluator.active:
        return
    evaluator.active = False
    tx.record("evaluator.retired", evaluator.id)
    for grant in _live(tx.session, Grant.evaluator_id == evaluator.id):
        _revoke(tx, grant)


def everyone(session: Session) -> Sequence[Evaluator]:
    """Return every evaluator, the active first, by name."""
    return session.exec(select(Evaluator).order_by(col(Evaluator.active).desc(), col(Evaluator.name))).all()


def evaluator_by(session: Session, key: str) -> Evaluator:
    """Find an evaluator by identifier or mail address.

    Raises:
        RefusedError: there is none.
    """
    found = session.exec(select(Evaluator).where((col(Evaluator.id) == key) | (col(Evaluator.mail) == key))).first()
    if found is None:
        raise RefusedError("no evaluator has this mail address: “consigne evaluator add” enrols people")
    return found


def recording_by(session: Session, key: str) -> Recording:
    """Find a recording by its identifier, or the one that stands for ``SESSION/REFERENCE``.

    Raises:
        RefusedError: there is none.
    """
    if key.startswith("rec_"):
        found = session.get(Recording, key)
    else:
        file = sessions.dossier_by(session, key)
        found = recordings.current(recordings.of_dossier(session, file.dossier.id)) if file else None
    if found is None:
        raise RefusedError(f"no recording is known under {key}: name it as SESSION/REFERENCE, or by its identifier")
    return found


def window(hearing_at: datetime, now: datetime, first: date | None = None, last: date | None = None) -> Window:
    """Return a window of whole days in Paris, both included; from now until a week after the hearing where nothing is said.

    Raises:
        RefusedError: it is empty, over, or longer than a year.
    """
    opens = max(now, _midnight(first)) if first else now
    closes = _midnight((last or civil_date(hearing_at + _AFTER_HEARING)) + timedelta(days=1))
    if closes <= now:
        raise RefusedError(_OVER)
    if closes <= opens:
        raise RefusedError("this window ends before it begins: look at --from and --until")
    if closes - opens > _LONGEST:
        raise RefusedError("this window is longer than a year: give a nearer day with --until")
    return Window(opens, closes)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS).astimezone(UTC)


@dataclass(frozen=True)
class Granted:
    """One grant that stands. ``new`` is False where the same was given before."""

    grant: Grant
    new: bool


def assign(tx: Transaction, evaluator_id: str, recording_id: str, when: Window) -> Granted:
    """Give an evaluator a recording. Another window takes the place of the one given before; the same changes nothing.

    Raises:
        RefusedError: nobody may hear this recording now, or the committee may not; the evaluator is not active; an operator asks.
    """
    actor = tx.session.get(User, tx.actor)
    if actor is not None and actor.role is Role.OPERATOR:
        raise RefusedError("an operator gives nobody a recording: let a coordinator assign it (--by)")
    evaluator = tx.lock(Evaluator, evaluator_id)
    standing = _live(tx.session, Grant.evaluator_id == evaluator.id, Grant.recording_id == recording_id)
    row = tx.lock(Recording, recording_id)
    _check(facts_of(tx.session, evaluator.id, row.id))
    for one in standing:
        if _same(one, when, tx.now):
            return Granted(one, new=False)
    for one in standing:
        _end(tx, one)
    grant = Grant(
        id=new_id("grt"),
        evaluator_id=evaluator.id,
        recording_id=row.id,
        opens_at=when.opens_at,
        closes_at=when.closes_at,
        granted_at=tx.now,
        granted_by=tx.actor,
    )
    tx.session.add(grant)
    tx.record(
        "grant.given",
        grant.id,
        evaluator=evaluator.id,
        recording=row.id,
        opens_at=_iso(when.opens_at),
        closes_at=_iso(when.closes_at),
    )
    if row.state is RecordingState.ACCEPTED:
        recordings.move(tx, row, RecordingState.RELEASED, Who.COORDINATOR, grant=grant.id)
    return Granted(grant, new=True)


def _check(facts: Facts) -> None:
    if facts.listener is not Listener.EVALUATOR:
        raise RefusedError(_NOT_ACTIVE)
    found = barred(facts)
    if found is not None:
        raise RefusedError(WHY[found])
    if facts.state not in {RecordingState.ACCEPTED, RecordingState.RELEASED}:
        raise RefusedError(_DECIDED if facts.state is RecordingState.DECIDED else _NOT_ACCEPTED)


def _same(grant: Grant, when: Window, now: datetime) -> bool:
    """Tell whether a grant holds from now on for just this window; when an open one began makes no difference."""
    both_open = grant.opens_at <= now and when.opens_at <= now
    return grant.closes_at == when.closes_at and (both_open or grant.opens_at == when.opens_at)


def revoke(tx: Transaction, evaluator_id: str, recording_id: str) -> int:
    """Take a recording back from an evaluator, at once, also while he listens; return how many grants stood."""
    standing = _live(tx.session, Grant.evaluator_id == evaluator_id, Grant.recording_id == recording_id)
    for one in standing:
        _revoke(tx, one)
    return len(standing)


def _revoke(tx: Transaction, grant: Grant) -> None:
    """End a grant; a recording that nobody has any more goes back to accepted."""
    row = tx.lock(Recording, grant.recording_id)
    _end(tx, grant)
    tx.session.flush()
    if row.state is RecordingState.RELEASED and not _live(tx.session, Grant.recording_id == row.id):
        recordings.move(tx, row, RecordingState.ACCEPTED, Who.COORDINATOR, grant=grant.id)


def _end(tx: Transaction, grant: Grant) -> None:
    grant.revoked_at, grant.revoked_by = tx.now, tx.actor
    tx.record("grant.revoked", grant.id, evaluator=grant.evaluator_id, recording=grant.recording_id)


def _live(session: Session, *where: object) -> Sequence[Grant]:
    query = select(Grant).where(col(Grant.revoked_at).is_(None), *where)  # type: ignore[arg-type]  # SQLModel types comparisons as bool
    return session.exec(query.order_by(col(Grant.id)).with_for_update()).all()


def _iso(instant: datetime) -> str:
    return instant.astimezone(PARIS).isoformat(timespec="seconds")


def holding(session: Session, evaluator_id: str, now: datetime) -> Sequence[Grant]:
    """Return the grants of an evaluator that hold, or will, whatever became of the recordings."""
    query = select(Grant).where(Grant.evaluator_id == evaluator_id, col(Grant.revoked_at).is_(None), col(Grant.closes_at) > now)
    return session.exec(query).all()
