"""From what was typed into the form to a consent record, or to what is left to look at, field by field.

The rules are those of ``consent.rules`` and ``intake.rules``; the words of a fault come with it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import TypeVar

from consent.declaration import Declaration
from consent.faults import ConsentFault
from consent.notices import Notices
from consent.record import ClientRole, ConsentRecord, Source, Way
from consent.rules import Expected, refusals, settle
from intake.rules import call_date_codes
from notifications.words import ANSWERS
from portal.form import Form
from registry import written
from registry.codes import Code, Language
from registry.phrases import long_date, typeset
from registry.problems import Problem
from registry.sessions import File

T = TypeVar("T")
V = TypeVar("V", bound=StrEnum)

_FIELDS: Mapping[str, str] = {
    ConsentFault.NO_CALL_DATE: "call_date",
    ConsentFault.CALL_IN_FUTURE: "call_date",
    ConsentFault.NO_GIVEN_DATE: "given_on",
    ConsentFault.GIVEN_IN_FUTURE: "given_on",
    ConsentFault.CONSENT_LATE: "given_on",
    ConsentFault.NO_WAY: "way",
    ConsentFault.NOT_TOLD_RECORDING: "told_recording",
    ConsentFault.NOT_TOLD_PURPOSE: "told_purpose",
    ConsentFault.NOT_TOLD_RETENTION: "told_retention",
    ConsentFault.NO_NOTICE: "notice",
    ConsentFault.UNKNOWN_NOTICE: "notice",
    ConsentFault.NOTICE_NOT_IN_USE: "notice",
}
_ORDER = ("call_date", "call_time", "told_recording", "told_purpose", "told_retention", "given_on", "way", "notice", "client_role")
_ADVISED = frozenset(
    {
        ConsentFault.BAD_DATE,
        ConsentFault.BAD_TIME,
        ConsentFault.BAD_VALUE,
        ConsentFault.UNKNOWN_NOTICE,
        ConsentFault.NOTICE_NOT_IN_USE,
        ConsentFault.CONSENT_LATE,
    },
)
"""Faults whose remedy says more than to fill in this form."""


@dataclass(frozen=True)
class Typed:
    """A record, or the faults of the form, one a field, in the order of the form. Never both, never neither."""

    record: ConsentRecord | None
    faults: Mapping[str, str]


def read_typed(form: Form, file: File, notices: Notices, *, today: date, language: Language, labels: Mapping[str, str]) -> Typed:
    """Make a consent record out of a form. ``labels`` names the fields for the words of a fault."""
    found: dict[str, str] = {}

    def read(name: str, reader: Callable[[str], T], fault: ConsentFault) -> T | None:
        text = form.text(name)
        if not text:
            return None
        try:
            return reader(text)
        except ValueError:
            found[name] = _said(Problem(fault, column=labels[name], found=text), language)
            return None

    said = Declaration(
        call_date=read("call_date", written.read_date, ConsentFault.BAD_DATE),
        call_time=read("call_time", written.read_time, ConsentFault.BAD_TIME),
        given_on=read("given_on", written.read_date, ConsentFault.BAD_DATE),
        way=read("way", Way, ConsentFault.BAD_VALUE),
        told_recording=form.ticked("told_recording"),
        told_purpose=form.ticked("told_purpose"),
        told_retention=form.ticked("told_retention"),
        notice_id=form.text("notice") or None,
        client_role=read("client_role", ClientRole, ConsentFault.BAD_VALUE),
    )
    expected = Expected(file.session.code, file.candidate.reference, file.dossier.client_reference)
    settled = settle(said, expected, notices, today=today, source=Source.FORM)
    problems = settled.problems if settled.record is None else refusals(settled.record)
    for problem in problems:
        found.setdefault(_FIELDS[problem.fault], _said(problem, language))
    if said.call_date is not None:
        _too_old(found, said.call_date, file, today, language)
    return Typed(None if found else settled.record, {name: found[name] for name in _ORDER if name in found})


def _too_old(found: dict[str, str], call: date, file: File, today: date, language: Language) -> None:
    rules = file.scheme.recording
    if rules is None or Code.TOO_OLD not in call_date_codes(call, hearing_on=file.hearing_on, today=today, rules=rules):
        return
    words = typeset(ANSWERS[language].codes[Code.TOO_OLD].problem, language)
    earliest = rules.earliest_call_date(file.hearing_on)
    days = {"call_date": call, "hearing": file.hearing_on, "earliest": earliest}
    found.setdefault("call_date", words.format(**{name: long_date(day, language) for name, day in days.items()}))


def _said(problem: Problem, language: Language) -> str:
    message = problem.message(language)
    return f"{message} {problem.remedy(language)}" if problem.fault in _ADVISED else message
