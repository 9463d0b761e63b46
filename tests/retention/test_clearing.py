"""After destruction and clearing, no name, address or file name of the candidate is left: not in rows, files, logs of writes, folders."""

import quopri
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text
from sqlmodel import Session, select

from consigne.deposits import FolderOriginals, FolderPapers
from intake import folders
from notifications.eml import EmlMailer
from notifications.mail import Sender
from notifications.sending import send_due
from registry import appeals, reasons
from registry.database import Database
from registry.sessions import File
from registry.states import Unlistenable
from registry.tables import Candidate, Deposit, DepositState, Destruction, Dossier, Recording
from retention.certificate_facts import CertificateFacts
from retention.certifying import Certifier
from retention.clearing import Clearing, clear_recording
from retention.gate import Outcome
from retention.guards import Belief
from retention.telling import Telling
from retention.undertaking import Step
from tests.factories import ACTOR, CENTRE, FAMILY_NAME, MAIL, Intakes, attest, coordinator, journal_text, opened, sighting
from tests.retention.gates import Gates
from tests.retention.test_gate import assert_destroyed

pytestmark = [pytest.mark.postgresql_later, pytest.mark.slow]

_FILE_NAME = "appel avec Kwyjibo.mp3"
_REASON = "Le candidat Brzyszczkiewicz a téléphoné"
_WORDS = (FAMILY_NAME, MAIL, "Kwyjibo", "Brzyszczkiewicz")


class Lives:
    """A dossier from its opening on, with everything that is written down and said on the way."""

    def __init__(self, parts: Intakes, outbox: Path) -> None:
        self.parts, self.mailer = parts, EmlMailer(outbox)
        self.gates = Gates(parts)
        self.clearing = Clearing(parts.database, FolderPapers(parts.share, self.mailer), self.gates.choices)
        coordinator(parts.database)

    def opened(self, *references: str) -> list[File]:
        """Open dossiers, with what the candidates are told."""
        files = opened(self.parts.database, *references)
        with self.parts.database.transaction(self.parts.clock.now(), ACTOR) as tx:
            for file in files:
                folders.open_folder(tx, file, CENTRE, b"%PDF-1.7 for " + FAMILY_NAME.encode())
        self.write()
        return files

    def write(self) -> None:
        """Write the files and send the mails that are due."""
        folders.write_due(self.parts.database, self.parts.share, self.parts.clock.now())
        sender = Sender("Centre d’essai", "centre@example.org")
        send_due(self.parts.database.bookkeeping, self.mailer, sender, self.parts.clock, self.parts.owner, jitter=lambda: 0.5)

    def deposited(self, file: File) -> Recording:
        """Deposit a file, attested; leave another one lying; have a person write about it."""
        attest(self.parts, file)
        path = self.parts.folder(file) / _FILE_NAME
        path.write_bytes(b"a sound for " + file.dossier.folder.encode())
        self.parts.flow().take(sighting(self.parts.share, path))
        (self.parts.folder(file) / f"note de {FAMILY_NAME}.txt").write_text("left lying")
        with self.parts.database.transaction(self.parts.clock.now(), ACTOR) as tx:
            recording = tx.session.exec(select(Recording).where(Recording.dossier_id == file.dossier.id)).one()
            recording.unlistenable, recording.unlistenable_at = Unlistenable.CONSENT_WITHDRAWN, tx.now
            recording.review_reason = _REASON
            told = {"reason_sha256": reasons.note(tx, recording.id, _REASON), "dossier": reasons.note(tx, file.dossier.id, _REASON)}
            tx.record("recording.consent_withdrawn", recording.id, **told)
        self.write()
        return recording

    def destroyed(self, recording: Recording) -> None:
        """Send it through the gate, with the real clearing and the real mails."""
        self.parts.clock.go_on(hours=25)
        gate = self.gates.gate()
        gate = replace(
            gate,
            clear=clear_recording,
            originals=FolderOriginals(self.parts.database, self.parts.share),
            certify=_certifier(self.gates),
        )
        belief = self.gates.guards.ask()
        assert isinstance(belief, Belief)
        assert gate.destroy(recording.id, belief).outcome is Outcome.DESTROYED

    def after(self, day: date) -> None:
        """Let time pass, up to a day."""
        self.parts.clock.instant = self.parts.clock.instant.replace(year=day.year, month=day.month, day=day.day)


