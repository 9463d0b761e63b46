"""Whatever lies in the share ends in an answer that a person can read, and the watcher goes on.

One centre runs for all. In each test somebody else drops a good recording at the same time, and must get his answer.
"""

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from consigne.demo_recordings import RECORDINGS
from intake.shares import Place
from registry.codes import Answer, Code
from registry.tables import DepositState
from tests.scenarios.centre import SESSION, Centre, wait_for
from tests.scenarios.looking import (
    Someone,
    answer_mails,
    deposit_at,
    deposit_well,
    fresh,
    place,
    tasks,
    wait_left,
    wait_recording,
    wait_words,
)

pytestmark = pytest.mark.scenario

PEOPLE = 110
_PDF = b"%PDF-1.4\n1 0 obj << /Type /Catalog >> endobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
_ZIP = b"PK\x05\x06" + bytes(18)


@pytest.fixture
def goes_on(centre: Centre, someone: Someone) -> Iterator[None]:
    """Somebody else deposits in the middle of the test, and is answered as if nothing else lay in the share."""
    answered = deposit_well(centre, someone())
    yield
    answered(40)


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address is short
    try:
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path.name)
    finally:
        os.chdir(here)


def a_device(path: Path) -> None:
    os.mknod(path, 0o020666, os.makedev(1, 5))  # it yields zeros without end


def a_full_directory(path: Path) -> None:
    path.mkdir()
    (path / "dedans.mp3").write_bytes(fresh())


_ODD: Mapping[str, Callable[[Path], object]] = {
    "link to a recording": lambda path: path.symlink_to(_recording_elsewhere(path)),
    "link to the machine's files": lambda path: path.symlink_to("/etc/passwd"),
    "link to a directory": lambda path: path.symlink_to("/etc"),
    "link to nothing": lambda path: path.symlink_to("nowhere.mp3"),
    "link to itself": lambda path: path.symlink_to(path.name),
    "pipe": a_fifo,
    "socket": a_socket,
    "directory": a_full_directory,
} | ({"device": a_device} if os.geteuid() == 0 else {})


def _recording_elsewhere(path: Path) -> Path:
    target = path.parents[3] / "elsewhere.mp3"
    target.write_bytes(fresh())
    return target


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("what", _ODD)
def test_what_is_no_file_is_left_and_answered(centre: Centre, someone: Someone, what: str) -> None:
    """A link, a pipe, a device, a socket or a directory is never opened: it stays, and the answer says what to do."""
    ref = someone()
    path = centre.folder(ref) / "Mon appel.mp3"
    _ODD[what](path)
    row = wait_left(centre, Code.LINK, *place(ref, path.name))
    told = wait_words(centre.folder(ref), "raccourci, un dossier ou un objet particulier")
    assert "Mon appel.mp3" in told
    assert path.is_symlink() or path.exists()
    assert centre.recordings(ref) == []
    assert [one.kind for one in answer_mails(centre, ref)] == ["answer.not_taken"]
    assert len(tasks(centre, "not_taken", Place.of(row.place).key)) == 1
    if what == "link to a recording":
        assert _recording_elsewhere(path).is_file()


@pytest.mark.usefixtures("goes_on")
def test_a_hard_link_is_a_file_like_another(centre: Centre, someone: Someone) -> None:
    """It is read and taken; the other name, wherever it is, keeps its content. Two names at once are one deposit."""
    ref, content = someone(), fresh()
    centre.attest(ref)
    other = centre.home.parent / f"kept-by-{ref}.mp3"
    other.write_bytes(content)
    for name in ("a.mp3", "b.mp3"):
        os.link(other, centre.folder(ref) / name)
    wait_recording(centre, ref, Answer.RECEIVED)
    wait_for(lambda: not any(centre.folder(ref).glob("?.mp3")), "both names are taken away")
    assert other.read_bytes() == content
    assert len(centre.recordings(ref)) == 1


_NAMES: dict[str, bytes] = {
    "255 bytes": b"x" * 251 + b".mp3",
    "not UTF-8": b"appel \xff\xfe.mp3",
    "Windows-1252": "appel enregistré.mp3".encode("cp1252"),
    "line breaks": b"appel\n\r\t1.mp3",
    "right to left": "appel \u202e3pm.exe.mp3".encode(),
    "emoji": "📞 mon appel 🎓.mp3".encode(),
    "dash first": b"-rf *.mp3",
    "space last": b"appel.mp3 ",
    "control characters": b"\x01\x1b[31mappel.mp3",
    "markup": b"<b>&amp;'\"%s{0}.mp3",
    "like our answer": "1 - Bien reçu.mp3".encode(),
}


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("what", _NAMES)
def test_a_name_never_matters(centre: Centre, someone: Someone, what: str) -> None:
    """A good recording under any name is received; its answer has a name of ours."""
    ref = someone()
    centre.attest(ref)
    path = Path(os.fsdecode(os.fsencode(centre.folder(ref)) + b"/" + _NAMES[what]))
    path.write_bytes(fresh())
    wait_recording(centre, ref, Answer.RECEIVED)
    wait_words(centre.folder(ref), "vous n’avez plus rien à faire")
    wait_for(lambda: not path.exists(), "the original is taken away")


