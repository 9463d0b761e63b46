"""What is due: ``eligible_at`` is a cache that retention owns, and this is who keeps it.

Whoever records a fact marks the recording stale in the same transaction; every sweep recomputes the stale ones first, and costs what is
stale and what is due, not what is stored. The gate trusts nothing here: it asks again, inside its lock.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlmodel import Session, col, select

from registry.database import Database
from registry.leases import insert_once
from registry.recordings import GONE
from registry.tables import Counter, Dossier, Recording
from retention.eligibility import assess
from retention.facts import Cause, Eligible, NotYet
from retention.loading import load
from retention.terms import Choices

_TERMS = "retention-terms"


@dataclass(frozen=True)
class Due:
    """A recording whose time has come, unless something holds it. ``found`` says which."""

    recording_id: str
    dossier_id: str
    cause: Cause
    eligible_at: datetime
    found: Eligible | NotYet

    @property
    def held_by(self) -> tuple[str, ...]:
        """The holds that stand on it."""
        return self.found.held_by if isinstance(self.found, NotYet) else ()

    def to_json(self) -> dict[str, Any]:
        """Return exactly the keys of ``due --json``."""
        return {
            "recording_id": self.recording_id,
            "dossier_id": self.dossier_id,
            "cause": self.cause.value,
            "eligible_at": self.eligible_at.isoformat(),
            "held_by": list(self.held_by),
        }


def recompute(database: Database, choices: Choices) -> int:
    """Bring the cache of every stale recording up to date; return how many there were."""
    _notice_new_terms(database, choices)
    with database.reading() as session:
        stale = select(Recording.dossier_id).where(col(Recording.stale)).distinct().order_by(col(Recording.dossier_id))
        dossiers = session.exec(stale).all()
    return sum(_recompute(database, one, choices) for one in dossiers)


def _recompute(database: Database, dossier_id: str, choices: Choices) -> int:
    with database.bookkeeping() as session:
        # whoever records a fact of a dossier holds its row: what is read next is the last word, or a later one marks it stale again
        session.get(Dossier, dossier_id, with_for_update=True)
        stale = select(Recording).where(Recording.dossier_id == dossier_id, col(Recording.stale))
        rows = session.exec(stale.order_by(col(Recording.id)).with_for_update()).all()
        facts = load(session, rows, choices)
        for row in rows:
            found = assess(facts[row.id]) if row.id in facts else NotYet(())
            row.eligible_at, row.eligible_cause = found.at, found.cause.value if found.cause else None
            row.stale = False
    return len(rows)


def _notice_new_terms(database: Database, choices: Choices) -> None:
    """Mark everything stale when the centre has changed its choices, so that no recording goes on by rules that no longer hold."""
    told = int.from_bytes(hashlib.sha256(repr(choices).encode()).digest()[:4]) >> 1  # as large as the column takes
    with database.reading() as session:
        row = session.get(Counter, _TERMS)
    if row is not None and row.value == told:
        return
    with database.bookkeeping() as session:
        insert_once(session, Counter, name=_TERMS, value=0)
        session.get_one(Counter, _TERMS, with_for_update=True, populate_existing=True).value = told
        # the mark of a cache is renewed, nothing that is true changes: the rows need not be loaded one by one
        session.connection().execute(update(Recording).where(col(Recording.state).not_in(GONE)).values(stale=True))


def due(session: Session, as_of: datetime, choices: Choices) -> list[Due]:
    """Return what may be destroyed at an instant, and what would be but for a hold, an appeal or a missing check; earliest first.

    Reads the cache: call :func:`recompute` first.
    """
    rows = session.exec(_due(as_of)).all()
    return list(_assessed(session, rows, choices))


def _due(as_of: datetime) -> Any:
    return (
        select(Recording)
        .where(col(Recording.eligible_at) <= as_of, col(Recording.state).not_in(GONE))
        .order_by(col(Recording.eligible_at), col(Recording.id))
    )


def _assessed(session: Session, rows: Sequence[Recording], choices: Choices) -> Iterator[Due]:
    facts = load(session, rows, choices)
    for row in rows:
        found = assess(facts[row.id]) if row.id in facts else None
        if found is not None and found.cause is not None and found.at is not None:
            yield Due(row.id, row.dossier_id, found.cause, found.at, found)
