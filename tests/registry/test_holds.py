"""Holds: of every scope, many at once, by named people; too late, an incident that stops nothing."""

import threading
from datetime import date
from functools import partial

import pytest

from journal import log
from registry import appeals, holds, recordings
from registry.errors import RefusedError
from registry.holds import Placed
from registry.states import RecordingState, Who
from registry.tables import Dossier, HoldReason, HoldScope, Recording
from tests.factories import CODE, accepted, fresh, kinds, opened
from tests.registry.desk import Desk

pytestmark = pytest.mark.postgresql_later

S = RecordingState
REVIEW = date(2026, 9, 1)


def _place(desk: Desk, scope: HoldScope, target: str | None, review: date | None = REVIEW, why: HoldReason = HoldReason.OTHER) -> Placed:
    return desk.act(lambda tx: holds.place(tx, scope, target, why, "on nous le demande", review_on=review))


def _target(desk: Desk, scope: HoldScope) -> str | None:
    ids = {HoldScope.RECORDING: desk.recording.id, HoldScope.DOSSIER: desk.id, HoldScope.SESSION: desk.file.session.id}
    return ids.get(scope)


@pytest.mark.parametrize("scope", HoldScope)
def test_a_hold_covers_its_scope_and_no_more(desk: Desk, scope: HoldScope) -> None:
    """The recording is covered and looked at again, one of another session only by a hold on everything; its end wakes it again."""
    (elsewhere,) = opened(desk.database, "C-099", code="AUTRE", mail="autre@example.org", family_name="Autre")
    other = accepted(desk.database, elsewhere, b"another sound")
    desk.calm()
    done = _place(desk, scope, _target(desk, scope))
    assert done.hold is not None
    assert done.too_late == ()
    assert desk.seen() == (S.ACCEPTED, True)
    with desk.database.reading() as session:
        assert [one.id for one in holds.covering(session, desk.recording)] == [done.hold.id]
        assert bool(holds.covering(session, other)) is (scope is HoldScope.ALL)
        assert [one.id for one in holds.standing(session)] == [done.hold.id]
    desk.calm()
    hold_id = done.hold.id
    gone = desk.act(lambda tx: holds.release(tx, hold_id, "plus besoin"))
    assert (gone.released_by, desk.held.stale) == (desk.first, True)
    with desk.database.reading() as session:
        assert list(holds.covering(session, desk.recording)) == []
        assert kinds(session, hold_id) == ["hold.placed", "hold.released"]
    with pytest.raises(RefusedError, match="released already"):
        desk.act(lambda tx: holds.release(tx, hold_id, "encore"))


def test_many_holds_stand_at_once(desk: Desk) -> None:
    """Releasing one leaves the others."""
    placed = [_place(desk, scope, _target(desk, scope)).hold for scope in HoldScope]
    first = placed[0]
    assert first is not None
    desk.act(lambda tx: holds.release(tx, first.id, "plus besoin"))
    with desk.database.reading() as session:
        assert {one.id for one in holds.covering(session, desk.recording)} == {one.id for one in placed[1:] if one}


_IMPOSSIBLE = (
    (HoldScope.ALL, None, None, HoldReason.OTHER, "--review"),
    (HoldScope.ALL, None, date(2026, 7, 10), HoldReason.OTHER, "a day ahead"),
    (HoldScope.ALL, None, REVIEW, HoldReason.APPEAL, "record the appeal"),
    (HoldScope.DOSSIER, None, REVIEW, HoldReason.LITIGATION, "say which dossier"),
    (HoldScope.RECORDING, "rec_0", REVIEW, HoldReason.LITIGATION, "check the identifier"),
    (HoldScope.DOSSIER, "dos_0", REVIEW, HoldReason.LITIGATION, "check the identifier"),
    (HoldScope.SESSION, "ses_0", REVIEW, HoldReason.LITIGATION, "check the identifier"),
)


def test_a_hold_that_cannot_be(desk: Desk) -> None:
    """Refused with what to do."""
    for scope, target, review, why, said in _IMPOSSIBLE:
        with pytest.raises(RefusedError, match=said):
            _place(desk, scope, target, review, why)


