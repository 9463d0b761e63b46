"""From rows to the facts that an answer or a mail is made of."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session

from consent.record import ConsentRecord
from notifications.centre import Centre
from notifications.composing import Person, Setting
from notifications.facts import AnswerFacts, Attested, DestructionRule
from notifications.mails import Expected
from notifications.parts import Contact
from registry import links as tokens
from registry import sessions
from registry.clock import civil_date
from registry.codes import Answer, Code, Language
from registry.phrases import long_date
from registry.schemes import Recourse
from registry.sessions import File
from registry.tables import Recording


@dataclass(frozen=True)
class Links:
    """The personal links that one answer carries."""

    form: str | None = None
    choice: str | None = None


_SESSION = {Language.FR: "session du {day}", Language.EN: "session of {day}"}


def session_label(file: File, language: Language) -> str:
    """Name a session as people do: by its day."""
    return _SESSION[language].format(day=long_date(file.session.exam_on, language))


def person(file: File) -> Person:
    """Return the candidate as a mail addresses him."""
    candidate = file.candidate
    return Person(candidate.civility, f"{candidate.given_name} {candidate.family_name}", candidate.mail, file.language)


def setting(file: File, contact: Contact, language: Language) -> Setting:
    """Return what a mail says it is about."""
    return Setting(file.scheme.title, file.scheme.unit_label(file.session.unit, language), session_label(file, language), contact)


def expected(file: File, form_link: str | None) -> Expected:
    """Return what is expected of a candidate."""
    rules = file.scheme.recording
    minutes = (rules.max_seconds if rules else 0) // 60
    return Expected(
        reference=file.candidate.reference,
        limit=f"{minutes}\u00a0minutes",
        hearing_date=file.hearing_on,
        earliest_call_date=rules.earliest_call_date(file.hearing_on) if rules else file.hearing_on,
        deadline=file.session.deadline_on,
        folder_link=file.session.folder_link,
        form_link=form_link,
    )


def form_link(session: Session, centre: Centre, file: File, now: datetime) -> str:
    """Make a fresh personal link to the dossier's form."""
    return centre.form_url(tokens.make(session, file.dossier.id, now, sessions.expiry(file)))


def choice_link(session: Session, centre: Centre, file: File, now: datetime) -> str:
    """Make a fresh personal link to where a candidate says which of two files he presents."""
    return centre.choice_url(tokens.make(session, file.dossier.id, now, sessions.expiry(file)))


def consent_until(file: File, deposited_on: date) -> date:
    """Return the last day that an attestation is waited for: some days after the deadline or the deposit, the later."""
    days = file.scheme.recording.consent_wait_days if file.scheme.recording else 0
    return max(file.session.deadline_on, deposited_on) + timedelta(days=days)


def _destruction(recourse: Recourse, centre: Centre) -> DestructionRule | None:
    if recourse.rule == "unstated":
        return None
    months = recourse.months if recourse.rule == "months" else None
    grace = recourse.postal_grace_days if centre.postal_grace_days is None else centre.postal_grace_days
    return DestructionRule(months, grace if months else recourse.min_hold_days or 0)


def of_recording(
    file: File, recording: Recording, consent: ConsentRecord | None, centre: Centre, contact: Contact, links: Links
) -> AnswerFacts:
    """Gather what the answer to a recording says."""
    found = recording.judgement
    assert recording.answer is not None
    waiting = recording.answer is Answer.AWAITING_CONSENT
    return replace(
        _of_file(file, recording.answer, centre, contact, recording.received_at),
        codes=tuple(Code(code) for code in recording.codes),
        warnings=tuple(Code(code) for code in recording.warnings),
        file_name=recording.original_name,
        duration_seconds=found.get("duration_seconds"),
        size_bytes=recording.size_bytes,
        sha256=recording.sha256,
        found=found.get("found"),
        call_date=recording.call_date,
        consent_date=consent.given_on if consent else None,
        consent_on_record=recording.consent_id is not None,
        receipt_number=recording.receipt_number,
        form_link=links.form,
        choose_link=links.choice,
        quarantine_until=civil_date(recording.quarantine_until) if recording.quarantine_until else None,
        attestation_until=consent_until(file, civil_date(recording.received_at)) if waiting else None,
        review_by=recording.review_due_on,
        reason=recording.review_reason,
        destruction=_destruction(file.scheme.recourse, centre),
    )


def of_left(file: File, centre: Centre, contact: Contact, code: Code, *, name: str, form: str | None, now: datetime) -> AnswerFacts:
    """Gather what the answer to a file that was not taken says."""
    return replace(_of_file(file, Answer.NOT_TAKEN, centre, contact, now), codes=(code,), file_name=name, form_link=form)


def of_attestation(
    file: File, centre: Centre, contact: Contact, record: ConsentRecord, said: Attested, *, name: str, form: str | None, now: datetime
) -> AnswerFacts:
    """Gather what the answer to an attestation says that came before its recording; its dates are told against, not ruled on."""
    told = _of_file(file, Answer.RECEIVED, centre, contact, now)
    against = (
        (Code.FUTURE_DATE, record.call_date > civil_date(now)),
        (Code.TOO_OLD, told.earliest_call_date is not None and record.call_date < told.earliest_call_date),
        (Code.CONSENT_LATE, record.given_on > record.call_date),
    )
    return replace(
        told,
        codes=tuple(code for code, holds in against if holds),
        file_name=name,
        call_date=record.call_date,
        consent_date=record.given_on,
        consent_on_record=True,
        form_link=form,
        attested=said,
    )


def of_stray(centre: Centre, contact: Contact, code: Code, *, name: str, now: datetime) -> AnswerFacts:
    """Gather what the answer to a file outside every deposit folder says: nobody is known."""
    return AnswerFacts(
        answer=Answer.NOT_TAKEN,
        language=Language.FR,
        civility="",
        name="",
        reference="",
        session_label="",
        scheme_title="",
        unit_label="",
        deposited_at=now,
        deadline=None,
        hearing_date=None,
        earliest_call_date=None,
        limit_seconds=0,
        size_limit=centre.max_bytes,
        contact=contact,
        codes=(code,),
        file_name=name,
    )


def _of_file(file: File, answer: Answer, centre: Centre, contact: Contact, deposited_at: datetime) -> AnswerFacts:
    rules, who = file.scheme.recording, person(file)
    return AnswerFacts(
        answer=answer,
        language=file.language,
        civility=who.civility,
        name=who.name,
        reference=file.candidate.reference,
        session_label=session_label(file, file.language),
        scheme_title=file.scheme.title,
        unit_label=file.scheme.unit_label(file.session.unit, file.language),
        deposited_at=deposited_at,
        deadline=file.session.deadline_on,
        hearing_date=file.hearing_on,
        earliest_call_date=rules.earliest_call_date(file.hearing_on) if rules else None,
        limit_seconds=rules.max_seconds if rules else 0,
        size_limit=centre.max_bytes,
        contact=contact,
        folder_link=file.session.folder_link,
    )
