"""What a person must enter again after a restore: the facts that later entries of the journal tell of, and segments do not hold. Pure.

An entry says that an appeal came, of which dossier and when; who wrote it and what it says stands in the centre's papers. The list says
which papers, and with which command the fact is entered. Nothing is destroyed before a named person has lifted the restore's hold.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from journal.log import Recorded
from registry.tables import HoldReason
from retention.history import text


class Papers(StrEnum):
    """Where a fact can be read again."""

    LETTER = "letter"  # the registered letter, and its postmark
    MINUTES = "minutes"  # of the jury
    DELIVERY = "delivery"  # the post's notice of delivery, or the candidate's signature
    CLIENT = "client"  # what the client wrote, or the note of the call
    ATTESTATION = "attestation"  # the candidate's, or the mail that acknowledged it
    ROSTER = "roster"  # the list of candidates that was imported
    PLANNING = "planning"  # who listens to what, and the mails that said so
    AUTHOR = "author"  # whoever did it: the entry names him by his id


@dataclass(frozen=True, slots=True)
class Again:
    """One fact to enter again.

    Attributes:
        index: of the journal's entry.
        kind: of the entry.
        at: when it was recorded.
        actor: who recorded it.
        subject: what the entry is about.
        about: the dossier, the recording, the session or the person that it concerns, by id, where the entry says so.
        command: what enters it.
        papers: what to take it from.
    """

    index: int
    kind: str
    at: datetime
    actor: str
    subject: str
    about: str | None
    command: str
    papers: Papers

    def to_json(self) -> dict[str, Any]:
        """Return plain values, with stable keys."""
        return {
            "index": self.index,
            "kind": self.kind,
            "at": self.at.isoformat(),
            "actor": self.actor,
            "subject": self.subject,
            "about": self.about,
            "command": self.command,
            "papers": str(self.papers),
        }


_ABOUT: Final = ("dossier", "target", "recording", "evaluator", "session")
_FIRST: Final = ("appeal.", "hold.", "decision.", "notification.", "closure.", "recourse.")
"""What may keep a recording from being destroyed, or decides when: it stands first in the list."""
RULES: Final = (
    ("appeal.", "consigne appeal", Papers.LETTER),
    ("decision.", "consigne decide", Papers.MINUTES),
    ("notification.", "consigne notify", Papers.DELIVERY),
    ("hold.", "consigne hold, consigne release", Papers.AUTHOR),
    ("closure.", "consigne close", Papers.AUTHOR),
    ("recourse.", "consigne recourse", Papers.AUTHOR),
    ("proposal.", "consigne confirm", Papers.AUTHOR),
    ("recording.consent_withdrawn", "consigne withdraw", Papers.CLIENT),
    ("recording.consent_reinstated", "consigne withdraw --undo", Papers.CLIENT),
    ("recording.flagged", "consigne withdraw", Papers.AUTHOR),
    ("consent.attested", "consigne consent import", Papers.ATTESTATION),
    ("session.created", "consigne session create", Papers.ROSTER),
    ("session.", "consigne session postpone", Papers.AUTHOR),
    ("candidate.", "consigne session import", Papers.ROSTER),
    ("dossier.opened", "consigne session import", Papers.ROSTER),
    ("dossier.hearing_moved", "consigne session import", Papers.ROSTER),
    ("evaluator.", "consigne evaluator", Papers.PLANNING),
    ("grant.", "consigne assign", Papers.PLANNING),
    ("user.", "consigne user add", Papers.AUTHOR),
)
_FOLLOWS: Final = (".superseded", ".rebuilt", ".caught_up", ".named_again")
"""How the kinds of entries end that another entry brings with it, or a restore wrote."""


def to_enter_again(imported: Iterable[Recorded]) -> tuple[Again, ...]:
    """Return what the imported entries tell that a person must enter again: first what keeps a recording, then the rest, in order."""
    found = list(_facts(imported))
    return tuple(sorted(found, key=lambda one: (not one.kind.startswith(_FIRST), one.index)))


def _facts(imported: Iterable[Recorded]) -> Iterator[Again]:
    brought: set[str] = set()  # holds that another fact brought with it
    for one in imported:
        entry = one.entry
        if _goes_by_itself(one):
            brought.add(entry.subject)
        if entry.subject in brought or entry.kind.endswith(_FOLLOWS):
            continue
        rule = next((rule for rule in RULES if entry.kind.startswith(rule[0])), None)
        if rule is not None:
            about = next((value for name in _ABOUT if (value := text(entry.facts, name)) is not None), None)
            yield Again(one.index, entry.kind, entry.at, entry.actor, entry.subject, about, rule[1], rule[2])


def _goes_by_itself(one: Recorded) -> bool:
    """Tell whether another fact brings this one with it: an appeal its hold, a restore its own."""
    facts = one.entry.facts
    by = text(facts, "reason") in {HoldReason.APPEAL, HoldReason.RESTORED} or text(facts, "appeal") is not None
    return by and one.entry.kind.startswith("hold.")
