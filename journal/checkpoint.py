"""A checkpoint: the size and the root of the journal at one moment, signed (C2SP ``tlog-checkpoint``). Pure.

Whoever keeps one can contradict any journal that does not begin with the same entries.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal import note, tree
from journal.errors import JournalRefusedError
from journal.note import Note, Outcome

_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_LINE: Final = re.compile(r"[^\x00-\x1f]+")
_LINES: Final = 3


@dataclass(frozen=True)
class Checkpoint:
    """What is signed.

    Attributes:
        origin: Which journal. The key that signs bears the same name.
        size: How many entries.
        root: The root over them, 32 bytes.
        extensions: Further lines, which nobody can check. Consigne writes none.

    Raises:
        JournalRefusedError: a part has no form; an empty tree with another root than its own.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what has no form."""
        if not all(_LINE.fullmatch(line) for line in (self.origin, *self.extensions)):
            raise JournalRefusedError("the origin and the further lines of a checkpoint are not empty and hold no control character")
        if not _SIZE.fullmatch(str(self.size)):
            raise JournalRefusedError("the size of a checkpoint is a number of entries")
        if len(self.root) != tree.HASH_BYTES:
            raise JournalRefusedError("the root of a checkpoint has 32 bytes")
        if self.size == 0 and self.root != tree.EMPTY_ROOT:
            raise JournalRefusedError("the root of an empty journal is the hash of the empty string")

    def text(self) -> str:
        """Write the checkpoint in its only form: the text of a note."""
        lines = (self.origin, str(self.size), base64.b64encode(self.root).decode("ascii"), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a checkpoint back; ``Checkpoint.parse(text).text() == text`` for all that it accepts.

        Raises:
            JournalRefusedError: the text is not a checkpoint, or not in its one form.
        """
        lines = text.split("\n")
        if len(lines) <= _LINES or lines[-1]:
            raise JournalRefusedError("a checkpoint has at least three lines: origin, size, root; copy it whole")
        if not _SIZE.fullmatch(lines[1]):
            raise JournalRefusedError("the second line of a checkpoint is its size, in decimal, without leading zeros")
        try:
            root = base64.b64decode(lines[2].encode("ascii"), validate=True)
        except (UnicodeEncodeError, binascii.Error, ValueError) as error:
            raise JournalRefusedError("the third line of a checkpoint is its root, in base64") from error
        found = cls(lines[0], int(lines[1]), root, tuple(lines[3:-1]))
        if found.text() != text:
            raise JournalRefusedError("the root of a checkpoint is not in its one base64 form")
        return found


@dataclass(frozen=True)
class Signed:
    """A checkpoint and the note that it came in. Its signature counts once :meth:`check` has said so."""

    checkpoint: Checkpoint
    note: Note

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a signed note whose text is a checkpoint.

        Raises:
            JournalRefusedError: it is not one.
        """
        found = Note.decode(data)
        return cls(Checkpoint.parse(found.text), found)

    def encode(self) -> bytes:
        """Write the note; ``Signed.decode(data).encode() == data``."""
        return self.note.encode()

    def check(self, public: Ed25519PublicKey) -> Outcome:
        """Say whether the journal's key signed it, under the name of its origin."""
        return self.note.check(self.checkpoint.origin, public)


def sign(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> Signed:
    """Sign a checkpoint with the key of the journal; the same checkpoint gives the same bytes.

    Raises:
        JournalRefusedError: the origin cannot name a key.
    """
    return Signed(checkpoint, note.sign(checkpoint.text(), checkpoint.origin, private))
