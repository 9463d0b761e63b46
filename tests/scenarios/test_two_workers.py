"""Two processes on one database and one share: each deposit is done once, also when one of them is killed."""

from pathlib import Path

import pytest

from tests.scenarios.centre import Centre, Process, recording, wait_for
from tests.scenarios.ending import UNHARMED, Witness

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

_FILES = 30
_BEFORE = 8  # how many are done when one of the two is killed


def _taken(process: Process) -> int:
    """Count what one process took, by its log."""
    return process.log.read_text("utf-8").count('"outcome": "taken"')


def test_each_deposit_is_done_once_though_one_worker_is_killed(tmp_path: Path, database_url: str) -> None:
    """Thirty files, two processes, and a kill of one in the middle: a recording, a receipt and an answer for each, and no more."""
    with Centre.found(tmp_path, database_url=database_url) as centre:
        refs = centre.enrol(_FILES)
        for ref in refs:
            centre.attest(ref)
        with centre.up() as survivor:
            victim = centre.start("work")
            for number, ref in enumerate(refs):
                centre.drop(ref, "Mon appel.mp3", recording(number))
            wait_for(lambda: _taken(survivor) + _taken(victim) >= _BEFORE and _taken(victim) and _taken(survivor), "both work")
            victim.kill()
            done = _taken(victim)
            witness = Witness(centre)
            wait_for(lambda: all(witness.settled(ref) for ref in refs), "the other has done the rest", 90)
        with centre.up():  # what the dead one had begun is discarded at each start, and every five minutes
            ended = {ref: witness.ending_but_for_mail(ref, recording(number)) for number, ref in enumerate(refs)}
            assert ended == dict.fromkeys(refs, UNHARMED)
            assert witness.faults() == []
            assert 0 < done < _FILES - 2
