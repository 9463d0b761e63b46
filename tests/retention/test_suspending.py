"""What the staff hears of at once: an appeal, in time or too late; a withdrawal that a hold keeps."""

import threading
from datetime import date

import pytest

from registry import holds, recordings
from registry.database import Database
from registry.errors import RefusedError
from registry.states import RecordingState, Who
from registry.tables import Dossier, HoldReason, HoldScope, Recording
from retention.suspending import Suspending
from retention.terms import Choices
from tests.factories import CENTRE, accepted, fresh, mails_of, opened
from tests.registry.desk import Desk

pytestmark = pytest.mark.postgresql_later

SUSPENDING = Suspending(CENTRE, Choices())
RECEIVED = date(2026, 7, 8)


def _kinds(desk: Desk) -> list[str]:
    with desk.database.reading() as session:
        return sorted(mail.kind for mail in mails_of(session, "recourse"))


def test_an_appeal_is_told_to_both(desk: Desk) -> None:
    """Coordinator and compliance officer, in the transaction of the appeal; the clock tells whether it was in time."""
    desk.decide()
    desk.notify()
    done = desk.act(lambda tx: SUSPENDING.contest(tx, desk.id, received_on=RECEIVED, postmark_on=date(2026, 7, 6)))
    assert done.appeal.in_time is True
    assert _kinds(desk) == ["recourse.suspended"] * 2
    with desk.database.reading() as session:
        assert SUSPENDING.last_day(session, desk.id) == date(2026, 8, 25)
        assert {mail.person_id for mail in mails_of(session, "recourse")} == {desk.first, desk.second}


def test_without_a_clock_nothing_tells(desk: Desk) -> None:
    """The appeal counts all the same."""
    done = desk.act(lambda tx: SUSPENDING.contest(tx, desk.id, received_on=RECEIVED, postmark_on=date(2026, 7, 6)))
    assert (done.appeal.in_time, _kinds(desk)) == (None, ["recourse.suspended"] * 2)


def test_too_late(desk: Desk) -> None:
    """The incident is told to both as well."""
    desk.begin()
    assert desk.act(lambda tx: SUSPENDING.contest(tx, desk.id, received_on=RECEIVED)).appeal.incident
    assert _kinds(desk) == ["recourse.incident"] * 2


def test_a_refusal_tells_nobody(desk: Desk) -> None:
    """Nothing is recorded, nothing is queued."""
    with pytest.raises(RefusedError):
        desk.act(lambda tx: SUSPENDING.contest(tx, desk.id, received_on=date(2026, 7, 11)))
    assert _kinds(desk) == []


def test_a_withdrawal_under_a_hold_goes_to_the_compliance_officer(desk: Desk) -> None:
    """And only then."""
    done = desk.act(lambda tx: SUSPENDING.withdraw(tx, desk.id, "le client a écrit"))
    assert (done.holds, _kinds(desk)) == ((), [])
    other = accepted(desk.database, desk.file, b"another call")
    desk.act(lambda tx: holds.place(tx, HoldScope.DOSSIER, desk.id, HoldReason.LITIGATION, "procès", review_on=date(2026, 9, 1)))
    desk.act(lambda tx: SUSPENDING.withdraw(tx, desk.id, "le client a écrit", recording_id=other.id))
    with desk.database.reading() as session:
        assert [(mail.kind, mail.person_id) for mail in mails_of(session, "recourse")] == [("recourse.consent_kept", desk.second)]


def _destroy_unless_contested(database: Database, desk: Desk, dossier_id: str, recording_id: str, ready: threading.Barrier) -> None:
    ready.wait()
    with database.transaction(desk.now, "system:gate") as tx:
        tx.lock(Dossier, dossier_id)
        row = tx.lock(Recording, recording_id)
        if not holds.covering(tx.session, row):
            recordings.move(tx, row, RecordingState.DESTROYING, Who.GATE)


def test_an_appeal_races_a_destruction(desk: Desk) -> None:
    """Exactly one wins, and the loser says so."""
    for number in range(8):
        (file,) = opened(desk.database, f"R-{number}", code=f"S-{number}", mail=f"r{number}@example.org", family_name=f"R{number}")
        recording = accepted(desk.database, file, str(number).encode())
        ready = threading.Barrier(2)
        about = (desk.database, desk, file.dossier.id, recording.id, ready)
        gate = threading.Thread(target=_destroy_unless_contested, args=about)
        gate.start()
        ready.wait()
        with desk.database.transaction(desk.now, desk.first) as tx:
            done = SUSPENDING.contest(tx, file.dossier.id, received_on=RECEIVED)
        gate.join()
        begun = fresh(desk.database, recording).state is RecordingState.DESTROYING
        assert begun is done.appeal.incident
        assert (done.hold is None) is begun
