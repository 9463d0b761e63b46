"""Random damage: whatever is done to a recording, it is judged, quickly, and the answer can be written and read back."""

import json
import time

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from intake.mp3 import Judgement, Limits, judge
from tests.intake.mp3 import made

_RECORDINGS = (
    made.id3(("TDRC", made.text("2026-02-01")), ("TXXX", b"\3creation_time\0002026")) + made.call(2.0),
    made.call(2.0, 44100, 64, header=True) + made.ape(header=True) + made.lyrics() + made.ID3V1,
    made.call(1.0, 8000, 8) + made.id3(("APIC", made.junk(500)), version=3) + made.call(1.0, 8000, 8),
)
_OPERATIONS = st.lists(
    st.tuples(st.sampled_from(["flip", "cut", "insert", "zero", "move", "header", "tag"]), st.integers(0, 1 << 20), st.binary(max_size=40)),
    min_size=1,
    max_size=12,
)


def mutant(recording: bytes, operations: list[tuple[str, int, bytes]]) -> bytes:
    """Apply each operation at its place."""
    data = bytearray(recording)
    for name, number, content in operations:
        at = number % (len(data) + 1)
        if name == "flip" and at < len(data):
            data[at] ^= 1 << number % 8
        elif name == "cut":
            del data[at : at + len(content) * 16]
        elif name == "insert":
            data[at:at] = content
        elif name == "zero":
            data[at : at + 64] = bytes(64)
        elif name == "move":
            data = data[at:] + data[:at]
        elif name == "header":
            data[at : at + 4] = b"\xff\xf3" + (content[:2] or b"\x48\xc4")
        elif name == "tag":
            data[at:at] = (b"ID3\4\0\0", b"APETAGEX", b"LYRICSBEGIN", b"3DI", b"TAG")[number % 5] + content
    return bytes(data)


@given(st.sampled_from(_RECORDINGS), _OPERATIONS)
@example(_RECORDINGS[0], [("cut", 20, b"x" * 40)])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_no_mutant_raises_or_lasts(recording: bytes, operations: list[tuple[str, int, bytes]]) -> None:
    """Judging never raises, ends at once, and survives a round trip through JSON."""
    began = time.process_time()
    found = judge(memoryview(mutant(recording, operations)), Limits())
    assert time.process_time() - began < 2
    assert Judgement.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found


@given(st.binary(max_size=5000))
@settings(max_examples=60, deadline=None)
def test_no_bytes_raise(data: bytes) -> None:
    """Bytes of no kind at all are judged too."""
    assert judge(memoryview(data), Limits()).sha256
