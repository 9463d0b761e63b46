"""Anchors: what is signed reaches the places outside, whatever fails; and a shorter journal is found, mended or reopened."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from moto import mock_aws
from sqlalchemy import delete
from sqlmodel import Session, select

from journal import checkpoints, export, log, terms, tree
from journal.checkpoint import Checkpoint, Signed
from journal.checkpoints import CHECKPOINTS, Kept, Place
from journal.note import Outcome
from journal.segment import Segment
from journal.verify import Report, verify
from notifications.centre import Centre
from notifications.parts import Contact
from registry import users
from registry.codes import Language
from registry.database import Database
from registry.ids import new_id
from registry.tables import OutboxMail, Role
from retention.anchor_mail import post_daily
from retention.anchor_places import BucketPlace, DirectoryPlace, SegmentPlace
from retention.anchors import (
    Anchors,
    Standing,
    compare,
    every_outside,
    import_segments,
    newest_outside,
    reopen,
    segment_of,
    segments_from,
    standing,
)
from retention.errors import AnchorError
from storage.errors import StorageError, StorageUnavailable
from storage.objects import MemoryObjects
from storage.s3 import S3Settings, client
from storage.s3_objects import S3Objects
from storage.signing import LogKey, public_text

pytestmark = pytest.mark.postgresql_later

if TYPE_CHECKING:  # the stubs are not installed where Consigne runs
    from mypy_boto3_s3.type_defs import ObjectLockConfigurationTypeDef

NOW = datetime(2026, 6, 1, 3, 0, tzinfo=UTC)
KEY = LogKey(bytes(range(32)))


@pytest.fixture
def objects() -> MemoryObjects:
    """Give an anchor bucket in memory."""
    return MemoryObjects()


@pytest.fixture
def anchors(registry: Database, tmp_path: Path, objects: MemoryObjects) -> Anchors:
    """Give anchors with a directory and a bucket."""
    return Anchors(registry, KEY, (DirectoryPlace(tmp_path / "anchors"), BucketPlace(objects)))


def happen(database: Database, count: int, minutes: int = 0) -> None:
    """Append so many entries."""
    for _ in range(count):
        with database.transaction(NOW + timedelta(minutes=minutes), "system:test") as tx:
            tx.record("test.happened", new_id("rec"))


def lose(database: Database, size: int) -> None:
    """Make the database what it was at this size, as restoring a backup does."""
    with database.engine.begin() as connection:
        connection.execute(delete(log.ENTRIES).where(log.ENTRIES.c.index >= size))
        connection.execute(delete(log.NODES).where(log.NODES.c.position >= tree.node_count(size)))
        connection.execute(delete(CHECKPOINTS).where(CHECKPOINTS.c.size > size))


def standings(database: Database, anchors: Anchors) -> list[Standing]:
    """Compare the journal with all that is outside."""
    with database.reading() as session:
        return sorted(one.standing for one in standing(session, anchors.places, KEY.public))


def exported(session: Session) -> bytes:
    """Export the journal."""
    return b"".join(export.lines(session.connection()))


def checked(kept: Kept | None) -> Kept:
    """Tell that there is a checkpoint."""
    assert kept is not None
    return kept


def test_what_is_signed_reaches_every_place(registry: Database, anchors: Anchors) -> None:
    """Each segment is in the directory and in the bucket, byte for byte, and together they are the journal."""
    assert anchors.anchor(NOW) is None
    for count in (3, 1, 5):
        happen(registry, count)
        anchors.anchor(NOW)
    happen(registry, 1)
    one, two = ([(name, place.get(name)) for name in place.names()] for place in anchors.places)
    assert one == two
    segments = [Segment.decode(data) for _, data in one]
    with registry.reading() as session:
        assert [entry for part in segments for entry in part.entries] == list(log.encoded(session.connection(), 0, 9))
        assert all(kept.directory_at == kept.bucket_at == NOW for kept in checkpoints.every(session.connection()))
    assert [part.signed.checkpoint.size for part in segments] == [3, 4, 9]
    assert standings(registry, anchors) == [Standing.AHEAD]


def test_anchoring_again_writes_nothing(registry: Database, anchors: Anchors, objects: MemoryObjects) -> None:
    """The same journal is not signed twice, and nothing is put twice."""
    happen(registry, 2)
    first = anchors.anchor(NOW)
    objects.before = lambda verb: pytest.fail(f"{verb} was asked")
    again = checked(anchors.anchor(NOW + timedelta(days=1)))
    assert again.signed == checked(first).signed
    assert anchors.write(NOW) == 0
    assert standings(registry, Anchors(registry, KEY, anchors.places[:1])) == [Standing.EQUAL]


def test_a_bucket_that_is_down_stops_nothing_else(registry: Database, anchors: Anchors, objects: MemoryObjects) -> None:
    """The directory is served, the failure is raised, and the bucket catches up later."""

    def down(_: str) -> None:
        raise StorageUnavailable("down")

    objects.before = down
    for _ in range(2):
        happen(registry, 2)
        with pytest.raises(StorageUnavailable):
            anchors.anchor(NOW)
    assert len(anchors.places[0].names()) == 2
    objects.before = lambda _: None
    assert anchors.write(NOW) == 2
    assert anchors.places[1].names() == anchors.places[0].names()


@pytest.mark.parametrize("step", ["signed", "written", "half written"])
def test_a_crash_anywhere_resumes(registry: Database, anchors: Anchors, tmp_path: Path, step: str) -> None:
    """Killed after the signature, after the file, or in the middle of the file: the next run makes the same bytes, later entries or not."""
    happen(registry, 3)
    kept = checked(anchors.sign(NOW))
    with registry.reading() as session:
        name, data = segment_of(session.connection(), kept)
    if step == "written":
        anchors.places[0].put(name, data)
    if step == "half written":
        (tmp_path / "anchors").mkdir()
        (tmp_path / "anchors" / f".new-{name}.jsonl.0123456789abcdef").write_bytes(data[:100])
    happen(registry, 2)
    anchors.anchor(NOW)
    assert anchors.places[0].get(name) == data
    assert [path.name for path in (tmp_path / "anchors").iterdir() if path.name.startswith(".")] == []
    assert len(anchors.places[0].names()) == 2


def test_nothing_is_rewritten(registry: Database, anchors: Anchors, tmp_path: Path, objects: MemoryObjects) -> None:
    """Other bytes where a segment belongs stay, and are told of, in the directory and in the bucket."""
    happen(registry, 1)
    with registry.reading() as session:
        name, _ = segment_of(session.connection(), checked(anchors.sign(NOW)))
    (tmp_path / "anchors").mkdir()
    (tmp_path / "anchors" / f"{name}.jsonl").write_bytes(b"other")
    objects.put(name, [b"other"], 5)
    for place in anchors.places:
        with pytest.raises(AnchorError, match="other bytes"):
            Anchors(registry, KEY, (place,)).write(NOW)
        assert place.get(name) == b"other"


@pytest.mark.parametrize("size", [0, 1, 3, 5, 8])
def test_a_restored_journal_is_mended(registry: Database, anchors: Anchors, size: int) -> None:
    """A shorter journal, cut at a checkpoint or between two, gets back the very bytes, and goes on."""
    for count in (3, 2, 4):
        happen(registry, count)
        anchors.anchor(NOW)
    with registry.reading() as session:
        before, root = exported(session), log.root(session.connection())
    lose(registry, size)
    assert standings(registry, anchors) == [Standing.SHORTER]
    with registry.bookkeeping() as session:
        assert import_segments(session.connection(), segments_from(anchors.places, size), KEY.public, NOW) == 9 - size
    with registry.reading() as session:
        assert exported(session) == before
        assert log.root(session.connection()) == root
        assert log.check(session.connection()) == []
    assert standings(registry, anchors) == [Standing.EQUAL]
    happen(registry, 1)
    anchors.anchor(NOW)
    with registry.reading() as session:
        assert verify_bytes(exported(session)).holds


def test_a_missing_segment_is_named(registry: Database, anchors: Anchors, tmp_path: Path) -> None:
    """A hole stops the import, and nothing of it is kept; a copy in the other place fills it."""
    for count in (3, 2, 4):
        happen(registry, count)
        anchors.anchor(NOW)
    lose(registry, 2)
    name = anchors.places[0].names()[1]
    (tmp_path / "anchors" / f"{name}.jsonl").unlink()
    here = anchors.places[:1]
    with pytest.raises(AnchorError, match="entries 3 to 4"), registry.bookkeeping() as session:
        import_segments(session.connection(), segments_from(here, 2), KEY.public, NOW)
    with registry.reading() as session:
        assert log.size(session.connection()) == 2
    (tmp_path / "anchors" / f"{name}.jsonl").write_bytes(b"damaged")
    with pytest.raises(AnchorError, match="cannot be read in any place"):
        segments_from(here, 2)
    with registry.bookkeeping() as session:
        assert import_segments(session.connection(), segments_from(anchors.places, 2), KEY.public, NOW) == 7


def test_only_what_was_signed_is_imported(registry: Database, anchors: Anchors) -> None:
    """A segment that another key signed, or that follows other entries than those here, is refused whole."""
    happen(registry, 3)
    anchors.anchor(NOW)
    happen(registry, 2)
    with registry.reading() as session:
        kept = checked(checkpoints.newest(session.connection()))
        before = list(log.encoded(session.connection()))
    forged = Anchors(registry, LogKey(bytes(32)), ()).sign(NOW)
    with registry.reading() as session:
        _, data = segment_of(session.connection(), checked(forged))
    lose(registry, 3)
    with pytest.raises(AnchorError, match="not signed"), registry.bookkeeping() as session:
        import_segments(session.connection(), [Segment.decode(data)], KEY.public, NOW)
    lose(registry, 2)
    happen(registry, 1)
    assert standings(registry, anchors) == [Standing.FORKED]
    with pytest.raises(AnchorError, match="cannot be imported"), registry.bookkeeping() as session:
        import_segments(session.connection(), [Segment.decode(data)], KEY.public, NOW)
    with registry.reading() as session:
        assert list(log.encoded(session.connection()))[:2] == before[:2]
        assert log.size(session.connection()) == 3
        assert compare(session.connection(), kept.signed.checkpoint).may_go_on is False


def test_what_another_key_signed_outside_is_refused(registry: Database, anchors: Anchors) -> None:
    """Start-up does not compare itself with a stranger's word."""
    happen(registry, 1)
    Anchors(registry, LogKey(bytes(32)), anchors.places).anchor(NOW)
    with pytest.raises(AnchorError, match="not signed by this centre"):
        standings(registry, anchors)


