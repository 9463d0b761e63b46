"""Step 5 of the gate: the proof that a recording is gone, taken by others than those who deleted it.

1. The reader must be able to see: it lists the very object that the writer lists, before anything is deleted.
2. For each object: no version, no delete marker, no unfinished upload is listed, and a read fails because nothing is held.
3. For each key: the vault and its mirror answer with a tombstone.
4. No original of ours lies in the deposit folder, nor where originals are set aside.

Anything else is not a proof: an error, a silence, a refusal for another reason. Nothing is concluded from what could not be asked.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from retention.copies import Copies
from retention.errors import RetentionError
from storage.errors import NotHeld
from storage.keyfile import Tombstone
from storage.objects import ObjectStore, Span, Upload, Version
from storage.vault import Mirrored


class Unproved(StrEnum):
    """What keeps a destruction from being proved."""

    READER_BLIND = "reader_blind"
    OBJECT_LISTED = "object_listed"
    UPLOAD_LISTED = "upload_listed"
    OBJECT_READ = "object_read"
    KEY_IN_VAULT = "key_in_vault"
    KEY_IN_MIRROR = "key_in_mirror"
    ORIGINAL_LEFT = "original_left"


class NotProvedError(RetentionError):
    """A recording is not proved gone: no certificate, and it is tried again."""

    def __init__(self, code: Unproved) -> None:
        super().__init__(f"the destruction is not proved ({code}): it is tried again; see that the store, the vaults and the share answer")
        self.code = code


class Witness(Protocol):
    """A client of the object store that can only look: another one than that which deletes, where the store knows rights."""

    def versions(self, key: str) -> tuple[Version, ...]:
        """See :class:`storage.objects.ObjectStore`."""
        ...

    def uploads(self, key: str | None = None) -> tuple[Upload, ...]:
        """See :class:`storage.objects.ObjectStore`."""
        ...

    def get_range(self, key: str, version_id: str | None, start: int, stop: int) -> Span:
        """See :class:`storage.objects.ObjectStore`."""
        ...


class Originals(Protocol):
    """The deposited originals: where intake took them from, and where it sets them aside.

    Raises, whatever it is asked: ``OriginalsUnavailableError`` where the share does not answer.
    """

    def remove(self, recording_id: str, attempt_ids: Sequence[str], sha256: str) -> int:
        """Remove each original of ours that intake has not yet taken away; return how many. One already gone is no error."""
        ...

    def left(self, recording_id: str, attempt_ids: Sequence[str], sha256: str) -> int:
        """Return how many originals of ours lie in the folder or set aside. What others put there is not ours."""
        ...


class OriginalsUnavailableError(RetentionError):
    """The deposit folders do not answer: whether an original lies there is not known."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was seen, and when."""

    proved_at: datetime
    objects: int
    keys: int


def can_see(witness: Witness, objects: ObjectStore, copies: Copies) -> None:
    """See point 1. An object that the writer does not list either proves nothing, and hinders nothing.

    Raises:
        NotProvedError: the reader does not list what the writer lists.
        StorageError: one of them does not answer.
    """
    for key, _ in copies.objects():
        listed = objects.versions(key)
        if listed:
            if {*witness.versions(key)} != {*listed}:
                raise NotProvedError(Unproved.READER_BLIND)
            return


def prove(witness: Witness, vaults: Mirrored, originals: Originals, copies: Copies, deposit: tuple[str, str], now: datetime) -> Proof:
    """See points 2 to 4; ``deposit`` is the recording's id and the SHA-256 of what was deposited.

    Raises:
        NotProvedError: something is left.
        StorageError, OriginalsUnavailableError: somebody does not answer.
    """
    for key, version in copies.objects():
        _gone(witness, key, version)
    for attempt in copies.attempt_ids:
        in_vault, in_mirror = vaults.get_both(attempt)
        if not isinstance(in_vault, Tombstone):
            raise NotProvedError(Unproved.KEY_IN_VAULT)
        if not isinstance(in_mirror, Tombstone):
            raise NotProvedError(Unproved.KEY_IN_MIRROR)
    recording_id, sha256 = deposit
    if originals.left(recording_id, copies.attempt_ids, sha256):
        raise NotProvedError(Unproved.ORIGINAL_LEFT)
    return Proof(now, len(copies.objects()), len(copies.attempt_ids))


def _gone(witness: Witness, key: str, version: str | None) -> None:
    if witness.versions(key):
        raise NotProvedError(Unproved.OBJECT_LISTED)
    if witness.uploads(key):
        raise NotProvedError(Unproved.UPLOAD_LISTED)
    for asked in dict.fromkeys((version, None)):
        with suppress(NotHeld):
            witness.get_range(key, asked, 0, 1)
            raise NotProvedError(Unproved.OBJECT_READ)
