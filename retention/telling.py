"""Telling of destructions: the report of one that failed, and the mails that carry a certificate. Outbox rows, never sends."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from notifications import destruction_mails, outbox
from notifications.centre import Centre
from notifications.composing import Person
from notifications.destruction_mails import Failed
from notifications.mail import Mail
from registry import users
from registry.clock import civil_date
from registry.tables import Candidate, Destruction, Dossier, Role, User
from retention.certificate_facts import CertificateFacts
from retention.certificate_pdf import certificate_pdf
from retention.clearing import certificate_mail_key
from retention.undertaking import Failure


@dataclass(frozen=True)
class Telling:
    """Queues the mails. A failure is told once a day and cause, to coordinators, compliance officers and operators."""

    centre: Centre

    def failed(self, session: Session, failure: Failure, now: datetime) -> None:
        """Queue the report of a failure."""
        told = Failed(failure.recording_id, failure.began_at, int(failure.step), failure.code, failure.attempts, failure.next_at)
        for role in (Role.COORDINATOR, Role.COMPLIANCE_OFFICER, Role.OPERATOR):
            for user in users.holding(session, role):
                mail = destruction_mails.failure_report(told, _person(user), self.centre.name, self.centre.contact_for(session, None))
                key = f"failure:{failure.destruction_id}:{failure.code}:{civil_date(now).isoformat()}:{user.id}"
                self._queue(session, mail, key, now, user.id)

    def certified(self, session: Session, row: Destruction, facts: CertificateFacts, now: datetime) -> None:
        """Queue a certificate: for the candidate, as a page; for the compliance officers, as the file that can be verified."""
        assert row.certificate is not None
        contact, done = self.centre.contact_for(session, None), facts.acts.completed_at
        dossier = session.get_one(Dossier, row.dossier_id)
        candidate = session.get_one(Candidate, dossier.candidate_id)
        if candidate.mail:
            name = f"{candidate.given_name} {candidate.family_name}".strip()
            person = Person(candidate.civility, name, candidate.mail, candidate.language)
            page = certificate_pdf(row.certificate)
            mail = destruction_mails.certificate(row.recording_id, done, page, "pdf", person, self.centre.name, contact, staff=False)
            self._queue(session, mail, certificate_mail_key(row.id, candidate.id), now, candidate.id)
        for user in users.holding(session, Role.COMPLIANCE_OFFICER):
            mail = destruction_mails.certificate(
                row.recording_id, done, row.certificate, "json", _person(user), self.centre.name, contact, staff=True
            )
            self._queue(session, mail, certificate_mail_key(row.id, user.id), now, user.id)

    def _queue(self, session: Session, mail: Mail, key: str, now: datetime, person_id: str) -> None:
        outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=self.centre.mail_domain, person_id=person_id)


def _person(user: User) -> Person:
    return Person("", user.name, user.mail, user.language)
