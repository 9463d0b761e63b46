"""``consigne demo``: a centre on the embedded parts, twelve candidates, their files dropped while the watcher runs, every answer.

What is seen is what happened: the mails are those that were sent, the files those that lie in the folders.
"""

import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from urllib.parse import quote

from sqlmodel import col, func, select

from consigne import demo_candidates, folders, founding, settings
from consigne.demo_attestations import attest_by_form, attest_by_pdf, link_in
from consigne.demo_index import Link, Shown, write_index
from consigne.demo_recordings import RECORDINGS, ConsentWay, DemoRecording
from consigne.founding import Told
from consigne.running import Running
from consigne.wiring import Parts
from intake import posting, reporting
from notifications.report_pages import report_page
from notifications.reports import file_name
from notifications.words import ANSWERS
from notifications.workbooks import report_workbook
from registry import recordings, sessions, users
from registry.clock import SystemClock, civil_date
from registry.codes import Language
from registry.roster import read_roster
from registry.sessions import File
from registry.states import MailState
from registry.tables import Consent, OutboxMail, Recording, Role
from storage.wrapping import new_passphrase

_SESSION = "demo"
_DAYS_TO_EXAM = 40
_PATIENCE_SECONDS = 90.0
_SLICE = 64 * 1024
Say = Callable[[str], None]


@dataclass(frozen=True)
class Deposited:
    """One candidate's deposit: what was dropped when, what came back when."""

    file: File
    recording: DemoRecording
    dropped_at: float
    answered_after: float | None
    found: Recording | None

    @property
    def as_expected(self) -> bool:
        """Whether the answer, its reasons and its warnings are those that the recording calls for."""
        wanted = self.recording
        if self.found is None or self.answered_after is None:
            return False
        return (
            self.found.answer is wanted.answer
            and {str(code) for code in wanted.reasons} == set(self.found.codes)
            and {str(code) for code in wanted.warnings} <= set(self.found.warnings)
        )


@contextmanager
def _directory(keep: Path | None) -> Iterator[Path]:
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        yield keep
        return
    made = Path(tempfile.mkdtemp(prefix="consigne-demo-"))
    yield made  # kept: its index.html is what the demonstration is for


def run(keep: Path | None, say: Say, wait: Callable[[Running], None] | None = None) -> bool:
    """Play the demonstration; return whether every answer was the expected one."""
    with _directory(keep) as directory:
        parts = _found(directory / "centre")
        with Running(parts) as running:
            say(f"a centre runs in {parts.settings.home}, its forms on {running.portal_url}")
            files = _open(parts, say)
            deposited = _play(parts, files, say)
            _report(parts, deposited, directory, say)
            if wait is not None:
                wait(running)
    return all(one.as_expected for one in deposited)


def _found(home: Path) -> Parts:
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
    founding.found(home, told, SystemClock())
    loaded = settings.load(home)
    quick = loaded.folders.model_copy(update={"settle_seconds": 1.0, "patience_minutes": 0.05, "floor_mb": 100})
    return Parts(loaded.model_copy(update={"folders": quick}))


def _open(parts: Parts, say: Say) -> list[File]:
    now = parts.clock.now()
    exam = civil_date(now) + timedelta(days=_DAYS_TO_EXAM)
    with parts.database.transaction(now, "system:demo") as tx:
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
    say(f"{len(files)} candidates imported from a workbook, each with a folder and a mail")
    return files


def _play(parts: Parts, files: list[File], say: Say) -> list[Deposited]:
    """Let every candidate do his part at once: make the call's file, drop it, attest; then wait for the answers."""
    hearing = files[0].hearing_on
    notice = parts.notices.offered(hearing - timedelta(days=365), hearing)[0].id
    with ThreadPoolExecutor(4) as pool:
        waits = [pool.submit(_deposit, parts, file, recording, hearing, notice) for file, recording in zip(files, RECORDINGS, strict=True)]
        deposited = [wait.result() for wait in waits]
    for one in deposited:
        say(_line(one))
    return deposited


def _deposit(parts: Parts, file: File, recording: DemoRecording, hearing: date, notice: str) -> Deposited:
    folder = parts.share.root / file.session.code / file.dossier.folder
    content = recording.make()
    call_date = recording.call_date(hearing)
    if recording.consent is ConsentWay.FORM:
        attest_by_form(link_in(_text(_mails(parts, file.candidate.id)[0])), call_date, notice)
    if recording.consent is ConsentWay.PDF:
        attest_by_pdf(folder, call_date, notice)
        _wait_for(lambda: _consents(parts, file) > 0)
    _copy(content, folder / recording.file_name)
    dropped_at = time.monotonic()
    answered = _wait_for(lambda: _answered(folder, file.language))
    with parts.database.reading() as session:
        found = recordings.current(recordings.of_dossier(session, file.dossier.id))
    return Deposited(file, recording, dropped_at, time.monotonic() - dropped_at if answered else None, found)


