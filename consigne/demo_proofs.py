"""What the demonstration proves at its end: the certificates hold, a changed one fails, the journal holds, no name is left."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

import consigne
from journal import export
from journal import verify as journal_verify
from journal.checkpoint import Signed
from registry.database import Database
from retention import certificates

_AUDITORS = Path(consigne.__file__).parents[1] / "docs" / "auditors" / "verify_certificate.py"
_WITHIN = 60


@dataclass(frozen=True)
class Verdict:
    """What was said of one file, and whether it holds."""

    holds: bool
    said: str


def verdict(data: bytes, public: Ed25519PublicKey) -> Verdict:
    """Verify a certificate offline, as ``certificate verify`` does."""
    faults = certificates.verify(data, public)
    return Verdict(not faults, "; ".join(f"{one.kind}: {one.detail}" for one in faults) or "holds")


def auditor(path: Path, key: str) -> Verdict | None:
    """Run the verifier that auditors read, by itself; None where it is not at hand: it lies in the documentation, not in the wheel."""
    if not _AUDITORS.is_file():
        return None
    ran = subprocess.run([sys.executable, str(_AUDITORS), str(path), key], capture_output=True, text=True, check=False, timeout=_WITHIN)
    return Verdict(ran.returncode == 0, ran.stdout.strip().partition("\n")[0])


def forge(path: Path, genuine: Path) -> bytes:
    """Change one byte of a certificate, the last digit of the day of destruction, and save it under another name."""
    data = bytearray(genuine.read_bytes())
    place = data.index(b'"completed_at":"') + len('"completed_at":"2026-01-0')
    data[place] = ord("1") if data[place] != ord("1") else ord("2")
    path.write_bytes(data)
    return bytes(data)


def export_journal(database: Database, path: Path) -> None:
    """Write the whole journal into one file, as ``journal export`` does."""
    with database.reading() as session, path.open("wb") as file:
        file.writelines(export.lines(session.connection()))


def verify_journal(path: Path, public: Ed25519PublicKey, older: Sequence[Signed]) -> journal_verify.Report:
    """Verify an export against the key and the checkpoints that were kept elsewhere."""
    with path.open("rb") as file:
        return journal_verify.verify(file, public, older)


def edit_journal(path: Path, genuine: Path) -> None:
    """Change one entry of an export: who acted."""
    path.write_bytes(genuine.read_bytes().replace(b"system:gate", b"system:gatE", 1))


@dataclass(frozen=True)
class Searched:
    """What a search of a whole directory found: which of the words, and how much was read."""

    files: int
    size: int
    found: Mapping[str, Sequence[str]]


def search(home: Path, words: Sequence[str]) -> Searched:
    """Look for words in every file of a directory, and in the names of files: database, write-ahead log, vaults, store, folders, mails."""
    files = size = 0
    found: dict[str, list[str]] = {}
    needles = {word: {form.encode() for form in (word, word.lower(), word.upper())} for word in words}
    for path in sorted(home.rglob("*")):
        name = str(path.relative_to(home))
        content = path.read_bytes() if path.is_file() else b""
        files, size = files + path.is_file(), size + len(content)
        everything = b"\0".join((content, content.lower(), name.lower().encode("utf-8", "surrogateescape")))
        for word, forms in needles.items():
            if any(form in everything for form in forms):
                found.setdefault(word, []).append(name)
    return Searched(files, size, found)
