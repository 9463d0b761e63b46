"""The list of each run: what is due and announced, written down before anything is destroyed, and approved where a person must.

One list for what may go by itself, one for what a scheme wants approved, one for what is more than a day may destroy. A list names
recordings, causes and dates, nothing personal. An approval counts for the recordings and the dates on the list, no others; a list that
waits is replaced when another one is drawn up.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Session, col, func, select

from journal import canonical
from notifications import outbox, retention_mails
from notifications.centre import Centre
from notifications.composing import Person
from notifications.retention_mails import Planned
from registry import users
from registry.clock import PARIS, civil_date
from registry.database import Database, Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.schemes import Approval
from registry.tables import Destruction, DisposalRun, Dossier, EvaluationSession, Recording, Role, User
from retention import announced
from retention.due import Due, due
from retention.facts import Cause, Eligible
from retention.loading import load
from retention.terms import Choices

ACTOR = "system:gate"
LISTED, APPROVED, REPLACED, FINISHED = "disposal.listed", "disposal.approved", "disposal.replaced", "disposal.finished"
APPROVERS = (Role.COORDINATOR, Role.COMPLIANCE_OFFICER)


class Why(StrEnum):
    """Why a list waits for a person; one that does not wait has none."""

    FOUR_EYES = "four_eyes"
    MANY = "many"


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of a list."""

    recording_id: str
    dossier_id: str
    cause: Cause
    eligible_at: datetime

    @classmethod
    def of(cls, found: Due) -> "Listed":
        """Return the line of what is due."""
        return cls(found.recording_id, found.dossier_id, found.cause, found.eligible_at)

    def to_json(self) -> dict[str, Any]:
        """Return the line as the list keeps it."""
        return {
            "recording_id": self.recording_id,
            "dossier_id": self.dossier_id,
            "cause": self.cause.value,
            "eligible_at": self.eligible_at.astimezone(UTC).isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Plan:
    """What one sweep finds: lines that may go by themselves, and those that wait for a person, with why."""

    automatic: tuple[Listed, ...]
    four_eyes: tuple[Listed, ...]
    many: tuple[Listed, ...]


def plan(session: Session, choices: Choices, now: datetime) -> Plan:
    """Sort what may be destroyed now: eligible, held by nothing, announced long enough. Reads the cache of what is due; writes nothing."""
    ready = [one for one in due(session, now, choices) if isinstance(one.found, Eligible)]
    rows = {one.recording_id: session.get_one(Recording, one.recording_id) for one in ready}
    facts = load(session, list(rows.values()), choices)
    automatic: list[Listed] = []
    watched: list[Listed] = []
    for one in ready:
        terms = facts[one.recording_id].terms
        assert isinstance(one.found, Eligible)
        if announced.long_enough(session, rows[one.recording_id], one.found, now, terms.min_notice_days):
            (watched if terms.approval is Approval.FOUR_EYES else automatic).append(Listed.of(one))
    room = max(0, choices.max_destructions_per_day - begun_today(session, now))
    return Plan(tuple(automatic[:room]), tuple(watched), tuple(automatic[room:]))


def begun_today(session: Session, now: datetime) -> int:
    """Count the destructions that began today, in Paris, and that nobody approved."""
    midnight = datetime.combine(civil_date(now), datetime.min.time(), PARIS)
    approved = select(DisposalRun.id).where(col(DisposalRun.approved_at).is_not(None))
    unapproved = col(Destruction.run_id).is_(None) | col(Destruction.run_id).not_in(approved)
    return session.exec(select(func.count()).select_from(Destruction).where(col(Destruction.started_at) >= midnight, unapproved)).one()


def draw_up(database: Database, centre: Centre, choices: Choices, now: datetime) -> list[str]:
    """Write the lists of this moment down, ask for the approvals that are missing, and return the runs that may go on.

    A list that waits and still says the same stays as it is; one that says something else is replaced.
    """
    with database.transaction(now, ACTOR) as tx:
        found = plan(tx.session, choices, now)
        for why, lines in ((Why.FOUR_EYES, found.four_eyes), (Why.MANY, found.many)):
            _ask(tx, centre, why, _unapproved(tx.session, lines))
        if found.automatic:
            _list(tx, found.automatic, None)
        return [run.id for run in _open(tx.session) if not run.needs_approval or run.approved_at is not None]


def lines_of(run: DisposalRun) -> list[Listed]:
    """Read a list back."""
    return [
        Listed(one["recording_id"], one["dossier_id"], Cause(one["cause"]), datetime.fromisoformat(one["eligible_at"]))
        for one in _decoded(run)["recordings"]
    ]


def _decoded(run: DisposalRun) -> Any:
    return canonical.decode(run.listing.encode())


def approved_by(session: Session, recording: Recording, eligible: Eligible) -> str | None:
    """Say who approved the destruction of a recording for this date, or None: what the gate asks."""
    for run in _open(session):
        if run.approved_at is not None and any(
            one.recording_id == recording.id and one.eligible_at == eligible.at for one in lines_of(run)
        ):
            return run.approved_by
    return None


def approve(tx: Transaction, run_id: str) -> int:
    """Approve a list as it stands; return how many recordings it names.

    Raises:
        RefusedError: there is no such list, it no longer stands, or nobody of the staff who may approves it.
    """
    user = tx.session.get(User, tx.actor)
    if user is None or not user.active or user.role not in APPROVERS:
        raise RefusedError("a coordinator or a compliance officer approves a list, by name: give --by MAIL")
    run = tx.lock(DisposalRun, run_id)
    if run.finished_at is not None:
        raise RefusedError("this list no longer stands: “consigne approve” shows those that wait")
    if not run.needs_approval or run.approved_at is not None:
        raise RefusedError("this list waits for nobody: nothing was changed")
    run.approved_at, run.approved_by = tx.now, tx.actor
    lines = lines_of(run)
    tx.record(APPROVED, run.id, listing_sha256=run.listing_sha256, recordings=len(lines))
    return len(lines)


def waiting(session: Session) -> Sequence[DisposalRun]:
    """Return the lists that wait for a person, oldest first."""
    return [run for run in _open(session) if run.needs_approval and run.approved_at is None]


def finish(tx: Transaction, run_id: str, document: bytes | None = None) -> None:
    """Close a list: each recording on it was destroyed, or is to be asked about anew. ``document`` is the signed list."""
    run = tx.lock(DisposalRun, run_id)
    run.finished_at, run.list_document = tx.now, document
    tx.record(FINISHED, run.id, listing_sha256=run.listing_sha256)


def _open(session: Session) -> Sequence[DisposalRun]:
    query = select(DisposalRun).where(col(DisposalRun.finished_at).is_(None)).order_by(col(DisposalRun.listed_at), col(DisposalRun.id))
    return session.exec(query).all()


def _unapproved(session: Session, lines: Iterable[Listed]) -> tuple[Listed, ...]:
    """Leave out what a person has approved already."""
    done = {one for run in _open(session) if run.approved_at is not None for one in lines_of(run)}
    return tuple(one for one in lines if one not in done)


def _ask(tx: Transaction, centre: Centre, why: Why, lines: tuple[Listed, ...]) -> None:
    """Keep one list of each kind waiting, with what it should say now."""
    stale = [run for run in waiting(tx.session) if _decoded(run)["why"] == why.value]
    wanted = _listing(lines, why)
    if any(run.listing == wanted for run in stale):
        return
    for run in stale:
        tx.lock(DisposalRun, run.id).finished_at = tx.now
        tx.record(REPLACED, run.id)
    if lines:
        _tell(tx, centre, _list(tx, lines, why), lines, why)


def _list(tx: Transaction, lines: tuple[Listed, ...], why: Why | None) -> DisposalRun:
    listing = _listing(lines, why)
    for run in _open(tx.session):
        if run.listing == listing:
            return run
    run = DisposalRun(
        id=new_id("run"),
        listed_at=tx.now,
        listing=listing,
        listing_sha256=hashlib.sha256(listing.encode()).hexdigest(),
        proposed_by=tx.actor,
        needs_approval=why is not None,
    )
    tx.session.add(run)
    tx.record(LISTED, run.id, listing_sha256=run.listing_sha256, recordings=len(lines), needs_approval=run.needs_approval)
    return run


def _listing(lines: Iterable[Listed], why: Why | None) -> str:
    return canonical.encode({"why": why.value if why else None, "recordings": [one.to_json() for one in lines]}).decode()


def _tell(tx: Transaction, centre: Centre, run: DisposalRun, lines: Iterable[Listed], why: Why) -> None:
    rows = [_planned(tx.session, one) for one in lines]
    contact = centre.contact_for(tx.session, None)
    for role in APPROVERS:
        for user in users.holding(tx.session, role):
            person = Person("", user.name, user.mail, user.language)
            mail = retention_mails.to_approve(rows, run.id, many=why is Why.MANY, person=person, centre=centre.name, contact=contact)
            key = f"to-approve:{run.id}:{user.id}"
            outbox.enqueue(tx.session, mail, dedupe_key=key, now=tx.now, domain=centre.mail_domain, person_id=user.id)


def _planned(session: Session, one: Listed) -> Planned:
    dossier = session.get_one(Dossier, one.dossier_id)
    evaluation = session.get_one(EvaluationSession, dossier.session_id)
    return Planned(dossier.folder, evaluation.code, one.cause.value, civil_date(one.eligible_at))
