"""Writing into folders: whole, once, never over a candidate's file, and never what no longer holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from intake import claims, folders
from intake.claims import Standing
from intake.folders import queue_file, write_due
from registry.codes import Code
from registry.tables import Dossier, OutboxFile
from tests.factories import ACTOR, NOW, Intakes, admitted, attest, names, opened, sighting

pytestmark = pytest.mark.postgresql_later

MINUTE = timedelta(minutes=1)


def _write(parts: Intakes, after: timedelta = timedelta()) -> folders.Written:
    return write_due(parts.database, parts.share, parts.clock.now() + after)


def test_a_new_folder(intakes: Intakes) -> None:
    """The page and the attestation are written, the folder is made, and what we wrote is not taken for a deposit."""
    (file,) = opened(intakes.database)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        folders.open_folder(tx, file, intakes.centre, b"%PDF-1.4 attestation")
    assert _write(intakes) == folders.Written(2, 0)
    assert _write(intakes) == folders.Written(0, 0)
    held = names(intakes.folder(file))
    assert [name[:3] for name in held] == ["2 -", "3 -"]
    for name in held:
        seen = sighting(intakes.share, intakes.folder(file) / name)
        assert claims.claim(intakes.database, seen, owner="w", now=NOW, lease=MINUTE)[0] is Standing.SETTLED
    with intakes.database.reading() as session:
        assert session.get_one(Dossier, file.dossier.id).folder_made_at == NOW
        assert [one.content for one in session.exec(select(OutboxFile))] == [None, None]


def test_a_candidates_file_of_that_name_stays(intakes: Intakes) -> None:
    """An attestation filled in under our name, a folder or a link of that name: ours gets another name beside it."""
    (file,) = opened(intakes.database)
    folder = intakes.folder(file)
    (folder / "a.pdf").write_bytes(b"filled in")
    (folder / "b.pdf").mkdir()
    (folder / "c.pdf").symlink_to("a.pdf")
    with intakes.database.transaction(NOW, ACTOR) as tx:
        for name in ("a.pdf", "b.pdf", "c.pdf"):
            queue_file(tx, file, name, b"ours")
    assert _write(intakes) == folders.Written(3, 0)
    assert (folder / "a.pdf").read_bytes() == b"filled in"
    assert names(folder) == ["a [2].pdf", "a.pdf", "b [2].pdf", "b.pdf", "c [2].pdf", "c.pdf"]


def test_a_newer_file_of_ours_takes_the_place(intakes: Intakes) -> None:
    """What we wrote under that name is replaced, however often."""
    (file,) = opened(intakes.database)
    for content in (b"one", b"two", b"one"):
        with intakes.database.transaction(intakes.clock.go_on(minutes=1), ACTOR) as tx:
            queue_file(tx, file, "page.html", content)
        assert _write(intakes) == folders.Written(1, 0)
        assert (intakes.folder(file) / "page.html").read_bytes() == content
    assert names(intakes.folder(file)) == ["page.html"]


def test_a_kill_after_the_writing(intakes: Intakes) -> None:
    """Written and not yet noted, the same file is written again under the same name."""
    (file,) = opened(intakes.database)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        queue_file(tx, file, "page.html", b"ours")
    (intakes.folder(file) / "page.html").write_bytes(b"ours")
    assert _write(intakes) == folders.Written(1, 0)
    assert names(intakes.folder(file)) == ["page.html"]


def test_a_folder_that_is_not_one(intakes: Intakes) -> None:
    """A link where the folder should be is not followed: the answer waits, later each time, and others are written."""
    one, two = opened(intakes.database, "C-012", "C-013")
    elsewhere = intakes.share.root.parent / "elsewhere"
    elsewhere.mkdir()
    intakes.folder(two)
    (intakes.share.root / one.session.code / one.dossier.folder).symlink_to(elsewhere)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        queue_file(tx, one, "page.html", b"ours")
        queue_file(tx, two, "page.html", b"ours")
    assert _write(intakes) == folders.Written(1, 1)
    assert names(elsewhere) == []
    assert _write(intakes, timedelta(seconds=10)) == folders.Written(0, 0)
    (intakes.share.root / one.session.code / one.dossier.folder).unlink()
    assert _write(intakes, MINUTE) == folders.Written(1, 0)
    assert names(intakes.folder(one)) == ["page.html"]


def test_old_answers_go_once_the_new_one_lies_there(intakes: Intakes) -> None:
    """Waiting, then received: one answer lies there; a file of the candidate's under the old answer's name stays."""
    (file,) = opened(intakes.database)
    admitted(intakes, file)
    _write(intakes)
    (waiting,) = names(intakes.folder(file))
    intakes.clock.go_on(minutes=5)
    attest(intakes, file)
    _write(intakes)
    (received,) = names(intakes.folder(file))
    assert waiting != received
    (intakes.folder(file) / waiting).write_bytes(b"the candidate's own")
    intakes.clock.go_on(minutes=5)
    admitted(intakes, file, data=b"another")
    _write(intakes)
    assert (intakes.folder(file) / waiting).read_bytes() == b"the candidate's own"


def test_an_answer_that_was_overtaken_is_never_written(intakes: Intakes) -> None:
    """While the share was away the recording was accepted: only the answer that holds is written, and the queue is empty."""
    (file,) = opened(intakes.database)
    recording = admitted(intakes, file)
    with intakes.database.bookkeeping() as session:
        (stuck,) = session.exec(select(OutboxFile).where(OutboxFile.recording_id == recording.id))
        stuck.next_at = NOW + timedelta(minutes=30)  # the share refused it some times
    intakes.clock.go_on(minutes=5)
    attest(intakes, file)
    _write(intakes)
    (received,) = names(intakes.folder(file))
    _write(intakes, timedelta(hours=1))
    assert names(intakes.folder(file)) == [received]
    with intakes.database.reading() as session:
        assert all(one.written_at is not None and one.content is None for one in session.exec(select(OutboxFile)))


def test_an_answer_in_between_that_was_never_written(intakes: Intakes) -> None:
    """Waiting was written, the next answer was not, the third is: the first goes all the same."""
    (file,) = opened(intakes.database)
    recording = admitted(intakes, file)
    _write(intakes)
    for _ in range(2):
        with intakes.database.transaction(intakes.clock.go_on(minutes=5), ACTOR) as tx:
            intakes.answering.again(tx, file, tx.lock(type(recording), recording.id))
    _write(intakes)
    assert len(names(intakes.folder(file))) == 1


def test_another_recordings_answer_is_not_taken_away(intakes: Intakes) -> None:
    """Two good files together have an answer each; that of one stays when the other is answered again."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    together = intakes.clock.now()
    first = admitted(intakes, file, data=b"one", at=intakes.clock.go_on(seconds=20), received_at=together)
    admitted(intakes, file, data=b"two", at=intakes.clock.go_on(seconds=20), received_at=together + timedelta(seconds=1))
    _write(intakes)
    assert len(names(intakes.folder(file))) == 2
    with intakes.database.transaction(intakes.clock.go_on(minutes=5), ACTOR) as tx:
        intakes.answering.again(tx, file, tx.lock(type(first), first.id))
    _write(intakes)
    assert len(names(intakes.folder(file))) == 2


