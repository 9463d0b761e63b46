"""A recording that came another way than the folder: brought by a person, with a reason, through the same flow."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlmodel import select

from intake.claims import Bringer, Sighting
from intake.errors import UnreadableError
from intake.flow import Intake, Outcome
from intake.shares import Identity, Place, Share
from registry import reasons
from registry.database import Database
from registry.errors import RefusedError
from registry.tables import Deposit, Door, Recording


@dataclass(frozen=True)
class Brought:
    """What became of a file that was brought, and its recording where there is one."""

    outcome: Outcome
    deposit_id: str | None
    recording: Recording | None


def sighting_of(path: Path, bringer: Bringer, now: datetime) -> tuple[Share, Sighting]:
    """Look at a file anywhere on this machine, for one dossier.

    Raises:
        RefusedError: it is not there, or may not be looked at.
    """
    share, place = Share(path.parent), Place((), os.fsencode(path.name))
    try:
        status = share.stat(place)
    except UnreadableError as error:
        raise RefusedError(f"{path} may not be read: give this account the right to") from error
    if status is None:
        raise RefusedError(f"there is no file {path}: check its name")
    scope = hashlib.sha256(os.fsencode(path.parent)).hexdigest()
    return share, Sighting(place, Identity.of(status), now, Door.DEPOSIT, bringer=bringer, scope=scope)


def bring(intake: Intake, sighting: Sighting) -> Brought:
    """Take one file through the flow; the original stays where it is. Who brought it and why is journaled with it.

    Raises:
        RefusedError: no reason is given, or too long a one.
        MustWaitError: something does not answer; nothing was taken.
    """
    assert sighting.bringer is not None
    reasons.checked(sighting.bringer.reason)  # before anything is done
    outcome = intake.take(sighting)
    return Brought(outcome, *_found(intake.database, sighting))


def _found(database: Database, sighting: Sighting) -> tuple[str | None, Recording | None]:
    with database.reading() as session:
        row = session.exec(select(Deposit).where(Deposit.place_key == sighting.key)).first()
        if row is None:
            return None, None
        return row.id, session.get(Recording, row.recording_id) if row.recording_id else None
