"""A scheme and the centre's own choices, combined; what a profile may not leave out."""

import tomllib
from importlib import resources

import pytest
from pydantic import ValidationError

from registry import schemes
from registry.schemes import Approval, Computation, RecourseRule, Retention, Scheme
from retention.errors import UnknownCalendarError
from retention.terms import Choices, Confirmation, combine

CQP = schemes.load("cqp-ce")


def test_without_choices_the_scheme_s_own_values_hold() -> None:
    """The default scheme: two months, no grace, seven days of notice, one day to undo a slip, nobody's approval."""
    terms = combine(CQP, Choices())
    assert (terms.rule, terms.months, terms.computation, terms.postal_grace_days) == (RecourseRule.MONTHS, 2, Computation.CPC, 0)
    assert (terms.min_notice_days, terms.notice_days, terms.early_cause_delay_hours) == (7, (30, 7, 1), 24)
    assert (terms.approval, terms.recourse_check, terms.confirmation) == (Approval.AUTOMATIC, False, Confirmation.ONE)
    assert (terms.undecided_alert_months, terms.unnotified_alert_days, terms.certificate_mail_days) == (9, 30, 14)
    assert terms.proof.handed_over
    assert terms.proof.acknowledged
    assert terms.proof.sent_plus_days is None


def test_the_centre_s_choices_win() -> None:
    """Also where they are zero or no."""
    chosen = Choices(postal_grace_days=15, recourse_check=True, confirmation=Confirmation.TWO, approval=Approval.FOUR_EYES)
    terms = combine(CQP, chosen)
    assert (terms.postal_grace_days, terms.recourse_check) == (15, True)
    assert (terms.confirmation, terms.approval) == (Confirmation.TWO, Approval.FOUR_EYES)
    asking = CQP.model_copy(update={"retention": Retention(recourse_check=True)})
    assert combine(asking, Choices()).recourse_check
    assert not combine(asking, Choices(recourse_check=False)).recourse_check


def test_a_calendar_that_does_not_exist_is_refused() -> None:
    """Before any date is found with it."""
    with pytest.raises(UnknownCalendarError):
        combine(CQP, Choices(calendars=("67", "nowhere")))


def test_the_profile_spells_out_what_the_model_defaults_to() -> None:
    """The default scheme's section can be read as it is, and says nothing else than the defaults."""
    text = resources.files(schemes).joinpath("cqp-ce.1.toml").read_text("utf-8")
    told = tomllib.loads(text)["retention"]
    assert set(told) == set(Retention.model_fields)
    assert CQP.retention == Retention()


@pytest.mark.parametrize(
    ("section", "wrong"),
    [
        ("recourse", {"rule": "months", "months": 2}),
        ("recourse", {"rule": "months", "computation": "cpc_640_642"}),
        ("recourse", {"rule": "none"}),
        ("recourse", {"rule": "sometimes"}),
        ("recourse", {"rule": "months", "months": 2, "computation": "franc"}),
        ("recourse", {"rule": "months", "months": 0, "computation": "cpc_640_642"}),
        ("retention", {"min_notice": 7}),
        ("retention", {"early_cause_delay_hours": -1}),
        ("retention", {"approval": "nobody"}),
        ("retention", {"notification_proof": {"rumour": True}}),
    ],
)
def test_a_profile_that_leaves_a_rule_out_is_refused(section: str, wrong: dict[str, object]) -> None:
    """A rule is never guessed, a key never ignored."""
    with pytest.raises(ValidationError):
        Scheme.model_validate(CQP.model_dump() | {section: wrong})


def test_a_computation_says_what_it_does() -> None:
    """Four words, two questions."""
    assert [(one.extends, one.franc) for one in Computation] == [(True, False), (False, False), (True, True), (False, True)]
