"""What each language must say in the mails about the end of recordings."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetentionTexts:
    """The sentences of these mails, as templates. ``causes`` is keyed by the codes of retention's causes."""

    causes: Mapping[str, str]
    dossier: str
    session: str
    cause: str
    from_day: str
    waits_since: str
    what_waits: str
    # destructions planned
    planned_title: str
    planned_one: str
    planned_what: str
    planned_count: str
    planned_how: str
    planned_nothing: str
    planned_appeal: str
    planned_hold: str
    # a list that waits for a person
    approval_title: str
    approval_what: str
    approval_four_eyes: str
    approval_many: str
    approval_how: str
    approval_meanwhile: str
    # what would live for ever unseen
    lingering_title: str
    lingering_what: str
    lingering_count: str
    lingering_kinds: Mapping[str, str]
    lingering_decide: str
    lingering_notify: str
    lingering_close: str
