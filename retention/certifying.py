"""Step 7 of the gate: the certificate of one destruction, assembled, stored and told of. Safe to repeat.

1. the entry that completed the destruction, and the facts whose hash it holds
2. a checkpoint that covers it: the newest there is, or one signed now
3. the proof that the entry is under that checkpoint; the certificate
4. stored with its mails, in one transaction
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from journal import checkpoints, log
from registry.database import Database
from registry.tables import Destruction
from retention import certificates
from retention.certificate_facts import CertificateFacts
from retention.errors import CertificateRefusedError

Sign = Callable[[datetime], object]
"""Signs the journal as it stands, and keeps the checkpoint."""
Post = Callable[[Session, Destruction, CertificateFacts, datetime], None]
"""Queues the mails that carry a certificate."""


@dataclass(frozen=True)
class Certifier:
    """Makes certificates. The caller's last transaction must have committed."""

    database: Database
    sign: Sign
    post: Post

    def __call__(self, destruction_id: str, now: datetime) -> None:
        """Make the certificate of a destruction that was completed; one that is stored stays as it is.

        Raises:
            CertificateRefusedError: the row and the journal do not belong together.
            JournalRefusedError, JournalDamagedError: the journal cannot be signed.
        """
        with self.database.reading() as session:
            row = session.get_one(Destruction, destruction_id)
            if row.certificate is not None:
                return
            if row.facts is None:
                raise CertificateRefusedError("this destruction is not completed: it has no facts to certify")
            facts = CertificateFacts.decode(row.facts.encode("utf-8"))  # 1
            entry = _completion(session, row)
            signed = checkpoints.covering(session.connection(), entry.index)
        if signed is None:  # 2
            self.sign(now)
        with self.database.reading() as session:
            connection = session.connection()
            kept = checkpoints.covering(connection, entry.index)
            if kept is None:
                raise CertificateRefusedError("no checkpoint covers this destruction: the journal was not signed")
            proof = log.inclusion_proof(connection, entry.index, kept.size)  # 3
        certificate = certificates.assemble(facts, entry.entry, entry.index, proof, kept.signed)
        with self.database.bookkeeping() as session:  # 4
            row = session.get_one(Destruction, destruction_id, with_for_update=True)
            row.certificate, row.checkpoint_size, row.completed_index = certificate, kept.size, entry.index
            self.post(session, row, facts, now)


def _completion(session: Session, row: Destruction) -> log.Recorded:
    about = log.entries_about(session.connection(), row.recording_id)
    found = [one for one in about if one.entry.kind == certificates.COMPLETED and one.entry.facts.get("facts_sha256") == row.facts_sha256]
    if not found:
        raise CertificateRefusedError("no entry of the journal holds the hash of these facts: run the check of the journal")
    return found[-1]