def _certifier(gates: Gates) -> Certifier:
    """Return what makes certificates, with the real mails too."""

    def post(session: Session, row: Destruction, facts: CertificateFacts, now: datetime) -> None:
        gates.post(session, row, facts, now)
        Telling(CENTRE).certified(session, row, facts, now)

    return Certifier(gates.database, gates.sign, post)


@pytest.fixture
def lives(intakes: Intakes, tmp_path: Path) -> Lives:
    """Give dossiers to live and end."""
    return Lives(intakes, tmp_path / "outbox")


_AFTER = date(2026, 7, 1)


def _everything(database: Database) -> str:
    """Return every row of every table as text."""
    with database.reading() as session:
        connection = session.connection()
        names = inspect(connection).get_table_names()
        rows = [row for name in names for row in connection.execute(text(f'SELECT * FROM "{name}"'))]  # noqa: S608 - names of our own
    return "\n".join(repr(tuple(bytes(one) if isinstance(one, memoryview) else one for one in row)) for row in rows)


def _found(database: Database, *places: Path) -> set[str]:
    """Search rows, the database's own files, and folders: names of files as well as what is in them."""
    told = _everything(database)
    found = {word for word in _WORDS if word in told}
    if database.is_sqlite:
        files = [Path(str(database.engine.url.database) + ending) for ending in ("", "-wal")]
    else:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("CHECKPOINT")
            oid = connection.exec_driver_sql("SELECT oid FROM pg_database WHERE datname = current_database()").scalar_one()
        files = [*(Path(str(database.engine.url.query["host"])) / "data" / "base" / str(oid)).iterdir()]
    for place in places:
        files += [one for one in place.rglob("*") if one.is_file()]
        found |= {word for one in place.rglob("*") for word in _WORDS if word in one.name}
    for file in files:
        data = file.read_bytes() if file.exists() else b""
        if file.suffix == ".eml":
            data = quopri.decodestring(data)
        found |= {word for word in _WORDS if word.encode() in data}
    return found


def test_nothing_is_left(lives: Lives, tmp_path: Path) -> None:
    """The whole life of a dossier, and a search for whoever it was about."""
    places = lives.parts.share.root, tmp_path / "outbox"
    (file,) = lives.opened("C-001")
    recording = lives.deposited(file)
    lives.parts.database.forget()
    assert _found(lives.parts.database, *places) == {*_WORDS}, "the search would find them"
    lives.destroyed(recording)
    lives.write()
    lives.after(_AFTER)
    lives.write()
    assert lives.clearing.sweep(lives.parts.clock.now()) == 1
    assert lives.parts.database.forget()
    assert _found(lives.parts.database, *places) == set()
    with lives.parts.database.reading() as session:
        assert not any(word.encode() in journal_text(session) for word in _WORDS)
        candidate = session.get_one(Candidate, file.candidate.id)
        assert (candidate.reference, candidate.family_name, candidate.mail) == (candidate.pseudonym, "", "")
        dossier = session.get_one(Dossier, file.dossier.id)
        assert dossier.client_reference == file.dossier.client_reference
        assert session.get_one(Recording, recording.id).call_date == recording.call_date
    assert_destroyed(lives.gates, recording.id)
    assert lives.clearing.sweep(lives.parts.clock.now()) == 0


def test_what_is_of_the_recording_goes_with_it(lives: Lives) -> None:
    """The name of its file and what people wrote about it, before its dossier is over."""
    (file,) = lives.opened("C-001")
    recording = lives.deposited(file)
    lives.destroyed(recording)
    told = _everything(lives.parts.database)
    assert "Kwyjibo" not in told
    assert FAMILY_NAME in told
    with lives.parts.database.reading() as session:
        fresh = session.get_one(Recording, recording.id)
        assert fresh.judgement["duration_seconds"] == recording.judgement["duration_seconds"]
        assert fresh.review_reason is None


def _over(lives: Lives) -> File:
    (file,) = lives.opened("C-001")
    lives.destroyed(lives.deposited(file))
    return file


