"""Steps 4 and 8 in the database: the same bytes again, replacement, two files together, and who may commit."""

import threading
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from consent.record import Source
from intake import claims, reviewing
from intake.admission import Standing
from intake.claims import Claim
from intake.errors import NotOursError
from intake.originals import TakenAway
from intake.reading import Bytes, whole
from intake.reviewing import Decision
from intake.storing import Attempt
from journal import log
from registry.codes import Answer, Code
from registry.sessions import File
from registry.states import MailState, RecordingState, Unlistenable
from registry.tables import AttemptState, Deposit, DepositState, OutboxFile, Recording, UploadAttempt
from storage.seal import DataKey
from tests.factories import (
    ACTOR,
    CALL_ON,
    NOW,
    Intakes,
    admitted,
    attest,
    coordinator,
    fresh,
    judgement,
    kinds,
    mails_of,
    moved,
    opened,
    record,
    sighting,
)

pytestmark = pytest.mark.postgresql_later

S = RecordingState


@dataclass(frozen=True)
class Opened:
    """What step 4 answered for one dropped file."""

    standing: Standing
    claim: Claim
    attempt: Attempt | None
    data: Bytes


def drop(parts: Intakes, file: File, stack: ExitStack, data: bytes, *codes: Code, name: str = "a.mp3") -> Opened:
    """Drop a file and take it to step 4."""
    path = parts.folder(file) / name
    path.write_bytes(data)
    now = parts.clock.now()
    seen = sighting(parts.share, path, at=now)
    _, claimed = claims.claim(parts.database, seen, owner=parts.owner, now=now, lease=parts.policy.lease)
    assert claimed is not None
    held = stack.enter_context(whole(parts.share, seen.place, seen.identity, 10_000))
    standing, attempt = parts.admission.open(claimed, file, held, judgement(*codes, data=data), now)
    return Opened(standing, claimed, attempt, held)


def commit(parts: Intakes, it: Opened) -> Recording:
    """Take an open attempt to the end of step 8."""
    assert it.attempt is not None
    stored = parts.strongroom.upload(it.attempt, DataKey.generate(), it.data.chunks(), it.data.size, b"")
    parts.admission.commit(it.claim, it.attempt, stored, parts.clock.now())
    with parts.database.reading() as session:
        return session.get_one(Recording, it.attempt.recording_id)


@pytest.fixture
def stack() -> ExitStack:
    """Hold the memory of dropped files."""
    return ExitStack()


