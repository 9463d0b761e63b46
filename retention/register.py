"""The destruction register: one line a destruction, newest first, from its row and the facts that its certificate states. Reads only."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlmodel import Session, col, func, select

from notifications.compliance import Entry, Stage
from registry.tables import Candidate, Destruction, DisposalRun, Dossier, EvaluationSession, Recording

_WANTED = (
    Destruction.id,
    Destruction.recording_id,
    Destruction.cause,
    Destruction.eligible_at,
    Destruction.started_at,
    Destruction.completed_at,
    Destruction.failure_code,
    Destruction.facts,
    Destruction.facts_sha256,
    Destruction.completed_index,
    col(Destruction.certificate).is_not(None).label("certified"),
    Candidate.pseudonym,
    EvaluationSession.code,
    Dossier.client_reference,
    Recording.call_date,
    Recording.received_at,
    Recording.sha256,
    DisposalRun.approved_by,
)


@dataclass(frozen=True, slots=True)
class Stated:
    """What only the certificate's facts hold. All is None until the destruction is proved."""

    decided_on: date | None = None
    notified_on: date | None = None
    appeal_last_day: date | None = None
    approved_by: str | None = None
    irreversible_from: datetime | None = None
    kept_until: date | None = None


def facts_of(facts: str | None) -> Stated:
    """Take out of a certificate's facts what the register and the answers tell. They are ours; that they hold is for ``verify`` to say."""
    if facts is None:
        return Stated()
    told = json.loads(facts)
    ground = told["ground"]
    return Stated(
        decided_on=_day(ground["decided_on"]),
        notified_on=_day(ground["notified_on"]),
        appeal_last_day=_day(ground["appeal_last_day"]),
        approved_by=told["acts"]["approved_by"],
        irreversible_from=datetime.fromisoformat(told["irreversible_from"]),
        kept_until=_day(told["kept"]["until"]),
    )


def count(session: Session) -> int:
    """Count the lines of the register."""
    return session.exec(select(func.count()).select_from(Destruction)).one()


def read(session: Session, limit: int | None = None) -> list[Entry]:
    """Read the register, or its newest lines, in one query. What waits to be tried again comes first, then the newest."""
    query: Any = (
        select(*_WANTED)  # type: ignore[call-overload]  # SQLModel types four columns at most
        .select_from(Destruction)
        .join(Recording, col(Recording.id) == col(Destruction.recording_id))
        .join(Dossier, col(Dossier.id) == col(Destruction.dossier_id))
        .join(Candidate, col(Candidate.id) == col(Dossier.candidate_id))
        .join(EvaluationSession, col(EvaluationSession.id) == col(Dossier.session_id))
        .join(DisposalRun, col(DisposalRun.id) == col(Destruction.run_id), isouter=True)
        .order_by(col(Destruction.completed_at).is_not(None), col(Destruction.completed_at).desc(), col(Destruction.id))
        .limit(limit)
    )
    return list(_entries(session.exec(query).all()))


def _entries(rows: Sequence[Any]) -> Iterator[Entry]:
    for row in rows:
        told = facts_of(row.facts)
        yield Entry(
            number=row.id,
            recording=row.recording_id,
            stage=_stage(row),
            candidate=row.pseudonym,
            session=row.code,
            client_reference=row.client_reference,
            call_date=row.call_date,
            deposited_at=row.received_at,
            cause=row.cause,
            eligible_at=row.eligible_at,
            started_at=row.started_at,
            completed_at=row.completed_at,
            decided_on=told.decided_on,
            notified_on=told.notified_on,
            appeal_last_day=told.appeal_last_day,
            approved_by=told.approved_by or row.approved_by,
            irreversible_from=told.irreversible_from,
            kept_until=told.kept_until,
            sha256=row.sha256,
            facts_sha256=row.facts_sha256,
            journal_index=row.completed_index,
        )


def _stage(row: Any) -> Stage:
    if row.completed_at is None:
        return Stage.FAILED if row.failure_code is not None else Stage.BEGUN
    return Stage.CERTIFIED if row.certified else Stage.DESTROYED


def _day(told: str | None) -> date | None:
    return None if told is None else date.fromisoformat(told)
