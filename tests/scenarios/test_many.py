"""Many files, many folders, and the two ways of watching them."""

import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from registry.codes import Answer
from tests.scenarios.centre import Centre, wait_for
from tests.scenarios.looking import deposit_well, fresh, wait_recording, wait_words, words_of

pytestmark = pytest.mark.scenario

_FLOOD = 10_000
_FOLDERS = 3_000
_MEGABYTE = 1 << 20


def _peak_bytes(pid: int) -> int:
    """Return the most memory that a process has used so far."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


def _copies(folder: Path) -> None:
    content = fresh()
    for number in range(_FLOOD):
        (folder / f"appel {number}.mp3").write_bytes(content[: 2000 + number % 50])


def _texts(folder: Path) -> None:
    for number in range(_FLOOD):
        (folder / f"note {number}.txt").write_bytes(b"bonjour %d" % number)


def _links(folder: Path) -> None:
    for number in range(_FLOOD):
        (folder / f"lien {number}").symlink_to("/etc/passwd")


@pytest.mark.slow
@pytest.mark.parametrize("flood", [_copies, _texts, _links])
def test_ten_thousand_files_in_one_folder(tmp_path: Path, flood: Callable[[Path], None]) -> None:
    """They get few answers, one of which says that there are too many; everybody else is answered within a minute, in little memory."""
    with Centre.found(tmp_path) as centre, centre.up() as running:
        ref, before, after = centre.enrol(3)
        deposit_well(centre, before)(40)
        peak = _peak_bytes(running.pid)
        flood(centre.folder(ref))
        deposit_well(centre, after)(60)
        wait_words(centre.folder(ref), "plus d’enregistrements qu’une personne", 60)
        time.sleep(20)
        most = centre.parts.policy.max_files_per_folder
        told = [words_of(path) for path in centre.answers(ref)]
        assert sum("plus d’enregistrements qu’une personne" in one for one in told) == 1
        assert len(told) <= most + 1
        assert sum(1 for _ in centre.folder(ref).iterdir()) >= _FLOOD
        assert _peak_bytes(running.pid) - peak < 100 * _MEGABYTE
        for path in centre.folder(ref).iterdir():
            if not path.name.startswith(("1 -", "2 -", "3 -")):
                path.unlink()
        centre.attest(ref)
        centre.drop(ref, "Mon appel.mp3", fresh())
        wait_for(lambda: "received" in {str(one.answer) for one in centre.recordings(ref)}, "the one recording is received", 60)
        wait_for(
            lambda: not any("plus d’enregistrements qu’une personne" in words_of(one) for one in centre.answers(ref)), "the notice goes"
        )


@pytest.mark.slow
def test_three_thousand_folders(tmp_path: Path) -> None:
    """The centre starts, and answers, within a minute; later deposits are seen at once."""
    with Centre.found(tmp_path) as centre:
        refs = centre.enrol(_FOLDERS, crowd=True)
        centre.attest(refs[1])
        early = centre.drop(refs[1], "Mon appel.mp3", fresh())
        began = time.monotonic()
        with centre.up():
            assert time.monotonic() - began < 60
            wait_recording(centre, refs[1], Answer.RECEIVED, seconds=60)
            assert not early.exists()
            for ref in (refs[0], refs[1500], refs[-1]):
                deposit_well(centre, ref)(60)


def test_what_lay_there_before_the_start_is_taken(tmp_path: Path) -> None:
    """Nobody has to drop it again."""
    with Centre.found(tmp_path) as centre:
        ref = centre.enrol(1)[0]
        answered = deposit_well(centre, ref)
        with centre.up():
            answered(40)


def test_polling_alone_is_enough(tmp_path: Path) -> None:
    """A network or synchronised share tells no news: looking at all of it again and again finds everything."""
    with Centre.found(tmp_path) as centre:
        centre.environment |= {"CONSIGNE_FOLDERS__WATCH": "poll", "CONSIGNE_FOLDERS__POLL_SECONDS": "1"}
        first = centre.enrol(1)[0]
        with centre.up():
            deposit_well(centre, first)(40)
            deposit_well(centre, centre.enrol(1)[0])(40)


def test_without_enough_inotify_polling_goes_on(tmp_path: Path) -> None:
    """Where the kernel follows no further folder, deposits are found by looking, and nobody waits much longer."""
    with Centre.found(tmp_path) as centre:
        centre.environment |= {"CONSIGNE_FOLDERS__POLL_SECONDS": "2"}
        refs = centre.enrol(5)
        up = f"{sys.executable} -c 'from consigne.cli import main; main()' --home {centre.home} up"
        few = f"echo 3 > /proc/sys/user/max_inotify_watches && exec {up}"
        running = centre.run(["unshare", "--user", "--map-root-user", "sh", "-c", few])
        for ref in (refs[0], refs[4]):
            deposit_well(centre, ref)(40)
        assert "watcher.polling_only" in running.log.read_text()
        assert running.stop() == 0
