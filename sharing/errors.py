"""Sharing's errors: one base, by who is at fault. What a person asked wrongly is the registry's ``RefusedError``."""


class SharingError(Exception):
    """Base of all that this package raises on purpose. The message says what failed and what to do; never a token or a key."""


class SilentError(SharingError):
    """This person may not hear this recording now. ``why`` is a code for the log; a stranger is never told it."""

    def __init__(self, why: str) -> None:
        super().__init__(f"this recording is not to be heard: {why}")
        self.why = why


class UnreadableError(SharingError):
    """The recording is there for this person, but its bytes cannot be had: the store, the vaults or the identity must be looked at."""
