"""What is personal, and when it goes.

Of a recording, when it is destroyed: the name of its file, its tags, what people wrote about it, the place where it lay.
Of a dossier, once its last recording is destroyed and the certificate's mail has left, or some days later: the candidate's name, address,
employer and reference, the folder with all that is in it (receipts, attestations, what was left lying), the personal links, the words of
attestations and reasons, and the mails that wait or lie in files. A candidate who has another dossier keeps his name until that one goes.

Pseudonyms, days, sizes, hashes, the client's random reference stay: they answer a client's question, and name nobody.
Workbooks that a coordinator imported or exported are not ours: Consigne keeps no copy of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import structlog
from sqlmodel import Session, col, delete, or_, select

from registry import holds, recordings
from registry.clock import civil_date
from registry.database import Database, Transaction
from registry.errors import DatabaseUnavailableError
from registry.states import MailState, RecordingState
from registry.tables import (
    Appeal,
    Candidate,
    Closure,
    Consent,
    Decision,
    Deposit,
    DepositState,
    Destruction,
    Dossier,
    EvaluationSession,
    FormLink,
    Hold,
    Notification,
    OutboxFile,
    OutboxMail,
    Reason,
    Recording,
)
from retention.loading import terms_of
from retention.terms import Choices

_log = structlog.get_logger()
ACTOR = "system:clearing"
CLEARED = "recording.cleared"
_KEPT_OF_JUDGEMENT = ("verdict", "reasons", "warnings", "duration_seconds", "sha256", "size_bytes", "format")
_NAMES = ("civility", "family_name", "given_name", "mail", "employer", "department")
_NAMING = (Candidate, Consent, Deposit, Dossier, OutboxFile, OutboxMail, Reason, Recording)
"""The tables with columns that may name somebody."""
_ERASED = "erased"
_BATCH = 200


class Papers(Protocol):
    """What lies outside the database about a candidate. Both are safe to repeat.

    Raises, whatever it is asked: ``OriginalsUnavailableError`` where the folders do not answer.
    """

    def remove_folder(self, session_code: str, folder: str) -> None:
        """Remove a candidate's deposit folder and everything in it; one already gone is no error."""
        ...

    def remove_mails(self, message_ids: Sequence[str], names: Sequence[str]) -> None:
        """Remove the mails that were written into files: those of these ids, and every other that holds one of these names."""
        ...


def clear_recording(tx: Transaction, recording: Recording) -> None:
    """Clear what is personal of one recording, with its entry. The caller holds the rows of its dossier and of itself."""
    told = recording.judgement
    empty: dict[str, Any] = {"recorded_on": None, "found": None, "dates": [], "levels": None, "waveform": "", "cause": None}
    recording.judgement = {name: told[name] for name in _KEPT_OF_JUDGEMENT if name in told} | (empty if told else {})
    recording.original_name = recording.review_reason = None
    for place in tx.session.exec(select(Deposit).where(Deposit.recording_id == recording.id)):
        _empty_place(place)
    tx.session.connection().execute(delete(Reason).where(col(Reason.subject) == recording.id))
    tx.record(CLEARED, recording.id)


def _empty_place(row: Deposit) -> None:
    """Take the name of a file out of the row of its place; what intake had still to do there is over."""
    row.place, row.place_key = b"", f"{_ERASED}:{row.id}"
    if row.state is not DepositState.LEFT:
        row.state, row.code, row.lease_owner, row.lease_until, row.not_before = DepositState.DONE, _ERASED, None, None, None


@dataclass(frozen=True)
class Clearing:
    """Clears dossiers that are over."""

    database: Database
    papers: Papers
    choices: Choices

    def sweep(self, now: datetime) -> int:
        """Clear every dossier whose time has come; return how many. One that cannot be cleared is tried next time, and stops no other."""
        with self.database.reading() as session:
            found = [one for one in _over(session) if self._may_go(session, one, now)]
        cleared = 0
        for dossier_id in found:
            try:
                cleared += self._clear(dossier_id, now)
            except DatabaseUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - one dossier must not keep the others from being cleared
                _log.warning("clearing.waits", dossier=dossier_id, error=type(error).__name__)
        if cleared:
            self.database.forget(*(str(table.__tablename__) for table in _NAMING))
        return cleared

    def _may_go(self, session: Session, dossier_id: str, now: datetime) -> bool:
        """Tell whether nothing is left that needs the candidate's name: no recording, hold or appeal, no mail, no day to come."""
        dossier = session.get_one(Dossier, dossier_id)
        rows = recordings.of_dossier(session, dossier_id)
        if any(row.state is not RecordingState.DESTROYED or holds.covering(session, row) for row in rows):
            return False
        query = select(Appeal.id).where(Appeal.dossier_id == dossier_id, col(Appeal.closed_at).is_(None))
        if session.exec(query).first() is not None or civil_date(now) <= civil_date(dossier.hearing_at):
            return False
        evaluation = session.get_one(EvaluationSession, dossier.session_id)
        patience = timedelta(days=terms_of(evaluation, self.choices).certificate_mail_days)
        ends = session.exec(select(Destruction).where(Destruction.dossier_id == dossier_id)).all()
        return all(_told(session, one, dossier.candidate_id) or (one.completed_at or now) + patience <= now for one in ends)

    def _clear(self, dossier_id: str, now: datetime) -> bool:
        """Remove what lies outside, then erase the rows that say where; a kill in between does the first again."""
        with self.database.reading() as session:
            dossier = session.get_one(Dossier, dossier_id)
            folder = session.get_one(EvaluationSession, dossier.session_id).code, dossier.folder
            candidate = session.get_one(Candidate, dossier.candidate_id)
            last = not _has_another(session, dossier)
            mails = _mails_about(session, dossier, last=last)
        names = tuple(name for name in (candidate.family_name, candidate.mail) if name) if last else ()
        self.papers.remove_folder(*folder)
        self.papers.remove_mails([one.message_id for one in mails], names)
        with self.database.transaction(now, ACTOR) as tx:
            dossier = tx.lock(Dossier, dossier_id)
            if dossier.cleared_at is not None or not self._may_go(tx.session, dossier_id, now):
                return False
            _erase_mails(tx.session, [one.id for one in mails])
            _erase_dossier(tx, dossier)
            if not _has_another(tx.session, dossier):
                _erase_candidate(tx, tx.lock(Candidate, dossier.candidate_id))
        self.papers.remove_folder(*folder)  # what was written into it meanwhile: nothing can be from here on
        return True


