"""Is the clock sane? Asked before anything is destroyed, and before any lock; the answer counts for a minute.

The clock is believed only if

1. it is not behind the journal's last entry (or a named person says that this entry's date is wrong);
2. it agrees, within five minutes, with the database's, with the object store's, and with an outside reference where one is set;
3. where all of these live on one machine, the kernel says that it is synchronised, or the outside reference agrees;
4. after a silence of some days in the journal, the same as 3 is asked, wherever they live.

Where only 3 or 4 is missing, a named person's word that today is the right day stands in for it, that day alone: a clock that jumps
later the same day destroys nothing that was not due that day.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from sqlmodel import Session

from journal import log
from journal.entry import Entry
from registry.clock import Clock, civil_date
from registry.database import Database, Transaction
from retention.certificate_facts import ClockReference

SUBJECT = "system:clock"
VOUCHED = "clock.vouched"
ENTRY_DATE_WRONG = "clock.entry_date_wrong"
AGREED_WITHIN = timedelta(minutes=5)
ANSWER_LASTS = timedelta(minutes=1)
_SLACK = timedelta(seconds=5)
"""How far behind the journal's last entry a clock may be: processes read theirs before they wait for their turn to write."""
_LOOKED_AT = 500
_STARTED = "destruction.started"


class Doubt(StrEnum):
    """Why the clock is not believed."""

    BEHIND_JOURNAL = "behind_journal"
    DATABASE_DISAGREES = "database_disagrees"
    STORE_DISAGREES = "store_disagrees"
    OUTSIDE_DISAGREES = "outside_disagrees"
    UNSYNCHRONISED = "unsynchronised"
    SILENCE = "silence"
    NO_ANSWER = "no_answer"


class ClockReferences(Protocol):
    """What the clock is compared with. The tests and the demo bring their own."""

    @property
    def one_machine(self) -> bool:
        """Whether this process, the database and the object store live on one machine, and so share one clock."""
        ...

    def database(self) -> datetime:
        """Return the database's time.

        Raises:
            DatabaseUnavailableError: it does not answer.
        """
        ...

    def objects(self) -> datetime:
        """Return the object store's time.

        Raises:
            StorageError: it does not answer.
        """
        ...

    def synchronised(self) -> bool:
        """Tell whether the kernel says that its clock is kept in time with others."""
        ...

    def outside(self) -> datetime | None:
        """Return the time of the outside reference, None where none is set.

        Raises:
            ReferenceUnavailableError: one is set, and does not answer.
        """
        ...


class ReferenceUnavailableError(Exception):
    """The outside reference does not answer: the clock cannot be compared with it now."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the references said at one moment. ``outside`` is None where none is set."""

    now: datetime
    database: datetime
    objects: datetime
    outside: datetime | None
    synchronised: bool
    one_machine: bool

    @property
    def independent(self) -> bool:
        """Whether something that does not follow this machine's clock agrees with it."""
        return self.synchronised or (self.outside is not None and _agrees(self.now, self.outside))


@dataclass(frozen=True, slots=True)
class Told:
    """What the journal says of time: its last entry, the silence not yet looked into, and the words of persons."""

    last_index: int | None
    last_at: datetime | None
    silence: timedelta
    vouched_at: datetime | None
    wrong_entry: int | None


def doubt(seen: Seen, told: Told, max_silence: timedelta) -> Doubt | None:
    """Say why the clock is not believed, or None. Pure."""
    behind = told.last_at is not None and seen.now < told.last_at - _SLACK
    vouched = told.vouched_at is not None and civil_date(told.vouched_at) == civil_date(seen.now)
    alone = not seen.independent and not vouched
    found = {
        Doubt.BEHIND_JOURNAL: behind and told.wrong_entry != told.last_index,
        Doubt.DATABASE_DISAGREES: not _agrees(seen.now, seen.database),
        Doubt.STORE_DISAGREES: not _agrees(seen.now, seen.objects),
        Doubt.OUTSIDE_DISAGREES: seen.outside is not None and not _agrees(seen.now, seen.outside),
        Doubt.SILENCE: alone and told.silence > max_silence,
        Doubt.UNSYNCHRONISED: alone and seen.one_machine,
    }
    return next((one for one, holds in found.items() if holds), None)


