"""Grants: who is given what and for how long, what is refused, and what becomes of the recording."""

from datetime import UTC, date, datetime, timedelta

import pytest

from registry.codes import Code
from registry.errors import RefusedError
from registry.ids import new_id
from registry.states import RecordingState, Unlistenable
from registry.tables import Grant, Hold, HoldReason, HoldScope, Recording, Role
from registry.users import add
from sharing import grants
from sharing.listening import Window
from tests.factories import ACTOR, CODE, NOW, REFERENCE, coordinator, kinds, moved
from tests.sharing.house import House

pytestmark = pytest.mark.postgresql_later

_HEARING = datetime(2026, 6, 15, 7, 30, tzinfo=UTC)


@pytest.fixture
def house(house_anywhere: House) -> House:
    """Give a house on one database, then on the other."""
    return house_anywhere


def test_the_first_grant_releases_and_the_last_one_taken_back_recalls(house: House) -> None:
    """Accepted, released while anybody has it, accepted again; each step is in the journal."""
    recording = house.deposit(house.file())
    one, other = house.evaluator(), house.evaluator("autre@cte.test")
    first = house.grant(one, recording)
    assert house.state(recording) is RecordingState.RELEASED
    house.grant(other, recording)
    for evaluator, state in ((one, RecordingState.RELEASED), (other, RecordingState.ACCEPTED)):
        with house.database.transaction(NOW, ACTOR) as tx:
            assert grants.revoke(tx, evaluator.id, recording) == 1
        assert house.state(recording) is state
    assert house.kinds(recording)[-2:] == ["recording.released", "recording.recalled"]
    assert house.kinds(first.id) == ["grant.given", "grant.revoked"]
    with house.database.transaction(NOW, ACTOR) as tx:
        assert grants.revoke(tx, one.id, recording) == 0


def test_the_same_again_changes_nothing_and_another_window_takes_its_place(house: House) -> None:
    """One grant stands for one evaluator and one recording."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    first = house.grant(evaluator, recording, days=10)
    with house.database.transaction(NOW + timedelta(hours=1), ACTOR) as tx:
        again = grants.assign(tx, evaluator.id, recording, Window(NOW + timedelta(hours=1), first.closes_at))
    assert (again.new, again.grant.id) == (False, first.id)
    second = house.grant(evaluator, recording, days=12)
    assert second.id != first.id
    with house.database.reading() as session:
        assert [one.id for one in grants.holding(session, evaluator.id, NOW)] == [second.id]
        assert session.get_one(Grant, first.id).revoked_by == ACTOR
        assert grants.holding(session, evaluator.id, NOW + timedelta(days=13)) == []


def _refused(house: House, recording: str, said: str) -> None:
    evaluator = house.evaluator(f"{new_id('x')}@cte.test")
    with house.database.reading() as session:
        before = kinds(session, recording)
    with pytest.raises(RefusedError, match=said):
        house.grant(evaluator, recording)
    with house.database.reading() as session:
        assert kinds(session, recording) == before
        assert grants.holding(session, evaluator.id, NOW) == []


def test_what_may_not_be_heard_is_not_given(house: House) -> None:
    """Waiting, to review, refused, decided, gone, unlistenable, held since a restore: each is refused, with what to do."""
    _refused(house, house.deposit(house.file("C-1", code="S-1", mail="a@x.test"), attested=False), "no attestation")
    _refused(house, house.deposit(house.file("C-2", code="S-2", mail="b@x.test"), None, Code.DAMAGED), "not accepted")
    _refused(house, house.deposit(house.file("C-3", code="S-3", mail="c@x.test"), None, Code.TOO_LONG), "not accepted")
    recording = house.deposit(house.file())
    house.grant(house.evaluator(), recording)
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DECIDED)
    _refused(house, recording, "jury has decided")
    moved(house.database, row, RecordingState.DESTROYING)
    _refused(house, recording, "being destroyed")
    silent = house.deposit(house.file("C-4", code="S-4", mail="d@x.test"))
    with house.database.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, silent).unlistenable = Unlistenable.REPLACED
        tx.record("recording.replaced", silent)
    _refused(house, silent, "was replaced")
    held = house.deposit(house.file("C-5", code="S-5", mail="e@x.test"))
    with house.database.transaction(NOW, ACTOR) as tx:
        hold = Hold(id=new_id("hld"), scope=HoldScope.ALL, reason=HoldReason.RESTORED, placed_at=NOW, placed_by=ACTOR)
        tx.session.add(hold)
        tx.record("hold.placed", hold.id)
    _refused(house, held, "since the restore")


def test_who_left_is_given_nothing(house: House) -> None:
    """An inactive evaluator, and a member of the staff, are no evaluators."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    with house.database.transaction(NOW, ACTOR) as tx:
        grants.retire(tx, evaluator.id)
    with pytest.raises(RefusedError, match="no longer active"):
        house.grant(evaluator, recording)