def test_a_journal_whose_end_is_lost_is_reopened(registry: Database, anchors: Anchors) -> None:
    """It goes on under a new origin, says what is lost, and verifies; what was signed of the lost end stays in doubt."""
    for count in (3, 4):
        happen(registry, count)
        anchors.anchor(NOW)
    lose(registry, 5)
    with registry.reading() as session:
        (outside,) = newest_outside(anchors.places, KEY.public, checkpoints.read_terms(session.connection()))
    with registry.transaction(NOW, "system:cli") as tx:
        assert reopen(tx, outside.checkpoint) == 2
    assert standings(registry, anchors) == [Standing.GIVEN_UP]
    happen(registry, 1)
    anchors.anchor(NOW)
    assert standings(registry, anchors) == [Standing.EQUAL, Standing.GIVEN_UP]
    with registry.reading() as session:
        report = verify_bytes(exported(session))
        assert log.check(session.connection()) == []
    assert report.holds
    assert [(one.index, one.lost, one.old) for one in report.reopenings] == [(5, 2, outside.checkpoint)]
    with pytest.raises(AnchorError, match="given_up"), registry.transaction(NOW, "system:cli") as tx:
        reopen(tx, outside.checkpoint)


def test_reopening_hides_nothing(registry: Database, anchors: Anchors) -> None:
    """It is refused while nothing is lost, on a fork, and against another journal's checkpoint."""
    happen(registry, 3)
    kept = checked(anchors.anchor(NOW)).signed.checkpoint
    for outside in (kept, Checkpoint(kept.origin, 3, bytes(32)), Checkpoint("consigne-journal/other", 9, bytes(32))):
        with pytest.raises(AnchorError), registry.transaction(NOW, "system:cli") as tx:
            reopen(tx, outside)
    with registry.reading() as session:
        assert log.of_kinds(session.connection(), terms.KINDS) == ()


