"""Who may hear what, and when: the rule, and what the registry says of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from registry.codes import Code
from registry.database import Transaction
from registry.ids import new_id
from registry.states import RecordingState, Unlistenable
from registry.tables import (
    Closure,
    ClosureCause,
    Consent,
    EvaluationSession,
    Evaluator,
    Hold,
    HoldReason,
    HoldScope,
    PortalSession,
    Recording,
    Role,
    User,
)
from registry.users import add
from sharing import asking, grants, signing_in
from sharing.errors import SilentError
from sharing.listening import Facts, Listener, Silence, Window, silence
from tests.factories import ACTOR, NOW, coordinator, moved
from tests.sharing.house import House

pytestmark = pytest.mark.postgresql_later

_WINDOW = Window(NOW - timedelta(days=1), NOW + timedelta(days=1))
_GRANTED = Facts(Listener.EVALUATOR, RecordingState.RELEASED, None, ended=False, consent=True, restored=False, windows=(_WINDOW,))
_REVIEWED = Facts(Listener.COORDINATOR, RecordingState.TO_REVIEW, None, ended=False, consent=True, restored=False)


@pytest.fixture
def house(house_anywhere: House) -> House:
    """Give a house on one database, then on the other."""
    return house_anywhere


def test_who_may_hear_hears() -> None:
    """An evaluator hears what is released to him in time; a coordinator what he has to review."""
    assert silence(_GRANTED, NOW) is None
    assert silence(_REVIEWED, NOW) is None


@pytest.mark.parametrize("facts", [_GRANTED, _REVIEWED])
@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"listener": None}, Silence.NOBODY),
        ({"state": RecordingState.DESTROYING}, Silence.GONE),
        ({"state": RecordingState.DESTROYED}, Silence.GONE),
        ({"unlistenable": Unlistenable.REPLACED}, Silence.UNLISTENABLE),
        ({"unlistenable": Unlistenable.CONSENT_WITHDRAWN}, Silence.UNLISTENABLE),
        ({"unlistenable": Unlistenable.FLAGGED}, Silence.UNLISTENABLE),
        ({"ended": True}, Silence.ENDED),
        ({"consent": False}, Silence.NO_CONSENT),
        ({"restored": True}, Silence.RESTORED),
    ],
)
def test_what_silences_a_recording_silences_it_for_everyone(facts: Facts, change: dict[str, object], found: Silence) -> None:
    """Whoever listens, each of these facts alone is enough."""
    assert silence(replace(facts, **change), NOW) is found  # type: ignore[arg-type]  # one field of the facts each


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"state": RecordingState.DECIDED}, Silence.DECIDED),
        ({"state": RecordingState.ACCEPTED}, Silence.NOT_RELEASED),
        ({"state": RecordingState.TO_REVIEW}, Silence.NOT_RELEASED),
        ({"state": RecordingState.REJECTED}, Silence.NOT_RELEASED),
        ({"windows": ()}, Silence.NOT_ASSIGNED),
        ({"windows": (Window(NOW + timedelta(seconds=1), NOW + timedelta(days=1)),)}, Silence.TOO_EARLY),
        ({"windows": (Window(NOW - timedelta(days=1), NOW),)}, Silence.TOO_LATE),
    ],
)
def test_an_evaluator_hears_nothing_else(change: dict[str, object], found: Silence) -> None:
    """Neither before the release, nor from the decision on, nor outside the window; its last instant is outside."""
    assert silence(replace(_GRANTED, **change), NOW) is found  # type: ignore[arg-type]  # one field of the facts each


@pytest.mark.parametrize("state", [state for state in RecordingState if state is not RecordingState.TO_REVIEW])
def test_a_coordinator_hears_only_what_is_to_review(state: RecordingState) -> None:
    """What was accepted, released or decided is not a coordinator's to hear."""
    assert silence(replace(_REVIEWED, state=state), NOW) is not None


def _hold(scope: HoldScope, target: str | None, reason: HoldReason = HoldReason.RESTORED) -> Callable[[Transaction], None]:
    def place(tx: Transaction) -> None:
        hold = Hold(id=new_id("hld"), scope=scope, target_id=target, reason=reason, placed_at=tx.now, placed_by=ACTOR)
        tx.session.add(hold)
        tx.record("hold.placed", hold.id)

    return place


def _ask(house: House, cookie: str, recording: str) -> str | None:
    try:
        permit = house.room.permit(cookie, recording)
    except SilentError as refusal:
        return refusal.why
    assert permit.recording_id == recording
    return None


def _do(house: House, act: Callable[[Transaction], object]) -> None:
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        act(tx)


