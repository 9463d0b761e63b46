"""Sealing: against the library in both directions, at every chunk edge, and against the text of the specification."""

import copy
import hashlib
import itertools
import pickle
from collections.abc import Iterator

import pytest
from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from hypothesis import given
from hypothesis import strategies as st

from storage import ranges
from storage.errors import StorageRefused, Tampered
from storage.ranges import RangeReader
from storage.seal import CHUNK, HEADER, TAG, Context, DataKey, Part, open_all, open_stream, seal, sealed_length

CONTEXT = Context("rec_1", "att_1", "ses_1", Part.SOUND)
EDGES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK - 1, 2 * CHUNK, 2 * CHUNK + 1, 5 * CHUNK, 300_000]


def plain_of(length: int) -> bytes:
    """Bytes in which no two chunks are alike."""
    return hashlib.shake_128(b"plain").digest(length)


def sealed_of(key: DataKey, plain: bytes, context: Context = CONTEXT) -> bytes:
    """Seal at once."""
    return b"".join(seal(key, context, [plain]))


class Store:
    """A sealed object that counts what is fetched from it."""

    def __init__(self, sealed: bytes) -> None:
        self.sealed = sealed
        self.fetched: list[tuple[int, int]] = []

    def fetch(self, start: int, stop: int) -> bytes:
        """One range GET."""
        self.fetched.append((start, stop))
        return self.sealed[start:stop]


def reader_of(store: Store, key: DataKey, length: int, read_ahead: int = 0) -> RangeReader:
    """A reader over a store."""
    return RangeReader(key, CONTEXT, store.fetch, length, read_ahead=read_ahead)


def by_hand(key: DataKey, context: Context, salt: bytes, plain: bytes) -> bytes:
    """Seal as the text of the specification says, step by step, with a salt that is given: the vectors' generator."""
    info = b"c2sp.org/chunked-encryption@v1+" + b"AEAD_AES_256_GCM" + b"\x00" + salt + context.encode()
    derived = HKDFExpand(SHA512(), 32 + 12 + 32, info).derive(key.expose())
    cipher, base, commitment = AESGCM(derived[:32]), int.from_bytes(derived[32:44], "big"), derived[44:]
    chunks = [plain[at : at + CHUNK] for at in range(0, len(plain) + 1, CHUNK)]
    return salt + commitment + b"".join(cipher.encrypt((base ^ n).to_bytes(12, "big"), chunk, None) for n, chunk in enumerate(chunks))


@pytest.mark.parametrize("length", EDGES)
def test_the_library_opens_what_we_seal(length: int) -> None:
    """Our stream is a Cobblestone-256 message."""
    key, plain = DataKey.generate(), plain_of(length)
    sealed = sealed_of(key, plain)
    decryptor = Cobblestone256Decryptor(key.expose(), CONTEXT.encode())
    assert decryptor.update(sealed) + decryptor.finalize() == plain
    assert len(sealed) == sealed_length(length)


@pytest.mark.parametrize("length", EDGES)
def test_we_read_what_the_library_seals(length: int) -> None:
    """The range reader reads the library's message, whole and at both sides of every chunk edge."""
    key, plain = DataKey.generate(), plain_of(length)
    encryptor = Cobblestone256Encryptor(key.expose(), CONTEXT.encode())
    store = Store(encryptor.update(plain) + encryptor.finalize())
    reader = reader_of(store, key, length)
    reader.verify_end()
    assert b"".join(reader.read(0, length)) == plain
    edges = [at + delta for at in range(0, length + CHUNK, CHUNK) for delta in (-1, 0, 1) if 0 <= at + delta <= length]
    for start in edges:
        for stop in edges:
            if start <= stop:
                assert b"".join(reader.read(start, stop)) == plain[start:stop]


