"""Reading a stranger's file where it can do no harm: a process without files, network, privileges or much time."""

from intake.confine.errors import ConfineError, ConfinementUnavailableError, UnknownTaskError
from intake.confine.lock import Bounds, Protection
from intake.confine.outcomes import Answered, Misbehaved, Misbehaviour, Outcome
from intake.confine.pool import Pool
from intake.confine.tasks import Task

__all__ = [
    "Answered",
    "Bounds",
    "ConfineError",
    "ConfinementUnavailableError",
    "Misbehaved",
    "Misbehaviour",
    "Outcome",
    "Pool",
    "Protection",
    "Task",
    "UnknownTaskError",
]
