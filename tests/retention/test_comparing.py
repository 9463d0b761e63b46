"""The nightly comparison: each thing that should not be is named, and nothing is touched."""

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from registry.states import MailState, RecordingState
from registry.tables import AttemptState, OutboxMail, Recording, UploadAttempt
from retention import due
from retention.comparing import Comparison, Kind, compare
from retention.terms import Choices
from storage.keyfile import KeyFile, Tombstone
from storage.objects import Upload
from storage.vault import MemoryVault
from tests.factories import Intakes
from tests.retention.gates import Gates
from tests.retention.restores import Story
from tests.support.databases import SqliteTemplates
from tests.support.registry import build

pytestmark = [pytest.mark.postgresql_later, pytest.mark.slow]

Damage = Callable[[Story, Recording], str]


@pytest.fixture
def registry_url(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """Give a fresh database on SQLite: what the comparison reads is tested on both databases by the restores."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "registry.db")
    return f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
def story(intakes: Intakes, tmp_path: Path) -> Story:
    """Give a centre with anchors."""
    return Story(Gates(intakes), tmp_path)


def _compared(story: Story) -> Comparison:
    parts = story.parts
    due.recompute(parts.database, Choices())
    return compare(parts.database, parts.objects, parts.vaults, Choices(), parts.clock.now())


def _found(story: Story) -> dict[Kind, tuple[str, ...]]:
    return {kind: found for kind, found in _compared(story).found.items() if found}


def _settle_mails(story: Story) -> None:
    with story.database.engine.begin() as connection:
        connection.execute(update(OutboxMail).values(state=MailState.SENT))


def _vaults(story: Story) -> tuple[MemoryVault, MemoryVault]:
    vault, mirror = story.parts.vaults.vault, story.parts.vaults.mirror
    assert isinstance(vault, MemoryVault)
    assert isinstance(mirror, MemoryVault)
    return vault, mirror


def _attempt(story: Story, one: Recording) -> UploadAttempt:
    with story.database.reading() as session:
        return session.get_one(UploadAttempt, one.attempt_id)


def _orphan(story: Story, _one: Recording) -> str:
    return story.parts.objects.put("obj_orphan", [b"x"], 1).key


def _lost_object(story: Story, one: Recording) -> str:
    story.parts.objects.remove_all(_attempt(story, one).object_key)
    return one.id


def _lost_key(story: Story, one: Recording) -> str:
    for vault in _vaults(story):
        vault.files.clear()
    return one.id


def _unknown_key(story: Story, one: Recording) -> str:
    for vault in _vaults(story):
        held = vault.get(one.attempt_id or "")
        assert isinstance(held, KeyFile)
        vault.put(KeyFile(one.id, "att_unknown", held.session_id, held.identity_id, held.sealed_key, held.objects))
    return "att_unknown"


def _half_mirrored(story: Story, one: Recording) -> str:
    del _vaults(story)[1].files[one.attempt_id or ""]
    return one.attempt_id or ""


def _unreadable(story: Story, one: Recording) -> str:
    _vaults(story)[0].files[one.attempt_id or ""] = b"{}"
    return one.attempt_id or ""


def _entombed(story: Story, one: Recording) -> str:
    for vault in _vaults(story):
        vault.entomb(Tombstone(one.attempt_id or "", story.now, 0))
    return one.id


def _stalled(story: Story, one: Recording) -> str:
    with story.database.engine.begin() as connection:
        connection.execute(update(Recording).where(col(Recording.id) == one.id).values(state=RecordingState.DESTROYING))
    return one.id


def _overdue(story: Story, one: Recording) -> str:
    story.gates.withdrawn(one)
    story.parts.clock.go_on(hours=49)
    return one.id


def _stuck(story: Story, _one: Recording) -> str:
    return story.mail(MailState.UNCERTAIN)


def _abandoned(story: Story, one: Recording) -> str:
    with story.database.engine.begin() as connection:
        connection.execute(update(UploadAttempt).values(state=AttemptState.OPEN, lease_until=story.now - timedelta(hours=3)))
    return one.attempt_id or ""


def _half_sent(story: Story, _one: Recording) -> str:
    story.parts.objects.unfinished.append(Upload("obj_half", "upload-1"))
    return "obj_half"


DAMAGES: dict[Kind, Damage] = {
    Kind.ORPHAN_OBJECT: _orphan,
    Kind.GHOST_OBJECT: _lost_object,
    Kind.GHOST_KEY: _lost_key,
    Kind.KEY_WITHOUT_ROW: _unknown_key,
    Kind.VAULTS_DIFFER: _half_mirrored,
    Kind.UNREADABLE_KEY: _unreadable,
    Kind.UNDEAD: _entombed,
    Kind.STALLED: _stalled,
    Kind.OVERDUE: _overdue,
    Kind.STUCK_MAIL: _stuck,
    Kind.EXPIRED_ATTEMPT: _abandoned,
    Kind.UNFINISHED_UPLOAD: _half_sent,
}


def test_a_sound_centre_has_nothing_to_say(story: Story) -> None:
    """What is stored, waits or was destroyed in order is no anomaly."""
    gone, _ = story.stored(2)
    story.destroyed(gone)
    _settle_mails(story)
    compared = _compared(story)
    assert compared.is_clean, compared.found
    assert compared.compared == 2


@pytest.mark.parametrize("kind", DAMAGES)
def test_each_anomaly_is_named(story: Story, kind: Kind) -> None:
    """One thing goes wrong, and that one thing is found, by its identifier."""
    (one,) = story.stored()
    _settle_mails(story)
    what = DAMAGES[kind](story, one)
    assert _found(story) == {kind: (what,)}


def test_a_copy_that_came_back_goes_through_the_gate_again(story: Story) -> None:
    """Objects of a destroyed recording are found, and are gone once the gate was told."""
    (gone,) = story.stored()
    stale = story.bucket()
    story.destroyed(gone)
    story.put_bucket_back(stale)
    _settle_mails(story)
    compared = _compared(story)
    assert compared.again() == (gone.id,) == compared.found[Kind.RETURNED]
    story.gates.destroyer().repeat(compared.again())
    assert not story.parts.objects.held
    assert _found(story) == {}