@pytest.mark.parametrize("length", EDGES)
def test_both_open_what_the_text_of_the_specification_gives(length: int) -> None:
    """A message made step by step from the specification opens by the library's way and by ranges."""
    key, plain = DataKey(bytes(range(32))), plain_of(length)
    sealed = by_hand(key, CONTEXT, bytes(range(24)), plain)
    assert open_all(key, CONTEXT, sealed, length) == plain
    assert b"".join(reader_of(Store(sealed), key, length).read(0, length)) == plain


@given(
    length=st.integers(0, 5 * CHUNK),
    cuts=st.lists(st.integers(0, 5 * CHUNK), max_size=5),
    ends=st.tuples(st.integers(0, 5 * CHUNK), st.integers(0, 5 * CHUNK)),
    read_ahead=st.sampled_from([0, 1, CHUNK, 3 * CHUNK, 1 << 30]),
)
def test_any_range_of_any_length_in_any_pieces(length: int, cuts: list[int], ends: tuple[int, int], read_ahead: int) -> None:
    """However the plaintext arrives and whatever is asked of it, sealing and reading are exact inverses."""
    key, plain = DataKey.generate(), plain_of(length)
    bounds = [0, *sorted(cut for cut in cuts if cut < length), length]
    sealed = b"".join(seal(key, CONTEXT, [plain[a:b] for a, b in itertools.pairwise(bounds)]))
    assert len(sealed) == sealed_length(length)
    start, stop = sorted(min(end, length) for end in ends)
    assert b"".join(reader_of(Store(sealed), key, length, read_ahead).read(start, stop)) == plain[start:stop]
    assert b"".join(open_stream(key, CONTEXT, [sealed])) == plain


@given(at=st.integers(0, sealed_length(2 * CHUNK + 100) - 1), bit=st.integers(0, 7))
def test_a_flipped_bit_anywhere_is_seen(at: int, bit: int) -> None:
    """One bit changed, in header, chunk or tag: the whole way and the reader both refuse."""
    key, length = DataKey(bytes(32)), 2 * CHUNK + 100
    sealed = bytearray(by_hand(key, CONTEXT, bytes(24), plain_of(length)))
    sealed[at] ^= 1 << bit
    with pytest.raises(Tampered):
        open_all(key, CONTEXT, bytes(sealed), length)
    with pytest.raises(Tampered):
        b"".join(reader_of(Store(bytes(sealed)), key, length).read(0, length))


def test_nothing_is_released_before_its_tag_is_verified() -> None:
    """With the last bit of the second chunk changed, the first chunk is given and not a byte of the second."""
    key, length = DataKey.generate(), 3 * CHUNK
    sealed = bytearray(sealed_of(key, plain_of(length)))
    sealed[HEADER + 2 * (CHUNK + TAG) - 1] ^= 1
    pieces = reader_of(Store(bytes(sealed)), key, length).read(10, length)
    assert next(pieces) == plain_of(length)[10:CHUNK]
    with pytest.raises(Tampered):
        next(pieces)
    assert list(pieces) == []


@pytest.mark.parametrize("other", [Context("rec_2", "att_1", "ses_1", Part.SOUND), Context("rec_1", "att_1", "ses_1", Part.WAVEFORM)])
def test_two_objects_cannot_be_swapped(other: Context) -> None:
    """Under the same key, an object sealed for another recording or part does not open."""
    key = DataKey.generate()
    sealed = sealed_of(key, b"x" * 100, other)
    with pytest.raises(Tampered):
        open_all(key, CONTEXT, sealed, 100)
    with pytest.raises(Tampered):
        b"".join(reader_of(Store(sealed), key, 100).read(0, 1))


