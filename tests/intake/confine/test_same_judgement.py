"""In the confined process a recording has the judgement that it has outside, and nothing is imported or opened after the lock."""

import hashlib
from collections.abc import Callable, Iterator
from functools import partial
from itertools import product

import pytest
from _pytest.mark.structures import ParameterSet

from intake.confine import Pool, Task
from intake.mp3 import Limits, judge
from intake.mp3.confined import rehearse
from tests.intake.confine import watching
from tests.intake.confine.watching import answered
from tests.intake.mp3 import made
from tests.intake.mp3 import test_hostile as hostile

pytestmark = pytest.mark.scenario

Maker = Callable[[], bytes]
ENCODINGS = ("latin-1", "utf-16", "utf-16-be", "utf-8")  # by the rank that ID3v2 gives them
YEAR, DAY, TIME, FREE, COMMENT = range(5)
NAMES = {
    2: ("TYE", "TDA", "TIM", "TXX", "COM"),
    3: ("TYER", "TDAT", "TIME", "TXXX", "COMM"),
    4: ("TDRC", "TDRL", "TDEN", "TXXX", "COMM"),
}
TEXTS = {2: ("2026", "0102", "1015"), 3: ("2026", "0102", "1015"), 4: ("2026-02-01T10:15:00", "2026-02-01", "2026-02-01")}
WRONG = (b"\xff", b"\xff\xfe\xd8", b"\xff\xfe\x00\xd8\x32\x00", b"\xd8\x00\xdc202", b"\xc3(\xa0\xa1")

LARGE = hostile.HEAVY | {
    "30:00.4",
    "one rate after another",
    "mono, then stereo",
    "a third of it junk",
    "an unknown file after the sound",
    "320 kbit/s",
    "opposite phases",
    "one channel dead",
    "64 kB of zeros",
    "junk full of lone headers",
    "layer III, then II",
    "cut in half, under a header",
    "VBR with a header",
    "VBR without a header",
}


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Judging as intake rehearses it, watched."""
    judging = Task(watching.judge_watched, {"limits": Limits().to_json()}, rehearse)
    with Pool({"judge": judging, "look_up": Task(watching.look_up)}) as made_pool:
        yield made_pool


def test_the_watch_sees_what_is_tried(pool: Pool) -> None:
    """A late import and a file opened late are both noted, and neither succeeds."""
    found = answered(pool, "look_up", b"abc")
    assert found["value"] == {"size": 3}
    assert {"import this", "import encodings.no_such", "open /etc/hostname"} <= set(found["tried"])


def dated(version: int, rank: int, *, creation: bool) -> bytes:
    """A recording whose tag holds its date, in that version of ID3v2 and that encoding, beside a comment."""

    def text(value: str) -> bytes:
        return bytes([rank]) + value.encode(ENCODINGS[rank])

    names = NAMES[version]
    frames = [(name, text(value)) for name, value in zip(names, TEXTS[version], strict=False)]
    if creation:
        frames = [(names[FREE], text("creation_time\0") + text("2026-02-01T10:15:00Z")[1:])]
    return made.id3(*frames, (names[COMMENT], text("été")), version=version) + made.call()


def spoilt(version: int, rank: int, payload: bytes) -> bytes:
    """A recording whose date cannot be decoded, or not as the date of anything."""
    return made.id3((NAMES[version][YEAR], bytes([rank]) + payload), version=version) + made.call()


DATED: dict[str, Maker] = {
    f"2.{version} {ENCODINGS[rank]}{' creation_time' if creation else ''}": partial(dated, version, rank, creation=creation)
    for version, rank, creation in product(NAMES, range(4), (False, True))
}
SPOILT: dict[str, Maker] = {
    f"2.{version} encoding {rank} {payload.hex()}": partial(spoilt, version, rank, payload)
    for version, rank, payload in product(NAMES, (0, 1, 2, 3, 4, 255), WRONG)
}


def recordings() -> list[ParameterSet]:
    """Every recording of the tests; the large ones and most spoilt tags are slow."""
    rows: list[tuple[str, Maker, bool]] = [(name, make, False) for name, make in DATED.items()]
    rows += [(name, make, not name.startswith("2.3")) for name, make in SPOILT.items()]
    rows += [(name, make, True) for name, make in hostile.TOO_LONG.items()]
    rows += [(name, make, name in LARGE) for name, make in hostile.HONEST.items()]
    rows += [(name, row[0], name in LARGE) for name, row in hostile.VERDICTS.items()]
    rows += [(name, row[0], name in LARGE) for name, row in hostile.FOREIGN.items()]
    return [pytest.param(make, id=name, marks=[pytest.mark.slow] if slow else []) for name, make, slow in rows]


@pytest.mark.parametrize("make", recordings())
def test_a_recording_has_the_same_judgement_confined(pool: Pool, make: Maker) -> None:
    """Verdict, duration, dates, levels and waveform are equal, and nothing was out of reach."""
    data = make()
    sha256 = hashlib.sha256(data).hexdigest()
    outside = judge(memoryview(data), Limits(), sha256=sha256).to_json()
    assert answered(pool, "judge", data, sha256=sha256) == {"value": outside, "tried": []}


@pytest.mark.parametrize("make", DATED.values(), ids=DATED)
def test_an_ordinary_date_is_no_damage(pool: Pool, make: Maker) -> None:
    """A recorder's date is read in every version and encoding, and the call accepted."""
    data = make()
    found = answered(pool, "judge", data, sha256=hashlib.sha256(data).hexdigest())["value"]
    assert (found["verdict"], found["reasons"], found["recorded_on"]) == ("accept", [], "2026-02-01")
