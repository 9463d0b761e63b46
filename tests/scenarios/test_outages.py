"""A part that is down: deposits wait unharmed in their folders, people are told, and all catches up by itself, one answer each."""

import asyncio
import os
import shutil
import signal
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.embedded import SeaweedFS
from tests.scenarios.centre import STAFF_MAIL, Centre, wait_for
from tests.scenarios.looking import (
    alerted,
    answer_mails,
    command,
    deposit_well,
    fresh,
    people,
    status,
    wait_trouble,
    wait_well,
)
from tests.support.smtp import Behaviour, SmtpServer, _Running

pytestmark = pytest.mark.scenario

Someone = Callable[[], str]
_STORE = {"store_unreachable", "store_unavailable"}  # asked in vain, or refused to a deposit: whichever came first


@pytest.fixture(scope="module")
def post() -> Iterator[_Running]:
    """A mail server that stands through all of these tests, unless one of them takes it away."""
    running = _Running(None, implicit=False, login=False)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory, post: _Running) -> Iterator[Centre]:
    """A centre that runs through these tests, and sends its mails by SMTP."""
    with Centre.found(tmp_path_factory.mktemp("outages")) as made:
        made.environment |= _sending(post.server)
        with made.up():
            yield made


@pytest.fixture(scope="module")
def someone(centre: Centre) -> Someone:
    """Give a candidate whom no other test uses."""
    give = people(centre, 12)
    _wait_sent(centre)
    return give


def _wait_sent(centre: Centre) -> None:
    """Wait until no mail waits that the next test could meet."""
    wait_for(lambda: status(centre)[1].get("mails", {}).get("queued", 0) == 0, "all mails are sent", 90)


def _sending(server: SmtpServer) -> dict[str, str]:
    return {"CONSIGNE_MAIL__HOST": server.host, "CONSIGNE_MAIL__PORT": str(server.port), "CONSIGNE_MAIL__SECURITY": "none"}


