"""The gate against a small model: whatever people record, whenever the process dies, however the clock jumps.

The model knows the true time, which the machine's clock may leave and come back to; nothing here tells the gate. All parts live on one
machine, so that they jump together.
"""

import shutil
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test
from sqlmodel import select

from intake.shares import Share
from journal import log
from registry import appeals, holds, schemes, withdrawals
from registry.clock import civil_date
from registry.database import Database
from registry.ids import new_id
from registry.states import RecordingState
from registry.tables import (
    Announcement,
    Appeal,
    AppealOutcome,
    Channel,
    Decision,
    Destruction,
    Dossier,
    Hold,
    HoldReason,
    HoldScope,
    Notification,
    Proof,
    Recording,
)
from retention import certificates, due, guards
from retention.clock import reckon
from retention.destroying import Destroyer, Run
from retention.gate import Outcome
from retention.guards import Doubt
from retention.terms import Choices, combine
from retention.undertaking import COMPLETED, STARTED, Step
from storage.keyfile import Tombstone
from tests.factories import EXAM_ON, FixedClock, Intakes, coordinator, kinds
from tests.retention.gates import KEY, Gates, KilledError
from tests.support.databases import SqliteTemplates
from tests.support.registry import build

_TERMS = combine(schemes.load("cqp-ce"), Choices())
_START = datetime.fromisoformat("2026-06-16T08:00:00+00:00")
_NOTICE, _DELAY = timedelta(days=7), timedelta(hours=24)


@dataclass
class Model:
    """What is true of one recording, in true time."""

    notified_on: date | None = None
    withdrawn_at: datetime | None = None
    held: set[str] = field(default_factory=set)
    appealed: set[str] = field(default_factory=set)
    counts_from: datetime | None = None
    announced: list[tuple[datetime, datetime]] = field(default_factory=list)  # the date named, and when it was accepted
    begun: bool = False
    incident: bool = False

    def ways(self) -> list[tuple[datetime, bool]]:
        """Return from when it may be destroyed, by each cause, and whether that must be announced."""
        found = []
        if self.withdrawn_at is not None:
            found.append((self.withdrawn_at + _DELAY, False))
        if self.notified_on is not None:
            eligible_at = reckon(self.notified_on, _TERMS, _TERMS.calendars).eligible_at
            assert eligible_at is not None
            found.append((eligible_at, True))
        return found

    def may_go(self, now: datetime) -> bool:
        """Say whether it may be destroyed at a true instant: by the cause that comes first, held by nothing, announced."""
        if self.held or self.appealed or not self.ways():
            return False
        at, waits = min(self.ways())
        told = [accepted for named, accepted in self.announced if named == at and (self.counts_from is None or accepted > self.counts_from)]
        return at <= now and (not waits or any(accepted + _NOTICE <= now for accepted in told))


