"""Was it announced? Nothing is destroyed that the centre's people were not told of, by that date, some days before.

A notice counts once its mail was accepted by the server, or its file written. It counts for the date that it named, and from then on: a
date brought forward needs another. So does an appeal that is closed: what was announced before it no longer holds. The notices
themselves are sent elsewhere; this is only the question of the gate.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from registry.tables import Announcement, Appeal, Recording
from retention.facts import Eligible


def announced_at(session: Session, recording: Recording, eligible_at: datetime) -> datetime | None:
    """Return since when destruction on that date has been announced, or None: the oldest notice that still counts."""
    counts_from = restarted_at(session, recording)
    query = select(Announcement.accepted_at).where(
        Announcement.recording_id == recording.id,
        Announcement.eligible_at == eligible_at,
        col(Announcement.accepted_at).is_not(None),
    )
    found = [at for at in session.exec(query) if at is not None and (counts_from is None or at > counts_from)]
    return min(found, default=None)


def restarted_at(session: Session, recording: Recording) -> datetime | None:
    """Return the moment from which notices count anew: when the dossier's latest appeal was closed."""
    query = select(Appeal.closed_at).where(
        Appeal.dossier_id == recording.dossier_id, col(Appeal.incident).is_(False), col(Appeal.closed_at).is_not(None)
    )
    return max((at for at in session.exec(query) if at is not None), default=None)


def long_enough(session: Session, recording: Recording, eligible: Eligible, now: datetime, min_notice_days: int) -> bool:
    """Tell whether a recording that may be destroyed was announced long enough ago, where its cause waits for that."""
    if not eligible.cause.waits_for_notice:
        return True
    since = announced_at(session, recording, eligible.at)
    return since is not None and now - since >= timedelta(days=min_notice_days)
