"""Telling the staff of restores and findings: once, to those whom it concerns, and nobody is named in it."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from registry.tables import OutboxMail
from retention.comparing import Comparison, Kind
from retention.safeguarding import tell_compared, tell_restored, tell_scrubbed
from retention.scrubbing import Damaged, Scrubbed, Wrong
from tests.factories import CENTRE, FAMILY_NAME, MAIL, Intakes, coordinator, mails_of, opened
from tests.retention.gates import Gates
from tests.retention.restores import Story
from tests.support.databases import SqliteTemplates
from tests.support.registry import build


@pytest.fixture
def registry_url(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """Give a fresh database on SQLite: the outbox is tested on both beside itself."""
    shutil.copyfile(sqlite_templates.file(build), tmp_path / "registry.db")
    return f"sqlite:///{tmp_path / 'registry.db'}"


@pytest.fixture
def story(intakes: Intakes, tmp_path: Path) -> Story:
    """Give a centre with anchors, a coordinator and a compliance officer."""
    found = Story(Gates(intakes), tmp_path)
    coordinator(intakes.database)
    found.officer()
    return found


def _mails(story: Story, kind: str) -> list[OutboxMail]:
    with story.database.reading() as session:
        return mails_of(session, kind)


def _compared(story: Story, *undead: str) -> Comparison:
    return Comparison(story.now, 1, held=False, found={kind: undead if kind is Kind.UNDEAD else () for kind in Kind})


def test_the_list_of_a_restore_reaches_everybody(story: Story) -> None:
    """Each of the staff gets it once; it names dossiers by their identifiers, and no candidate."""
    backup = story.back_up()
    opened(story.database)
    story.anchors.anchor(story.now)
    done = story.restore(backup)
    assert tell_restored(story.database, CENTRE, done) == 2
    assert tell_restored(story.database, CENTRE, done) == 0
    mails = _mails(story, "safety.restored")
    assert {mail.to_address for mail in mails} == {"coordination@example.org", "conformite@example.org"}
    for mail in mails:
        assert done.hold_id in mail.text
        assert FAMILY_NAME not in mail.text
        assert MAIL not in mail.text


def test_findings_are_told_once_a_day(story: Story) -> None:
    """The same again on the same day is not; another finding, or another day, is; nothing found, nothing told."""
    assert tell_compared(story.database, CENTRE, _compared(story)) == 0
    found = _compared(story, "rec_1")
    assert [tell_compared(story.database, CENTRE, one) for one in (found, found, _compared(story, "rec_1", "rec_2"))] == [1, 0, 1]
    tomorrow = replace(found, at=story.parts.clock.go_on(days=1))
    assert tell_compared(story.database, CENTRE, tomorrow) == 1
    assert {mail.to_address for mail in _mails(story, "safety.found")} == {"conformite@example.org"}


def test_damage_is_told(story: Story) -> None:
    """And a pass without any is not."""
    damaged = Scrubbed(damaged=[Damaged("rec_1", "obj_1", Wrong.CHANGED)])
    assert tell_scrubbed(story.database, CENTRE, Scrubbed(), story.now) == 0
    assert tell_scrubbed(story.database, CENTRE, damaged, story.now) == 1
