"""Facts for the tests of this folder: made-up people, one instant."""

from dataclasses import replace
from datetime import UTC, date, datetime

from notifications.composing import Person, Setting
from notifications.facts import AnswerFacts, DestructionRule
from notifications.mail import Attachment, Mail
from notifications.mails import Expected
from notifications.parts import Contact
from notifications.reports import IntakeReport, ReportRow
from notifications.words.report_words import ReportState
from registry.codes import Answer, Code, Language

NOW = datetime(2026, 5, 12, 9, 3, tzinfo=UTC)
DEADLINE, HEARING, EARLIEST = date(2026, 5, 25), date(2026, 6, 15), date(2025, 6, 16)
CONTACT = Contact("Dominique Contact", "coordination@example.org", "https://teams.example.org/l/chat/1")
SETTING = Setting("CQP Conseiller Entreprise", "Bloc 1", "Juin 2026", CONTACT)
FORM, FOLDER, CHOOSE = "https://depot.example.org/f/3k9", "https://share.example.org/c/12", "https://depot.example.org/c/77"
FILE_NAME = "Appel Mme Cliente.mp3"
EXPECTED = Expected("C-012", "30 minutes", HEARING, EARLIEST, DEADLINE, FOLDER, FORM)


def facts(answer: Answer = Answer.RECEIVED, *codes: Code, language: Language = Language.FR) -> AnswerFacts:
    """Return the facts of one answer, all that may be known being known."""
    return AnswerFacts(
        answer=answer,
        language=language,
        civility="Madame",
        name="Camille Essai",
        reference="C-012",
        session_label="Juin 2026",
        scheme_title="CQP Conseiller Entreprise",
        unit_label="Bloc 1",
        deposited_at=NOW,
        deadline=DEADLINE,
        hearing_date=HEARING,
        earliest_call_date=EARLIEST,
        limit_seconds=1800,
        size_limit=75_000_000,
        contact=CONTACT,
        codes=codes,
        file_name=FILE_NAME,
        duration_seconds=1452.3,
        size_bytes=5_812_345,
        sha256="0123456789abcdef" * 4,
        call_date=date(2026, 5, 4),
        consent_date=date(2026, 5, 4),
        receipt_number="2026-0147",
        form_link=FORM,
        folder_link=FOLDER,
        quarantine_until=date(2026, 5, 26),
        review_by=date(2026, 5, 14),
        destruction=DestructionRule(recourse_months=2),
    )


def bare(answer: Answer, *codes: Code, language: Language = Language.FR) -> AnswerFacts:
    """Return the facts of a file of which next to nothing is known: outside every folder, unread."""
    full = facts(answer, *codes, language=language)
    return replace(
        full,
        civility="",
        name="",
        reference="",
        deadline=None,
        hearing_date=None,
        earliest_call_date=None,
        file_name=None,
        duration_seconds=None,
        size_bytes=None,
        sha256=None,
        call_date=None,
        consent_date=None,
        receipt_number=None,
        form_link=None,
        folder_link=None,
        quarantine_until=None,
        review_by=None,
        destruction=None,
        contact=replace(CONTACT, teams_link=None),
    )


def person(language: Language = Language.FR, name: str = "Camille Essai") -> Person:
    """Return a recipient."""
    return Person("Madame", name, "camille@example.org", language)


def report(*names: str) -> IntakeReport:
    """Return a report with one candidate in each state, and one received for each name."""
    states = [ReportRow(f"C-{i:03}", f"Candidat {i}", state, NOW, DEADLINE) for i, state in enumerate(ReportState)]
    more = [ReportRow(f"D-{i:03}", name, ReportState.RECEIVED, NOW) for i, name in enumerate(names)]
    return IntakeReport("CQP Conseiller Entreprise", "Bloc 1", "Juin 2026", DEADLINE, NOW, (*states, *more))


def mail(to: str = "camille@example.org", subject: str = "Bien reçu\u202f: vous n’avez plus rien à faire") -> Mail:
    """Return a mail with all that a mail may hold."""
    return Mail(
        "answer.received",
        to,
        Language.FR,
        subject,
        "Bien reçu. Fichier lisible, 24 min 12 s.\n.une ligne qui commence par un point\n",
        "<p>Bien reçu 👍</p>",
        Attachment("1 - Bien reçu.pdf", b"%PDF-1.4 un contenu\r\n.\r\n"),
    )