def test_an_operator_gives_nothing(house: House) -> None:
    """Neither to himself nor to anybody: his address is no evaluator's, and his name on a grant is refused."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    with house.database.transaction(NOW, ACTOR) as tx:
        operator = add(tx, role=Role.OPERATOR, name="x", mail="operator@centre.test").id
    with pytest.raises(RefusedError, match="staff"):
        house.evaluator("operator@centre.test")
    with pytest.raises(RefusedError, match="operator"), house.database.transaction(NOW, operator) as tx:
        grants.assign(tx, evaluator.id, recording, Window(NOW, NOW + timedelta(days=1)))
    named = coordinator(house.database)
    with house.database.transaction(NOW, named) as tx:
        assert grants.assign(tx, evaluator.id, recording, Window(NOW, NOW + timedelta(days=1))).grant.granted_by == named


@pytest.mark.parametrize(("name", "mail", "employer"), [("x", "not an address", "y"), ("", "a@cte.test", "y"), ("x", "a@cte.test", " ")])
def test_an_evaluator_is_whole(house: House, name: str, mail: str, employer: str) -> None:
    """Name, address and employer are needed; an address is enrolled once."""
    with pytest.raises(RefusedError), house.database.transaction(NOW, ACTOR) as tx:
        grants.enrol(tx, name=name, mail=mail, employer=employer)
    house.evaluator("b@cte.test")
    with pytest.raises(RefusedError, match="already"):
        house.evaluator("b@cte.test")


def test_a_window_is_made_of_whole_days_in_paris() -> None:
    """From now until a week after the hearing; both days that are said count in full, also over a change of the clocks."""
    now = datetime(2026, 5, 12, 9, 3, tzinfo=UTC)
    assert grants.window(_HEARING, now) == Window(now, datetime(2026, 6, 22, 22, tzinfo=UTC))
    told = grants.window(_HEARING, now, date(2026, 5, 20), date(2026, 5, 20))
    assert told == Window(datetime(2026, 5, 19, 22, tzinfo=UTC), datetime(2026, 5, 20, 22, tzinfo=UTC))
    assert grants.window(_HEARING, now, date(2026, 5, 1)).opens_at == now
    assert grants.window(_HEARING, now, None, date(2026, 5, 12)).closes_at == datetime(2026, 5, 12, 22, tzinfo=UTC)
    winter = grants.window(_HEARING, datetime(2026, 10, 24, tzinfo=UTC), date(2026, 10, 25), date(2026, 10, 25))
    assert winter.closes_at - winter.opens_at == timedelta(hours=25)


@pytest.mark.parametrize(
    ("first", "last"), [(None, date(2026, 5, 11)), (date(2026, 6, 2), date(2026, 6, 1)), (date(2026, 6, 1), date(2027, 6, 30))]
)
def test_a_window_that_is_over_empty_or_too_long_is_refused(first: date | None, last: date) -> None:
    """Each with what to change; so is the default once the hearing is long past."""
    with pytest.raises(RefusedError, match="--until"):
        grants.window(_HEARING, NOW, first, last)
    with pytest.raises(RefusedError, match="--until"):
        grants.window(_HEARING, _HEARING + timedelta(days=9))


def test_recordings_and_evaluators_are_found_as_people_name_them(house: House) -> None:
    """By SESSION/REFERENCE or identifier; by address or identifier."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    with house.database.reading() as session:
        for key in (recording, f"{CODE}/{REFERENCE}"):
            assert grants.recording_by(session, key).id == recording
        for key in (evaluator.id, evaluator.mail):
            assert grants.evaluator_by(session, key).id == evaluator.id
        for key in (new_id("rec"), f"{CODE}/C-999", "x"):
            with pytest.raises(RefusedError):
                grants.recording_by(session, key)
        with pytest.raises(RefusedError):
            grants.evaluator_by(session, "nobody@cte.test")
