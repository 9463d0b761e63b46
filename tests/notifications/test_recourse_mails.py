"""The mails of appeals and holds: whole in both languages, and discreet."""

import re
from datetime import date

import pytest

from notifications.mail import Mail
from notifications.recourse_mails import Recourse, incident, kept, suspended
from registry.codes import Language
from tests.notifications.making import CONTACT, SETTING, person

_JURY = re.compile(r"admis|ajourné|réussi|passed the|failed the", re.IGNORECASE)
DESTRUCTION = "dst_" + "0" * 32
TOLD = Recourse("C-012", date(2026, 7, 8), date(2026, 7, 6), in_time=True, destructions=(DESTRUCTION,))


def _every(language: Language) -> list[Mail]:
    who = person(language)
    bare = Recourse("C-012", date(2026, 7, 8))
    late = _late()
    return [suspended(one, who, SETTING) for one in (TOLD, bare, late)] + [
        incident(TOLD, who, SETTING),
        kept("C-012", ("hld_1",), who, SETTING),
    ]


@pytest.mark.parametrize("language", Language)
def test_whole_and_discreet(language: Language) -> None:
    """Reference and contact are there, no name of a candidate, no result, nothing left to fill in."""
    for made in _every(language):
        for whole in (made.text, made.html):
            assert "C-012" in whole
            assert CONTACT.mail in whole
            assert "{" not in made.text
            assert not _JURY.search(whole)
        assert "C-012" not in made.subject
        assert made.kind.startswith("recourse.")


def test_what_is_told_of_an_appeal() -> None:
    """Its days, whether it came in time where that is known, and that destruction waits; or which destruction had begun."""
    in_time, bare, late = (suspended(one, person(), SETTING).text for one in (TOLD, Recourse("C-012", date(2026, 7, 8)), _late()))
    assert "mercredi 8 juillet 2026" in in_time
    assert "lundi 6 juillet 2026" in in_time
    assert "dans le délai" in in_time
    assert "délai" not in bare
    assert "Cachet" not in bare
    assert "suspend la destruction tout de même" in late
    assert DESTRUCTION in incident(TOLD, person(), SETTING).text
    assert DESTRUCTION not in in_time
    assert "hld_1" in kept("C-012", ("hld_1",), person(), SETTING).text


def _late() -> Recourse:
    return Recourse("C-012", date(2026, 7, 8), date(2026, 7, 6), in_time=False)
