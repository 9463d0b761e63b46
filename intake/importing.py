"""Attestations that the centre received on paper or by mail, and typed into a workbook, or got as files."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from consent import confined, files
from consent.declaration import ReadAttestation
from consent.notices import Notices
from consent.record import Source
from consent.rules import Expected, settle
from intake.answering import Answering
from intake.attesting import Attested, attest
from registry import sessions
from registry.clock import Clock, civil_date
from registry.codes import Language
from registry.database import Database
from registry.phrases import typeset
from registry.problems import Problem
from registry.sessions import File
from registry.tables import EvaluationSession

_LISTS = frozenset({"csv", "xlsx", "xlsm", "xls"})


@dataclass(frozen=True)
class Imported:
    """What one import did: how many were kept, known, refused, and each problem with its line.

    ``unread`` says that the file itself was refused, which counts as one.
    """

    kept: int
    known: int
    refused: int
    problems: tuple[tuple[int | None, str, str], ...]
    unread: bool = False

    def sentences(self) -> list[str]:
        """Return each problem in French: where, for whom, what and what to do."""
        colon = typeset(" : ", Language.FR)
        places = [", ".join(filter(None, (f"Ligne {line}" if line else "", reference))) for line, reference, _ in self.problems]
        return [f"{place}{colon}{said}" if place else said for place, (_, _, said) in zip(places, self.problems, strict=True)]


@dataclass(frozen=True)
class Importer:
    """Keeps the attestations of one file, each for the candidate that it names; a bad one never keeps the others out."""

    database: Database
    answering: Answering
    notices: Notices
    clock: Clock

    def take(self, evaluation: EvaluationSession, data: bytes, ending: str, actor: str) -> Imported:
        """Import one file into one session."""
        read, general = _read(data, ending)
        counts = dict.fromkeys(Attested, 0)
        problems = [told for problem in general for told in _said(problem.line, "", (problem,))]
        faults = sum(not problem.warning for problem in general)
        unread = faults > 0 and not read
        refused = 1 if unread else faults
        for one in read:
            outcome, said = self._one(evaluation, one, actor)
            if outcome is not None:
                counts[outcome] += 1
            refused += outcome is None
            problems += said
        return Imported(counts[Attested.KEPT] + counts[Attested.CONFLICT], counts[Attested.KNOWN], refused, tuple(problems), unread)

    def _one(
        self, evaluation: EvaluationSession, one: ReadAttestation, actor: str
    ) -> tuple[Attested | None, list[tuple[int | None, str, str]]]:
        reference = one.declaration.candidate_reference if one.declaration else None
        if one.declaration is None or not reference or any(not problem.warning for problem in one.problems):
            return None, _said(one.line, reference, one.problems) or [(one.line, "", "La référence du candidat manque : ajoutez-la.")]
        with self.database.reading() as session:
            file = sessions.file_in_folder(session, evaluation.code, reference)
        if file is None:
            return None, [(one.line, reference, "Aucun candidat de cette session n’a cette référence : vérifiez-la.")]
        # what a coordinator types in names the candidate; the client's reference and the session are the dossier's
        said = replace(one.declaration, session=one.declaration.session or evaluation.code)
        expected = Expected(evaluation.code, file.candidate.reference, file.dossier.client_reference)
        settled = settle(said, expected, self.notices, today=civil_date(self.clock.now()), source=Source.IMPORT)
        if settled.record is None:
            return None, _said(one.line, reference, settled.problems)
        with self.database.transaction(self.clock.now(), actor) as tx:
            fresh: File = sessions.file_of(tx.session, file.dossier.id)
            outcome = attest(tx, fresh, settled.record, self.answering)
        conflict = [(one.line, reference, "Cette attestation en contredit une autre : le candidat tranchera par le formulaire.")]
        return outcome, conflict if outcome is Attested.CONFLICT else []


def _read(data: bytes, ending: str) -> tuple[tuple[ReadAttestation, ...], tuple[Problem, ...]]:
    if ending in _LISTS:
        found = files.read_list(data)
        return found.attestations, found.problems
    return (ReadAttestation.from_json(confined.read_attestation(data, ending=ending)),), ()


def _said(line: int | None, reference: str | None, problems: Iterable[Problem]) -> list[tuple[int | None, str, str]]:
    return [(line, reference or "", f"{problem.message(Language.FR)} {problem.remedy(Language.FR)}") for problem in problems]
