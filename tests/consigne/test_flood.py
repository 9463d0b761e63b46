"""A folder that holds more than a person can have meant: it is held back, and says so as long as it does."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, select

from consigne.dispatch import Dispatch
from consigne.settings import Watching
from consigne.watching import Watcher
from intake import claims, folders
from intake.watch import Tracker
from registry.tables import OutboxFile
from tests.factories import Intakes, opened


@contextmanager
def watching(intakes: Intakes) -> Iterator[Watcher]:
    """Give a watcher as a start makes it, which looks when it is told to."""
    tracker = Tracker(intakes.share, timedelta(hours=1), intakes.policy.max_bytes)
    dispatch = Dispatch(intakes.flow(), tracker, workers=1, answered=lambda: None)
    with intakes.database.reading() as session:
        held_back = claims.held_back(session)
    yield Watcher(intakes.flow(), tracker, dispatch, how=Watching.POLL, poll_seconds=1, disk=intakes.share.root, held_back=held_back)
    dispatch.stop()


def notices(intakes: Intakes) -> list[bool]:
    """Return, for each answer given, whether it holds, oldest first."""
    with intakes.database.reading() as session:
        return [not row.replaced for row in session.exec(select(OutboxFile).order_by(col(OutboxFile.created_at), col(OutboxFile.id)))]


def look(intakes: Intakes, watcher: Watcher) -> None:
    """Look at everything, and write what is to be said."""
    watcher._look(None)
    intakes.clock.go_on(seconds=1)
    folders.write_due(intakes.database, intakes.share, intakes.clock.now())


def flood(folder: Path) -> list[Path]:
    """Drop more recordings than are let through."""
    files = [folder / f"appel {number}.mp3" for number in range(25)]
    for file in files:
        file.write_bytes(b"a sound")
    return files


@pytest.mark.parametrize("root", [False, True])
def test_it_is_told_once_also_after_a_restart_and_withdrawn_when_it_is_over(intakes: Intakes, *, root: bool) -> None:
    """In a candidate's folder, and in the root of the share."""
    (file,) = opened(intakes.database, "C-012")
    folder = intakes.share.root if root else intakes.folder(file)
    files = flood(folder)
    with watching(intakes) as watcher:
        look(intakes, watcher)
        look(intakes, watcher)
        assert notices(intakes) == [True]
    with watching(intakes) as watcher:
        look(intakes, watcher)
        assert notices(intakes) == [True]
        assert len(list(folder.glob("1 - *.pdf"))) == 1
        for path in files[1:]:
            path.unlink()
        look(intakes, watcher)
        look(intakes, watcher)
        assert notices(intakes) == [False]
        assert list(folder.glob("1 - *.pdf")) == []
        flood(folder)
        look(intakes, watcher)
        assert notices(intakes) == [False, True]


def test_a_share_that_is_away_withdraws_nothing(intakes: Intakes, tmp_path: Path) -> None:
    """A folder that shows not even our own answer was not listed."""
    (file,) = opened(intakes.database, "C-012")
    folder = intakes.folder(file)
    flood(folder)
    with watching(intakes) as watcher:
        look(intakes, watcher)
        folder.rename(tmp_path / "elsewhere")
        folder.mkdir()
        watcher._look({(file.session.code.encode(), file.dossier.folder.encode())})
        assert notices(intakes) == [True]
