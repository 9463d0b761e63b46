"""Notices: thirty, seven and one days ahead, each once, to coordinators and compliance officers; they count once they were accepted."""

from datetime import timedelta

import pytest
from sqlmodel import select

from notifications.centre import Centre
from registry import users
from registry.database import Database
from registry.ids import new_id
from registry.states import MailState, RecordingState
from registry.tables import Announcement, Appeal, AppealOutcome, Health, HoldScope, OutboxMail, Recording, Role
from retention import announced, announcing, due
from retention.facts import Cause, Eligible
from tests.factories import ACTOR, CENTRE, FAMILY_NAME, NOW, accepted, coordinator, mails_of, opened
from tests.retention.facts_made import CHOICES, ELIGIBLE, hold, judged, record

pytestmark = pytest.mark.postgresql_later

DAY = timedelta(days=1)


@pytest.fixture
def centre(registry: Database) -> Centre:
    """A centre with a coordinator, a compliance officer, and an operator whom this does not concern."""
    coordinator(registry)
    with registry.transaction(NOW, ACTOR) as tx:
        users.add(tx, role=Role.COMPLIANCE_OFFICER, name="Dominique Conforme", mail="conformite@example.org")
        users.add(tx, role=Role.OPERATOR, name="Dominique Machine", mail="machine@example.org")
    return CENTRE


def announce(registry: Database, centre: Centre, before: timedelta) -> int:
    """Run the sweep some time before the recording's date; return how many recordings it named."""
    due.recompute(registry, CHOICES)
    return announcing.announce(registry, centre, CHOICES, ELIGIBLE - before)


def sent(registry: Database, after: timedelta = timedelta()) -> None:
    """Let the server accept every mail that waits, some time before the date."""
    with registry.bookkeeping() as session:
        for mail in session.exec(select(OutboxMail).where(OutboxMail.state == MailState.QUEUED)):
            mail.state, mail.sent_at = MailState.SENT, mail.created_at + after
    announcing.settle(registry)


def long_enough(registry: Database, recording: Recording, before: timedelta) -> bool:
    """Ask the gate's question some time before the date."""
    with registry.reading() as session:
        eligible = Eligible(Cause.APPEAL_PERIOD_OVER, ELIGIBLE, ())
        return announced.long_enough(session, recording, eligible, ELIGIBLE - before, 7)


def test_each_band_of_days_is_announced_once(registry: Database, centre: Centre) -> None:
    """Nothing at 31 days; then at 30, 7 and 1, one mail a person, and no more than that."""
    (file,) = opened(registry)
    judged(registry, file)
    named = [announce(registry, centre, before * DAY) for before in (32, 30, 29, 8, 7, 6, 2, 1, 0)]
    assert named == [0, 1, 0, 0, 1, 0, 0, 1, 0]
    with registry.reading() as session:
        told = mails_of(session, "destruction.planned")
        assert sorted(mail.to_address for mail in told) == ["conformite@example.org"] * 3 + ["coordination@example.org"] * 3
        assert file.dossier.folder in told[0].text
        assert "26 août 2026" in told[0].text
        assert all(FAMILY_NAME not in mail.text for mail in told)


def test_a_notice_counts_from_the_moment_it_was_accepted(registry: Database, centre: Centre) -> None:
    """A mail that waits, or failed, announced nothing to anybody."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    announce(registry, centre, 9 * DAY)
    assert not long_enough(registry, recording, timedelta())
    sent(registry, after=DAY)
    assert not long_enough(registry, recording, DAY + timedelta(seconds=1))
    assert long_enough(registry, recording, DAY)


def test_a_date_that_moved_is_announced_anew(registry: Database, centre: Centre) -> None:
    """What was said of another date does not count."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    announce(registry, centre, 20 * DAY)
    sent(registry)
    with registry.reading() as session:
        eligible = Eligible(Cause.APPEAL_PERIOD_OVER, ELIGIBLE - DAY, ())
        assert not announced.long_enough(session, recording, eligible, ELIGIBLE, 7)


def test_what_is_held_is_announced_when_the_hold_is_lifted(registry: Database, centre: Centre) -> None:
    """And then waits as long as everybody else."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    one = hold(HoldScope.RECORDING, recording.id)
    record(registry, file.dossier.id, one)
    assert announce(registry, centre, DAY) == 0
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(type(one), one.id).released_at = NOW
        tx.record("hold.released", one.id)
    assert announce(registry, centre, -3 * DAY) == 1
    sent(registry)
    assert not long_enough(registry, recording, -9 * DAY)
    assert long_enough(registry, recording, -10 * DAY)


def test_a_closed_appeal_restarts_the_count(registry: Database, centre: Centre) -> None:
    """Whoever read the notice before the appeal may think that it no longer holds."""
    (file,) = opened(registry)
    recording = judged(registry, file)
    announce(registry, centre, 20 * DAY)
    sent(registry)
    assert long_enough(registry, recording, timedelta())
    appeal = Appeal(
        id=new_id("app"),
        dossier_id=file.dossier.id,
        received_on=NOW.date(),
        recorded_at=NOW,
        recorded_by=ACTOR,
        outcome=AppealOutcome.INADMISSIBLE,
        closed_at=ELIGIBLE - 15 * DAY,
        closed_by=ACTOR,
    )
    record(registry, file.dossier.id, appeal)
    assert not long_enough(registry, recording, timedelta())
    assert announce(registry, centre, 14 * DAY) == 1
    sent(registry)
    assert long_enough(registry, recording, 7 * DAY)


def test_a_cause_that_does_not_wait_is_not_announced(registry: Database, centre: Centre) -> None:
    """A refused recording leaves its quarantine without a notice."""
    (file,) = opened(registry)
    recording = accepted(registry, file, state=RecordingState.REJECTED)
    with registry.transaction(NOW, ACTOR) as tx:
        row = tx.lock(Recording, recording.id)
        row.quarantine_until, row.stale = NOW, True
        tx.record("test.recorded", row.id)
    due.recompute(registry, CHOICES)
    assert announcing.announce(registry, centre, CHOICES, NOW + 2 * DAY) == 0


def test_nobody_to_tell_is_said_where_people_look(registry: Database) -> None:
    """Without staff nothing is announced, so nothing would ever be destroyed: that is a trouble of the centre's health."""
    (file,) = opened(registry)
    judged(registry, file)
    assert announce(registry, CENTRE, DAY) == 0
    with registry.reading() as session:
        assert session.get_one(Health, announcing.PART).code == announcing.NOBODY
        assert session.exec(select(Announcement)).all() == []