def _copy(content: bytes, path: Path) -> None:
    """Copy as a share does: piece by piece, under the final name from the first."""
    with path.open("wb") as file:
        for start in range(0, len(content), _SLICE):
            file.write(content[start : start + _SLICE])
            file.flush()
            time.sleep(0.002)


def _answered(folder: Path, language: Language) -> bool:
    """Whether the recording has its answer: that to an attestation which came first says that the recording is missing."""
    attested = ANSWERS[language].attested_file_stem
    return any(path.name.startswith("1 - ") and not path.name.startswith(attested) for path in folder.iterdir())


def _wait_for(happened: Callable[[], bool]) -> bool:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if happened():
            return True
        time.sleep(0.1)
    return False


def _consents(parts: Parts, file: File) -> int:
    with parts.database.reading() as session:
        return session.exec(select(func.count()).select_from(Consent).where(Consent.dossier_id == file.dossier.id)).one()


def _line(one: Deposited) -> str:
    found = one.found
    answer = str(found.answer) if found and found.answer else "no answer"
    codes = " ".join([*found.codes, *(f"({code})" for code in found.warnings)]) if found else ""
    after = f"{one.answered_after:5.1f} s" if one.answered_after is not None else "  never"
    mark = "as expected" if one.as_expected else f"EXPECTED {one.recording.answer} {' '.join(sorted(one.recording.reasons))}"
    return f"{one.file.candidate.reference}  {one.recording.case:<20} {answer:<17} {after}  {codes:<24} {mark}"


def _mails(parts: Parts, person_id: str) -> list[EmailMessage]:
    """Read the mails that one person received, in the order they were sent."""
    outbox = parts.settings.path(parts.settings.mail.outbox)
    with parts.database.reading() as session:
        query = select(OutboxMail.message_id).where(OutboxMail.person_id == person_id, OutboxMail.state == MailState.SENT)
        ids = session.exec(query.order_by(col(OutboxMail.sent_at), col(OutboxMail.id))).all()
    return [_read(outbox / f"{message_id.strip('<>')}.eml") for message_id in ids]


def _read(path: Path) -> EmailMessage:
    return BytesParser(policy=policy.default).parsebytes(path.read_bytes())


def _text(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def _report(parts: Parts, deposited: list[Deposited], directory: Path, say: Say) -> None:
    """Send the coordinators their report, then write the page that links everything."""
    now = parts.clock.now()
    with parts.database.reading() as session:
        evaluation = sessions.open_sessions(session)[0]
        made = reporting.report(session, evaluation, now, Language.FR)
        staff = users.holding(session, Role.COORDINATOR)
    posting.report_now(parts.database, parts.centre, evaluation, now)
    folders.send_now(parts)
    reports = []
    for extension, content in (("html", report_page(made, Language.FR).encode()), ("xlsx", report_workbook(made, Language.FR))):
        path = directory / file_name(made, Language.FR, extension)
        path.write_bytes(content)
        reports.append(Link(path.name, quote(path.name)))
    shown = [_shown(parts, one, directory) for one in deposited]
    told = [link for user in staff for link in _mail_links(parts, user.id, directory)]
    write_index(directory / "index.html", centre=parts.centre.name, shown=shown, staff=told, reports=reports)
    expected = sum(one.as_expected for one in deposited)
    slowest = max((one.answered_after or _PATIENCE_SECONDS) for one in deposited)
    say(f"{expected} of {len(deposited)} answers as expected, the slowest after {slowest:.1f} s")
    say(f"what each person received: {directory / 'index.html'}")


def _shown(parts: Parts, one: Deposited, directory: Path) -> Shown:
    folder = parts.share.root / one.file.session.code / one.file.dossier.folder
    found = one.found
    return Shown(
        reference=one.file.candidate.reference,
        case=one.recording.case,
        file_name=one.recording.file_name,
        consent={ConsentWay.FORM: "par le formulaire", ConsentWay.PDF: "par le PDF", ConsentWay.MISSING: "manquant"}[one.recording.consent],
        answer=ANSWERS[Language.FR].titles[found.answer].title if found and found.answer else "aucune réponse",
        expected=one.as_expected,
        codes=" ".join([*found.codes, *found.warnings]) if found else "",
        seconds=f"{one.answered_after:.1f} s".replace(".", ",") if one.answered_after is not None else "jamais",
        folder=[
            Link(path.name, quote(str(path.relative_to(directory)))) for path in sorted(folder.iterdir()) if not path.name.startswith(".")
        ],
        mails=_mail_links(parts, one.file.candidate.id, directory),
    )


def _mail_links(parts: Parts, person_id: str, directory: Path) -> list[Link]:
    """Lay each mail out as a page beside the index, as its reader sees it."""
    pages = directory / "mails"
    pages.mkdir(exist_ok=True)
    links = []
    for mail in _mails(parts, person_id):
        body = mail.get_body(("html",))
        assert body is not None
        path = pages / f"{str(mail['Message-ID']).strip('<>').partition('@')[0]}.html"
        path.write_text(str(body.get_content()), "utf-8")
        links.append(Link(str(mail["Subject"]), quote(str(path.relative_to(directory)))))
    return links
