"""The list of each run, and the person who approves it where one must."""

from datetime import timedelta

import pytest

from registry import users
from registry.database import Database
from registry.errors import RefusedError
from registry.ids import new_id
from registry.schemes import Approval
from registry.tables import Announcement, Destruction, DisposalRun, OutboxMail, Recording, Role
from retention import due, runs
from retention.facts import Cause, Eligible
from retention.terms import Choices
from tests.factories import ACTOR, CENTRE, NOW, kinds, mails_of, opened
from tests.retention.facts_made import CHOICES, ELIGIBLE, judged

pytestmark = pytest.mark.postgresql_later

WATCHED = Choices(approval=Approval.FOUR_EYES)


def ready(registry: Database, *references: str) -> list[Recording]:
    """Write down recordings that are due at :data:`ELIGIBLE`, announced ten days before."""
    found = [judged(registry, file, file.dossier.id.encode()) for file in opened(registry, *(references or ("C-012",)))]
    with registry.bookkeeping() as session:
        for one in found:
            announced_at = ELIGIBLE - timedelta(days=10)
            notice = Announcement(
                id=new_id("ann"),
                recording_id=one.id,
                eligible_at=ELIGIBLE,
                days_ahead=30,
                mail_id=new_id("mail"),
                announced_at=announced_at,
                accepted_at=announced_at,
            )
            session.add(notice)
    return found


def staff(registry: Database, role: Role) -> str:
    """Enrol somebody, and return the identifier."""
    with registry.transaction(NOW, ACTOR) as tx:
        return users.add(tx, role=role, name="Dominique", mail=f"{role}@example.org").id


def draw_up(registry: Database, choices: Choices = CHOICES, after: timedelta = timedelta()) -> list[str]:
    """Draw the lists up at the recordings' date, or some time after."""
    due.recompute(registry, choices)
    return runs.draw_up(registry, CENTRE, choices, ELIGIBLE + after)


def lines(registry: Database, run_id: str) -> list[str]:
    """Return the recordings on a list."""
    with registry.reading() as session:
        return [one.recording_id for one in runs.lines_of(session.get_one(DisposalRun, run_id))]


def test_what_is_due_and_announced_is_listed_once(registry: Database) -> None:
    """The same sweep again goes on with the same list; not a second early; the journal has its hash."""
    (recording,) = ready(registry)
    assert draw_up(registry, after=timedelta(seconds=-1)) == []
    (run,) = draw_up(registry)
    assert draw_up(registry) == [run]
    assert lines(registry, run) == [recording.id]
    with registry.reading() as session:
        assert kinds(session, run) == [runs.LISTED]
    with registry.transaction(ELIGIBLE, ACTOR) as tx:
        runs.finish(tx, run, b"signed")
    with registry.reading() as session:
        assert kinds(session, run) == [runs.LISTED, runs.FINISHED]


def test_what_was_not_announced_is_not_listed(registry: Database) -> None:
    """However due it is."""
    (file,) = opened(registry)
    judged(registry, file)
    assert draw_up(registry, after=timedelta(days=365)) == []


def test_four_eyes_wait_for_a_person(registry: Database) -> None:
    """Asked once, of those who may; nothing goes on until one of them has approved, and then only what was on the list."""
    first, _second = ready(registry, "C-001", "C-002")
    officer = staff(registry, Role.COMPLIANCE_OFFICER)
    operator = staff(registry, Role.OPERATOR)
    assert draw_up(registry, WATCHED) == []
    assert draw_up(registry, WATCHED) == []
    with registry.reading() as session:
        (run,) = runs.waiting(session)
        assert [mail.to_address for mail in mails_of(session, "destruction.to_approve")] == ["compliance_officer@example.org"]
        assert run.id in mails_of(session, "destruction.to_approve")[0].text
    for actor in (ACTOR, operator):
        with pytest.raises(RefusedError, match="by name"), registry.transaction(ELIGIBLE, actor) as tx:
            runs.approve(tx, run.id)
    with registry.transaction(ELIGIBLE, officer) as tx:
        assert runs.approve(tx, run.id) == 2
    assert draw_up(registry, WATCHED) == [run.id]
    with registry.reading() as session:
        assert runs.approved_by(session, first, Eligible(Cause.APPEAL_PERIOD_OVER, ELIGIBLE, ())) == officer
        assert runs.approved_by(session, first, Eligible(Cause.APPEAL_PERIOD_OVER, ELIGIBLE - timedelta(days=1), ())) is None
    with pytest.raises(RefusedError, match="waits for nobody"), registry.transaction(ELIGIBLE, officer) as tx:
        runs.approve(tx, run.id)


