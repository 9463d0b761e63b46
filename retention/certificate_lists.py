"""The disposal list: what one run was to destroy and what became of each recording, signed once the run has ended. Pure.

A signed note (C2SP ``signed-note``): its text is a first line that names the form, and one line of canonical JSON. It names recordings,
causes, dates, certificates by their fingerprints; nothing personal. A French PDF says the same for people.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from journal import canonical, note
from journal.entry import is_identifier
from journal.errors import JournalRefusedError
from journal.note import Note, Outcome
from registry.codes import Language
from registry.phrases import moment
from retention import certificate_words as words
from retention.certificate_codec import from_json, to_json
from retention.certificate_sheet import Sheet
from retention.errors import CertificateRefusedError
from retention.facts import Cause

FORMAT: Final = "consigne-disposal-list-1"
SIGNER: Final = "consigne-disposal-list"


class Fate(StrEnum):
    """What became of one recording of a list."""

    DESTROYED = "destroyed"
    REPEATED = "repeated"  # proved again: its certificate is the first one
    FAILED = "failed"  # begun, and not proved: it is tried again
    SPARED = "spared"  # the gate found a reason not to


@dataclass(frozen=True, slots=True)
class ListLine:
    """One recording. ``certificate`` and its SHA-256 where there is one; ``why`` is a code where it was not destroyed."""

    recording: str
    dossier: str
    cause: Cause
    eligible_at: datetime
    fate: Fate
    certificate: str | None = None
    certificate_sha256: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class DisposalList:
    """What one run did. ``approved_by`` is None where nobody had to."""

    id: str
    centre: str
    listed_at: datetime
    finished_at: datetime
    proposed_by: str
    approved_by: str | None
    software: str
    lines: tuple[ListLine, ...]

    def __post_init__(self) -> None:
        """Refuse what could name a person."""
        named = (self.id, self.proposed_by, self.approved_by, *(value for one in self.lines for value in (one.recording, one.dossier)))
        if not all(value is None or is_identifier(value) for value in named):
            raise CertificateRefusedError("an id in a disposal list is not an identifier: use those of the registry")

    def sign(self, private: Ed25519PrivateKey) -> bytes:
        """Write the list as a note signed by the log key; the same list gives the same bytes."""
        return note.sign(f"{FORMAT}\n{canonical.encode(to_json(self)).decode('utf-8')}\n", SIGNER, private).encode()

    @classmethod
    def open(cls, data: bytes, public: Ed25519PublicKey) -> Self:
        """Read a signed list back; ``DisposalList.open(told.sign(key), key.public_key()) == told``.

        Raises:
            CertificateRefusedError: the bytes are not a list in its one form, or this key did not sign it.
        """
        try:
            found = Note.decode(data)
            if len(found.signatures) != 1 or found.check(SIGNER, public) is not Outcome.GOOD:
                raise CertificateRefusedError("the disposal list is not signed by this log key, or was changed")
            head, _, body = found.text.removesuffix("\n").partition("\n")
            if head != FORMAT:
                raise CertificateRefusedError(f"this note is not a disposal list ({FORMAT})")
            return from_json(cls, canonical.decode(body.encode("utf-8")))
        except JournalRefusedError as error:
            raise CertificateRefusedError(f"the disposal list cannot be read: {error}") from error


def disposal_list_pdf(told: DisposalList) -> bytes:
    """Draw the list in French. The same list gives the same bytes."""
    sheet = Sheet("Liste des destructions", told.centre, f"Liste {told.id}")
    sheet.heading(told.centre, f"Liste n° {told.id}")
    done = sum(one.fate in {Fate.DESTROYED, Fate.REPEATED} for one in told.lines)
    sheet.sentence(f"Liste établie le {_when(told.listed_at)}, terminée le {_when(told.finished_at)}.")
    sheet.row("Proposée par", words.who(told.proposed_by))
    sheet.row("Approuvée par", "non demandée" if told.approved_by is None else words.who(told.approved_by))
    sheet.row("Logiciel", f"Consigne {told.software.removeprefix('consigne-')}")
    sheet.row("Détruits et certifiés", f"{done} sur {len(told.lines)}")
    for number, one in enumerate(told.lines, 1):
        sheet.section(f"{number}. {one.recording}")
        sheet.row("Motif", words.CAUSES[one.cause])
        sheet.row("Destruction possible", f"à partir du {_when(one.eligible_at)}")
        sheet.row("Résultat", words.FATES[one.fate] + (f" ({one.why})" if one.why else ""))
        if one.certificate is not None:
            sheet.row("Certificat", one.certificate)
        if one.certificate_sha256 is not None:
            sheet.row("Son empreinte", one.certificate_sha256)
    return sheet.finish()


def _when(instant: datetime) -> str:
    return moment(instant.astimezone(UTC), Language.FR)
