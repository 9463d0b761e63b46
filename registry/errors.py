"""The registry's errors: one base, two families."""


class RegistryError(Exception):
    """Something the registry will not do. The message says what failed and what to do next."""


class DatabaseUnavailableError(RegistryError):
    """The database did not answer, or stayed locked: nothing was written; try again later."""


class RefusedError(RegistryError):
    """What was asked cannot be done as asked: the caller's request must change."""


class UnexplainedWriteError(RegistryError):
    """A fault of ours: a row of what is true would have changed without a journal entry that names it."""
