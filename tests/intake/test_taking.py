"""The whole flow on fakes: what lies in the folder at the end, and what the share did meanwhile."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from sqlmodel import select

from intake.bringing import bring, sighting_of
from intake.claims import VANISHED, Bringer
from intake.flow import Intake, Outcome, Step
from intake.recovery import finish_stored
from intake.shares import Identity
from journal import log
from registry.codes import Code
from registry.errors import RefusedError
from registry.sessions import File
from registry.tables import Deposit, DepositState, Reason, Recording
from tests.factories import Intakes, attest, files_of, kinds, names, opened, sighting

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
    assert (_row(intakes).state, _row(intakes).code) == (DepositState.DONE, VANISHED)


def test_a_file_that_was_away_for_a_moment_is_taken(intakes: Intakes, file: File) -> None:
    """A share that hid a file for a moment shows the very same one again: it is not thought settled."""
    path = _path(intakes, file)
    seen = sighting(intakes.share, path)
    aside = path.rename(intakes.share.root.parent / "aside")
    assert intakes.flow().take(seen) is Outcome.CHANGED
    aside.rename(path)
    back = sighting(intakes.share, path)
    assert intakes.flow().take(back) is Outcome.TAKEN


def test_a_foreign_file_put_back_is_not_answered_again(intakes: Intakes, file: File) -> None:
    """A synchronisation client touches the same file each minute: one answer; other bytes get their own."""
    path = intakes.folder(file) / "notes.zip"
    for content, answers in ((b"PK\x03\x04 one", 1), (b"PK\x03\x04 one", 1), (b"PK\x03\x04 two", 2)):
        path.unlink(missing_ok=True)
        path.write_bytes(content)
        assert intakes.flow().take(sighting(intakes.share, path)) is Outcome.LEFT
        with intakes.database.reading() as session:
            assert len(files_of(session)) == answers


def test_a_file_that_is_brought_tells_who_and_why(intakes: Intakes, file: File, tmp_path: Path) -> None:
    """The entry names the bringer, the reason's text stays outside the journal, the original stays where it was."""
    path = tmp_path / "reçu par mail.mp3"
    path.write_bytes(SOUND)
    share, seen = sighting_of(path, Bringer("usr_" + "0" * 32, "reçu par mail, dossier inaccessible", file.dossier.id), intakes.clock.now())
    brought = bring(replace(intakes.flow(), share=share), seen)
    assert (brought.outcome, path.read_bytes()) == (Outcome.TAKEN, SOUND)
    assert brought.recording is not None
    with intakes.database.reading() as session:
        told = [one.entry for one in log.entries_about(session.connection(), brought.recording.id) if one.entry.kind == "recording.brought"]
        assert [entry.facts["by"] for entry in told] == ["usr_" + "0" * 32]
        assert session.exec(select(Reason.text)).one() == "reçu par mail, dossier inaccessible"


def test_a_file_is_not_brought_without_a_reason(intakes: Intakes, file: File, tmp_path: Path) -> None:
    """Nothing is taken before a reason is given."""
    (tmp_path / "a.mp3").write_bytes(SOUND)
    share, seen = sighting_of(tmp_path / "a.mp3", Bringer("system:test", "  ", file.dossier.id), intakes.clock.now())
    with pytest.raises(RefusedError):
        bring(replace(intakes.flow(), share=share), seen)
    with intakes.database.reading() as session:
        assert session.exec(select(Recording)).all() == []


def test_a_file_that_is_not_the_one_seen(intakes: Intakes, file: File) -> None:
    """Another inode, or another first hash: looked at anew, nothing taken."""
    seen = sighting(intakes.share, _path(intakes, file))
    assert intakes.flow().take(replace(seen, identity=Identity(0, 0, 0, 0, 0))) is Outcome.CHANGED
    assert intakes.flow().take(replace(seen, sha256="0" * 64)) is Outcome.CHANGED
    assert _path(intakes, file).exists()
