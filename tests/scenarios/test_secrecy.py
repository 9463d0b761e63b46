"""Nothing outside the deposit folder ever holds sound, a data key, or a candidate's name where no name belongs.

A recording that can be recognised goes through, killed on its way at the worst moments; then everything that the centre wrote is
searched, byte by byte: its directory, its own temporary directory, and what is new in the machine's.
"""

import base64
import io
import os
import re
import signal
import stat
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import select as rows_of

from intake.mp3.judging import judge
from intake.mp3.limits import Limits
from journal import log
from registry.codes import Answer
from storage.identity import open_key
from storage.keyfile import KeyFile
from tests.scenarios import dying
from tests.scenarios.centre import Centre, Process, large_recording, recording, tree, wait_for
from tests.scenarios.dying import Point, Trap
from tests.scenarios.ending import Witness

pytestmark = [pytest.mark.scenario, pytest.mark.slow]

_WINDOW, _WINDOWS = 64, 300
_VARIED = 24  # how many different bytes a window holds at least, so that it is nobody else's
_TAG = b"Zinzolinettedesbois"
_KILLED_AT = (Point.SOUND_UNDER_WAY, Point.AFTER_KEEP_KEY)
_MACHINE = [Path("/tmp"), Path("/var/tmp"), Path("/dev/shm")]
_TOO_LARGE = 200 << 20
_PIECE = 8 << 20
_HEAD = 8  # how many bytes of a needle are looked up before it is compared whole
_LONGEST = 128
_NAMES = [b"quennevilloux", b"apollinariette", b"courriel-des-essais", _TAG.lower()]


def _windows(data: bytes) -> list[bytes]:
    """Take windows all over some bytes, none of them dull."""
    chance = np.random.default_rng(7)
    offsets = chance.integers(0, len(data) - _WINDOW, _WINDOWS * 4)
    found = [data[at : at + _WINDOW] for at in sorted(offsets)]
    return [window for window in found if len(set(window)) >= _VARIED and len(set(window[:_HEAD])) >= _HEAD // 2][
        :: len(found) // _WINDOWS or 1
    ]


