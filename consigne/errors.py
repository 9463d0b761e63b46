"""The application's errors, each with the exit code that scripts rely on."""


class ConsigneError(Exception):
    """Base. ``exit_code``: 1 refused or does not hold, 2 wrong use, 3 something outside failed."""

    exit_code = 1


class RefusedHereError(ConsigneError):
    """What was asked cannot be done as asked."""


class WrongUseError(ConsigneError):
    """The command or the settings are not right."""

    exit_code = 2


class OutsideError(ConsigneError):
    """Something outside failed: a disk, a network, a store, a server."""

    exit_code = 3