def test_a_list_that_no_longer_says_the_truth_is_replaced(registry: Database) -> None:
    """Approving the one that was mailed first is refused."""
    first, second = ready(registry, "C-001", "C-002")
    officer = staff(registry, Role.COMPLIANCE_OFFICER)
    draw_up(registry, WATCHED)
    with registry.reading() as session:
        (before,) = runs.waiting(session)
    with registry.transaction(ELIGIBLE, ACTOR) as tx:
        row = tx.lock(Recording, second.id)
        row.unlistenable_at = ELIGIBLE
        row.eligible_at = None
        tx.record("test.recorded", row.id)
    draw_up(registry, WATCHED)
    with registry.reading() as session:
        (after,) = runs.waiting(session)
    assert after.id != before.id
    assert lines(registry, after.id) == [first.id]
    with pytest.raises(RefusedError, match="no longer stands"), registry.transaction(ELIGIBLE, officer) as tx:
        runs.approve(tx, before.id)


def test_more_than_a_day_may_destroy_waits_for_a_person(registry: Database) -> None:
    """The earliest go by themselves, up to the number; the rest stand on a list that says why."""
    found = ready(registry, "C-001", "C-002", "C-003")
    staff(registry, Role.COORDINATOR)
    (run,) = draw_up(registry, Choices(max_destructions_per_day=2))
    assert len(lines(registry, run)) == 2
    with registry.reading() as session:
        (waiting,) = runs.waiting(session)
        assert "dépasse" in mails_of(session, "destruction.to_approve")[0].text
    assert {*lines(registry, run), *lines(registry, waiting.id)} == {one.id for one in found}


def test_destructions_of_the_day_are_counted(registry: Database) -> None:
    """Those of yesterday, and those that a person approved, are not."""
    first, second, third = ready(registry, "C-001", "C-002", "C-003")
    officer = staff(registry, Role.COMPLIANCE_OFFICER)
    with registry.transaction(ELIGIBLE, officer) as tx:
        run = DisposalRun(id=new_id("run"), listed_at=ELIGIBLE, listing="{}", listing_sha256="", proposed_by=ACTOR, approved_at=ELIGIBLE)
        tx.session.add(run)
        tx.record(runs.LISTED, run.id)
        begun = ((first, ELIGIBLE, None), (second, ELIGIBLE - timedelta(days=1), None), (third, ELIGIBLE, run.id))
        for one, at, run_id in begun:
            row = Destruction(
                id=new_id("des"), recording_id=one.id, dossier_id=one.dossier_id, run_id=run_id, cause="", grounds="{}", started_at=at
            )
            tx.session.add(row)
            tx.record("test.recorded", row.id)
    with registry.reading() as session:
        assert runs.begun_today(session, ELIGIBLE) == 1


def test_the_mails_of_a_list_name_no_candidate(registry: Database) -> None:
    """They speak of references, causes and dates."""
    ready(registry)
    staff(registry, Role.COORDINATOR)
    draw_up(registry, WATCHED)
    with registry.reading() as session:
        (mail,) = mails_of(session, "destruction.to_approve")
        assert isinstance(mail, OutboxMail)
        assert "délai de recours écoulé" in mail.text
        assert "Zyxwvut" not in mail.text