def test_the_certificate_leaves_first(lives: Lives) -> None:
    """As long as its mail has not left, the address is kept; for some days, and no longer."""
    lives.after(_AFTER - timedelta(days=20))
    _over(lives)
    lives.after(_AFTER)
    lives.parts.clock.instant -= timedelta(days=10)
    assert lives.clearing.sweep(lives.parts.clock.now()) == 0
    lives.parts.clock.go_on(days=10)
    assert lives.clearing.sweep(lives.parts.clock.now()) == 1


def test_an_open_appeal_keeps_the_name(lives: Lives) -> None:
    """One that came too late is an incident, and somebody must answer the candidate."""
    file = _over(lives)
    lives.write()
    lives.after(_AFTER)
    with lives.parts.database.transaction(lives.parts.clock.now(), ACTOR) as tx:
        assert appeals.record(tx, file.dossier.id, received_on=_AFTER).appeal.incident
    assert lives.clearing.sweep(lives.parts.clock.now()) == 0


def test_a_candidate_keeps_the_name_for_another_dossier(lives: Lives) -> None:
    """What is of the first goes; the second still needs to know whom to write to."""
    file = _over(lives)
    lives.write()
    opened(lives.parts.database, "C-001", code="SEPT-2026", exam_on=date(2026, 9, 14))
    lives.after(_AFTER)
    assert lives.clearing.sweep(lives.parts.clock.now()) == 1
    assert not (lives.parts.share.root / file.session.code / "C-001").exists()
    with lives.parts.database.reading() as session:
        assert session.get_one(Candidate, file.candidate.id).family_name == FAMILY_NAME
        assert session.get_one(Dossier, file.dossier.id).cleared_at is not None


def test_a_share_that_is_away_clears_nothing(lives: Lives) -> None:
    """Rows go after what they point to; one dossier that waits does not stop the others."""
    file = _over(lives)
    lives.write()
    lives.after(_AFTER)
    hidden = lives.parts.share.root.rename(lives.parts.share.root.parent / "hidden")
    lives.parts.share.root.mkdir()
    assert lives.clearing.sweep(lives.parts.clock.now()) == 0
    with lives.parts.database.reading() as session:
        assert session.get_one(Candidate, file.candidate.id).family_name == FAMILY_NAME
    lives.parts.share.root.rmdir()
    hidden.rename(lives.parts.share.root)
    assert lives.clearing.sweep(lives.parts.clock.now()) == 1


def test_a_folder_that_is_a_link_is_not_followed(lives: Lives, tmp_path: Path) -> None:
    """What lies behind it is somebody else's."""
    file = _over(lives)
    lives.write()
    lives.after(_AFTER)
    elsewhere = tmp_path / "elsewhere"
    (lives.parts.share.root / file.session.code / "C-001").rename(elsewhere)
    (lives.parts.share.root / file.session.code / "C-001").symlink_to(elsewhere)
    lives.clearing.sweep(lives.parts.clock.now())
    assert list(elsewhere.iterdir())


@pytest.mark.parametrize("step", [Step.BEGIN, Step.DELETE])
def test_an_original_that_intake_has_not_taken_away(lives: Lives, step: Step) -> None:
    """The gate does it: the one in the folder, and the one set aside; what is another file stays."""
    (file,) = lives.opened("C-001")
    recording = lives.deposited(file)
    data = b"a sound for C-001"
    folder = lives.parts.folder(file)
    with lives.parts.database.bookkeeping() as session:
        row = session.exec(select(Deposit).where(Deposit.recording_id == recording.id)).one()
        row.state = DepositState.STORED
    if step is Step.BEGIN:
        (folder / _FILE_NAME).write_bytes(data)
    else:
        aside = lives.parts.share.root / ".consigne"
        aside.mkdir(exist_ok=True)
        assert recording.attempt_id is not None
        (aside / recording.attempt_id).write_bytes(data)
    originals = FolderOriginals(lives.parts.database, lives.parts.share)
    asked = recording.id, [recording.attempt_id or ""], recording.sha256
    assert originals.left(*asked) == 1
    assert originals.remove(*asked) == 1
    assert (originals.left(*asked), originals.remove(*asked)) == (0, 0)
    (folder / _FILE_NAME).write_bytes(b"another")
    assert originals.left(*asked) == 0
    assert originals.remove(*asked) == 0
    assert (folder / _FILE_NAME).read_bytes() == b"another"
