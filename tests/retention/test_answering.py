"""The register and a client's question, on real rows: before, during and after a destruction, and after everything was cleared."""

from dataclasses import replace
from datetime import date, timedelta
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import select

from notifications.client_replies import reply_pdf
from notifications.compliance import Stage
from notifications.replies import Answered, Held, Question
from registry import recordings
from registry.database import Database
from registry.errors import RefusedError
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState, Who
from registry.tables import Candidate, Destruction, Door, HoldScope, Recording
from retention import register
from retention.answering import answer, reply
from retention.terms import Choices
from tests.factories import ACTOR, CENTRE, FAMILY_NAME, NOW, opened, sha256_of
from tests.retention.certifying import FACTS, certified
from tests.retention.facts_made import ELIGIBLE, hold, judged, record

pytestmark = pytest.mark.postgresql_later

CALL = date(2026, 3, 12)
DONE = ELIGIBLE + timedelta(hours=3)


def held(registry: Database, file: File, data: bytes = b"a sound", day: date | None = CALL) -> Recording:
    """Write down a recording of a call on a day."""
    recording = judged(registry, file, data)
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, recording.id).call_date = day
        tx.record("test.dated", recording.id)
    return recording


def destroyed(registry: Database, recording: Recording, *, certificate: bool = True) -> str:
    """Write down its destruction, as the gate does; return the certificate's number."""
    with registry.transaction(DONE, ACTOR) as tx:
        facts = replace(FACTS, recording=replace(FACTS.recording, id=recording.id))
        row = Destruction(
            id=new_id("dst"),
            recording_id=recording.id,
            dossier_id=recording.dossier_id,
            cause="appeal_period_over",
            eligible_at=ELIGIBLE,
            grounds="{}",
            started_at=DONE,
            completed_at=DONE,
            facts=facts.encode().decode(),
            facts_sha256=facts.sha256,
            certificate=certified(facts) if certificate else None,
            completed_index=148,
        )
        tx.session.add(row)
        tx.record("test.destruction", row.id)
        found = tx.lock(Recording, recording.id)
        for state in (RecordingState.DESTROYING, RecordingState.DESTROYED):
            recordings.move(tx, found, state, Who.GATE)
        found.destroyed_at = DONE
        return row.id


def cleared(registry: Database, file: File) -> None:
    """Empty what names the candidate."""
    with registry.transaction(DONE, ACTOR) as tx:
        row = tx.lock(Candidate, file.candidate.id)
        row.family_name = row.given_name = row.mail = row.employer = row.civility = row.department = ""
        row.reference = row.pseudonym
        tx.record("candidate.cleared", row.id)


def asked(registry: Database, **question: object) -> Answered:
    """Ask."""
    with registry.reading() as session:
        return answer(session, Question(**question), DONE)  # type: ignore[arg-type]  # the tests name the criteria


def states(registry: Database, **question: object) -> list[Held]:
    """Ask, and return what became of each recording found."""
    return [one.held for one in asked(registry, **question).found]


def test_a_call_is_found_by_each_criterion_while_it_is_held(registry: Database) -> None:
    """By its day, by the reference however it is typed, by a receipt, by parts of the adviser's name, by the employer; not by others."""
    (file,) = opened(registry, family_name="Élodie-Ünal", given_name="Zoé", employer="Société d’Essai")
    recording = held(registry, file)
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Recording, recording.id).receipt_number = "2026-0147"
        tx.record("test.receipt", recording.id)
    reference = file.dossier.client_reference
    for question in (
        {"call_date": CALL},
        {"reference": reference.lower().replace("-", " ")},
        {"reference": "2026-0147"},
        {"candidate": "unal zoe"},
        {"candidate": file.candidate.reference},
        {"employer": "ESSAI societe"},
        {"call_date": CALL, "candidate": "Élodie", "employer": "essai", "reference": reference},
    ):
        assert states(registry, **question) == [Held.HELD], question
    for question in (
        {"call_date": CALL + timedelta(days=1)},
        {"candidate": "Unal Autre"},
        {"candidate": "…"},
        {"employer": "autre"},
        {"call_date": CALL, "candidate": "Autre"},
    ):
        assert states(registry, **question) == [], question


def test_a_question_that_asks_nothing_is_refused(registry: Database) -> None:
    """And a reference that is none of ours, rather than an answer that would be wrong."""
    for question in ({}, {"reference": "12"}):
        with pytest.raises(RefusedError):
            asked(registry, **question)


def test_after_the_destruction_the_day_and_the_reference_still_answer(registry: Database) -> None:
    """And nobody's name does, from the moment of the destruction on, cleared or not."""
    (file,) = opened(registry)
    recording = held(registry, file)
    number = destroyed(registry, recording)
    for clear in (False, True):
        if clear:
            cleared(registry, file)
        for question in ({"call_date": CALL}, {"reference": file.dossier.client_reference}):
            (one,) = asked(registry, **question).found
            assert (one.held, one.destroyed_at, one.certificate) == (Held.DESTROYED, DONE, number)
            assert one.irreversible_from == FACTS.irreversible_from
            assert one.call_date == CALL
        assert states(registry, candidate=FAMILY_NAME) == []
        assert states(registry, employer="essai") == []
        assert states(registry, call_date=CALL, candidate=FAMILY_NAME) == []


