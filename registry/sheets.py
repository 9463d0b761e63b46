"""Lists that people keep in a spreadsheet: bytes in, typed rows out, each with the line number that the spreadsheet shows.

Titles are recognised without accents, case, spaces or what stands in brackets, in the first ten lines of the first visible
sheet that has them. A line that cannot be read is a problem of that line; the others go through.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from registry.cells import Cell, Grid, SheetError, SheetFault
from registry.delimited import decode, read_delimited
from registry.problems import Problem
from registry.workbooks import OLE, ZIP, read_ole, read_workbook
from registry.written import fold, read_date, read_moment, read_time

MAX_BYTES = 8_000_000
MAX_TEXT = 254
_TITLE_LINES = 10
_DAY = timedelta(days=1)
_YES = frozenset({"oui", "o", "x", "vrai", "1", "yes", "y", "true", "ok", "✓", "☑", "✔", "☒"})
_NO = frozenset({"non", "n", "faux", "0", "no", "false", "☐"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a list may have: its key, the titles it goes by (the first is the one shown), whether it must be there."""

    key: str
    titles: tuple[str, ...]
    required: bool = True

    @property
    def title(self) -> str:
        """Return the title shown to people."""
        return self.titles[0]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a list. Each reading of a cell raises ``SheetError`` with the problem of that cell."""

    line: int
    cells: Mapping[str, Cell]
    titles: Mapping[str, str]

    def problem(self, fault: SheetFault, key: str) -> Problem:
        """Return a problem of one of this row's cells."""
        value = self._cell(key).value
        return Problem(fault, self.line, self.titles.get(key, key), "" if value is None else str(value))

    def text(self, key: str) -> str:
        """Return the text of a cell, ``""`` when empty. A whole number loses its decimals."""
        value = self._sound(key).value
        if value is None:
            return ""
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        written = str(value)
        if len(written) > MAX_TEXT:
            raise SheetError(Problem(SheetFault.TOO_LONG, self.line, self.titles.get(key, key)))
        return written

    def date_in(self, key: str) -> date | None:
        """Return a civil date, ``None`` when empty. A bare number is not a date: nothing says which calendar it counts in."""
        value = self._sound(key).value
        if value is None:
            return None
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        return self._moment_or_date(key, value)

    def time_in(self, key: str) -> time | None:
        """Return a time of day to the minute, ``None`` when empty."""
        value = self._sound(key).value
        if value is None:
            return None
        if isinstance(value, timedelta) and timedelta(0) <= value < _DAY:
            value = time(value.seconds // 3600, value.seconds // 60 % 60)
        if isinstance(value, datetime):
            value = value.time()
        if isinstance(value, time):
            return value.replace(second=0, microsecond=0)
        try:
            return read_time(value if isinstance(value, str) else "")
        except ValueError:
            raise SheetError(self.problem(SheetFault.NOT_A_TIME, key)) from None

    def time_within(self, key: str) -> time | None:
        """Return the time of day written in the same cell as a date, if there is one."""
        value = self._sound(key).value
        if isinstance(value, datetime):
            return value.time().replace(second=0, microsecond=0) if value.time() != time() else None
        if isinstance(value, str):
            try:
                return read_moment(value).time()
            except ValueError:
                return None
        return None

    def flag(self, key: str) -> bool | None:
        """Return yes or no, ``None`` when empty."""
        value = self._sound(key).value
        if value is None or isinstance(value, bool):
            return value
        written = fold(self.text(key))
        if written in _YES or written in _NO:
            return written in _YES
        raise SheetError(self.problem(SheetFault.NOT_A_FLAG, key))

    def _cell(self, key: str) -> Cell:
        return self.cells.get(key, Cell())

    def _sound(self, key: str) -> Cell:
        cell = self._cell(key)
        if cell.fault is not None:
            raise SheetError(self.problem(cell.fault, key))
        return cell

    def _moment_or_date(self, key: str, value: object) -> date:
        written = value if isinstance(value, str) else ""
        for reader in (read_date, read_moment):
            try:
                found = reader(written)
            except ValueError:
                continue
            return found.date() if isinstance(found, datetime) else found
        raise SheetError(self.problem(SheetFault.NOT_A_DATE, key))


@dataclass(frozen=True, slots=True)
class Sheet:
    """The rows of a list, and what is wrong with the file itself. With a problem that is no warning, there are no rows."""

    rows: tuple[Row, ...]
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Header:
    line: int
    places: Mapping[str, int]
    problems: tuple[Problem, ...]
    missing: tuple[Column, ...]


def title_key(text: str) -> str:
    """Return a title as it is compared: folded, letters and digits only, without what stands in brackets."""
    return re.sub(r"[^a-z0-9]+", "", re.sub(r"\(.*?\)", "", fold(text)))


def read_sheet(data: bytes, columns: Sequence[Column]) -> Sheet:
    """Read the list in an ``.xlsx`` or CSV file, known by its content, not by its name. Never raises for what the file holds."""
    try:
        return _best(_grids(data), columns)
    except SheetError as error:
        return Sheet((), (error.problem,))


def _grids(data: bytes) -> Iterable[Grid]:
    if not data.strip():
        raise SheetError(Problem(SheetFault.EMPTY))
    if len(data) > MAX_BYTES:
        raise SheetError(Problem(SheetFault.TOO_LARGE))
    if data.startswith(OLE):
        raise read_ole(data)
    if data.startswith(ZIP):
        return read_workbook(data)
    return read_delimited(decode(data))


def _best(grids: Iterable[Grid], columns: Sequence[Column]) -> Sheet:
    best: tuple[Grid, _Header] | None = None
    for grid in grids:
        header = _header(grid, columns)
        if best is None or len(header.places) > len(best[1].places):
            best = (grid, header)
        if not header.missing:
            break
    if best is None or not best[0].lines:
        raise SheetError(Problem(SheetFault.EMPTY))
    return _sheet(*best, columns)


def _header(grid: Grid, columns: Sequence[Column]) -> _Header:
    candidates = [_match(number, grid.lines[number], columns) for number in sorted(grid.lines)[:_TITLE_LINES]]
    empty = _Header(1, {}, (), tuple(column for column in columns if column.required))
    return max(candidates, key=lambda header: len(header.places), default=empty)


def _match(number: int, cells: tuple[Cell, ...], columns: Sequence[Column]) -> _Header:
    known = {title_key(title): column for column in columns for title in (column.key, *column.titles)}
    places: dict[str, int] = {}
    problems: list[Problem] = []
    for place, cell in enumerate(cells):
        written = cell.value if isinstance(cell.value, str) else ""
        column = known.get(title_key(written))
        if column is None:
            if written:
                problems.append(Problem(SheetFault.UNKNOWN_COLUMN, number, written))
        elif column.key in places:
            problems.append(Problem(SheetFault.DOUBLE_COLUMN, number, column.title, written))
        else:
            places[column.key] = place
    missing = tuple(column for column in columns if column.required and column.key not in places)
    return _Header(number, places, tuple(problems), missing)


def _sheet(grid: Grid, header: _Header, columns: Sequence[Column]) -> Sheet:
    absent = (Problem(SheetFault.MISSING_COLUMN, header.line, column.title) for column in header.missing)
    problems = (*grid.problems, *header.problems, *absent)
    if any(problem.fault in {SheetFault.MISSING_COLUMN, SheetFault.DOUBLE_COLUMN} for problem in problems):
        return Sheet((), problems)
    titles = {column.key: column.title for column in columns}
    rows = [
        Row(number, {key: cells[place] for key, place in header.places.items() if place < len(cells)}, titles)
        for number, cells in grid.lines.items()
        if number > header.line
    ]
    return Sheet(tuple(row for row in rows if any(not cell.empty for cell in row.cells.values())), problems)
