"""What waits for a second person: each with what it says, and what counts until then."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from registry import decisions, proposals, versions
from registry.tables import Appeal, Decision, Dossier, EvaluationSession, Notification, Proposal, ProposedAct


@dataclass(frozen=True)
class Waiting:
    """One thing that waits. ``says`` holds codes and days; ``until_then`` those that count meanwhile, where some do."""

    id: str
    what: str
    session_id: str
    dossier_id: str | None
    recorded_by: str
    recorded_at: datetime
    says: Mapping[str, str]
    until_then: Mapping[str, str]


def waiting(session: Session, session_id: str | None = None) -> list[Waiting]:
    """Return what waits for a second person, for one session or for all: decisions before notifications, oldest first."""
    found = [*_decisions(session), *_notifications(session), *_proposals(session)]
    return [one for one in found if session_id in {None, one.session_id}]


def _decisions(session: Session) -> Iterator[Waiting]:
    query = select(Decision, Dossier).join(Dossier, col(Dossier.id) == col(Decision.dossier_id))
    waits = (col(Decision.superseded_by).is_(None), col(Decision.needs_confirmation), col(Decision.confirmed_at).is_(None))
    for row, dossier in session.exec(query.where(*waits).order_by(col(Decision.recorded_at), col(Decision.id))).all():
        counts = versions.counting(row, decisions.of_dossier(session, row.dossier_id))
        says, until_then = _of_decision(row), _of_decision(counts)
        yield Waiting(row.id, "decision", dossier.session_id, dossier.id, row.recorded_by, row.recorded_at, says, until_then)


def _notifications(session: Session) -> Iterator[Waiting]:
    query = select(Notification, Dossier).join(Dossier, col(Dossier.id) == col(Notification.dossier_id))
    waits = (col(Notification.superseded_by).is_(None), col(Notification.needs_confirmation), col(Notification.confirmed_at).is_(None))
    for row, dossier in session.exec(query.where(*waits).order_by(col(Notification.recorded_at), col(Notification.id))).all():
        counts = versions.counting(row, decisions.letters(session, row.dossier_id))
        says, until_then = _of_letter(row), _of_letter(counts)
        yield Waiting(row.id, "notification", dossier.session_id, dossier.id, row.recorded_by, row.recorded_at, says, until_then)


def _proposals(session: Session) -> Iterator[Waiting]:
    for row in proposals.waiting(session):
        dossier_id, session_id, says = _about(session, row)
        yield Waiting(row.id, str(row.act), session_id, dossier_id, row.proposed_by, row.proposed_at, says, {})


def _about(session: Session, row: Proposal) -> tuple[str | None, str, Mapping[str, str]]:
    if row.act in {ProposedAct.CANCEL_SESSION, ProposedAct.CHECK_RECOURSE}:
        return None, session.get_one(EvaluationSession, row.target_id).id, {"as_of": row.detail} if row.detail else {}
    appeal = session.get_one(Appeal, row.target_id) if row.act is ProposedAct.END_APPEAL else None
    dossier = session.get_one(Dossier, appeal.dossier_id if appeal else row.target_id)
    said = {"outcome": str(appeal.outcome)} if appeal else {"cause": row.detail} if row.detail else {}
    return dossier.id, dossier.session_id, said


def _of_decision(row: Decision | None) -> Mapping[str, str]:
    if row is None:
        return {}
    return {"decided_on": row.decided_on.isoformat()} | ({"after_appeal": row.after_appeal} if row.after_appeal else {})


def _of_letter(row: Notification | None) -> Mapping[str, str]:
    if row is None:
        return {}
    told = {"channel": str(row.channel), "sent_on": row.sent_on.isoformat()}
    told |= {"handed_over_on": row.handed_over_on.isoformat()} if row.handed_over_on else {}
    told |= {"proof": str(row.proof)} if row.proof else {}
    return told | ({"unclaimed": "yes"} if row.unclaimed else {})