def test_what_is_being_destroyed_or_suspended_is_said_so(registry: Database) -> None:
    """Begun is neither held nor destroyed; a hold of any scope is told, never why."""
    (file,) = opened(registry)
    recording = held(registry, file)
    record(registry, file.dossier.id, hold(HoldScope.SESSION, file.session.id))
    (one,) = asked(registry, call_date=CALL).found
    assert (one.suspended, one.unlistenable) == (True, False)
    with registry.transaction(DONE, ACTOR) as tx:
        recordings.move(tx, tx.lock(Recording, recording.id), RecordingState.DESTROYING, Who.GATE)
    (one,) = asked(registry, call_date=CALL).found
    assert (one.held, one.suspended, one.unlistenable, one.eligible_on) == (Held.BEGUN, False, True, None)


def test_recordings_without_a_day_are_told_of(registry: Database) -> None:
    """A search by day cannot find what has none: the answer says how many there are."""
    file, other = opened(registry, "C-1", "C-2")
    held(registry, file, day=None)
    held(registry, other, b"another")
    told = asked(registry, call_date=CALL + timedelta(days=3))
    assert (told.found, told.undated) == ((), 1)
    assert asked(registry, reference=file.dossier.client_reference).undated == 0


def test_a_client_does_not_learn_of_anothers_call(registry: Database) -> None:
    """Two dossiers on one day make no page, until the question says which."""
    file, other = opened(registry, "C-1", "C-2")
    held(registry, file)
    held(registry, other, b"another")
    both = asked(registry, call_date=CALL)
    assert both.dossiers == 2
    with pytest.raises(RefusedError, match="reference"):
        reply(both, CENTRE, CENTRE.contact, 5)
    one = reply(asked(registry, call_date=CALL, reference=other.dossier.client_reference), CENTRE, CENTRE.contact, 5)
    assert one.answered.dossiers == 1
    with pytest.raises(ValueError, match="one dossier"):
        reply_pdf(replace(one, answered=both))


def test_the_register_tells_each_destruction(registry: Database) -> None:
    """What failed comes first, then the newest; what the certificate states is read from its facts; a cleared candidate is a pseudonym."""
    first, second, third = opened(registry, "C-1", "C-2", "C-3")
    number = destroyed(registry, held(registry, first))
    destroyed(registry, held(registry, second, b"2"), certificate=False)
    begun = held(registry, third, b"3")
    with registry.transaction(DONE, ACTOR) as tx:
        row = Destruction(
            id=new_id("dst"),
            recording_id=begun.id,
            dossier_id=begun.dossier_id,
            cause="consent_withdrawn",
            grounds="{}",
            started_at=DONE,
            failure_code="object_listed",
        )
        tx.session.add(row)
        tx.record("test.destruction", row.id)
    cleared(registry, first)
    with registry.reading() as session:
        told = register.read(session)
        assert [one.number for one in register.read(session, 1)] == [told[0].number]
        assert register.count(session) == 3
        pseudonym = session.exec(select(Candidate.pseudonym).where(Candidate.id == first.candidate.id)).one()
    assert told[0].stage is Stage.FAILED
    assert {one.stage for one in told[1:]} == {Stage.CERTIFIED, Stage.DESTROYED}
    one = next(one for one in told if one.number == number)
    assert (one.candidate, one.session, one.client_reference, one.call_date) == (
        pseudonym,
        first.session.code,
        first.dossier.client_reference,
        CALL,
    )
    ground = FACTS.ground
    assert (one.decided_on, one.notified_on, one.appeal_last_day) == (ground.decided_on, ground.notified_on, ground.appeal_last_day)
    assert (one.approved_by, one.irreversible_from, one.kept_until) == (
        FACTS.acts.approved_by,
        FACTS.irreversible_from,
        FACTS.kept.until,
    )
    assert (one.journal_index, one.completed_at, told[0].kept_until) == (148, DONE, None)


def test_an_empty_register(registry: Database) -> None:
    """No destruction is no line."""
    with registry.reading() as session:
        assert (register.read(session), register.count(session)) == ([], 0)


def test_the_page_is_one_page_and_names_nobody(registry: Database) -> None:
    """Whatever is found: one page, the day and the reference, no candidate."""
    (file,) = opened(registry)
    for number in range(4):
        recording = held(registry, file, bytes([number]))
        if number % 2:
            destroyed(registry, recording)
    answered = asked(registry, candidate=FAMILY_NAME), asked(registry, call_date=CALL), asked(registry, call_date=CALL + timedelta(days=1))
    for told in answered:
        reader = PdfReader(BytesIO(reply_pdf(reply(told, CENTRE, CENTRE.contact, Choices().proof_retention_years))))
        text = reader.pages[0].extract_text()
        assert len(reader.pages) == 1
        assert FAMILY_NAME not in text
        assert (file.dossier.client_reference in text) is bool(told.found)


def test_a_recording_that_is_not_stored_is_none(registry: Database) -> None:
    """What lies in the folder still, or is being read, is not held yet."""
    (file,) = opened(registry)
    with registry.transaction(NOW, ACTOR) as tx:
        row = Recording(
            id=new_id("rec"),
            dossier_id=file.dossier.id,
            state=RecordingState.RECEIVED,
            door=Door.FOLDER,
            received_at=NOW,
            sha256=sha256_of(b""),
            size_bytes=0,
            judgement={},
            call_date=CALL,
        )
        tx.session.add(row)
        tx.record("recording.received", row.id)
    assert states(registry, call_date=CALL) == []
