"""``consigne demo``: a whole life on the embedded parts, from twelve deposits to the proof of each destruction.

Twelve candidates drop their files while the watcher runs, and are answered. Then the clock goes on: see :mod:`consigne.demo_afterwards`.
What is seen is what happened: the mails are those that were sent, the files those that lay in the folders.
"""

import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from consigne import demo_candidates, demo_received, folders, founding, settings
from consigne.demo_afterwards import Afterwards, Case
from consigne.demo_days import Chronicle
from consigne.demo_deposits import PATIENCE_SECONDS, Deposited, play, wait_for
from consigne.demo_index import Link, write_index
from consigne.demo_mailboxes import Mailboxes
from consigne.demo_parts import DemoClock, DemoParts, attached
from consigne.founding import Told
from consigne.running import Running
from consigne.settings import Settings
from consigne.wiring import Parts
from registry import sessions, users
from registry.clock import Clock, civil_date
from registry.roster import read_roster
from registry.sessions import File
from registry.tables import Role
from storage.wrapping import new_passphrase

_SESSION = "demo"
_DAYS_TO_EXAM = 40
_TUESDAY = 1
Say = Callable[[str], None]


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    made = Path(tempfile.mkdtemp(prefix="consigne-demo-"))
    yield made  # kept: its index.html is what the demonstration is for


def run(keep: Path | None, say: Say, wait: Callable[[Running], None] | None = None) -> bool:
    """Play the demonstration; return whether every step gave what it should.

    Where somebody wants to use the forms himself, ``wait`` is called once the deposits are answered, and the clock does not go on.
    """
    with _directory(keep) as directory:
        clock, mailboxes = DemoClock(), Mailboxes(directory)
        told = _found(directory / "centre", clock)
        chronicle = Chronicle(clock, say)
        store = DemoParts(told, clock).embedded
        assert store is not None
        with store:
            parts = attached(told, clock)
            with Running(parts, store=False) as running:
                say(f"a centre runs in {told.home}, its forms on {running.portal_url}")
                files = _open(parts, mailboxes, say)
                deposited = play(parts, files, mailboxes, say)
                say(_summary(deposited))
                page = _Page(directory, parts, deposited, mailboxes, chronicle)
                page.write()
                if wait is not None:
                    say(f"what each person received: {page.path}")
                    wait(running)
                if wait is not None or not all(one.as_expected for one in deposited):
                    return all(one.as_expected for one in deposited)
                afterwards = Afterwards(told, clock, chronicle, mailboxes, directory, _cases(deposited))
                afterwards.review(parts)
            holds = afterwards.play()
        page.write()
        expected = sum(one.expected for one in chronicle.events)
        say(f"{expected} of {len(chronicle.events)} steps as expected, {clock.ahead.days} days in all")
        say(f"what each person received, and what became of the recordings: {page.path}")
    return holds


def _summary(deposited: list[Deposited]) -> str:
    expected = sum(one.as_expected for one in deposited)
    slowest = max((one.answered_after or PATIENCE_SECONDS) for one in deposited)
    return f"{expected} of {len(deposited)} answers as expected, the slowest after {slowest:.1f} s"


def _cases(deposited: list[Deposited]) -> list[Case]:
    return [Case(one.file, one.found, one.recording.file_name, one.content) for one in deposited if one.found is not None]


class _Page:
    """The page that the demonstration ends with; it is written after the first half, and again at the end."""

    def __init__(self, directory: Path, parts: Parts, deposited: list[Deposited], mailboxes: Mailboxes, chronicle: Chronicle) -> None:
        self.path = directory / "index.html"
        self._centre = parts.centre.name
        self._deposited = deposited
        self._mailboxes = mailboxes
        self._chronicle = chronicle
        self._reports: list[Link] = demo_received.post_report(parts, directory)
        self._folders = demo_received.copy_folders(parts, deposited, directory)
        self._staff = demo_received.staff_of(parts)
        mailboxes.collect(parts)

    def write(self) -> None:
        boxes = self._mailboxes
        write_index(
            self.path,
            centre=self._centre,
            shown=[demo_received.shown(one, self._folders, boxes) for one in self._deposited],
            staff=[link for one in self._staff for link in boxes.of(one)],
            reports=self._reports,
            events=self._chronicle.events,
        )


def _found(home: Path, clock: Clock) -> Settings:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    told = Told(
        name="Centre de démonstration",
        contact_name="Camille Dubreuil",
        contact_mail="coordination@centre.example",
        teams_link="https://teams.example/coordination",
        depots="depots",
        mirror="mirror",
        portal_url=f"http://127.0.0.1:{port}",
        portal_port=port,
        sender="ne-pas-repondre@centre.example",
        mail_host=None,
        recovery_passphrase=new_passphrase(),
    )
    founding.found(home, told, clock)
    loaded = settings.load(home)
    quick = loaded.folders.model_copy(update={"settle_seconds": 1.0, "patience_minutes": 0.05, "floor_mb": 100})
    return loaded.model_copy(update={"folders": quick})


def _open(parts: Parts, mailboxes: Mailboxes, say: Say) -> list[File]:
    now = parts.clock.now()
    soonest = civil_date(now) + timedelta(days=_DAYS_TO_EXAM)
    exam = soonest + timedelta(days=(_TUESDAY - soonest.weekday()) % 7)
    with parts.database.transaction(now, "system:demo") as tx:
        users.add(tx, role=Role.COMPLIANCE_OFFICER, name="Alix Montreuil", mail="conformite@centre.example")
        evaluation = sessions.create(tx, code=_SESSION, exam_on=exam, scheme="cqp-ce", unit="1")
    roster = read_roster(demo_candidates.workbook(exam), now=now)
    for line in roster.lines:
        with parts.database.transaction(now, "system:demo") as tx:
            _, dossier = sessions.enrol(tx, tx.session.merge(evaluation, load=False), line)
            tx.session.flush()
            folders.open_for(parts, tx, sessions.file_of(tx.session, dossier.id))
    folders.write_now(parts)
    with parts.database.reading() as session:
        files = sessions.files_of(session, evaluation.id)
    wait_for(lambda: mailboxes.collect(parts) == [] and all(mailboxes.of(one.candidate.id) for one in files))
    say(f"{len(files)} candidates imported from a workbook, each with a folder and a mail")
    return files
