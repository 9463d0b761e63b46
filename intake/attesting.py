"""What an attestation does, by whichever way it came: it is kept, and the recordings that waited for it are ruled on again."""

from enum import StrEnum

from consent.record import ConsentRecord, Source
from consent.rules import disagreements
from intake import claims, outdated, ruling
from intake.admission import admit
from intake.answering import Answering
from registry import decisions, dossiers, recordings
from registry.database import Transaction
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Consent, Dossier, Recording


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
    waited = waiting(tx, file)
    earlier = [consent for consent in ruling.attestations_of(tx, file.dossier.id) if consent.superseded_by is None]
    for_another = record.source is Source.FORM and bool(waited)  # two recordings of one call: each needs its own
    known = [consent for consent in earlier if not consent.disputed and not (for_another and consent.bound_sha256)]
    if any(not disagreements(ConsentRecord.from_json(consent.record), record) for consent in known):
        outdated.withdraw_on_attestations(tx.session, file.dossier.id)
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
    claims.withdraw(tx.session, *(other.id for other in free))
    if outcome is Attested.KEPT:
        outdated.withdraw_on_attestations(tx.session, file.dossier.id)
    for recording in reversed(waited):  # it meets the newest: the one that the candidate presents
        counting = ruling.consents_of(tx, file.dossier.id)
        if _waits(recording) and ruling.consent_for(counting, recording.sha256) is not None:
            admit(tx, file, recording, answering)
    if waited:
        decisions.settle(tx, dossiers.lock(tx, file.dossier.id))  # the jury may have decided meanwhile
    return outcome


def waiting(tx: Transaction, file: File) -> list[Recording]:
    """Return the recordings of a dossier that wait for an attestation, oldest first."""
    return [one for one in recordings.of_dossier(tx.session, file.dossier.id) if _waits(one)]


def _waits(recording: Recording) -> bool:
    return recording.state is RecordingState.AWAITING_CONSENT and recording.unlistenable is None


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
