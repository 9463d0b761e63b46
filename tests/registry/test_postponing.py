"""A session on another day: hearings and last day move with it, and each call's age is looked at again."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlmodel import select

from registry import closures, postponing, sessions
from registry.codes import Code
from registry.errors import RefusedError
from registry.postponing import Postponed
from registry.tables import EvaluationSession, FormLink, Recording
from tests.factories import EXAM_ON, NOW, kinds
from tests.registry.desk import Desk

pytestmark = pytest.mark.parametrize("registry_url", ["sqlite"], indirect=True)  # the locks and queries are tried on both kinds elsewhere


@pytest.fixture
def early(desk: Desk) -> Desk:
    """A desk a month before the exams, whose recording is of a call eleven months back."""
    desk.now = NOW
    with desk.database.transaction(NOW, "system:test") as tx:
        row = tx.lock(Recording, desk.recording.id)
        row.call_date = date(2025, 7, 1)
        tx.record("test.called", row.id)
    return desk


def _postpone(desk: Desk, exam_on: date) -> Postponed:
    return desk.act(lambda tx: postponing.postpone(tx, desk.file.session.id, exam_on, "grève des trains"))


def test_all_moves_with_the_exams(early: Desk) -> None:
    """Hearing at the same time of day, also over a change of the clocks; last day; personal links that end with the hearing."""
    with early.database.bookkeeping() as session:
        session.add(FormLink(token_hash="h", dossier_id=early.id, created_at=NOW, expires_at=early.file.dossier.hearing_at))
    moved = _postpone(early, date(2026, 11, 16))
    assert moved.dossiers == (early.id,)
    with early.database.reading() as session:
        file = sessions.file_of(session, early.id)
        assert (file.session.exam_on, file.session.deadline_on) == (date(2026, 11, 16), date(2026, 10, 26))
        assert file.dossier.hearing_at == datetime(2026, 11, 16, 8, 30, tzinfo=UTC)  # 9:30 in Paris, in winter
        assert session.exec(select(FormLink)).one().expires_at == file.dossier.hearing_at
        assert kinds(session, file.session.id)[-1] == "session.postponed"
        assert kinds(session, early.id)[-1] == "dossier.hearing_moved"


def test_a_call_that_is_now_too_old_is_flagged(early: Desk) -> None:
    """Not refused; and no longer flagged once the session is moved back."""
    assert _postpone(early, date(2026, 6, 30)).too_old == ()
    moved = _postpone(early, date(2026, 7, 1))
    assert [one.id for one in moved.too_old] == [early.recording.id]
    assert (early.held.codes, early.held.stale) == ([Code.TOO_OLD], True)
    assert _postpone(early, date(2026, 9, 1)).too_old == ()
    back = _postpone(early, EXAM_ON)
    assert [one.id for one in back.young_again] == [early.recording.id]
    assert early.held.codes == []


def test_what_cannot_be(early: Desk) -> None:
    """The same day, a day that has passed, a session that was cancelled or decided on."""
    for day, said in ((EXAM_ON, "already"), (NOW.date(), "lie ahead"), (NOW.date() - timedelta(days=1), "lie ahead")):
        with pytest.raises(RefusedError, match=said):
            _postpone(early, day)
    early.now = datetime(2026, 7, 10, tzinfo=UTC)
    early.decide()
    with pytest.raises(RefusedError, match="the jury has decided"):
        _postpone(early, date(2026, 9, 1))


def test_a_cancelled_session(early: Desk) -> None:
    """That is undone first."""
    early.act(lambda tx: closures.cancel(tx, early.file.session.id, "grève"))
    with pytest.raises(RefusedError, match="cancel --undo"):
        _postpone(early, date(2026, 9, 1))


def test_an_empty_session(early: Desk) -> None:
    """Its last day moves too."""
    with early.database.transaction(NOW, "system:test") as tx:
        made = sessions.create(tx, code="VIDE", exam_on=EXAM_ON, scheme="cqp-ce", unit="1")
    early.act(lambda tx: postponing.postpone(tx, made.id, date(2026, 9, 1), "grève"))
    with early.database.reading() as session:
        assert session.get_one(EvaluationSession, made.id).deadline_on == date(2026, 8, 11)
