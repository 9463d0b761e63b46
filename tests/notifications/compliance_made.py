"""A compliance report for the tests: every figure, every stage, holds, weeks of each kind."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from notifications.compliance import ComplianceReport, Entry, Figures, Stage, Standing, Week
from registry.tables.holds import HoldReason, HoldScope

AS_OF = datetime(2026, 9, 2, 6, 30, tzinfo=UTC)
_MONDAY = date(2026, 8, 31)
_DONE = {-7: 3, -5: 12, -4: 2, -1: 9, 0: 4}
_AHEAD = {0: 2, 1: 5, 3: 14, 4: 1, 9: 22, 10: 3, 17: 8, 25: 2}
_HELD = {0: 1, 3: 2, 9: 1}
WEEKS = tuple(Week(_MONDAY + n * timedelta(days=7), _DONE.get(n, 0), _AHEAD.get(n, 0), _HELD.get(n, 0)) for n in range(-8, 26))
FIGURES = Figures(
    as_of=AS_OF,
    since=date(2026, 8, 2),
    held=57,
    oldest_call=date(2025, 9, 14),
    undated=2,
    soon=21,
    due=3,
    overdue=1,
    overdue_since=datetime(2026, 8, 30, 22, tzinfo=UTC),
    on_hold=4,
    held_since=datetime(2026, 6, 17, 9, tzinfo=UTC),
    failed=1,
    destroyed=212,
    destroyed_lately=13,
    weeks=WEEKS,
    standing=(
        Standing("hld_1", HoldReason.APPEAL, HoldScope.DOSSIER, datetime(2026, 6, 17, 9, tzinfo=UTC), None, 1),
        Standing("hld_2", HoldReason.DPO_REQUEST, HoldScope.SESSION, datetime(2026, 7, 1, 9, tzinfo=UTC), date(2026, 10, 1), 3),
    ),
)
CALM = Figures(AS_OF, date(2026, 8, 2))
ENTRY = Entry(
    number="dst_000000000000000000000000000000a7",
    recording="rec_00000000000000000000000000005f0c",
    stage=Stage.CERTIFIED,
    candidate="P3a91c07be2d4",
    session="JUIN-2026",
    client_reference="BCDF-GHJK",
    call_date=date(2026, 5, 4),
    deposited_at=datetime(2026, 5, 4, 16, 2, tzinfo=UTC),
    cause="appeal_period_over",
    eligible_at=datetime(2026, 8, 25, 22, tzinfo=UTC),
    started_at=datetime(2026, 8, 26, 1, 30, tzinfo=UTC),
    completed_at=datetime(2026, 8, 26, 1, 30, 5, tzinfo=UTC),
    decided_on=date(2026, 6, 20),
    notified_on=date(2026, 6, 25),
    appeal_last_day=date(2026, 8, 25),
    approved_by=None,
    irreversible_from=datetime(2026, 8, 26, 1, 30, 5, tzinfo=UTC),
    kept_until=date(2031, 8, 26),
    sha256="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    facts_sha256="0123456789abcdef" * 4,
    journal_index=148,
)
BEGUN = replace(
    ENTRY,
    number="dst_000000000000000000000000000000a9",
    stage=Stage.FAILED,
    cause="consent_withdrawn",
    completed_at=None,
    irreversible_from=None,
    kept_until=None,
    facts_sha256=None,
    journal_index=None,
)


def compliance(count: int = 12, figures: Figures = FIGURES) -> ComplianceReport:
    """Return a report with so many destructions, the first of which failed."""
    entries = [BEGUN, replace(ENTRY, stage=Stage.DESTROYED, cause="replaced"), *(ENTRY for _ in range(count))][:count]
    return ComplianceReport("Centre d’essai Agirc-Arrco", figures, tuple(entries), len(entries))
