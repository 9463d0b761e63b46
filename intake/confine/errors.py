"""Errors of confinement, by whose fault they are. What a file does to its process is an outcome, not an error."""


class ConfineError(Exception):
    """Base of the package's errors."""


class ConfinementUnavailableError(ConfineError):
    """No confined process can be started here and now: ours to repair; the file waits."""


class UnknownTaskError(ConfineError):
    """A task was asked for that the pool was not made with: the caller's mistake."""
