"""The days of the demonstration: what a centre's sweeps do on each date that matters, and the time line of what happened."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import quote

from sqlmodel import col, select

from consigne.demo_index import Event, Link
from consigne.demo_mailboxes import Mailboxes, Received
from consigne.demo_parts import DemoClock, DemoParts, at
from consigne.sweeps import Sweeps
from registry.clock import civil_date
from registry.tables import Announcement, Destruction, DisposalRun, Dossier
from retention import due
from retention.certificate_lists import DisposalList, disposal_list_pdf
from retention.certificate_pdf import certificate_pdf
from retention.certificate_words import CAUSES
from retention.facts import Cause, Eligible
from storage.signing import parse_public

_AHEAD = (30, 7, 1)
_SOON = timedelta(minutes=5)
_FAR = timedelta(days=400)


@dataclass
class Chronicle:
    """Says each step as it ends, and keeps it for the page."""

    clock: DemoClock
    say: Callable[[str], None]
    events: list[Event] = field(default_factory=list)

    def tell(
        self,
        english: str,
        title: str,
        lines: Sequence[str] = (),
        links: Sequence[Link] = (),
        quotes: Sequence[str] = (),
        *,
        expected: bool = True,
    ) -> None:
        """Say one step, and whether it gave what it should."""
        now = self.clock.now()
        self.events.append(Event(now, title, lines, links, quotes, expected))
        self.say(f"{civil_date(now)}  {english:<96} {'as expected' if expected else 'UNEXPECTED'}")

    @property
    def holds(self) -> bool:
        """Whether every step gave what it should."""
        return all(one.expected for one in self.events)


@dataclass
class Days:
    """Lives one date after another on a centre that nothing else runs.

    ``references`` names each recording, and each candidate, as people do.
    """

    directory: Path
    clock: DemoClock
    chronicle: Chronicle
    mailboxes: Mailboxes
    references: Mapping[str, str]
    certificates: dict[str, Path] = field(default_factory=dict)
    _announced: set[str] = field(default_factory=set)
    _listed: set[str] = field(default_factory=set)
    _cleared: int = 0

    def go_through(self, parts: DemoParts, until: datetime | None = None) -> None:
        """Go from one date that matters to the next: each notice's, then that of the destruction; no further than ``until``."""
        while (moment := self._next(parts)) is not None and (until is None or moment < until):
            self.clock.go_on_to(moment)
            self.live(parts)

    def live(self, parts: DemoParts) -> list[Received]:
        """Do once what a running centre does all day, and tell what came of it; return the mails that were sent."""
        sweeps = Sweeps(parts, parts.intake())
        before = len(self.mailboxes.received)
        for sweep in (
            sweeps.remind,
            sweeps.announce,
            sweeps.send_mail,
            sweeps.announce,
            sweeps.destroy,
            sweeps.report,
            sweeps.comply,
            sweeps.anchor,
        ):
            sweep()
        sweeps.send_mail()
        self.mailboxes.collect(parts)
        for sweep in (sweeps.clear, sweeps.check_journal, sweeps.alert, sweeps.send_mail, sweeps.anchor):
            sweep()
        self.mailboxes.collect(parts)
        mails = self.mailboxes.received[before:]
        self._tell(parts, mails)
        return mails

    def _next(self, parts: DemoParts) -> datetime | None:
        choices, now = parts.settings.retention.choices, self.clock.now()
        due.recompute(parts.database, choices)
        with parts.database.reading() as session:
            found = [one for one in due.due(session, now + _FAR, choices) if isinstance(one.found, Eligible)]
        told = [one for one in found if one.cause.waits_for_notice]
        moments = {at(civil_date(one.eligible_at) - timedelta(days=days)) for one in told for days in _AHEAD}
        moments |= {one.eligible_at + _SOON for one in found}
        return min((one for one in moments if one > now), default=None)

    def _tell(self, parts: DemoParts, mails: Sequence[Received]) -> None:
        alerts = [one for one in mails if one.kind.startswith("alert")]
        self._tell_notices(parts, mails)
        self._tell_destructions(parts, mails)
        if alerts:
            codes = ", ".join(sorted({one.kind for one in alerts}))
            self.chronicle.tell(f"alerts: {codes}", "Alerte", links=_links(alerts), expected=False)
        with parts.database.reading() as session:
            cleared = len(session.exec(select(Dossier.id).where(col(Dossier.cleared_at).is_not(None))).all())
        if cleared > self._cleared:
            count, self._cleared = cleared - self._cleared, cleared
            self.chronicle.tell(
                f"{counted(count, 'dossier')} over: name, address, folder and mails cleared",
                f"Dossiers clos, noms et adresses effacés : {count}",
            )

    def _tell_notices(self, parts: DemoParts, mails: Sequence[Received]) -> None:
        with parts.database.reading() as session:
            rows = session.exec(select(Announcement).order_by(col(Announcement.announced_at))).all()
        new = {one.recording_id: one for one in rows if one.id not in self._announced}
        self._announced |= {one.id for one in rows}
        days = sorted({(civil_date(one.eligible_at) - civil_date(one.announced_at)).days for one in new.values()})
        if new:
            ahead = " or ".join(map(str, days))
            self.chronicle.tell(
                f"{counted(len(new), 'destruction')} announced {ahead} {'days' if days[-1] > 1 else 'day'} ahead",
                f"Destructions annoncées {ahead.replace('or', 'ou')} {'jours' if days[-1] > 1 else 'jour'} à l’avance : {len(new)}",
                (self._named(new),),
                _links(one for one in mails if "planned" in one.kind),
                expected=all(one.accepted_at is not None for one in new.values()),
            )

    def _tell_destructions(self, parts: DemoParts, mails: Sequence[Received]) -> None:
        with parts.database.reading() as session:
            rows = session.exec(select(Destruction).order_by(col(Destruction.started_at), col(Destruction.id))).all()
        new = [one for one in rows if one.recording_id not in self.certificates and one.certificate is not None]
        links = [link for one in new for link in self._export(one)]
        lists = self._export_lists(parts)
        for cause in dict.fromkeys(one.cause for one in new):
            ended = {one.recording_id: one for one in new if one.cause == cause}
            self.chronicle.tell(
                f"{len(ended)} destroyed, {cause.replace('_', ' ')}: {self._named(ended)}",
                f"Détruits, avec leur certificat : {len(ended)}",
                (self._named(ended), f"Motif : {CAUSES[Cause(cause)]}."),
                [*links, *lists, *self._certificate_mails(mails)],
                expected=all(one.eligible_at is not None and one.eligible_at <= one.started_at for one in ended.values()),
            )
            links, lists, mails = [], [], ()

    def _certificate_mails(self, mails: Iterable[Received]) -> list[Link]:
        """Say whom each mail with a certificate went to; the staff's once."""
        told = [one for one in mails if one.kind.startswith("certificate")]
        to = {f"Mail à {self.references.get(one.person_id, 'la conformité')}": one.link for one in told}
        return [Link(text, link.href) for text, link in sorted(to.items())]

    def _named(self, recordings: Mapping[str, object]) -> str:
        return ", ".join(sorted(self.references[one] for one in recordings))

    def _export(self, row: Destruction) -> list[Link]:
        """Lay the certificate down, as ``certificate export`` does: what is verified, and what people read."""
        assert row.certificate is not None
        name = self.references[row.recording_id]
        path = self.directory / "certificats" / f"{name}.json"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(row.certificate)
        path.with_suffix(".pdf").write_bytes(certificate_pdf(row.certificate))
        self.certificates[row.recording_id] = path
        return [
            Link(f"Certificat {name} (PDF)", quote(f"certificats/{name}.pdf")),
            Link(f"Certificat {name} (JSON)", quote(f"certificats/{name}.json")),
        ]

    def _export_lists(self, parts: DemoParts) -> list[Link]:
        with parts.database.reading() as session:
            query = select(DisposalRun).where(col(DisposalRun.list_document).is_not(None)).order_by(col(DisposalRun.listed_at))
            new = [one for one in session.exec(query) if one.id not in self._listed]
        links = []
        for run in new:
            assert run.list_document is not None
            self._listed.add(run.id)
            path = self.directory / "listes" / f"{run.id}.pdf"
            path.parent.mkdir(exist_ok=True)
            path.with_suffix(".txt").write_bytes(run.list_document)
            told = DisposalList.open(run.list_document, parse_public(parts.settings.identity.log_public))
            path.write_bytes(disposal_list_pdf(told))
            links += [
                Link("Liste des destructions (PDF)", f"listes/{run.id}.pdf"),
                Link("La même liste, signée", f"listes/{run.id}.txt"),
            ]
        return links


def _links(mails: Iterable[Received]) -> list[Link]:
    """Return the links to mails, one where several people received the same."""
    return list({one.link.text: one.link for one in mails}.values())


def counted(count: int, thing: str) -> str:
    """Count things in English."""
    return f"{count} {thing}{'' if count == 1 else 's'}"
