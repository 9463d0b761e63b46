"""The intake report of a session: who has deposited, who has not, what needs a decision. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from notifications.letters import Table
from notifications.parts import cell, one_line
from notifications.words.report_words import MARKS, REPORTS, ReportState, ToDo
from registry.clock import civil_date
from registry.codes import Language
from registry.phrases import long_date, typeset

_USUAL: Mapping[ReportState, ToDo] = {
    ReportState.LATE: ToDo.CONTACT,
    ReportState.TO_CHECK: ToDo.DECIDE,
    ReportState.REFUSED: ToDo.WAIT_NEW_FILE,
    ReportState.WAITING: ToDo.REMIND_ATTESTATION,
    ReportState.MISSING: ToDo.WAIT,
    ReportState.RECEIVED: ToDo.NOTHING,
}
_URGENCY = {state: rank for rank, state in enumerate(ReportState)}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """One candidate.

    Attributes:
        since: when the candidate came into this state, or None when nothing has happened.
        next_date: the next day that matters to this candidate.
        to_do: None for what is usual in this state.
    """

    reference: str
    name: str
    state: ReportState
    since: datetime | None = None
    next_date: date | None = None
    to_do: ToDo | None = None

    @property
    def task(self) -> ToDo:
        """What the coordinator may do next."""
        return self.to_do if self.to_do is not None else _USUAL[self.state]


@dataclass(frozen=True, slots=True)
class IntakeReport:
    """The state of one session at one instant; rows are sorted by urgency, then by next date and name.

    It holds candidates' names, for coordinators; never a client's, a file's name, or a result.

    Raises:
        ValueError: ``as_of`` is naive.
    """

    scheme_title: str
    unit_label: str
    session_label: str
    deadline: date
    as_of: datetime
    rows: tuple[ReportRow, ...] = field(default=())

    def __post_init__(self) -> None:
        if self.as_of.tzinfo is None:
            raise ValueError("as_of must carry its time zone")
        object.__setattr__(self, "rows", tuple(sorted(self.rows, key=_rank)))

    @property
    def context(self) -> str:
        """The certification, the part and the session, in one line."""
        return " · ".join(one_line(v) for v in (self.scheme_title, self.unit_label, self.session_label) if v)

    def count(self, state: ReportState) -> int:
        """How many candidates are in a state."""
        return sum(row.state is state for row in self.rows)


def _rank(row: ReportRow) -> tuple[int, date, str, str]:
    return _URGENCY[row.state], row.next_date or date.max, row.name.casefold(), row.reference


def state_label(state: ReportState, language: Language) -> str:
    """Return a state's word."""
    return REPORTS[language].states[state]


def as_table(report: IntakeReport, language: Language) -> Table:
    """Write the report as a table of words, most urgent first."""
    texts = REPORTS[language]
    rows = []
    for row in report.rows:
        since = long_date(civil_date(row.since), language) if row.since else ""
        next_date = long_date(row.next_date, language) if row.next_date else ""
        cells = (
            cell(row.reference),
            cell(row.name),
            f"{MARKS[row.state]} {texts.states[row.state]}",
            since,
            next_date,
            texts.to_do[row.task],
        )
        rows.append(tuple(typeset(text, language) if index > 1 else text for index, text in enumerate(cells)))
    return Table(texts.headers, tuple(rows))


def file_name(report: IntakeReport, language: Language, extension: str) -> str:
    """Name a file of this report: its day, and nothing personal."""
    return f"{REPORTS[language].file_stem} {civil_date(report.as_of).isoformat()}.{extension}"
