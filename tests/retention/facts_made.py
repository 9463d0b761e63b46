"""Facts about recordings, written down as whoever records them does: the dossier locked, its recordings marked stale."""

from datetime import UTC, date, datetime

from sqlmodel import select

from registry.database import Database
from registry.ids import new_id
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Channel, Decision, Dossier, Hold, HoldReason, HoldScope, Notification, Proof, Recording, Row
from retention.terms import Choices
from tests.factories import ACTOR, NOW, accepted, moved

CHOICES = Choices()
DECIDED, HANDED_OVER = date(2026, 6, 20), date(2026, 6, 25)
ELIGIBLE = datetime(2026, 8, 25, 22, tzinfo=UTC)  # 25 August is a Tuesday; from midnight in Paris on the 26th


def record(registry: Database, dossier_id: str, *rows: Row) -> None:
    """Write facts of a dossier as whoever records them does: its row locked, its recordings marked stale."""
    with registry.transaction(NOW, ACTOR) as tx:
        tx.lock(Dossier, dossier_id)
        for row in rows:
            tx.session.add(row)
            tx.record("test.recorded", row.id)  # type: ignore[attr-defined]  # each of these tables has one
        tx.session.flush()
        for found in tx.session.exec(select(Recording.id).where(Recording.dossier_id == dossier_id)).all():
            tx.lock(Recording, found).stale = True


def decided(dossier_id: str) -> tuple[Decision, Notification]:
    """Return a decision and its notification, handed over."""
    decision = Decision(id=new_id("dec"), dossier_id=dossier_id, decided_on=DECIDED, recorded_at=NOW, recorded_by=ACTOR)
    return decision, Notification(
        id=new_id("ntf"),
        dossier_id=dossier_id,
        decision_id=decision.id,
        channel=Channel.REGISTERED_LETTER,
        sent_on=date(2026, 6, 22),
        handed_over_on=HANDED_OVER,
        proof=Proof.HANDED_OVER,
        recorded_at=NOW,
        recorded_by=ACTOR,
    )


def hold(scope: HoldScope, target_id: str | None) -> Hold:
    """Return a hold that stands."""
    return Hold(id=new_id("hld"), scope=scope, target_id=target_id, reason=HoldReason.DPO_REQUEST, placed_at=NOW, placed_by=ACTOR)


def judged(registry: Database, file: File, data: bytes = b"a sound") -> Recording:
    """Write down a recording on which the jury decided; its candidate was told, with proof: eligible at :data:`ELIGIBLE`."""
    recording = accepted(registry, file, data)
    moved(registry, recording, RecordingState.DECIDED)
    record(registry, file.dossier.id, *decided(file.dossier.id))
    return recording