def compared(seen: Seen, told: Told) -> tuple[ClockReference, ...]:
    """Say what the clock was compared with, for the certificate."""
    references = {"database": seen.database, "object_store": seen.objects, "outside": seen.outside, "journal": told.last_at}
    found = [
        ClockReference(name, agrees=True, difference_ms=(at - seen.now) // timedelta(milliseconds=1) if name != "journal" else None)
        for name, at in references.items()
        if at is not None
    ]
    return (*found, ClockReference("kernel", agrees=seen.synchronised))


def _agrees(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= AGREED_WITHIN


def vouch(tx: Transaction) -> None:
    """Record a named person's word that the clock shows the right day. It counts until that day, in Paris, is over."""
    tx.record(VOUCHED, SUBJECT, day=civil_date(tx.now).isoformat())


def call_wrong(tx: Transaction, index: int) -> None:
    """Record a named person's word that the date of the journal's last entry is wrong, and the clock right."""
    tx.record(ENTRY_DATE_WRONG, SUBJECT, index=index)


@dataclass(frozen=True, slots=True)
class Belief:
    """That the clock was found sane, when, and by what."""

    asked_at: datetime
    by: tuple[ClockReference, ...] = ()

    def holds(self, now: datetime) -> bool:
        """Tell whether the answer is fresh enough to act on."""
        return timedelta(0) <= now - self.asked_at <= ANSWER_LASTS


@dataclass(frozen=True)
class Guards:
    """Asks the references and the journal. ``failures`` are what the references raise when one does not answer."""

    database: Database
    clock: Clock
    references: ClockReferences
    max_silence: timedelta = timedelta(days=3)
    failures: tuple[type[Exception], ...] = (ReferenceUnavailableError,)

    def ask(self) -> Belief | Doubt:
        """Look at every clock once. Nothing is locked meanwhile."""
        try:
            now = self.clock.now()
            seen = Seen(
                now,
                self.references.database(),
                self.references.objects(),
                self.references.outside(),
                self.references.synchronised(),
                self.references.one_machine,
            )
        except self.failures:
            return Doubt.NO_ANSWER
        with self.database.reading() as session:
            told = said_by_journal(session, now)
        found = doubt(seen, told, self.max_silence)
        return Belief(now, compared(seen, told)) if found is None else found


def said_by_journal(session: Session, now: datetime) -> Told:
    """Read what the newest entries say: back to the first before which every silence was looked into."""
    connection = session.connection()
    size = log.size(connection)
    recent = list(log.read(connection, max(0, size - _LOOKED_AT)))
    vouched = next((one.entry.at for one in reversed(recent) if one.entry.kind == VOUCHED), None)
    wrong = [one.entry.facts["index"] for one in recent if one.entry.kind == ENTRY_DATE_WRONG]
    # a word about an entry is itself the last entry: what it speaks of is the one before
    last = next((one for one in reversed(recent) if one.entry.subject != SUBJECT), None)
    silence, later = timedelta(0), now
    for one in reversed(recent):
        silence, later = max(silence, later - one.entry.at), one.entry.at
        if _settles(one.entry):
            break
    wrong_entry = wrong[-1] if wrong and isinstance(wrong[-1], int) else None
    return Told(last.index if last else None, last.entry.at if last else None, silence, vouched, wrong_entry)


def _settles(entry: Entry) -> bool:
    """Tell whether every silence before an entry was looked into: the clock was believed, or vouched for, when it was written."""
    return entry.kind == VOUCHED or (entry.kind == _STARTED and "cause" in entry.facts)
