"""What a client is answered who asks after the recording of his call. Values only: no candidate's name, no company, no result."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from notifications.parts import Contact


class Held(StrEnum):
    """What became of one recording."""

    HELD = "held"
    BEGUN = "begun"  # its destruction has begun: nobody can listen, and it is not proved yet
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class Found:
    """One recording that the question is about.

    Attributes:
        recording: its random id; ``reference`` is the client's own, also random.
        call_date: the day of the call, as the candidate declared it.
        eligible_on: the first day on which it may be destroyed, where that is known.
        suspended: whether a hold stands on it; why is not the client's business.
        destroyed_at: when its destruction was proved.
        irreversible_from: from when no copy that Consigne knows of could bring it back.
        certificate: the number of its certificate, once there is one.
    """

    recording: str
    dossier: str
    session: str
    reference: str
    held: Held
    deposited_at: datetime
    call_date: date | None = None
    eligible_on: date | None = None
    suspended: bool = False
    unlistenable: bool = False
    destroyed_at: datetime | None = None
    irreversible_from: datetime | None = None
    certificate: str | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked. ``candidate`` and ``employer`` find only what is held: after a destruction nobody's name is kept."""

    call_date: date | None = None
    candidate: str | None = None
    employer: str | None = None
    reference: str | None = None

    @property
    def names_somebody(self) -> bool:
        """Whether it asks by a name, which finds only what is held."""
        return self.candidate is not None or self.employer is not None


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer: what was found, as of when; ``undated`` counts the recordings held whose call has no day on record yet."""

    question: Question
    as_of: datetime
    found: tuple[Found, ...]
    undated: int = 0

    @property
    def dossiers(self) -> int:
        """How many dossiers it is about: a reply to one client is about one."""
        return len({one.dossier for one in self.found})


@dataclass(frozen=True, slots=True)
class Reply:
    """What the page to a client says beside the answer: who answers, and for how long traces of destructions are kept."""

    centre: str
    contact: Contact
    answered: Answered
    proof_years: int
