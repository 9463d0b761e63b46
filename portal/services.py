"""What the pages are given by whoever wires them."""

from collections.abc import Callable
from dataclasses import dataclass

from consent.notices import Notices
from intake.answering import Answering
from notifications.centre import Centre
from registry.clock import Clock
from registry.database import Database
from sharing.room import Room

ACTOR = "system:portal"
"""Who the journal says acted when a candidate sends a form: his link was used, nothing else is known."""


@dataclass(frozen=True)
class PortalServices:
    """The parts that the pages use.

    ``after_change`` is called after each commit, so that mails and answers leave at once; it must return at once and not raise.
    Without a ``room`` nothing can be heard here.
    """

    database: Database
    answering: Answering
    centre: Centre
    clock: Clock
    notices: Notices
    after_change: Callable[[], None]
    room: Room | None = None
