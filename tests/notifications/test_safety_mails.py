"""The mails about restores and findings: every word in both languages, and nothing that names anybody."""

from datetime import date

import pytest

from notifications import safety_mails
from notifications.composing import Person
from notifications.parts import Contact
from notifications.safety_mails import RestoreFacts, ToEnter
from notifications.words.safety_words import SAFETY
from registry.codes import Language
from retention import reentering
from retention.comparing import Kind
from retention.safeguarding import DAMAGED

CONTACT = Contact("Dominique Contact", "coordination@example.org", None)
FACTS = (ToEnter("appeal.recorded", date(2026, 6, 2), "dos_" + "0" * 32, "letter"),)


def _person(language: Language) -> Person:
    return Person("", "Dominique Essai", "essai@example.org", language)


@pytest.mark.parametrize("language", Language)
def test_the_list_of_a_restore(language: Language) -> None:
    """It says from when, what is held, what to enter again and from which papers, and how the hold is lifted."""
    told = RestoreFacts("hld_" + "1" * 32, date(2026, 6, 1), 12, 2, FACTS)
    mail = safety_mails.restored(told, _person(language), "Centre d’essai", CONTACT)
    for part in (told.hold_id, "consigne release", FACTS[0].about, SAFETY[language].papers["letter"], SAFETY[language].facts["appeal"]):
        assert part in mail.text
    bare = safety_mails.restored(RestoreFacts("hld_x", None, 12, 0, ()), _person(language), "Centre d’essai", CONTACT)
    assert FACTS[0].about not in bare.text
    assert mail.kind == bare.kind == "safety.restored"


@pytest.mark.parametrize("language", Language)
def test_what_was_found_at_night(language: Language) -> None:
    """Each kind with its count, and no kind of which there is none."""
    mail = safety_mails.found({"undead": 2, "overdue": 0, "orphan_object": 1}, _person(language), "Centre d’essai", CONTACT)
    words = SAFETY[language].kinds
    assert words["undead"] in mail.text
    assert words["orphan_object"] in mail.text
    assert words["overdue"] not in mail.text
    assert "3" in mail.subject
    one = safety_mails.found({"undead": 1}, _person(language), "Centre d’essai", CONTACT)
    assert one.subject.startswith(SAFETY[language].found_one_title.partition(":")[0].strip())


@pytest.mark.parametrize("language", Language)
def test_every_code_has_its_words(language: Language) -> None:
    """Kinds, papers and facts alike: none is added without them."""
    said = SAFETY[language]
    assert said.kinds.keys() == {*map(str, Kind), DAMAGED}
    assert said.papers.keys() == {*map(str, reentering.Papers)}
    assert said.facts.keys() == {kind.partition(".")[0] for kind, _, _ in reentering.RULES}
