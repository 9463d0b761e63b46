"""What every object store must do."""

import hashlib
from collections.abc import Iterator
from functools import cache

import pytest

from registry.ids import new_id
from storage.errors import AlreadyHeld, NotHeld, StorageRefused, Tampered
from storage.objects import ObjectStore, Removed, Span, Stored, Upload, adopt, fetcher, read_all, sha256_of
from storage.ranges import RangeReader
from storage.seal import Context, DataKey, Part, seal, sealed_length

LARGE = 6 << 20


def pieces(data: bytes, step: int = 100_000) -> Iterator[bytes]:
    """Cut data as a sealing stream does."""
    return (data[at : at + step] for at in range(0, len(data), step))


@cache
def pattern(length: int) -> bytes:
    """Bytes that no store can compress away or confuse."""
    return hashlib.shake_128(b"pattern").digest(length)


class SourceFailedError(Exception):
    """What a source raises when its bytes stop coming."""


class ObjectStoreContract:
    """Inherit, and give a ``store`` fixture."""

    @pytest.fixture
    def key(self) -> str:
        """A key of this test's own."""
        return new_id("obj")

    @pytest.mark.parametrize("length", [1, 1000, LARGE])
    def test_what_is_put_is_read_back(self, store: ObjectStore, key: str, length: int) -> None:
        """A small object and a multipart one come back byte for byte, with the right length and SHA-256."""
        data = pattern(length)
        stored = store.put(key, pieces(data), length)
        assert (stored.key, stored.length, stored.sha256) == (key, length, hashlib.sha256(data).digest())
        assert b"".join(read_all(store, key, stored.version_id, length, step=4_000_000)) == data
        assert [(v.version_id, v.length, v.delete_marker) for v in store.versions(key)] == [(stored.version_id, length, False)]
        assert store.uploads(key) == ()

    def test_ranges_are_exact(self, store: ObjectStore, key: str) -> None:
        """A range is what was asked, cut at the object's end, with the object's whole length beside it."""
        data = pattern(5000)
        version_id = store.put(key, [data], 5000).version_id
        for start, stop in ((0, 1), (10, 20), (4999, 5000), (0, 5000)):
            assert store.get_range(key, version_id, start, stop) == Span(data[start:stop], 5000)
        assert store.get_range(key, None, 4990, 6000) == Span(data[4990:], 5000)

    @pytest.mark.parametrize("length", [1000, LARGE])
    def test_nothing_is_overwritten(self, store: ObjectStore, key: str, length: int) -> None:
        """Other bytes under a key that is held are refused, and leave neither a change nor an unfinished upload."""
        data = pattern(length)
        first = store.put(key, pieces(data), length)
        with pytest.raises(AlreadyHeld):
            store.put(key, pieces(data[::-1]), length)
        assert sha256_of(store, key, None, length) == first.sha256
        assert len(store.versions(key)) == 1
        assert store.uploads(key) == ()

    @pytest.mark.parametrize("length", [1000, LARGE])
    def test_the_same_bytes_again_are_the_same_object(self, store: ObjectStore, key: str, length: int) -> None:
        """A put whose answer was lost can be repeated: the object that is there is adopted, not doubled."""
        data = pattern(length)
        first = store.put(key, pieces(data), length)
        assert store.put(key, pieces(data), length) == first
        assert len(store.versions(key)) == 1
        assert store.uploads(key) == ()

    @pytest.mark.parametrize("length", [1000, LARGE])
    def test_a_source_that_fails_leaves_nothing(self, store: ObjectStore, key: str, length: int) -> None:
        """When the bytes stop coming, no object, no version and no unfinished upload remains."""

        def failing() -> Iterator[bytes]:
            yield pattern(length // 2 + length // 4)
            raise SourceFailedError

        with pytest.raises(SourceFailedError):
            store.put(key, failing(), length)
        assert store.versions(key) == ()
        assert store.uploads(key) == ()

    @pytest.mark.parametrize("announced", [999, 1001, LARGE])
    def test_a_wrong_length_is_refused(self, store: ObjectStore, key: str, announced: int) -> None:
        """Chunks that do not make the announced length are never stored."""
        with pytest.raises(StorageRefused):
            store.put(key, [pattern(1000)], announced)
        assert store.versions(key) == ()
        assert store.uploads(key) == ()

    def test_what_is_not_held_is_said(self, store: ObjectStore, key: str) -> None:
        """No object, no version and nothing at an offset are told apart from a store that is down."""
        with pytest.raises(NotHeld):
            store.get_range(key, None, 0, 10)
        stored = store.put(key, [b"0123456789"], 10)
        with pytest.raises(NotHeld):
            store.get_range(key, stored.version_id, 10, 20)
        if stored.version_id is not None:
            with pytest.raises(NotHeld):
                store.get_range(key, "0" * len(stored.version_id), 0, 10)

    def test_remove_all_leaves_nothing_listed(self, store: ObjectStore, key: str) -> None:
        """Removing takes every version, spares a neighbour whose key begins alike, and can be repeated."""
        store.put(key, [b"0123456789"], 10)
        store.put(key + "_wave", [b"neighbour"], 9)
        assert store.remove_all(key) == Removed(1, 0, 0)
        assert store.versions(key) == ()
        with pytest.raises(NotHeld):
            store.get_range(key, None, 0, 10)
        assert store.remove_all(key) == Removed(0, 0, 0)
        assert store.get_range(key + "_wave", None, 0, 9).data == b"neighbour"

    def test_a_removed_key_is_free(self, store: ObjectStore, key: str) -> None:
        """After a removal nothing of the old object stands in the way of a new one."""
        store.put(key, [b"0123456789"], 10)
        store.remove_all(key)
        assert store.put(key, [b"other"], 5).length == 5

    def test_keys_are_listed_once(self, store: ObjectStore, key: str) -> None:
        """Every key with a version is listed, once, in order."""
        wanted = [f"{key}_{number}" for number in range(3)]
        for name in reversed(wanted):
            store.put(name, [b"x"], 1)
        listed = store.keys()
        assert [name for name in listed if name.startswith(key)] == wanted

    def test_aborting_what_is_gone_is_no_error(self, store: ObjectStore, key: str) -> None:
        """An abort can be repeated after a crash."""
        store.abort(Upload(key, "0" * 32))

    def test_a_path_is_no_key(self, store: ObjectStore) -> None:
        """A key that could climb out of its place is refused before the store sees it."""
        with pytest.raises(StorageRefused):
            store.put("../etc/passwd", [b"x"], 1)

    def test_the_store_answers(self, store: ObjectStore) -> None:
        """A ping of a store that works returns."""
        store.ping()

    def test_a_sealed_recording_is_read_by_ranges(self, store: ObjectStore, key: str) -> None:
        """Seal, store, then read the middle back through the range reader, one version throughout."""
        plain, data_key = pattern(200_000), DataKey.generate()
        context = Context("rec_1", "att_1", "ses_1", Part.SOUND)
        stored = store.put(key, seal(data_key, context, [plain]), sealed_length(len(plain)))
        reader = RangeReader(data_key, context, fetcher(store, key, stored.version_id, stored.length), len(plain))
        assert b"".join(reader.read(70_000, 130_001)) == plain[70_000:130_001]

    def test_another_length_than_recorded_is_seen(self, store: ObjectStore, key: str) -> None:
        """A fetch refuses an object that the store says is longer or shorter than the registry recorded."""
        stored = store.put(key, [pattern(1000)], 1000)
        for recorded in (999, 1001):
            with pytest.raises(Tampered):
                fetcher(store, key, stored.version_id, recorded)(0, 100)

    def test_a_copied_back_object_is_adopted(self, store: ObjectStore, key: str) -> None:
        """When the recorded version id is gone, the only version with the recorded size and checksum is found again."""
        stored = store.put(key, [pattern(1000)], 1000)
        lost = Stored(key, "gone", stored.length, stored.sha256)
        assert adopt(store, lost) == stored
        assert adopt(store, Stored(key, "gone", 1000, bytes(32))) is None
