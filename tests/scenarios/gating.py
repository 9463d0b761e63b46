"""A process that sweeps what is due in a real centre once, and dies at a point that a file names."""

import sys
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from typing_extensions import override

from consigne import logs, settings
from registry.clock import Clock
from retention.destroying import Destroyer
from retention.guards import ClockReferences
from retention.undertaking import Step
from tests.scenarios.dying import DyingParts, Point, Trap


@dataclass(frozen=True)
class InTime:
    """Clocks that agree: whether this machine's is kept in time is not what the story is about."""

    clock: Clock
    one_machine: bool = True

    def database(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        return self.clock.now()

    def objects(self) -> datetime:
        """See :class:`retention.guards.ClockReferences`."""
        return self.clock.now()

    def synchronised(self) -> bool:
        """See :class:`retention.guards.ClockReferences`."""
        return True

    def outside(self) -> datetime | None:
        """See :class:`retention.guards.ClockReferences`."""
        return None


@dataclass(frozen=True)
class GateTrap(Trap):
    """The file that says where to die, also after a step of the gate: ``gate_entomb``."""

    def after_step(self, step: Step) -> None:
        """Watch the gate's numbered steps."""
        self.reached(Point(f"gate_{step.name.lower()}"))


@dataclass(frozen=True, kw_only=True)
class GatingParts(DyingParts):
    """The parts of a real centre whose clock is believed, and whose gate can be the last thing that this process touched."""

    trap: GateTrap

    @cached_property
    @override
    def references(self) -> ClockReferences:
        return InTime(self.clock)

    @override
    def destroyer(self) -> Destroyer:
        made = super().destroyer()
        return replace(made, gate=replace(made.gate, after=self.trap.after_step))


def main() -> None:
    """Sweep once, in a centre whose store runs elsewhere."""
    logs.configure()
    parts = GatingParts(settings.load(Path(sys.argv[1])), trap=GateTrap(Path(sys.argv[2])))
    if parts.embedded is not None and not parts.embedded.attach():
        raise SystemExit("the store of this centre does not run")
    swept = parts.destroyer().sweep()
    for ended in swept.ended:
        sys.stdout.write(f"{ended.recording_id} {ended.outcome} {ended.why}\n")
    parts.close()


if __name__ == "__main__":
    main()
