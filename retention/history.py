"""What the journal told after a moment, and where that leads each recording: states, silences, the attempt that won. Pure.

Segments hold no names and no texts. What they hold is enough to say, of each recording, where it stands and who must not hear it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from journal.entry import Fact
from journal.log import Recorded
from registry.clock import civil_date
from registry.codes import Answer
from registry.states import RecordingState, Unlistenable

RECEIVED: Final = "recording.received"
STORED: Final = "recording.stored"
ATTESTED: Final = "consent.attested"
_QUARANTINE: Final = timedelta(days=14)  # a coordinator may still grant a derogation; the scheme's own days are those of cqp-ce
_ANSWERS: Final = {
    RecordingState.ACCEPTED: Answer.RECEIVED,
    RecordingState.AWAITING_CONSENT: Answer.AWAITING_CONSENT,
    RecordingState.TO_REVIEW: Answer.TO_REVIEW,
    RecordingState.REJECTED: Answer.REFUSED,
}

Columns = dict[str, Any]
"""New values of columns of a recording's row, by name."""


@dataclass(frozen=True)
class Told:
    """Where the journal's entries lead one recording. ``ruled_at`` is when it first got an answer that gives a receipt."""

    columns: Columns = field(default_factory=dict)
    entries: list[int] = field(default_factory=list)
    ruled_at: list[datetime] = field(default_factory=list)
    silences: dict[Unlistenable, datetime | None] = field(default_factory=dict)

    def values(self) -> Columns:
        """Return the new values of its row: a consent that was withdrawn counts before every other silence."""
        if not self.silences:
            return dict(self.columns)
        withdrawn = Unlistenable.CONSENT_WITHDRAWN
        why = withdrawn if withdrawn in self.silences else list(self.silences)[-1]
        return {**self.columns, "unlistenable": why, "unlistenable_at": self.silences[why]}

    @property
    def attempt(self) -> str | None:
        """The attempt that won, where these entries tell it."""
        found = self.columns.get("attempt_id")
        return found if isinstance(found, str) else None


@dataclass(frozen=True)
class History:
    """Entries in order, by what they are about."""

    entries: tuple[Recorded, ...]
    by_subject: dict[str, list[Recorded]]

    @classmethod
    def of(cls, entries: Iterable[Recorded]) -> "History":
        """Take entries in, in order."""
        taken = tuple(entries)
        by_subject: dict[str, list[Recorded]] = defaultdict(list)
        for one in taken:
            by_subject[one.entry.subject].append(one)
        return cls(taken, dict(by_subject))

    def about(self, subject: str) -> list[Recorded]:
        """Return the entries about one thing."""
        return self.by_subject.get(subject, [])

    def first(self, kind: str, subject: str) -> Recorded | None:
        """Return the first entry of a kind about one thing."""
        return next((one for one in self.about(subject) if one.entry.kind == kind), None)

    def of_kind(self, kind: str) -> Iterator[Recorded]:
        """Give the entries of a kind."""
        return (one for one in self.entries if one.entry.kind == kind)

    def recordings(self) -> dict[str, Told]:
        """Say where each recording is led, those told of first coming first."""
        found: dict[str, Told] = {}
        for one in self.entries:
            if one.entry.subject.startswith("rec_"):
                _follow(found.setdefault(one.entry.subject, Told()), one)
        return found


def text(facts: Any, name: str) -> str | None:
    """Return a fact that is text, None where there is none."""
    value: Fact = facts.get(name)
    return value if isinstance(value, str) else None


def number(facts: Any, name: str) -> int | None:
    """Return a fact that is a number, None where there is none."""
    value: Fact = facts.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _follow(told: Told, one: Recorded) -> None:
    """Let one entry change what is known of its recording."""
    told.entries.append(one.index)
    facts, columns = one.entry.facts, told.columns
    if (after := text(facts, "after")) is not None:
        _moved(told, RecordingState(after), one)
    if one.entry.kind == STORED:
        columns["attempt_id"] = text(facts, "attempt")
        columns["sealed_sha256"], columns["sealed_bytes"] = text(facts, "sealed_sha256"), number(facts, "sealed_bytes")
        columns["object_version"] = columns["waveform_version"] = None
    elif (silence := _SILENCES.get(one.entry.kind)) is not None:
        silence(told, one)


def _moved(told: Told, state: RecordingState, one: Recorded) -> None:
    facts, columns = one.entry.facts, told.columns
    columns["state"] = state
    if (consent := text(facts, "consent")) is not None:
        columns["consent_id"] = consent
    codes, warnings = facts.get("codes"), facts.get("warnings")
    if isinstance(codes, tuple) and isinstance(warnings, tuple):
        columns["codes"], columns["warnings"] = list(codes), list(warnings)
        columns["rules_version"] = number(facts, "rules_version")
    if state in _ANSWERS and (isinstance(codes, tuple) or one.entry.kind == "recording.derogated"):
        columns["answer"], columns["answered_at"] = _ANSWERS[state], one.entry.at
        columns["quarantine_until"] = one.entry.at + _QUARANTINE if state is RecordingState.REJECTED else None
        columns["review_due_on"] = civil_date(one.entry.at) if state is RecordingState.TO_REVIEW else None
        if state is not RecordingState.REJECTED:
            told.ruled_at.append(one.entry.at)
    if state is RecordingState.DESTROYED:
        columns["destroyed_at"] = one.entry.at


def _withdrawn(told: Told, one: Recorded) -> None:
    waits = one.entry.facts.get("needs_confirmation") is True
    told.silences[Unlistenable.CONSENT_WITHDRAWN] = None if waits else one.entry.at


def _confirmed(told: Told, one: Recorded) -> None:
    told.silences[Unlistenable.CONSENT_WITHDRAWN] = one.entry.at


def _reinstated(told: Told, _one: Recorded) -> None:
    told.silences.pop(Unlistenable.CONSENT_WITHDRAWN, None)


def _replaced(told: Told, one: Recorded) -> None:
    told.silences[Unlistenable.REPLACED] = one.entry.at
    told.columns["replaced_by"] = text(one.entry.facts, "by")


def _set_aside(told: Told, one: Recorded) -> None:
    told.silences[Unlistenable(str(one.entry.facts["why"]))] = one.entry.at


def _brought_back(told: Told, one: Recorded) -> None:
    told.silences.pop(Unlistenable(str(one.entry.facts["why"])), None)


def _flagged(told: Told, one: Recorded) -> None:
    told.silences[Unlistenable.FLAGGED] = one.entry.at


_SILENCES: Final = {
    "recording.consent_withdrawn": _withdrawn,
    "recording.withdrawal_confirmed": _confirmed,
    "recording.consent_reinstated": _reinstated,
    "recording.replaced": _replaced,
    "recording.set_aside": _set_aside,
    "recording.brought_back": _brought_back,
    "recording.flagged": _flagged,
}
"""What silences a recording. An entry that ends a silence counts only where that silence was told after the same moment: what was silent
before it stays so, until a person says otherwise.
"""
