"""What the certificate of one destruction will state: put together inside the transaction that completes it, from what was written down.

Every class of copies is named with its state, also those that Consigne does not hold: what is not known is called so.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlmodel import Session

from journal import log
from registry.clock import civil_date
from registry.database import Transaction
from registry.tables import Candidate, Destruction, Dossier, EvaluationSession, Recording
from retention.account import Grounds, Work
from retention.certificate_facts import (
    ActFacts,
    CentreFacts,
    CertificateFacts,
    Copy,
    CopyFacts,
    CopyState,
    Kept,
    KeptFacts,
    Limit,
    Method,
    ProofFacts,
    RecordingFacts,
    Verified,
)
from retention.terms import Choices
from retention.undertaking import Task, UntoldError

_TAKEN_AWAY = "original.taken_away"
_KEPT_BY_ITS_BRINGER = "kept"
_LIMITS = (Limit.MEDIA_NOT_OVERWRITTEN, Limit.ONLY_KNOWN_COPIES)
_KEPT = (Kept.CERTIFICATE, Kept.JOURNAL, Kept.PSEUDONYMOUS_FACTS)


@dataclass(frozen=True)
class Statement:
    """States the facts. ``software`` names the release; ``embedded`` tells whether the store keeps volumes of its own here."""

    centre: CentreFacts
    choices: Choices
    software: str
    embedded: bool

    def __call__(self, tx: Transaction, recording: Recording, task: Task) -> CertificateFacts:
        """Put the facts together.

        Raises:
            UntoldError: no ground is known, or a step was left out: nothing is called destroyed that was not proved so.
            CertificateRefusedError: something among them may not stand in a certificate.
        """
        grounds, work = task.grounds, task.work
        if grounds.ground is None or grounds.checks is None or work.entombed_at is None or work.proved_at is None:
            raise UntoldError
        row = tx.session.get_one(Destruction, task.id)
        return CertificateFacts(
            id=row.id,
            centre=self.centre,
            recording=_recording(tx.session, recording),
            ground=grounds.ground,
            checks=grounds.checks,
            acts=ActFacts(row.run_id, grounds.proposed_by, grounds.approved_by, row.started_at, tx.now, self.software),
            method=Method.KEY_ERASED_AND_OBJECTS_DELETED,
            limits=_LIMITS,
            copies=(*_ours(grounds, work), _original(tx.session, recording, work), *self._elsewhere(work)),
            proofs=tuple(ProofFacts(one, work.proved_at) for one in Verified),
            irreversible_from=work.entombed_at + timedelta(days=self.choices.snapshot_retention_days or 0),
            kept=KeptFacts(_KEPT, _years_later(civil_date(tx.now), self.choices.proof_retention_years)),
        )

    def _elsewhere(self, work: Work) -> tuple[CopyFacts, ...]:
        """Name the copies that may lie where the gate does not reach."""
        compacted = CopyFacts(Copy.STORE_VOLUME, CopyState.COMPACTED if work.compacted_at else CopyState.PENDING, at=work.compacted_at)
        days = self.choices.snapshot_retention_days
        snapshots = CopyState.UNKNOWN if days is None else CopyState.KEPT_DAYS if days else CopyState.EXCLUDED
        return (
            *((compacted,) if self.embedded else ()),
            CopyFacts(Copy.FOLDER_BACKUPS, CopyState.UNKNOWN),
            CopyFacts(Copy.DATABASE_BACKUPS, CopyState.WITHOUT_SOUND),
            CopyFacts(Copy.SNAPSHOTS, snapshots, days=days or None),
        )


def _recording(session: Session, recording: Recording) -> RecordingFacts:
    dossier = session.get_one(Dossier, recording.dossier_id)
    evaluation = session.get_one(EvaluationSession, dossier.session_id)
    seconds = recording.judgement.get("duration_seconds")
    return RecordingFacts(
        id=recording.id,
        dossier=dossier.id,
        candidate=session.get_one(Candidate, dossier.candidate_id).pseudonym,
        session=evaluation.id,
        unit=evaluation.unit,
        scheme=evaluation.scheme,
        scheme_version=evaluation.scheme_version,
        format="mp3" if recording.judgement.get("format") else "unknown",
        size_bytes=recording.size_bytes,
        duration_ms=None if seconds is None else round(seconds * 1000),
        sha256=recording.sha256,
        deposited_at=recording.received_at,
    )


def _ours(grounds: Grounds, work: Work) -> tuple[CopyFacts, ...]:
    keys = len(grounds.copies.attempt_ids)
    removed = ((Copy.SOUND, work.sounds), (Copy.WAVEFORM, work.waveforms), (Copy.UPLOAD_PARTS, work.uploads))
    return (
        CopyFacts(Copy.KEY, CopyState.ENTOMBED, keys, at=work.entombed_at),
        CopyFacts(Copy.KEY_MIRROR, CopyState.ENTOMBED, keys, at=work.entombed_at),
        *(_removed(what, count, work.removed_at) for what, count in removed),
    )


def _removed(what: Copy, count: int, at: datetime | None) -> CopyFacts:
    return CopyFacts(what, CopyState.DELETED if count else CopyState.NONE_FOUND, count or None, at=at)


def _original(session: Session, recording: Recording, work: Work) -> CopyFacts:
    """Say what became of the file that was deposited: intake took it away long ago, or the gate did, or whoever brought it keeps it."""
    if work.originals:
        return _removed(Copy.ORIGINAL, work.originals, work.removed_at)
    taken = [one.entry for one in log.entries_about(session.connection(), recording.id) if one.entry.kind == _TAKEN_AWAY]
    if any(one.facts.get("result") == _KEPT_BY_ITS_BRINGER for one in taken):
        return CopyFacts(Copy.ORIGINAL, CopyState.UNKNOWN)
    removed = [one.at for one in taken if one.facts.get("result") == "removed"]
    return _removed(Copy.ORIGINAL, len(removed), max(removed)) if removed else _removed(Copy.ORIGINAL, 0, work.proved_at)


def _years_later(day: date, years: int) -> date:
    """Return the same day some years later; 29 February becomes 1 March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
