"""Reminders to candidates, and what coordinators are reminded of: each once, by the day it is for."""

from datetime import datetime, timedelta

import holidays
from sqlmodel import Session, col, select

from intake import facts
from notifications import mails, outbox
from notifications.centre import Centre
from notifications.composing import Person
from notifications.mails import TaskFacts
from notifications.words.mail_shape import Missing, Task
from registry import recordings, sessions, users
from registry.clock import civil_date
from registry.codes import Code
from registry.database import Database
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import OutboxMail, Recording, Role


def remind(database: Database, centre: Centre, now: datetime) -> int:
    """Queue the reminders of today: so many days before the last day, for what is still missing. Safe to repeat.

    One transaction a reminder: a session may have thousands of candidates, and deposits must not wait for all of them.
    """
    with database.reading() as session:
        files = [file for evaluation in sessions.open_sessions(session) for file in sessions.files_of(session, evaluation.id)]
        due = [file for file in files if _due(session, file, now) is not None]
    sent = 0
    for file in due:
        with database.bookkeeping() as session:
            sent += _remind_one(session, centre, file, now)
    return sent


def _remind_one(session: Session, centre: Centre, file: File, now: datetime) -> bool:
    found = _due(session, file, now)
    if found is None:
        return False
    missing, key = found
    contact = centre.contact_for(session, file)
    link = facts.form_link(session, centre, file, now)
    about = facts.setting(file, contact, file.language)
    mail = mails.reminder(facts.person(file), about, facts.expected(file, link), missing, civil_date(now))
    return outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=file.candidate.id)


def _due(session: Session, file: File, now: datetime) -> tuple[Missing, str] | None:
    """Return of what a candidate is to be reminded today, and the key of that mail; None when nothing is missing, or he was told."""
    rules, today = file.scheme.recording, civil_date(now)
    left = (file.session.deadline_on - today).days
    days = [days for days in rules.reminder_days if left <= days] if rules else []
    if left < 0 or not days:
        return None
    missing, told_at = _missing(session, file)
    if missing is None or civil_date(told_at) >= file.session.deadline_on - timedelta(days=min(days)):
        return None
    key = f"reminder:{file.dossier.id}:{missing}:{min(days)}"
    known = session.exec(select(OutboxMail.id).where(OutboxMail.dedupe_key == key)).first() is not None
    return None if known else (missing, key)


def _missing(session: Session, file: File) -> tuple[Missing | None, datetime]:
    """Return what is missing, and since when the candidate was told."""
    stored = [one for one in recordings.of_dossier(session, file.dossier.id) if one.state not in recordings.UNSTORED]
    recording = recordings.current(stored)
    if recording is None:
        return Missing.RECORDING, file.dossier.opened_at
    missing = {RecordingState.AWAITING_CONSENT: Missing.ATTESTATION, RecordingState.REJECTED: Missing.ANOTHER_FILE}.get(recording.state)
    return missing, recording.answered_at or recording.received_at


def overdue_reviews(database: Database, centre: Centre, now: datetime) -> int:
    """Tell the coordinators of the reviews that are late, each once a working day that it stays so."""
    today, told = civil_date(now), 0
    if not holidays.country_holidays("FR").is_working_day(today):
        return 0
    with database.bookkeeping() as session:
        late = (Recording.state == RecordingState.TO_REVIEW, col(Recording.review_due_on) < today, col(Recording.unlistenable).is_(None))
        query = select(Recording).where(*late)
        for recording in session.exec(query):
            file = sessions.file_of(session, recording.dossier_id)
            contact = centre.contact_for(session, file)
            for user in users.holding(session, Role.COORDINATOR):
                facts_told = TaskFacts(
                    task=Task.REVIEW_OVERDUE,
                    reference=file.candidate.reference,
                    candidate=f"{file.candidate.given_name} {file.candidate.family_name}",
                    found_at=recording.answered_at or recording.received_at,
                    codes=tuple(Code(code) for code in recording.codes),
                    by=recording.review_due_on,
                )
                about = facts.setting(file, contact, user.language)
                mail = mails.coordinator_task(facts_told, Person("", user.name, user.mail, user.language), about)
                key = f"review-overdue:{recording.id}:{today.isoformat()}:{user.id}"
                told += outbox.enqueue(session, mail, dedupe_key=key, now=now, domain=centre.mail_domain, person_id=user.id)
    return told