def test_a_file_of_the_candidate_under_our_name_is_kept(centre: Centre, someone: Someone) -> None:
    """Our answer takes another name rather than the place of his file."""
    ref = someone()
    centre.attest(ref)
    his = centre.drop(ref, "1 - Bien reçu.pdf", _PDF)
    centre.drop(ref, "appel.mp3", fresh())
    wait_recording(centre, ref, Answer.RECEIVED)
    wait_words(centre.folder(ref), "vous n’avez plus rien à faire")
    assert his.read_bytes() == _PDF
    assert deposit_at(centre, *place(ref, his.name)) is not None


@pytest.mark.usefixtures("goes_on")
def test_a_temporary_name_waits_until_it_is_renamed(centre: Centre, someone: Someone) -> None:
    """What a copying program still writes is not looked at; under its final name it is taken."""
    ref = someone()
    centre.attest(ref)
    part = centre.drop(ref, "appel.mp3.part", fresh())
    time.sleep(3)
    assert part.exists()
    assert centre.answers(ref) == []
    part.rename(part.with_suffix(""))
    wait_recording(centre, ref, Answer.RECEIVED)


def an_m4a() -> bytes:
    return next(one for one in RECORDINGS if one.case == "telephone-m4a").make()


_CONTENTS: dict[str, tuple[str, Callable[[], bytes], Answer, tuple[Code, ...], str]] = {
    "empty": ("appel.mp3", lambda: b"", Answer.REFUSED, (Code.EMPTY_FILE,), "vide"),
    "m4a": ("appel.m4a", an_m4a, Answer.REFUSED, (Code.NOT_MP3,), "M4A"),
    "m4a called mp3": ("appel.mp3", an_m4a, Answer.REFUSED, (Code.NOT_MP3,), "M4A"),
    "pdf called mp3": ("appel.mp3", lambda: _PDF + b"%" * 600, Answer.REFUSED, (Code.NOT_MP3,), "PDF"),
    "zip called mp3": ("appel.mp3", lambda: _ZIP + bytes(600), Answer.REFUSED, (Code.NOT_MP3,), "ZIP"),
    "mp3 called pdf": ("appel.pdf", fresh, Answer.AWAITING_CONSENT, (), "attestation"),
    "mp3 without an ending": ("appel", fresh, Answer.AWAITING_CONSENT, (), "attestation"),
    "mp3 called txt": ("appel.txt", fresh, Answer.AWAITING_CONSENT, (), "attestation"),
}


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("what", _CONTENTS)
def test_a_file_is_judged_by_its_content(centre: Centre, someone: Someone, what: str) -> None:
    """Whatever its name says; a refusal names what was found, and the file is kept aside, sealed."""
    name, make, answer, codes, words = _CONTENTS[what]
    ref = someone()
    path = centre.drop(ref, name, make())
    found = wait_recording(centre, ref, answer)
    assert tuple(found.codes) == codes
    wait_words(centre.folder(ref), words)
    wait_for(lambda: not path.exists(), "the original is taken away")


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize(
    ("name", "content"), [("appel.zip", _ZIP), ("lisez-moi.txt", b"Bonjour"), ("rien", b""), ("photo.jpg", b"\xff\xd8\xff")]
)
def test_a_foreign_file_is_left_and_answered(centre: Centre, someone: Someone, name: str, content: bytes) -> None:
    """What is neither a recording nor an attestation stays where it lies, with an answer beside it, once."""
    ref = someone()
    path = centre.drop(ref, name, content)
    wait_left(centre, Code.NOT_A_DEPOSIT, *place(ref, name))
    wait_words(centre.folder(ref), "ni un enregistrement ni une attestation")
    time.sleep(1)
    assert path.read_bytes() == content
    assert len(centre.answers(ref)) == 1


