"""The deposits of the demonstration: every candidate does his part at once, while the watcher runs."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from sqlmodel import func, select

from consigne.demo_attestations import attest_by_form, attest_by_pdf
from consigne.demo_mailboxes import Mailboxes, link_in
from consigne.demo_recordings import RECORDINGS, ConsentWay, DemoRecording
from consigne.wiring import Parts
from notifications.words import ANSWERS
from registry import recordings
from registry.codes import Language
from registry.sessions import File
from registry.tables import Consent, Recording

PATIENCE_SECONDS = 90.0
_SLICE = 64 * 1024


@dataclass(frozen=True)
class Deposited:
    """One candidate's deposit: what was dropped, and what came back after how many seconds."""

    file: File
    recording: DemoRecording
    content: bytes
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


def play(parts: Parts, files: list[File], mailboxes: Mailboxes, say: Callable[[str], None]) -> list[Deposited]:
    """Let every candidate do his part at once: make the call's file, drop it, attest; then wait for the answers."""
    hearing = files[0].hearing_on
    notice = parts.notices.offered(hearing - timedelta(days=365), hearing)[0].id
    with ThreadPoolExecutor(4) as pool:
        waits = [
            pool.submit(_deposit, parts, mailboxes, file, recording, hearing, notice)
            for file, recording in zip(files, RECORDINGS, strict=True)
        ]
        deposited = [wait.result() for wait in waits]
    for one in deposited:
        say(_line(one))
    return deposited


def _deposit(parts: Parts, mailboxes: Mailboxes, file: File, recording: DemoRecording, hearing: date, notice: str) -> Deposited:
    folder = parts.share.root / file.session.code / file.dossier.folder
    content = recording.make()
    call_date = recording.call_date(hearing)
    if recording.consent is ConsentWay.FORM:
        attest_by_form(link_in(mailboxes.newest(file.candidate.id).text, "a"), call_date, notice)
    if recording.consent is ConsentWay.PDF:
        attest_by_pdf(folder, call_date, notice)
        wait_for(lambda: _consents(parts, file) > 0)
    _copy(content, folder / recording.file_name)
    dropped_at = time.monotonic()
    answered = wait_for(lambda: _answered(folder, file.language))
    with parts.database.reading() as session:
        found = recordings.current(recordings.of_dossier(session, file.dossier.id))
    return Deposited(file, recording, content, time.monotonic() - dropped_at if answered else None, found)


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


def wait_for(happened: Callable[[], bool]) -> bool:
    """Wait until something has happened; return whether it has, with the patience of a person."""
    until = time.monotonic() + PATIENCE_SECONDS
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
