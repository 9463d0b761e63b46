"""Rows for what the database does not know, from the journal's entries and the vault's key files. In the restore's transaction.

A recording that was stored after the backup is known by three things that outlived it: its key file, its sealed object, and the entries
that tell where it stands. Names are in none of them: the pseudonym stands in, until a person enters them again. The session, the candidate,
the dossier and the attestation that it belongs to are rebuilt with it, as far as they are missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from sqlmodel import col, select

from consent.record import ConsentRecord, Source, Way
from journal.log import Recorded
from registry import recordings, schemes
from registry.clock import civil_date
from registry.codes import Code
from registry.database import Transaction
from registry.ids import new_id
from registry.states import RecordingState
from registry.tables import AttemptState, Candidate, Consent, Door, Dossier, EvaluationSession, Recording, Row, UploadAttempt
from retention.history import ATTESTED, RECEIVED, Columns, History, Told, number, text
from storage.keyfile import Held, KeyFile, Tombstone
from storage.seal import Part

OWNER: Final = "system:restore"
REBUILT: Final = "REPRISE-"
"""How the code of a session begins whose name is lost."""
NO_REFERENCE: Final = "0000-0000"  # no client's reference: those that are given hold neither 0 nor 1
_UNKNOWN_HASH: Final = "0" * 64
_DATED: Final = frozenset({Code.TOO_OLD, Code.FUTURE_DATE, Code.CONSENT_LATE, Code.WRONG_UNIT, Code.LATE, Code.MALWARE})


@dataclass(frozen=True)
class Rebuilt:
    """What was rebuilt, by ids; ``untold`` are attempts whose key is held and whose recording the entries do not tell."""

    recordings: list[str] = field(default_factory=list)
    candidates: list[str] = field(default_factory=list)
    untold: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Rebuilding:
    """Rebuilds inside one transaction.

    Attributes:
        history: the entries that the database lacked, imported already.
        held: what vault and mirror hold, made equal before, by attempt.
        sounds: the object that has the recorded hash, by attempt, for keys that are tombstones and so no longer name it.
    """

    tx: Transaction
    history: History
    held: Mapping[str, Held]
    sounds: Mapping[str, str]

    def run(self, told: Mapping[str, Told]) -> Rebuilt:
        """Rebuild every recording that was stored, has a key or a tombstone, and has no row."""
        done = Rebuilt()
        for recording_id, one in told.items():
            if one.attempt is None or one.attempt not in self.held or self._has(Recording, recording_id):
                continue
            first = self.history.first(RECEIVED, recording_id)
            dossier = text(first.entry.facts, "dossier") if first else None
            if first is None or dossier is None or not self._dossier(dossier, done):
                done.untold.append(one.attempt)
                continue
            self._recording(first, dossier, one.values())
            self.attempt(recording_id, one.attempt, first.entry.at)
            done.recordings.append(recording_id)
        return done

    def _has(self, table: type[Row], row_id: str) -> bool:
        return self.tx.session.get(table, row_id) is not None

    def _add(self, row: Row, kind: str, told: Recorded) -> None:
        self.tx.session.add(row)
        self.tx.record(kind, row.id, told_at=told.index)  # type: ignore[attr-defined]  # every journaled table has one
        self.tx.session.flush()

    def _dossier(self, dossier_id: str, done: Rebuilt) -> bool:
        """See that a dossier is there; say whether it is."""
        if self._has(Dossier, dossier_id):
            return True
        opened = self.history.first("dossier.opened", dossier_id)
        facts = opened.entry.facts if opened else {}
        session, pseudonym, hearing = (text(facts, name) for name in ("session", "candidate", "hearing_at"))
        if opened is None or not session or not pseudonym or not hearing or not self._session(session):
            return False
        moved = [one.entry.facts for one in self.history.about(dossier_id) if one.entry.kind == "dossier.hearing_moved"]
        row = Dossier(
            id=dossier_id,
            session_id=session,
            candidate_id=self._candidate(pseudonym, opened, done),
            folder=pseudonym,
            client_reference=self._client_reference(dossier_id),
            hearing_at=datetime.fromisoformat((text(moved[-1], "hearing_at") if moved else None) or hearing),
            opened_at=opened.entry.at,
        )
        self._add(row, "dossier.rebuilt", opened)
        return True

    def _client_reference(self, dossier_id: str) -> str:
        given = (text(one.entry.facts, "client_reference") for one in self.history.of_kind(ATTESTED) if _of(one, dossier_id))
        return next((one for one in given if one), NO_REFERENCE)

    def _session(self, session_id: str) -> bool:
        if self._has(EvaluationSession, session_id):
            return True
        created = self.history.first("session.created", session_id)
        facts = created.entry.facts if created else {}
        scheme, version, unit, exam = text(facts, "scheme"), number(facts, "scheme_version"), text(facts, "unit"), text(facts, "exam_on")
        if created is None or scheme is None or version is None or unit is None or exam is None:
            return False
        profile, exam_on = schemes.load(scheme, version), date.fromisoformat(exam)
        deadline_on = profile.recording.deadline(exam_on) if profile.recording else exam_on
        for one in self.history.about(session_id):
            if one.entry.kind == "session.postponed":
                exam_on, deadline_on = (date.fromisoformat(str(one.entry.facts[name])) for name in ("exam_on", "deadline_on"))
        code = f"{REBUILT}{session_id.rpartition('_')[2][:8]}"
        row = EvaluationSession(
            id=session_id,
            code=code,
            scheme=scheme,
            scheme_version=version,
            unit=unit,
            exam_on=exam_on,
            deadline_on=deadline_on,
            created_at=created.entry.at,
        )
        self._add(row, "session.rebuilt", created)
        return True

    def _candidate(self, pseudonym: str, opened: Recorded, done: Rebuilt) -> str:
        """Return the candidate of that pseudonym; one who is not there gets it for a name, and an address that nobody has (RFC 2606)."""
        known = self.tx.session.exec(select(Candidate.id).where(Candidate.pseudonym == pseudonym)).first()
        if known is not None:
            return known
        enrolled = next((one for one in self.history.of_kind("candidate.enrolled") if one.entry.facts.get("pseudonym") == pseudonym), None)
        row = Candidate(
            id=enrolled.entry.subject if enrolled else new_id("can"),
            reference=pseudonym,
            pseudonym=pseudonym,
            civility="",
            family_name=pseudonym,
            given_name="",
            mail=f"{pseudonym.lower()}@restored.invalid",
            employer="",
            department="",
            created_at=opened.entry.at,
        )
        self._add(row, "candidate.rebuilt", enrolled or opened)
        done.candidates.append(row.id)
        return row.id

    def consent(self, consent_id: str, sha256: str) -> str | None:
        """See that an attestation is there; return its id, or None where nothing tells of it."""
        if self._has(Consent, consent_id):
            return consent_id
        attested = self.history.first(ATTESTED, consent_id)
        dossier = text(attested.entry.facts, "dossier") if attested else None
        if attested is None or dossier is None or not self._has(Dossier, dossier):
            return None
        record = self._record(attested, dossier)
        later = {one.entry.kind: one.entry.facts for one in self.history.about(consent_id)}
        row = Consent(
            id=consent_id,
            dossier_id=dossier,
            arrived_at=attested.entry.at,
            source=str(record.source),
            call_date=record.call_date,
            record=record.to_json(),
            bound_sha256=sha256,
            superseded_by=text(later.get("consent.superseded", {}), "by"),
            disputed="consent.disputed" in later,
        )
        self._add(row, "consent.rebuilt", attested)
        return consent_id

    def _record(self, attested: Recorded, dossier_id: str) -> ConsentRecord:
        """Put an attestation together from its entry: one is taken only where all three things were told."""
        facts = attested.entry.facts
        candidate = self.tx.session.get_one(Candidate, self.tx.session.get_one(Dossier, dossier_id).candidate_id)
        return ConsentRecord(
            candidate_reference=candidate.reference,
            client_reference=str(facts["client_reference"]),
            call_date=date.fromisoformat(str(facts["call_date"])),
            call_time=None,
            given_on=date.fromisoformat(str(facts["given_on"])),
            way=Way(str(facts["way"])),
            told_recording=True,
            told_purpose=True,
            told_retention=True,
            notice_id=str(facts["notice"]),
            notice_sha256=_UNKNOWN_HASH,
            client_role=None,
            attested_on=civil_date(attested.entry.at),
            source=Source(str(facts["source"])),
        )

    def _recording(self, first: Recorded, dossier_id: str, columns: Columns) -> None:
        facts = first.entry.facts
        sha256, size = text(facts, "sha256") or _UNKNOWN_HASH, number(facts, "size_bytes") or 0
        row = Recording(
            id=first.entry.subject,
            dossier_id=dossier_id,
            state=RecordingState.RECEIVED,
            door=Door(text(facts, "door") or Door.FOLDER),
            received_at=first.entry.at,
            sha256=sha256,
            size_bytes=size,
            judgement=_judgement(sha256, size, columns),
        )
        for name, value in self.settled(columns, sha256).items():
            setattr(row, name, value)
        row.stale = True
        self._add(row, "recording.rebuilt", first)

    def settled(self, columns: Columns, sha256: str) -> Columns:
        """Return the columns with the attestation seen to, and what depends on it."""
        found = dict(columns)
        if isinstance(named := found.get("consent_id"), str):
            found["consent_id"] = self.consent(named, sha256)
            if found["consent_id"] is not None:
                found["call_date"] = self.tx.session.get_one(Consent, named).call_date
        return found

    def attempt(self, recording_id: str, attempt_id: str, at: datetime) -> None:
        """See that the attempt that won has a row, and that it says so."""
        row = self.tx.session.get(UploadAttempt, attempt_id)
        if row is not None:
            row.state = AttemptState.WON
            return
        objects = _objects(self.held.get(attempt_id), self.sounds.get(attempt_id))
        if objects is None or self._is_named(objects):
            return
        self.tx.session.add(
            UploadAttempt(
                id=attempt_id,
                recording_id=recording_id,
                state=AttemptState.WON,
                object_key=objects[0],
                waveform_key=objects[1],
                lease_owner=OWNER,
                lease_until=at,
                started_at=at,
            )
        )
        self.tx.session.flush()

    def _is_named(self, objects: tuple[str, str]) -> bool:
        query = select(UploadAttempt.id).where(
            col(UploadAttempt.object_key).in_(objects) | col(UploadAttempt.waveform_key).in_(objects),
        )
        return self.tx.session.exec(query).first() is not None

    def receipt(self, told: Told) -> str | None:
        """Give the receipt's number that the first good answer gave, where numbers go on from those of the backup."""
        return recordings.receipt_number(self.tx.session, told.ruled_at[0]) if told.ruled_at else None


