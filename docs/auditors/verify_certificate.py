"""Verify a certificate of destruction made by Consigne, without Consigne. Needs Python 3.10 and the package `cryptography`.

    python verify_certificate.py CERTIFICATE.json "consigne-log-1:BASE64"

The second argument is the centre's log key. Take it from the centre's page or from a daily mail, never from the certificate itself.
Exit code 0: the certificate holds. 1: it does not, and the reason is printed. 2: wrong use.

What is checked, in order:
  1. the file is in its one exact form, so that no byte of it can have been changed unseen;
  2. the journal's entry tells of this recording's destruction, and holds the SHA-256 of the facts that the certificate states;
  3. the proof leads from that entry to the root of the journal (RFC 9162, section 2.1.3.2);
  4. the centre's key signed that root (C2SP signed-note and tlog-checkpoint, Ed25519).
"""

# ruff: noqa: INP001, T201 - one file by itself, which prints what it found
import base64
import hashlib
import json
import sys
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_PREFIX = "consigne-log-1:"
HASH_BYTES = 32
ARGUMENTS = 2
MEMBERS = {"checkpoint", "entry", "facts", "format", "index", "proof"}


class RefusedError(Exception):
    """The certificate does not hold, for the reason that the message gives."""


def require(holds: object, reason: str) -> None:
    """Go on only if something holds."""
    if not holds:
        raise RefusedError(reason)


def sha256(data: bytes) -> bytes:
    """Hash."""
    return hashlib.sha256(data).digest()


def canonical(value: object) -> bytes:
    """The one form in bytes: members in order, no white space, UTF-8. Every name in a certificate is ASCII."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode("utf-8")


def unbase64(text: str) -> bytes:
    """Read base64 in its one form."""
    data = base64.b64decode(text, validate=True)
    require(base64.b64encode(data).decode() == text, "base64 that is not in its one form")
    return data


def root_from(leaf: bytes, index: int, size: int, proof: list[bytes]) -> bytes:
    """Follow the proof from a leaf up to the root."""
    require(0 <= index < size, "the index is not one of the journal's")
    here, last, result = index, size - 1, leaf
    for sibling in proof:
        require(last > 0 and len(sibling) == HASH_BYTES, "the proof is longer than the way to the root")
        if here & 1 or here == last:
            result = sha256(b"\x01" + sibling + result)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            result = sha256(b"\x01" + result + sibling)
        here, last = here >> 1, last >> 1
    require(last == 0, "the proof ends before the root")
    return result


def open_checkpoint(note: str, key: Ed25519PublicKey) -> tuple[int, bytes]:
    """Check the one signature of the checkpoint, and return its size and its root."""
    text, _, line = note.rpartition("\n\n")
    text += "\n"
    origin, size, root = text.split("\n")[:3]
    dash, name, signature = line.removesuffix("\n").split(" ")
    require(note == f"{text}\n\u2014 {origin} {signature}\n" and (dash, name) == ("\u2014", origin), "the checkpoint is not of its form")
    raw = unbase64(signature)
    key_id = sha256(name.encode() + b"\n\x01" + key.public_bytes_raw())[:4]
    require(raw[:4] == key_id, "the checkpoint is signed by another key than the one given")
    key.verify(raw[4:], text.encode("utf-8"))
    require(text == f"{origin}\n{int(size)}\n{root}\n", "the checkpoint is not of its form")
    return int(size), unbase64(root)


def verify(data: bytes, key: Ed25519PublicKey) -> dict[str, Any]:
    """Return the facts of a certificate that holds; raise RefusedError if it does not."""
    certificate = json.loads(data.decode("utf-8"))
    require(isinstance(certificate, dict) and set(certificate) == MEMBERS, "this is not a certificate")
    require(certificate["format"] == "consigne-certificate-1", "this is not a certificate of the version known here")
    require(canonical(certificate) == data, "the file is not in its one form: it was changed")
    facts: dict[str, Any] = certificate["facts"]
    entry, index = certificate["entry"], certificate["index"]
    require(entry["kind"] == "destruction.completed", "the entry does not tell of a destruction")
    require(entry["subject"] == facts["recording"]["id"], "the entry tells of another recording")
    require(entry["facts"]["facts_sha256"] == sha256(canonical(facts)).hex(), "the entry holds the hash of other facts")
    size, root = open_checkpoint(certificate["checkpoint"], key)
    require(type(index) is int, "the index is not a number")
    reached = root_from(sha256(b"\x00" + canonical(entry)), index, size, [unbase64(node) for node in certificate["proof"]])
    require(reached == root, "the proof does not lead to the root that was signed")
    return facts


def main() -> int:
    """Verify the file that is named, and say what was found."""
    if len(sys.argv) != 1 + ARGUMENTS or not sys.argv[2].startswith(KEY_PREFIX):
        print(__doc__)
        return 2
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(sys.argv[2].removeprefix(KEY_PREFIX), validate=True))
        data = Path(sys.argv[1]).read_bytes()
    except (ValueError, OSError) as error:
        print(f"the key or the file cannot be read: {error}")
        return 2
    try:
        facts = verify(data, key)
    except InvalidSignature:
        print("DOES NOT HOLD: the signature of the checkpoint is not the centre's")
        return 1
    except RefusedError as reason:
        print(f"DOES NOT HOLD: {reason}")
        return 1
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        print("DOES NOT HOLD: this file cannot be read as a certificate")
        return 1
    print(f"HOLDS: {facts['recording']['id']} was destroyed, completed at {facts['acts']['completed_at']}")
    print(f"       certificate {facts['id']} of {facts['centre']['name']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