def _weed(centre: Centre) -> int | None:
    """Find the store's process by its directory."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                words = (entry / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"weed") and any(os.fsencode(centre.home) in word for word in words):
                return int(entry.name)
    return None


@contextmanager
def _killed_at_sight(centre: Centre) -> Iterator[None]:
    """Kill the store each time that it is started again."""
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.1):
            if (pid := _weed(centre)) is not None:
                os.kill(pid, signal.SIGKILL)

    killing = threading.Thread(target=kill)
    killing.start()
    try:
        yield
    finally:
        over.set()
        killing.join()


def test_a_store_that_is_killed_again_and_again(centre: Centre, someone: Someone) -> None:
    """The files stay, status names the store, an alert is queued; it is started again each time, and in the end all is stored, once."""
    refs = [someone(), someone()]
    with _killed_at_sight(centre):
        waits = [deposit_well(centre, ref) for ref in refs]
        assert wait_trouble(centre, "store", 90) in _STORE
        assert alerted(centre, "store_down")
        for ref in refs:
            assert (centre.folder(ref) / "Mon appel.mp3").exists()
            assert centre.answers(ref) == []
    for answered in waits:
        answered(120)
    wait_well(centre)


@pytest.mark.slow
def test_a_store_that_stands_still(centre: Centre, someone: Someone) -> None:
    """A store that lives and does not answer is told and started again, within about a minute; the deposit waits in its folder."""
    pid = wait_for(lambda: _weed(centre), "the store runs")
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    ref = someone()
    answered = deposit_well(centre, ref)
    assert wait_trouble(centre, "store", 70) in _STORE
    assert alerted(centre, "store_down")
    assert (centre.folder(ref) / "Mon appel.mp3").exists()
    assert centre.answers(ref) == []
    answered(90)
    wait_well(centre)


def test_a_store_elsewhere_that_is_down_at_the_start(tmp_path: Path) -> None:
    """The centre starts, says so, and takes what was deposited meanwhile once the store is there."""
    with SeaweedFS(tmp_path / "elsewhere") as store:
        store.objects("recordings")
        way = store.settings("recordings")
    assert way.endpoint_url is not None
    with Centre.found(tmp_path) as centre:
        for name, secret in (("access", way.access_key), ("secret", way.secret_key)):
            (centre.home / name).write_text(str(secret))
            (centre.home / name).chmod(0o600)
            centre.environment[f"CONSIGNE_OBJECTS__{name.upper()}_KEY_FILE"] = name
        centre.environment |= {"CONSIGNE_OBJECTS__KIND": "s3", "CONSIGNE_OBJECTS__ENDPOINT_URL": way.endpoint_url}
        ref = centre.enrol(1)[0]
        with centre.up():
            answered = deposit_well(centre, ref)
            assert wait_trouble(centre, "store") in _STORE
            assert (centre.folder(ref) / "Mon appel.mp3").exists()
            with SeaweedFS(tmp_path / "elsewhere") as store:
                assert store.settings("recordings").endpoint_url == way.endpoint_url
                answered(60)
                wait_well(centre)


def test_a_mirror_that_is_away(centre: Centre, someone: Someone) -> None:
    """No key is kept in one place only: intake waits, says so, and goes on once the mirror is back."""
    mirror, away = centre.home / "mirror", centre.home / "mirror-away"
    mirror.rename(away)
    mirror.write_bytes(b"no disk is mounted here")
    ref = someone()
    answered = deposit_well(centre, ref)
    assert wait_trouble(centre, "mirror") == "mirror_unreachable"
    assert (centre.folder(ref) / "Mon appel.mp3").exists()
    assert centre.answers(ref) == []
    assert alerted(centre, "mirror_unreachable")
    mirror.unlink()
    away.rename(mirror)
    answered(60)
    wait_well(centre)
    key = f"{centre.recordings(ref)[0].attempt_id}.json"
    assert (mirror / key).read_bytes() == (centre.home / "vault" / key).read_bytes()


def test_a_share_that_is_away(centre: Centre, someone: Someone) -> None:
    """A share that is not mounted is told, and read again once it is back: nothing in it is forgotten or answered twice."""
    root, ref = centre.parts.share.root, someone()
    away = root.with_name("depots-away")
    root.rename(away)
    try:
        assert wait_trouble(centre, "share") == "share_unavailable"
    finally:
        away.rename(root)
    deposit_well(centre, ref)(60)
    wait_well(centre)


@contextmanager
def _no_server(post: _Running) -> Iterator[None]:
    """Close the port, and open the same one again."""

    async def close() -> None:
        post._listening.close()

    async def open_again() -> asyncio.Server:
        return await post._loop.create_server(post._protocol, post.server.host, post.server.port)

    asyncio.run_coroutine_threadsafe(close(), post._loop).result(10)
    try:
        yield
    finally:
        post._listening = asyncio.run_coroutine_threadsafe(open_again(), post._loop).result(10)


@contextmanager
def _behaving(server: SmtpServer, behaviour: Behaviour) -> Iterator[None]:
    before, server.behaviour = server.behaviour, behaviour
    try:
        yield
    finally:
        server.behaviour = before


def _received(post: _Running, centre: Centre, ref: str) -> int:
    """Count the answers that reached one candidate's mailbox."""
    address = centre.file(ref).candidate.mail
    return sum(mail["To"].addresses[0].addr_spec == address and "Bien reçu" in str(mail["Subject"]) for mail in post.server.received)


def test_a_mail_server_that_is_down(centre: Centre, someone: Someone, post: _Running) -> None:
    """The answer in the folder does not wait for it; status names it, and each mail arrives once, when it is back."""
    ref = someone()
    with _no_server(post):
        deposit_well(centre, ref)(40)
        assert wait_trouble(centre, "mail").startswith("smtp_")
        assert alerted(centre, "mail_stuck")
        assert [str(mail.state) for mail in answer_mails(centre, ref)] == ["queued"]
    wait_for(lambda: str(answer_mails(centre, ref)[0].state) == "sent", "the mail leaves", 90)
    wait_well(centre, 90)
    _wait_sent(centre)
    assert _received(post, centre, ref) == 1
    assert any(STAFF_MAIL in str(one["To"]) for one in post.server.received)


def test_a_mail_server_that_asks_to_come_back(centre: Centre, someone: Someone, post: _Running) -> None:
    """A 451 is tried again later, and the mail arrives once."""
    ref = someone()
    with _behaving(post.server, Behaviour(recipient_reply="451 greylisted")):
        deposit_well(centre, ref)(40)
        wait_for(lambda: answer_mails(centre, ref)[0].error_code == "smtp_recipient_451", "the mail was tried")
    wait_for(lambda: str(answer_mails(centre, ref)[0].state) == "sent", "the mail leaves", 90)
    assert _received(post, centre, ref) == 1


