"""What an attestation does, by whichever way it came: it is kept, and the recordings that waited for it are ruled on again."""

from enum import StrEnum

from consent.record import ConsentRecord, Source
from consent.rules import disagreements
from intake import ruling
from intake.admission import admit
from intake.answering import Answering
from registry import recordings
from registry.database import Transaction
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Consent, Dossier


class Attested(StrEnum):
    """What became of an attestation."""

    KEPT = "kept"
    KNOWN = "known"  # the same was here before
    CONFLICT = "conflict"  # it contradicts another that met no recording yet: neither counts until the form settles it


def attest(tx: Transaction, file: File, record: ConsentRecord, answering: Answering) -> Attested:
    """Keep an attestation, and rule again on the recordings of its dossier that waited for one.

    The personal form is the candidate's own last word: it takes the place of what came before and met no recording.
    """
    tx.lock(Dossier, file.dossier.id)
    earlier = [consent for consent in ruling.attestations_of(tx, file.dossier.id) if consent.superseded_by is None]
    if any(not consent.disputed and not disagreements(ConsentRecord.from_json(consent.record), record) for consent in earlier):
        return Attested.KNOWN
    free = [consent for consent in earlier if consent.bound_sha256 is None]
    kept = _keep(tx, file, record)
    outcome = Attested.KEPT
    for other in free:
        if record.source is Source.FORM:
            other.superseded_by = kept.id
            tx.record("consent.superseded", other.id, by=kept.id)
        else:
            _dispute(tx, kept, other)
            outcome = Attested.CONFLICT
    tx.session.flush()
    for recording in recordings.of_dossier(tx.session, file.dossier.id):
        if recording.state is RecordingState.AWAITING_CONSENT and recording.unlistenable is None and outcome is Attested.KEPT:
            admit(tx, file, recording, answering)
    return outcome


def _keep(tx: Transaction, file: File, record: ConsentRecord) -> Consent:
    kept = Consent(
        id=new_id("con"),
        dossier_id=file.dossier.id,
        arrived_at=tx.now,
        source=str(record.source),
        call_date=record.call_date,
        record=record.to_json(),
    )
    tx.session.add(kept)
    tx.record(
        "consent.attested",
        kept.id,
        dossier=file.dossier.id,
        source=str(record.source),
        call_date=record.call_date.isoformat(),
        given_on=record.given_on.isoformat(),
        way=str(record.way),
        notice=record.notice_id,
        client_reference=record.client_reference,
    )
    return kept


def _dispute(tx: Transaction, kept: Consent, other: Consent) -> None:
    for one, against in ((kept, other), (other, kept)):
        one.disputed = True
        tx.record("consent.disputed", one.id, other=against.id)
