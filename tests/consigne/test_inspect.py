"""``consigne inspect``: the contract of its JSON, its exit codes, and what it says of what is not a recording."""

import os
from pathlib import Path

import pytest

from consigne.demo_recordings import RECORDINGS
from consigne.voice import dialogue, mp3
from tests.consigne.centre import run

pytestmark = pytest.mark.scenario  # every call starts the confined processes anew

_KEYS = ["file", "verdict", "reasons", "warnings", "duration_seconds", "sha256", "size_bytes", "format", "recorded_on"]


@pytest.fixture(scope="module")
def call(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good recording of twenty seconds."""
    path = tmp_path_factory.mktemp("calls") / "appel.mp3"
    path.write_bytes(mp3(dialogue(20, 1), 32_000, 16_000))
    return path


def test_one_document_a_line_with_the_keys_of_the_contract(call: Path, tmp_path: Path) -> None:
    """Each file gives one line, in the order given, with every key, also where nothing can be read."""
    other = tmp_path / "autre.mp3"
    other.write_bytes(b"RIFF" + bytes(2000))
    ran = run("inspect", "--json", call, other, tmp_path / "absent.mp3")
    assert ran.code == 1
    told = ran.json()
    assert [list(one) for one in told] == [_KEYS] * 3
    assert [one["verdict"] for one in told] == ["accept", "reject", "reject"]
    assert told[0]["format"] == {"version": "2", "layer": 3, "sample_rate": 16000, "channels": 1, "bitrate_kbps": 32, "vbr": False}
    assert abs(told[0]["duration_seconds"] - 20) < 0.2
    assert (told[1]["reasons"], told[2]["reasons"]) == (["NOT_MP3"], ["UNREADABLE"])


def test_a_good_file_is_done_with_zero(call: Path) -> None:
    """Exit code 0 when nothing is refused."""
    ran = run("inspect", call)
    assert (ran.code, ran.out.split()[0]) == (0, "accept")


def test_dates_are_judged_when_they_are_told(call: Path) -> None:
    """A call more than a year before the hearing is too old; the day after its anniversary is not; dates are read as people write them."""
    old = run("inspect", "--json", "--call-date", "15/06/2025", "--hearing", "2026-06-15", call).json()[0]
    assert (old["verdict"], old["reasons"]) == ("reject", ["TOO_OLD"])
    young = run("inspect", "--json", "--call-date", "16 juin 2025", "--hearing", "15/06/2026", call).json()[0]
    assert (young["verdict"], young["reasons"]) == ("accept", [])
    future = run("inspect", "--json", "--call-date", "2099-01-01", call).json()[0]
    assert (future["verdict"], future["reasons"]) == ("reject", ["FUTURE_DATE"])


def test_a_date_that_is_none_is_wrong_use(call: Path) -> None:
    """Exit code 2, and the sentence says how to write one."""
    ran = run("inspect", "--call-date", "le 31 février", call)
    assert (ran.code, ran.out) == (2, "")
    assert "2026-06-15" in ran.err


def test_a_summary_counts_codes_and_names_no_file(tmp_path: Path) -> None:
    """Over a folder, the summary holds codes and counts only."""
    (tmp_path / "dossier").mkdir()
    for number, recording in enumerate(RECORDINGS[8:11]):
        (tmp_path / "dossier" / f"Madame Secret {number}.mp3").write_bytes(recording.make())
    ran = run("inspect", "--summary", "--json", tmp_path)
    assert "Secret" not in ran.out + ran.err
    assert ran.json() == [{"files": 3, "verdicts": {"reject": 3}, "codes": {"NOT_MP3": 2, "EMPTY_FILE": 1}}]


def test_a_pipe_and_a_device_are_not_waited_for(tmp_path: Path) -> None:
    """What is not a file is refused at once."""
    os.mkfifo(tmp_path / "tube.mp3")
    told = run("inspect", "--json", tmp_path / "tube.mp3", "/dev/zero").json()
    assert [one["reasons"] for one in told] == [["LINK"], ["LINK"]]


def test_names_in_any_encoding(call: Path, tmp_path: Path) -> None:
    """A name that is not UTF-8 is printed somehow, and its file judged."""
    os.link(call, os.fsencode(tmp_path) + b"/\xff\xfe.mp3")
    ran = run("inspect", "--json", tmp_path)
    assert (ran.code, len(ran.json())) == (0, 1)


def test_a_file_of_ten_gigabytes_is_not_read(tmp_path: Path) -> None:
    """A sparse giant is too large at once."""
    with (tmp_path / "grand.mp3").open("wb") as file:
        file.truncate(10 << 30)
    told = run("inspect", "--json", tmp_path / "grand.mp3").json()[0]
    assert (told["verdict"], told["reasons"], told["size_bytes"]) == ("reject", ["TOO_LARGE"], 10 << 30)
