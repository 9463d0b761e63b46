"""The facts of a certificate of destruction: what was destroyed, on which ground, how, how it was verified, what is kept. Values only.

No name but the centre's own, nothing that a person typed, no sound, nothing that lets anyone listen: identifiers, codes, days, instants,
hashes, numbers. The journal's entry ``destruction.completed`` holds the SHA-256 of their canonical JSON (``docs/formats/certificate.md``).
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Self

from journal import canonical
from journal.entry import is_identifier
from journal.errors import JournalRefusedError
from registry.tables.decisions import AppealOutcome, Channel, Proof
from registry.tables.holds import HoldReason, HoldScope
from retention.certificate_codec import from_json, to_json
from retention.errors import CertificateRefusedError
from retention.facts import Cause
from retention.steps import StepKind

SCHEMA: Final = 1
_CODE: Final = re.compile(r"[A-Za-z0-9_.:+-]{1,64}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_PRINTED: Final = 200


class Method(StrEnum):
    """How recordings are destroyed."""

    KEY_ERASED_AND_OBJECTS_DELETED = "key_erased_and_objects_deleted"


class Limit(StrEnum):
    """What is not claimed."""

    MEDIA_NOT_OVERWRITTEN = "media_not_overwritten"
    ONLY_KNOWN_COPIES = "only_known_copies"


class Copy(StrEnum):
    """A class of copies of the recording."""

    KEY = "key"  # in the vault
    KEY_MIRROR = "key_mirror"
    SOUND = "sound"  # the sealed object, all its versions
    WAVEFORM = "waveform"
    UPLOAD_PARTS = "upload_parts"
    ORIGINAL = "original"  # the file in the deposit folder
    FOLDER_BACKUPS = "folder_backups"  # trash, versions and backups of the shared folder
    STORE_VOLUME = "store_volume"  # the embedded store's own file
    DATABASE_BACKUPS = "database_backups"
    SNAPSHOTS = "snapshots"  # of the whole machine


class CopyState(StrEnum):
    """What became of a class of copies."""

    ENTOMBED = "entombed"  # the key is gone for ever, a tombstone in its place
    DELETED = "deleted"
    NONE_FOUND = "none_found"
    COMPACTED = "compacted"
    PENDING = "pending"  # sealed bytes that no key opens, until the next compaction
    EXCLUDED = "excluded"  # there are none
    KEPT_DAYS = "kept_days"  # for so many days
    UNKNOWN = "unknown"
    WITHOUT_SOUND = "without_sound"  # they hold neither sound nor key


class Verified(StrEnum):
    """A proof that was made with a second, read-only client."""

    NO_VERSION_LISTED = "no_version_listed"
    READ_FAILS = "read_fails"
    NO_UPLOAD_LISTED = "no_upload_listed"
    VAULT_TOMBSTONE = "vault_tombstone"
    MIRROR_TOMBSTONE = "mirror_tombstone"
    NO_ORIGINAL = "no_original"


class Kept(StrEnum):
    """What is kept after the destruction."""

    CERTIFICATE = "certificate"
    JOURNAL = "journal"
    PSEUDONYMOUS_FACTS = "pseudonymous_facts"


class Outcome(StrEnum):
    """What a certificate says. There is none for anything less."""

    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class CentreFacts:
    """Who destroyed. ``contact`` is the centre's address for questions; ``log_key`` the public line of the key that signs."""

    name: str
    contact: str
    log_key: str


@dataclass(frozen=True, slots=True)
class RecordingFacts:
    """What was destroyed. ``candidate`` is a pseudonym; ``session`` the session's id."""

    id: str
    dossier: str
    candidate: str
    session: str
    unit: str
    scheme: str
    scheme_version: int
    format: str
    size_bytes: int
    duration_ms: int | None
    sha256: str
    deposited_at: datetime


@dataclass(frozen=True, slots=True)
class Extension:
    """A day that could not be the last one to contest, and why."""

    day: date
    why: StepKind


