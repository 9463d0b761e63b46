"""What the tests of the listening room share: clients, cookies, and each way in which listening ends."""

from collections.abc import Callable

from starlette.testclient import TestClient

from portal.app import create_app
from registry.ids import new_id
from registry.states import RecordingState, Unlistenable
from registry.tables import Hold, HoldReason, HoldScope, Recording
from sharing import grants
from tests.factories import ACTOR, moved
from tests.sharing.house import House


def client_of(house: House, seconds: Callable[[], float] | None = None) -> TestClient:
    """Return a client of the pages that does not follow where it is sent; ``seconds`` is the clock that slows it down."""
    app = create_app(house.services()) if seconds is None else create_app(house.services(), seconds=seconds)
    return TestClient(app, base_url=house.portal_url, follow_redirects=False)


def cookie_of(secret: str) -> dict[str, str]:
    """Return the header of whoever holds a cookie on loopback."""
    return {"cookie": f"consigne={secret}"}


def _unlistenable(house: House, recording: str) -> None:
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        row = tx.lock(Recording, recording)
        row.unlistenable, row.unlistenable_at = Unlistenable.CONSENT_WITHDRAWN, tx.now
        tx.record("consent.withdrawn", row.id)


def _decided(house: House, recording: str) -> None:
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DECIDED)


def _destroying(house: House, recording: str) -> None:
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DESTROYING)


def _revoked(house: House, recording: str) -> None:
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        evaluator = grants.everyone(tx.session)[0]
        assert grants.revoke(tx, evaluator.id, recording) == 1


def _restored(house: House, recording: str) -> None:
    del recording
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        hold = Hold(id=new_id("hld"), scope=HoldScope.ALL, reason=HoldReason.RESTORED, placed_at=tx.now, placed_by=ACTOR)
        tx.session.add(hold)
        tx.record("hold.placed", hold.id)


def over(house: House, recording: str) -> None:
    """Let the window pass, and the session with it."""
    del recording
    house.clock.go_on(days=21)


End = Callable[[House, str], None]
ENDS: tuple[End, ...] = (_unlistenable, _decided, _destroying, _revoked, _restored, over)
