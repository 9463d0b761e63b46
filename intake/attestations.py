"""An attestation file in a candidate's folder: read in the confined process, settled against the dossier, answered.

The file stays where it lies, read or not, until the dossier is cleared.
"""

from dataclasses import dataclass, fields

from consent.declaration import Declaration, ReadAttestation
from consent.notices import Notices
from consent.record import ConsentRecord, Source
from consent.rules import Expected, settle
from intake import claims, ruling
from intake.answering import Answering
from intake.attesting import Attested, attest, waiting
from intake.claims import Claim
from intake.reading import Bytes
from intake.sorting import extension
from registry.clock import Clock, civil_date
from registry.codes import Code
from registry.database import Database, Transaction
from registry.problems import Problem
from registry.sessions import File
from registry.tables import DepositState, Dossier

READ = "ATTESTATION_READ"


@dataclass(frozen=True)
class Reading:
    """What one file said of this dossier: a record, or why there is none."""

    record: ConsentRecord | None
    code: Code | None
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True)
class Attestations:
    """Takes in the attestations that candidates put into their folders."""

    database: Database
    answering: Answering
    notices: Notices
    clock: Clock
    actor: str

    def take(self, claim: Claim, file: File, data: Bytes, read: ReadAttestation | None) -> Attested | None:
        """Keep what a file says, or answer what is wrong with it. None is returned for a file that says nothing new or usable."""
        source = Source.PDF if extension(claim.sighting.place.name) == b"pdf" else Source.FILE
        found = self.reading(file, read, source)
        outcome = None
        with self.database.transaction(self.clock.now(), self.actor) as tx:
            row = claims.ours(tx.session, claim)
            row.dossier_id, row.sha256 = file.dossier.id, data.sha256
            claims.withdraw(tx.session, claim.sighting.key)  # what lay there before was told otherwise
            code = found.code
            if found.record is not None:
                outcome = self._keep(tx, claim, file, found.record)
                code = Code.ATTESTATION_CONFLICT if outcome is Attested.CONFLICT else None
            if code is not None:
                self.answering.not_taken(tx, claim.sighting.place, file, code, problems=found.problems)
            claims.settle(row, DepositState.LEFT, code or READ)
        return outcome

    def _keep(self, tx: Transaction, claim: Claim, file: File, record: ConsentRecord) -> Attested:
        """Keep a record; where no recording waited for it, and so none is answered, confirm that it was read."""
        tx.lock(Dossier, file.dossier.id)
        ahead = not waiting(tx, file)
        outcome = attest(tx, file, record, self.answering)
        if outcome is Attested.KEPT and ahead:
            kept = next(one for one in reversed(ruling.attestations_of(tx, file.dossier.id)) if one.record == record.to_json())
            notice = self.notices.get(record.notice_id)
            title = notice.title.text(file.language) if notice else record.notice_id
            self.answering.attested(tx, file, claim.sighting.place, kept.id, record, title)
        return outcome

    def reading(self, file: File, read: ReadAttestation | None, source: Source) -> Reading:
        """Settle what was read against the dossier that it lies in."""
        if read is None or read.for_a_person:
            return Reading(None, Code.ATTESTATION_UNREADABLE, read.problems if read else ())
        if not read.ours:
            return Reading(None, Code.NOT_A_DEPOSIT)
        if not read.problems and _blank(read.declaration):
            return Reading(None, None)
        problems = read.problems
        if read.declaration is not None and all(problem.warning for problem in problems):
            expected = Expected(file.session.code, file.candidate.reference, file.dossier.client_reference)
            settled = settle(read.declaration, expected, self.notices, today=civil_date(self.clock.now()), source=source)
            if settled.record is not None:
                return Reading(settled.record, None)
            problems = settled.problems
        return Reading(None, Code.ATTESTATION_INCOMPLETE, problems)


def _blank(said: Declaration | None) -> bool:
    """Tell an attestation that nobody has filled in yet: only what we wrote into it is there."""
    prefilled = {"session", "candidate_reference", "client_reference"}
    return said is None or all(getattr(said, field.name) in {None, False} for field in fields(said) if field.name not in prefilled)
