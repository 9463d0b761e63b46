"""Sessions, candidates and dossiers: what the coordinator tells us."""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from registry import schemes
from registry.clock import civil_date
from registry.codes import Language
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.roster import RosterLine
from registry.tables import Candidate, Dossier, EvaluationSession

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")
_LETTERS = "BCDFGHJKMNPRTVWX"  # none is taken for another, and no word can be spelt
_PERSONAL = ("civility", "family_name", "given_name", "mail", "employer", "department")


class Enrolment(StrEnum):
    """What importing one line did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class File:
    """One dossier with everything that answering about it needs."""

    dossier: Dossier
    candidate: Candidate
    session: EvaluationSession
    scheme: schemes.Scheme

    @property
    def hearing_on(self) -> date:
        """The day of the hearing, in Paris."""
        return civil_date(self.dossier.hearing_at)

    @property
    def language(self) -> Language:
        """The candidate's language."""
        return self.candidate.language


def create(tx: Transaction, *, code: str, exam_on: date, scheme: str, unit: str, folder_link: str | None = None) -> EvaluationSession:
    """Open a session, pinned to the newest version of its scheme.

    Raises:
        RefusedError: the code is not fit for a folder's name, or taken; the scheme is unknown.
    """
    if not _CODE.fullmatch(code):
        raise RefusedError(f"{code!r} cannot name a session: use 2 to 40 letters without accents, digits, - and _")
    if by_code(tx.session, code) is not None:
        raise RefusedError(f"the session {code} exists already: choose another code, or import candidates into it")
    profile = schemes.load(scheme)
    if profile.units is not None and unit not in profile.units:
        raise RefusedError(f"{profile.title} has no unit {unit!r}: its units are {', '.join(profile.units)}")
    deadline_on = profile.recording.deadline(exam_on) if profile.recording else exam_on
    session = EvaluationSession(
        id=new_id("ses"),
        code=code,
        scheme=profile.id,
        scheme_version=profile.version,
        unit=unit,
        exam_on=exam_on,
        deadline_on=deadline_on,
        folder_link=folder_link,
        created_at=tx.now,
    )
    tx.session.add(session)
    tx.record("session.created", session.id, scheme=profile.id, scheme_version=profile.version, unit=unit, exam_on=exam_on.isoformat())
    return session


def enrol(tx: Transaction, session: EvaluationSession, line: RosterLine) -> tuple[Enrolment, Dossier]:
    """Put one candidate into a session. The same line again changes nothing.

    Raises:
        RefusedError: the reference already belongs to somebody of another name.
    """
    candidate, of_candidate = _candidate(tx, line)
    dossier = tx.session.exec(select(Dossier).where(Dossier.session_id == session.id, Dossier.candidate_id == candidate.id)).first()
    if dossier is None:
        dossier = Dossier(
            id=new_id("dos"),
            session_id=session.id,
            candidate_id=candidate.id,
            folder=line.reference,
            client_reference=_client_reference(),
            hearing_at=line.hearing_at,
            opened_at=tx.now,
        )
        tx.session.add(dossier)
        tx.record("dossier.opened", dossier.id, session=session.id, candidate=candidate.pseudonym, hearing_at=line.hearing_at.isoformat())
        return Enrolment.CREATED, dossier
    if dossier.hearing_at != line.hearing_at:
        dossier.hearing_at = line.hearing_at
        tx.record("dossier.hearing_moved", dossier.id, hearing_at=line.hearing_at.isoformat())
        return Enrolment.CHANGED, dossier
    return of_candidate, dossier


def _candidate(tx: Transaction, line: RosterLine) -> tuple[Candidate, Enrolment]:
    candidate = tx.session.exec(select(Candidate).where(Candidate.reference == line.reference)).first()
    if candidate is None:
        candidate = Candidate(
            id=new_id("can"),
            reference=line.reference,
            pseudonym=f"P{secrets.token_hex(6)}",
            language=line.language,
            created_at=tx.now,
            **{name: getattr(line, name) for name in _PERSONAL},
        )
        tx.session.add(candidate)
        tx.record("candidate.enrolled", candidate.id, pseudonym=candidate.pseudonym)
        return candidate, Enrolment.CREATED
    if candidate.family_name.casefold() != line.family_name.casefold():
        raise RefusedError(f"the reference {line.reference} already belongs to another person: give this candidate another one")
    changed = [name for name in (*_PERSONAL, "language") if getattr(candidate, name) != getattr(line, name)]
    for name in changed:
        setattr(candidate, name, getattr(line, name))
    if changed:
        tx.record("candidate.changed", candidate.id, fields=changed)
        return candidate, Enrolment.CHANGED
    return candidate, Enrolment.UNCHANGED


def _client_reference() -> str:
    letters = "".join(secrets.choice(_LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def by_code(session: Session, code: str) -> EvaluationSession | None:
    """Find a session by the code that names its folder."""
    return session.exec(select(EvaluationSession).where(EvaluationSession.code == code)).first()


def open_sessions(session: Session) -> Sequence[EvaluationSession]:
    """Return the sessions that still take deposits, nearest exam first."""
    query = select(EvaluationSession).where(col(EvaluationSession.closed_at).is_(None)).order_by(col(EvaluationSession.exam_on))
    return session.exec(query).all()


def file_of(session: Session, dossier_id: str) -> File:
    """Gather a dossier with its candidate, session and scheme.

    Raises:
        RefusedError: there is no such dossier.
    """
    found = _files(session, Dossier.id == dossier_id)
    if not found:
        raise RefusedError(f"no dossier is known under {dossier_id}: check the identifier")
    return found[0]


def file_in_folder(session: Session, code: str, folder: str) -> File | None:
    """Find the dossier whose deposits come into this folder of this session."""
    found = _files(session, EvaluationSession.code == code, Dossier.folder == folder)
    return found[0] if found else None


def files_of(session: Session, session_id: str) -> list[File]:
    """Return every dossier of a session, by reference."""
    return _files(session, Dossier.session_id == session_id)


def _files(session: Session, *where: object) -> list[File]:
    query = (
        select(Dossier, Candidate, EvaluationSession)
        .join(Candidate, col(Candidate.id) == col(Dossier.candidate_id))
        .join(EvaluationSession, col(EvaluationSession.id) == col(Dossier.session_id))
        .where(*where)  # type: ignore[arg-type]  # SQLModel types a comparison of columns as bool
        .order_by(col(Dossier.folder))
    )
    return [File(d, c, s, schemes.load(s.scheme, s.scheme_version)) for d, c, s in session.exec(query)]


def dossier_by(session: Session, key: str) -> File | None:
    """Find a dossier by its id, or by ``session/reference`` as its folder is called."""
    if key.startswith("dos_"):
        found = _files(session, Dossier.id == key)
        return found[0] if found else None
    code, _, folder = key.partition("/")
    return file_in_folder(session, code, folder)


def expiry(file: File) -> datetime:
    """Return until when a personal link of this dossier opens: its hearing."""
    return file.dossier.hearing_at
