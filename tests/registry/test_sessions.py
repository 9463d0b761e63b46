"""Sessions, candidates and dossiers; schemes; which recording stands for a dossier."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from registry import schemes, sessions
from registry.codes import Language
from registry.database import Database
from registry.errors import RefusedError
from registry.recordings import current
from registry.sessions import Enrolment
from registry.states import RecordingState, Unlistenable
from registry.tables import Candidate, Door, Dossier, Recording
from tests.factories import ACTOR, CODE, FAMILY_NAME, MAIL, NOW, journal_text, line, opened

S = RecordingState


@pytest.mark.parametrize("code", ["", "A", "été-2026", "a b", "../x", "a/b", ".hidden", "-a", "x" * 41, "a\n", CODE])
def test_a_code_that_cannot_name_a_folder(registry: Database, code: str) -> None:
    """What is not a plain name, or is taken, is refused before anything is written."""
    opened(registry)
    with pytest.raises(RefusedError), registry.transaction(NOW, ACTOR) as tx:
        sessions.create(tx, code=code, exam_on=date(2026, 6, 15), scheme="cqp-ce", unit="1")


def test_a_session_pins_its_scheme_and_deadline(registry: Database) -> None:
    """Three weeks before, the newest version; where no recording is deposited, the exam's own day."""
    (file,) = opened(registry)
    assert (file.session.deadline_on, file.session.scheme_version) == (date(2026, 5, 25), 1)
    (live,) = opened(registry, "C-099", code="UCANSS", scheme="ucanss-gc")
    assert live.session.deadline_on == live.session.exam_on


def test_importing_twice_changes_nothing(registry: Database) -> None:
    """The same line again writes no row and no entry; a changed one says which fields, not what is in them."""
    (file,) = opened(registry)
    with registry.reading() as session:
        before = journal_text(session)
    with registry.transaction(NOW, ACTOR) as tx:
        assert sessions.enrol(tx, file.session, line())[0] is Enrolment.UNCHANGED
    with registry.reading() as session:
        assert journal_text(session) == before
    with registry.transaction(NOW, ACTOR) as tx:
        assert sessions.enrol(tx, file.session, line(mail="new@example.org", language=Language.EN))[0] is Enrolment.CHANGED
        moved = line(mail="new@example.org", language=Language.EN, hearing_at=line().hearing_at + timedelta(hours=1))
        assert sessions.enrol(tx, file.session, moved)[0] is Enrolment.CHANGED
    with registry.reading() as session:
        told = journal_text(session)
        assert session.exec(select(Candidate)).one().mail == "new@example.org"
        assert len(session.exec(select(Dossier)).all()) == 1
    assert b'"mail"' in told
    for personal in (b"new@example.org", MAIL.encode(), FAMILY_NAME.encode()):
        assert personal not in told


def test_a_reference_is_one_persons(registry: Database) -> None:
    """Another name under a known reference is refused; another case of the same name is not."""
    (file,) = opened(registry)
    with registry.transaction(NOW, ACTOR) as tx:
        assert sessions.enrol(tx, file.session, line(family_name=FAMILY_NAME.upper()))[0] is Enrolment.CHANGED
    with pytest.raises(RefusedError, match="another person"), registry.transaction(NOW, ACTOR) as tx:
        sessions.enrol(tx, file.session, line(family_name="Autre"))


def test_a_candidate_of_two_sessions(registry: Database) -> None:
    """One candidate, two dossiers, each found by its own folder; pseudonyms and client references are random."""
    (one,) = opened(registry)
    (two,) = opened(registry, code="OCTOBRE-2026", exam_on=date(2026, 10, 5))
    assert one.candidate.id == two.candidate.id
    assert one.dossier.client_reference != two.dossier.client_reference
    with registry.reading() as session:
        for file in (one, two):
            found = sessions.dossier_by(session, f"{file.session.code}/{file.dossier.folder}")
            assert found is not None
            assert found.dossier.id == file.dossier.id
        assert sessions.dossier_by(session, f"{CODE}/nobody") is None
        assert sessions.dossier_by(session, "dos_none") is None
        with pytest.raises(RefusedError):
            sessions.file_of(session, "dos_none")


@pytest.mark.parametrize("name", ["cqp-ce", "ucanss-gc", "ucanss-cos", "mutualite-ac"])
def test_each_scheme_shipped(name: str) -> None:
    """The four of the page, each with its own words, recording and recourse."""
    scheme = schemes.load(name)
    assert (scheme.id, scheme.version) == (name, 1)
    assert scheme.takes_recording("1") is (name == "cqp-ce")
    assert not scheme.takes_recording("2")
    assert scheme.recourse.rule == {"cqp-ce": "months", "mutualite-ac": "none"}.get(name, "unstated")
    assert scheme.unit_label("1", Language.FR) == ("Domaine 1" if name == "mutualite-ac" else "Bloc 1")


def test_an_unknown_scheme() -> None:
    """A scheme or version that is not shipped is refused, with those that are."""
    for name, version in (("cqp", None), ("cqp-ce", 2), ("", None), ("../x", 1)):
        with pytest.raises(RefusedError, match="cqp-ce"):
            schemes.load(name, version)


def _recording(number: int, state: RecordingState, unlistenable: Unlistenable | None = None) -> Recording:
    return Recording(
        id=f"rec_{number}",
        dossier_id="dos_1",
        state=state,
        door=Door.FOLDER,
        received_at=NOW + timedelta(minutes=number),
        sha256="0" * 64,
        size_bytes=1,
        judgement={},
        unlistenable=unlistenable,
    )


@pytest.mark.parametrize(
    ("states", "standing"),
    [
        ([], None),
        ([S.ACCEPTED], 0),
        ([S.ACCEPTED, S.REJECTED], 0),
        ([S.REJECTED, S.REJECTED], 1),
        ([S.ACCEPTED, S.AWAITING_CONSENT], 1),
        ([S.ACCEPTED, S.CHECKING], 0),
        ([S.ACCEPTED, S.DESTROYED], 0),
        ([S.DESTROYED], 0),
    ],
)
def test_which_recording_stands(states: list[RecordingState], standing: int | None) -> None:
    """The latest that holds; else the latest refused; what is gone only where there is nothing else."""
    held = [_recording(number, state) for number, state in enumerate(states)]
    assert current(held) is (None if standing is None else held[standing])


def test_a_replaced_recording_does_not_stand() -> None:
    """Not even when it came last."""
    held = [_recording(0, S.ACCEPTED), _recording(1, S.ACCEPTED, Unlistenable.REPLACED)]
    assert current(held) is held[0]
    assert replace(line(), line=3) == line()
