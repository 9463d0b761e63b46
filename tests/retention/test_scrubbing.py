"""The scrub: damage is found, a pass goes on where it was stopped, and nothing is repaired or opened."""

import shutil
from pathlib import Path

import pytest

from registry.tables import UploadAttempt
from retention.scrubbing import DAMAGED, FINISHED, Scrub, Wrong
from tests.factories import Intakes, kinds, opened
from tests.retention.gates import Gates
from tests.retention.restores import Story
from tests.support.databases import SqliteTemplates
from tests.support.registry import build


@pytest.fixture
def registry_url(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """Give a fresh database on SQLite: what it reads and writes is the same on both databases."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "registry.db")
    return f"sqlite:///{tmp_path / 'registry.db'}"


pytestmark = pytest.mark.postgresql_later


@pytest.fixture
def story(intakes: Intakes, tmp_path: Path) -> Story:
    """Give a centre with anchors."""
    return Story(Gates(intakes), tmp_path)


def _scrub(story: Story, pauses: list[float] | None = None, rate: int = 0) -> Scrub:
    waited = pauses if pauses is not None else []
    return Scrub(story.database, story.parts.objects, story.parts.vaults, waited.append, rate)


def _key(story: Story, attempt_id: str | None) -> str:
    with story.database.reading() as session:
        return session.get_one(UploadAttempt, attempt_id).object_key


def test_what_is_sound_is_read_once_a_month(story: Story) -> None:
    """Every object of what is live, at the pace that was asked; then not again before the next month."""
    story.stored(2)
    pauses: list[float] = []
    scrub = _scrub(story, pauses, rate=1000)
    assert scrub.is_due(story.now)
    done = scrub.run(story.now)
    assert (done.objects, done.damaged, done.finished) == (4, [], True)
    assert sum(pauses) == pytest.approx(done.size / 1000)
    assert not scrub.is_due(story.now)
    story.parts.clock.go_on(days=31)
    assert scrub.is_due(story.now)


@pytest.mark.parametrize("wrong", Wrong)
def test_damage_is_found_and_told(story: Story, wrong: Wrong) -> None:
    """One flipped bit, one lost object: which recording, in the journal too; nothing is deleted."""
    sound, damaged = story.stored(2)
    key = _key(story, damaged.attempt_id)
    version, data = story.parts.objects.held[key][0]
    if wrong is Wrong.MISSING:
        del story.parts.objects.held[key]
    else:
        story.parts.objects.held[key][0] = (version, data[:-1] + bytes([data[-1] ^ 1]))
    done = _scrub(story).run(story.now)
    assert [(one.recording_id, one.object_key, one.wrong) for one in done.damaged] == [(damaged.id, key, wrong)]
    with story.database.reading() as session:
        assert DAMAGED in kinds(session, damaged.id)
        assert DAMAGED not in kinds(session, sound.id)
        assert kinds(session, "system:scrub") == [FINISHED]


def test_a_pass_goes_on_where_it_was_stopped(story: Story) -> None:
    """What was read before is not read again, but for what came in within the same minute."""
    story.stored()
    story.parts.clock.go_on(minutes=5)
    (later,) = opened(story.database, "C-900", code="PLUS-TARD")
    story.deposited(later, b"later")
    stops = iter((False, True))
    first = _scrub(story).run(story.now, lambda: next(stops))
    story.parts.clock.go_on(minutes=5)
    (last,) = opened(story.database, "C-901", code="ENSUITE")
    story.deposited(last, b"last")
    second = _scrub(story).run(story.now)
    assert (first.objects, first.finished) == (2, False)
    assert (second.objects, second.finished) == (6, True)  # the first minute again, and both that came later


def test_what_is_destroyed_is_not_missed(story: Story) -> None:
    """A recording that went in order is no damage."""
    (gone,) = story.stored()
    story.destroyed(gone)
    assert _scrub(story).run(story.now).objects == 0


def test_the_first_month_is_not_read_again(story: Story) -> None:
    """A centre that has just begun waits for its next month; asked by hand, it reads at once."""
    scrub = _scrub(story)
    assert scrub.begin(story.now)
    assert not scrub.begin(story.now)
    assert not scrub.is_due(story.now)
    assert scrub.run(story.now).finished
    story.parts.clock.go_on(days=31)
    assert not scrub.begin(story.now)
    assert scrub.is_due(story.now)
