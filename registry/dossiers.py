"""A dossier whose facts a person is about to change: locked with its recordings, always in that order, the gate's too.

So a fact that is recorded while a destruction begins comes either before it, and stops it, or after it, and is told so.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from registry import recordings, sessions
from registry.codes import Answer
from registry.database import Transaction
from registry.errors import RefusedError
from registry.sessions import File
from registry.states import RecordingState, Unlistenable
from registry.tables import Closure, Dossier, Recording, User


@dataclass(frozen=True)
class Locked:
    """A dossier and its recordings, held until the end of the transaction."""

    file: File
    recordings: tuple[Recording, ...]

    @property
    def id(self) -> str:
        """The dossier's identifier."""
        return self.file.dossier.id

    @property
    def live(self) -> list[Recording]:
        """The recordings whose destruction has not begun."""
        return [one for one in self.recordings if one.state not in recordings.GONE]

    @property
    def standing(self) -> list[Recording]:
        """The live recordings that may still be listened to one day."""
        return [one for one in self.live if one.unlistenable is None and one.state is not RecordingState.REJECTED]

    @property
    def gone(self) -> list[Recording]:
        """The recordings that mattered and whose destruction has begun: not those that were replaced or refused."""
        begun = (one for one in self.recordings if one.state in recordings.GONE)
        return [one for one in begun if one.unlistenable is not Unlistenable.REPLACED and one.quarantine_until is None]

    @property
    def is_over(self) -> bool:
        """Whether destruction has begun, and no recording is left that a fact could still concern."""
        return bool(self.gone) and not self.standing

    def correctable(self) -> None:
        """Refuse to change the dates that a destruction rests on. One that began for another cause, such as a withdrawal, forbids nothing.

        Raises:
            RefusedError: destruction has begun.
        """
        rests = (one for one in self.gone if one.unlistenable is None and one.answer is not Answer.AWAITING_CONSENT)
        if self.is_over and any(rests):
            raise RefusedError("the destruction of this dossier's recording has begun: its dates can no longer be changed")

    def undoable(self) -> None:
        """Refuse to end a dossier, or to open it again, whose recording is being destroyed.

        Raises:
            RefusedError: destruction has begun.
        """
        if self.is_over:
            raise RefusedError("the destruction of this dossier's recording has begun: it ends with that")

    def wake(self) -> None:
        """Have retention look at every recording again."""
        for one in self.live:
            one.stale = True


def lock(tx: Transaction, dossier_id: str) -> Locked:
    """Lock a dossier, then its recordings in the order of their ids.

    Raises:
        RefusedError: there is no such dossier.
    """
    return lock_all(tx, [dossier_id])[0]


def lock_all(tx: Transaction, dossier_ids: Sequence[str]) -> list[Locked]:
    """Lock several dossiers and their recordings, in the order of their ids."""
    for one in sorted(dossier_ids):
        tx.lock(Dossier, one)
    query = select(Recording).where(col(Recording.dossier_id).in_(dossier_ids)).order_by(col(Recording.id))
    rows = tx.session.exec(query.with_for_update().execution_options(populate_existing=True)).all()
    return [Locked(sessions.file_of(tx.session, one), tuple(row for row in rows if row.dossier_id == one)) for one in dossier_ids]


def of_session(session: Session, session_id: str) -> list[str]:
    """Return the dossiers of a session, in the order of their ids."""
    return list(session.exec(select(Dossier.id).where(Dossier.session_id == session_id).order_by(col(Dossier.id))))


def closure(session: Session, dossier_id: str) -> Closure | None:
    """Return how a dossier ended without a decision, if it did."""
    query = select(Closure).where(Closure.dossier_id == dossier_id, col(Closure.undone_at).is_(None))
    return session.exec(query).first()


def named(tx: Transaction) -> User:
    """Return the enrolled member of the staff who acts.

    Raises:
        RefusedError: nobody does: a machine's account cannot answer for this.
    """
    user = tx.session.get(User, tx.actor) if tx.actor.startswith("usr_") else None
    if user is None or not user.active:
        raise RefusedError("a named person must answer for this: give --by with the address of an enrolled member of the staff")
    return user
