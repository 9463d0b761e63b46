"""What an answer is made from: the facts of one deposit. Frozen, and told by the caller."""

from dataclasses import dataclass
from datetime import date, datetime

from notifications.parts import Contact
from registry.clock import civil_date
from registry.codes import Answer, Code, Language


@dataclass(frozen=True, slots=True)
class DestructionRule:
    """What the scheme says of the destruction, as far as a candidate is told.

    Attributes:
        recourse_months: months to contest from the notification, or None where the scheme has no recourse.
        extra_days: civil days that the scheme or the centre adds (postal grace, or least time held).
    """

    recourse_months: int | None
    extra_days: int = 0


@dataclass(frozen=True, slots=True)
class Attested:
    """An attestation that was read and kept before a recording came for it.

    Attributes:
        way: how the client agreed, in words of the person's language.
        notice: the title of the notice that was read to the client, in that language.
        for_another: whether a recording is here that does not need it: it serves one that may take its place.
    """

    way: str
    notice: str
    for_another: bool = False


@dataclass(frozen=True, slots=True)
class AnswerFacts:
    """All that an answer may say. The words follow from these facts alone.

    Attributes:
        answer: which of the five.
        codes: what was found against the file, most serious first; empty when received.
        warnings: remarks without consequence; ``DUPLICATE`` among them is never printed here.
        file_name: as dropped; printed in the folder only, never in a mail, since it may hold a client's name.
        duration_seconds: as read, not rounded.
        found: the format recognised when the file is not an MP3, such as ``WAV``.
        name, reference: empty where no candidate is known (a file outside every deposit folder).
        deadline: the last day for deposits, that day included, in Paris; None, as the other two dates, where no session is known.
        earliest_call_date: the earliest admissible date of the call, that day included.
        form_link: the personal link to the attestation form.
        choose_link: set when two good files came together: where the candidate says which one he presents.
        quarantine_until: the last day that a refused file is kept aside.
        attestation_until: the last day that an attestation is waited for, where it is not ``deadline``.
        review_by: the day by which the centre will have decided.
        standing_receipt: the receipt of an earlier recording that counts as long as this one is not accepted.
        reason: what the coordinator wrote when a person, not software, refused.
        details: sentences on what is wrong, from the readers of attestations, in the person's language.
        consent_on_record: whether an attestation is held (then what is missing is its call date).
        destruction: the scheme's rule, or None where the scheme states none.
        attested: set where what was received is an attestation and no recording; ``answer`` is then ``RECEIVED``, and ``codes``
            tell what its dates would be held against.

    Raises:
        ValueError: ``deposited_at`` is naive.
    """

    answer: Answer
    language: Language
    civility: str
    name: str
    reference: str
    session_label: str
    scheme_title: str
    unit_label: str
    deposited_at: datetime
    deadline: date | None
    hearing_date: date | None
    earliest_call_date: date | None
    limit_seconds: int
    size_limit: int
    contact: Contact
    codes: tuple[Code, ...] = ()
    warnings: tuple[Code, ...] = ()
    file_name: str | None = None
    duration_seconds: float | None = None
    size_bytes: int | None = None
    sha256: str | None = None
    found: str | None = None
    call_date: date | None = None
    consent_date: date | None = None
    consent_on_record: bool = False
    receipt_number: str | None = None
    form_link: str | None = None
    choose_link: str | None = None
    folder_link: str | None = None
    quarantine_until: date | None = None
    attestation_until: date | None = None
    review_by: date | None = None
    reason: str | None = None
    standing_receipt: str | None = None
    details: tuple[str, ...] = ()
    destruction: DestructionRule | None = None
    attested: Attested | None = None

    def __post_init__(self) -> None:
        if self.deposited_at.tzinfo is None:
            raise ValueError("deposited_at must carry its time zone")

    @property
    def late(self) -> bool:
        """Whether the last day for deposits had passed when the file came."""
        return self.deadline is not None and civil_date(self.deposited_at) > self.deadline