@pytest.mark.usefixtures("goes_on")
def test_a_file_that_is_too_large_is_never_read(centre: Centre, someone: Someone) -> None:
    """Ten gigabytes that take no room on the disk are answered at once, and stay."""
    ref = someone()
    path = centre.folder(ref) / "appel.mp3"
    with path.open("wb") as file:
        file.truncate(10 << 30)
    began = time.monotonic()
    wait_left(centre, Code.TOO_LARGE, *place(ref, path.name), seconds=15)
    assert time.monotonic() - began < 10
    wait_words(centre.folder(ref), "10,7 Go")
    assert path.stat().st_size == 10 << 30


@pytest.mark.usefixtures("goes_on")
@pytest.mark.parametrize("where", ["", SESSION, "inconnue/CE-001", f"{SESSION}/CE-999", f"{SESSION}/{{ref}}/Mes fichiers"])
def test_a_file_in_a_wrong_place_is_left_and_answered(centre: Centre, someone: Someone, where: str) -> None:
    """Outside the folders that the centre opened nobody is known: the answer lies beside the file, a coordinator is told."""
    folder = centre.parts.share.root / where.format(ref=someone())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"égaré {len(where)}.mp3"
    path.write_bytes(fresh())
    below = os.fsencode(path.relative_to(centre.parts.share.root)).split(b"/")
    row = wait_left(centre, Code.UNKNOWN_FOLDER, *below)
    wait_words(folder, "hors d’un dossier de dépôt")
    assert path.exists()
    assert len(tasks(centre, "not_taken", Place.of(row.place).key)) == 1


@pytest.mark.usefixtures("goes_on")
def test_a_file_deep_in_folders_is_answered_at_their_beginning(centre: Centre, someone: Someone) -> None:
    """Folders in folders are not searched to the end: an answer lies where they begin."""
    ref = someone()
    deep = centre.folder(ref) / "Bloc 1" / "Mes appels" / "Juin"
    deep.mkdir(parents=True)
    (deep / "appel.mp3").write_bytes(fresh())
    wait_left(centre, Code.UNKNOWN_FOLDER, *place(ref, "Bloc 1"), b"Mes appels")
    wait_words(centre.folder(ref) / "Bloc 1", "hors d’un dossier de dépôt")


