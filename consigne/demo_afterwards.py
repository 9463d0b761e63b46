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

from consigne import demo_compliance, demo_proofs, folders
from consigne.demo_days import Chronicle, Days
from consigne.demo_decisions import Desk, fill_sheet, staff
from consigne.demo_deposits import wait_for
from consigne.demo_index import Link
from consigne.demo_listening import Browser
from consigne.demo_mailboxes import Mailboxes, Received, link_in
from consigne.demo_parts import DemoClock, DemoParts, at, attached
from consigne.demo_proving import Proving
from consigne.running import Running
from consigne.settings import Settings
from journal import checkpoints
from journal.checkpoint import Signed
from notifications.replies import Held
from registry.clock import civil_date
from registry.codes import Answer, Language
from registry.phrases import long_date
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Recording

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
    _evaluator: str = ""
    days: Days = field(init=False)

    def __post_init__(self) -> None:
        """Prepare the days."""
        named = {key: one.reference for one in self.cases for key in (one.recording.id, one.file.candidate.id)}
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
        mail = self._sent(parts, desk.user_id, "listening")
        browser = Browser(link_in(mail.text, "e"))
        heard = browser.opens() and browser.presses() and self._hears(browser, one, 0)
        desk.refuse(parts, one.recording.id, "Personne ne parle sur cet enregistrement.")
        silent = browser.range(one.recording.id, 0, 0)[0]
        answer = self._sent(parts, one.file.candidate.id, "answer.refused")
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
            self._answer(parts, self.accepted[0], "detruit", [Held.DESTROYED])
            self._answer(parts, held, "suspendu", [Held.HELD])
            self._rule(parts, held, appeal)
            self.days.go_through(parts)
            self._check(parts, self.cases, "all")
            self._register(parts)
            parts.anchors.anchor(self.clock.now())
            journal = self.directory / "journal.txt"
            demo_proofs.export_journal(parts.database, journal)
        proving = Proving(self.settings, self.directory, self.chronicle)
        proving.certificates([self.days.certificates[one.recording.id] for one in self.cases if one.recording.id in self.days.certificates])
        proving.journal(journal, [self.checkpoint] if self.checkpoint else [])
        proving.search(self._names())
        return self.chronicle.holds

    def cases_but(self, others: Sequence[Case]) -> list[Case]:
        """Return every case but some."""
        return [one for one in self.cases if one not in others]

    @contextmanager
    def _opened(self) -> Iterator[DemoParts]:
        """Open the centre with nothing running but its store."""
        parts = attached(self.settings, self.clock)
        try:
            yield parts
        finally:
            parts.close()

    def _running(self, moment: datetime, act: Callable[[DemoParts], None]) -> None:
        """Let the centre run at one moment, as ``up`` does. It stops before the clock moves on."""
        self.clock.go_on_to(moment)
        parts = attached(self.settings, self.clock)
        with Running(parts, watch=False, store=False):
            act(parts)

    def _desk(self, parts: DemoParts) -> Desk:
        return staff(parts, parts.settings.centre.contact_mail)

    def _sent(self, parts: DemoParts, person_id: str, kind: str) -> Received:
        """Send what is queued, unless the running centre was faster; return the mail of that kind that a person has just received."""
        before = self.mailboxes.count(person_id, kind)
        folders.write_now(parts)
        wait_for(lambda: self.mailboxes.collect(parts) == [] and self.mailboxes.count(person_id, kind) > before)
        return self.mailboxes.newest(person_id, kind)

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
        self._evaluator = self._desk(parts).assign(parts, [one.file for one in self.accepted], ids)
        mail = self._sent(parts, self._evaluator, "listening")
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
        mail = self._sent(parts, self._evaluator, "listening.again")
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
        posted = self._decided + _CONTESTED - timedelta(days=2)
        done = self._desk(parts).contest(parts, one.file.dossier.id, posted)
        mail = self._sent(parts, self._desk(parts).user_id, "recourse")
        self.chronicle.tell(
            f"{one.reference} contests the decision, in time: its destruction is suspended by a hold",
            f"{one.reference} conteste, dans le délai : destruction suspendue",
            (f"Cachet de la poste du {long_date(posted, Language.FR)} ; reçu aujourd’hui. Qui en est averti le lit dans son mail.",),
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

    def _answer(self, parts: DemoParts, one: Case, name: str, wanted: list[Held]) -> None:
        """A client asks what became of his call."""
        assert one.recording.call_date is not None
        found, link = demo_compliance.answer_client(parts, self.directory, f"reponse-{name}", one.recording.call_date)
        said = " ".join(found) or "not held"
        self.chronicle.tell(
            f"a client asks for his call of {one.recording.call_date} ({one.reference}): {said}",
            f"Un client demande ce qu’est devenu son appel ({one.reference})",
            (f"Il ne donne que la date de l’appel : {long_date(one.recording.call_date, Language.FR)}.",),
            [link],
            expected=found == wanted,
        )

    def _register(self, parts: DemoParts) -> None:
        """The compliance officer's register, once all is over."""
        count, links = demo_compliance.write_register(parts, self.directory)
        self.chronicle.tell(
            f"the register names {count} destructions",
            f"Le registre compte {count} destructions",
            links=links,
            expected=count == len(self.cases),
        )

    def _names(self) -> list[str]:
        people = [one.file.candidate for one in self.cases]
        return [*(one.family_name for one in people), *(one.mail for one in people), *(one.file_name for one in self.cases)]
