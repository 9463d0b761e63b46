"""The table of states against the design's page, and its diagram read back."""

import itertools
import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry import states
from registry.recordings import GONE, UNSTORED
from registry.states import RecordingState, StateError, Who

S = RecordingState
_DESIGN = """
received         -> checking
checking         -> accepted | awaiting_consent | to_review | rejected | received
awaiting_consent -> accepted | to_review | rejected
to_review        -> accepted | rejected
rejected         -> accepted
accepted         -> released | decided
released         -> accepted | decided
decided          -> released | accepted
"""
"""The page's table, but for its last line: any of them but received and checking goes to destroying, and then to destroyed."""


def _designed() -> set[tuple[RecordingState, RecordingState]]:
    found = set()
    for line in _DESIGN.strip().splitlines():
        before, _, after = line.partition("->")
        found |= {(S(before.strip()), S(one.strip())) for one in after.split("|")}
    destroyable = {before for before, _ in found} - set(UNSTORED)
    return found | {(one, S.DESTROYING) for one in destroyable} | {(S.DESTROYING, S.DESTROYED)}


def test_the_table_is_the_page() -> None:
    """Every transition of the page is in the table, and no other."""
    assert {(row.before, row.after) for row in states.TABLE} == _designed()
    assert len(states.TABLE) == len(_designed())


@pytest.mark.parametrize(("before", "after"), list(itertools.product(S, S)))
def test_every_pair_of_states(before: RecordingState, after: RecordingState) -> None:
    """A pair in the table is allowed to those named in it and to nobody else; any other pair is refused to all."""
    rows = [row for row in states.TABLE if (row.before, row.after) == (before, after)]
    for who in Who:
        if rows and who in rows[0].who:
            assert states.transition(before, after, who) is rows[0]
        else:
            with pytest.raises(StateError):
                states.transition(before, after, who)


def test_only_the_gate_destroys() -> None:
    """Nobody but the gate begins or ends a destruction, and nothing comes back from one."""
    assert {row.who for row in states.TABLE if row.after in GONE} == {(Who.GATE,)}
    assert all(row.after in GONE for row in states.TABLE if row.before in GONE)


def test_an_entry_kind_tells_the_state_reached() -> None:
    """Two transitions share an entry's kind only when it names the same event."""
    kinds: dict[str, set[RecordingState]] = {}
    for row in states.TABLE:
        kinds.setdefault(row.kind, set()).add(row.after)
    assert {kind: after for kind, after in kinds.items() if len(after) > 1} == {
        "recording.decision_corrected": {S.RELEASED, S.ACCEPTED},
    }


def test_the_diagram_reads_back_as_the_table() -> None:
    """Nothing of the table is lost or changed in its drawing."""
    shape = re.compile(r"^    (\w+) --> (\w+): ([\w.]+) \(([\w, ]+)\)$", re.MULTILINE)
    read = [
        states.Transition(S(before), S(after), kind, tuple(Who(one) for one in who.split(", ")))
        for before, after, kind, who in shape.findall(states.diagram())
    ]
    assert tuple(read) == states.TABLE
    first, *_, last = states.diagram().splitlines()[1:]
    assert (first.strip(), last.strip()) == ("[*] --> received: recording.received", "destroyed --> [*]")


def _walk(steps: Iterable[int]) -> list[RecordingState]:
    at, seen = S.RECEIVED, [S.RECEIVED]
    for step in steps:
        onward = [row.after for row in states.TABLE if row.before is at]
        if not onward:
            break
        at = onward[step % len(onward)]
        seen.append(at)
    return seen


@given(st.lists(st.integers(0, 20), max_size=30))
def test_any_life_passes_through_checking(steps: list[int]) -> None:
    """Whatever happens, nothing is accepted, refused or destroyed that was not checked first."""
    seen = _walk(steps)
    assert all(S.CHECKING in seen[: index + 1] for index, state in enumerate(seen) if state is not S.RECEIVED)
    assert S.DESTROYED not in seen or seen[-2:] == [S.DESTROYING, S.DESTROYED]


def test_every_state_can_be_reached_and_left() -> None:
    """No state is a dead end but the last, and none is unreachable."""
    assert {row.after for row in states.TABLE} == set(S)
    assert {row.before for row in states.TABLE} == set(S) - {S.DESTROYED}
