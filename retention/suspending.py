"""Facts that the staff must hear of at once: recorded, and their mails queued, in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session

from notifications import outbox, recourse_mails
from notifications.centre import Centre
from notifications.composing import Person, Setting
from notifications.mail import Mail
from notifications.recourse_mails import Recourse
from registry import appeals, recordings, sessions, users, withdrawals
from registry.appeals import Contested
from registry.database import Transaction
from registry.sessions import File
from registry.tables import Role
from registry.withdrawals import Withdrawn
from retention.eligibility import assess
from retention.loading import facts_of
from retention.terms import Choices


@dataclass(frozen=True)
class Suspending:
    """Records appeals and withdrawals, and tells whom they concern."""

    centre: Centre
    choices: Choices

    def contest(
        self,
        tx: Transaction,
        dossier_id: str,
        *,
        received_on: date,
        postmark_on: date | None = None,
        old_meant: bool = False,
        note: str | None = None,
    ) -> Contested:
        """Record an appeal, which suspends destruction; tell coordinators and compliance officers.

        Raises:
            RefusedError: as :func:`registry.appeals.record`.
        """
        last_day = self.last_day(tx.session, dossier_id)
        done = appeals.record(
            tx, dossier_id, received_on=received_on, postmark_on=postmark_on, last_day=last_day, old_meant=old_meant, note=note
        )
        appeal, file = done.appeal, sessions.file_of(tx.session, dossier_id)
        told = Recourse(file.candidate.reference, appeal.received_on, appeal.postmark_on, appeal.in_time, done.destructions)
        make = recourse_mails.incident if appeal.incident else recourse_mails.suspended
        self._tell(tx, file, (Role.COORDINATOR, Role.COMPLIANCE_OFFICER), appeal.id, lambda who, where: make(told, who, where))
        return done

    def withdraw(
        self, tx: Transaction, dossier_id: str, reason: str, *, recording_id: str | None = None, two_people: bool = False
    ) -> Withdrawn:
        """Silence what a client's consent was withdrawn for; where a hold keeps it, the compliance officers are told.

        Raises:
            RefusedError: as :func:`registry.withdrawals.withdraw`.
        """
        done = withdrawals.withdraw(tx, dossier_id, reason, recording_id=recording_id, two_people=two_people)
        if done.holds:
            file = sessions.file_of(tx.session, dossier_id)
            kept = tuple(one.id for one in done.holds)
            about = f"{done.recordings[0].id}:{tx.now.isoformat()}"
            reference = file.candidate.reference
            self._tell(tx, file, (Role.COMPLIANCE_OFFICER,), about, lambda who, where: recourse_mails.kept(reference, kept, who, where))
        return done

    def last_day(self, session: Session, dossier_id: str) -> date | None:
        """Return the last day to contest a dossier's decision, or None while no clock runs."""
        found = recordings.current(recordings.of_dossier(session, dossier_id))
        ground = assess(facts_of(session, found, self.choices)).ground if found else None
        return ground.appeal_last_day if ground else None

    def _tell(self, tx: Transaction, file: File, roles: tuple[Role, ...], about: str, make: Callable[[Person, Setting], Mail]) -> None:
        contact = self.centre.contact_for(tx.session, file)
        for user in (one for role in roles for one in users.holding(tx.session, role)):
            label = file.scheme.unit_label(file.session.unit, user.language)
            mail = make(Person("", user.name, user.mail, user.language), Setting(file.scheme.title, label, file.session.code, contact))
            key = f"{mail.kind}:{about}:{user.id}"
            outbox.enqueue(tx.session, mail, dedupe_key=key, now=tx.now, domain=self.centre.mail_domain, person_id=user.id)
