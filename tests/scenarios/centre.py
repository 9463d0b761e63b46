"""A whole centre in a temporary directory, run by the real command in a process of its own; people act on it from here.

Times are short: a file is whole after 0.3 s, a cut one may grow for a second. Settings change by the environment of the process,
as an operator's do: ``centre.environment["CONSIGNE_MAIL__HOST"] = "127.0.0.1"`` before ``up``.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from typing import IO, Self, TypeVar

import numpy as np
from sqlmodel import col, select

from consent.record import ConsentRecord, Source, Way
from consigne import folders, founding, settings
from consigne.demo_attestations import attest_by_form
from consigne.founding import Told
from consigne.voice import Pcm, mp3
from consigne.wiring import Parts
from intake import facts
from intake import folders as intake_folders
from intake.attesting import attest
from registry import migrate, recordings, sessions, users
from registry.clock import PARIS, SystemClock, civil_date
from registry.codes import Language
from registry.database import Database, Transaction
from registry.roster import Civility, RosterLine
from registry.sessions import File
from registry.tables import OutboxFile, OutboxMail, Recording, Role

SESSION = "essai"
STAFF_NAME, STAFF_MAIL = "Camille Tournesac", "tournesac@centre.example"
_UP = "from consigne.cli import main; main()"
_ROOT = Path(__file__).parents[2]
_RECOVERY = "une phrase de secours pour les essais"
_RATE = 16_000
T = TypeVar("T")


def wait_for(found: Callable[[], T], what: str, seconds: float = 40.0) -> T:
    """Ask again until the answer is true, and return it.

    Raises:
        AssertionError: it did not become true in time.
    """
    until = time.monotonic() + seconds
    while not (answer := found()):
        assert time.monotonic() < until, f"in {seconds:.0f} s: {what}"
        time.sleep(0.05)
    return answer


@cache
def recording(seed: int) -> bytes:
    """Make an MP3 that is accepted without a warning: bursts of a changing voice-like sound, other bytes for each seed."""
    return mp3(_sound(seed, 6.0), 32_000, _RATE)


@cache
def large_recording(seed: int) -> bytes:
    """Make one of 12 MB, which is stored in parts."""
    return mp3(_sound(seed, 10.0), 320_000, 44_100, channels=2, seconds=300.0)


def _sound(seed: int, seconds: float) -> Pcm:
    chance = np.random.default_rng(seed)
    at = np.arange(round(seconds * _RATE)) / _RATE
    pitch = np.cumsum(120 + 40 * np.interp(at, np.arange(0, seconds + 1, 0.2), chance.uniform(-1, 1, int(seconds * 5) + 5))) / _RATE
    sound = sum(np.sin(2 * np.pi * k * pitch) * chance.uniform(0.2, 1) / k for k in range(1, 12))
    loud = np.interp(at, np.arange(0, seconds + 1, 0.15), chance.choice([0.0, 0.02, 0.5, 1.0], len(np.arange(0, seconds + 1, 0.15))))
    noise = chance.normal(0, 0.002, len(at))
    return Pcm((np.clip(sound * loud * 0.25 + noise, -1, 1) * 32_000).astype(np.int16), _RATE)


def free_port() -> int:
    """Find a port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def tree(pid: int) -> set[tuple[int, str]]:
    """Return a process and all that it started, each with its start time, which tells it from a later one of the same number."""
    parents: dict[int, tuple[int, str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
            if fields[0] not in "ZX":
                parents[int(stat.parent.name)] = int(fields[1]), fields[19]
    found = {pid} & parents.keys()
    while more := {child for child, (parent, _) in parents.items() if parent in found} - found:
        found |= more
    return {(one, parents[one][1]) for one in found}


def alive(processes: set[tuple[int, str]]) -> set[tuple[int, str]]:
    """Return those that still run."""
    return {one for pid, start in processes for one in tree(pid) if one == (pid, start)}


@dataclass
class Process:
    """A process of the centre, in a session of its own; what it says on standard error is in ``log``."""

    process: subprocess.Popen[str]
    log: Path
    ready: dict[str, object] = field(default_factory=dict)

    @property
    def pid(self) -> int:
        """Its number."""
        return self.process.pid

    def wait_ready(self) -> None:
        """Wait for the line that says that it runs."""
        out = self.process.stdout
        assert out is not None
        line = out.readline()
        assert line, f"the centre did not start: {self.log.read_text()}"
        self.ready = json.loads(line)

    def stop(self) -> int:
        """Ask it to stop, and wait until it has; return its exit code. One that has ended is left alone."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self._buried()

    def kill(self) -> None:
        """Kill it alone, as the kernel does when memory runs out: what it started must end by itself."""
        self.process.kill()
        self._buried()

    def _buried(self) -> int:
        code = self.process.wait(60)
        if self.process.stdout is not None:
            self.process.stdout.close()
        return code


@dataclass
class Centre:
    """One centre. Nothing runs until ``up``; enrolling, dropping and attesting work before and during it."""

    home: Path
    port: int
    environment: dict[str, str]
    processes: list[Process] = field(default_factory=list)

    @classmethod
    def found(cls, tmp_path: Path, *, database_url: str | None = None) -> Self:
        """Found a centre below a directory; on SQLite, unless the URL of an empty database is given."""
        home, port = tmp_path / "centre", free_port()
        told = Told(
            name="Centre des essais",
            contact_name=STAFF_NAME,
            contact_mail=STAFF_MAIL,
            teams_link=None,
            depots="depots",
            mirror="mirror",
            portal_url=f"http://127.0.0.1:{port}",
            portal_port=port,
            sender="ne-pas-repondre@centre.example",
            mail_host=None,
            recovery_passphrase=_RECOVERY,
        )
        founding.found(home, told, SystemClock())
        quick = {
            "CONSIGNE_FOLDERS__SETTLE_SECONDS": "0.3",
            "CONSIGNE_FOLDERS__PATIENCE_MINUTES": str(1 / 60),
            "CONSIGNE_FOLDERS__FLOOR_MB": "50",
        }
        made = cls(home, port, quick)
        if database_url is not None:
            made.environment["CONSIGNE_DATABASE_URL"] = database_url
            made._populate()
        return made

    def _populate(self) -> None:
        """Do on another database what founding did on the centre's own."""
        migrate.upgrade(self.database())
        with self.database().transaction(datetime.now(UTC), "system:init") as tx:
            users.add(tx, role=Role.COORDINATOR, name=STAFF_NAME, mail=STAFF_MAIL, teams_link=None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill what still runs, and close the database."""
        for process in self.processes:
            process.kill()
        self.parts.close()

    @cached_property
    def parts(self) -> Parts:
        """The parts of this centre, in this process, as the settings are when first asked for."""
        return Parts(settings.load(self.home, {**os.environ, **self.environment}))

    def database(self) -> Database:
        """Return the centre's database."""
        return self.parts.database

    # running it

    def start(self, *command: str, wait: bool = True) -> Process:
        """Start a command of the centre (``up`` unless another is given) and wait until it says that it runs."""
        words = [sys.executable, "-c", _UP, "--home", str(self.home), *(command or ("up",))]
        return self.run(words, wait=wait)

    def run(self, words: list[str], *, wait: bool = True) -> Process:
        """Start any process with the centre's environment."""
        log = self.home.parent / f"process-{len(self.processes)}.log"
        with log.open("wb") as errors:
            started = Process(self._popen(words, errors), log)
        self.processes.append(started)
        if wait:
            started.wait_ready()
        return started

    def _popen(self, words: list[str], errors: IO[bytes]) -> "subprocess.Popen[str]":
        environment = {**os.environ, **self.environment}
        return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=_ROOT, start_new_session=True)

    @contextmanager
    def up(self, *command: str) -> Iterator[Process]:
        """Run the centre for a while; it is asked to stop at the end, and must say that all went well, unless it was killed."""
        running = self.start(*command)
        yield running
        ended = running.process.poll()
        code = running.stop()
        assert ended is not None or code == 0, running.log.read_text()

    def kill(self) -> None:
        """Kill the process started last, and it alone."""
        self.processes[-1].kill()

    # the people

    def enrol(self, count: int, *, crowd: bool = False) -> list[str]:
        """Enrol candidates, and have their folders and mails written; return their references.

        A crowd finds the first one's attestation in each folder: drawing thousands takes most of a minute, and nobody fills them in.
        """
        already = len(self.references())
        exam = civil_date(datetime.now(UTC)) + timedelta(days=40)
        drawn: bytes | None = None
        with self.database().transaction(datetime.now(UTC), "system:essai") as tx:
            evaluation = sessions.by_code(tx.session, SESSION)
            if evaluation is None:
                evaluation = sessions.create(tx, code=SESSION, exam_on=exam, scheme="cqp-ce", unit="1")
                tx.session.flush()
            for number in range(already + 1, already + count + 1):
                _, dossier = sessions.enrol(tx, evaluation, _line(number, evaluation.exam_on))
                tx.session.flush()
                file = sessions.file_of(tx.session, dossier.id)
                if drawn is None:
                    folders.open_for(self.parts, tx, file)
                else:
                    intake_folders.open_folder(tx, file, self.parts.centre, drawn)
                if crowd and drawn is None:
                    drawn = self._attestation(tx)
        references = self.references()[already:]
        if any(process.process.poll() is None for process in self.processes):
            wait_for(lambda: all(len(self._listed(ref)) >= 2 for ref in references), "the folders are written")
        else:
            folders.write_now(self.parts)
        return references

    @staticmethod
    def _attestation(tx: Transaction) -> bytes:
        """Return the attestation that was drawn last."""
        query = select(OutboxFile.content).where(col(OutboxFile.name).endswith(".pdf"))
        content = tx.session.exec(query.order_by(col(OutboxFile.created_at).desc())).first()
        assert content is not None
        return content

    def references(self) -> list[str]:
        """Return the references of everybody enrolled, in order."""
        with self.database().reading() as session:
            evaluation = sessions.by_code(session, SESSION)
            return [] if evaluation is None else [one.candidate.reference for one in sessions.files_of(session, evaluation.id)]

    def file(self, ref: str) -> File:
        """Return what is known of one candidate."""
        with self.database().reading() as session:
            found = sessions.file_in_folder(session, SESSION, ref)
        assert found is not None
        return found

    def folder(self, ref: str) -> Path:
        """Return one candidate's folder."""
        return self.parts.share.root / SESSION / ref

    def drop(self, ref: str, name: str, content: bytes) -> Path:
        """Drop a file into a candidate's folder, under its final name at once, as most clients do."""
        path = self.folder(ref) / name
        path.write_bytes(content)
        return path

    def call_date(self, ref: str) -> date:
        """Return a date of the call that is neither too old nor in the future."""
        return self.file(ref).hearing_on - timedelta(days=75)

    def attest(self, ref: str, call_date: date | None = None, *, by_form: bool = False) -> None:
        """Attest the client's agreement: straight into the database, or by the form of the portal, which must run."""
        file, day = self.file(ref), call_date or self.call_date(ref)
        notice = self.parts.notices.offered(day, file.hearing_on)[0]
        if by_form:
            with self.database().bookkeeping() as session:
                link = facts.form_link(session, self.parts.centre, file, datetime.now(UTC))
            attest_by_form(link, day, notice.id)
            return
        record = ConsentRecord(
            candidate_reference=ref,
            client_reference=file.dossier.client_reference,
            call_date=day,
            call_time=None,
            given_on=day,
            way=Way.ORAL_BEFORE,
            told_recording=True,
            told_purpose=True,
            told_retention=True,
            notice_id=notice.id,
            notice_sha256=notice.sha256,
            client_role=None,
            attested_on=civil_date(datetime.now(UTC)),
            source=Source.IMPORT,
        )
        with self.database().transaction(datetime.now(UTC), "system:essai") as tx:
            attest(tx, sessions.file_of(tx.session, file.dossier.id), record, self.parts.answering)

    # what came of it

    def _listed(self, ref: str) -> list[Path]:
        folder = self.folder(ref)
        return sorted(path for path in folder.iterdir() if not path.name.startswith(".")) if folder.is_dir() else []

    def answers(self, ref: str) -> list[Path]:
        """Return the answers that lie in a candidate's folder."""
        return [path for path in self._listed(ref) if path.name.startswith("1 - ")]

    def wait_answer(self, ref: str, seconds: float = 40.0) -> Path:
        """Wait for the first answer in a candidate's folder."""
        return wait_for(lambda: self.answers(ref), f"an answer for {ref}", seconds)[0]

    def recordings(self, ref: str) -> list[Recording]:
        """Return a candidate's recordings, oldest first."""
        dossier = self.file(ref).dossier.id
        with self.database().reading() as session:
            return list(recordings.of_dossier(session, dossier))

    def mails(self, ref: str, kind: str | None = None) -> list[OutboxMail]:
        """Return the mails to a candidate, of one kind or of all, oldest first."""
        query = select(OutboxMail).where(OutboxMail.person_id == self.file(ref).candidate.id)
        if kind is not None:
            query = query.where(OutboxMail.kind == kind)
        with self.database().reading() as session:
            return list(session.exec(query.order_by(col(OutboxMail.created_at), col(OutboxMail.id))))


def _line(number: int, exam: date) -> RosterLine:
    """Invent a candidate whose name and address are found wherever they are written."""
    return RosterLine(
        reference=f"CE-{number:03d}",
        civility=Civility.MRS if number % 2 else Civility.MR,
        family_name=f"Quennevilloux{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number % 10]}",
        given_name="Apollinariette",
        mail=f"quennevilloux{number}@courriel-des-essais.example",
        employer="GPS 1",
        department="75",
        hearing_at=datetime(exam.year, exam.month, exam.day, 10, tzinfo=PARIS),
        language=Language.FR,
    )
