"""What the journal raises: one base, two families by who is at fault."""


class JournalError(Exception):
    """Anything that the journal could not do."""


class JournalRefusedError(JournalError, ValueError):
    """What was given may not be written or asked: the caller must change it."""


class JournalDamagedError(JournalError):
    """What is stored contradicts itself: stop writing, run the check, restore."""
