"""Gather the facts of one recording, rule, and write what follows: state, consent, replacement. In a transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import holidays
from sqlmodel import col, select

from consent.record import ConsentRecord
from intake.mp3.dates import date_warnings
from intake.mp3.judgement import Judgement
from intake.rules import RULES_VERSION, Attested, Facts, Ruling, decide
from registry import recordings
from registry.clock import civil_date
from registry.codes import Answer, Code
from registry.database import Transaction
from registry.sessions import File
from registry.states import RecordingState, Unlistenable, Who
from registry.tables import Consent, Recording

_KEPT = (*recordings.GONE, *recordings.UNSTORED, RecordingState.REJECTED, RecordingState.DECIDED)
_QUARANTINE_DAYS = 14  # where the scheme expects no recording, and so says nothing
_UNHEARD = frozenset({Code.NOT_MP3, Code.EMPTY_FILE, Code.WRONG_UNIT})  # nothing that an attestation could be about


def attestations_of(tx: Transaction, dossier_id: str) -> Sequence[Consent]:
    """Return every attestation of a dossier, oldest first."""
    query = select(Consent).where(Consent.dossier_id == dossier_id)
    return tx.session.exec(query.order_by(col(Consent.arrived_at), col(Consent.id))).all()


def consents_of(tx: Transaction, dossier_id: str) -> Sequence[Consent]:
    """Return the attestations of a dossier that count, oldest first."""
    return [one for one in attestations_of(tx, dossier_id) if one.superseded_by is None and not one.disputed]


def consent_for(consents: Sequence[Consent], sha256: str) -> Consent | None:
    """Choose the attestation of a recording: the newest that is bound to its bytes or met no recording yet.

    A newer one corrects what was attested before, so that a refused file can be dropped again.
    """
    chosen = [consent for consent in consents if consent.bound_sha256 in {None, sha256}]
    return chosen[-1] if chosen else None


def rule(
    file: File,
    recording: Recording,
    consent: Consent | None,
    *,
    judgement: Judgement | None = None,
    received_at: datetime | None = None,
    malware: bool | None = None,
) -> Ruling:
    """Rule on one recording from what is known now; as if it were judged, received and scanned anew, where those are given."""
    judgement = judgement or Judgement.from_json(recording.judgement)
    received_on = civil_date(received_at or recording.received_at)
    record = ConsentRecord.from_json(consent.record) if consent else None
    call_date = consent.call_date if consent else None
    dated = date_warnings(judgement.dates, hearing=file.hearing_on, call_date=call_date, today=received_on)
    flagged = Code.MALWARE in recording.codes if malware is None else malware
    return decide(
        Facts(
            found=(*judgement.reasons, *([Code.MALWARE] if flagged else [])),
            warnings=tuple(dict.fromkeys((*judgement.warnings, *dated))),
            rules=file.scheme.recording if file.scheme.takes_recording(file.session.unit) else None,
            received_on=received_on,
            deadline_on=file.session.deadline_on,
            hearing_on=file.hearing_on,
            attested=Attested(call_date, record.given_on if record else None) if consent else None,
        ),
    )


def apply(tx: Transaction, file: File, recording: Recording, ruling: Ruling, consent: Consent | None) -> None:
    """Write a ruling down: codes, consent bound, receipt, deadlines, then the state and its entry."""
    recording.codes, recording.warnings = list(ruling.codes), list(ruling.warnings)
    recording.answer, recording.answered_at, recording.rules_version = ruling.answer, tx.now, RULES_VERSION
    if consent is not None and not _UNHEARD.intersection(ruling.codes):
        bind(tx, recording, consent)
    if ruling.answer is not Answer.REFUSED and recording.receipt_number is None:
        recording.receipt_number = recordings.receipt_number(tx.session, tx.now)
    rules = file.scheme.recording
    if ruling.answer is Answer.REFUSED:
        recording.quarantine_until = tx.now + timedelta(days=rules.quarantine_days if rules else _QUARANTINE_DAYS)
    if ruling.answer is Answer.TO_REVIEW and rules:
        calendar = holidays.country_holidays("FR")
        recording.review_due_on = calendar.get_nth_working_day(civil_date(tx.now), rules.review_working_days)
    recordings.move(
        tx,
        recording,
        ruling.state,
        Who.INTAKE,
        codes=[str(code) for code in ruling.codes],
        warnings=[str(code) for code in ruling.warnings],
        rules_version=RULES_VERSION,
        consent=recording.consent_id,
    )
    if ruling.state is RecordingState.ACCEPTED:
        replace_others(tx, recording)


def bind(tx: Transaction, recording: Recording, consent: Consent) -> None:
    """Bind an attestation to the recording that it met."""
    recording.consent_id, recording.call_date = consent.id, consent.call_date
    if consent.bound_sha256 is None:
        consent.bound_sha256 = recording.sha256
        tx.record("consent.bound", consent.id, recording=recording.id)


def replace_others(tx: Transaction, accepted: Recording) -> None:
    """Mark the earlier recordings of a dossier as replaced, now that a new one is accepted.

    Two files that came together replace nothing: the candidate is asked which one he presents.
    """
    for other in recordings.of_dossier(tx.session, accepted.dossier_id):
        together = other.together_with == accepted.id or accepted.together_with == other.id
        earlier = other.received_at <= accepted.received_at and not together
        if other.id != accepted.id and (earlier or other.replaced_by == accepted.id):
            replace(tx, other, accepted.id)


def replace(tx: Transaction, recording: Recording, by: str) -> None:
    """Mark one recording as replaced: nobody listens to it any more, and retention takes it from there.

    One that the jury decided on is kept as it is: it may be needed until the recourse is over.
    """
    if recording.unlistenable is not None or recording.state in _KEPT:
        return
    recording.unlistenable, recording.unlistenable_at = Unlistenable.REPLACED, tx.now
    recording.replaced_by, recording.stale = by, True
    tx.record("recording.replaced", recording.id, by=by)


def came_together(earlier: Recording, later: Recording) -> bool:
    """Tell whether a later file was dropped before its candidate could read the answer to the earlier one."""
    return earlier.answered_at is not None and later.received_at < earlier.answered_at
