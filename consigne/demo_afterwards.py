"""The second half of the demonstration: who listens, the decision, an appeal, the destructions and their proofs; it moves the clock.

1. the day of the deposits: a coordinator listens to what software could not settle, and refuses it
2. what was refused, or never attested, is destroyed in its own time
3. three days before the hearing a member of the committee listens, and seeks
4. the day after the hearing the jury decides, while he listens: he is cut off
5. the letters are handed over; one candidate contests in time, and his recording is held
6. notices 30, 7 and 1 days ahead; then the destructions
7. the appeal is ruled on; it has a notification and two months of its own; then that recording too
8. certificates, a forged one, the journal, and a search for the candidates' names
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from http.client import NOT_FOUND, PARTIAL_CONTENT
from pathlib import Path

from consigne import demo_proofs, folders
from consigne.demo_clock import DemoClock, DemoParts, at
from consigne.demo_days import Chronicle, Days
from consigne.demo_decisions import Desk, fill_sheet, staff
from consigne.demo_index import Link
from consigne.demo_listening import Browser
from consigne.demo_mailboxes import Mailboxes, Received, link_in
from consigne.running import Running
from consigne.settings import Settings
from journal import checkpoints
from journal.checkpoint import Signed
from registry.clock import civil_date
from registry.codes import Answer
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Recording
from storage.signing import parse_public

_SEEK = 65_536
_ASSIGNED_BEFORE, _ASKED_AFTER = timedelta(days=3), timedelta(days=1)
_LETTER, _RECORDED, _CONTESTED, _RULED, _RECORDED_AGAIN = (timedelta(days=days) for days in (1, 6, 36, 110, 5))
"""Days after the jury's decision; the last one, after the ruling."""


@dataclass(frozen=True)
class Case:
    """One candidate's deposit, as the first half left it."""

    file: File
    recording: Recording
    file_name: str
    content: bytes

    @property
    def reference(self) -> str:
        """The candidate's reference, as people name him."""
        return self.file.candidate.reference


