"""Does the journal explain what the registry says? A change made behind the house's back, by raw SQL or from a backup, does not."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import String, type_coerce
from sqlmodel import Session, col, select

from journal import log
from journal.entry import Entry
from registry.states import RecordingState
from registry.tables import Recording

_FIRST = "recording.received"


@dataclass(frozen=True)
class Unexplained:
    """One recording whose row and journal disagree. ``told`` is where its entries lead; ``found`` what its row says.

    Each is None where there is nothing: no entry, or no row. Equal ones mean that an entry on the way does not follow from the one
    before it: ``index`` is that entry's, else of the last one, None where there is none.
    """

    recording_id: str
    told: str | None
    found: str | None
    index: int | None


@dataclass
class _Story:
    state: str
    index: int
    broken_at: int | None = None


def unexplained(session: Session) -> list[Unexplained]:
    """Replay the journal's changes of state, and return every recording that they do not lead to where its row is.

    Reads the whole journal once, and keeps one line a recording. It does not tell whether the journal itself is sound: ask
    ``journal.log.check`` for that.

    Raises:
        JournalDamagedError: an entry cannot be read, or does not hash to its leaf.
    """
    stories: dict[str, _Story] = {}
    for index, entry in _entries(session):
        _follow(stories, index, entry)
    state = type_coerce(col(Recording.state), String)  # as it stands, also where it is none of the states
    rows: dict[str, str] = dict(session.exec(select(Recording.id, state)).all())
    compared = (_compare(one, stories.get(one), rows.get(one)) for one in sorted({*stories, *rows}))
    return [fault for fault in compared if fault is not None]


def _entries(session: Session) -> Iterator[tuple[int, Entry]]:
    for recorded in log.read(session.connection()):
        yield recorded.index, recorded.entry


def _follow(stories: dict[str, _Story], index: int, entry: Entry) -> None:
    story = stories.get(entry.subject)
    if entry.kind == _FIRST:
        if story is None:
            stories[entry.subject] = _Story(RecordingState.RECEIVED, index)
        elif story.broken_at is None:
            story.broken_at = index
        return
    if "after" not in entry.facts:
        return
    before, after = entry.facts.get("before"), str(entry.facts["after"])
    if story is None:
        stories[entry.subject] = _Story(after, index, broken_at=index)
        return
    again = "repeats" in entry.facts  # a restore brought an earlier state back: the entry cites what the journal knows
    if before != story.state and story.broken_at is None and not again:
        story.broken_at = index
    story.state, story.index = after, index


def _compare(recording_id: str, story: _Story | None, found: str | None) -> Unexplained | None:
    if story is None:
        return Unexplained(recording_id, None, found, None)
    if story.broken_at is not None:
        return Unexplained(recording_id, story.state, found, story.broken_at)
    return None if story.state == found else Unexplained(recording_id, story.state, found, story.index)
