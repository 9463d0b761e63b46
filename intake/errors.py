"""Intake's errors: what must wait, and what must be told to a person."""


class IntakeError(Exception):
    """Base of intake's errors."""


class MustWaitError(IntakeError):
    """Something outside is not there now: the file stays where it is, and is tried again. ``code`` says what."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


class ChangedError(IntakeError):
    """The file vanished, grew or was replaced while it was read: nothing was taken; it is looked at anew."""


class NotRegularError(IntakeError):
    """What lies there is a link, a directory, a pipe or a device: it is never opened for reading."""


class UnreadableError(IntakeError):
    """The centre's account may not read this file, or its folder."""


class NotOursError(IntakeError):
    """The lease is no longer ours: another worker goes on with it."""
