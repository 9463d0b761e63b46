"""Answering: the mail and the folder's PDF of each answer, and the coordinators' tasks.

All are outbox rows, written in the transaction of the fact that they tell.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlmodel import Session, col, func, select

from consent.record import ConsentRecord
from consent.words import WAYS
from intake import facts, outdated
from intake.facts import Links
from intake.policy import Policy
from intake.shares import Place
from notifications import mails, outbox
from notifications.answers import file_name_of, folder_file_name
from notifications.centre import Centre
from notifications.composing import Person, Setting
from notifications.documents import answer_pdf
from notifications.facts import AnswerFacts, Attested
from notifications.mail import Mail
from notifications.mails import TaskFacts
from notifications.words.mail_shape import Task
from registry import recordings, users
from registry.clock import civil_date
from registry.codes import Answer, Code, Language
from registry.database import Transaction
from registry.ids import new_id
from registry.problems import Problem
from registry.sessions import File
from registry.tables import Consent, Door, OutboxFile, Recording, Role

_MOST_PROBLEMS = 8


@dataclass(frozen=True)
class Answering:
    """Says what was done with a file: to the candidate in the folder and by mail, to the coordinators as tasks."""

    centre: Centre
    policy: Policy

    def answer(self, tx: Transaction, file: File, recording: Recording, *, duplicate: bool = False) -> None:
        """Give a recording's answer, and take our earlier answers that no longer hold out of the folder."""
        told = self._told(tx, file, recording)
        self._into_folder(tx, file, told, recording_id=recording.id, instead_of=outdated.by_recording(tx.session, recording))
        key = f"answer:{recording.id}:{recording.answer}:{tx.now.isoformat()}"
        self._post(tx, mails.answer(told, file.candidate.mail), key, file.candidate.id)
        if recording.answer is Answer.TO_REVIEW:
            self._task(tx, file, Task.REVIEW, f"review:{recording.id}", codes=told.codes, by=recording)
        if duplicate:
            self._task(tx, file, Task.DUPLICATE, f"duplicate:{recording.id}")

    def again(self, tx: Transaction, file: File, recording: Recording) -> None:
        """Give the last answer again: in the folder each time, by mail at most once a day."""
        told = self._told(tx, file, recording)
        ours = select(OutboxFile).where(OutboxFile.recording_id == recording.id, col(OutboxFile.replaced).is_(False))
        self._into_folder(tx, file, told, recording_id=recording.id, instead_of=list(tx.session.exec(ours)))
        key = f"again:{recording.id}:{civil_date(tx.now).isoformat()}"
        self._post(tx, mails.answer(told, file.candidate.mail), key, file.candidate.id)

    def attested(self, tx: Transaction, file: File, place: Place, consent_id: str, record: ConsentRecord, notice: str) -> None:
        """Confirm an attestation that was read in the folder before its recording came. A recording's answer takes its place."""
        for_another = bool(outdated.standing(tx.session, file.dossier.id))
        form = facts.form_link(tx.session, self.centre, file, tx.now)
        contact = self.centre.contact_for(tx.session, file)
        said = Attested(WAYS[record.way].text(file.language), notice, for_another)
        told = facts.of_attestation(file, self.centre, contact, record, said, name=place.shown, form=form, now=tx.now)
        self._write(tx, folder_of(file), file, told, about=consent_id)
        self._post(tx, mails.answer(told, file.candidate.mail), f"attested:{consent_id}", file.candidate.id)

    def not_taken(
        self,
        tx: Transaction,
        place: Place,
        file: File | None,
        code: Code,
        problems: tuple[Problem, ...] = (),
        size_bytes: int | None = None,
    ) -> None:
        """Answer beside a file that is left where it lies, and tell the coordinators.

        A folder that gets very many such files in a day gets one answer for all beyond the first few.
        """
        folder = b"/".join(place.folder)
        stem = folder_file_name(Answer.NOT_TAKEN, file.language if file else Language.FR).removesuffix(".pdf")
        answers = (OutboxFile.folder == folder, col(OutboxFile.recording_id).is_(None), col(OutboxFile.name).startswith(stem))
        lately = OutboxFile.created_at > tx.now - self.policy.repeat_answer_every
        already = tx.session.exec(select(func.count()).select_from(OutboxFile).where(*answers, lately)).one()
        if already > self.policy.max_files_per_folder:
            return
        few = already < self.policy.max_files_per_folder or not place.name
        about = f"{Door.FOLDER}:{place.key}" if few else None  # or of all the rest
        if about is None:
            code = Code.TOO_MANY_FILES
        contact = self.centre.contact_for(tx.session, file)
        if file is None:
            told = replace(facts.of_stray(self.centre, contact, code, name=place.shown, now=tx.now), size_bytes=size_bytes)
        else:
            details = _sentences(problems, file.language)
            told = replace(self._left(tx, file, place, code), details=details, size_bytes=size_bytes)
            key = f"left:{place.key}:{tx.now.isoformat()}"
            self._post(tx, mails.answer(told, file.candidate.mail), key, file.candidate.id)
        self._write(tx, folder, file, told, about=about)
        task = Task.CAME_BACK if code is Code.ALREADY_DESTROYED else Task.NOT_TAKEN
        if code in {Code.ATTESTATION_UNREADABLE, Code.ATTESTATION_CONFLICT}:
            task = Task.TYPE_ATTESTATION
        self._task(tx, file, task, f"left:{place.key}:{tx.now.isoformat()}", codes=(code,))

    def is_ours(self, session: Session, sha256: str) -> bool:
        """Tell whether a file is one that we wrote ourselves, wherever it lies."""
        return session.exec(select(OutboxFile.id).where(OutboxFile.sha256 == sha256)).first() is not None

    def _left(self, tx: Transaction, file: File, place: Place, code: Code) -> AnswerFacts:
        about_form = code in outdated.ABOUT_ATTESTATIONS
        form = facts.form_link(tx.session, self.centre, file, tx.now) if about_form else None
        contact = self.centre.contact_for(tx.session, file)
        return facts.of_left(file, self.centre, contact, code, name=place.shown, form=form, now=tx.now)

    def _told(self, tx: Transaction, file: File, recording: Recording) -> AnswerFacts:
        contact = self.centre.contact_for(tx.session, file)
        asks = recording.answer is Answer.AWAITING_CONSENT or (recording.answer is Answer.REFUSED and recording.consent_id is not None)
        form = facts.form_link(tx.session, self.centre, file, tx.now) if asks else None
        choice = None
        if recording.together_with is not None:
            choice = facts.choice_link(tx.session, self.centre, file, tx.now)
        told = facts.of_recording(file, recording, _attested(tx.session, recording), self.centre, contact, Links(form, choice))
        return replace(told, standing_receipt=_standing(tx.session, recording))

    def _into_folder(self, tx: Transaction, file: File, told: AnswerFacts, *, recording_id: str, instead_of: list[OutboxFile]) -> None:
        self._write(tx, folder_of(file), file, told, recording_id=recording_id, instead_of=instead_of)

    @staticmethod
    def _write(
        tx: Transaction,
        folder: bytes,
        file: File | None,
        told: AnswerFacts,
        *,
        recording_id: str | None = None,
        about: str | None = None,
        instead_of: Sequence[OutboxFile] = (),
    ) -> None:
        for old in instead_of:
            old.replaced, old.next_at = True, tx.now
        tx.session.flush()
        used = set(tx.session.exec(select(OutboxFile.name).where(OutboxFile.folder == folder, col(OutboxFile.replaced).is_(False))))
        name = next(n for copy in range(1, 10_000) if (n := file_name_of(told, copy)) not in used)
        content = answer_pdf(told)
        tx.session.add(
            OutboxFile(
                id=new_id("fil"),
                dossier_id=file.dossier.id if file else None,
                recording_id=recording_id,
                about=about,
                folder=folder,
                name=name,
                content=content,
                sha256=hashlib.sha256(content).hexdigest(),
                created_at=tx.now,
                next_at=tx.now,
            ),
        )

    def _post(self, tx: Transaction, mail: Mail, key: str, person_id: str) -> None:
        outbox.enqueue(tx.session, mail, dedupe_key=key, now=tx.now, domain=self.centre.mail_domain, person_id=person_id)

    def _task(
        self, tx: Transaction, file: File | None, task: Task, key: str, codes: tuple[Code, ...] = (), by: Recording | None = None
    ) -> None:
        contact = self.centre.contact_for(tx.session, file)
        for user in users.holding(tx.session, Role.COORDINATOR):
            told = TaskFacts(
                task=task,
                reference=file.candidate.reference if file else "",
                candidate=f"{file.candidate.given_name} {file.candidate.family_name}" if file else "",
                found_at=tx.now,
                codes=codes,
                by=by.review_due_on if by else None,
                folder_link=file.session.folder_link if file else None,
            )
            about = facts.setting(file, contact, user.language) if file else Setting("", "", self.centre.name, contact)
            mail = mails.coordinator_task(told, Person("", user.name, user.mail, user.language), about)
            self._post(tx, mail, f"{key}:{user.id}", user.id)


def _standing(session: Session, recording: Recording) -> str | None:
    """Find the receipt of an earlier recording that counts as long as this one is not accepted."""
    if recording.answer is Answer.RECEIVED or recording.together_with is not None:
        return None
    others = [one for one in recordings.of_dossier(session, recording.dossier_id) if one.id != recording.id and one.unlistenable is None]
    return next((one.receipt_number for one in reversed(others) if one.state in recordings.LISTENED_TO), None)


def _attested(session: Session, recording: Recording) -> ConsentRecord | None:
    consent = session.get(Consent, recording.consent_id) if recording.consent_id else None
    return ConsentRecord.from_json(consent.record) if consent else None


def _sentences(problems: tuple[Problem, ...], language: Language) -> tuple[str, ...]:
    """Say what is wrong with an attestation, item by item."""
    return tuple(problem.sentence(language) for problem in problems[:_MOST_PROBLEMS])


def folder_of(file: File) -> bytes:
    """Return the path of a dossier's folder below the root."""
    return f"{file.session.code}/{file.dossier.folder}".encode("ascii")
