"""The last steps of the demonstration: each proof is tried, and each forgery."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from consigne import demo_proofs
from consigne.demo_days import Chronicle
from consigne.demo_index import Link
from consigne.settings import Settings
from journal.checkpoint import Signed
from storage.signing import parse_public


@dataclass(frozen=True)
class Proving:
    """Tries the proofs, offline: nothing of the centre runs any more."""

    settings: Settings
    directory: Path
    chronicle: Chronicle

    def certificates(self, paths: Sequence[Path]) -> None:
        """Verify every certificate, and one in which a byte was changed."""
        key = self.settings.identity.log_public
        public = parse_public(key)
        (self.directory / "cle-du-journal.txt").write_text(f"{key}\n", "utf-8")
        ours = [demo_proofs.verdict(path.read_bytes(), public) for path in paths]
        theirs = [found for path in paths if (found := demo_proofs.auditor(path, key)) is not None]
        by = "two verifiers" if theirs else "our verifier; the auditors’ is not at hand"
        self.chronicle.tell(
            f"{sum(one.holds for one in ours)} certificates verified offline, from one file each, by {by}",
            f"{sum(one.holds for one in ours)} certificats vérifiés hors ligne",
            (
                "Chacun se vérifie avec son seul fichier et la clé publique du journal, sans Consigne et sans réseau.",
                *(("Le vérificateur destiné aux auditeurs (moins de 150 lignes) dit la même chose.",) if theirs else ()),
            ),
            [Link("Clé publique du journal", "cle-du-journal.txt")],
            expected=bool(ours) and all(one.holds for one in [*ours, *theirs]),
        )
        forged = self.directory / "certificats" / "faux.json"
        found = demo_proofs.verdict(demo_proofs.forge(forged, paths[0]), public)
        other = demo_proofs.auditor(forged, key)
        self.chronicle.tell(
            "a certificate in which one byte was changed does not hold",
            "Un certificat falsifié ne tient pas",
            ("Un seul octet changé : le jour de la destruction. Les vérificateurs répondent :",),
            [Link("Le faux certificat", "certificats/faux.json")],
            [one.said for one in (found, other) if one is not None],
            expected=not found.holds and (other is None or not other.holds),
        )

    def journal(self, journal: Path, older: Sequence[Signed]) -> None:
        """Verify the journal's export, and one in which an entry was edited."""
        public = parse_public(self.settings.identity.log_public)
        report = demo_proofs.verify_journal(journal, public, older)
        edited = self.directory / "journal-modifie.txt"
        demo_proofs.edit_journal(edited, journal)
        faults = demo_proofs.verify_journal(edited, public, older).faults
        self.chronicle.tell(
            f"the journal's export holds: {report.size} entries, in line with the checkpoint of the first day",
            f"L’export du journal tient : {report.size} écritures",
            ("Vérifié avec la clé publique, et avec le point de contrôle gardé dehors le premier jour.",),
            [Link("Export du journal", "journal.txt")],
            expected=report.holds and bool(older),
        )
        self.chronicle.tell(
            f"an export in which one entry was edited does not hold: entry {faults[0].index if faults else '-'}",
            "Un export modifié ne tient pas",
            ("L’auteur d’une écriture a été changé. Le vérificateur dit laquelle :",),
            [Link("L’export modifié", "journal-modifie.txt")],
            [one.detail for one in faults[:1]],
            expected=bool(faults),
        )

    def search(self, words: Sequence[str]) -> None:
        """Look for what named the candidates in everything that the centre has."""
        found = demo_proofs.search(self.settings.home, words)
        where = sorted({name for names in found.found.values() for name in names})
        self.chronicle.tell(
            f"searched: {found.files} files of the centre, {found.size // 1000} kB; names, addresses, file names found: {len(found.found)}",
            "Plus aucun nom de candidat dans le centre",
            (
                f"{found.files} fichiers lus, {found.size // 1000} Ko : base, coffres, objets, journal, dossiers de dépôt, mails.",
                f"Noms, adresses et noms de fichiers retrouvés : {len(found.found)}.",
                *where,
            ),
            expected=not found.found,
        )
