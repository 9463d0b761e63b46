"""The whole flow on fakes: what lies in the folder at the end, and what the share did meanwhile."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from intake.flow import Intake, Outcome, Step
from intake.recovery import finish_stored
from intake.shares import Identity
from registry.codes import Code
from registry.sessions import File
from registry.tables import Deposit, DepositState, Recording
from tests.factories import Intakes, attest, kinds, names, opened, sighting

SOUND = b"a sound" * 100


@pytest.fixture
def file(intakes: Intakes) -> File:
    """Open a dossier that has its attestation and one file in its folder."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    (intakes.folder(file) / "a.mp3").write_bytes(SOUND)
    return file


def _path(parts: Intakes, file: File) -> Path:
    return parts.folder(file) / "a.mp3"


def _row(parts: Intakes) -> Deposit:
    with parts.database.reading() as session:
        return session.exec(select(Deposit).where(Deposit.door == "folder")).one()


def test_a_good_file(intakes: Intakes, file: File) -> None:
    """Taken, sealed, answered, gone; looked at again, there is nothing to do."""
    seen = sighting(intakes.share, _path(intakes, file))
    flow = intakes.flow()
    assert flow.take(seen) is Outcome.TAKEN
    assert names(intakes.folder(file)) == []
    assert all(SOUND[:50] not in held for versions in intakes.objects.held.values() for _, held in versions)
    assert flow.take(seen) is Outcome.SETTLED
    with intakes.database.reading() as session:
        recording = session.exec(select(Recording)).one()
        assert kinds(session, recording.id)[-3:] == ["recording.stored", "recording.accepted", "original.taken_away"]
    assert intakes.vaults.list().__next__() == recording.attempt_id


def _away_while(parts: Intakes, step: Step) -> tuple[Intake, Path]:
    """Take the share away after a step, as a mount that is lost."""
    hidden = parts.share.root.parent / "hidden"

    def lose(done: Step) -> None:
        if done is step:
            parts.share.root.rename(hidden)
            parts.share.root.mkdir()

    return parts.flow(lose), hidden


def test_a_share_that_was_away_shows_the_original_again(intakes: Intakes, file: File) -> None:
    """The original is taken away all the same, and answered once."""
    seen = sighting(intakes.share, _path(intakes, file))
    flow, hidden = _away_while(intakes, Step.COMMIT)
    flow.take(seen)
    names_before = names(intakes.share.root)
    assert names_before in ([], [".consigne"])
    for left in intakes.share.root.iterdir():
        left.rmdir()
    intakes.share.root.rmdir()
    hidden.rename(intakes.share.root)
    assert intakes.flow().take(seen) is Outcome.TAKEN
    assert names(intakes.folder(file)) == []
    with intakes.database.reading() as session:
        assert len(session.exec(select(Recording)).all()) == 1


def test_a_file_swapped_at_the_last_moment(intakes: Intakes, file: File) -> None:
    """What was put in its place after the commit is given back, and taken as the new deposit that it is."""
    path = _path(intakes, file)

    def swap(done: Step) -> None:
        if done is Step.COMMIT and path.read_bytes() == SOUND:
            path.unlink()
            path.write_bytes(b"another sound")

    flow = intakes.flow(swap)
    assert flow.take(sighting(intakes.share, path)) is Outcome.TAKEN
    assert path.read_bytes() == b"another sound"
    assert flow.take(sighting(intakes.share, path)) is Outcome.TAKEN
    assert names(intakes.folder(file)) == []
    with intakes.database.reading() as session:
        assert len(session.exec(select(Recording)).all()) == 2


def test_one_stubborn_original_does_not_stop_the_others(intakes: Intakes, file: File) -> None:
    """A folder swapped for a link is passed over by the sweep, and the next deposit is finished."""
    other = intakes.folder(file) / "b.mp3"
    other.write_bytes(b"another sound")

    def die(done: Step) -> None:
        if done is Step.COMMIT:
            raise InterruptedError

    for path in (_path(intakes, file), other):
        with pytest.raises(InterruptedError):
            intakes.flow(die).take(sighting(intakes.share, path))
    with intakes.database.bookkeeping() as session:
        first = session.exec(select(Deposit).where(Deposit.place == b"JUIN-2026/C-012/a.mp3")).one()
        first.place = b"JUIN-2026/L/a.mp3"
    (intakes.folder(file).parent / "L").symlink_to("/")
    finish_stored(intakes.flow())
    assert names(intakes.folder(file)) == ["a.mp3"]


@pytest.mark.parametrize("odd", ["link", "pipe", "directory", "huge", "foreign"])
def test_what_is_not_taken_is_left_and_answered_once(intakes: Intakes, file: File, odd: str) -> None:
    """Each odd thing stays as it is; looked at twice, there is one answer."""
    path = _path(intakes, file)
    path.unlink()
    if odd == "link":
        path.symlink_to("/etc/hostname")
    elif odd == "pipe":
        os.mkfifo(path)
    elif odd == "directory":
        path.mkdir()
    elif odd == "huge":
        with path.open("wb") as sparse:
            sparse.truncate(10_000_000_000)
    else:
        path = path.rename(path.with_suffix(".zip")) if path.exists() else path.with_suffix(".zip")
        path.write_bytes(b"PK\x03\x04")
    before = path.lstat()
    seen = sighting(intakes.share, path)
    assert intakes.flow().take(seen) is Outcome.LEFT
    assert intakes.flow().take(seen) is Outcome.SETTLED
    assert path.lstat() == before or path.lstat().st_ino == before.st_ino
    row = _row(intakes)
    assert row.state is DepositState.LEFT
    assert row.code == {"huge": Code.TOO_LARGE, "foreign": Code.NOT_A_DEPOSIT}.get(odd, Code.LINK)


def test_a_file_that_vanished_is_not_waited_for(intakes: Intakes, file: File) -> None:
    """Gone before it was read: nothing is taken, and nobody is told that a deposit waits."""
    seen = sighting(intakes.share, _path(intakes, file))
    _path(intakes, file).unlink()
    assert intakes.flow().take(seen) is Outcome.CHANGED
    with intakes.database.reading() as session:
        assert session.exec(select(Recording)).all() == []


def test_a_file_that_is_not_the_one_seen(intakes: Intakes, file: File) -> None:
    """Another inode, or another first hash: looked at anew, nothing taken."""
    seen = sighting(intakes.share, _path(intakes, file))
    assert intakes.flow().take(replace(seen, identity=Identity(0, 0, 0, 0, 0))) is Outcome.CHANGED
    assert intakes.flow().take(replace(seen, sha256="0" * 64)) is Outcome.CHANGED
    assert _path(intakes, file).exists()
