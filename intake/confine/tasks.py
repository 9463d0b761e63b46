"""What may be asked of a confined process: a closed list of named functions, known when it starts."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from intake.confine.errors import ConfinementUnavailableError


@dataclass(frozen=True)
class Task:
    """A function of a file's bytes that returns plain JSON values.

    ``function(data, **parameters)`` gets a read-only view of the whole file; it has no files, no network and little memory.
    ``warm_up()`` runs once before anything is locked: it must touch what the function will need, since nothing can be imported
    or opened afterwards. Both must be functions at the top of a module.
    """

    function: Callable[..., Any]
    parameters: Mapping[str, Any] = field(default_factory=dict)
    warm_up: Callable[[], None] | None = None

    def to_json(self) -> dict[str, Any]:
        """Name the functions, so that another interpreter can find them."""
        return {
            "function": _name(self.function),
            "parameters": dict(self.parameters),
            "warm_up": None if self.warm_up is None else _name(self.warm_up),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> "Task":
        """Find the functions again. Only ever given what the parent process wrote."""
        warm_up = found["warm_up"]
        return cls(_function(found["function"]), found["parameters"], None if warm_up is None else _function(warm_up))


def _name(function: Callable[..., Any]) -> str:
    module, name = function.__module__, function.__qualname__
    if "." in name or "<" in name or module == "__main__":
        raise ConfinementUnavailableError(f"{module}.{name} cannot be a task: give a function at the top of an importable module")
    return f"{module}:{name}"


def _function(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    found: Callable[..., Any] = getattr(importlib.import_module(module), attribute)
    return found