def _over(session: Session) -> Sequence[str]:
    """Return the dossiers with a destruction that came to its end, and that are not cleared."""
    query = select(Destruction.dossier_id).join(Dossier, col(Dossier.id) == col(Destruction.dossier_id))
    where = (col(Dossier.cleared_at).is_(None), col(Destruction.completed_at).is_not(None))
    return session.exec(query.where(*where).distinct().order_by(col(Destruction.dossier_id))).all()


def _told(session: Session, row: Destruction, candidate_id: str) -> bool:
    """Tell whether the candidate's mail with the certificate has left."""
    key = certificate_mail_key(row.id, candidate_id)
    mail = session.exec(select(OutboxMail.state).where(OutboxMail.dedupe_key == key)).first()
    return mail is MailState.SENT


def certificate_mail_key(destruction_id: str, person_id: str) -> str:
    """Name the mail that tells one person of one certificate."""
    return f"certificate:{destruction_id}:{person_id}"


def _has_another(session: Session, dossier: Dossier) -> bool:
    """Tell whether the candidate has another dossier that still needs his name."""
    query = select(Dossier.id).where(Dossier.candidate_id == dossier.candidate_id, Dossier.id != dossier.id)
    return session.exec(query.where(col(Dossier.cleared_at).is_(None))).first() is not None


def _mails_about(session: Session, dossier: Dossier, *, last: bool) -> list[OutboxMail]:
    """Find the mails to the candidate, or about him: each names in its key what it tells of; a report, its session."""
    subjects = [dossier.id, *(one.id for one in recordings.of_dossier(session, dossier.id)), f"report:{dossier.session_id}"]
    subjects += session.exec(select(Consent.id).where(Consent.dossier_id == dossier.id)).all()
    subjects += session.exec(select(Destruction.id).where(Destruction.dossier_id == dossier.id)).all()
    subjects += [_digest(key) for key in session.exec(select(Deposit.place_key).where(Deposit.dossier_id == dossier.id))]
    about = [col(OutboxMail.dedupe_key).contains(one, autoescape=True) for one in subjects]
    told = or_(*about, OutboxMail.person_id == dossier.candidate_id) if last else or_(*about)
    return list(session.exec(select(OutboxMail).where(told, OutboxMail.created_at >= dossier.opened_at)))


def _digest(place_key: str) -> str:
    return place_key.rpartition(":")[2]


def _erase_mails(session: Session, mail_ids: Sequence[str]) -> None:
    """Empty mails, whatever their state; one that has not left never will."""
    for start in range(0, len(mail_ids), _BATCH):
        for row in session.exec(select(OutboxMail).where(col(OutboxMail.id).in_(mail_ids[start : start + _BATCH])).with_for_update()):
            row.to_address = row.subject = row.text = row.html = ""
            row.attachment_name = row.attachment = row.lease_owner = row.lease_until = None
            if row.state is not MailState.SENT:
                row.state, row.error_code = MailState.FAILED, "settled"


def _erase_dossier(tx: Transaction, dossier: Dossier) -> None:
    session = tx.session
    for attested in session.exec(select(Consent).where(Consent.dossier_id == dossier.id)):
        attested.record = ""
        tx.record("consent.cleared", attested.id)
    for place in session.exec(select(Deposit).where(Deposit.dossier_id == dossier.id)):
        _empty_place(place)
    for written in session.exec(select(OutboxFile).where(OutboxFile.dossier_id == dossier.id)):
        written.folder, written.name, written.content, written.about = b"", "", None, None
        written.replaced = True
        written.written_at, written.removed_at = written.written_at or tx.now, written.removed_at or tx.now
    connection = session.connection()
    connection.execute(delete(FormLink).where(col(FormLink.dossier_id) == dossier.id))
    connection.execute(delete(Reason).where(col(Reason.subject).in_(list(_subjects(session, dossier)))))
    dossier.folder, dossier.cleared_at = dossier.id, tx.now
    tx.record("dossier.cleared", dossier.id)


def _subjects(session: Session, dossier: Dossier) -> Iterable[str]:
    """Yield everything of a dossier that a person may have given a reason for."""
    yield dossier.id
    yield dossier.candidate_id
    yield from (one.id for one in recordings.of_dossier(session, dossier.id))
    for table in (Appeal, Closure, Consent, Decision, Notification):
        yield from session.exec(select(table.id).where(table.dossier_id == dossier.id))
    targets = [dossier.id, *(one.id for one in recordings.of_dossier(session, dossier.id))]
    yield from session.exec(select(Hold.id).where(col(Hold.target_id).in_(targets)))


def _erase_candidate(tx: Transaction, candidate: Candidate) -> None:
    for name in _NAMES:
        setattr(candidate, name, "")
    candidate.reference = candidate.pseudonym
    tx.record("candidate.cleared", candidate.id)
