"""Restore: what was destroyed stays destroyed, what survived can be heard, and nothing happens before a person has looked."""

from pathlib import Path

import pytest

from registry.states import RecordingState
from storage.keyfile import Tombstone
from tests.factories import Intakes
from tests.retention.gates import Gates
from tests.retention.restores import Story


@pytest.fixture
def story(intakes: Intakes, tmp_path: Path) -> Story:
    """Give a centre with anchors."""
    return Story(Gates(intakes), tmp_path)


def test_a_destroyed_recording_stays_destroyed(story: Story) -> None:
    """A backup and a stale bucket bring nothing back: the tombstone wins, the objects go again, and the repetition is told."""
    gone, kept = story.gates.stored(2)
    backup, stale = story.back_up(), story.bucket()
    story.destroyed(gone)
    story.anchors.anchor(story.now)
    story.put_bucket_back(stale)
    done = story.restore(backup)
    rows = story.recordings()
    assert done.entombed == (gone.id,)
    assert rows[gone.id].state is RecordingState.DESTROYED
    assert rows[kept.id].state is RecordingState.ACCEPTED
    assert len(story.parts.objects.held) == 2
    assert [hold.id for hold in story.restored_holds()] == [done.hold_id]
    assert all(isinstance(one, Tombstone) for one in story.parts.vaults.get_both(rows[gone.id].attempt_id or ""))
    assert story.sound()
