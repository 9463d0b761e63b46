"""Looking at a running centre from outside, as the people of these stories do: what became of a file, what was said, how it is."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from sqlmodel import col, select

from intake.alerting import alert
from registry.codes import Answer, Code
from registry.tables import Deposit, DepositState, OutboxMail, Recording
from tests.scenarios.centre import SESSION, Centre, recording, wait_for

Someone = Callable[[], str]
"""What gives a candidate whom nobody has used yet."""

_SEEDS = itertools.count(1)
_NOT_TAKEN = "1 - Fichier non pris"


def fresh() -> bytes:
    """Make a recording that no other test drops."""
    return recording(next(_SEEDS))


def people(centre: Centre, count: int) -> Someone:
    """Enrol candidates; each call gives one whom nobody has used yet."""
    waiting = iter(centre.enrol(count))
    return lambda: next(waiting)


def deposit_at(centre: Centre, *path: bytes) -> Deposit | None:
    """Return what the centre knows of a place below the root of the share."""
    with centre.database().reading() as session:
        return session.exec(select(Deposit).where(Deposit.place == b"/".join(path))).first()


def wait_left(centre: Centre, code: Code | str, *path: bytes, seconds: float = 30.0) -> Deposit:
    """Wait until a file was answered and left where it lies, for this reason."""

    def left() -> Deposit | None:
        row = deposit_at(centre, *path)
        return row if row is not None and row.state is DepositState.LEFT and row.code == code else None

    row = wait_for(left, f"{path!r} is left where it lies, for {code}", seconds)
    assert row is not None
    return row


def place(ref: str, name: str | bytes) -> tuple[bytes, bytes, bytes]:
    """Return the place of a file in a candidate's folder."""
    return SESSION.encode(), ref.encode(), os.fsencode(name)


def wait_recording(centre: Centre, ref: str, answer: Answer, count: int = 1, seconds: float = 40.0) -> Recording:
    """Wait until a candidate has so many recordings, the last one answered so."""

    def found() -> list[Recording]:
        told = centre.recordings(ref)
        return told if len(told) >= count and all(one.answer is not None for one in told) else []

    told = wait_for(found, f"{count} recordings of {ref} answered", seconds)
    assert len(told) == count
    assert told[-1].answer is answer, (told[-1].answer, told[-1].codes)
    return told[-1]


def words_of(path: Path) -> str:
    """Read a PDF answer as its reader does."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(path).pages).split())


def wait_words(folder: Path, words: str, seconds: float = 30.0) -> str:
    """Wait for an answer in a folder that holds these words, and return it."""

    def said() -> str:
        told = [words_of(path) for path in sorted(folder.glob("1 - *.pdf")) if path.stat().st_size > 500]
        return next((one for one in told if words.casefold() in one.casefold()), "")

    return wait_for(said, f"an answer in {folder} says “{words}”", seconds)


def deposit_well(centre: Centre, ref: str) -> Callable[[float], None]:
    """Drop a good recording of an attested call; what is returned waits for its one answer."""
    centre.attest(ref)
    path = centre.drop(ref, "Mon appel.mp3", fresh())

    def answered(seconds: float) -> None:
        wait_recording(centre, ref, Answer.RECEIVED, seconds=seconds)
        wait_for(lambda: [one.name for one in centre.answers(ref)] == ["1 - Bien reçu.pdf"], f"one answer for {ref}", seconds)
        wait_for(lambda: not path.exists(), f"the original of {ref} was taken away", seconds)
        assert [one.kind for one in answer_mails(centre, ref)] == ["answer.received"]

    return answered


def command(centre: Centre, *words: str) -> "subprocess.CompletedProcess[str]":
    """Run one command of the centre to its end."""
    program = [sys.executable, "-c", "from consigne.cli import main; main()", "--home", str(centre.home), *words]
    environment = {**os.environ, **centre.environment}
    return subprocess.run(program, capture_output=True, text=True, env=environment, check=False, cwd=Path(__file__).parents[2], timeout=120)


def status(centre: Centre) -> tuple[int, dict[str, Any]]:
    """Ask ``consigne status --json``; return its exit code and what it says."""
    done = command(centre, "status", "--json")
    return done.returncode, json.loads(done.stdout) if done.stdout else {"troubles": [], "said": done.stderr}


def wait_trouble(centre: Centre, part: str, seconds: float = 40.0) -> str:
    """Wait until ``status`` names a part that is not well; its exit code must say so too. Return what the part said."""

    def named() -> str:
        code, told = status(centre)
        found = [one["code"] for one in told["troubles"] if one["part"] == part]
        assert code == (3 if told["troubles"] else 0)
        return found[0] if found else ""

    return wait_for(named, f"status names {part}", seconds)


def wait_well(centre: Centre, seconds: float = 60.0) -> None:
    """Wait until ``status`` has nothing to say, and ends with 0."""
    wait_for(lambda: status(centre)[0] == 0, "status says that all is well", seconds)


def alerted(centre: Centre, kind: str) -> bool:
    """Do what the sweep does some minutes later, and let it be sent now; tell whether a mail of this alert was queued for the staff."""
    now = datetime.now(UTC)
    alert(centre.database(), centre.parts.centre, now + timedelta(minutes=4))
    with centre.database().bookkeeping() as session:
        told = session.exec(select(OutboxMail).where(OutboxMail.kind == f"alert.{kind}")).all()
        for mail in told:
            mail.next_at = min(mail.next_at, now)
    return bool(told)


def answer_mails(centre: Centre, ref: str) -> list[OutboxMail]:
    """Return the mails that gave a candidate an answer, oldest first."""
    return [mail for mail in centre.mails(ref) if mail.kind.startswith("answer.")]


def tasks(centre: Centre, kind: str, about: str) -> list[OutboxMail]:
    """Return the mails that ask a coordinator to do something about one file (by its place's key) or recording."""
    query = select(OutboxMail).where(OutboxMail.kind == f"task.{kind}", col(OutboxMail.dedupe_key).contains(f":{about}:"))
    with centre.database().reading() as session:
        return list(session.exec(query))
