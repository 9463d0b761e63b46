"""The proof that the private half of the identity opens what intake seals to its public half.

Without it, a wrong line in the settings would seal every recording to a key that nobody has. ``init`` and the listening service make
it and keep it, signed; intake, which does not have the private half, refuses to start without one. Specified in ``docs/formats/vault.md``.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal import canonical
from storage.errors import Tampered
from storage.identity import Identity, PublicIdentity
from storage.signing import fingerprint, verify
from storage.strict import Fields, b64, instant, parse

PROBE_FORMAT = "consigne-probe-1"
_DOMAIN = b"consigne-probe-1\n"


@dataclass(frozen=True)
class Probe:
    """What was proved, when, and by which log key it is signed."""

    identity_id: str
    opened_at: datetime
    sealed_sha256: bytes
    signed_by: str
    signature: bytes

    def statement(self) -> bytes:
        """Return the bytes that the signature covers."""
        return _DOMAIN + canonical.encode(self._facts())

    def _facts(self) -> dict[str, canonical.Json]:
        return {
            "format": PROBE_FORMAT,
            "identity_id": self.identity_id,
            "opened_at": instant(self.opened_at),
            "sealed_sha256": self.sealed_sha256.hex(),
            "signed_by": self.signed_by,
        }

    def encode(self) -> bytes:
        """Return the one exact encoding."""
        return canonical.encode(self._facts() | {"signature": b64(self.signature)})

    @classmethod
    def decode(cls, data: bytes) -> "Probe":
        """Read what :meth:`encode` wrote, and nothing else.

        Raises:
            Tampered: another encoding, format, set of fields or type.
        """
        names = {"format", "identity_id", "opened_at", "sealed_sha256", "signature", "signed_by"}
        fields = Fields(parse(data, "a probe"), names, "a probe")
        fields.exactly("format", PROBE_FORMAT)
        return cls(
            fields.text("identity_id"),
            fields.at("opened_at"),
            fields.digest("sealed_sha256"),
            fields.text("signed_by"),
            fields.data("signature"),
        )


def probe(public: PublicIdentity, identity: Identity, signer: Ed25519PrivateKey, now: datetime) -> Probe:
    """Seal random bytes to the public half, open them with the private half, and sign that it worked.

    Raises:
        Tampered: the private half does not open what this public half seals.
    """
    secret = secrets.token_bytes(32)
    sealed = public.seal_bytes(secret, _DOMAIN)
    if not hmac.compare_digest(identity.open_bytes(sealed, _DOMAIN), secret):
        raise Tampered("the identity's two halves do not belong together: set the public half that init printed")
    unsigned = Probe(public.identity_id, now, hashlib.sha256(sealed).digest(), fingerprint(signer.public_key()), b"")
    return Probe(unsigned.identity_id, unsigned.opened_at, unsigned.sealed_sha256, unsigned.signed_by, signer.sign(unsigned.statement()))


def verify_probe(data: bytes, public: PublicIdentity, log_public: Ed25519PublicKey) -> Probe:
    """Check a kept probe; intake starts only if this returns.

    Raises:
        Tampered: it proves another identity, is signed by another key, or was changed. Make a new one with the private half.
    """
    kept = Probe.decode(data)
    if kept.identity_id != public.identity_id:
        raise Tampered("the kept probe proves another identity than the settings name: check the settings, then make a new probe")
    if kept.signed_by != fingerprint(log_public):
        raise Tampered("the kept probe was signed by another log key: make a new probe")
    verify(log_public, kept.signature, kept.statement(), "the kept probe")
    return kept
