"""Attestations: kept once, met by one recording, never settled by software where two contradict."""

from datetime import timedelta

import pytest
from sqlmodel import select

from consent.record import Source, Way
from intake.attesting import Attested
from registry.codes import Code
from registry.database import Database
from registry.states import RecordingState
from registry.tables import Consent, OutboxFile
from tests.factories import CALL_ON, Intakes, admitted, attest, fresh, kinds, mails_of, opened, record

pytestmark = pytest.mark.postgresql_later

S = RecordingState
OTHER_DAY = CALL_ON + timedelta(days=1)


def _all(database: Database) -> list[Consent]:
    with database.reading() as session:
        return sorted(session.exec(select(Consent)), key=lambda one: one.arrived_at)


@pytest.mark.parametrize("attested_first", [True, False])
def test_either_may_come_first(intakes: Intakes, attested_first: bool) -> None:  # noqa: FBT001 - both orders
    """The end is the same: accepted, the attestation bound to these bytes, one receipt."""
    (file,) = opened(intakes.database)
    if attested_first:
        attest(intakes, file)
    recording = admitted(intakes, file)
    if not attested_first:
        assert recording.state is S.AWAITING_CONSENT
        attest(intakes, file, now=intakes.clock.go_on(minutes=5))
    held = fresh(intakes.database, recording)
    (consent,) = _all(intakes.database)
    assert (held.state, held.consent_id, held.call_date, held.receipt_number) == (S.ACCEPTED, consent.id, CALL_ON, "2026-0001")
    assert consent.bound_sha256 == held.sha256
    with intakes.database.reading() as session:
        assert kinds(session, consent.id) == ["consent.attested", "consent.bound"]


@pytest.mark.parametrize("source", list(Source))
def test_the_same_again_is_known(intakes: Intakes, source: Source) -> None:
    """Sent twice, or by two ways, an attestation is kept once, before and after it met its recording."""
    (file,) = opened(intakes.database)
    assert attest(intakes, file) is Attested.KEPT
    assert attest(intakes, file, record(source=source)) is Attested.KNOWN
    admitted(intakes, file)
    assert attest(intakes, file, record(source=source)) is Attested.KNOWN
    assert len(_all(intakes.database)) == 1


@pytest.mark.parametrize("source", [Source.PDF, Source.FILE, Source.IMPORT])
def test_two_that_contradict(intakes: Intakes, source: Source) -> None:
    """Neither counts, and the recording waits, until the form settles it; then that one does."""
    (file,) = opened(intakes.database)
    attest(intakes, file, record(source=Source.PDF))
    assert attest(intakes, file, record(OTHER_DAY, source=source), now=intakes.clock.go_on(minutes=1)) is Attested.CONFLICT
    assert [one.disputed for one in _all(intakes.database)] == [True, True]
    recording = admitted(intakes, file)
    assert recording.state is S.AWAITING_CONSENT
    said = record(CALL_ON + timedelta(days=2))
    assert attest(intakes, file, said, now=intakes.clock.go_on(minutes=1)) is Attested.KEPT
    *old, new = _all(intakes.database)
    assert [one.superseded_by for one in old] == [new.id, new.id]
    held = fresh(intakes.database, recording)
    assert (held.state, held.call_date) == (S.ACCEPTED, said.call_date)


def test_the_form_corrects_what_met_nothing_yet(intakes: Intakes) -> None:
    """The candidate's own last word takes the place of his earlier one."""
    (file,) = opened(intakes.database)
    attest(intakes, file, record(given_on=OTHER_DAY))
    assert attest(intakes, file, now=intakes.clock.go_on(minutes=1)) is Attested.KEPT
    assert admitted(intakes, file).state is S.ACCEPTED


def test_a_replacement_needs_its_own(intakes: Intakes) -> None:
    """What met one recording says nothing of the next."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    assert admitted(intakes, file, data=b"one").state is S.ACCEPTED
    intakes.clock.go_on(hours=1)
    second = admitted(intakes, file, data=b"two")
    assert second.state is S.AWAITING_CONSENT
    assert attest(intakes, file, record(source=Source.PDF)) is Attested.KNOWN  # the file that was read before lies there again
    assert fresh(intakes.database, second).state is S.AWAITING_CONSENT
    assert attest(intakes, file) is Attested.KEPT  # the form is an act: the same call, recorded anew
    assert fresh(intakes.database, second).state is S.ACCEPTED


def test_the_form_sent_twice_serves_one_recording(intakes: Intakes) -> None:
    """A second click keeps nothing that could serve a later recording unseen."""
    (file,) = opened(intakes.database)
    admitted(intakes, file, data=b"one")
    attest(intakes, file)
    assert attest(intakes, file) is Attested.KNOWN
    intakes.clock.go_on(hours=1)
    assert admitted(intakes, file, data=b"two").state is S.AWAITING_CONSENT


@pytest.mark.parametrize("code", [Code.NOT_MP3, Code.EMPTY_FILE])
def test_what_nobody_could_hear_binds_nothing(intakes: Intakes, code: Code) -> None:
    """An attestation is not used up by a file in which there is no call."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    assert admitted(intakes, file, code, data=b"no sound").consent_id is None
    intakes.clock.go_on(hours=1)
    assert admitted(intakes, file, data=b"sound").state is S.ACCEPTED


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        (record(given_on=OTHER_DAY), [Code.CONSENT_LATE]),
        (record(CALL_ON.replace(year=2025)), [Code.TOO_OLD]),
        (record(CALL_ON.replace(month=6)), [Code.FUTURE_DATE]),
        (record(way=Way.WRITTEN), []),
    ],
)
def test_what_the_attestation_says_is_ruled_on(intakes: Intakes, said: object, codes: list[Code]) -> None:
    """A recording that waited is accepted or refused by what is attested, and answered once more."""
    (file,) = opened(intakes.database)
    recording = admitted(intakes, file)
    attest(intakes, file, said, now=intakes.clock.go_on(minutes=5))  # type: ignore[arg-type]  # parametrize types nothing
    held = fresh(intakes.database, recording)
    assert (held.codes, held.state) == (codes, S.REJECTED if codes else S.ACCEPTED)
    assert (held.quarantine_until is not None) is bool(codes)
    with intakes.database.reading() as session:
        assert len(mails_of(session, "answer")) == 2
        assert len([one for one in session.exec(select(OutboxFile)) if not one.replaced]) == 1


def test_another_dossier_is_not_touched(intakes: Intakes) -> None:
    """An attestation serves its own dossier alone."""
    one, two = opened(intakes.database, "C-012", "C-013")
    waiting = admitted(intakes, two)
    attest(intakes, one)
    assert fresh(intakes.database, waiting).state is S.AWAITING_CONSENT