def test_reopening_hides_no_fork(registry: Database, anchors: Anchors) -> None:
    """A journal cut short and rewritten is not gone on with: an older segment contradicts it."""
    for count in (3, 4):
        happen(registry, count)
        last = checked(anchors.anchor(NOW)).signed.checkpoint
    with registry.engine.begin() as connection:
        for entry in log.read(connection, 0, 1):
            first = entry.entry
    lose(registry, 0)
    with registry.engine.begin() as connection:
        log.append(connection, [first])
    happen(registry, 4)
    with pytest.raises(AnchorError, match="not what was signed"), registry.transaction(NOW, "system:cli") as tx:
        reopen(tx, last, every_outside(anchors.places))


def test_a_fork_is_seen(registry: Database, anchors: Anchors) -> None:
    """A journal rewritten and of the same length is not the one that was signed."""
    happen(registry, 3)
    anchors.anchor(NOW)
    lose(registry, 0)
    happen(registry, 3)
    assert standings(registry, anchors) == [Standing.FORKED]


def test_a_bucket_gives_what_was_anchored_first(objects: MemoryObjects, anchors: Anchors, registry: Database) -> None:
    """A version put over a segment later does not hide it."""
    happen(registry, 1)
    anchors.anchor(NOW)
    place: SegmentPlace = anchors.places[1]
    (name,) = place.names()
    data = place.get(name)
    version, _ = objects.held[name][0]
    objects.held[name].insert(0, (type(version)(name, "later", 1, delete_marker=False), b"x"))
    assert place.get(name) == data
    with registry.reading() as session:
        assert checkpoints.missing_in(session.connection(), Place.BUCKET) == ()