def test_a_good_deposit(intakes: Intakes, stack: ExitStack) -> None:
    """State, entries, mail and folder's answer are there together, and the attempt is the one that won."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    with stack:
        it = drop(intakes, file, stack, b"sound")
        recording = commit(intakes, it)
    assert (recording.state, recording.answer, recording.receipt_number) == (S.ACCEPTED, Answer.RECEIVED, "2026-0001")
    assert it.attempt is not None
    assert recording.attempt_id == it.attempt.id
    with intakes.database.reading() as session:
        assert kinds(session, recording.id) == ["recording.received", "recording.checking", "recording.stored", "recording.accepted"]
        assert session.get_one(UploadAttempt, it.attempt.id).state is AttemptState.WON
        assert session.get_one(Deposit, it.claim.deposit_id).state is DepositState.STORED
        (mail,) = mails_of(session, "answer")
        assert mail.state is MailState.QUEUED
        (answer,) = session.exec(select(OutboxFile).where(OutboxFile.recording_id == recording.id)).all()
        assert answer.content is not None
        assert answer.name.startswith("1 - ")


def test_a_failing_commit_leaves_nothing(intakes: Intakes, stack: ExitStack) -> None:
    """When the attempt was discarded meanwhile, neither state nor entry nor mail is written."""
    (file,) = opened(intakes.database)
    with stack:
        it = drop(intakes, file, stack, b"sound")
        assert it.attempt is not None
        with intakes.database.bookkeeping() as session:
            session.get_one(UploadAttempt, it.attempt.id).state = AttemptState.DISCARDED
        with pytest.raises(NotOursError):
            commit(intakes, it)
    with intakes.database.reading() as session:
        assert kinds(session, it.attempt.recording_id) == ["recording.received", "recording.checking"]
        assert mails_of(session, "answer") == []
        assert session.get_one(Recording, it.attempt.recording_id).receipt_number is None


def test_a_lease_that_ran_out_commits_nothing(intakes: Intakes, stack: ExitStack) -> None:
    """A worker that slept through its lease has lost, also when nobody took over yet; renewed in time, it goes on."""
    (file,) = opened(intakes.database)
    with stack:
        it = drop(intakes, file, stack, b"sound")
        assert it.attempt is not None
        intakes.admission.renew(it.claim, it.attempt, intakes.clock.go_on(minutes=2))
        intakes.clock.go_on(minutes=2)
        intakes.admission.renew(it.claim, it.attempt, intakes.clock.now())
        intakes.clock.go_on(minutes=4)
        with pytest.raises(NotOursError):
            commit(intakes, it)


def test_two_doors_at_once_make_one_deposit(intakes: Intakes, stack: ExitStack) -> None:
    """The same bytes under two names: the second waits while the first is stored, then gets the same answer."""
    (file,) = opened(intakes.database)
    with stack:
        first = drop(intakes, file, stack, b"sound")
        assert drop(intakes, file, stack, b"sound", name="b.mp3").standing is Standing.BUSY
        recording = commit(intakes, first)
        intakes.clock.go_on(minutes=10)
        again = drop(intakes, file, stack, b"sound", name="c.mp3")
    assert again.standing is Standing.REPEATED
    with intakes.database.reading() as session:
        assert session.exec(select(Recording)).all() == [recording]
        row = session.get_one(Deposit, again.claim.deposit_id)
        assert (row.state, row.recording_id) == (DepositState.STORED, recording.id)
        assert kinds(session, recording.id)[-1] == "recording.deposited_again"


def test_the_same_answer_again_is_mailed_once_a_day(intakes: Intakes, stack: ExitStack) -> None:
    """A synchronisation client that puts a file back all day long fills the folder with one answer, and the mailbox with one mail."""
    (file,) = opened(intakes.database)
    with stack:
        commit(intakes, drop(intakes, file, stack, b"sound"))
        for number in range(4):
            intakes.clock.go_on(minutes=10)
            assert drop(intakes, file, stack, b"sound", name=f"{number}.mp3").standing is Standing.REPEATED
    with intakes.database.reading() as session:
        assert len(mails_of(session, "answer")) == 2
        assert len([one for one in session.exec(select(OutboxFile)) if not one.replaced]) == 1


def test_a_refused_file_without_a_new_fact(intakes: Intakes, stack: ExitStack) -> None:
    """What was refused for what it is stays refused, with the same answer."""
    (file,) = opened(intakes.database)
    with stack:
        recording = commit(intakes, drop(intakes, file, stack, b"long", Code.TOO_LONG))
        assert recording.state is S.REJECTED
        intakes.clock.go_on(minutes=10)
        assert drop(intakes, file, stack, b"long", Code.TOO_LONG, name="b.mp3").standing is Standing.REPEATED


def test_a_refused_file_with_a_corrected_attestation(intakes: Intakes, stack: ExitStack) -> None:
    """A date that was a slip of the pen: attest again, drop the same file again, and it is a new recording that counts."""
    (file,) = opened(intakes.database)
    attest(intakes, file, record(given_on=CALL_ON + timedelta(days=1)))
    with stack:
        refused = commit(intakes, drop(intakes, file, stack, b"sound"))
        assert (refused.state, refused.codes) == (S.REJECTED, [Code.CONSENT_LATE])
        intakes.clock.go_on(minutes=10)
        attest(intakes, file)
        again = drop(intakes, file, stack, b"sound", name="b.mp3")
        assert again.standing is Standing.OPEN
        accepted = commit(intakes, again)
    assert accepted.id != refused.id
    assert (accepted.state, accepted.codes, accepted.call_date) == (S.ACCEPTED, [], CALL_ON)


def test_a_refused_file_whose_day_has_come(intakes: Intakes, stack: ExitStack) -> None:
    """A call declared for tomorrow is in the future today, and not tomorrow: the date is a fact that changed."""
    (file,) = opened(intakes.database)
    tomorrow = NOW.date() + timedelta(days=1)
    attest(intakes, file, record(tomorrow, attested_on=tomorrow))
    with stack:
        refused = commit(intakes, drop(intakes, file, stack, b"sound"))
        assert refused.codes == [Code.FUTURE_DATE]
        intakes.clock.go_on(days=1)
        again = drop(intakes, file, stack, b"sound", name="b.mp3")
        assert again.standing is Standing.OPEN
        assert commit(intakes, again).state is S.ACCEPTED


def test_a_refused_file_after_the_hearing_moved(intakes: Intakes, stack: ExitStack) -> None:
    """A hearing brought forward makes an old call young enough: judged anew."""
    (file,) = opened(intakes.database)
    attest(intakes, file, record(date(2025, 6, 14)))
    with stack:
        refused = commit(intakes, drop(intakes, file, stack, b"sound"))
        assert refused.codes == [Code.TOO_OLD]
        with intakes.database.transaction(NOW, ACTOR) as tx:
            dossier = tx.lock(type(file.dossier), file.dossier.id)
            dossier.hearing_at -= timedelta(days=30)
            tx.record("dossier.hearing_moved", dossier.id)
        intakes.clock.go_on(minutes=10)
        moved_file = replace(file, dossier=dossier)
        assert drop(intakes, moved_file, stack, b"sound", name="b.mp3").standing is Standing.OPEN


@pytest.mark.parametrize("state", [S.DESTROYING, S.DESTROYED])
def test_bytes_that_were_destroyed(intakes: Intakes, stack: ExitStack, state: RecordingState) -> None:
    """A copy of what is being or was destroyed is not taken, in whatever dossier it turns up."""
    first, second = opened(intakes.database, "C-012", "C-013")
    attest(intakes, first)
    recording = admitted(intakes, first, data=b"sound")
    moved(intakes.database, recording, *([S.DESTROYING] if state is S.DESTROYING else [S.DESTROYING, S.DESTROYED]))
    with stack:
        assert drop(intakes, first, stack, b"sound").standing is Standing.DESTROYED
        assert drop(intakes, second, stack, b"sound").standing is Standing.DESTROYED


def test_empty_files_are_not_each_others_copies(intakes: Intakes, stack: ExitStack) -> None:
    """Every empty file has the same bytes: that one was destroyed says nothing of the next."""
    first, second = opened(intakes.database, "C-012", "C-013")
    recording = admitted(intakes, first, Code.EMPTY_FILE, data=b"")
    moved(intakes.database, recording, S.DESTROYING, S.DESTROYED)
    with stack:
        assert drop(intakes, second, stack, b"", Code.EMPTY_FILE).standing is Standing.OPEN


def test_the_same_bytes_in_another_live_dossier(intakes: Intakes) -> None:
    """Both are accepted; the coordinator alone is told, of the second."""
    coordinator(intakes.database)
    first, second = opened(intakes.database, "C-012", "C-013")
    attest(intakes, first)
    attest(intakes, second)
    one, other = admitted(intakes, first, data=b"sound"), admitted(intakes, second, data=b"sound")
    assert {one.state, other.state} == {S.ACCEPTED}
    assert Code.DUPLICATE not in (*one.warnings, *other.warnings)
    with intakes.database.reading() as session:
        told = [mail.dedupe_key for mail in mails_of(session) if mail.dedupe_key.startswith("duplicate:")]
    assert [key.split(":")[1] for key in told] == [other.id]


def test_replaced_only_once_the_new_one_is_accepted(intakes: Intakes) -> None:
    """While the new one waits, is refused or is checked, the old one stands; accepted, it alone does."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    old = admitted(intakes, file, data=b"old")
    intakes.clock.go_on(hours=1)
    admitted(intakes, file, Code.TOO_LONG, data=b"long")
    assert fresh(intakes.database, old).unlistenable is None
    intakes.clock.go_on(hours=1)
    waiting = admitted(intakes, file, data=b"new")
    assert waiting.state is S.AWAITING_CONSENT
    assert fresh(intakes.database, old).unlistenable is None
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    now = fresh(intakes.database, old)
    assert (now.state, now.unlistenable, now.replaced_by, now.stale) == (S.ACCEPTED, Unlistenable.REPLACED, waiting.id, True)
    assert fresh(intakes.database, waiting).state is S.ACCEPTED