def _change(row: type[Recording | Evaluator | EvaluationSession | Consent], row_id: str, **values: object) -> Callable[[Transaction], None]:
    def change(tx: Transaction) -> None:
        found = tx.lock(row, row_id)
        for name, value in values.items():
            setattr(found, name, value)
        tx.record("test.changed", row_id)

    return change


def test_every_fact_is_read_from_the_registry_at_each_question(house: House) -> None:
    """What is true is asked anew each time: each fact silences at once, and what is undone is heard again."""
    file = house.file()
    recording, evaluator = house.deposit(file), house.evaluator()
    house.grant(evaluator, recording)
    cookie = house.sign_in(evaluator.id)
    assert _ask(house, cookie, recording) is None
    with house.database.reading() as session:
        consent = session.get_one(Recording, recording).consent_id
    assert consent is not None
    changes: tuple[tuple[type[Recording | Evaluator | EvaluationSession | Consent], str, str, object, Silence], ...] = (
        (Recording, recording, "unlistenable", Unlistenable.FLAGGED, Silence.UNLISTENABLE),
        (Recording, recording, "consent_id", None, Silence.NO_CONSENT),
        (Consent, consent, "disputed", True, Silence.NO_CONSENT),
        (Evaluator, evaluator.id, "active", False, Silence.NOBODY),
        (EvaluationSession, file.session.id, "cancelled_at", NOW, Silence.ENDED),
    )
    for row, row_id, name, value, found in changes:
        with house.database.reading() as session:
            before = getattr(session.get_one(row, row_id), name)
        _do(house, _change(row, row_id, **{name: value}))
        assert _ask(house, cookie, recording) == found
        _do(house, _change(row, row_id, **{name: before}))
        assert _ask(house, cookie, recording) is None


@pytest.mark.parametrize("scope", list(HoldScope))
def test_after_a_restore_nothing_is_heard(house: House, scope: HoldScope) -> None:
    """A hold since a restore silences what it covers, and only that; any other hold silences nothing."""
    file = house.file()
    recording, evaluator = house.deposit(file), house.evaluator()
    house.grant(evaluator, recording)
    cookie = house.sign_in(evaluator.id)
    target = {HoldScope.RECORDING: recording, HoldScope.DOSSIER: file.dossier.id, HoldScope.SESSION: file.session.id}.get(scope)
    _do(house, _hold(scope, target, HoldReason.APPEAL))
    assert _ask(house, cookie, recording) is None
    if target is not None:
        _do(house, _hold(scope, new_id("xxx")))
        assert _ask(house, cookie, recording) is None
    _do(house, _hold(scope, target))
    assert _ask(house, cookie, recording) == Silence.RESTORED


def test_a_closed_dossier_is_silent(house: House) -> None:
    """A dossier that ended without a decision is heard by nobody, until that is undone."""
    file = house.file()
    recording, evaluator = house.deposit(file), house.evaluator()
    house.grant(evaluator, recording)
    cookie, closure = house.sign_in(evaluator.id), new_id("clo")

    def close(tx: Transaction) -> None:
        tx.session.add(Closure(id=closure, dossier_id=file.dossier.id, cause=ClosureCause.ABSENT, closed_at=tx.now, closed_by=ACTOR))
        tx.record("dossier.closed", closure)

    def undo(tx: Transaction) -> None:
        tx.lock(Closure, closure).undone_at = tx.now
        tx.record("dossier.reopened", closure)

    _do(house, close)
    assert _ask(house, cookie, recording) == Silence.ENDED
    _do(house, undo)
    assert _ask(house, cookie, recording) is None


def test_the_window_opens_and_closes(house: House) -> None:
    """Nothing before its first instant, nothing from its last one on."""
    recording, evaluator = house.deposit(house.file()), house.evaluator()
    house.grant(evaluator, recording, after=0.1, days=0.1)
    cookie = house.sign_in(evaluator.id)
    assert _ask(house, cookie, recording) == Silence.TOO_EARLY
    house.clock.go_on(days=0.1)
    assert _ask(house, cookie, recording) is None
    house.clock.go_on(days=0.1)
    assert _ask(house, cookie, recording) == Silence.TOO_LATE


def test_another_evaluators_grant_is_not_his(house: House) -> None:
    """A grant opens one recording to one person."""
    recording, cookie, _ = house.listener()
    other = house.evaluator("autre@cte.test")
    theirs = house.deposit(house.file(code="AUTRE", mail="x@y.test"))
    house.grant(other, theirs)
    assert _ask(house, cookie, recording) is None
    assert _ask(house, cookie, theirs) == Silence.NOT_ASSIGNED
    assert _ask(house, house.sign_in(other.id), recording) == Silence.NOT_ASSIGNED


