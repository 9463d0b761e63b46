"""The facts of recordings, read from the registry for a whole batch at once. Reads only; says nothing about what follows from them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TypeVar

from sqlalchemy import and_, or_
from sqlmodel import Session, col, select

from registry import schemes
from registry.clock import civil_date
from registry.errors import RefusedError
from registry.states import RecordingState
from registry.tables import (
    Appeal,
    Candidate,
    Closure,
    Decision,
    Dossier,
    EvaluationSession,
    Hold,
    HoldScope,
    Notification,
    Recording,
    RecourseCheck,
)
from retention.facts import AppealFact, ClosureFact, DecisionVersion, Facts, HoldFact, NotificationVersion
from retention.terms import Choices, Terms, combine

BATCH = 400  # identifiers in one statement: SQLite bounds the parameters of a query
_Told = TypeVar("_Told", Decision, Notification, Appeal, Closure)


@dataclass(frozen=True)
class Context:
    """What a recording's facts are read with: its dossier, its session, and where its candidate keeps holidays."""

    dossier: Dossier
    session: EvaluationSession
    department: str


def facts_of(session: Session, recording: Recording, choices: Choices) -> Facts:
    """Read the facts of one recording.

    Raises:
        RefusedError: its dossier is not there.
    """
    found = load(session, [recording], choices).get(recording.id)
    if found is None:
        raise RefusedError(f"the dossier of {recording.id} is not there: run “consigne reconcile”")
    return found


def load(session: Session, recordings: Sequence[Recording], choices: Choices) -> Mapping[str, Facts]:
    """Read the facts of many recordings, by their ids. One without a dossier is left out."""
    found: dict[str, Facts] = {}
    for start in range(0, len(recordings), BATCH):
        found |= _load(session, recordings[start : start + BATCH], choices)
    return found


def terms_of(evaluation: EvaluationSession, choices: Choices) -> Terms:
    """Return the terms of a session: the version of the scheme that it pins, and the centre's choices."""
    return _terms(evaluation.scheme, evaluation.scheme_version, choices)


@cache
def _terms(scheme: str, version: int, choices: Choices) -> Terms:
    return combine(schemes.load(scheme, version), choices)


def _load(session: Session, recordings: Sequence[Recording], choices: Choices) -> dict[str, Facts]:
    contexts = _contexts(session, {one.dossier_id for one in recordings})
    decisions, notifications = _by_dossier(session, Decision, contexts), _by_dossier(session, Notification, contexts)
    appeals, closures = _by_dossier(session, Appeal, contexts), _by_dossier(session, Closure, contexts)
    holds = _standing(session, recordings, contexts)
    checked = _checked(session, {one.session.id for one in contexts.values()})
    found = {}
    for one in recordings:
        context = contexts.get(one.dossier_id)
        if context is None:
            continue
        terms = terms_of(context.session, choices)
        found[one.id] = Facts(
            state=one.state,
            unlistenable=one.unlistenable,
            unlistenable_at=one.unlistenable_at,
            quarantine_until=one.quarantine_until,
            consent_until=_consent_until(one, context),
            hearing_on=civil_date(context.dossier.hearing_at),
            session_cancelled_at=context.session.cancelled_at,
            closure=_closure(closures[one.dossier_id]),
            decisions=tuple(map(_decision, decisions[one.dossier_id])),
            notifications=tuple(map(_notification, notifications[one.dossier_id])),
            appeals=tuple(AppealFact(row.id, row.incident, row.closed_at, row.outcome) for row in appeals[one.dossier_id]),
            holds=tuple(
                HoldFact(hold.id, hold.scope, hold.reason, hold.review_on)
                for hold in holds
                if hold.target_id in {None, one.id, one.dossier_id, context.session.id}
            ),
            recourse_checked_as_of=checked.get(context.session.id),
            terms=terms,
            calendars=terms.calendars.with_department(context.department),
        )
    return found


def _contexts(session: Session, dossiers: Iterable[str]) -> dict[str, Context]:
    query = (
        select(Dossier, EvaluationSession, Candidate.department)
        .join(EvaluationSession, col(EvaluationSession.id) == col(Dossier.session_id))
        .join(Candidate, col(Candidate.id) == col(Dossier.candidate_id))
        .where(col(Dossier.id).in_(list(dossiers)))
    )
    return {dossier.id: Context(dossier, evaluation, department) for dossier, evaluation, department in session.exec(query)}


def _by_dossier(session: Session, table: type[_Told], dossiers: Iterable[str]) -> Mapping[str, list[_Told]]:
    query = select(table).where(col(table.dossier_id).in_(list(dossiers))).order_by(col(table.id))
    found: dict[str, list[_Told]] = defaultdict(list)
    for row in session.exec(query):
        found[row.dossier_id].append(row)
    return found


def _standing(session: Session, recordings: Sequence[Recording], contexts: Mapping[str, Context]) -> list[Hold]:
    """Return the holds that stand on any of these recordings."""
    targets = {
        HoldScope.RECORDING: {one.id for one in recordings},
        HoldScope.DOSSIER: set(contexts),
        HoldScope.SESSION: {one.session.id for one in contexts.values()},
    }
    covers = [and_(col(Hold.scope) == scope, col(Hold.target_id).in_(list(ids))) for scope, ids in targets.items()]
    query = select(Hold).where(col(Hold.released_at).is_(None), or_(col(Hold.scope) == HoldScope.ALL, *covers)).order_by(col(Hold.id))
    return list(session.exec(query))


def _checked(session: Session, sessions: Iterable[str]) -> dict[str, date]:
    found: dict[str, date] = {}
    for row in session.exec(select(RecourseCheck).where(col(RecourseCheck.session_id).in_(list(sessions)))):
        found[row.session_id] = max(row.as_of, found.get(row.session_id, row.as_of))
    return found


def _consent_until(recording: Recording, context: Context) -> date | None:
    """Return the last day that an attestation is waited for: some days after the later of the deadline and the deposit."""
    scheme = schemes.load(context.session.scheme, context.session.scheme_version)
    if recording.state is not RecordingState.AWAITING_CONSENT or scheme.recording is None:
        return None
    later = max(context.session.deadline_on, civil_date(recording.received_at))
    return later + timedelta(days=scheme.recording.consent_wait_days)


def _closure(rows: Sequence[Closure]) -> ClosureFact | None:
    standing = [row for row in rows if row.undone_at is None]
    last = max(standing, key=lambda row: row.closed_at, default=None)
    return ClosureFact(last.cause, last.closed_at) if last else None


def _decision(row: Decision) -> DecisionVersion:
    return DecisionVersion(
        row.id, row.decided_on, row.after_appeal, row.superseded_by, row.needs_confirmation, row.recorded_by, row.confirmed_by
    )


def _notification(row: Notification) -> NotificationVersion:
    return NotificationVersion(
        id=row.id,
        decision_id=row.decision_id,
        channel=row.channel,
        sent_on=row.sent_on,
        handed_over_on=row.handed_over_on,
        proof=row.proof,
        unclaimed=row.unclaimed,
        superseded_by=row.superseded_by,
        needs_confirmation=row.needs_confirmation,
        recorded_by=row.recorded_by,
        confirmed_by=row.confirmed_by,
    )
