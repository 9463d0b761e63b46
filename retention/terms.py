"""Terms: what holds for the recordings of one session, from the version of the scheme that it pins and from the centre's own choices.

Nothing else combines the two, and nothing below the wiring reads settings.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from registry.schemes import Approval, Computation, NotificationProof, RecourseRule, Scheme, Words
from retention import calendars
from retention.calendars import Calendars

_T = TypeVar("_T")


class Confirmation(StrEnum):
    """How many enrolled people must vouch for a decision, a notification, or a date brought forward."""

    ONE = "one"
    TWO = "two"


@dataclass(frozen=True, slots=True)
class Choices:
    """What one centre has chosen. None: not chosen, so that the scheme's own value holds, or ``doctor`` asks.

    Attributes:
        postal_grace_days: civil days added after the last day to contest, for letters on their way.
        calendars: of the public holidays where the centre is, beside those of the scheme.
        snapshot_retention_days: how long snapshots of the whole machine are kept, the vault included.
        max_destructions_per_day: without a person's approval.
        max_silence_days: how long the journal may be silent before a person must say that the clock is right.
        proof_retention_years: how long pseudonyms, dates and hashes are kept after a destruction.
    """

    postal_grace_days: int | None = None
    calendars: tuple[str, ...] = ()
    recourse_check: bool | None = None
    confirmation: Confirmation = Confirmation.ONE
    approval: Approval | None = None
    snapshot_retention_days: int | None = None
    max_destructions_per_day: int = 50
    max_silence_days: int = 3
    proof_retention_years: int = 5


@dataclass(frozen=True, slots=True)
class Terms:
    """Everything that retention asks of a scheme, the centre's choices applied. Days are civil days, in Europe/Paris.

    ``months`` and ``computation`` are None unless ``rule`` is ``months``; ``postal_grace_days`` counts only then, and
    ``min_hold_days`` only where ``rule`` is ``none``.
    """

    scheme: str
    version: int
    title: str
    rule: RecourseRule
    addressee: Words | None
    months: int | None
    computation: Computation | None
    postal_grace_days: int
    min_hold_days: int
    proof: NotificationProof
    calendars: Calendars
    recourse_check: bool
    confirmation: Confirmation
    approval: Approval
    min_notice_days: int
    notice_days: tuple[int, ...]
    early_cause_delay_hours: int
    undecided_alert_months: int
    unnotified_alert_days: int
    certificate_mail_days: int


def combine(scheme: Scheme, choices: Choices) -> Terms:
    """Apply the centre's choices to a scheme.

    Raises:
        UnknownCalendarError: the centre or the scheme names a calendar that does not exist.
    """
    recourse, retention = scheme.recourse, scheme.retention
    return Terms(
        scheme=scheme.id,
        version=scheme.version,
        title=scheme.title,
        rule=recourse.rule,
        addressee=recourse.addressee,
        months=recourse.months,
        computation=recourse.computation,
        postal_grace_days=_chosen(choices.postal_grace_days, recourse.postal_grace_days),
        min_hold_days=recourse.min_hold_days or 0,
        proof=retention.notification_proof,
        calendars=calendars.of(*retention.calendars, *choices.calendars),
        recourse_check=_chosen(choices.recourse_check, retention.recourse_check),
        confirmation=choices.confirmation,
        approval=_chosen(choices.approval, retention.approval),
        min_notice_days=retention.min_notice_days,
        notice_days=tuple(sorted(retention.notice_days, reverse=True)),
        early_cause_delay_hours=retention.early_cause_delay_hours,
        undecided_alert_months=retention.undecided_alert_months,
        unnotified_alert_days=retention.unnotified_alert_days,
        certificate_mail_days=retention.certificate_mail_days,
    )


def _chosen(choice: _T | None, otherwise: _T) -> _T:
    return otherwise if choice is None else choice
