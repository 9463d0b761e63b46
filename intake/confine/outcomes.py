"""How a task ended: with an answer, or with a process that misbehaved."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Misbehaviour(StrEnum):
    """What a confined process did instead of answering."""

    TIME = "time"  # it was still at work at the time limit
    CPU = "cpu"  # it used up its processor time
    MEMORY = "memory"  # it asked for more memory than it may have
    KILLED = "killed"  # a signal ended it
    DIED = "died"  # it ended without an answer
    GARBLED = "garbled"  # its answer is not one line of bounded JSON
    FAILED = "failed"  # the function raised


@dataclass(frozen=True)
class Answered:
    """The function's value, as plain JSON. It was computed by a process that read a stranger's file: parse it strictly."""

    value: Any


@dataclass(frozen=True)
class Misbehaved:
    """No answer. ``detail`` is for the log: a signal, an exit status, the name of an exception class; never content."""

    kind: Misbehaviour
    detail: str = ""

    @property
    def cause(self) -> str:
        """The kind and its detail in one word or two."""
        return f"{self.kind.value} ({self.detail})" if self.detail else self.kind.value


Outcome = Answered | Misbehaved
