"""The rules: facts in, a ruling out. No file, no database, no clock.

Source: the rules of the scheme (domain: one recording, a real MP3, 30:00 at most, less than a year before the hearing,
deposited in time, with the client's consent on record). What is said in a recording is never judged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from registry.codes import NOT_TAKEN, REFUSING, REVIEWING, Answer, Code
from registry.schemes import RecordingRules
from registry.states import RecordingState

RULES_VERSION = 1


@dataclass(frozen=True)
class Attested:
    """What the rules need of a consent record: the day of the call, and the day on which the client agreed."""

    call_date: date | None
    given_on: date | None


@dataclass(frozen=True)
class Facts:
    """Everything that one ruling rests on. Days are civil days in Paris.

    ``found`` holds the codes of the judgement of the file itself; ``rules`` is None where the scheme takes no recording
    for this unit; ``attested`` is None while no consent record counts.
    """

    found: tuple[Code, ...]
    warnings: tuple[Code, ...]
    rules: RecordingRules | None
    received_on: date
    deadline_on: date
    hearing_on: date
    attested: Attested | None


@dataclass(frozen=True)
class Ruling:
    """The answer, the state that follows from it, and every code that was found, refusing ones first."""

    answer: Answer
    state: RecordingState
    codes: tuple[Code, ...]
    warnings: tuple[Code, ...]


_STATES = {
    Answer.REFUSED: RecordingState.REJECTED,
    Answer.AWAITING_CONSENT: RecordingState.AWAITING_CONSENT,
    Answer.TO_REVIEW: RecordingState.TO_REVIEW,
    Answer.RECEIVED: RecordingState.ACCEPTED,
}


def decide(facts: Facts) -> Ruling:
    """Give the first answer that applies: refused, waiting for the attestation, to check, received."""
    codes = _ordered((*facts.found, *_of_dates(facts)))
    if any(code in REFUSING or code in NOT_TAKEN for code in codes):  # what should never have come here is not accepted
        answer = Answer.REFUSED
    elif facts.attested is None or facts.attested.call_date is None:
        answer = Answer.AWAITING_CONSENT
    elif any(code in REVIEWING for code in codes):
        answer = Answer.TO_REVIEW
    else:
        answer = Answer.RECEIVED
    return Ruling(answer, _STATES[answer], codes, facts.warnings)


def _of_dates(facts: Facts) -> list[Code]:
    if facts.rules is None:
        return [Code.WRONG_UNIT]
    found = []
    call = facts.attested.call_date if facts.attested else None
    if call is not None:
        found += call_date_codes(call, hearing_on=facts.hearing_on, today=facts.received_on, rules=facts.rules)
        given = facts.attested.given_on if facts.attested else None
        if given is not None and given > call:
            found.append(Code.CONSENT_LATE)
    if facts.received_on > facts.deadline_on:
        found.append(Code.LATE)
    return found


def call_date_codes(call: date, *, hearing_on: date, today: date, rules: RecordingRules) -> list[Code]:
    """Judge the day of the call alone: too old for this hearing, or in the future."""
    codes = [Code.TOO_OLD] if call < rules.earliest_call_date(hearing_on) else []
    return [*codes, Code.FUTURE_DATE] if call > today else codes


def _ordered(codes: Sequence[Code]) -> tuple[Code, ...]:
    once = list(dict.fromkeys(codes))
    return (*(c for c in once if c in REFUSING), *(c for c in once if c not in REFUSING))