@dataclass(frozen=True, slots=True)
class GroundFacts:
    """Why, and from when. Of an early cause, only the cause, its day and ``eligible_at``."""

    cause: Cause
    rule: str
    rules_version: int
    eligible_at: datetime
    since: datetime | None = None
    decision: str | None = None
    decided_on: date | None = None
    notification: str | None = None
    channel: Channel | None = None
    notified_on: date | None = None
    proof: Proof | None = None
    appeal_last_day: date | None = None
    extended_by: tuple[Extension, ...] = ()
    grace_days: int | None = None


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A hold that once stood, and when it was released."""

    id: str
    scope: HoldScope
    reason: HoldReason
    placed_at: datetime
    released_at: datetime


@dataclass(frozen=True, slots=True)
class AppealRecord:
    """A contestation, and how it ended. An incident came after destruction had begun."""

    id: str
    received_on: date
    incident: bool
    outcome: AppealOutcome | None
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ClockReference:
    """One reference that the clock was compared with; ``difference_ms`` is None where it only says yes or no."""

    name: str
    agrees: bool
    difference_ms: int | None = None


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """What was checked inside the lock before anything was destroyed. No hold stood and no appeal was open."""

    at: datetime
    holds: tuple[HoldRecord, ...]
    appeals: tuple[AppealRecord, ...]
    clock: tuple[ClockReference, ...]
    announced_at: datetime | None
    recourse_checked_as_of: date | None = None


@dataclass(frozen=True, slots=True)
class ActFacts:
    """Who, when, with what. ``approved_by`` is None where the scheme lets the sweep act alone."""

    run: str | None
    proposed_by: str
    approved_by: str | None
    started_at: datetime
    completed_at: datetime
    software: str


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """One class of copies. ``count``: how many were removed; ``days``: how long they are kept; ``at``: since when it is so."""

    what: Copy
    state: CopyState
    count: int | None = None
    days: int | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProofFacts:
    """One proof, and when it was made."""

    what: Verified
    at: datetime


@dataclass(frozen=True, slots=True)
class KeptFacts:
    """What is kept, and the last day."""

    what: tuple[Kept, ...]
    until: date


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """Everything that one certificate says.

    Raises:
        CertificateRefusedError: an id is not an identifier, a code is not one, a hash is not one; nothing was proved.
    """

    id: str
    centre: CentreFacts
    recording: RecordingFacts
    ground: GroundFacts
    checks: CheckFacts
    acts: ActFacts
    method: Method
    limits: tuple[Limit, ...]
    copies: tuple[CopyFacts, ...]
    proofs: tuple[ProofFacts, ...]
    irreversible_from: datetime
    kept: KeptFacts
    outcome: Outcome = Outcome.DESTROYED
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        """Refuse what a certificate may not say."""
        if self.schema != SCHEMA:
            raise CertificateRefusedError(f"facts of another schema than {SCHEMA}: use a newer release to read them")
        acts, recording = self.acts, self.recording
        for value in (self.id, recording.id, recording.dossier, recording.session, acts.proposed_by, acts.run, acts.approved_by):
            if value is not None and not is_identifier(value):
                raise CertificateRefusedError("an id in the facts is not an identifier: use those of the registry")
        codes = (recording.candidate, recording.unit, recording.scheme, recording.format, self.ground.rule, acts.software)
        for value in (*codes, *(one.name for one in self.checks.clock)):
            if not _CODE.fullmatch(value):
                raise CertificateRefusedError("a code in the facts is not one: letters, digits and _ . : + - only")
        if not _SHA256.fullmatch(recording.sha256):
            raise CertificateRefusedError("the fingerprint in the facts is not a SHA-256")
        for value in (self.centre.name, self.centre.contact, self.centre.log_key):
            if not 0 < len(value) <= _PRINTED or not value.isprintable():
                raise CertificateRefusedError("the centre's name, contact and key are one line each")
        if not self.proofs:
            raise CertificateRefusedError("nothing was proved: there is no certificate for that")

    def encode(self) -> bytes:
        """Write the facts in their only form, canonical JSON; ``CertificateFacts.decode(facts.encode()) == facts``."""
        return canonical.encode(to_json(self))

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read facts back, and nothing else.

        Raises:
            CertificateRefusedError: the bytes are not facts, or not in their one form.
        """
        try:
            return from_json(cls, canonical.decode(data))
        except JournalRefusedError as error:
            raise CertificateRefusedError(f"the facts cannot be read: {error}") from error

    @property
    def sha256(self) -> str:
        """What the journal's entry holds of them."""
        return hashlib.sha256(self.encode()).hexdigest()
