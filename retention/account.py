"""What a destruction writes down about itself, as it goes: on what ground it began, and what it did. Values only.

They lie in its row as canonical JSON, so that whoever takes over after a crash knows what the one before him knew.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from journal import canonical
from registry.states import RecordingState
from retention.certificate_codec import from_json, to_json
from retention.certificate_facts import CheckFacts, GroundFacts
from retention.copies import Copies
from storage.objects import Removed


@dataclass(frozen=True, slots=True)
class Grounds:
    """What was read inside the lock when destruction began.

    ``ground`` and ``checks`` are None where a tombstone was found before any question was asked, as after a restore: the key was
    destroyed already, and all that is left is to finish.
    """

    before: RecordingState
    copies: Copies
    ground: GroundFacts | None
    checks: CheckFacts | None
    proposed_by: str
    approved_by: str | None = None

    def encode(self) -> str:
        """Write it in its only form."""
        return canonical.encode(to_json(self)).decode("utf-8")

    @property
    def sha256(self) -> str:
        """What the journal holds of it."""
        return hashlib.sha256(self.encode().encode("utf-8")).hexdigest()

    @classmethod
    def decode(cls, told: str) -> Self:
        """Read it back."""
        return from_json(cls, canonical.decode(told.encode("utf-8")))


@dataclass(frozen=True, slots=True)
class Work:
    """What steps 3 to 5 did. Counts add up over every try; an instant is that of the last."""

    entombed_at: datetime | None = None
    removed_at: datetime | None = None
    sounds: int = 0
    waveforms: int = 0
    uploads: int = 0
    originals: int = 0
    proved_at: datetime | None = None
    compacted_at: datetime | None = None

    def plus(self, removed: Removed, *, waveform: bool) -> "Work":
        """Add what was removed under one object's name. Delete markers are no copies."""
        if waveform:
            return replace(self, waveforms=self.waveforms + removed.versions, uploads=self.uploads + removed.uploads)
        return replace(self, sounds=self.sounds + removed.versions, uploads=self.uploads + removed.uploads)

    def encode(self) -> str:
        """Write it in its only form."""
        return canonical.encode(to_json(self)).decode("utf-8")

    @classmethod
    def decode(cls, told: str | None) -> Self:
        """Read it back; nothing written is nothing done."""
        return cls() if told is None else from_json(cls, canonical.decode(told.encode("utf-8")))
