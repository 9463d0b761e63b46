"""A client's question: is the recording of my call held, when was it destroyed, or was there none? Reads only.

By the day of the call or the client's random reference, which outlive the recording; by the candidate or the employer only while it is
held: afterwards nobody's name is kept to be found by.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from consent.record import read_client_reference
from notifications.centre import Centre
from notifications.parts import Contact
from notifications.replies import Answered, Found, Held, Question, Reply
from registry.clock import civil_date
from registry.errors import RefusedError
from registry.recordings import UNSTORED
from registry.states import RecordingState
from registry.tables import Candidate, Destruction, Dossier, EvaluationSession, Recording
from retention.figures import on_hold
from retention.loading import BATCH
from retention.register import facts_of

_RECEIPT = re.compile(r"\d{4}-\d{4,}")
_HELD = {RecordingState.DESTROYING: Held.BEGUN, RecordingState.DESTROYED: Held.DESTROYED}


def answer(session: Session, question: Question, now: datetime) -> Answered:
    """Search for what a client asks after; every criterion given must hold.

    Raises:
        RefusedError: nothing is asked, or the reference is none that we could have given.
    """
    if question == Question():
        raise RefusedError("say what is asked: the day of the call, the candidate, the employer or the reference")
    where: list[Any] = [col(Recording.state).not_in(UNSTORED)]
    if question.call_date is not None:
        where.append(col(Recording.call_date) == question.call_date)
    if question.reference is not None:
        where.append(_reference(question.reference))
    rows = _rows(session, where, question)
    suspended = on_hold(session, [row.Recording.id for row in rows])
    found = tuple(_found(row, suspended=row.Recording.id in suspended) for row in rows)
    undated = select(func.count()).select_from(Recording).where(col(Recording.call_date).is_(None), *_live())
    return Answered(question, now, found, session.exec(undated).one() if question.call_date else 0)


def _live() -> tuple[Any, ...]:
    return (col(Recording.state).not_in((*UNSTORED, RecordingState.DESTROYED)),)


def _reference(text: str) -> Any:
    """Find by the client's reference, or by the number of a receipt."""
    if _RECEIPT.fullmatch(text.strip()):
        return col(Recording.receipt_number) == text.strip()
    try:
        return col(Dossier.client_reference) == read_client_reference(text)
    except ValueError as error:
        raise RefusedError("this reference is none of ours: eight letters as BCDF-GHJK, or a receipt’s number as 2026-0147") from error


def _rows(session: Session, where: list[Any], question: Question) -> list[Any]:
    if not question.names_somebody:
        return list(session.exec(_query(where)).all())
    people, rows = _people(session, question), []
    for start in range(0, len(people), BATCH):
        named = [*where, *_live(), col(Dossier.candidate_id).in_(people[start : start + BATCH])]
        rows += session.exec(_query(named)).all()
    return sorted(rows, key=lambda row: (row.Recording.received_at, row.Recording.id))


def _query(where: Iterable[Any]) -> Any:
    return (
        select(Recording, Dossier, EvaluationSession.code, Destruction)
        .join(Dossier, col(Dossier.id) == col(Recording.dossier_id))
        .join(EvaluationSession, col(EvaluationSession.id) == col(Dossier.session_id))
        .join(Destruction, col(Destruction.recording_id) == col(Recording.id), isouter=True)
        .where(*where)
        .order_by(col(Recording.received_at), col(Recording.id))
    )


def _people(session: Session, question: Question) -> list[str]:
    """Find the candidates of this name or employer: those whose dossier is cleared have neither any more."""
    named, employed = _matches(question.candidate), _matches(question.employer)
    names = col(Candidate.given_name) + " " + col(Candidate.family_name) + " " + col(Candidate.reference)
    living: Any = select(Candidate.id, names, Candidate.employer).where(Candidate.family_name != "")
    return [one for one, text, employer in session.exec(living) if named(text) and employed(employer)]


def _matches(asked: str | None) -> Callable[[str], bool]:
    """Say whether every word asked begins a word of a text, whatever the case and the accents."""
    words = _words(asked or "")
    if asked is not None and not words:
        return lambda _text: False
    return lambda text: all(any(one.startswith(word) for one in _words(text)) for word in words)


def _words(text: str) -> list[str]:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return re.findall(r"\w+", plain.casefold())


def _found(row: Any, *, suspended: bool) -> Found:
    recording, dossier, code, destruction = row
    held = _HELD.get(recording.state, Held.HELD)
    irreversible = facts_of(destruction.facts if destruction else None).irreversible_from
    return Found(
        recording=recording.id,
        dossier=dossier.id,
        session=code,
        reference=dossier.client_reference,
        held=held,
        deposited_at=recording.received_at,
        call_date=recording.call_date,
        eligible_on=civil_date(recording.eligible_at) if recording.eligible_at and held is Held.HELD else None,
        suspended=suspended,
        unlistenable=recording.unlistenable is not None or held is not Held.HELD,
        destroyed_at=destruction.completed_at if destruction and held is Held.DESTROYED else None,
        irreversible_from=irreversible,
        certificate=destruction.id if destruction and destruction.certificate is not None else None,
    )


def reply(answered: Answered, centre: Centre, contact: Contact, proof_years: int) -> Reply:
    """Return what a client's printed page says, who answers and to whom he may write.

    Raises:
        RefusedError: the answer is about several dossiers: one client must not learn of another's call.
    """
    if answered.dossiers > 1:
        raise RefusedError(
            f"{answered.dossiers} dossiers fit this question: ask the client for the reference, or add the adviser’s name or employer, "
            "before anything is printed"
        )
    return Reply(centre.name, contact, answered, proof_years)
