"""Dossiers that nothing will end by itself are told to a person, and again each month."""

from datetime import datetime, timedelta

import pytest

from registry import users
from registry.clock import PARIS
from registry.database import Database
from registry.tables import HoldScope, Role
from retention import due, lingering
from tests.factories import ACTOR, CENTRE, NOW, accepted, coordinator, mails_of, opened
from tests.retention.facts_made import CHOICES, decided, hold, judged, record

pytestmark = pytest.mark.postgresql_later

NINE_MONTHS = datetime(2027, 3, 15, 12, tzinfo=PARIS)  # after the hearing of 15 June


def escalate(registry: Database, at: datetime) -> int:
    """Run the sweep."""
    due.recompute(registry, CHOICES)
    return lingering.escalate(registry, CENTRE, CHOICES, at)


def told(registry: Database) -> list[str]:
    """Return whom a mail was queued for, in order."""
    with registry.reading() as session:
        return [mail.to_address for mail in mails_of(session, "retention.lingering")]


@pytest.fixture(autouse=True)
def _staff(registry: Database) -> None:
    """A coordinator and a compliance officer."""
    coordinator(registry)
    with registry.transaction(NOW, ACTOR) as tx:
        users.add(tx, role=Role.COMPLIANCE_OFFICER, name="Dominique Conforme", mail="conformite@example.org")


def test_no_decision_for_nine_months_is_told_and_again_each_month(registry: Database) -> None:
    """Not a day earlier, once, and once more a month later, however often the sweep runs."""
    accepted(registry, opened(registry)[0])
    assert escalate(registry, NINE_MONTHS - timedelta(days=1)) == 0
    for days in (0, 0, 1, 30):
        assert escalate(registry, NINE_MONTHS + timedelta(days=days)) == 1
    assert told(registry) == ["conformite@example.org"]
    escalate(registry, NINE_MONTHS + timedelta(days=31))
    assert told(registry) == ["conformite@example.org"] * 2


def test_a_decision_that_reached_nobody_is_told_after_thirty_days(registry: Database) -> None:
    """With what is missing, by the dossier's reference and no name."""
    (file,) = opened(registry)
    accepted(registry, file)
    decision, _ = decided(file.dossier.id)
    record(registry, file.dossier.id, decision)
    on = datetime.combine(decision.decided_on, datetime.min.time(), PARIS)
    assert escalate(registry, on + timedelta(days=29)) == 0
    assert escalate(registry, on + timedelta(days=30)) == 1
    with registry.reading() as session:
        (mail,) = mails_of(session, "retention.lingering")
    assert file.dossier.folder in mail.text
    assert "notification" in mail.text
    assert "Zyxwvut" not in mail.text


def test_what_has_a_date_or_is_held_is_not_told(registry: Database) -> None:
    """A date is an end in sight, also under a hold, which has a review of its own."""
    first, second = opened(registry, "C-001", "C-002")
    judged(registry, first)
    judged(registry, second, b"held")
    record(registry, second.dossier.id, hold(HoldScope.DOSSIER, second.dossier.id))
    assert escalate(registry, NINE_MONTHS + timedelta(days=365)) == 0
    assert told(registry) == []
