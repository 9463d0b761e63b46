"""Every table of the registry, as SQLModel classes."""

from registry.tables.consents import Consent, FormLink
from registry.tables.decisions import (
    Appeal,
    AppealOutcome,
    Channel,
    Closure,
    ClosureCause,
    Decision,
    Notification,
    Proof,
    Proposal,
    ProposedAct,
    RecourseCheck,
)
from registry.tables.destructions import Announcement, Destruction, DisposalRun
from registry.tables.holds import Hold, HoldReason, HoldScope
from registry.tables.outbox import OutboxFile, OutboxMail
from registry.tables.people import Candidate, Role, User
from registry.tables.recordings import AttemptState, Deposit, DepositState, Door, Recording, UploadAttempt
from registry.tables.sessions import Dossier, EvaluationSession
from registry.tables.sharing import Evaluator, Grant, Listening, PortalSession, SignInLink
from registry.tables.types import Instant, Row
from registry.tables.work import Counter, Health, Lease, Reason

__all__ = [
    "Announcement",
    "Appeal",
    "AppealOutcome",
    "AttemptState",
    "Candidate",
    "Channel",
    "Closure",
    "ClosureCause",
    "Consent",
    "Counter",
    "Decision",
    "Deposit",
    "DepositState",
    "Destruction",
    "DisposalRun",
    "Door",
    "Dossier",
    "EvaluationSession",
    "Evaluator",
    "FormLink",
    "Grant",
    "Health",
    "Hold",
    "HoldReason",
    "HoldScope",
    "Instant",
    "Lease",
    "Listening",
    "Notification",
    "OutboxFile",
    "OutboxMail",
    "PortalSession",
    "Proof",
    "Proposal",
    "ProposedAct",
    "Reason",
    "Recording",
    "RecourseCheck",
    "Role",
    "Row",
    "SignInLink",
    "UploadAttempt",
    "User",
]
