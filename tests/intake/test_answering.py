"""Answers: in the folder and by mail, in the transaction of what they tell, with nobody's name where it must not be."""

from dataclasses import replace

import pytest
from sqlmodel import select

from intake.shares import Place
from registry.codes import NOT_TAKEN, Answer, Code, Language
from registry.database import Database
from registry.tables import FormLink, OutboxFile
from tests.factories import (
    ACTOR,
    FAMILY_NAME,
    NOW,
    Intakes,
    admitted,
    attest,
    coordinator,
    files_of,
    mails_of,
    opened,
)

pytestmark = pytest.mark.postgresql_later

STRAY = Place((b"JUIN-2026", b"nobody"), b"appel \xe9.mp3")


def _codes(database: Database) -> list[str]:
    with database.reading() as session:
        return [mail.dedupe_key.split(":")[0] for mail in mails_of(session)]


@pytest.mark.parametrize(
    ("code", "attested", "answer", "language"),
    [
        (None, True, Answer.RECEIVED, Language.FR),
        (None, False, Answer.AWAITING_CONSENT, Language.EN),
        (Code.SILENT, True, Answer.TO_REVIEW, Language.FR),
        (Code.SILENT, False, Answer.AWAITING_CONSENT, Language.FR),
        (Code.NOT_MP3, True, Answer.REFUSED, Language.EN),
        (Code.TOO_LONG, True, Answer.REFUSED, Language.FR),
    ],
)
def test_each_answer(intakes: Intakes, code: Code | None, attested: bool, answer: Answer, language: Language) -> None:  # noqa: FBT001
    """One PDF in the folder, sorted first, and one mail, in the candidate's language; a task where a person must decide."""
    coordinator(intakes.database)
    (file,) = opened(intakes.database, language=language)
    if attested:
        attest(intakes, file)
    recording = admitted(intakes, file, *([code] if code else []))
    assert recording.answer is answer
    with intakes.database.reading() as session:
        (written,) = files_of(session)
        (mail,) = mails_of(session, "answer")
        links = len(session.exec(select(FormLink)).all())
    assert written.name.startswith("1 - ")
    assert (written.content or b"").startswith(b"%PDF")
    assert mail.language is language
    assert FAMILY_NAME not in written.name
    assert f"appel {FAMILY_NAME}.mp3" not in mail.text + mail.html + mail.subject  # a file's name may be the client's
    assert _codes(intakes.database).count("review") == (1 if answer is Answer.TO_REVIEW else 0)
    assert links == (1 if answer is Answer.AWAITING_CONSENT else 1 if code is Code.TOO_LONG and attested else 0)


@pytest.mark.parametrize("code", sorted(NOT_TAKEN))
def test_each_reason_to_leave_a_file(intakes: Intakes, code: Code) -> None:
    """Whatever the reason, there is an answer beside the file, a mail without the file's name, and the coordinator knows."""
    coordinator(intakes.database)
    (file,) = opened(intakes.database)
    place = Place((b"JUIN-2026", b"C-012"), f"appel {FAMILY_NAME}.zip".encode())
    with intakes.database.transaction(NOW, ACTOR) as tx:
        intakes.answering.not_taken(tx, place, file, code)
    with intakes.database.reading() as session:
        (written,) = files_of(session)
        assert (written.folder, written.recording_id) == (b"JUIN-2026/C-012", None)
        (mail,) = mails_of(session, "answer")
        assert FAMILY_NAME + ".zip" not in mail.text + mail.html + mail.subject
        assert len(mails_of(session)) == 2


def test_a_file_where_nobody_is_known(intakes: Intakes) -> None:
    """Outside every dossier there is an answer beside it, and the coordinator is told; no mail goes to a candidate."""
    coordinator(intakes.database)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        intakes.answering.not_taken(tx, STRAY, None, Code.UNKNOWN_FOLDER)
        intakes.answering.not_taken(tx, Place((), b"x"), None, Code.UNKNOWN_FOLDER)
    with intakes.database.reading() as session:
        assert {one.folder for one in files_of(session)} == {b"JUIN-2026/nobody", b""}
        assert mails_of(session, "answer") == []
        assert len(mails_of(session)) == 2


def test_several_answers_of_one_kind_lie_side_by_side(intakes: Intakes) -> None:
    """Each left file has an answer of its own name."""
    (file,) = opened(intakes.database)
    with intakes.database.transaction(NOW, ACTOR) as tx:
        for number in range(3):
            intakes.answering.not_taken(tx, replace(STRAY, name=b"%d" % number), file, Code.LINK)
    with intakes.database.reading() as session:
        told = [one.name for one in session.exec(select(OutboxFile))]
    assert len(set(told)) == 3


def test_our_own_files_are_recognised_by_their_bytes(intakes: Intakes) -> None:
    """An answer that a candidate moved or copied is not a deposit."""
    (file,) = opened(intakes.database)
    admitted(intakes, file)
    with intakes.database.reading() as session:
        (written,) = files_of(session)
        assert intakes.answering.is_ours(session, written.sha256)
        assert not intakes.answering.is_ours(session, "0" * 64)


def test_without_a_commit_nobody_is_told(intakes: Intakes) -> None:
    """Mail and folder's answer are rows of the same transaction: when it fails, there are none."""
    (file,) = opened(intakes.database)

    def fail() -> None:
        with intakes.database.transaction(NOW, ACTOR) as tx:
            intakes.answering.not_taken(tx, STRAY, file, Code.LINK)
            raise InterruptedError

    with pytest.raises(InterruptedError):
        fail()
    with intakes.database.reading() as session:
        assert (files_of(session), mails_of(session)) == ([], [])


@pytest.mark.parametrize("language", list(Language))
def test_a_second_file_says_that_the_first_still_counts(intakes: Intakes, language: Language) -> None:
    """One recording is accepted; another comes without an attestation: the answer names the first, and asks for another attestation."""
    (file,) = opened(intakes.database, language=language)
    attest(intakes, file)
    first = admitted(intakes, file, data=b"one")
    second = admitted(intakes, file, data=b"two", at=intakes.clock.go_on(hours=1))
    with intakes.database.reading() as session:
        told = mails_of(session, "answer.awaiting_consent")[-1].text
    assert (first.answer, second.answer) == (Answer.RECEIVED, Answer.AWAITING_CONSENT)
    assert f"{first.receipt_number})" in told
    assert ("demande la sienne" if language is Language.FR else "needs its own") in told


def test_the_candidate_is_told_the_grace_that_the_centre_chose(intakes: Intakes) -> None:
    """Not the scheme's own: the date on the answer is the one that will hold."""
    chosen = replace(intakes, centre=replace(intakes.centre, postal_grace_days=15))
    (file,) = opened(chosen.database)
    attest(chosen, file)
    admitted(chosen, file)
    with chosen.database.reading() as session:
        (mail,) = mails_of(session, "answer.received")
    assert "augmentés de 15 jours" in mail.text
