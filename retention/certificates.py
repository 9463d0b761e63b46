"""Certificates of destruction: one file that a stranger can verify offline, with the log key's public half and nothing else. Pure.

A certificate is the facts, the journal's entry that holds their hash, the proof that the entry is in the tree, and the checkpoint signed
over that tree, in one exact encoding: the same facts and the same checkpoint give the same bytes, and one changed byte is found.
"""

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from journal import canonical, tree
from journal.canonical import Json
from journal.checkpoint import Signed
from journal.entry import Entry
from journal.errors import JournalRefusedError
from journal.note import Outcome
from retention.certificate_codec import from_json, to_json
from retention.certificate_facts import CertificateFacts
from retention.errors import CertificateRefusedError

FORMAT: Final = "consigne-certificate-1"
COMPLETED: Final = "destruction.completed"
_MEMBERS: Final = frozenset({"checkpoint", "entry", "facts", "format", "index", "proof"})
MAX_BYTES: Final = 1 << 20


class FaultKind(StrEnum):
    """What is wrong with a certificate."""

    UNREADABLE = "unreadable"  # not a certificate, or not in its one form
    FACTS = "facts"  # the entry holds the hash of other facts
    ENTRY = "entry"  # the entry tells of something else than this destruction
    PROOF = "proof"  # the entry is not in the tree that was signed
    BAD_SIGNATURE = "bad_signature"
    WRONG_KEY = "wrong_key"


@dataclass(frozen=True)
class Fault:
    """One thing wrong."""

    kind: FaultKind
    detail: str


@dataclass(frozen=True)
class Certificate:
    """The parts of a certificate. That they belong together is for :func:`verify` to say."""

    facts: CertificateFacts
    entry: Entry
    index: int
    proof: tuple[bytes, ...]
    signed: Signed

    def encode(self) -> bytes:
        """Write the certificate in its only form."""
        return canonical.encode(
            {
                "checkpoint": self.signed.encode().decode("utf-8"),
                "entry": canonical.decode(self.entry.encode()),
                "facts": to_json(self.facts),
                "format": FORMAT,
                "index": self.index,
                "proof": [base64.b64encode(one).decode("ascii") for one in self.proof],
            }
        )

    @classmethod
    def decode(cls, data: bytes) -> Self:
        """Read a certificate back; ``Certificate.decode(data).encode() == data`` for all that it accepts.

        Raises:
            CertificateRefusedError: the bytes are not a certificate, or not in its one form.
        """
        if len(data) > MAX_BYTES:
            raise CertificateRefusedError("a certificate is smaller than this file")
        try:
            members = canonical.decode(data)
            if not isinstance(members, dict) or members.keys() != _MEMBERS or members["format"] != FORMAT:
                raise CertificateRefusedError(f"this file is not a certificate of destruction ({FORMAT})")
            found = cls(
                from_json(CertificateFacts, members["facts"]),
                Entry.decode(canonical.encode(members["entry"])),
                from_json(int, members["index"]),
                tuple(_digest(one) for one in _list(members["proof"])),
                Signed.decode(_text(members["checkpoint"]).encode("utf-8")),
            )
        except JournalRefusedError as error:
            raise CertificateRefusedError(f"the certificate cannot be read: {error}") from error
        if found.encode() != data:
            raise CertificateRefusedError("the certificate is not in its one form: it was changed, or written by something else")
        return found


def assemble(facts: CertificateFacts, entry: Entry, index: int, proof: Sequence[bytes], signed: Signed) -> bytes:
    """Put a certificate together. The same facts, entry and checkpoint give the same bytes.

    Args:
        facts: those whose hash the entry holds.
        entry: ``destruction.completed``, as it stands in the journal.
        index: of the entry.
        proof: that the entry is in the tree of the checkpoint's size.
        signed: the checkpoint, with one signature: ours.

    Raises:
        CertificateRefusedError: they do not belong together: nothing may be called destroyed on such a paper.
    """
    certificate = Certificate(facts, entry, index, tuple(proof), signed)
    faults = [*_binding(certificate), *_inclusion(certificate)]
    if faults:
        raise CertificateRefusedError(f"no certificate can be made: {faults[0].detail}; run the check of the journal")
    return certificate.encode()


def verify(data: bytes, public: Ed25519PublicKey) -> list[Fault]:
    """Say what is wrong with a certificate; an empty list means that it holds. Works offline.

    1. it is in its one form; 2. the entry holds the hash of these very facts and names this recording; 3. the entry is in the tree of
    the checkpoint; 4. the log key, which the caller has from elsewhere, signed the checkpoint.
    """
    try:
        certificate = Certificate.decode(data)
    except CertificateRefusedError as error:
        return [Fault(FaultKind.UNREADABLE, str(error))]
    return [*_binding(certificate), *_inclusion(certificate), *_signature(certificate, public)]


def _binding(certificate: Certificate) -> list[Fault]:
    facts, entry, faults = certificate.facts, certificate.entry, []
    if entry.facts.get("facts_sha256") != facts.sha256:
        faults.append(Fault(FaultKind.FACTS, "the journal's entry holds the hash of other facts"))
    if entry.kind != COMPLETED or entry.subject != facts.recording.id:
        faults.append(Fault(FaultKind.ENTRY, "the journal's entry does not tell of the destruction of this recording"))
    return faults


def _inclusion(certificate: Certificate) -> list[Fault]:
    signed = certificate.signed.checkpoint
    if tree.verify_inclusion(certificate.entry.leaf_hash, certificate.index, signed.size, certificate.proof, signed.root):
        return []
    return [Fault(FaultKind.PROOF, "the proof does not put this entry into the journal that was signed")]


def _signature(certificate: Certificate, public: Ed25519PublicKey) -> list[Fault]:
    if len(certificate.signed.note.signatures) != 1:
        return [Fault(FaultKind.BAD_SIGNATURE, "the checkpoint of a certificate bears one signature")]
    outcome = certificate.signed.check(public)
    if outcome is Outcome.GOOD:
        return []
    if outcome is Outcome.BAD:
        return [Fault(FaultKind.BAD_SIGNATURE, "the signature of the checkpoint does not hold")]
    return [Fault(FaultKind.WRONG_KEY, "the checkpoint is signed by another key than the one given")]


def sha256_of(data: bytes) -> str:
    """Return the fingerprint of a certificate's file, for lists and letters."""
    return hashlib.sha256(data).hexdigest()


def _list(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise CertificateRefusedError("the proof of a certificate is a list")
    return value


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise CertificateRefusedError("the checkpoint of a certificate is a signed note")
    return value


def _digest(value: Json) -> bytes:
    try:
        return base64.b64decode(_text(value).encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError) as error:
        raise CertificateRefusedError("a node of the proof is not base64") from error