def _of(one: Recorded, dossier_id: str) -> bool:
    return one.entry.facts.get("dossier") == dossier_id


def _objects(held: Held | None, sound: str | None) -> tuple[str, str] | None:
    """Return the names of the two objects. A tombstone names none: the sound's may have been found by its hash, the waveform's is lost."""
    if isinstance(held, KeyFile):
        found = {one.part: one.object_key for one in held.objects}
        return found[Part.SOUND], found.get(Part.WAVEFORM) or new_id("obj")
    return (sound, new_id("obj")) if isinstance(held, Tombstone) and sound is not None else None


def _judgement(sha256: str, size: int, columns: Columns) -> dict[str, Any]:
    """Write down what is known of the judgement, in the form that intake reads: verdict and codes; what was measured is lost."""
    reasons = [code for code in columns.get("codes", ()) if code in set(Code) - _DATED]
    verdict = {RecordingState.REJECTED: "reject", RecordingState.TO_REVIEW: "review"}.get(
        columns.get("state", RecordingState.ACCEPTED), "accept"
    )
    nothing = dict.fromkeys(("duration_seconds", "format", "recorded_on", "found", "levels", "cause"))
    told = {"verdict": verdict, "reasons": reasons, "warnings": list(columns.get("warnings", ())), "dates": [], "waveform": ""}
    return {**nothing, **told, "sha256": sha256, "size_bytes": size}
