"""What each language must say in the mails that are not answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Missing(StrEnum):
    """What a candidate is reminded of."""

    RECORDING = "recording"
    ATTESTATION = "attestation"
    ANOTHER_FILE = "another_file"  # what was deposited was refused


class Task(StrEnum):
    """What a coordinator is asked to do about one dossier."""

    TYPE_ATTESTATION = "type_attestation"
    NOT_TAKEN = "not_taken"
    DUPLICATE = "duplicate"
    CAME_BACK = "came_back"  # the bytes of a recording that was destroyed
    REVIEW = "review"
    REVIEW_OVERDUE = "review_overdue"


class Alert(StrEnum):
    """What is wrong with the running centre."""

    MAIL_STUCK = "mail_stuck"
    MAIL_UNCERTAIN = "mail_uncertain"
    STORE_DOWN = "store_down"
    DISK_FULL = "disk_full"
    MIRROR_UNREACHABLE = "mirror_unreachable"
    WATCHER_STOPPED = "watcher_stopped"
    INTAKE_STUCK = "intake_stuck"
    JOURNAL_BROKEN = "journal_broken"
    SCANNER_DOWN = "scanner_down"
    DESTRUCTION_FAILED = "destruction_failed"
    DESTRUCTION_OVERDUE = "destruction_overdue"
    CLOCK_DOUBTFUL = "clock_doubtful"
    ERASURE_WAITS = "erasure_waits"


@dataclass(frozen=True, slots=True)
class ReminderWords:
    """One reminder: title, what is missing, what to do."""

    title: str
    missing: str
    to_do: str


@dataclass(frozen=True, slots=True)
class TaskWords:
    """One task: title, what happened, what to do."""

    title: str
    have: str
    to_do: str


@dataclass(frozen=True, slots=True)
class AlertWords:
    """One alert: title, what is seen, what it means meanwhile, what to do."""

    title: str
    seen: str
    meanwhile: str
    to_do: str


@dataclass(frozen=True, slots=True)
class MailTexts:
    """The sentences of the mails, as templates."""

    subject: str
    alert_subject: str
    automatic: str
    # deposit open
    open_title: str
    open_expected: str
    open_recording: str
    open_earliest: str
    open_consent: str
    open_folder: str
    open_folder_link: str
    open_folder_named: str
    open_no_client_name: str
    open_form: str
    open_form_link: str
    open_pdf: str
    open_answer: str
    # reminders
    reminders: Mapping[Missing, ReminderWords]
    today: str
    tomorrow: str
    in_days: str
    # tasks of coordinators
    tasks: Mapping[Task, TaskWords]
    task_happened: str
    task_candidate: str
    task_found: str
    task_page: str
    task_by: str
    # alerts
    alerts: Mapping[Alert, AlertWords]
    alert_seen: str
    alert_meanwhile: str
    alert_since: str
    alert_count: str
    # the report
    report_title: str
    report_counts: str
    report_count: str
    report_deadline: str
    report_nobody: str
    report_attached: str
    report_as_of: str
