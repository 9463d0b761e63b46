"""Asking the registry what :mod:`sharing.listening` decides on: one statement a question, and nothing remembered between two.

A decision, a withdrawal or a destruction that has just been committed is honoured by the next question.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, String, and_, bindparam, exists, inspect, or_
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from registry.states import RecordingState
from registry.tables import (
    Closure,
    Consent,
    Dossier,
    EvaluationSession,
    Evaluator,
    Grant,
    Hold,
    HoldReason,
    HoldScope,
    PortalSession,
    Recording,
    Role,
    Row,
    User,
)
from sharing.errors import SilentError
from sharing.listening import Facts, Listener, Silence, Window, silence


@dataclass(frozen=True)
class Permit:
    """What reading a recording needs, told only to somebody who may hear it, and good for this moment alone."""

    person_id: str
    recording_id: str
    attempt_id: str
    version: str | None
    plain_length: int
    sealed_length: int
    sealed_sha256: str


def permit(session: Session, cookie_hash: str, recording_id: str, now: datetime) -> Permit:
    """Ask, in one statement, whether whoever holds this cookie may hear this recording now.

    Raises:
        SilentError: no; it carries the :class:`Silence`, for the log.
    """
    rows = session.connection().execute(_ASKED, {"cookie": cookie_hash, "recording": recording_id}).all()
    if not rows or rows[0].ended_at is not None or rows[0].expires_at <= now:
        raise SilentError(Silence.SIGNED_OUT)
    first = rows[0]
    if first.recording_id is None:
        raise SilentError(Silence.UNKNOWN)
    found = silence(_facts(rows), now)
    if found is None and (first.attempt_id is None or first.sealed_bytes is None or first.sealed_sha256 is None):
        found = Silence.UNKNOWN
    if found is not None:
        raise SilentError(found)
    return Permit(
        first.person_id,
        first.recording_id,
        first.attempt_id,
        first.object_version,
        first.size_bytes,
        first.sealed_bytes,
        first.sealed_sha256,
    )


def facts_of(session: Session, person_id: str, recording_id: str) -> Facts:
    """Gather the facts about a person, by his id, and a recording that exists: what is looked at before a link is sent."""
    return _facts(session.connection().execute(_OF_PERSON, {"person": person_id, "recording": recording_id}).all())


def attempt_of(session: Session, recording_id: str) -> str | None:
    """Return the attempt whose key opens a recording."""
    return session.exec(select(Recording.attempt_id).where(Recording.id == recording_id)).first()


@dataclass(frozen=True)
class Offered:
    """One recording that a person may hear, now or from ``opens_at`` on, with its dossier."""

    recording: Recording
    dossier_id: str
    folder: str
    hearing_at: datetime
    opens_at: datetime | None
    closes_at: datetime | None

    def is_open(self, now: datetime) -> bool:
        """Tell whether it can be heard now."""
        return self.opens_at is None or self.opens_at <= now


def offered(session: Session, person_id: str, now: datetime) -> tuple[Offered, ...]:
    """Return what a person may hear, by hearing time; what is not open yet stands among it."""
    assigned = select(Grant.recording_id).where(Grant.evaluator_id == person_id, col(Grant.revoked_at).is_(None))
    reviewed = select(Recording.id).where(Recording.state == RecordingState.TO_REVIEW)
    wanted = reviewed if person_id.startswith("usr_") else assigned
    found = select(Recording, Dossier).join(Dossier, col(Dossier.id) == col(Recording.dossier_id)).where(col(Recording.id).in_(wanted))
    made = (_offer(session, person_id, recording, dossier, now) for recording, dossier in session.exec(found).all())
    return tuple(sorted((one for one in made if one is not None), key=lambda one: (one.hearing_at, one.folder)))


def _offer(session: Session, person_id: str, recording: Recording, dossier: Dossier, now: datetime) -> Offered | None:
    facts = facts_of(session, person_id, recording.id)
    if silence(facts, now) not in {None, Silence.TOO_EARLY}:
        return None
    live = sorted((one for one in facts.windows if now < one.closes_at), key=lambda one: one.opens_at)
    window = live[0] if live else None
    return Offered(
        recording, dossier.id, dossier.folder, dossier.hearing_at, window.opens_at if window else None, window.closes_at if window else None
    )


def _facts(rows: Sequence[Any]) -> Facts:
    first = rows[0]
    return Facts(
        listener=_listener(first),
        state=first.state,
        unlistenable=first.unlistenable,
        ended=first.cancelled_at is not None or first.closed,
        consent=first.consent_id is not None and first.disputed is False,
        restored=first.restored,
        windows=tuple(_windows(rows)),
    )


def _listener(row: Any) -> Listener | None:
    if row.evaluator_active:
        return Listener.EVALUATOR
    return Listener.COORDINATOR if row.user_active and row.role is Role.COORDINATOR else None


def _windows(rows: Iterable[Any]) -> Iterable[Window]:
    return (Window(row.opens_at, row.closes_at) for row in rows if row.opens_at is not None)


def _covers() -> ColumnElement[bool]:
    return or_(
        col(Hold.scope) == HoldScope.ALL,
        and_(col(Hold.scope) == HoldScope.SESSION, col(Hold.target_id) == col(Dossier.session_id)),
        and_(col(Hold.scope) == HoldScope.DOSSIER, col(Hold.target_id) == col(Dossier.id)),
        and_(col(Hold.scope) == HoldScope.RECORDING, col(Hold.target_id) == col(Recording.id)),
    )


def _table(row: type[Row]) -> FromClause:
    """Return the table of a class, as joins want it."""
    found: FromClause = inspect(row).local_table
    return found


_RESTORED = (
    exists().where(col(Hold.reason) == HoldReason.RESTORED, col(Hold.released_at).is_(None), _covers()).correlate(Recording, Dossier)
)
_CLOSED = exists().where(col(Closure.dossier_id) == col(Dossier.id), col(Closure.undone_at).is_(None)).correlate(Dossier)


def _question(person: ColumnElement[str], start: FromClause) -> Select[Any]:
    """Build the statement: one row a grant, or one row without; the recording's columns are empty where there is none."""
    chosen: tuple[Any, ...] = (
        person.label("person_id"),
        col(Evaluator.active).label("evaluator_active"),
        col(User.active).label("user_active"),
        col(User.role).label("role"),
        col(Recording.id).label("recording_id"),
        col(Recording.state).label("state"),
        col(Recording.unlistenable).label("unlistenable"),
        col(Recording.attempt_id).label("attempt_id"),
        col(Recording.object_version).label("object_version"),
        col(Recording.size_bytes).label("size_bytes"),
        col(Recording.sealed_bytes).label("sealed_bytes"),
        col(Recording.sealed_sha256).label("sealed_sha256"),
        col(Recording.consent_id).label("consent_id"),
        col(Consent.disputed).label("disputed"),
        col(EvaluationSession.cancelled_at).label("cancelled_at"),
        _CLOSED.label("closed"),
        _RESTORED.label("restored"),
        col(Grant.opens_at).label("opens_at"),
        col(Grant.closes_at).label("closes_at"),
    )
    joined = (
        start.outerjoin(Dossier, col(Dossier.id) == col(Recording.dossier_id))
        .outerjoin(EvaluationSession, col(EvaluationSession.id) == col(Dossier.session_id))
        .outerjoin(Consent, col(Consent.id) == col(Recording.consent_id))
        .outerjoin(Evaluator, col(Evaluator.id) == person)
        .outerjoin(User, col(User.id) == person)
        .outerjoin(
            Grant,
            and_(col(Grant.recording_id) == col(Recording.id), col(Grant.evaluator_id) == person, col(Grant.revoked_at).is_(None)),
        )
    )
    return columns(*chosen).select_from(joined)


_THIS = col(Recording.id) == bindparam("recording")
_ASKED = (
    _question(_table(PortalSession).c.person_id, _table(PortalSession).outerjoin(Recording, _THIS))
    .add_columns(col(PortalSession.expires_at).label("expires_at"), col(PortalSession.ended_at).label("ended_at"))
    .where(col(PortalSession.token_hash) == bindparam("cookie"))
)
_OF_PERSON = _question(bindparam("person", type_=String), _table(Recording)).where(_THIS)
