"""``status``: what a running centre holds, what waits, what is not well."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlmodel import col, func, select

from consigne.watching import short_of_room
from consigne.wiring import Parts
from intake.claims import settled
from intake.shares import Place
from intake.sorting import is_sound
from intake.watch import look
from journal import log
from notifications import outbox
from registry import health, leases, sessions
from registry.errors import DatabaseUnavailableError
from registry.states import RecordingState
from registry.tables import Deposit, DepositState, Lease, OutboxFile, OutboxMail, Recording


@dataclass(frozen=True)
class Trouble:
    """One part that is not well, since when, and what to do."""

    part: str
    code: str
    since: str
    remedy: str


@dataclass(frozen=True)
class Status:
    """Counts only; no name, no address."""

    sessions: list[dict[str, Any]]
    recordings: dict[str, int]
    deposits_waiting: int
    answers_to_write: int
    mails: dict[str, int]
    journal_entries: int
    reviews: list[str]
    troubles: list[Trouble]

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return asdict(self)

    def lines(self) -> list[str]:
        """Return the same for people."""
        told = [f"{one['session']}: {one['candidates']} candidates, recordings until {one['deadline_on']}" for one in self.sessions]
        told += [f"recordings: {', '.join(f'{count} {state}' for state, count in self.recordings.items()) or 'none'}"]
        told += [f"waiting: {self.deposits_waiting} deposits, {self.answers_to_write} answers to write"]
        told += [f"mails: {', '.join(f'{count} {state}' for state, count in self.mails.items()) or 'none'}"]
        told += [f"journal: {self.journal_entries} entries"]
        told += [f"to review: {recording}" for recording in self.reviews]
        told += [f"NOT WELL: {one.part} ({one.code}) since {one.since}: {one.remedy}" for one in self.troubles]
        return told if self.troubles else [*told, "all is well"]


_REMEDIES = {
    "store": "look at the object store; deposits wait in their folders meanwhile",
    "disk": "make room on the disk; deposits wait in their folders meanwhile",
    "mirror": "make the vault and its mirror reachable; deposits wait in their folders meanwhile",
    "database": "look at the database; deposits wait in their folders meanwhile",
    "share": "look at the shared folder's disk or mount",
    "mail": "look at the mail server; “consigne mail list” shows the mails that need a person: resend or settle each",
    "watcher": "start “consigne up” again",
    "up": "start “consigne up”, or the service: nothing watches the folders and nothing is sent meanwhile",
    "overdue": "“consigne approve” shows the lists that wait, “consigne destroy --due --dry-run” what waits for what",
    "scanner": "start clamd, or let it take files of 80 MB (StreamMaxLength, MaxFileSize, MaxScanSize); deposits wait meanwhile",
    "journal": "keep a copy of the database and tell whoever maintains Consigne: an entry was edited, removed or moved",
}


def status_of(parts: Parts) -> Status:
    """Ask the database how the centre is, and look at what cannot be written into a database that is full or locked."""
    now = parts.clock.now()
    with parts.database.reading() as session:
        found = [(row.part, row.code, row.since) for row in health.troubles(session)]
        stuck = outbox.stuck(session, now)
        if stuck:
            found.append(("mail", f"{len(stuck)}_stuck", stuck[0].created_at))
        known = {part for part, _, _ in found}
        found += [(part, code, now) for part, code in _seen_here(parts) if part not in known]
        lease = session.get(Lease, "leader")
        if lease is None or not leases.stands(lease, now):
            found.append(("up", "not_running", lease.until if lease else now))
        waiting = col(Deposit.state).in_([DepositState.SEEN, DepositState.CLAIMED, DepositState.STORED])
        to_review = (Recording.state == RecordingState.TO_REVIEW, col(Recording.unlistenable).is_(None))
        unwritten = col(OutboxFile.written_at).is_(None)
        return Status(
            sessions=[
                {
                    "session": one.code,
                    "scheme": one.scheme,
                    "exam_on": one.exam_on.isoformat(),
                    "deadline_on": one.deadline_on.isoformat(),
                    "candidates": len(sessions.files_of(session, one.id)),
                }
                for one in sessions.open_sessions(session)
            ],
            recordings={
                str(state): count for state, count in session.exec(select(Recording.state, func.count()).group_by(Recording.state))
            },
            deposits_waiting=max(
                session.exec(select(func.count()).select_from(Deposit).where(waiting)).one(), _lying(parts, settled(session))
            ),
            answers_to_write=session.exec(select(func.count()).select_from(OutboxFile).where(unwritten)).one(),
            mails={str(state): count for state, count in session.exec(select(OutboxMail.state, func.count()).group_by(OutboxMail.state))},
            journal_entries=log.size(session.connection()),
            reviews=list(session.exec(select(Recording.id).where(*to_review))),
            troubles=[
                Trouble(part, code, since.isoformat(), _REMEDIES.get(part, "see the log of “consigne up”")) for part, code, since in found
            ],
        )


def _lying(parts: Parts, settled: Mapping[Place, str]) -> int:
    """Count the recordings that lie in the folders and were not answered, whether or not anybody watches."""
    sounds = (seen for seen in look(parts.share) if seen.regular and is_sound(seen.place.name))
    return sum(settled.get(seen.place) != seen.identity.text() for seen in sounds)


def _seen_here(parts: Parts) -> Iterator[tuple[str, str]]:
    """Look at the disks, at the share, and whether the database can be written."""
    try:
        if short_of_room(parts.policy.floor_bytes, parts.settings.home, parts.share.root):
            yield "disk", "disk_full"
    except OSError:
        yield "share", "share_unavailable"
    try:
        with parts.database.bookkeeping() as session:
            session.connection()  # a transaction begins with its first word, and only then waits for who else writes
    except DatabaseUnavailableError:
        yield "database", "database_unavailable"
