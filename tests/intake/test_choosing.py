"""Two good files together: the candidate's word."""

from datetime import timedelta

import pytest

from intake import choosing
from registry.errors import RefusedError
from registry.sessions import File
from registry.states import RecordingState, Unlistenable
from registry.tables import Recording
from tests.factories import ACTOR, CALL_ON, Intakes, admitted, attest, fresh, kinds, opened, record

pytestmark = pytest.mark.postgresql_later

S = RecordingState


def _together(parts: Intakes, file: File, count: int = 2) -> list[Recording]:
    came = parts.clock.now()
    return [
        admitted(parts, file, data=b"%d" % number, at=parts.clock.go_on(seconds=20), received_at=came + timedelta(seconds=number))
        for number in range(count)
    ]


def _choose(parts: Intakes, file: File, recording: Recording) -> None:
    with parts.database.transaction(parts.clock.go_on(minutes=1), ACTOR) as tx:
        choosing.choose(tx, file, recording.id)


@pytest.fixture
def file(intakes: Intakes) -> File:
    """Open a dossier that has its first attestation."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    return file


@pytest.mark.parametrize("chosen", [0, 1])
def test_the_other_is_replaced(intakes: Intakes, file: File, chosen: int) -> None:
    """Both accepted: the one not chosen is replaced at once, and the question is closed."""
    both = _together(intakes, file)
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    assert {fresh(intakes.database, one).state for one in both} == {S.ACCEPTED}
    _choose(intakes, file, both[chosen])
    kept, gone = fresh(intakes.database, both[chosen]), fresh(intakes.database, both[1 - chosen])
    assert (kept.unlistenable, kept.together_with) == (None, None)
    assert (gone.unlistenable, gone.replaced_by, gone.together_with) == (Unlistenable.REPLACED, kept.id, None)
    with intakes.database.reading() as session:
        assert kinds(session, kept.id)[-1] == "recording.chosen"
        assert kinds(session, gone.id)[-2:] == ["recording.not_chosen", "recording.replaced"]
    with pytest.raises(RefusedError, match="no longer open"):
        _choose(intakes, file, both[1 - chosen])


def test_the_chosen_one_waits_for_its_attestation(intakes: Intakes, file: File) -> None:
    """Until it is accepted, the other stands; then it is replaced."""
    first, second = _together(intakes, file)
    assert (first.state, second.state) == (S.ACCEPTED, S.AWAITING_CONSENT)
    _choose(intakes, file, second)
    assert fresh(intakes.database, first).unlistenable is None
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    assert fresh(intakes.database, second).state is S.ACCEPTED
    assert fresh(intakes.database, first).unlistenable is Unlistenable.REPLACED


def test_three_at_once(intakes: Intakes, file: File) -> None:
    """All three are asked about; one word settles it."""
    three = _together(intakes, file, 3)
    for number in range(2):
        attest(intakes, file, record(CALL_ON + timedelta(days=1 + number)), now=intakes.clock.go_on(minutes=1))
    assert [fresh(intakes.database, one).unlistenable for one in three] == [None, None, None]
    _choose(intakes, file, three[1])
    assert [fresh(intakes.database, one).unlistenable for one in three] == [Unlistenable.REPLACED, None, Unlistenable.REPLACED]


def test_no_question(intakes: Intakes, file: File) -> None:
    """A single recording, and another dossier's, cannot be chosen."""
    only = admitted(intakes, file)
    with pytest.raises(RefusedError):
        _choose(intakes, file, only)
    (other,) = opened(intakes.database, "C-013", code="AUTRE")
    first, _ = _together(intakes, other)
    with pytest.raises(RefusedError):
        _choose(intakes, file, first)