def test_replaced_once_a_person_accepts(intakes: Intakes) -> None:
    """A new one to check replaces nothing until a coordinator accepts it."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    old = admitted(intakes, file, data=b"old")
    intakes.clock.go_on(hours=1)
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    new = admitted(intakes, file, Code.SILENT, data=b"new")
    assert (new.state, fresh(intakes.database, old).unlistenable) == (S.TO_REVIEW, None)
    with intakes.database.transaction(intakes.clock.now(), ACTOR) as tx:
        reviewing.review(tx, new.id, Decision.ACCEPT, "écouté", intakes.answering)
    assert fresh(intakes.database, old).unlistenable is Unlistenable.REPLACED


def test_what_the_jury_decided_on_is_not_replaced(intakes: Intakes) -> None:
    """A late file accepted after the decision leaves the recording alone that a recourse may need."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    old = admitted(intakes, file, data=b"old")
    moved(intakes.database, old, S.DECIDED)
    intakes.clock.go_on(hours=1)
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    assert admitted(intakes, file, data=b"new").state is S.ACCEPTED
    assert fresh(intakes.database, old).unlistenable is None


def test_two_good_files_together(intakes: Intakes) -> None:
    """Dropped before the first could be answered: both stand, each names the other, and the answer asks which."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    together = intakes.clock.now()
    first = admitted(intakes, file, data=b"one", at=intakes.clock.go_on(seconds=20), received_at=together)
    second = admitted(intakes, file, data=b"two", at=intakes.clock.go_on(seconds=20), received_at=together)
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    one, two = fresh(intakes.database, first), fresh(intakes.database, second)
    assert (one.unlistenable, two.unlistenable) == (None, None)
    assert (one.together_with, two.together_with) == (two.id, one.id)
    with intakes.database.reading() as session:
        assert "recording.came_together" in kinds(session, one.id)
        assert log.check(session.connection()) == []


def test_a_bad_file_beside_a_good_one_is_no_question(intakes: Intakes) -> None:
    """Only two good files are asked about."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    together = intakes.clock.now()
    first = admitted(intakes, file, data=b"one", at=intakes.clock.go_on(seconds=20), received_at=together)
    second = admitted(intakes, file, Code.NOT_MP3, data=b"two", at=intakes.clock.go_on(seconds=20), received_at=together)
    assert (fresh(intakes.database, first).together_with, second.together_with) == (None, None)


