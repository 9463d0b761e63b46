"""Step 9: take the original away, once the recording is safe. What is not exactly what was stored is given back."""

import errno
from enum import StrEnum

from intake import claims
from intake.errors import ChangedError, NotRegularError, UnreadableError
from intake.shares import Place, Share, digest

_FOR_GOOD = frozenset({errno.EROFS, errno.EXDEV, errno.ENOSPC, errno.EDQUOT})


class TakenAway(StrEnum):
    """What became of the original."""

    REMOVED = "removed"
    GONE = claims.LOST  # nobody knows where: someone took it away before us, or a kill came after the unlink
    KEPT = "kept"  # it was brought by a person, who keeps it
    GIVEN_BACK = "given_back"  # another file lay there: it is a new deposit
    IN_USE = "in_use"  # the share refuses for now
    REFUSED = "refused"  # the share refuses for good: a person must act


def take_away(share: Share, place: Place, attempt: str, sha256: str) -> TakenAway:
    """Rename the original out of sight, hash it again, unlink it if it is what was stored.

    Safe to repeat from any point: a kill between the rename and the unlink leaves it set aside under its attempt. Nothing is
    raised for what lies there, or for what the share refuses.
    """
    try:
        if share.stat(share.aside(attempt)) is None and (share.stat(place) is None or not share.set_aside(place, attempt)):
            return TakenAway.GONE
        if _is(share, attempt, sha256):
            share.unlink_aside(attempt)
            return TakenAway.REMOVED
        share.put_back(attempt, place)
    except UnreadableError:
        return TakenAway.REFUSED
    except (ChangedError, OSError) as error:
        return TakenAway.REFUSED if getattr(error, "errno", None) in _FOR_GOOD else TakenAway.IN_USE
    return TakenAway.GIVEN_BACK


def _is(share: Share, attempt: str, sha256: str) -> bool:
    try:
        with share.file(share.aside(attempt)) as (descriptor, _):
            return digest(descriptor) == sha256
    except NotRegularError:
        return False