def test_two_writers(intakes: Intakes) -> None:
    """A second process that took the same file finds it written, and changes nothing."""
    (file,) = opened(intakes.database)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        queue_file(tx, file, "page.html", b"ours")
    with intakes.database.reading() as session:
        row_id = session.exec(select(OutboxFile.id)).one()
    for _ in range(2):
        assert folders._write_one(intakes.database, intakes.share, row_id, NOW)
    assert names(intakes.folder(file)) == ["page.html"]


def test_the_policy_bounds_what_is_answered(intakes: Intakes) -> None:
    """A flood of foreign files gets some answers, one for all the rest, and the next day answers again."""
    (file,) = opened(intakes.database)
    parts = replace(intakes, policy=replace(intakes.policy, max_files_per_folder=3))
    (parts.folder(file) / "x.txt").write_bytes(b"")
    place = sighting(parts.share, parts.folder(file) / "x.txt").place
    with parts.database.transaction(NOW, ACTOR) as tx:
        folders.open_folder(tx, file, parts.centre, b"%PDF")
        for _ in range(9):
            parts.answering.not_taken(tx, place, file, Code.NOT_A_DEPOSIT)
    with parts.database.reading() as session:
        assert len([one for one in session.exec(select(OutboxFile)) if one.name.startswith("1 - ")]) == 4
    with parts.database.transaction(NOW + timedelta(days=2), ACTOR) as tx:
        parts.answering.not_taken(tx, place, file, Code.NOT_A_DEPOSIT)
    with parts.database.reading() as session:
        assert len([one for one in session.exec(select(OutboxFile)) if one.name.startswith("1 - ")]) == 5
