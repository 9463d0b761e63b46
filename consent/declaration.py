"""What an attestation says, before anyone judges whether it suffices; and what reading one gives."""

from dataclasses import dataclass, fields
from datetime import date, time
from enum import StrEnum
from typing import Any, Self

from consent.errors import RecordError
from consent.faults import FOR_A_PERSON, ConsentFault
from consent.record import ClientRole, Way
from registry.cells import SheetFault
from registry.problems import Fault, Problem

_LONGEST, _MOST = 200, 200


@dataclass(frozen=True, slots=True)
class Declaration:
    """The items of one attestation, typed; ``None`` where nothing was said. No name, no company, no free text."""

    session: str | None = None
    candidate_reference: str | None = None
    client_reference: str | None = None
    call_date: date | None = None
    call_time: time | None = None
    given_on: date | None = None
    way: Way | None = None
    told_recording: bool | None = None
    told_purpose: bool | None = None
    told_retention: bool | None = None
    notice_id: str | None = None
    client_role: ClientRole | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what ``to_json`` gave.

        Raises:
            RecordError: anything else.
        """
        if not isinstance(values, dict) or set(values) != {field.name for field in fields(cls)}:
            raise RecordError(_NOT_OURS)
        try:
            return cls(
                session=_text(values["session"]),
                candidate_reference=_text(values["candidate_reference"]),
                client_reference=_text(values["client_reference"]),
                call_date=_date(values["call_date"]),
                call_time=None if values["call_time"] is None else time.fromisoformat(values["call_time"]),
                given_on=_date(values["given_on"]),
                way=None if values["way"] is None else Way(values["way"]),
                told_recording=_flag(values["told_recording"]),
                told_purpose=_flag(values["told_purpose"]),
                told_retention=_flag(values["told_retention"]),
                notice_id=_text(values["notice_id"]),
                client_role=None if values["client_role"] is None else ClientRole(values["client_role"]),
            )
        except (ValueError, TypeError) as error:
            raise RecordError(_NOT_OURS) from error


@dataclass(frozen=True, slots=True)
class ReadAttestation:
    """What reading a file, or one line of it, gave: a declaration, or what kept it from being read.

    Items that could not be read are ``None`` in the declaration and have their problem; the others stand.
    """

    declaration: Declaration | None
    problems: tuple[Problem, ...] = ()
    line: int | None = None

    @property
    def ours(self) -> bool:
        """Say whether the file is an attestation at all, readable or not."""
        return not any(problem.fault is ConsentFault.NOT_OURS for problem in self.problems)

    @property
    def for_a_person(self) -> bool:
        """Say whether only a person can read it: flattened, or scanned."""
        return any(problem.fault in FOR_A_PERSON for problem in self.problems)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values: faults by their code, so that no words come out of the process that read the file."""
        return {
            "declaration": None if self.declaration is None else self.declaration.to_json(),
            "problems": [_problem_to_json(problem) for problem in self.problems],
            "line": self.line,
        }

    @classmethod
    def from_json(cls, values: object) -> Self:
        """Read what ``to_json`` gave; the process that wrote it may have been taken over by the file that it read.

        Raises:
            RecordError: anything else.
        """
        if not isinstance(values, dict) or set(values) != {"declaration", "problems", "line"}:
            raise RecordError(_NOT_OURS)
        problems, said = values["problems"], values["declaration"]
        if not isinstance(problems, list) or len(problems) > _MOST:
            raise RecordError(_NOT_OURS)
        declaration = None if said is None else Declaration.from_json(said)
        return cls(declaration, tuple(map(_problem_from_json, problems)), _number(values["line"]))


_NOT_OURS = "this is not what reading an attestation gives; read the file again, or have a person look at it"


def _problem_to_json(problem: Problem) -> dict[str, Any]:
    family = "sheet" if isinstance(problem.fault, SheetFault) else "consent"
    return {
        "family": family,
        "fault": str(problem.fault),
        "line": problem.line,
        "column": problem.column[:_LONGEST],
        "found": str(problem.found)[:_LONGEST],
        "wanted": str(problem.wanted)[:_LONGEST],
    }


def _problem_from_json(values: object) -> Problem:
    if not isinstance(values, dict) or set(values) != {"family", "fault", "line", "column", "found", "wanted"}:
        raise RecordError(_NOT_OURS)
    families: dict[object, type[Fault]] = {"sheet": SheetFault, "consent": ConsentFault}
    try:
        fault = families[values["family"]](values["fault"])  # type: ignore[call-arg]  # looked up by value: the row is a member's own
    except (ValueError, KeyError, TypeError) as error:
        raise RecordError(_NOT_OURS) from error
    texts = [_text(values[key]) or "" for key in ("column", "found", "wanted")]
    return Problem(fault, _number(values["line"]), *texts)


def _plain(value: object) -> object:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, StrEnum):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _text(value: object) -> str | None:
    if value is not None and (not isinstance(value, str) or len(value) > _LONGEST):
        raise RecordError(_NOT_OURS)
    return value


def _flag(value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise RecordError(_NOT_OURS)
    return value


def _number(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise RecordError(_NOT_OURS)
    return value


def _date(value: object) -> date | None:
    written = _text(value)
    return None if written is None else date.fromisoformat(written)
