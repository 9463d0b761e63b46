"""Where the centre asks for two people, one alone neither starts a clock nor brings a date forward, whatever he records."""

import itertools
from collections.abc import Callable
from datetime import date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry import appeals, closures, confirming, decisions, notifying, outcomes, withdrawals
from registry.database import Database, Transaction
from registry.errors import RefusedError
from registry.notifying import Said
from registry.tables import AppealOutcome, Channel, ClosureCause, Proof
from registry.waiting import waiting
from retention.eligibility import assess
from retention.facts import Eligible
from retention.loading import facts_of
from retention.terms import Choices
from tests.registry.desk import DECIDED, HANDED_OVER, SENT, Desk
from tests.support.registry import build

pytestmark = pytest.mark.slow

Act = Callable[[Transaction, Desk], object]
_numbers = itertools.count()
_DAYS = st.dates(date(2026, 6, 14), date(2026, 7, 10))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Database:
    """Give one database for all the examples, each of which has a dossier of its own."""
    url = f"sqlite:///{tmp_path_factory.mktemp('two') / 'registry.db'}"
    build(url)
    return Database(url)


def _decide(day: date) -> Act:
    return lambda tx, desk: decisions.record(tx, desk.id, day, two_people=True, reason="x")


def _notify(sent: date, lapse: int | None, proof: Proof | None, *, unclaimed: bool) -> Act:
    handed = None if lapse is None else sent + timedelta(days=lapse)
    said = Said(Channel.REGISTERED_LETTER, sent, handed, proof, unclaimed or None)
    return lambda tx, desk: notifying.record(tx, desk.id, said, two_people=True, reason="x")


def _reason(day: date) -> Act:
    return lambda tx, desk: notifying.reason_date(tx, desk.id, day, "x")


def _conclude(outcome: AppealOutcome, day: date) -> Act:
    def act(tx: Transaction, desk: Desk) -> object:
        found = appeals.open_ones(tx.session, desk.id)
        return outcomes.conclude(tx, found[0].id, outcome, day, "x", two_people=True) if found else None

    return act


def _retract(tx: Transaction, desk: Desk) -> None:
    """Turn down what one recorded oneself: what another recorded takes a second person anyway."""
    mine = [one for one in waiting(tx.session) if one.dossier_id == desk.id and one.recorded_by == tx.actor]
    if mine:
        confirming.refuse(tx, mine[0].id, "x")


_PROOFS = st.sampled_from([None, Proof.HANDED_OVER, Proof.ACKNOWLEDGED])
_ACTS: st.SearchStrategy[Act] = st.one_of(
    st.builds(_decide, _DAYS),
    st.builds(_notify, _DAYS, st.none() | st.integers(0, 9), _PROOFS, unclaimed=st.booleans()),
    st.builds(_reason, _DAYS),
    st.builds(lambda day: lambda tx, desk: appeals.record(tx, desk.id, received_on=day), _DAYS),
    st.builds(_conclude, st.sampled_from(AppealOutcome), _DAYS),
    st.sampled_from(
        [
            lambda tx, desk: decisions.withdraw(tx, desk.id, "x"),
            lambda tx, desk: notifying.withdraw(tx, desk.id, "x"),
            lambda tx, desk: closures.close(tx, desk.id, ClosureCause.ABSENT, "x", two_people=True),
            lambda tx, desk: closures.undo(tx, desk.id, "x"),
            lambda tx, desk: closures.cancel(tx, desk.file.session.id, "x", two_people=True),
            lambda tx, desk: closures.undo_cancel(tx, desk.file.session.id, "x"),
            lambda tx, desk: withdrawals.withdraw(tx, desk.id, "x", two_people=True),
            lambda tx, desk: withdrawals.undo(tx, desk.id, "x"),
            _retract,
        ]
    ),
)


def _at(desk: Desk) -> datetime | None:
    """Return from when the recording may be destroyed, as the facts are now; None for not at all."""
    with desk.database.reading() as session:
        found = assess(facts_of(session, desk.held, Choices()))
    return found.at if isinstance(found, Eligible) else None


def _try(desk: Desk, act: Act, by: str) -> None:
    try:
        desk.act(lambda tx: act(tx, desk), by)
    except RefusedError:
        return


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(settled=st.booleans(), mixed=st.lists(st.tuples(_ACTS, st.booleans()), max_size=6), alone=st.lists(_ACTS, min_size=1, max_size=6))
def test_one_person_alone_brings_nothing_forward(
    database: Database, mixed: list[tuple[Act, bool]], alone: list[Act], *, settled: bool
) -> None:
    """From any state that two people made, all that one of them does leaves the date where it is, later, or nowhere."""
    number = next(_numbers)
    desk = Desk.of(database, f"C-{number}", f"S-{number}")
    if settled:
        desk.decide()
        desk.notify()
    for act, confirmed in mixed:
        _try(desk, act, desk.first)
        with database.reading() as session:
            waits = [one.id for one in waiting(session) if one.session_id == desk.file.session.id]
        for one in waits if confirmed else []:
            _try(desk, lambda tx, _, one=one: confirming.confirm(tx, one), desk.second)  # type: ignore[misc]  # bound now
    before = _at(desk)
    for act in alone:
        _try(desk, act, desk.second)
        now = _at(desk)
        assert now is None or (before is not None and now >= before)


def test_two_people_do(database: Database) -> None:
    """The same facts, confirmed, start the clock: the property above is not true of everything."""
    desk = Desk.of(database, "C-X", "S-X")
    for act in (_decide(DECIDED), _notify(SENT, (HANDED_OVER - SENT).days, Proof.HANDED_OVER, unclaimed=False)):
        _try(desk, act, desk.first)
    assert _at(desk) is None
    with database.reading() as session:
        waits = [one.id for one in waiting(session) if one.session_id == desk.file.session.id]
    for one in waits:
        desk.act(lambda tx, one=one: confirming.confirm(tx, one), desk.second)  # type: ignore[misc]  # bound now
    found = _at(desk)
    assert found is not None
    assert found.date() == date(2026, 8, 25)