def test_a_cut_file_is_given_time_to_grow(centre: Centre, someone: Someone) -> None:
    """The beginning of a recording is not taken while the rest may come; then the whole is, without a warning."""
    ref, content = someone(), fresh()
    centre.attest(ref)
    path = centre.drop(ref, "appel.mp3", content[: len(content) // 2 + 31])
    time.sleep(0.9)
    with path.open("ab") as file:
        file.write(content[len(content) // 2 + 31 :])
    found = wait_recording(centre, ref, Answer.RECEIVED)
    assert (found.size_bytes, found.warnings) == (len(content), [])


def test_a_cut_file_that_does_not_grow_is_received_with_a_warning(centre: Centre, someone: Someone) -> None:
    """Patience ends: what is there is taken, and the remark stands in the answer."""
    ref, content = someone(), fresh()
    centre.attest(ref)
    centre.drop(ref, "appel.mp3", content[: len(content) * 9 // 10 + 31])
    assert "TRUNCATED" in wait_recording(centre, ref, Answer.RECEIVED).warnings


def test_a_growing_file_is_taken_when_it_stands_still(centre: Centre, someone: Someone) -> None:
    """Nothing is taken while it grows, and then all of it."""
    ref, content = someone(), fresh()
    centre.attest(ref)
    path = centre.folder(ref) / "appel.mp3"
    with path.open("wb", buffering=0) as file:
        for start in range(0, len(content), 2500):
            file.write(content[start : start + 2500])
            time.sleep(0.2)
            assert centre.recordings(ref) == []
    assert wait_recording(centre, ref, Answer.RECEIVED).size_bytes == len(content)


@pytest.mark.usefixtures("goes_on")
def test_files_that_come_and_go_are_nothing(centre: Centre, someone: Someone) -> None:
    """What vanishes, is renamed or is replaced again and again while it is looked at is answered for what it is in the end."""
    ref, last = someone(), fresh()
    centre.attest(ref)
    folder, until = centre.folder(ref), time.monotonic() + 4
    contents, turn = [fresh(), fresh(), bytes(5000)], 0
    while time.monotonic() < until:
        turn += 1
        (folder / "appel.mp3").write_bytes(contents[turn % 3])
        (folder / "appel.mp3").rename(folder / f"appel {turn % 4}.mp3")
        if turn % 4 == 0:
            for path in folder.glob("appel*.mp3"):
                path.unlink(missing_ok=True)
        time.sleep(0.01)
    for path in folder.glob("appel*.mp3"):
        path.unlink(missing_ok=True)
    count = len(centre.recordings(ref))
    (folder / "appel.mp3").write_bytes(last)
    found = wait_recording(centre, ref, Answer.RECEIVED, count + 1)
    assert found.size_bytes == len(last)


@pytest.mark.usefixtures("goes_on")
def test_a_file_replaced_after_it_was_read_is_a_new_deposit(centre: Centre, someone: Someone) -> None:
    """What took its place before it was removed is not removed with it: it is given back, and answered too."""
    ref = someone()
    centre.attest(ref)
    first, second = fresh(), fresh()
    path = centre.drop(ref, "appel.mp3", first)
    wait_for(lambda: centre.recordings(ref), "the first is being treated")
    other = path.with_name("appel.mp3.part")
    other.write_bytes(second)
    other.replace(path)
    wait_for(lambda: len([one for one in centre.recordings(ref) if one.answer]) == 2, "both are answered")
    wait_for(lambda: not path.exists(), "both are taken away")
    assert {one.size_bytes for one in centre.recordings(ref)} == {len(first), len(second)}


def test_a_synchronisation_client_that_puts_the_file_back(centre: Centre, someone: Someone) -> None:
    """Five times the same file: one recording, one answer in the folder, one more mail that day, and no loop."""
    ref, content = someone(), fresh()
    path = centre.drop(ref, "appel.mp3", content)
    wait_recording(centre, ref, Answer.AWAITING_CONSENT)
    for _ in range(5):
        wait_for(lambda: not path.exists(), "the copy is taken away")
        centre.drop(ref, "appel.mp3", content)
    wait_for(lambda: not path.exists(), "the last copy is taken away")
    time.sleep(2)
    assert len(centre.recordings(ref)) == 1
    assert len(centre.answers(ref)) == 1
    assert len(answer_mails(centre, ref)) == 2
    row = deposit_at(centre, *place(ref, "appel.mp3"))
    assert row is not None
    assert row.state is DepositState.DONE


def test_the_same_file_after_a_refusal_is_answered_again_or_judged_anew(centre: Centre, someone: Someone) -> None:
    """While nothing has changed it is the same refusal; once the date of the call is corrected it is a new recording."""
    ref, content = someone(), fresh()
    file = centre.file(ref)
    centre.attest(ref, file.hearing_on.replace(year=file.hearing_on.year - 1, day=1))
    path = centre.drop(ref, "appel.mp3", content)
    assert wait_recording(centre, ref, Answer.REFUSED).codes == ["TOO_OLD"]
    wait_for(lambda: not path.exists(), "the original is taken away")
    centre.drop(ref, "encore.mp3", content)
    wait_for(lambda: len(answer_mails(centre, ref)) == 2, "the refusal is told again")
    assert len(centre.recordings(ref)) == 1
    centre.attest(ref, by_form=True)
    centre.drop(ref, "enfin.mp3", content)
    wait_recording(centre, ref, Answer.RECEIVED, 2)
    wait_for(lambda: [one.name for one in centre.answers(ref)] == ["1 - Bien reçu.pdf"], "the old answer is gone")


def test_two_good_files_together_are_both_kept_and_the_candidate_is_asked(centre: Centre, someone: Someone) -> None:
    """Neither is replaced; the mail holds the link where he says which one he presents."""
    ref = someone()
    centre.attest(ref)
    for name in ("premier.mp3", "second.mp3"):
        centre.drop(ref, name, fresh())
    wait_for(lambda: len([one for one in centre.recordings(ref) if one.answer]) == 2, "both are answered")
    one, other = centre.recordings(ref)
    assert {one.together_with, other.together_with} == {one.id, other.id}
    assert (one.unlistenable, other.unlistenable) == (None, None)
    wait_words(centre.folder(ref), "lequel")


def test_the_same_file_in_another_folder_is_told_to_the_coordinator_alone(centre: Centre, someone: Someone) -> None:
    """Both candidates get the answer that anybody gets."""
    one, other, content = someone(), someone(), fresh()
    for ref in (one, other):
        centre.attest(ref)
        centre.drop(ref, "appel.mp3", content)
        found = wait_recording(centre, ref, Answer.RECEIVED)
        told = wait_words(centre.folder(ref), "vous n’avez plus rien à faire")
        assert "déjà" not in told.replace("déjà commencé", "")
        with centre.database().reading():
            assert [mail.kind for mail in answer_mails(centre, ref)] == ["answer.received"]
    assert len(tasks(centre, "duplicate", found.id)) == 1
