"""The clock is believed only where others agree, and where none can, a named person's word counts for the day."""

from datetime import timedelta

import pytest

from journal import log
from registry.database import Transaction
from retention import guards
from retention.gate import Outcome
from retention.guards import Belief, Doubt, ReferenceUnavailableError
from retention.references import kernel_synchronised
from retention.terms import Choices
from tests.factories import ACTOR, Intakes
from tests.retention.gates import Gates

pytestmark = pytest.mark.postgresql_later

_FAR = timedelta(minutes=6)


@pytest.fixture
def gates(intakes: Intakes) -> Gates:
    """Give a gate's surroundings, and a journal with something in it."""
    made = Gates(intakes)
    _entry(made)
    return made


def _entry(gates: Gates, kind: str = "test.noted") -> None:
    with gates.database.transaction(gates.parts.clock.now(), ACTOR) as tx:
        tx.record(kind, "system:test")


def _said(gates: Gates, what: str, index: int = 0) -> None:
    with gates.database.transaction(gates.parts.clock.now(), "usr_" + "0" * 32) as tx:
        _word(tx, what, index)


def _word(tx: Transaction, what: str, index: int) -> None:
    if what == "vouch":
        guards.vouch(tx)
    else:
        guards.call_wrong(tx, index)


def test_a_clock_that_all_agree_with_is_believed(gates: Gates) -> None:
    """The certificate says by what."""
    found = gates.guards.ask()
    assert isinstance(found, Belief)
    assert {one.name for one in found.by} == {"database", "object_store", "journal", "kernel"}
    assert all(one.agrees for one in found.by)


@pytest.mark.parametrize(
    ("field", "doubt"),
    [
        ("database_off", Doubt.DATABASE_DISAGREES),
        ("objects_off", Doubt.STORE_DISAGREES),
        ("outside_off", Doubt.OUTSIDE_DISAGREES),
    ],
)
def test_a_clock_that_is_contradicted_is_not(gates: Gates, field: str, doubt: Doubt) -> None:
    """Five minutes either way are allowed, six are not; nobody's word outweighs another clock."""
    for off in (timedelta(minutes=5), timedelta(minutes=-5)):
        setattr(gates.references, field, off)
        assert isinstance(gates.guards.ask(), Belief)
    _said(gates, "vouch")
    for off in (_FAR, -_FAR):
        setattr(gates.references, field, off)
        assert gates.guards.ask() is doubt


def test_a_reference_that_does_not_answer(gates: Gates) -> None:
    """Is no agreement."""
    gates.references.failing = ReferenceUnavailableError("down")
    assert gates.guards.ask() is Doubt.NO_ANSWER


def test_one_machine_alone_is_not_believed(gates: Gates) -> None:
    """Its parts share one clock, so that they always agree: the kernel, or something outside, must too."""
    gates.references.in_time = False
    assert gates.guards.ask() is Doubt.UNSYNCHRONISED
    gates.references.outside_off = timedelta(seconds=3)
    assert isinstance(gates.guards.ask(), Belief)
    gates.references.outside_off, gates.references.one_machine = None, False
    assert isinstance(gates.guards.ask(), Belief)


def test_a_persons_word_counts_for_the_day(gates: Gates) -> None:
    """Not for the next one, nor after a jump forward."""
    gates.references.in_time = False
    _said(gates, "vouch")
    assert isinstance(gates.guards.ask(), Belief)
    gates.parts.clock.go_on(hours=24)
    assert gates.guards.ask() is Doubt.UNSYNCHRONISED


def test_a_clock_behind_the_journal(gates: Gates) -> None:
    """Is not believed, unless a named person says that the entry's date is wrong; a few seconds are the wait for a turn."""
    gates.parts.clock.go_on(seconds=-4)
    assert isinstance(gates.guards.ask(), Belief)
    gates.parts.clock.go_on(seconds=-10)
    assert gates.guards.ask() is Doubt.BEHIND_JOURNAL
    _said(gates, "vouch")
    assert gates.guards.ask() is Doubt.BEHIND_JOURNAL
    with gates.database.reading() as session:
        last = [one for one in log.read(session.connection()) if one.entry.subject == "system:test"][-1].index
    _said(gates, "wrong", last + 7)
    assert gates.guards.ask() is Doubt.BEHIND_JOURNAL
    _said(gates, "wrong", last)
    assert isinstance(gates.guards.ask(), Belief)


def test_a_long_silence_needs_an_agreement(gates: Gates) -> None:
    """Wherever the parts live; and an entry written after the silence does not end it."""
    gates.references.one_machine = gates.references.in_time = False
    gates.parts.clock.go_on(days=3)
    assert isinstance(gates.guards.ask(), Belief)
    gates.parts.clock.go_on(minutes=1)
    assert gates.guards.ask() is Doubt.SILENCE
    _entry(gates)
    assert gates.guards.ask() is Doubt.SILENCE
    gates.references.in_time = True
    assert isinstance(gates.guards.ask(), Belief)
    gates.references.in_time = False
    _said(gates, "vouch")
    gates.parts.clock.go_on(days=2)
    assert isinstance(gates.guards.ask(), Belief)


def test_a_jump_forward_on_one_machine_destroys_nothing(gates: Gates) -> None:
    """Everything on it jumps along; a clock that is set loses the kernel's word, and so nothing begins."""
    (recording,) = gates.stored()
    gates.withdrawn(recording)
    gates.parts.clock.go_on(days=400)
    gates.references.in_time = False
    swept = gates.destroyer().sweep()
    assert swept.doubt is Doubt.SILENCE
    assert swept.of(Outcome.REFUSED) == [recording.id]
    assert gates.parts.objects.held


def test_no_more_than_a_day_may_destroy(gates: Gates) -> None:
    """The rest waits for the next day, or for a person."""
    gates.choices = Choices(max_destructions_per_day=2)
    rows = gates.due(3)
    swept = gates.destroyer().sweep()
    assert swept.of(Outcome.DESTROYED) == [rows[0].id, rows[1].id]
    assert [one.why for one in swept.ended if one.outcome is Outcome.REFUSED] == ["daily_limit"]
    gates.parts.clock.go_on(hours=24)
    assert gates.destroyer().sweep().of(Outcome.DESTROYED) == [rows[2].id]


def test_the_kernel_answers() -> None:
    """It is asked without changing anything."""
    assert kernel_synchronised() in {True, False}
