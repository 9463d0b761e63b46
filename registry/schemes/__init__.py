"""Scheme profiles: versioned data, one TOML file a version. A session pins one version.

A profile that names an unknown key, or leaves out a rule, is refused: a rule is never guessed. Only the section ``retention``, whose
settings are all ours, has defaults.
"""

import tomllib
from datetime import date, timedelta
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from registry.codes import Language
from registry.errors import RefusedError


class _Profile(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Words(_Profile):
    """One wording in both languages."""

    fr: str
    en: str

    def in_(self, language: Language) -> str:
        """Return the wording in a language."""
        return self.fr if language is Language.FR else self.en


class AgeBoundary(StrEnum):
    """Whether a call made exactly one year before the hearing still counts."""

    STRICT = "strict"
    INCLUSIVE = "inclusive"


class RecordingRules(_Profile):
    """What a scheme asks of a recording. Days are civil days unless named otherwise."""

    units: list[str]
    max_seconds: Annotated[int, Field(gt=0)]
    max_age_years: Annotated[int, Field(gt=0)]
    age_boundary: Annotated[AgeBoundary, Field(strict=False)]
    deadline_days: Annotated[int, Field(ge=0)]
    quarantine_days: Annotated[int, Field(ge=0)]
    consent_wait_days: Annotated[int, Field(ge=0)]
    review_working_days: Annotated[int, Field(ge=0)]
    reminder_days: list[int]

    def earliest_call_date(self, hearing_on: date) -> date:
        """Return the first admissible day of the call; 29 February clamps to the 28th."""
        year = hearing_on.year - self.max_age_years
        try:
            boundary = hearing_on.replace(year=year)
        except ValueError:
            boundary = date(year, 2, 28)
        return boundary + timedelta(days=1 if self.age_boundary is AgeBoundary.STRICT else 0)

    def deadline(self, exam_on: date) -> date:
        """Return the last day of deposit, that day included."""
        return exam_on - timedelta(days=self.deadline_days)

    def consent_until(self, deadline_on: date, deposited_on: date) -> date:
        """Return the last day that an attestation is waited for: some days after the deadline or the deposit, the later."""
        return max(deadline_on, deposited_on) + timedelta(days=self.consent_wait_days)


class RecourseRule(StrEnum):
    """What a scheme says about contesting a decision."""

    MONTHS = "months"
    UNSTATED = "unstated"  # nothing: nothing is destroyed by itself
    NONE = "none"


class Computation(StrEnum):
    """How a period of months is counted. ``franc``: one more day, added before any extension."""

    CPC = "cpc_640_642"  # articles 640 to 642 of the Code de procédure civile, by analogy
    CALENDAR = "calendar_months"
    CPC_FRANC = "cpc_640_642+franc"
    CALENDAR_FRANC = "calendar_months+franc"

    @property
    def extends(self) -> bool:
        """Whether a last day that falls on a Saturday, a Sunday or a public holiday is moved to the next working day."""
        return self in {Computation.CPC, Computation.CPC_FRANC}

    @property
    def franc(self) -> bool:
        """Whether one more day is added, before any extension."""
        return self in {Computation.CPC_FRANC, Computation.CALENDAR_FRANC}


class Recourse(_Profile):
    """How long a decision may be contested, or that nothing is stated."""

    rule: Annotated[RecourseRule, Field(strict=False)]
    months: Annotated[int, Field(gt=0)] | None = None
    addressee: Words | None = None
    postal_grace_days: Annotated[int, Field(ge=0)] = 0
    min_hold_days: Annotated[int, Field(ge=0)] | None = None
    computation: Annotated[Computation, Field(strict=False)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.rule is RecourseRule.MONTHS and (self.months is None or self.computation is None):
            raise ValueError("a period of months needs its number and its computation")
        if self.rule is RecourseRule.NONE and self.min_hold_days is None:
            raise ValueError("a scheme without recourse needs min_hold_days")
        return self


class NotificationProof(_Profile):
    """What proves that a decision reached the candidate. ``sent_plus_days``: presumed so many days after sending; None, never."""

    handed_over: bool = True
    acknowledged: bool = True
    sent_plus_days: Annotated[int, Field(ge=0)] | None = None


class Approval(StrEnum):
    """Whether a list of destructions needs a person's approval."""

    AUTOMATIC = "automatic"
    FOUR_EYES = "four_eyes"


class Retention(_Profile):
    """How destruction is announced, delayed, approved and watched. Days are civil days."""

    notification_proof: NotificationProof = NotificationProof()
    min_notice_days: Annotated[int, Field(ge=0)] = 7
    notice_days: list[Annotated[int, Field(ge=0)]] = [30, 7, 1]
    early_cause_delay_hours: Annotated[int, Field(ge=0)] = 24
    approval: Annotated[Approval, Field(strict=False)] = Approval.AUTOMATIC
    recourse_check: bool = False
    undecided_alert_months: Annotated[int, Field(gt=0)] = 9
    unnotified_alert_days: Annotated[int, Field(gt=0)] = 30
    certificate_mail_days: Annotated[int, Field(ge=0)] = 14
    calendars: list[str] = ["FR"]


class Scheme(_Profile):
    """One version of one scheme. ``recording`` is None where no recording is deposited."""

    id: str
    version: int
    title: str
    unit_word: Words
    commission: str
    deciding_body: Words
    ours: list[str]
    units: list[str] | None = None
    partial_result_years: int | None = None
    recording: RecordingRules | None = None
    recourse: Recourse
    retention: Retention = Retention()

    def takes_recording(self, unit: str) -> bool:
        """Tell whether a recording is deposited for this unit."""
        return self.recording is not None and unit in self.recording.units

    def unit_label(self, unit: str, language: Language) -> str:
        """Return how the unit is called: ``Bloc 1``."""
        return f"{self.unit_word.in_(language).capitalize()} {unit}"


@cache
def load(scheme: str, version: int | None = None) -> Scheme:
    """Return one version of a scheme, the newest if none is named.

    Raises:
        RefusedError: no such scheme or version is shipped.
    """
    versions = available().get(scheme, ())
    chosen = version if version is not None else max(versions, default=None)
    if chosen is None or chosen not in versions:
        known = ", ".join(f"{name} ({', '.join(map(str, numbers))})" for name, numbers in sorted(available().items()))
        raise RefusedError(f"no scheme {scheme!r} in version {chosen or 'any'}: those known are {known}")
    text = resources.files(__name__).joinpath(f"{scheme}.{chosen}.toml").read_text("utf-8")
    try:
        return Scheme.model_validate(tomllib.loads(text))
    except (ValidationError, tomllib.TOMLDecodeError) as error:
        raise RefusedError(f"the profile {scheme}.{chosen} is not valid: {error}") from error


@cache
def available() -> dict[str, tuple[int, ...]]:
    """Return the versions shipped of each scheme."""
    found: dict[str, list[int]] = {}
    for file in resources.files(__name__).iterdir():
        name, _, rest = file.name.partition(".")
        if rest.endswith(".toml"):
            found.setdefault(name, []).append(int(rest.removesuffix(".toml")))
    return {name: tuple(sorted(numbers)) for name, numbers in found.items()}