def test_two_waiting_recordings_and_one_attestation(intakes: Intakes) -> None:
    """The attestation meets the newer one, which the candidate presents; the older one goes on waiting until it is replaced."""
    (file,) = opened(intakes.database)
    old = admitted(intakes, file, data=b"old")
    intakes.clock.go_on(hours=1)
    new = admitted(intakes, file, data=b"new")
    attest(intakes, file)
    one, two = fresh(intakes.database, old), fresh(intakes.database, new)
    assert (two.state, one.state, one.unlistenable) == (S.ACCEPTED, S.AWAITING_CONSENT, Unlistenable.REPLACED)


def test_two_waiting_recordings_that_came_together(intakes: Intakes) -> None:
    """Each needs its own attestation, also where both say the same of one call."""
    (file,) = opened(intakes.database)
    together = intakes.clock.now()
    old = admitted(intakes, file, data=b"old", at=intakes.clock.go_on(seconds=20), received_at=together)
    new = admitted(intakes, file, data=b"new", at=intakes.clock.go_on(seconds=20), received_at=together + timedelta(seconds=1))
    attest(intakes, file, record(source=Source.FORM))
    assert (fresh(intakes.database, old).state, fresh(intakes.database, new).state) == (S.AWAITING_CONSENT, S.ACCEPTED)
    attest(intakes, file, record(source=Source.FORM), now=intakes.clock.go_on(minutes=1))
    assert fresh(intakes.database, old).state is S.ACCEPTED


@pytest.mark.parametrize(
    ("result", "state"),
    [
        (TakenAway.REMOVED, DepositState.DONE),
        (TakenAway.GONE, DepositState.DONE),
        (TakenAway.GIVEN_BACK, DepositState.DONE),
        (TakenAway.KEPT, DepositState.DONE),
        (TakenAway.IN_USE, DepositState.STORED),
        (TakenAway.REFUSED, DepositState.STORED),
    ],
)
def test_the_end_of_step_nine(intakes: Intakes, stack: ExitStack, result: TakenAway, state: DepositState) -> None:
    """What is finished is journaled once; what the share refuses is kept for later, and counted."""
    (file,) = opened(intakes.database)
    with stack:
        it = drop(intakes, file, stack, b"sound")
        recording = commit(intakes, it)
    assert intakes.admission.taken_away(it.claim.deposit_id, result, NOW) is (state is DepositState.DONE)
    intakes.admission.taken_away(it.claim.deposit_id, result, NOW)
    with intakes.database.reading() as session:
        row = session.get_one(Deposit, it.claim.deposit_id)
        assert (row.state, row.code) == (state, str(result))
        assert kinds(session, recording.id).count("original.taken_away") == (1 if state is DepositState.DONE else 0)


def test_deposits_of_many_at_once(intakes: Intakes) -> None:
    """Many dossiers ruled on at the same moment, with attestations: each is answered once, receipts differ, the tree holds."""
    files = opened(intakes.database, *(f"C-{number:03}" for number in range(6)))
    failures: list[Exception] = []

    def go(file: File) -> None:
        try:
            attest(intakes, file)
            admitted(intakes, file, data=file.dossier.folder.encode())
        except Exception as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=go, args=(file,)) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with intakes.database.reading() as session:
        held = session.exec(select(Recording)).all()
        assert sorted(one.receipt_number or "" for one in held) == [f"2026-{number:04}" for number in range(1, 7)]
        assert len(mails_of(session, "answer")) == 6
        assert log.check(session.connection()) == []