@pytest.mark.parametrize("length", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_chunks_cannot_change_places_or_be_cut(length: int) -> None:
    """Every shorter message, and one with two chunks exchanged, is refused."""
    key = DataKey.generate()
    sealed = sealed_of(key, plain_of(length))
    for cut in {0, 10, HEADER, HEADER + TAG, len(sealed) - TAG, len(sealed) - 1, HEADER + CHUNK + TAG} - {len(sealed)}:
        if cut < len(sealed):
            with pytest.raises(Tampered):
                open_all(key, CONTEXT, sealed[:cut], length)
            with pytest.raises(Tampered):
                reader_of(Store(sealed[:cut]), key, length).verify_end()
    if length > 2 * CHUNK:
        one, two = sealed[HEADER : HEADER + CHUNK + TAG], sealed[HEADER + CHUNK + TAG : HEADER + 2 * (CHUNK + TAG)]
        swapped = sealed[:HEADER] + two + one + sealed[HEADER + 2 * (CHUNK + TAG) :]
        with pytest.raises(Tampered):
            next(reader_of(Store(swapped), key, length).read(0, 1))


@pytest.mark.parametrize("recorded", [CHUNK, 2 * CHUNK, 2 * CHUNK + 99, 2 * CHUNK + 101, 3 * CHUNK])
def test_the_recorded_length_is_proved_at_the_end(recorded: int) -> None:
    """When registry and object disagree, by whole chunks or by a byte, the end does not verify."""
    key = DataKey.generate()
    sealed = sealed_of(key, plain_of(2 * CHUNK + 100))
    with pytest.raises(Tampered):
        reader_of(Store(sealed), key, recorded).verify_end()


def test_a_range_costs_its_own_chunks() -> None:
    """From the start: one request. In the middle: the header, then exactly the chunks touched. Again: nothing."""
    key, length = DataKey.generate(), 20 * CHUNK
    store = Store(sealed_of(key, plain_of(length)))
    reader = reader_of(store, key, length)
    b"".join(reader.read(0, 10))
    assert store.fetched == [(0, HEADER + CHUNK + TAG)]
    store.fetched.clear()
    reader = reader_of(store, key, length)
    b"".join(reader.read(5 * CHUNK + 10, 7 * CHUNK))
    assert store.fetched == [(0, HEADER), (HEADER + 5 * (CHUNK + TAG), HEADER + 7 * (CHUNK + TAG))]
    store.fetched.clear()
    b"".join(reader.read(6 * CHUNK, 6 * CHUNK + 5))
    assert store.fetched == []


def test_reading_ahead_saves_requests_and_is_bounded() -> None:
    """A listener who reads on finds the next chunks there; however far he asks, one request brings a mebibyte at most."""
    key, length = DataKey.generate(), 200 * CHUNK
    store = Store(sealed_of(key, plain_of(length)))
    reader = reader_of(store, key, length, read_ahead=4 * CHUNK)
    for start in range(0, 5 * CHUNK, 1000):
        b"".join(reader.read(start, start + 1000))
    assert len(store.fetched) == 2
    assert b"".join(reader.read(0, length)) == plain_of(length)
    assert max(stop - start for start, stop in store.fetched) <= HEADER + ranges.MOST // CHUNK * (CHUNK + TAG)


@pytest.mark.parametrize(("start", "stop"), [(-1, 5), (5, 4), (0, 101), (101, 101)])
def test_a_range_outside_is_refused(start: int, stop: int) -> None:
    """A range that is not inside the recording is refused when it is asked, before anything is fetched."""
    store = Store(b"")
    with pytest.raises(StorageRefused):
        reader_of(store, DataKey.generate(), 100).read(start, stop)
    assert store.fetched == []


def test_a_stream_is_sealed_piece_by_piece() -> None:
    """A source of any size is sealed with a bounded reserve: what comes out follows what goes in."""
    taken = 0

    def source() -> Iterator[bytes]:
        nonlocal taken
        for _ in range(40):
            taken += 100_000
            yield bytes(100_000)

    released = 0
    for piece in seal(DataKey.generate(), CONTEXT, source()):
        released += len(piece)
        assert taken - released < 400_000
    assert released == sealed_length(4_000_000)


def test_two_seals_differ() -> None:
    """The salt is fresh each time."""
    key = DataKey.generate()
    assert sealed_of(key, b"x") != sealed_of(key, b"x")


def test_the_context_has_one_form() -> None:
    """Known answer: the bytes that every recovery must build again."""
    assert CONTEXT.encode() == (
        b'{"attempt_id":"att_1","format":"consigne-context-1","part":"sound","recording_id":"rec_1","session_id":"ses_1"}'
    )


def test_a_data_key_does_not_show_itself() -> None:
    """No repr, str, format, pickle, copy or hash gives a key away; a wrong length is refused without quoting it."""
    key = DataKey(b"K" * 32)
    for shown in (repr(key), str(key), f"{key}", f"{key!r}", repr([key])):
        assert "K" * 3 not in shown
        assert "4b4b" not in shown
    for act in (pickle.dumps, copy.copy, copy.deepcopy, hash):
        with pytest.raises(TypeError):
            act(key)
    with pytest.raises(StorageRefused) as caught:
        DataKey(b"SECRET")
    assert "SECRET" not in str(caught.value)
    assert key == DataKey(b"K" * 32)
    assert key != DataKey(b"L" * 32)


def test_a_negative_length_is_refused() -> None:
    """No object has one."""
    with pytest.raises(StorageRefused):
        sealed_length(-1)


def read_whole(reader: RangeReader) -> bytes:
    """Prove the end, then read everything."""
    reader.verify_end()
    return b"".join(reader.read(0, reader.length))


C, H = CHUNK + TAG, HEADER
SEALED = {
    name: by_hand(DataKey(bytes(range(32))), CONTEXT, bytes(range(24)), plain_of(length))
    for name, length in (("one", 7), ("two", CHUNK + 7), ("full", CHUNK))
}
BROKEN = {
    "nothing": b"",
    "part of a salt": SEALED["one"][:10],
    "no commitment": SEALED["one"][:24],
    "part of a commitment": SEALED["one"][:40],
    "no chunk": SEALED["one"][:H],
    "less than a tag": SEALED["one"][: H + 8],
    "a missing tag": SEALED["one"][:-TAG],
    "another salt": bytes(24) + SEALED["one"][24:],
    "another commitment": SEALED["one"][:24] + bytes(32) + SEALED["one"][H:],
    "a bad tag in the last chunk": SEALED["two"][:-1] + bytes([SEALED["two"][-1] ^ 1]),
    "a bad tag in the empty last chunk": SEALED["full"][:-1] + bytes([SEALED["full"][-1] ^ 1]),
    "cut at a chunk's edge": SEALED["two"][: H + C],
    "cut in a chunk": SEALED["two"][: H + C - 100],
    "without its empty last chunk": SEALED["full"][:-TAG],
    "a chunk twice": SEALED["two"][: H + C] + SEALED["two"][H : H + C] + SEALED["two"][H + C :],
    "chunks exchanged": SEALED["two"][:H] + SEALED["two"][H + C :] + SEALED["two"][H : H + C],
    "a little more": SEALED["two"] + b"x",
    "a chunk more": SEALED["two"] + bytes(C),
    "the last chunk again": SEALED["one"] + SEALED["one"][H:],
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_kind_of_broken_message_is_refused(name: str) -> None:
    """Whole, and by ranges with every length that could have been recorded for it: the kinds that the published vectors try."""
    key, sealed = DataKey(bytes(range(32))), BROKEN[name]
    chunks, rest = divmod(max(len(sealed) - H, 0), C)
    for length in {7, CHUNK, CHUNK + 7, max(chunks * CHUNK + rest - TAG, 0)}:
        with pytest.raises(Tampered):
            open_all(key, CONTEXT, sealed, length)

        def whole_object_only(start: int, stop: int, length: int = length) -> bytes:
            if len(sealed) != sealed_length(length):
                raise Tampered("the store says another length than was recorded")
            return sealed[start:stop]

        reader = RangeReader(key, CONTEXT, whole_object_only, length)
        with pytest.raises(Tampered):
            read_whole(reader)
