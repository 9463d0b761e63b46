"""Everything that staff is told of the end of a recording has words, in both languages."""

import pytest

from notifications.retention_mails import RETENTION
from registry.codes import Language
from retention.escalation import Lingering
from retention.facts import Cause


@pytest.mark.parametrize("language", list(Language))
def test_every_cause_and_every_wait_has_its_words(language: Language) -> None:
    """And no words are kept for what no longer exists."""
    said = RETENTION[language]
    assert set(said.causes) == {cause.value for cause in Cause}
    assert set(said.lingering_kinds) == {kind.value for kind in Lingering}