class GateMachine(RuleBasedStateMachine):
    """People, time, crashes; after each sweep the model is asked whether that was right."""

    templates: SqliteTemplates

    @initialize()
    def begin(self) -> None:
        """Store one recording, of a hearing that is over."""
        self.home = Path(tempfile.mkdtemp(prefix="consigne-model-"))
        shutil.copyfile(self.templates.file(build), self.home / "registry.db")
        self.database = Database(f"sqlite:///{self.home / 'registry.db'}")
        self.clock = FixedClock(_START)
        self.gates = Gates(Intakes(self.database, Share(self.home), self.clock))
        (row,) = self.gates.stored()
        self.id, self.dossier_id = row.id, row.dossier_id
        self.person = coordinator(self.database)
        self.off, self.crashes = timedelta(0), 0
        self.model = Model()
        assert civil_date(_START) > EXAM_ON

    def teardown(self) -> None:
        """Take the files away."""
        if hasattr(self, "database"):
            self.database.close()
            shutil.rmtree(self.home)

    @property
    def true_now(self) -> datetime:
        """The time it really is."""
        return self.clock.now() - self.off

    def _tx(self) -> Any:
        return self.database.transaction(self.clock.now(), self.person)

    def _state(self) -> RecordingState:
        return self.gates.recording(self.id).state

    # time

    @rule(days=st.integers(0, 45), hours=st.integers(0, 23))
    def time_passes(self, days: int, hours: int) -> None:
        """Wait."""
        self.clock.go_on(days=days, hours=hours)

    @rule()
    def a_season_passes(self) -> None:
        """Wait for longer than any delay."""
        self.clock.go_on(days=100)

    @rule(days=st.integers(-400, 400).filter(bool), step=st.none() | st.sampled_from(list(Step)))
    def clock_jumps(self, days: int, step: Step | None) -> None:
        """Somebody sets the clock, and the kernel says that it is not in time; a sweep runs; the clock is mended, and that is said."""
        self.clock.go_on(days=days)
        self.off = timedelta(days=days)
        self.gates.references.in_time = False
        self.swept(step)
        self.clock.instant -= self.off
        self.off = timedelta(0)
        self.gates.references.in_time = True
        with self.database.reading() as session:
            last = [one for one in log.read(session.connection()) if one.entry.subject != guards.SUBJECT][-1]
        if last.entry.at > self.clock.now():
            with self._tx() as tx:
                guards.call_wrong(tx, last.index)

    # people, who record facts while the clock is right

    def _right(self) -> bool:
        return not self.off and not self.model.begun

    @precondition(lambda self: self._right() and self.model.notified_on is None)
    @rule(ago=st.integers(0, 20))
    def decided_and_notified(self, ago: int) -> None:
        """The jury decides, and the candidate signs for the letter."""
        today = civil_date(self.clock.now())
        on = max(EXAM_ON + timedelta(days=1), today - timedelta(days=ago))
        told: dict[str, Any] = {"dossier_id": self.dossier_id, "recorded_at": self.clock.now(), "recorded_by": self.person}
        with self._tx() as tx:
            tx.lock(Dossier, self.dossier_id)
            decision = Decision(id=new_id("dec"), decided_on=EXAM_ON, **told)
            tx.session.add(decision)
            tx.record("decision.recorded", decision.id)
            tx.session.flush()
            letter = Notification(
                id=new_id("not"),
                decision_id=decision.id,
                channel=Channel.REGISTERED_LETTER,
                sent_on=EXAM_ON,
                handed_over_on=on,
                proof=Proof.HANDED_OVER,
                **told,
            )
            tx.session.add(letter)
            tx.record("notification.recorded", letter.id)
            tx.lock(Recording, self.id).stale = True
        self.model.notified_on = on

    @precondition(lambda self: self._right() and self.model.notified_on is not None)
    @rule(days=st.integers(-15, 30))
    def corrected(self, days: int) -> None:
        """The date of the letter was wrong."""
        assert self.model.notified_on is not None
        on = max(EXAM_ON + timedelta(days=1), min(civil_date(self.clock.now()), self.model.notified_on + timedelta(days=days)))
        with self._tx() as tx:
            tx.lock(Dossier, self.dossier_id)
            query = select(Notification).where(Notification.dossier_id == self.dossier_id)
            old = next(one for one in tx.session.exec(query) if one.superseded_by is None)
            new = Notification(**(old.model_dump() | {"id": new_id("not"), "handed_over_on": on, "recorded_at": tx.now}))
            old.superseded_by = new.id
            tx.session.add(new)
            tx.record("notification.corrected", old.id)
            tx.record("notification.recorded", new.id)
            tx.lock(Recording, self.id).stale = True
        self.model.notified_on = on

    @precondition(lambda self: self._right() and self.model.withdrawn_at is None)
    @rule()
    def withdrawn(self) -> None:
        """The client withdraws the consent."""
        with self._tx() as tx:
            withdrawals.withdraw(tx, self.dossier_id, "essai")
        self.model.withdrawn_at = self.clock.now()

    @precondition(lambda self: not self.off and not self.model.appealed and not self.model.incident)
    @rule()
    def contested(self) -> None:
        """An appeal comes: it stops everything, or is told that it came too late."""
        with self._tx() as tx:
            found = appeals.record(tx, self.dossier_id, received_on=civil_date(tx.now))
        assert found.appeal.incident is self.model.begun
        if found.appeal.incident:
            self.model.incident = True
        else:
            self.model.appealed.add(found.appeal.id)

    @precondition(lambda self: not self.off and self.model.appealed)
    @rule()
    def appeal_ends(self) -> None:
        """It is withdrawn: what was announced before counts no more."""
        with self._tx() as tx:
            locked, row = appeals.lock(tx, self.model.appealed.pop())
            assert isinstance(row, Appeal)
            row.outcome = AppealOutcome.WITHDRAWN
            appeals.close(tx, locked, row)
        self.model.counts_from = self.clock.now()

    @precondition(lambda self: self._right() and not self.model.held)
    @rule(scope=st.sampled_from([HoldScope.RECORDING, HoldScope.DOSSIER, HoldScope.ALL]))
    def held(self, scope: HoldScope) -> None:
        """Somebody places a hold."""
        target = {HoldScope.RECORDING: self.id, HoldScope.DOSSIER: self.dossier_id}.get(scope)
        with self._tx() as tx:
            review_on = civil_date(tx.now) + timedelta(days=30)
            placed = holds.place(tx, scope, target, HoldReason.LITIGATION, "essai", review_on=review_on)
        assert placed.hold is not None
        self.model.held.add(placed.hold.id)

    @precondition(lambda self: not self.off and self.model.held)
    @rule()
    def released(self) -> None:
        """Somebody releases one."""
        with self._tx() as tx:
            assert isinstance(holds.release(tx, self.model.held.pop(), "essai"), Hold)

    @precondition(lambda self: self._right())
    @rule()
    def announced(self) -> None:
        """The notice for the date that stands is accepted by the mail server."""
        due.recompute(self.database, self.gates.choices)
        eligible_at = self.gates.recording(self.id).eligible_at
        if eligible_at is None:
            return
        now = self.clock.now()
        with self.database.bookkeeping() as session:
            session.add(
                Announcement(
                    id=new_id("ann"),
                    recording_id=self.id,
                    eligible_at=eligible_at,
                    days_ahead=7,
                    mail_id=new_id("mail"),
                    announced_at=now,
                    accepted_at=now,
                )
            )
        self.model.announced.append((eligible_at, now))

    # the sweep

    def _destroyer(self) -> Destroyer:
        self.crashes += 1
        dead = "/".join([*self.gates.parts.owner.split("/")[:2], "4194305", str(self.crashes)])  # nobody waits for who has ended
        made = self.gates.destroyer(dead)

        def draw_up(now: datetime) -> list[Run]:
            due.recompute(self.database, self.gates.choices)
            with self.database.reading() as session:
                ready = due.due(session, now, self.gates.choices)
            return [Run("run_" + "0" * 32, tuple(one.recording_id for one in ready))]

        return Destroyer(made.database, made.gate, made.guards, draw_up, made.close, made.compact)

    @rule(step=st.none() | st.sampled_from(list(Step)))
    def swept(self, step: Step | None) -> None:
        """The sweep runs, and may die after a step."""
        before, may_go, sound = self._state(), self.model.may_go(self.true_now), not self.off and self.gates.references.in_time
        self.gates.killer.at = step
        doubt: Doubt | None = None
        died = False
        try:
            swept = self._destroyer().sweep()
            doubt = swept.doubt
            assert not swept.of(Outcome.FAILED), swept
        except KilledError:
            died = True
        self.gates.killer.at = None
        after = self._state()
        if before is RecordingState.ACCEPTED and after is not before:
            assert may_go, "destroyed early, unannounced, or under a hold"
            assert sound, "begun by a clock that nobody vouched for"
            assert doubt is None
            self.model.begun = True
        if not died:
            assert after is not RecordingState.DESTROYING
            if sound and may_go:
                assert after is RecordingState.DESTROYED, "overdue once the sweep has run"

    @precondition(lambda self: self._right() and self.model.ways())
    @rule(step=st.none() | st.sampled_from(list(Step)), late=st.booleans())
    def in_the_end(self, step: Step | None, late: bool) -> None:  # noqa: FBT001 - drawn by name
        """What held it is over, the notice goes out and time passes: it is destroyed, whatever step the process dies after."""
        while self.model.held:
            self.released()
        while self.model.appealed:
            self.appeal_ends()
        self.clock.go_on(minutes=1)
        if late:  # its time has come before anybody was told: the notice must still be out for its days
            self.a_season_passes()
            self.announced()
            self.clock.go_on(days=6)
            self.swept(None)
            if self.model.begun:
                return
        else:
            self.announced()
        self.a_season_passes()
        assert self.model.may_go(self.true_now)
        self.swept(step)
        self.swept(None)
        assert self._state() is RecordingState.DESTROYED

    @invariant()
    def told_once_and_proved(self) -> None:
        """Never twice, never without a certificate once it is over, never a certificate without the proof."""
        if not hasattr(self, "id"):
            return
        with self.database.reading() as session:
            told = kinds(session, self.id)
            row = session.exec(select(Destruction).where(Destruction.recording_id == self.id)).first()
        assert told.count(STARTED) <= 1
        assert told.count(COMPLETED) <= 1
        if row is not None and row.step == Step.CERTIFY:
            assert row.certificate is not None
        if row is not None and row.certificate is not None:
            assert certificates.verify(row.certificate, KEY.public) == []
            assert not self.gates.parts.objects.held
            attempt = self.gates.recording(self.id).attempt_id
            assert attempt is not None
            assert all(isinstance(held, Tombstone) for held in self.gates.parts.vaults.get_both(attempt))
            assert self.gates.posted == [self.id]


@pytest.mark.slow
def test_whatever_happens(sqlite_templates: SqliteTemplates) -> None:
    """Two hundred stories of up to thirty acts."""
    machine = type("Machine", (GateMachine,), {"templates": sqlite_templates})
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    told = settings(max_examples=200, stateful_step_count=30, deadline=None, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=told)
