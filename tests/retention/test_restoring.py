"""Restore: what was destroyed stays destroyed, what survived can be heard, and nothing happens before a person has looked."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import select

from intake.mp3.judgement import Judgement
from registry import holds, sessions, withdrawals
from registry.errors import RefusedError
from registry.states import MailState, RecordingState, Unlistenable
from registry.tables import (
    Candidate,
    Consent,
    Dossier,
    EvaluationSession,
    Hold,
    HoldReason,
    HoldScope,
    OutboxMail,
    PortalSession,
    Recording,
    SignInLink,
    UploadAttempt,
)
from retention import naming
from retention.backing_up import Backup
from retention.comparing import Kind, compare
from retention.errors import RestoreRefusedError
from retention.reentering import Papers
from retention.suspending import Suspending
from retention.terms import Choices
from sharing import signing_in
from storage.keyfile import Tombstone
from storage.vault import MemoryVault, Repair
from tests.factories import ACTOR, CENTRE, EXAM_ON, FAMILY_NAME, Intakes, line, opened
from tests.retention.gates import Gates, KilledError
from tests.retention.restores import Story

pytestmark = pytest.mark.slow

_HEARD = {"consent_id", "attempt_id", "sealed_sha256", "sealed_bytes", "state", "sha256", "size_bytes", "unlistenable", "dossier_id"}
"""What the listening rule reads of a recording."""


@pytest.fixture
def story(intakes: Intakes, tmp_path: Path) -> Story:
    """Give a centre with anchors."""
    return Story(Gates(intakes), tmp_path)


def _deposited(story: Story) -> Recording:
    """Open another session, and have its one candidate deposit."""
    (file,) = opened(story.database, "C-999", code="APRES")
    return story.deposited(file, b"what came after the backup")


def test_a_destroyed_recording_stays_destroyed(story: Story) -> None:
    """A backup and a stale bucket bring nothing back: the tombstone wins, the objects go again, and the repetition is told."""
    gone, kept = story.stored(2)
    backup, stale = story.back_up(), story.bucket()
    story.destroyed(gone)
    story.anchors.anchor(story.now)
    story.put_bucket_back(stale)
    done = story.restore(backup)
    rows = story.recordings()
    assert done.entombed == (gone.id,)
    assert rows[gone.id].state is RecordingState.DESTROYED
    assert rows[kept.id].state is RecordingState.ACCEPTED
    assert len(story.parts.objects.held) == 2
    assert [hold.id for hold in story.restored_holds()] == [done.hold_id]
    assert all(isinstance(one, Tombstone) for one in story.parts.vaults.get_both(rows[gone.id].attempt_id or ""))
    assert story.sound()


def test_what_was_deposited_after_the_backup_is_rebuilt(story: Story) -> None:
    """Session, candidate, dossier, attestation, attempt and recording are there again; a pseudonym stands for the name."""
    story.stored()
    backup = story.back_up()
    late = _deposited(story)
    story.anchors.anchor(story.now)
    done = story.restore(backup)
    found = story.recordings()[late.id]
    assert done.rebuilt.recordings == [late.id]
    assert {name: getattr(found, name) for name in _HEARD} == {name: getattr(late, name) for name in _HEARD}
    assert (found.receipt_number, found.answer, found.call_date) == (late.receipt_number, late.answer, late.call_date)
    assert Judgement.from_json(found.judgement).sha256 == late.sha256
    with story.database.reading() as session:
        dossier = session.get_one(Dossier, late.dossier_id)
        candidate, evaluation = session.get_one(Candidate, dossier.candidate_id), session.get_one(EvaluationSession, dossier.session_id)
        consent, attempt = session.get_one(Consent, late.consent_id), session.get_one(UploadAttempt, late.attempt_id)
    assert done.rebuilt.candidates == [candidate.id]
    assert candidate.pseudonym == candidate.family_name == dossier.folder
    assert (evaluation.exam_on, evaluation.scheme) == (EXAM_ON, "cqp-ce")
    assert (consent.disputed, consent.bound_sha256) == (False, late.sha256)
    assert {attempt.object_key, attempt.waveform_key} <= story.parts.objects.held.keys()
    assert story.sound()


def test_without_a_backup_everything_is_rebuilt(story: Story) -> None:
    """Segments, keys and objects alone: who survived is there, and what was destroyed is destroyed again, as far as its object is known."""
    gone, kept = story.stored(2)
    stale = story.bucket()
    late = _deposited(story)
    story.destroyed(gone)
    story.anchors.anchor(story.now)
    for key, held in stale.held.items():
        story.parts.objects.held.setdefault(key, held)
    done = story.restore(None)
    rows = story.recordings()
    assert sorted(done.rebuilt.recordings) == sorted([gone.id, kept.id, late.id])
    assert {one.id: one.state for one in rows.values()} == {
        gone.id: RecordingState.DESTROYED,
        kept.id: RecordingState.ACCEPTED,
        late.id: RecordingState.ACCEPTED,
    }
    with story.database.reading() as session:
        sound = session.get_one(UploadAttempt, gone.attempt_id).object_key
    assert sound in stale.held
    assert sound not in story.parts.objects.held
    compared = compare(story.database, story.parts.objects, story.parts.vaults, Choices(), story.now)
    assert {kind: len(found) for kind, found in compared.found.items() if found} == {Kind.ORPHAN_OBJECT: 1}  # its waveform, unreadable
    assert story.sound()


def test_an_appeal_recorded_after_the_backup_is_listed_first(story: Story) -> None:
    """It says which dossier, from which papers; and everything is held until somebody has entered it again."""
    (one,) = story.stored()
    backup = story.back_up()
    officer = story.officer()
    with story.database.transaction(story.now, officer) as tx:
        Suspending(CENTRE, Choices()).contest(tx, one.dossier_id, received_on=story.now.date(), postmark_on=None)
    story.anchors.anchor(story.now)
    done = story.restore(backup)
    first = done.again[0]
    assert (first.kind, first.about, first.papers) == ("appeal.recorded", one.dossier_id, Papers.LETTER)
    assert [fact.kind for fact in done.again] == ["appeal.recorded", "user.enrolled"]
    with story.database.reading() as session:
        assert [hold.reason for hold in holds.covering(session, one)] == [HoldReason.RESTORED]


def test_nothing_is_destroyed_under_the_restore_s_hold(story: Story) -> None:
    """What is due waits until a named person has lifted it; then it is destroyed like any other."""
    (one,) = story.gates.due()
    backup = story.back_up()
    done = story.restore(backup)
    assert [str(end.why) for end in story.gates.destroyer().sweep().ended] == ["held"]
    officer = story.officer()
    with story.database.transaction(story.now, officer) as tx:
        holds.release(tx, done.hold_id, "tout est ressaisi")
    story.gates.destroyer().sweep()
    assert story.recordings()[one.id].state is RecordingState.DESTROYED


@pytest.mark.parametrize("undone", [False, True])
def test_a_withdrawal_after_the_backup_still_silences(story: Story, undone: bool) -> None:  # noqa: FBT001 - pytest passes it by name
    """Nobody hears what a later entry names as withdrawn; one that was taken back after the same backup silences nothing."""
    (one,) = story.stored()
    officer = story.officer()
    backup = story.back_up()
    with story.database.transaction(story.now, officer) as tx:
        withdrawals.withdraw(tx, one.dossier_id, "le client le demande")
    if undone:
        with story.database.transaction(story.now, officer) as tx:
            withdrawals.undo(tx, one.dossier_id, "une erreur")
    story.anchors.anchor(story.now)
    done = story.restore(backup)
    assert story.recordings()[one.id].unlistenable is (None if undone else Unlistenable.CONSENT_WITHDRAWN)
    assert {fact.papers for fact in done.again} == {Papers.CLIENT}
    assert story.sound()


def test_mails_become_uncertain_and_everybody_is_signed_out(story: Story) -> None:
    """Nothing leaves twice by itself, and a link or a cookie that was ended after the backup does not open again."""
    mails = [story.mail(MailState.QUEUED), story.mail(MailState.SENDING)]
    sent = story.mail(MailState.SENT)
    officer = story.officer()
    with story.database.bookkeeping() as session:
        signing_in.make_link(session, officer, story.now, story.now)
    done = story.restore(story.back_up())
    with story.database.reading() as session:
        states = {row.id: row.state for row in session.exec(select(OutboxMail))}
        assert session.exec(select(SignInLink)).all() == []
        assert session.exec(select(PortalSession)).all() == []
    assert states == {**dict.fromkeys(mails, MailState.UNCERTAIN), sent: MailState.SENT}
    assert done.uncertain == 2


def test_a_lost_vault_is_filled_from_its_mirror(story: Story) -> None:
    """Keys and tombstones alike; each repair is in the journal."""
    gone, kept = story.stored(2)
    story.destroyed(gone)
    backup = story.back_up()
    vault = story.parts.vaults.vault
    assert isinstance(vault, MemoryVault)
    vault.files.clear()
    done = story.restore(backup)
    assert {(one.attempt_id, one.repair) for one in done.repairs} == {
        (gone.attempt_id, Repair.TOMBSTONE_TO_VAULT),
        (kept.attempt_id, Repair.KEY_TO_VAULT),
    }
    assert vault.files.keys() == {gone.attempt_id, kept.attempt_id}
    assert story.sound()


def test_a_fork_is_refused_and_nothing_changes(story: Story) -> None:
    """A backup whose journal is not the one that was signed leaves the database as it is."""
    story.stored()
    backup = story.back_up()
    elsewhere = Story(story.gates, story.tmp / "elsewhere")
    story.tmp.joinpath("elsewhere").mkdir()
    _deposited(story)
    story.anchors.anchor(story.now)
    elsewhere.restore(backup)
    opened(story.database, "C-777", code="FOURCHE")
    forked = elsewhere.back_up()
    before = story.recordings().keys()
    with pytest.raises(RestoreRefusedError):
        story.restore(forked)
    assert story.recordings().keys() == before


def test_lost_segments_are_refused_unless_the_journal_is_reopened(story: Story) -> None:
    """Without them nothing is restored; reopened, the journal says for ever how many entries are lost."""
    (one,) = story.stored()
    backup = story.back_up()
    _deposited(story)
    story.anchors.anchor(story.now)
    (middle,) = sorted((story.tmp / "anchors").iterdir())[1:]
    opened(story.database, "C-700", code="ENCORE")
    story.anchors.anchor(story.now)
    middle.unlink()
    before = set(story.recordings())
    with pytest.raises(RestoreRefusedError, match="reopen"):
        story.restore(backup)
    assert set(story.recordings()) == before
    done = story.restore(backup, reopen=True)
    assert done.lost > 0
    assert set(story.recordings()) == {one.id}
    assert story.sound()


class _Killed(Backup):
    """A backup that is being read when the process ends."""

    def database(self) -> Iterator[bytes]:
        """Give some lines, then no more."""
        yield from itertools.islice(super().database(), 30)
        raise KilledError


def test_a_restore_that_is_killed_leaves_the_database_as_it_was(story: Story) -> None:
    """Nothing of it is there; the same restore again comes to its end."""
    (one,) = story.stored()
    backup = story.back_up()
    late = _deposited(story)
    story.anchors.anchor(story.now)
    with pytest.raises(KilledError):
        story.restore(_Killed(backup.directory, backup.manifest))
    assert set(story.recordings()) == {one.id, late.id}
    assert story.restored_holds() == []
    assert story.sound()
    assert story.restore(backup).rebuilt.recordings == [late.id]


def test_restoring_twice_ends_in_the_same_place(story: Story) -> None:
    """A second restore, as after a crash, finds the first one's entries among the segments; one hold stands."""
    (one,) = story.stored()
    backup = story.back_up()
    late = _deposited(story)
    story.anchors.anchor(story.now)
    story.restore(backup)
    story.anchors.anchor(story.now)
    done = story.restore(backup)
    assert set(story.recordings()) == {one.id, late.id}
    assert [hold.id for hold in story.restored_holds()] == [done.hold_id]
    assert not [fact for fact in done.again if fact.kind.startswith("hold.")]
    assert story.sound()


