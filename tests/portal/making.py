"""A centre for the pages' tests: one session, two candidates, links, and recordings made by hand."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import inspect, select, table, text
from sqlmodel import Session
from sqlmodel import select as rows

from consent.notices import load_notices
from intake.admission import ACTOR, admit
from intake.answering import Answering
from intake.mp3.judgement import Judgement
from intake.policy import Policy
from journal import log
from notifications.centre import Centre
from notifications.parts import Contact
from portal.services import PortalServices
from registry import links, migrate, recordings, sessions
from registry.codes import Language
from registry.database import Database
from registry.ids import new_id
from registry.roster import Civility, RosterLine
from registry.states import RecordingState, Who
from registry.tables import Consent, Door, Dossier, Recording
from tests.support.registry import put_back

NOW = datetime(2026, 5, 13, 9, 30, tzinfo=UTC)
HEARING = datetime(2026, 6, 15, 8, 0, tzinfo=UTC)
GOOD = {
    "call_date": "2026-03-12",
    "call_time": "14:30",
    "told_recording": "1",
    "told_purpose": "1",
    "told_retention": "1",
    "given_on": "2026-03-12",
    "way": "oral_before",
    "notice": "2024-10",
    "client_role": "payroll",
}


class StoppedClock:
    """A clock that tests move."""

    def __init__(self, now: datetime) -> None:
        self.time = now

    def now(self) -> datetime:
        """Return the instant that the test chose."""
        return self.time


@dataclass
class Place:
    """A centre, its database, and what the pages told the rest of it."""

    database: Database
    centre: Centre
    clock: StoppedClock
    dossiers: dict[str, str] = field(default_factory=dict)
    woken: int = 0

    @classmethod
    @contextmanager
    def opened(cls, database: Database, *, portal_url: str = "http://portal.test") -> Iterator["Place"]:
        """Open a centre on a database that ``furnish`` has been over, and leave it to the next test."""
        contact = Contact("Claire Example", "claire@centre.test", "https://teams.example.org/claire")
        place = cls(database, Centre("Centre de certification", portal_url, contact, "centre.test", 75_000_000), StoppedClock(NOW))
        with place.database.reading() as session:
            place.dossiers = {one.folder: one.id for one in session.exec(rows(Dossier))}
        try:
            yield place
        finally:
            for used in {database, place.database}:
                put_back(used)

    @classmethod
    def furnish(cls, url: str) -> None:
        """Build the tables, and a session with two candidates: C-01 (French) and C-02 (English)."""
        database = Database(url)
        migrate.upgrade(database)
        with cls.opened(database) as place:
            place.enrol("cqp-ce", "S-2026-06", "1", {"C-01": Language.FR, "C-02": Language.EN})
        database.close()

    def enrol(self, scheme: str, code: str, unit: str, people: dict[str, Language]) -> None:
        """Open a session with candidates."""
        with self.database.transaction(NOW - timedelta(days=20), "system:tests") as tx:
            session = sessions.create(
                tx, code=code, exam_on=date(2026, 6, 15), scheme=scheme, unit=unit, folder_link="https://depot.example.org/f/1"
            )
            tx.session.flush()
            for reference, language in people.items():
                _, dossier = sessions.enrol(tx, session, _line(reference, language))
                tx.session.flush()
                self.dossiers[reference] = dossier.id

    def services(self) -> PortalServices:
        """Return what the pages are given."""

        def wake() -> None:
            self.woken += 1

        answering = Answering(self.centre, Policy())
        return PortalServices(self.database, answering, self.centre, self.clock, load_notices(), wake)

    def link(self, reference: str = "C-01") -> str:
        """Make a personal link, and return its token."""
        with self.database.bookkeeping() as session:
            return links.make(session, self.dossiers[reference], NOW, HEARING)

    def record(self, name: str = "appel.mp3", *, reference: str = "C-01", received_at: datetime = NOW, seconds: float = 1452.4) -> str:
        """Put a good recording into a dossier, ruled on and answered as intake does."""
        sha256 = hashlib.sha256(name.encode()).hexdigest()
        with self.database.transaction(received_at + timedelta(seconds=20), ACTOR) as tx:
            recording = Recording(
                id=new_id("rec"),
                dossier_id=self.dossiers[reference],
                state=RecordingState.RECEIVED,
                door=Door.FOLDER,
                received_at=received_at,
                sha256=sha256,
                size_bytes=5_800_000,
                original_name=name,
                judgement=_judged(sha256, seconds).to_json(),
            )
            tx.session.add(recording)
            tx.record("recording.received", recording.id)
            recordings.move(tx, recording, RecordingState.CHECKING, Who.INTAKE)
            tx.session.flush()
            file = sessions.file_of(tx.session, recording.dossier_id)
            admit(tx, file, recording, Answering(self.centre, Policy()))
            return recording.id

    def destroy(self, recording_id: str) -> None:
        """Say of a recording that it is being destroyed."""
        with self.database.transaction(NOW, "system:tests") as tx:
            recordings.move(tx, tx.lock(Recording, recording_id), RecordingState.DESTROYING, Who.GATE)

    def recording(self, recording_id: str) -> Recording:
        """Read a recording."""
        with self.database.reading() as session:
            return session.get_one(Recording, recording_id)

    def consents(self, reference: str = "C-01") -> list[Consent]:
        """Read the attestations of a dossier, oldest first."""
        with self.database.reading() as session:
            return _consents(session, self.dossiers[reference])

    def everything(self) -> dict[str, list[tuple[object, ...]]]:
        """Read every row of every table, to see whether something changed."""
        with self.database.engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            return {name: sorted(map(tuple, connection.execute(select(text("*")).select_from(table(name)))), key=repr) for name in tables}

    def kinds(self) -> list[str]:
        """Read the kinds of the journal's entries that the pages wrote, in order."""
        with self.database.reading() as session:
            return [one.entry.kind for one in log.read(session.connection()) if one.entry.actor == "system:portal"]


def _consents(session: Session, dossier_id: str) -> list[Consent]:
    found = session.exec(rows(Consent).where(Consent.dossier_id == dossier_id)).all()
    return sorted(found, key=lambda one: (one.arrived_at, one.superseded_by is None))


def _line(reference: str, language: Language) -> RosterLine:
    return RosterLine(
        line=2,
        reference=reference,
        civility=Civility.MRS,
        family_name="Exemple",
        given_name="Anne",
        mail=f"{reference.lower()}@candidates.test",
        employer="GPS",
        department="75",
        hearing_at=HEARING,
        language=language,
    )


def _judged(sha256: str, seconds: float) -> Judgement:
    return Judgement.of(frozenset(), sha256=sha256, size_bytes=5_800_000, duration_seconds=seconds)
