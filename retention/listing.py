"""The disposal list of a run that has ended: what became of each recording on it, as its rows tell. Reads only."""

import hashlib
from datetime import datetime

from sqlmodel import Session, col, select

from journal.log import entries_about
from registry.states import RecordingState
from registry.tables import Destruction, DisposalRun, Recording
from retention.certificate_lists import DisposalList, Fate, ListLine
from retention.runs import Listed, lines_of

_REPEATED = "destruction.repeated"


def ended(session: Session, run: DisposalRun, *, centre: str, software: str, now: datetime) -> DisposalList:
    """Return what one run did, ready to be signed."""
    lines = lines_of(run)
    query = select(Destruction).where(col(Destruction.recording_id).in_([one.recording_id for one in lines]))
    begun = {row.recording_id: row for row in session.exec(query)}
    return DisposalList(
        id=run.id,
        centre=centre,
        listed_at=run.listed_at,
        finished_at=now,
        proposed_by=run.proposed_by,
        approved_by=run.approved_by,
        software=software,
        lines=tuple(_line(session, one, begun.get(one.recording_id)) for one in lines),
    )


def _line(session: Session, one: Listed, row: Destruction | None) -> ListLine:
    if row is None:
        return ListLine(one.recording_id, one.dossier_id, one.cause, one.eligible_at, Fate.SPARED)
    certified = row.certificate is not None
    return ListLine(
        one.recording_id,
        one.dossier_id,
        one.cause,
        one.eligible_at,
        _fate(session, row),
        certificate=row.id if certified else None,
        certificate_sha256=hashlib.sha256(row.certificate).hexdigest() if row.certificate is not None else None,
        why=row.failure_code,
    )


def _fate(session: Session, row: Destruction) -> Fate:
    recording = session.get_one(Recording, row.recording_id)
    if recording.state is not RecordingState.DESTROYED:
        return Fate.FAILED
    again = any(one.entry.kind == _REPEATED for one in entries_about(session.connection(), row.recording_id))
    return Fate.REPEATED if again else Fate.DESTROYED