def test_the_jurys_decision_ends_it_and_its_correction_gives_it_back(house: House) -> None:
    """From the decision on the committee hears nothing; a decision that was a slip is as if it had not been."""
    recording, cookie, _ = house.listener()
    with house.database.reading() as session:
        row = session.get_one(Recording, recording)
    moved(house.database, row, RecordingState.DECIDED)
    assert _ask(house, cookie, recording) == Silence.DECIDED
    moved(house.database, row, RecordingState.RELEASED)
    assert _ask(house, cookie, recording) is None
    moved(house.database, row, RecordingState.DESTROYING)
    assert _ask(house, cookie, recording) == Silence.GONE


def test_a_coordinator_hears_what_is_to_review_and_no_operator_does(house: House) -> None:
    """The same player for a review; the operator and the compliance officer hear nothing."""
    recording = house.deposit(house.file(), None, Code.DAMAGED)
    assert house.state(recording) is RecordingState.TO_REVIEW
    assert _ask(house, house.sign_in(coordinator(house.database)), recording) is None
    with house.database.transaction(NOW, ACTOR) as tx:
        users = [add(tx, role=role, name="x", mail=f"{role}@centre.test").id for role in (Role.OPERATOR, Role.COMPLIANCE_OFFICER)]
    for user in users:
        with house.database.reading() as session:
            assert signing_in.person_of(session, user) is None
            facts = asking.facts_of(session, user, recording)
        assert silence(facts, NOW) is Silence.NOBODY


def test_without_consent_nobody_reviews(house: House) -> None:
    """A recording that waits for its attestation is heard by nobody, the coordinator included."""
    recording = house.deposit(house.file(), None, Code.DAMAGED, attested=False)
    assert _ask(house, house.sign_in(coordinator(house.database)), recording) == Silence.NO_CONSENT


def test_a_session_ends(house: House) -> None:
    """A cookie never given, one of a session that ended, and one that is too old open nothing."""
    recording, cookie, evaluator = house.listener()
    assert _ask(house, "x" * 43, recording) == Silence.SIGNED_OUT
    assert _ask(house, "", recording) == Silence.SIGNED_OUT
    with house.database.bookkeeping() as session:
        signing_in.sign_out(session, cookie, house.clock.now())
    assert _ask(house, cookie, recording) == Silence.SIGNED_OUT
    other = house.sign_in(evaluator.id)
    assert _ask(house, other, recording) is None
    house.clock.go_on(hours=8)
    assert _ask(house, other, recording) == Silence.SIGNED_OUT


def test_what_does_not_exist_is_unknown(house: House) -> None:
    """A recording that was never there, whoever asks."""
    _, cookie, _ = house.listener()
    for recording in (new_id("rec"), "", "rec_", "%"):
        assert _ask(house, cookie, recording) == Silence.UNKNOWN


def test_the_page_offers_what_may_be_heard_in_the_order_of_the_hearings(house: House) -> None:
    """Open ones and those to come; neither what was decided, nor what is over, nor what is another's."""
    evaluator = house.evaluator()
    files = {name: house.file(f"C-{name}", code=f"S-{name}", mail=f"{name}@y.test") for name in ("a", "b", "c", "d")}
    made = {name: house.deposit(file) for name, file in files.items()}
    house.grant(evaluator, made["b"])
    house.grant(evaluator, made["a"], after=1)
    house.grant(evaluator, made["c"])
    with house.database.reading() as session:
        moved(house.database, session.get_one(Recording, made["c"]), RecordingState.DECIDED)
    with house.database.reading() as session:
        found = asking.offered(session, evaluator.id, house.clock.now())
    assert {one.recording.id: one.is_open(house.clock.now()) for one in found} == {made["a"]: False, made["b"]: True}
    with house.database.reading() as session:
        assert asking.offered(session, evaluator.id, house.clock.now() + timedelta(days=40)) == ()
        assert asking.offered(session, house.evaluator("z@cte.test").id, house.clock.now()) == ()


def test_retiring_an_evaluator_ends_everything(house: House) -> None:
    """Who has left hears nothing, and what was his alone goes back to accepted."""
    recording, cookie, evaluator = house.listener()
    with house.database.transaction(house.clock.now(), ACTOR) as tx:
        grants.retire(tx, evaluator.id)
        grants.retire(tx, evaluator.id)
    assert _ask(house, cookie, recording) == Silence.NOBODY
    assert house.state(recording) is RecordingState.ACCEPTED
    assert house.kinds(evaluator.id) == ["evaluator.enrolled", "evaluator.retired"]


def test_the_database_keeps_no_cookie(house: House) -> None:
    """Only the hash of a cookie is kept."""
    _, cookie, _ = house.listener()
    with house.database.reading() as session:
        assert session.get(PortalSession, cookie) is None
        assert session.get(PortalSession, signing_in.hash_of(cookie)) is not None
        assert session.get(User, cookie) is None