@dataclass
class Afterwards:
    """Plays it. ``checkpoint`` is what somebody outside kept of the journal on the first day."""

    settings: Settings
    clock: DemoClock
    chronicle: Chronicle
    mailboxes: Mailboxes
    directory: Path
    cases: Sequence[Case]
    checkpoint: Signed | None = None
    _browser: Browser | None = None
    days: Days = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the days."""
        named = {one.recording.id: one.reference for one in self.cases}
        self.days = Days(self.directory, self.clock, self.chronicle, self.mailboxes, named)

    @property
    def home(self) -> Path:
        """The centre's directory."""
        return self.settings.home

    @property
    def accepted(self) -> list[Case]:
        """Those who go to the hearing."""
        return [one for one in self.cases if one.recording.answer is Answer.RECEIVED]

    @property
    def hearing(self) -> date:
        """The day of the hearing."""
        return self.cases[0].file.hearing_on

    def review(self, parts: DemoParts) -> None:
        """1: in the centre that still runs."""
        desk = self._desk(parts)
        one = next(case for case in self.cases if case.recording.answer is Answer.TO_REVIEW)
        desk.send_link_to_review(parts, one.recording)
        mail = self._sent(parts, desk.user_id)
        browser = Browser(link_in(mail.text, "e"))
        heard = browser.opens() and browser.presses() and self._hears(browser, one, 0)
        desk.refuse(parts, one.recording.id, "Personne ne parle sur cet enregistrement.")
        silent = browser.range(one.recording.id, 0, 0)[0]
        answer = self._sent(parts, one.file.candidate.id)
        self.chronicle.tell(
            f"the coordinator hears {one.reference} by the link in her mail, refuses it, hears it no more (HTTP {silent})",
            f"{one.reference} : la coordination écoute, puis refuse",
            ("Le fichier avait été envoyé à vérifier : personne n’y parle. Une fois refusé, il ne s’écoute plus.",),
            [mail.link, answer.link],
            expected=heard and silent == NOT_FOUND,
        )

    def play(self) -> bool:
        """2 to 8: return whether every step gave what it should."""
        with self._opened() as parts:
            self._first_evening(parts)
            self.days.go_through(parts, at(self.hearing - _ASSIGNED_BEFORE))
            self._check(parts, self.cases_but(self.accepted), "refused or never attested")
        self._running(at(self.hearing - _ASSIGNED_BEFORE), self._listen)
        self._running(at(self.hearing + _ASKED_AFTER, 14), self._decide)
        with self._opened() as parts:
            self._letters(parts)
            held, appeal = self._contest(parts)
            self.days.go_through(parts)
            self._check(parts, self.cases_but([held]), "all but the one that an appeal holds")
            self._rule(parts, held, appeal)
            self.days.go_through(parts)
            self._check(parts, self.cases, "all")
            parts.anchors.anchor(self.clock.now())
            journal = self.directory / "journal.txt"
            demo_proofs.export_journal(parts.database, journal)
        self._prove_certificates()
        self._prove_journal(journal)
        self._search()
        return self.chronicle.holds

    def cases_but(self, others: Sequence[Case]) -> list[Case]:
        """Return every case but some."""
        return [one for one in self.cases if one not in others]

    @contextmanager
    def _opened(self) -> Iterator[DemoParts]:
        """Open the centre with nothing running but its store."""
        parts = DemoParts(self.settings, self.clock)
        assert parts.embedded is not None
        try:
            with parts.embedded:
                yield parts
        finally:
            parts.close()

    def _running(self, moment: datetime, act: Callable[[DemoParts], None]) -> None:
        """Let the centre run at one moment, as ``up`` does. It stops before the clock moves on."""
        self.clock.go_on_to(moment)
        parts = DemoParts(self.settings, self.clock)
        with Running(parts, watch=False):
            act(parts)

    def _desk(self, parts: DemoParts) -> Desk:
        return staff(parts, parts.settings.centre.contact_mail)

    def _sent(self, parts: DemoParts, person_id: str) -> Received:
        """Send what is queued, and return what a person received last."""
        folders.write_now(parts)
        self.mailboxes.collect(parts)
        return self.mailboxes.newest(person_id)

    def _hears(self, browser: Browser, one: Case, start: int) -> bool:
        """Tell whether a range comes with 206, and is what was deposited."""
        status, got = browser.range(one.recording.id, start, start + _SEEK - 1)
        return status == PARTIAL_CONTENT and got == one.content[start : start + _SEEK]

    def _first_evening(self, parts: DemoParts) -> None:
        found = demo_proofs.search(self.home, self._names())
        people = {one.file.candidate.family_name for one in self.cases}
        known = len(people & found.found.keys())
        self.days.live(parts)
        with parts.database.reading() as session:
            kept = checkpoints.newest(session.connection())
        self.checkpoint = kept.signed if kept else None
        self.chronicle.tell(
            f"a search of the whole centre finds {known} of {len(people)} candidates by name, while they are needed",
            "Une recherche dans tout le centre trouve les noms des candidats",
            (f"{found.files} fichiers lus. La même recherche sera refaite à la fin.",),
            expected=known == len(people) and self.checkpoint is not None,
        )

    def _listen(self, parts: DemoParts) -> None:
        """3."""
        ids = [one.recording.id for one in self.accepted]
        evaluator = self._desk(parts).assign(parts, [one.file for one in self.accepted], ids)
        mail = self._sent(parts, evaluator.id)
        browser = self._browser = Browser(link_in(mail.text, "e"))
        shown = browser.opens()
        unsigned = browser.range(ids[0], 0, 0)[0]
        signed = browser.presses()
        self.chronicle.tell(
            f"{len(ids)} recordings given to a member of the committee; his link shows a button, which signs him in",
            f"{len(ids)} enregistrements mis à disposition d’un membre du CTE",
            ("Le lien de son mail montre un bouton ; c’est le bouton qui ouvre la salle d’écoute, jamais le lien seul.",),
            [mail.link],
            expected=shown and signed and unsigned == NOT_FOUND and browser.listed() == ids,
        )
        one = self.accepted[0]
        middle = len(one.content) // 2
        self.chronicle.tell(
            f"he listens to {one.reference} and seeks to the middle, byte {middle}: 206, the bytes that were deposited",
            f"Il écoute {one.reference}, puis avance au milieu",
            (f"Réponse 206, octets {middle} à {middle + _SEEK - 1}, déchiffrés à la volée : ceux qui avaient été déposés.",),
            expected=self._hears(browser, one, 0) and self._hears(browser, one, middle),
        )

    def _decide(self, parts: DemoParts) -> None:
        """4."""
        assert self._browser is not None
        one = max(self.accepted, key=lambda case: len(case.content))
        over = self._browser.range(one.recording.id, 0, 0)[0]
        again = self._browser.asks_again()
        evaluator = self.mailboxes.received[-1].person_id
        mail = self._sent(parts, evaluator)
        browser = Browser(link_in(mail.text, "e"))
        self.chronicle.tell(
            "four days later his session is over; the page of his used link sends him another",
            "Sa session est terminée ; la page de son lien lui en envoie un nouveau",
            links=[mail.link],
            expected=over == NOT_FOUND and again and browser.opens() and browser.presses(),
        )
        playing = browser.plays(one.recording.id)
        playing.hears(100_000)
        changes = self._take(parts, "Décisions du jury.xlsx", {"decided_on": civil_date(self.clock.now())})
        cut = playing.ends()
        refused = browser.range(one.recording.id, 0, 0)[0]
        genuine = one.content.startswith(playing.heard)
        part = f"{len(playing.heard)} of {playing.announced} bytes"
        self.chronicle.tell(
            f"the jury decides while he plays {one.reference}: cut off after {part}, then HTTP {refused}",
            f"Le jury décide pour {len(changes)} candidats ; l’écoute en cours s’arrête",
            (
                f"{one.reference} était écouté à ce moment : {len(playing.heard)} octets reçus sur {playing.announced}, puis plus rien.",
                "Les dates viennent d’un classeur, pour toute la session ; le résultat n’y figure pas.",
            ),
            [Link("Décisions du jury (Excel)", "D%C3%A9cisions%20du%20jury.xlsx")],
            expected=cut and genuine and refused == NOT_FOUND and browser.listed() == [] and len(changes) == len(self.accepted),
        )

    def _take(self, parts: DemoParts, name: str, cells: dict[str, str | date]) -> list[str]:
        references = [one.file.dossier.folder for one in self.cases]
        decided = [one.file.dossier.folder for one in self.accepted]
        sheet = fill_sheet(self.directory / name, references, decided, cells)
        return [str(one) for one in self._desk(parts).take_sheet(parts, self.cases[0].file.session.code, sheet)]

    @property
    def _decided(self) -> date:
        return self.hearing + _ASKED_AFTER

    def _letters(self, parts: DemoParts) -> None:
        """5, the letters."""
        self.clock.go_on_to(at(self._decided + _RECORDED))
        handed_over = self._decided + _RECORDED - timedelta(days=1)
        cells: dict[str, str | date] = {
            "decided_on": self._decided,
            "channel": "recommandé",
            "sent_on": self._decided + _LETTER,
            "handed_over_on": handed_over,
            "proof": "avis de remise",
        }
        changes = self._take(parts, "Décisions et notifications.xlsx", cells)
        self.days.live(parts)
        self.chronicle.tell(
            f"{len(changes)} letters handed over on {handed_over}: two months to contest begin",
            f"{len(changes)} notifications remises : le délai pour contester commence",
            ("Le classeur de la session, complété : envoi, remise, preuve.",),
            [Link("Décisions et notifications (Excel)", "D%C3%A9cisions%20et%20notifications.xlsx")],
            expected=changes == ["recorded"] * len(self.accepted),
        )

    def _contest(self, parts: DemoParts) -> tuple[Case, str]:
        """5, the appeal."""
        one = self.accepted[1]
        moment = at(self._decided + _CONTESTED)
        self.days.go_through(parts, moment)
        self.clock.go_on_to(moment)
        done = self._desk(parts).contest(parts, one.file.dossier.id, self._decided + _CONTESTED - timedelta(days=2))
        mail = self._sent(parts, self._desk(parts).user_id)
        self.chronicle.tell(
            f"{one.reference} contests the decision, in time: its destruction is suspended by a hold",
            f"{one.reference} conteste, dans le délai : destruction suspendue",
            (f"Cachet de la poste du {done.appeal.postmark_on}, reçu le {done.appeal.received_on}.",),
            [mail.link],
            expected=done.appeal.in_time is True and done.hold is not None,
        )
        return one, done.appeal.id

    def _rule(self, parts: DemoParts, one: Case, appeal_id: str) -> None:
        """7."""
        ruled = self._decided + _RULED
        self.clock.go_on_to(at(ruled))
        desk = self._desk(parts)
        desk.rule(parts, appeal_id)
        self.days.live(parts)
        early = one.recording.id in self.days.certificates
        self.chronicle.tell(
            f"the appeal of {one.reference} is ruled on: a new decision, with its own notification; the hold is released",
            f"Le recours de {one.reference} est tranché : nouvelle décision",
            ("La suspension est levée, et rien n’est détruit pour autant : il faut une nouvelle notification, et deux mois.",),
            expected=not early,
        )
        self.clock.go_on_to(at(ruled + _RECORDED_AGAIN))
        desk.hand_over(parts, one.file.dossier.id)
        self.chronicle.tell(
            f"its letter was handed over: {one.reference} has two months of its own", f"Notification remise à {one.reference}"
        )

    def _check(self, parts: DemoParts, wanted: Sequence[Case], said: str) -> None:
        """Tell whether exactly these recordings are destroyed, each with its certificate, and the others are not."""
        ids = {one.recording.id for one in wanted}
        with parts.database.reading() as session:
            gone = {
                one.recording.id for one in self.cases if session.get_one(Recording, one.recording.id).state is RecordingState.DESTROYED
            }
        self.chronicle.tell(
            f"{len(gone)} of {len(self.cases)} recordings are destroyed and certified: {said}",
            f"{len(gone)} enregistrements sur {len(self.cases)} sont détruits",
            expected=gone == ids == self.days.certificates.keys(),
        )

    def _prove_certificates(self) -> None:
        """8, the certificates."""
        key = self.settings.identity.log_public
        public = parse_public(key)
        (self.directory / "cle-du-journal.txt").write_text(f"{key}\n", "utf-8")
        paths = [self.days.certificates[one.recording.id] for one in self.cases if one.recording.id in self.days.certificates]
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
            expected=len(ours) == len(self.cases) and all(one.holds for one in [*ours, *theirs]),
        )
        forged = self.directory / "certificats" / "faux.json"
        found = demo_proofs.verdict(demo_proofs.forge(forged, paths[0]), public)
        other = demo_proofs.auditor(forged, key)
        self.chronicle.tell(
            "a certificate in which one byte was changed does not hold",
            "Un certificat falsifié ne tient pas",
            (
                "Un seul octet changé : le jour de la destruction. Le vérificateur répond :",
                found.said,
                *((other.said,) if other else ()),
            ),
            [Link("Le faux certificat", "certificats/faux.json")],
            expected=not found.holds and (other is None or not other.holds),
        )

    def _prove_journal(self, journal: Path) -> None:
        """8, the journal."""
        public = parse_public(self.settings.identity.log_public)
        older = [self.checkpoint] if self.checkpoint else []
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
        first = f"écriture {faults[0].index} : {faults[0].detail}" if faults else "aucune anomalie"
        self.chronicle.tell(
            f"an export in which one entry was edited does not hold: entry {faults[0].index if faults else '-'}",
            "Un export modifié ne tient pas",
            ("L’auteur d’une écriture a été changé. Le vérificateur répond :", first),
            [Link("L’export modifié", "journal-modifie.txt")],
            expected=bool(faults),
        )

    def _names(self) -> list[str]:
        people = [one.file.candidate for one in self.cases]
        return [*(one.family_name for one in people), *(one.mail for one in people), *(one.file_name for one in self.cases)]

    def _search(self) -> None:
        """8, the search."""
        found = demo_proofs.search(self.home, self._names())
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