def verify_bytes(data: bytes) -> Report:
    """Verify an export in memory."""
    return verify(BytesIO(data), KEY.public)


@pytest.fixture
def locked() -> Iterator[S3Objects]:
    """Give a bucket with object lock and a default retention, on moto."""
    with mock_aws():
        settings = S3Settings("anchors", access_key="a", secret_key="b")
        s3 = client(settings)
        s3.create_bucket(Bucket="anchors", ObjectLockEnabledForBucket=True)
        rule: ObjectLockConfigurationTypeDef = {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 3650}},
        }
        s3.put_object_lock_configuration(Bucket="anchors", ObjectLockConfiguration=rule)
        yield S3Objects(settings)


def test_a_bucket_with_object_lock(registry: Database, locked: S3Objects) -> None:
    """Segments go there, once, and cannot be taken away again; the journal comes back from there alone."""
    anchors = Anchors(registry, KEY, (BucketPlace(locked),))
    assert locked.bucket_report().default_retention
    for count in (2, 3):
        happen(registry, count)
        anchors.anchor(NOW)
    (first, second) = anchors.places[0].names()
    with pytest.raises(StorageError):
        locked.remove_all(first)
    lose(registry, 0)
    with registry.bookkeeping() as session:
        assert import_segments(session.connection(), segments_from(anchors.places, 0), KEY.public, NOW) == 5
    assert standings(registry, anchors) == [Standing.EQUAL]
    assert anchors.places[0].names() == [first, second]


def test_the_daily_mail_carries_the_checkpoint(registry: Database, anchors: Anchors) -> None:
    """One a day for each compliance officer; its text and its file hold the note, which verifies."""
    told = Centre("Centre d’essai", "https://depot.example.org", Contact("Dominique", "d@example.org"), "example.org", 1)
    line = public_text(KEY.public)
    assert post_daily(registry, told, line, NOW) == 0
    with registry.transaction(NOW, "system:test") as tx:
        for role in (Role.COMPLIANCE_OFFICER, Role.COORDINATOR):
            users.add(tx, role=role, name="Camille", mail=f"{role}@example.org", language=Language.FR, teams_link=None)
    assert post_daily(registry, told, line, NOW) == 0
    kept = checked(anchors.anchor(NOW))
    assert post_daily(registry, told, line, NOW) == 1
    assert post_daily(registry, told, line, NOW + timedelta(hours=1)) == 0
    assert post_daily(registry, told, line, NOW + timedelta(days=1)) == 1
    with registry.reading() as session:
        mail = session.exec(select(OutboxMail).where(OutboxMail.kind == "journal.checkpoint")).first()
        assert mail is not None
        assert mail.attachment is not None
        signed = Signed.decode(mail.attachment)
    assert signed == kept.signed
    assert signed.check(KEY.public) is Outcome.GOOD
    assert line in (mail.text or "")
    assert all(part in (mail.text or "") for part in kept.signed.encode().decode().splitlines())