def test_a_mail_that_perhaps_arrived(centre: Centre, someone: Someone, post: _Running) -> None:
    """It is never sent twice by itself: people see it, and settle it."""
    ref = someone()
    with _behaving(post.server, Behaviour(drop_after_message=True)):
        deposit_well(centre, ref)(40)
        wait_for(lambda: str(answer_mails(centre, ref)[0].state) == "uncertain", "the mail is uncertain")
    mail = answer_mails(centre, ref)[0]
    assert mail.id in command(centre, "mail", "list").stdout
    assert wait_trouble(centre, "mail")
    assert alerted(centre, "mail_uncertain")
    assert _received(post, centre, ref) == 1
    assert command(centre, "mail", "settle", mail.id).returncode == 0
    wait_well(centre, 90)
    _wait_sent(centre)
    assert _received(post, centre, ref) == 1


def test_a_mail_address_that_is_refused(centre: Centre, someone: Someone, post: _Running) -> None:
    """One address that is wrong stops no other mail; people see it, and may send it again."""
    ref, other = someone(), someone()
    with _behaving(post.server, Behaviour(recipient_reply="550 no such user")):
        deposit_well(centre, ref)(40)
        wait_for(lambda: str(answer_mails(centre, ref)[0].state) == "failed", "the mail is refused")
    deposit_well(centre, other)(40)
    wait_for(lambda: str(answer_mails(centre, other)[0].state) == "sent", "the other mail leaves")
    mail = answer_mails(centre, ref)[0]
    assert f"{mail.id}  answer.received  failed  smtp_recipient_550" in command(centre, "mail", "list").stdout
    assert status(centre)[0] == 3
    assert command(centre, "mail", "resend", mail.id).returncode == 0
    wait_for(lambda: str(answer_mails(centre, ref)[0].state) == "sent", "the mail leaves")
    assert _received(post, centre, ref) == 1


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 200 MB, mounted for one test. Root is needed, as CI gives it."""
    where = tmp_path / "disk"
    where.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=200m", "tmpfs", where], check=True)
    yield where
    subprocess.run(["umount", "-l", where], check=True)


def test_a_disk_that_is_full(small_disk: Path, tmp_path: Path) -> None:
    """Below the floor nothing is taken and status says so, also when not a byte can be written; then all catches up."""
    with Centre.found(small_disk) as centre:
        centre.environment["CONSIGNE_OBJECTS__DIRECTORY"] = str(tmp_path / "store")
        before, first, second = centre.enrol(3)
        with centre.up():
            deposit_well(centre, before)(40)
            ballast = small_disk / "ballast"
            _fill(ballast, shutil.disk_usage(small_disk).free - 30_000_000)
            answered = deposit_well(centre, first)
            assert wait_trouble(centre, "disk") == "disk_full"
            assert alerted(centre, "disk_full")
            assert (centre.folder(first) / "Mon appel.mp3").exists()
            later = deposit_well(centre, second)
            _fill(ballast, 1 << 30)
            code, told = status(centre)
            assert code == 3
            assert "disk" in str(told)
            time.sleep(3)
            assert (centre.folder(first) / "Mon appel.mp3").exists()
            assert centre.recordings(first) == []
            ballast.unlink()
            answered(60)
            later(60)
            wait_well(centre, 60)


def _fill(path: Path, size: int) -> None:
    """Write until so much is written, or no room is left."""
    block = bytes(1 << 20)
    try:
        with path.open("ab", buffering=0) as file:
            for _ in range(size >> 20):
                file.write(block)
    except OSError:
        return


@pytest.mark.slow
def test_a_database_that_is_locked_for_a_minute(tmp_path: Path) -> None:
    """Somebody's tool holds the database: deposits wait, status says so, and each is answered once when it lets go."""
    with Centre.found(tmp_path) as centre, centre.up():
        refs = centre.enrol(3)
        waits = [deposit_well(centre, refs[0])]
        for ref in refs[1:]:
            centre.attest(ref)
        time.sleep(1.2)  # so that the first is in the middle of the flow
        holding = sqlite3.connect(centre.home / "consigne.db", isolation_level=None, timeout=30)
        holding.execute("BEGIN IMMEDIATE")
        try:
            paths = [centre.drop(ref, "Mon appel.mp3", fresh()) for ref in refs[1:]]
            until = time.monotonic() + 60
            code, told = status(centre)
            assert code == 3
            assert "database" in str(told)
            time.sleep(max(0.0, until - time.monotonic()))
            assert all(path.exists() for path in paths)
        finally:
            holding.execute("ROLLBACK")
            holding.close()
        for answered in waits:
            answered(90)
        for ref in refs[1:]:
            assert centre.wait_answer(ref, 60).name == "1 - Bien reçu.pdf"
            assert len(answer_mails(centre, ref)) == 1
        wait_well(centre)
