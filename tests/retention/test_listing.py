"""The signed list of a run: what became of each recording on it."""

from registry.database import Database
from registry.ids import new_id
from registry.states import RecordingState
from registry.tables import Destruction, DisposalRun
from retention import listing
from retention.certificate_lists import DisposalList, Fate
from storage.signing import LogKey
from tests.factories import ACTOR, CENTRE, moved
from tests.retention.facts_made import ELIGIBLE
from tests.retention.test_runs import draw_up, ready


def test_each_recording_has_its_fate_and_the_list_is_signed(registry: Database) -> None:
    """Destroyed with its certificate, begun and not proved, or spared by the gate; changed by one byte, the list is refused."""
    done, failed, spared = ready(registry, "C-001", "C-002", "C-003")
    (run_id,) = draw_up(registry)
    moved(registry, done, RecordingState.DESTROYING, RecordingState.DESTROYED)
    moved(registry, failed, RecordingState.DESTROYING)
    with registry.transaction(ELIGIBLE, ACTOR) as tx:
        for one, certificate, code in ((done, b"{}", None), (failed, None, "store_unavailable")):
            row = Destruction(id=new_id("des"), recording_id=one.id, dossier_id=one.dossier_id, cause="", grounds="{}", started_at=ELIGIBLE)
            row.certificate, row.failure_code = certificate, code
            tx.session.add(row)
            tx.record("test.recorded", row.id)
    with registry.reading() as session:
        told = listing.ended(session, session.get_one(DisposalRun, run_id), centre=CENTRE.name, software="consigne-1", now=ELIGIBLE)
    fates = {line.recording: line.fate for line in told.lines}
    assert fates == {done.id: Fate.DESTROYED, failed.id: Fate.FAILED, spared.id: Fate.SPARED}
    assert [line.certificate is not None for line in told.lines] == [line.fate is Fate.DESTROYED for line in told.lines]
    key = LogKey.generate()
    assert DisposalList.open(told.sign(key.private), key.public) == told
