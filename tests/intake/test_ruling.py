"""From rows to a ruling: which attestation counts, what is written, when a quarantine ends."""

from datetime import UTC, datetime, timedelta

import pytest

from intake import ruling
from registry.codes import Answer, Code
from registry.states import RecordingState
from registry.tables import Consent
from tests.factories import ACTOR, NOW, Intakes, admitted, attest, fresh, journal_text, kinds, opened, record

MINE, OTHER = "1" * 64, "2" * 64


def _consent(number: int, bound: str | None) -> Consent:
    said = record()
    arrived = NOW + timedelta(seconds=number)
    return Consent(
        id=f"con_{number}",
        dossier_id="dos_1",
        arrived_at=arrived,
        source="form",
        call_date=said.call_date,
        record=said.to_json(),
        bound_sha256=bound,
    )


@pytest.mark.parametrize(
    ("bound", "chosen"),
    [
        ([], None),
        ([None], 0),
        ([MINE], 0),
        ([OTHER], None),
        ([None, None], 1),
        ([MINE, None], 1),  # a newer one corrects
        ([None, MINE], 1),
        ([MINE, OTHER], 0),
        ([OTHER, None, OTHER], 1),
    ],
)
def test_which_attestation_counts(bound: list[str | None], chosen: int | None) -> None:
    """The newest that met these bytes or nothing yet; never one that met others."""
    consents = [_consent(number, sha256) for number, sha256 in enumerate(bound)]
    assert ruling.consent_for(consents, MINE) is (None if chosen is None else consents[chosen])


def test_a_quarantine_and_a_receipt(intakes: Intakes) -> None:
    """A refused recording has an end of quarantine and no receipt; the others have a receipt, given once."""
    one, two = opened(intakes.database, "C-012", "C-013")
    refused = admitted(intakes, one, Code.TOO_LONG, data=b"1")
    assert (refused.receipt_number, refused.quarantine_until) == (None, NOW + timedelta(days=14))
    waiting = admitted(intakes, two, data=b"2")
    assert (waiting.receipt_number, waiting.quarantine_until) == ("2026-0001", None)
    attest(intakes, two)
    assert fresh(intakes.database, waiting).receipt_number == "2026-0001"


def test_the_entry_tells_what_was_ruled(intakes: Intakes) -> None:
    """Codes, warnings, the rules' version and the attestation's id are in the journal; nothing personal is."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    recording = admitted(intakes, file, Code.SILENT, Code.QUIET)
    with intakes.database.reading() as session:
        assert kinds(session, recording.id)[-1] == "recording.to_review"
        told = journal_text(session)
    for word in (b'"SILENT"', b'"QUIET"', str(recording.consent_id).encode(), b"rules_version"):
        assert word in told


@pytest.mark.parametrize(
    ("received_at", "late"),
    [(datetime(2026, 5, 25, 21, 59, 59, 999_999, UTC), False), (datetime(2026, 5, 25, 22, 0, tzinfo=UTC), True)],
)
def test_lateness_is_that_of_the_drop(intakes: Intakes, received_at: datetime, late: bool) -> None:  # noqa: FBT001 - the expected answer
    """A file dropped in time and treated three days later is in time."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    recording = admitted(intakes, file, at=datetime(2026, 5, 28, 9, tzinfo=UTC), received_at=received_at)
    assert recording.answer is (Answer.TO_REVIEW if late else Answer.RECEIVED)
    assert recording.codes == ([Code.LATE] if late else [])


@pytest.mark.parametrize(("scheme", "unit"), [("cqp-ce", "2"), ("ucanss-gc", "1"), ("mutualite-ac", "1")])
def test_where_no_recording_is_deposited(intakes: Intakes, scheme: str, unit: str) -> None:
    """Another unit, or a scheme that listens live, refuses with its own code, and uses no attestation up."""
    (file,) = opened(intakes.database, scheme=scheme, unit=unit)
    attest(intakes, file)
    recording = admitted(intakes, file)
    assert (recording.state, recording.codes, recording.consent_id) == (RecordingState.REJECTED, [Code.WRONG_UNIT], None)


def test_a_ruling_as_if_received_today(intakes: Intakes) -> None:
    """Ruling again with another day of reception changes nothing that is written."""
    (file,) = opened(intakes.database)
    recording = admitted(intakes, file)
    again = ruling.rule(file, recording, None, received_at=NOW + timedelta(days=30))
    assert again.codes == (Code.LATE,)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        assert tx.lock(type(recording), recording.id).codes == []