def _pcm(content: bytes) -> Iterator[bytes]:
    """Decode, as 16-bit and as floating-point samples: the two forms in which sound would leave a decoder."""
    with av.open(io.BytesIO(content), "r", format="mp3") as container:
        sound = np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1)[0]
    yield sound.astype("<f4").tobytes()
    yield (np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes()


def _sounds(content: bytes) -> list[bytes]:
    """Return what must be found nowhere: the file itself, its sound, and the waveform drawn from it, raw and as text."""
    waveform = judge(memoryview(content), Limits()).waveform
    assert len(waveform) > 4 * _WINDOW
    drawn = [waveform[at : at + 48] for at in range(48, len(waveform) - 48, 48)]
    assert min(len(set(window)) for window in drawn) > 8
    pieces = [*_windows(content), *(window for pcm in _pcm(content) for window in _windows(pcm)), *drawn]
    assert len(pieces) > _WINDOWS
    return [*pieces, *map(base64.b64encode, drawn)]


def _secrets(key: bytes) -> list[bytes]:
    return [key, key.hex().encode(), base64.b64encode(key).rstrip(b"="), base64.urlsafe_b64encode(key).rstrip(b"=")]


def _files(root: Path, *, newer_than: float = 0.0) -> Iterator[Path]:
    """Yield the regular files below a directory, of this machine's accounts and changed since a moment; links are not followed."""
    for folder, _, names in os.walk(root):
        for name in names:
            path = Path(folder, name)
            try:
                status = path.lstat()
            except OSError:
                continue
            if stat.S_ISREG(status.st_mode) and max(status.st_mtime, status.st_ctime) >= newer_than and status.st_size <= _TOO_LARGE:
                yield path


def _mixed(heads: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Fold eight bytes into sixteen bits."""
    folded: NDArray[np.uint64] = heads * np.uint64(0x9E3779B97F4A7C15) >> np.uint64(48)
    return folded


class Needles:
    """Many byte strings, looked for at once, at every offset."""

    def __init__(self, wanted: list[bytes]) -> None:
        self._by_head: dict[int, list[bytes]] = defaultdict(list)
        for needle in wanted:
            self._by_head[int.from_bytes(needle[:_HEAD], "little")].append(needle)
        self._heads = np.array(sorted(self._by_head), np.uint64)
        self._likely = np.zeros(1 << 16, np.bool_)
        self._likely[_mixed(self._heads)] = True

    def are_in(self, data: bytes) -> bool:
        """Tell whether any of them is somewhere in the data."""
        if len(data) < _HEAD:
            return False
        heads: NDArray[np.uint64] = np.ndarray((len(data) - _HEAD + 1,), "<u8", data, strides=(1,))  # at every offset
        likely = np.flatnonzero(self._likely[_mixed(heads)])
        places = likely[np.isin(heads[likely], self._heads)]
        return any(data.startswith(needle, at) for at in places for needle in self._by_head[int(heads[at])])

    def holders(self, paths: Iterable[Path]) -> list[str]:
        """Name the files that hold any of them; one that vanishes meanwhile holds nothing."""
        found = []
        for path in paths:
            with suppress(OSError), path.open("rb") as file:
                kept = b""
                while piece := file.read(_PIECE):
                    if self.are_in(kept + piece):
                        found.append(str(path))
                        break
                    kept = piece[-_LONGEST:]
        return found


@dataclass(frozen=True)
class Story:
    """A centre through which a recording with a tell-tale sound goes, deposited by somebody with a tell-tale name."""

    centre: Centre
    content: bytes
    began: float

    @property
    def share(self) -> Path:
        """The one place that may hold sound, until it is taken."""
        return self.centre.parts.share.root

    def written(self) -> list[Path]:
        """Return every file that the centre may have written outside the shared folder."""
        own = [path for path in _files(self.centre.home.parent) if self.share not in path.parents]
        others = [path for root in _MACHINE for path in _files(root, newer_than=self.began) if self.centre.home not in path.parents]
        return [*own, *others]

    def keys(self) -> Iterator[bytes]:
        """Open every data key that the vault holds now."""
        witness = Witness(self.centre)
        for attempt in self.centre.parts.vaults.list():
            held = self.centre.parts.vaults.get(attempt)
            if isinstance(held, KeyFile):
                yield open_key(held, [witness.identity]).expose()


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Found a centre whose processes have a temporary directory of their own."""
    directory, began = tmp_path_factory.mktemp("secrecy"), time.time() - 1
    with Centre.found(directory) as centre:
        temporary = directory / "temporary"
        temporary.mkdir()
        centre.environment["TMPDIR"] = str(temporary)
        tag = b"ID3\x03\x00\x00" + _synchsafe(len(_TAG) + 11) + b"TIT2" + (len(_TAG) + 1).to_bytes(4, "big") + b"\x00\x00\x00" + _TAG
        yield Story(centre, tag + large_recording(2), began)


def _synchsafe(size: int) -> bytes:
    return bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))


@pytest.fixture(scope="module")
def played(story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Process, list[bytes]]]:
    """Play the story, searching at each kill; give the centre that runs at its end, and every data key that there was."""
    centre, trap = story.centre, Trap(tmp_path_factory.mktemp("trap") / "trap")
    named, attested, refused = centre.enrol(3)
    name = f"Appel de {centre.file(named).candidate.family_name}.mp3"
    sounds, keys = Needles(_sounds(story.content)), list[bytes]()
    dropped = centre.drop(named, name, story.content)
    assert sounds.holders([dropped]) == [str(dropped)]
    for point in _KILLED_AT:
        trap.set(point)
        dying_one = dying.start(centre, trap, wait=False)
        assert dying_one.process.wait(60) == -signal.SIGKILL, dying_one.log.read_text()
        dying_one.kill()
        assert sounds.holders(story.written()) == []
        keys += story.keys()
    with centre.up() as running:
        centre.drop(attested, name, recording(5))
        centre.drop(refused, name, b"RIFF\x24\x00\x00\x00WAVEfmt " + bytes(4000))
        (centre.folder(refused) / f"lien de {_TAG.decode()}.mp3").symlink_to("/etc/passwd")
        centre.attest(attested, by_form=True)
        for ref in (named, attested, refused):
            wait_for(partial(Witness(centre).settled, ref), f"the deposit of {ref} is settled")
        keys += story.keys()
        assert centre.recordings(named)[0].answer is Answer.AWAITING_CONSENT
        assert len(set(keys)) == 4
        yield running, keys


