"""Every table of the registry, as SQLModel classes."""

from registry.tables.consents import Consent, FormLink
from registry.tables.outbox import OutboxFile, OutboxMail
from registry.tables.people import Candidate, Role, User
from registry.tables.recordings import AttemptState, Deposit, DepositState, Door, Recording, UploadAttempt
from registry.tables.sessions import Dossier, EvaluationSession
from registry.tables.types import Instant, Row
from registry.tables.work import Counter, Health, Lease, Reason

__all__ = [
    "AttemptState",
    "Candidate",
    "Consent",
    "Counter",
    "Deposit",
    "DepositState",
    "Door",
    "Dossier",
    "EvaluationSession",
    "FormLink",
    "Health",
    "Instant",
    "Lease",
    "OutboxFile",
    "OutboxMail",
    "Reason",
    "Recording",
    "Role",
    "Row",
    "UploadAttempt",
    "User",
]
