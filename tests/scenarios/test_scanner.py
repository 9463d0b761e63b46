"""The real clamd beside a running centre, with a signature of our own; and a journal that was edited while nothing ran."""

from pathlib import Path

import pytest
from sqlalchemy import update

from intake.malware import LIMIT, UNAVAILABLE
from journal import log
from registry.codes import Answer, Code
from tests.scenarios.centre import Centre, large_recording, recording, wait_for
from tests.scenarios.looking import alerted, wait_recording, wait_trouble
from tests.support.clamd import real_clamd

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

_BAD, _GOOD = 9001, 9002
_ENOUGH = 80_000_000


def test_deposits_are_scanned_and_wait_for_the_scanner(tmp_path: Path) -> None:
    """One that a signature knows is kept for a person; without clamd both wait, and each is answered once when it is back."""
    with Centre.found(tmp_path) as centre:
        centre.environment["CONSIGNE_INTAKE__CLAMD_SOCKET"] = str(tmp_path / "clamd")
        bad, good, later, large = centre.enrol(4)
        for ref in (bad, good, later, large):
            centre.attest(ref)
        with centre.up():
            centre.drop(bad, "Mon appel.mp3", recording(_BAD))
            centre.drop(good, "Mon appel.mp3", recording(_GOOD))
            assert wait_trouble(centre, "scanner") == UNAVAILABLE
            assert alerted(centre, "scanner_down")
            assert (centre.recordings(bad), centre.answers(good)) == ([], [])
            with real_clamd(tmp_path, recording(_BAD), limit=1 << 20):
                assert wait_recording(centre, bad, Answer.TO_REVIEW).codes == [Code.MALWARE]
                assert wait_recording(centre, good, Answer.RECEIVED).codes == []
                centre.drop(large, "Mon appel.mp3", large_recording(2))
                wait_for(lambda: wait_trouble(centre, "scanner") == LIMIT, "the large one waits")
                assert centre.recordings(large) == []
            with real_clamd(tmp_path, limit=_ENOUGH):
                wait_recording(centre, large, Answer.RECEIVED)
                centre.drop(later, "Mon appel.mp3", recording(_BAD + 2))
                wait_recording(centre, later, Answer.RECEIVED)
            assert list((tmp_path / "streams").iterdir()) == []


def test_a_journal_that_was_edited_while_nothing_ran_is_told(tmp_path: Path) -> None:
    """As soon as the centre runs again; deposits go on meanwhile."""
    with Centre.found(tmp_path) as centre:
        (ref,) = centre.enrol(1)
        centre.attest(ref)
        with centre.database().engine.begin() as connection:
            connection.execute(update(log.ENTRIES).where(log.ENTRIES.c.index == 1).values(subject="dos_another"))
        with centre.up():
            assert wait_trouble(centre, "journal") == "broken"
            centre.drop(ref, "Mon appel.mp3", recording(_GOOD))
            wait_recording(centre, ref, Answer.RECEIVED)
