"""Step 1: who treats a file. One row a place; a lease says whose it is, so that two workers do it once."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session as OrmSession
from sqlalchemy.orm import object_session
from sqlmodel import Session, col, select, update

from intake.errors import NotOursError
from intake.shares import Identity, Place
from registry import owners
from registry.database import Database
from registry.ids import new_id
from registry.tables import Deposit, DepositState, Door, OutboxFile

VANISHED = "VANISHED"
"""Why a deposit was closed whose file was not there any more when it was read."""
LOST = "gone"
"""Why a deposit was closed although its original was not found: a share that was away for a moment may show it again."""


class Standing(StrEnum):
    """What a claim found."""

    OURS = "ours"
    BUSY = "busy"  # another worker has it, or it must wait
    SETTLED = "settled"  # answered already, and unchanged since
    UNFINISHED = "unfinished"  # stored; its original is still to be taken away


@dataclass(frozen=True)
class Bringer:
    """A person who brings a file that came another way: who, why, and for which dossier."""

    actor: str
    reason: str
    dossier_id: str


@dataclass(frozen=True)
class Sighting:
    """A file that was seen to be whole: where, which, and when it was first seen."""

    place: Place
    identity: Identity
    first_seen_at: datetime
    door: Door = Door.FOLDER
    bringer: Bringer | None = None  # None where the folder tells whose it is
    scope: str = ""  # what the place is below, where it is not the share
    sha256: str | None = None  # of the first reading, which the second must equal

    @property
    def key(self) -> str:
        """What names this door and place in the database."""
        return f"{self.door}:{self.scope}{self.place.key}"


@dataclass(frozen=True)
class Claim:
    """A file that is ours to treat until the lease ends."""

    deposit_id: str
    sighting: Sighting
    owner: str


def claim(database: Database, sighting: Sighting, *, owner: str, now: datetime, lease: timedelta) -> tuple[Standing, Claim | None]:
    """Take the lease of one file, unless it is settled or another's."""
    try:
        with database.bookkeeping() as session:
            return _claim(session, sighting, owner, now, lease)
    except IntegrityError:  # another worker wrote the row of this place between our look and our write
        return Standing.BUSY, None


def _claim(session: Session, sighting: Sighting, owner: str, now: datetime, lease: timedelta) -> tuple[Standing, Claim | None]:
    """Take the row of a place. A lease of the same process is one that it could not give back: it treats a place once at a time."""
    row = session.exec(select(Deposit).where(Deposit.place_key == sighting.key).with_for_update()).first()
    identity = sighting.identity.text()
    if row is None:
        row = Deposit(
            id=new_id("dep"),
            place_key=sighting.key,
            door=sighting.door,
            place=sighting.place.path,
            identity=identity,
            first_seen_at=sighting.first_seen_at,
        )
        session.add(row)
    elif row.state is DepositState.STORED:
        return Standing.UNFINISHED, Claim(row.id, sighting, owner)
    elif row.state is DepositState.CLAIMED and row.lease_owner != owner and holds(row.lease_owner, row.lease_until, now):
        return Standing.BUSY, None
    elif row.identity != identity or (row.state is DepositState.DONE and row.code == VANISHED):
        _begin_again(row, sighting)
    elif row.state is DepositState.DONE and row.code == LOST:
        row.state = DepositState.STORED
        return Standing.UNFINISHED, Claim(row.id, sighting, owner)
    elif row.state in {DepositState.LEFT, DepositState.DONE}:
        return Standing.SETTLED, None
    elif row.not_before is not None and row.not_before > now:
        return Standing.BUSY, None
    row.state, row.lease_owner, row.lease_until = DepositState.CLAIMED, owner, now + lease
    session.flush()
    return Standing.OURS, Claim(row.id, sighting, owner)


def holds(owner: str | None, until: datetime | None, now: datetime) -> bool:
    """Tell whether a lease still stands: neither run out, nor of a process that has ended."""
    return owner is not None and until is not None and until > now and not owners.is_dead(owner)


