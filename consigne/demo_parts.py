"""The parts of the demonstration's centre: those of any centre, but for its clock and for mailboxes that people keep.

The clock tells the system's time, plus what the demonstration has gone forward. Only the demonstration moves it, never back, and only
while nothing runs that holds a lease: no watcher, no scheduler, no portal. What the gate compares its clock with goes along, and says so:
the outside reference of these certificates is the demonstration itself.
"""

from dataclasses import dataclass, field
from datetime import date as civil
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from functools import cached_property
from pathlib import Path

from consigne.errors import OutsideError
from consigne.settings import Settings
from consigne.wiring import Parts
from notifications.eml import EmlMailer
from notifications.smtp import Mailer
from registry.clock import PARIS, Clock, SystemClock
from retention.guards import ClockReferences

MAILS = "mails"
"""Where the people's mails lie, beside the centre."""


class DemoClock:
    """Another clock, and how far ahead of it this one is."""

    def __init__(self, machine: Clock | None = None) -> None:
        """Begin at the machine's time."""
        self._machine = machine or SystemClock()
        self.ahead = timedelta()

    def now(self) -> datetime:
        """Return the instant that the demonstration has come to."""
        return self._machine.now() + self.ahead

    def go_on_to(self, instant: datetime) -> None:
        """Go forward to an instant.

        Raises:
            ValueError: it is past.
        """
        missing = instant - self.now()
        if missing < timedelta():
            raise ValueError("the demonstration goes forward only")
        self.ahead += missing


def at(day: civil, hour: int = 10, minute: int = 0) -> datetime:
    """Return an hour of a day in Paris."""
    return datetime.combine(day, time(hour, minute), PARIS)


@dataclass(frozen=True)
class MovedReferences:
    """The references of this machine, as far ahead as the demonstration's clock. See :class:`retention.guards.ClockReferences`."""

    machine: ClockReferences
    clock: DemoClock

    @property
    def one_machine(self) -> bool:
        """See :class:`retention.guards.ClockReferences`."""
        return self.machine.one_machine

    def database(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        return self.machine.database() + self.clock.ahead

    def objects(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        return self.machine.objects() + self.clock.ahead

    def synchronised(self) -> bool:
        """See :class:`retention.guards.ClockReferences`. No kernel answers for a date that is played."""
        return False

    def outside(self) -> datetime | None:
        """See :class:`retention.guards.ClockReferences`."""
        return self.clock.now()


class DeliveringMailer(EmlMailer):
    """Writes each mail where the centre keeps what it sent, and delivers it: whoever received it keeps it, whatever the centre clears."""

    def __init__(self, folder: Path, delivered: Path) -> None:
        """Send from the folder, deliver to the other."""
        super().__init__(folder)
        self._delivered = EmlMailer(delivered)

    def send(self, message: EmailMessage) -> None:
        """See :class:`notifications.smtp.Mailer`."""
        super().send(message)
        self._delivered.send(message)


@dataclass(frozen=True)
class DemoParts(Parts):
    """The parts of a centre whose clock the demonstration moves."""

    clock: DemoClock = field(default_factory=DemoClock)

    @cached_property
    def mailer(self) -> Mailer:
        """The centre's folder of sent mails, and the people's own mailboxes."""
        return DeliveringMailer(self.settings.path(self.settings.mail.outbox), self.settings.home.with_name(MAILS))

    @cached_property
    def references(self) -> ClockReferences:
        """What the clock is compared with: this machine's references, moved along."""
        return MovedReferences(super().references, self.clock)


def attached(settings: Settings, clock: DemoClock) -> DemoParts:
    """Return the parts of a centre whose store the demonstration runs already: it starts once, though the centre starts several times.

    Raises:
        OutsideError: the store has ended.
    """
    parts = DemoParts(settings, clock)
    if parts.embedded is None or not parts.embedded.attach():
        raise OutsideError("the demonstration's store has ended: look into weed.log in its directory")
    return parts