def test_an_older_restore_s_hold_goes_on(story: Story) -> None:
    """A backup that was itself taken under a restore's hold keeps that one hold."""
    story.stored()
    first = story.restore(story.back_up())
    second = story.restore(story.back_up())
    assert second.hold_id == first.hold_id
    with story.database.reading() as session:
        assert session.get_one(Hold, first.hold_id).scope is HoldScope.ALL


def test_an_older_database_put_back_by_hand_is_the_backup(story: Story) -> None:
    """What it lacks is imported and rebuilt as from any backup, and everything is held."""
    gone, kept = story.stored(2)
    backup = story.back_up()
    late = _deposited(story)
    story.destroyed(gone)
    story.anchors.anchor(story.now)
    story.put_database_back(backup)
    done = story.restore(None, in_place=True)
    assert done.rebuilt.recordings == [late.id]
    assert {one.id: one.state for one in story.recordings().values()} == {
        gone.id: RecordingState.DESTROYED,
        kept.id: RecordingState.ACCEPTED,
        late.id: RecordingState.ACCEPTED,
    }
    assert [hold.id for hold in story.restored_holds()] == [done.hold_id]
    assert story.sound()


def test_what_was_rebuilt_is_named_again(story: Story) -> None:
    """A person says who a pseudonym stands for, and what the session was called; once, and never somebody else's reference."""
    story.stored(1)
    backup = story.back_up()
    late = _deposited(story)
    story.anchors.anchor(story.now)
    done = story.restore(backup)
    with story.database.reading() as session:
        pseudonym = session.get_one(Candidate, done.rebuilt.candidates[0]).pseudonym
        code = session.get_one(EvaluationSession, session.get_one(Dossier, late.dossier_id).session_id).code
    with pytest.raises(RefusedError, match="enrolled already"), story.database.transaction(story.now, ACTOR) as tx:
        naming.name_candidate(tx, pseudonym, line("C-001"))
    with story.database.transaction(story.now, ACTOR) as tx:
        naming.name_candidate(tx, pseudonym, line("C-999"))
        naming.name_session(tx, code, "APRES")
    with story.database.reading() as session:
        file = sessions.file_in_folder(session, "APRES", "C-999")
    assert file is not None
    assert (file.dossier.id, file.candidate.pseudonym, file.candidate.family_name) == (late.dossier_id, pseudonym, FAMILY_NAME)
    for again in (lambda tx: naming.name_candidate(tx, pseudonym, line("C-998")), lambda tx: naming.name_session(tx, "APRES", "AUTRE")):
        with pytest.raises(RefusedError), story.database.transaction(story.now, ACTOR) as tx:
            again(tx)