def _begin_again(row: Deposit, sighting: Sighting) -> None:
    """Another file lies in a place that was used before. What was last answered there is kept until this one is settled."""
    row.identity, row.first_seen_at = sighting.identity.text(), sighting.first_seen_at
    row.sha256 = row.recording_id = row.attempt_id = row.not_before = None
    row.failures = 0


def settled(session: Session) -> dict[Place, str]:
    """Return the identity of every file that was answered and left in a folder: what a restart need not read."""
    query = select(Deposit.place, Deposit.identity).where(Deposit.state == DepositState.LEFT, Deposit.door == Door.FOLDER)
    return {Place.of(place): identity for place, identity in session.exec(query)}


def about_all_of(folder: tuple[bytes, ...]) -> str:
    """Name what an answer speaks of that was given for a whole folder."""
    return f"{Door.FOLDER}:{Place(folder, b'').key}"


def held_back(session: Session) -> set[tuple[bytes, ...]]:
    """Return the folders in which an answer says that they are held back."""
    query = select(OutboxFile.folder, OutboxFile.about).where(col(OutboxFile.about).is_not(None), col(OutboxFile.replaced).is_(False))
    found = ((Place.of(path + b"/").folder if path else (), about) for path, about in session.exec(query))
    return {folder for folder, about in found if about == about_all_of(folder)}


def know(session: Session, place: Place, identity: Identity, now: datetime) -> None:
    """Note a file that we wrote ourselves, so that it is not looked at."""
    sighting = Sighting(place, identity, now)
    row = session.exec(select(Deposit).where(Deposit.place_key == sighting.key).with_for_update()).first()
    if row is None:
        key, path, text = sighting.key, place.path, identity.text()
        row = Deposit(id=new_id("dep"), place_key=key, door=Door.FOLDER, place=path, identity=text, first_seen_at=now)
        session.add(row)
    elif row.state not in {DepositState.CLAIMED, DepositState.STORED}:
        _begin_again(row, sighting)
    else:
        return
    settle(row, DepositState.LEFT)


def ours(session: Session, taken: Claim) -> Deposit:
    """Read our claim's row again, and hold it.

    Raises:
        NotOursError: the lease went to another worker.
    """
    row = session.get(Deposit, taken.deposit_id, with_for_update=True, populate_existing=True)
    if row is None or row.lease_owner != taken.owner or row.state is not DepositState.CLAIMED:
        raise NotOursError("another worker has taken this file over")
    return row


def renew(database: Database, taken: Claim, until: datetime) -> None:
    """Keep a claim for longer.

    Raises:
        NotOursError: as :func:`ours`.
    """
    with database.bookkeeping() as session:
        ours(session, taken).lease_until = until


def release(database: Database, taken: Claim, *, not_before: datetime | None = None, failed: bool = False) -> None:
    """Give a file back, to be looked at again, not before an instant if one is named."""
    with database.bookkeeping() as session:
        row = ours(session, taken)
        row.state, row.lease_owner, row.lease_until, row.not_before = DepositState.SEEN, None, None, not_before
        row.failures = row.failures + 1 if failed else 0


def settle(row: Deposit, state: DepositState, code: str | None = None) -> None:
    """Close the row of a file. Once it is not left any more, what was answered beside it no longer holds."""
    session = object_session(row)
    if session is not None and state is not DepositState.LEFT:
        withdraw(session, row.place_key)
    row.state, row.code, row.lease_owner, row.lease_until, row.not_before = state, code, None, None, None


def withdraw(session: OrmSession, *about: str) -> None:
    """Mark what we wrote about places, or about attestations, as holding no longer: it leaves the folder."""
    told = update(OutboxFile).where(col(OutboxFile.about).in_(about), col(OutboxFile.replaced).is_(False))
    session.execute(told.values(replaced=True, next_at=OutboxFile.created_at))