def test_nobody_holds_or_releases_without_a_name(desk: Desk) -> None:
    """A machine's account answers for nothing; an appeal's hold ends with the appeal only."""
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: holds.place(tx, HoldScope.ALL, None, HoldReason.OTHER, "x", review_on=REVIEW), by="system:cli")
    hold = _place(desk, HoldScope.ALL, None).hold
    assert hold is not None
    with pytest.raises(RefusedError, match="--by"):
        desk.act(lambda tx: holds.release(tx, hold.id, "x"), by="system:cli")
    appealed = desk.act(lambda tx: appeals.record(tx, desk.id, received_on=date(2026, 7, 8))).hold
    assert appealed is not None
    with pytest.raises(RefusedError, match="rules on the appeal"):
        desk.act(lambda tx: holds.release(tx, appealed.id, "x"))
    with pytest.raises(RefusedError, match="no hold is known"):
        desk.act(lambda tx: holds.release(tx, "hld_0", "x"))


@pytest.mark.parametrize("scope", [HoldScope.RECORDING, HoldScope.DOSSIER])
def test_too_late_it_is_an_incident(desk: Desk, scope: HoldScope) -> None:
    """Nothing is held, the recording is named, and the journal has it."""
    desk.begin()
    target = _target(desk, scope)
    done = _place(desk, scope, target)
    assert (done.hold, done.too_late) == (None, (desk.recording.id,))
    assert desk.held.state is S.DESTROYING
    with desk.database.reading() as session:
        assert "hold.incident" in kinds(session, target or "")


def test_a_wider_hold_names_what_it_came_too_late_for(desk: Desk) -> None:
    """The session is held all the same, for what is left of it."""
    desk.begin()
    done = _place(desk, HoldScope.SESSION, desk.file.session.id)
    assert done.hold is not None
    assert done.too_late == (desk.recording.id,)


def _destroy_unless_held(desk: Desk, dossier_id: str, recording_id: str, ready: threading.Barrier) -> None:
    """Do what the gate does first: lock the dossier, the recording, then ask."""
    ready.wait()
    with desk.database.transaction(desk.now, "system:gate") as tx:
        tx.lock(Dossier, dossier_id)
        row = tx.lock(Recording, recording_id)
        if not holds.covering(tx.session, row):
            recordings.move(tx, row, RecordingState.DESTROYING, Who.GATE)


@pytest.mark.parametrize("scope", [HoldScope.DOSSIER, HoldScope.SESSION, HoldScope.ALL])
def test_a_hold_races_a_destruction(desk: Desk, scope: HoldScope) -> None:
    """Whoever comes second sees the other: a recording that is being destroyed was never under a hold that the journal has before."""
    for number in range(6):
        (file,) = opened(desk.database, f"R-{number}", code=f"{CODE}-{number}", mail=f"r{number}@example.org", family_name=f"R{number}")
        recording = accepted(desk.database, file, str(number).encode())
        ready = threading.Barrier(2)
        gate = threading.Thread(target=_destroy_unless_held, args=(desk, file.dossier.id, recording.id, ready))
        gate.start()
        ready.wait()
        done = _place(desk, scope, {HoldScope.DOSSIER: file.dossier.id, HoldScope.SESSION: file.session.id}.get(scope))
        gate.join()
        begun = fresh(desk.database, recording).state is S.DESTROYING
        hold = done.hold
        told = _in_order(desk, recording.id, hold.id if hold else "", file.dossier.id)
        assert told == (["destruction.started"] if begun else []) + [told[-1]]
        assert scope is HoldScope.ALL or begun is (done.too_late == (recording.id,))
        if hold is not None:
            desk.act(partial(holds.release, hold_id=hold.id, note="au suivant"))


def _in_order(desk: Desk, *subjects: str) -> list[str]:
    """Return the beginning of the destruction and the placing of the hold as the journal has them."""
    with desk.database.reading() as session:
        entries = [one.entry for one in log.read(session.connection()) if one.entry.subject in subjects]
    return [one.kind for one in entries if one.kind in {"destruction.started", "hold.placed", "hold.incident"}]
