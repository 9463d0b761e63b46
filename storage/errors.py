"""What can go wrong in storage, in families by who is at fault and so by what to do next."""


class StorageError(Exception):
    """Base of all that this package raises on purpose. The message says what failed and what to do; never a key."""


class StorageUnavailable(StorageError):  # noqa: N818  # named by the remedy: try again later
    """Something outside cannot be reached or has no room now: keep what you have and try again later."""


class StorageRefused(StorageError):  # noqa: N818  # named by the remedy: trying again will not help
    """A request that will never succeed as it stands: our mistake, a wrong setting, or a rule of the store."""


class NotHeld(StorageRefused):
    """The store answers, and does not hold the object, version or bucket asked for."""


class AlreadyHeld(StorageRefused):
    """Something else is held under this name; nothing was overwritten."""


class Entombed(StorageRefused):
    """The key of this upload attempt was destroyed; no key can be put there again."""


class Tampered(StorageRefused):
    """What was read is not what was written: wrong key, wrong context, changed, cut or extended bytes."""
