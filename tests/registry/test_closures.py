"""Dossiers closed without a decision, sessions cancelled: silent at once, undone as long as nothing is destroyed."""

from datetime import UTC, date, datetime

import pytest

from registry import closures, decisions, dossiers
from registry.errors import RefusedError
from registry.states import RecordingState, Unlistenable
from registry.tables import Closure, ClosureCause, EvaluationSession
from tests.factories import kinds
from tests.registry.desk import LATER, Desk

pytestmark = pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)  # the locks and queries are tried on both kinds elsewhere
S = RecordingState


def _close(desk: Desk, cause: ClosureCause = ClosureCause.ABSENT) -> Closure:
    done = desk.act(lambda tx: closures.close(tx, desk.id, cause, "jamais venu"))
    assert isinstance(done, Closure)
    return done


def _session(desk: Desk) -> EvaluationSession:
    with desk.database.reading() as session:
        return session.get_one(EvaluationSession, desk.file.session.id)


@pytest.mark.parametrize("cause", [ClosureCause.ABSENT, ClosureCause.GAVE_UP])
def test_a_closed_dossier_is_silent_at_once(desk: Desk, cause: ClosureCause) -> None:
    """Its recordings are unlistenable and looked at again; undone, they are as before."""
    closure = _close(desk, cause)
    held = desk.held
    assert (held.unlistenable, held.unlistenable_at, held.stale) == (Unlistenable.CLOSED, LATER, True)
    with desk.database.reading() as session:
        standing = dossiers.closure(session, desk.id)
        assert standing is not None
        assert (standing.id, standing.closed_by) == (closure.id, desk.first)
    desk.calm()
    desk.act(lambda tx: closures.undo(tx, desk.id, "il était là"))
    held = desk.held
    assert (held.unlistenable, held.unlistenable_at, held.stale) == (None, None, True)
    with desk.database.reading() as session:
        assert dossiers.closure(session, desk.id) is None
        assert kinds(session, closure.id) == ["closure.recorded", "closure.undone"]
    with pytest.raises(RefusedError, match="nothing to undo"):
        desk.act(lambda tx: closures.undo(tx, desk.id, "encore"))


def test_what_cannot_be_closed(desk: Desk) -> None:
    """Twice, before the hearing, with a decision, once destruction has begun, or as a whole session."""
    desk.now = datetime(2026, 6, 14, 12, tzinfo=UTC)
    with pytest.raises(RefusedError, match="before the hearing"):
        _close(desk)
    _close(desk, ClosureCause.GAVE_UP)
    with pytest.raises(RefusedError, match="ended already"):
        _close(desk)
    desk.now = LATER
    with pytest.raises(RefusedError, match="session cancel"):
        _close(desk, ClosureCause.SESSION_CANCELLED)
    desk.act(lambda tx: closures.undo(tx, desk.id, "erreur"))
    desk.decide()
    with pytest.raises(RefusedError, match="decide --withdraw"):
        _close(desk)
    desk.act(lambda tx: decisions.withdraw(tx, desk.id, "erreur"))
    _close(desk)
    desk.begin()
    with pytest.raises(RefusedError, match="has begun"):
        desk.act(lambda tx: closures.undo(tx, desk.id, "trop tard"))


def test_a_cancelled_session(desk: Desk) -> None:
    """All its recordings are silent, it takes no deposits; undone, both are as before."""
    done = desk.act(lambda tx: closures.cancel(tx, desk.file.session.id, "grève"))
    assert isinstance(done, EvaluationSession)
    assert (_session(desk).cancelled_at, _session(desk).closed_at) == (LATER, LATER)
    assert (desk.held.unlistenable, desk.held.stale) == (Unlistenable.SESSION_CANCELLED, True)
    with pytest.raises(RefusedError, match="cancelled already"):
        desk.act(lambda tx: closures.cancel(tx, desk.file.session.id, "encore"))
    with pytest.raises(RefusedError, match="ended already"):
        _close(desk)
    desk.act(lambda tx: closures.undo_cancel(tx, desk.file.session.id, "finalement non"))
    assert (_session(desk).cancelled_at, _session(desk).closed_at, desk.held.unlistenable) == (None, None, None)
    with pytest.raises(RefusedError, match="nothing to undo"):
        desk.act(lambda tx: closures.undo_cancel(tx, desk.file.session.id, "encore"))


def test_a_session_that_took_place_is_not_cancelled(desk: Desk) -> None:
    """One decision is enough to tell."""
    desk.decide(date(2026, 6, 20))
    with pytest.raises(RefusedError, match="took place"):
        desk.act(lambda tx: closures.cancel(tx, desk.file.session.id, "non"))
    with pytest.raises(RefusedError, match="check the identifier"):
        desk.act(lambda tx: closures.cancel(tx, "ses_0", "non"))
