"""The reasons that people give. The text stays here until it is cleared; the journal holds its salted hash alone."""

import secrets

from journal.entry import SALT_BYTES, salted_hash
from registry.database import Transaction
from registry.errors import RefusedError
from registry.ids import new_id
from registry.tables import Reason

LONGEST = 400


def checked(text: str) -> str:
    """Return a reason on one line.

    Raises:
        RefusedError: nothing was said, or too much for the person who will read it.
    """
    told = " ".join(text.split())
    if not told or len(told) > LONGEST:
        raise RefusedError(f"a reason is needed, in at most {LONGEST} letters")
    return told


def note(tx: Transaction, subject: str, text: str) -> str:
    """Keep a reason, and return the hash for the journal's entry.

    Raises:
        RefusedError: as :func:`checked`.
    """
    told = checked(text)
    salt = secrets.token_bytes(SALT_BYTES)
    tx.session.add(Reason(id=new_id("rsn"), subject=subject, text=told, salt=salt, given_at=tx.now))
    return salted_hash(told, salt)
