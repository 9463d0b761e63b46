"""Attestations in files: TOML and JSON (one), workbooks and CSV (one a line). The keys and the titles are the same words.

In a TOML or JSON file an unknown key is refused, since it could only be a remark or a name. In a list an unknown column is
not read, and said so.
"""

import json
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeVar

from consent.declaration import Declaration, ReadAttestation
from consent.faults import ConsentFault
from consent.record import ClientRole, Way, read_client_reference
from consent.words import ROLES, WAYS
from registry.cells import Cell, SheetError, SheetFault, text_cell
from registry.codes import Language
from registry.problems import Problem, shown
from registry.sheets import Column, Row, read_sheet, title_key
from registry.written import fold

COLUMNS = (
    Column("candidate_reference", ("Référence du candidat", "Référence", "Candidat", "Candidate reference")),
    Column("call_date", ("Date de l’appel", "Date appel", "Date of call")),
    Column("call_time", ("Heure de l’appel", "Heure", "Time of call"), required=False),
    Column("given_on", ("Accord recueilli le", "Date de l’accord", "Date accord", "Agreement obtained on")),
    Column("way", ("Façon", "De quelle façon", "Manière")),
    Column("told_recording", ("Dit : enregistrement", "Dit enregistrement", "Told: recording")),
    Column("told_purpose", ("Dit : utilisation et écoute", "Dit utilisation", "Dit utilisation et écoute", "Told: purpose")),
    Column("told_retention", ("Dit : durée de conservation", "Dit durée", "Dit conservation", "Told: retention")),
    Column("notice_id", ("Notice", "Notice lue", "Notice lue au client")),
    Column("client_role", ("Fonction du client", "Fonction", "Rôle du client"), required=False),
    Column("client_reference", ("Référence du client", "Référence client"), required=False),
)
_TITLES = {column.key: column.title for column in COLUMNS}
_KEYS = {title_key(name): column.key for column in COLUMNS for name in (column.key, *column.titles)}
_MAX_TEXT = 64_000
_WAYS = {
    **{fold(words.text(language)): way for way, words in WAYS.items() for language in Language},
    **{fold(way): way for way in Way},
    "oral avant": Way.ORAL_BEFORE,
    "oralement avant": Way.ORAL_BEFORE,
    "oral au debut": Way.ORAL_AT_START,
    "oralement au debut": Way.ORAL_AT_START,
    "ecrit": Way.WRITTEN,
    "par ecrit": Way.WRITTEN,
}
_ROLES = {
    **{fold(words.text(language)): role for role, words in ROLES.items() for language in Language},
    **{fold(words.text(language).split(",")[0]): role for role, words in ROLES.items() for language in Language},
    **{fold(role): role for role in ClientRole},
}
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ReadList:
    """The attestations of a list, each with its line and its own problems, and what is wrong with the file itself."""

    attestations: tuple[ReadAttestation, ...]
    problems: tuple[Problem, ...] = ()


def read_list(data: bytes) -> ReadList:
    """Read a workbook or CSV of attestations. Never raises for what the file holds."""
    sheet = read_sheet(data, COLUMNS)
    problems = sheet.problems if sheet.rows or sheet.problems else (Problem(SheetFault.EMPTY),)
    return ReadList(tuple(_declare(row) for row in sheet.rows), problems)


def read_toml(data: bytes) -> ReadAttestation:
    """Read one attestation in TOML: flat keys, dates with or without quotes."""
    return _read_keys(data, tomllib.loads)


def read_json(data: bytes) -> ReadAttestation:
    """Read one attestation in JSON: one flat object, no key twice."""
    return _read_keys(data, lambda text: json.loads(text, object_pairs_hook=_once))


def read_single_line(data: bytes) -> ReadAttestation:
    """Read the only attestation of a workbook or CSV that lies in a folder."""
    found = read_list(data)
    if len(found.attestations) > 1:
        return ReadAttestation(None, (Problem(ConsentFault.SEVERAL),))
    if not found.attestations:
        strange = any(problem.fault in {SheetFault.MISSING_COLUMN, SheetFault.NOT_A_SHEET} for problem in found.problems)
        return ReadAttestation(None, (Problem(ConsentFault.NOT_OURS),) if strange else found.problems)
    return found.attestations[0]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        msg = "a key is there twice"
        raise ValueError(msg)
    return values


def _read_keys(data: bytes, parse: Callable[[str], object]) -> ReadAttestation:
    if len(data) > _MAX_TEXT:
        return ReadAttestation(None, (Problem(ConsentFault.TOO_LARGE),))
    try:
        values = parse(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return ReadAttestation(None, (Problem(ConsentFault.MALFORMED),))
    if not isinstance(values, dict) or not any(title_key(key) in _KEYS for key in values):
        return ReadAttestation(None, (Problem(ConsentFault.NOT_OURS),))
    return _declare_keys(values)


def _declare_keys(values: Mapping[str, object]) -> ReadAttestation:
    cells: dict[str, Cell] = {}
    problems = []
    for name, value in values.items():
        key = _KEYS.get(title_key(name))
        if key is None or key in cells:
            problems.append(Problem(ConsentFault.UNKNOWN_KEY, column=shown(name)))
        elif isinstance(value, str):
            cells[key] = text_cell(value)
        elif value is None or isinstance(value, bool | int | float | datetime | date | time):
            cells[key] = Cell(value)
        else:
            problems.append(Problem(ConsentFault.BAD_VALUE, column=_TITLES[key], found=type(value).__name__))
    if problems:
        return ReadAttestation(None, tuple(problems))
    return _declare(Row(0, cells, _TITLES))


def _declare(row: Row) -> ReadAttestation:
    reading = _Reading(row)
    declaration = Declaration(
        candidate_reference=reading.listed("candidate_reference", shown),
        client_reference=reading.listed("client_reference", read_client_reference),
        call_date=reading.get(lambda: row.date_in("call_date")),
        call_time=reading.get(lambda: row.time_in("call_time") or row.time_within("call_date")),
        given_on=reading.get(lambda: row.date_in("given_on")),
        way=reading.listed("way", lambda text: _known(_WAYS, text)),
        told_recording=reading.get(lambda: row.flag("told_recording")),
        told_purpose=reading.get(lambda: row.flag("told_purpose")),
        told_retention=reading.get(lambda: row.flag("told_retention")),
        notice_id=reading.listed("notice_id", shown),
        client_role=reading.listed("client_role", lambda text: _known(_ROLES, text)),
    )
    return ReadAttestation(declaration, tuple(reading.problems), row.line or None)


def _known(names: Mapping[str, _T], text: str) -> _T:
    if fold(text) not in names:
        msg = "not one of the answers offered"
        raise ValueError(msg)
    return names[fold(text)]


class _Reading:
    """Reads the items of one attestation, and gathers what is wrong instead of stopping at the first fault."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.problems: list[Problem] = []

    def get(self, read: Callable[[], _T]) -> _T | None:
        try:
            return read()
        except SheetError as error:
            found = error.problem
            self.problems.append(Problem(found.fault, found.line or None, found.column, found.found, found.wanted))
            return None

    def listed(self, key: str, parse: Callable[[str], _T]) -> _T | None:
        text = self.get(lambda: self.row.text(key))
        if not text:
            return None
        try:
            return parse(text)
        except ValueError:
            self.problems.append(Problem(ConsentFault.BAD_VALUE, self.row.line or None, _TITLES[key], shown(text)))
            return None