def test_no_sound_lies_outside_the_deposit_folder(story: Story, played: tuple[Process, list[bytes]]) -> None:
    """Neither the file, nor its samples, nor its waveform: not in store, database, WAL, logs, vaults, mails or temporary files."""
    assert played
    assert any(path.name == "consigne.db-wal" for path in story.written())
    assert Needles(_sounds(story.content)).holders(story.written()) == []
    assert Needles(_sounds(story.content)).holders(_files(story.share)) == []


def test_no_data_key_is_ever_written(story: Story, played: tuple[Process, list[bytes]]) -> None:
    """A data key leaves memory only sealed: neither raw, nor as text, also where its attempt was killed."""
    _, keys = played
    spelt = Needles([one for key in keys for one in _secrets(key)])
    assert spelt.are_in(b"-" + base64.b64encode(keys[0]))
    assert spelt.holders([*story.written(), *_files(story.share)]) == []


def test_names_are_only_where_people_are_told_something(story: Story, played: tuple[Process, list[bytes]]) -> None:
    """The database and the mails hold names; object keys, the whole store, vaults, journal, logs, folder names and URLs do not."""
    centre, (running, _) = story.centre, played
    outbox = centre.home / "outbox"
    files = [path for path in _files(centre.home.parent) if story.share not in path.parents and outbox not in path.parents]
    told = [path for path in files if not path.name.startswith("consigne.db")]
    assert {running.log, centre.home / "store" / "weed.log"} <= set(told)
    assert _naming([b"\n".join(path.read_bytes() for path in _files(outbox))])
    assert [str(path) for path in told if _naming([path.read_bytes(), os.fsencode(path)])] == []
    assert _naming(os.fsencode(path) for path in centre.home.rglob("*") if path.is_dir()) == []
    assert _naming(key.encode() for key in Witness(centre).store.keys()) == []  # noqa: SIM118 - a method of the store
    with centre.database().reading() as session:
        assert _naming(bytes(row) for (row,) in session.connection().execute(rows_of(log.ENTRIES.c.bytes))) == []
    urls = [url for path in _files(outbox) for url in re.findall(rb"https?://[^\s\"<>]+", path.read_bytes())]
    assert len(urls) > 5
    assert _naming(urls) == []


def _naming(texts: Iterable[bytes]) -> list[bytes]:
    """Return the texts that name a candidate, by his name, his address or his file's."""
    return [text for text in texts if any(name in text.lower() for name in _NAMES)]


def test_links_are_not_logged(story: Story, played: tuple[Process, list[bytes]]) -> None:
    """Whoever reads a log opens no form with it."""
    running, _ = played
    mails = b"".join(path.read_bytes() for path in _files(story.centre.home / "outbox")).replace(b"=\n", b"").replace(b"=3D", b"=")
    tokens = set(re.findall(rb"/a/([A-Za-z0-9_-]{40,})", mails))
    assert len(tokens) > 2
    logged = b"".join(process.log.read_bytes() for process in story.centre.processes)
    assert [token for token in tokens if token in logged] == []
    assert running.log.read_bytes()


def test_no_process_of_the_centre_dumps_its_memory(played: tuple[Process, list[bytes]]) -> None:
    """A core dump would hold data keys and sound: none is made, by the centre, its store, or the confined processes."""
    running, _ = played
    processes = [pid for pid, _ in tree(running.pid)]
    assert len(processes) > 3
    for pid in processes:
        limits = Path(f"/proc/{pid}/limits").read_text("ascii")
        assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), limits
