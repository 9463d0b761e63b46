"""The compliance officer's figures, and what is overdue. Reads only; each figure is one query, whatever is stored.

A recording is **overdue** once more than :data:`PATIENCE` has passed since it could have been destroyed, and it was not. It could be:

- where its destruction has begun: from then on;
- where its cause waits for no notice: from ``eligible_at``;
- where a notice was made for that date: from ``eligible_at``, and not before ``min_notice_days`` after the notice was made, whether or not
  its mail ever left: a mail that is stuck must not hide what it should have announced;
- where none was made: ``min_notice_days`` after ``eligible_at``, as if it had been announced that day;
- never before the facts themselves were known: a decision recorded late, an appeal closed or a hold released counts from its recording.

Held, or under an open appeal, it is not overdue. One that lacks only a person's word (a list to approve, the commission's answer) is:
nobody else would notice.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import Select, case, distinct, func, literal, union_all
from sqlmodel import Session, col, or_, select

from notifications.compliance import Figures, Standing, Week
from registry.clock import PARIS, civil_date
from registry.days import months_before
from registry.recordings import GONE, UNSTORED
from registry.states import RecordingState
from registry.tables import (
    Announcement,
    Appeal,
    Decision,
    Destruction,
    Dossier,
    Hold,
    HoldScope,
    Notification,
    Recording,
)
from retention.due import Due, due
from retention.facts import Eligible, Reason
from retention.loading import BATCH, load
from retention.terms import Choices

PATIENCE: Final = timedelta(hours=48)
SOON: Final = timedelta(days=30)
WEEKS_AHEAD: Final = 26
WEEKS_BACK: Final = 8
_WEEK: Final = timedelta(days=7)
_OWED: Final = frozenset({Reason.RECOURSE_UNCHECKED})  # a person's word, and nothing else


@dataclass(frozen=True, slots=True)
class Overdue:
    """How many recordings are overdue, and since when the first of them could have been destroyed."""

    count: int = 0
    since: datetime | None = None


def read(session: Session, choices: Choices, now: datetime) -> Figures:
    """Read every figure at an instant. Reads the cache of what is due: call :func:`retention.due.recompute` first."""
    since = months_before(civil_date(now), 1)
    found = [one for one in due(session, now, choices) if _may_go(one)]
    late = _overdue(session, found, choices, now)
    held, oldest, undated = session.exec(_stored()).one()
    on_hold, held_since = session.exec(_held()).one()
    destroyed, lately, failed = session.exec(_destroyed(since)).one()
    return Figures(
        as_of=now,
        since=since,
        held=held,
        oldest_call=oldest,
        undated=undated or 0,
        soon=session.exec(_soon(now)).one(),
        due=len(found),
        overdue=late.count,
        overdue_since=late.since,
        on_hold=on_hold,
        held_since=held_since,
        failed=failed or 0,
        destroyed=destroyed or 0,
        destroyed_lately=lately or 0,
        weeks=tuple(_weeks(session, now)),
        standing=tuple(_standing(session)),
    )


def overdue(session: Session, choices: Choices, now: datetime) -> Overdue:
    """Say what is overdue; what the alert asks."""
    return _overdue(session, [one for one in due(session, now, choices) if _may_go(one)], choices, now)


def on_hold(session: Session, recording_ids: Sequence[str]) -> set[str]:
    """Return those of these recordings on which a hold stands."""
    covered, found = _covered(), set[str]()
    for start in range(0, len(recording_ids), BATCH):
        wanted = covered.c.recording.in_(recording_ids[start : start + BATCH])
        found |= set(session.exec(select(covered.c.recording).where(wanted)))
    return found


def _may_go(one: Due) -> bool:
    """Tell whether nothing but time, or a word that somebody owes, stands before the destruction."""
    return isinstance(one.found, Eligible) or set(one.found.reasons) <= _OWED


# stored, on hold, destroyed


def _stored() -> Any:
    undated = func.sum(case((col(Recording.call_date).is_(None), 1), else_=0))
    is_held = col(Recording.state).not_in((*UNSTORED, RecordingState.DESTROYED))
    return select(func.count(), func.min(Recording.call_date), undated).select_from(Recording).where(is_held)


def _covered() -> Any:
    """Select each recording that a hold covers beside that hold, scope by scope, so that each part is a plain join."""
    wanted: Any = (col(Recording.id).label("recording"), col(Hold.id).label("hold"), col(Hold.placed_at).label("placed_at"))
    live = (col(Hold.released_at).is_(None), col(Recording.state).not_in((*UNSTORED, *GONE)))
    parts: list[Select[Any]] = [
        select(*wanted).join(Hold, col(Hold.target_id) == col(Recording.id)).where(Hold.scope == HoldScope.RECORDING, *live),
        select(*wanted).join(Hold, col(Hold.target_id) == col(Recording.dossier_id)).where(Hold.scope == HoldScope.DOSSIER, *live),
        select(*wanted)
        .join(Dossier, col(Dossier.id) == col(Recording.dossier_id))
        .join(Hold, col(Hold.target_id) == col(Dossier.session_id))
        .where(Hold.scope == HoldScope.SESSION, *live),
        select(*wanted).join(Hold, literal(True)).where(Hold.scope == HoldScope.ALL, *live),
    ]
    return union_all(*parts).subquery("covered")


def _held() -> Any:
    covered = _covered()
    return select(func.count(distinct(covered.c.recording)), func.min(covered.c.placed_at))


def _standing(session: Session) -> Iterator[Standing]:
    covered = _covered()
    counts = select(covered.c.hold, func.count().label("recordings")).group_by(covered.c.hold).subquery("counts")
    query = (
        select(Hold, func.coalesce(counts.c.recordings, 0))
        .join(counts, counts.c.hold == col(Hold.id), isouter=True)
        .where(col(Hold.released_at).is_(None))
        .order_by(col(Hold.placed_at), col(Hold.id))
    )
    for hold, recordings in session.exec(query):
        yield Standing(hold.id, hold.reason, hold.scope, hold.placed_at, hold.review_on, recordings)


def _destroyed(since: date) -> Any:
    completed, begins = col(Destruction.completed_at), _midnight(since)
    return select(
        func.sum(case((completed.is_not(None), 1), else_=0)),
        func.sum(case((completed >= begins, 1), else_=0)),
        func.sum(case((completed.is_(None) & col(Destruction.failure_code).is_not(None), 1), else_=0)),
    ).select_from(Destruction)


def _soon(now: datetime) -> Any:
    live = (col(Recording.state).not_in((*UNSTORED, *GONE)), col(Recording.eligible_at) > now, col(Recording.eligible_at) <= now + SOON)
    return select(func.count()).select_from(Recording).where(*live, col(Recording.id).not_in(select(_covered().c.recording)))


# by week


def _weeks(session: Session, now: datetime) -> Iterator[Week]:
    today = civil_date(now)
    this = today - timedelta(days=today.weekday())
    first, last = this - WEEKS_BACK * _WEEK, this + (WEEKS_AHEAD - 1) * _WEEK
    mondays = [first + n * _WEEK for n in range((last - first).days // 7 + 1)]
    held_ids = select(_covered().c.recording)
    live = (col(Recording.state).not_in((*UNSTORED, *GONE)), col(Recording.eligible_at) < _midnight(last + _WEEK))
    ahead = [one for one in mondays if one >= this]  # what came due earlier and still stands is this week's
    planned = _by_week(session, Recording.eligible_at, ahead, *live, col(Recording.id).not_in(held_ids))
    held = _by_week(session, Recording.eligible_at, ahead, *live, col(Recording.id).in_(held_ids))
    completed = (col(Destruction.completed_at) >= _midnight(first), col(Destruction.completed_at) < _midnight(last + _WEEK))
    destroyed = _by_week(session, Destruction.completed_at, mondays, *completed)
    for monday in mondays:
        yield Week(monday, destroyed.get(monday, 0), planned.get(monday, 0), held.get(monday, 0))


def _by_week(session: Session, instant: Any, mondays: Sequence[date], *where: Any) -> Mapping[date, int]:
    """Count instants by the week in Paris that they lie in, in one query; what lies before the first counts in it."""
    place = case(*((col(instant) < _midnight(monday + _WEEK), n) for n, monday in enumerate(mondays)), else_=len(mondays) - 1)
    numbered = select(place.label("week")).where(*where).subquery("numbered")
    rows = session.exec(select(numbered.c.week, func.count()).group_by(numbered.c.week))
    return {mondays[week]: count for week, count in rows}


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), PARIS)


# overdue


def _overdue(session: Session, found: Sequence[Due], choices: Choices, now: datetime) -> Overdue:
    ready = [*_ready(session, found, choices), *session.exec(select(Destruction.started_at).where(col(Destruction.completed_at).is_(None)))]
    late = [one for one in ready if now - one > PATIENCE]
    return Overdue(len(late), min(late, default=None))


def _ready(session: Session, found: Sequence[Due], choices: Choices) -> Iterator[datetime]:
    """Yield since when each of these recordings could have been destroyed. Costs what is due, in batches, not what is stored."""
    for start in range(0, len(found), BATCH):
        batch = found[start : start + BATCH]
        rows = session.exec(select(Recording).where(col(Recording.id).in_([one.recording_id for one in batch]))).all()
        facts, known, noticed = load(session, rows, choices), _known(session, rows), _noticed(session, rows)
        for one in batch:
            since = max([one.eligible_at, *known.get(one.dossier_id, ()), *known.get(one.recording_id, ())])
            if not one.cause.waits_for_notice:
                yield since
                continue
            closed = max(known.get(f"appeals:{one.dossier_id}", ()), default=None)
            notices = [at for at in noticed.get((one.recording_id, one.eligible_at), ()) if closed is None or at > closed]
            notice = timedelta(days=facts[one.recording_id].terms.min_notice_days)
            yield max(since, min(notices) + notice) if notices else since + notice


def _noticed(session: Session, rows: Sequence[Recording]) -> Mapping[tuple[str, datetime], list[datetime]]:
    query = select(Announcement.recording_id, Announcement.eligible_at, Announcement.announced_at)
    found: dict[tuple[str, datetime], list[datetime]] = defaultdict(list)
    for recording_id, eligible_at, announced_at in session.exec(query.where(col(Announcement.recording_id).in_([one.id for one in rows]))):
        found[recording_id, eligible_at].append(announced_at)
    return found


def _known(session: Session, rows: Sequence[Recording]) -> Mapping[str, list[datetime]]:
    """Gather when what the dates rest on was recorded: by dossier, by recording, and the ends of appeals apart."""
    dossiers = [one.dossier_id for one in rows]
    found: dict[str, list[datetime]] = defaultdict(list)

    def gather(query: Any) -> None:
        for about, *instants in session.exec(query):
            found[about] += [one for one in instants if one is not None]

    for table in (Decision, Notification):
        gather(select(table.dossier_id, table.recorded_at, table.confirmed_at).where(col(table.dossier_id).in_(dossiers)))
    closed = (col(Appeal.dossier_id).in_(dossiers), col(Appeal.incident).is_(False), col(Appeal.closed_at).is_not(None))
    ends: Any = select(Appeal.dossier_id, Appeal.closed_at).where(*closed)
    for dossier_id, at in session.exec(ends):
        found[dossier_id].append(at)
        found[f"appeals:{dossier_id}"].append(at)
    released = (col(Hold.released_at).is_not(None), col(Hold.target_id).in_([*dossiers, *(one.id for one in rows)]))
    gather(select(Hold.target_id, Hold.released_at).where(*released))
    wide = select(Dossier.id, func.max(Hold.released_at)).join(
        Hold, or_(col(Hold.scope) == HoldScope.ALL, col(Hold.target_id) == col(Dossier.session_id))
    )
    gather(wide.where(col(Dossier.id).in_(dossiers)).group_by(col(Dossier.id)))
    return found
