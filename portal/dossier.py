"""What a page shows of one dossier: what we have of the recording, in the answer's own words, and which attestation is on record."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlmodel import Session, col, select
from starlette.types import Scope

from consent.notices import Notices
from consent.record import ConsentRecord
from intake import facts
from intake.facts import Links
from notifications.answers import words as answer_words
from notifications.parts import Contact, Line, Part
from portal.pages import asked_language
from portal.services import PortalServices
from portal.words import words
from registry import links, recordings, sessions
from registry.clock import civil_date
from registry.codes import Answer, Language
from registry.phrases import long_date, moment, until
from registry.sessions import File
from registry.states import RecordingState
from registry.tables import Consent, Recording

_MARKS = {Answer.RECEIVED: "good", Answer.AWAITING_CONSENT: "act", Answer.TO_REVIEW: "wait", Answer.REFUSED: "bad", Answer.NOT_TAKEN: "bad"}


class UnknownLinkError(Exception):
    """A token that opens nothing: never given, or expired; the two are not told apart."""


@dataclass(frozen=True)
class Visit:
    """One dossier, opened by its link, and the language to speak."""

    file: File
    contact: Contact
    language: Language
    now: datetime

    @property
    def today(self) -> date:
        """The day, in Paris."""
        return civil_date(self.now)

    @property
    def takes_recording(self) -> bool:
        """Whether this unit asks for a recording."""
        return self.file.scheme.takes_recording(self.file.session.unit)

    @property
    def about(self) -> str:
        """The certification, the unit and the session, as one line."""
        label = self.file.scheme.unit_label(self.file.session.unit, self.language)
        return " · ".join((self.file.scheme.title, label, facts.session_label(self.file, self.language)))


@dataclass(frozen=True)
class Standing:
    """What we have, as a block of the page. ``mark`` picks its shape and colour; the title says the same in words."""

    mark: str
    title: str
    parts: tuple[Part, ...] = ()
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class OnRecord:
    """The attestations that count, or that contradict each other. ``rows`` says what the one that counts says."""

    bound: ConsentRecord | None = None
    free: ConsentRecord | None = None
    disputed: bool = False
    arrived_at: datetime | None = None

    @property
    def needed(self) -> bool:
        """Whether the form is what the candidate still has to do."""
        return self.disputed or (self.bound is None and self.free is None)


def visit(services: PortalServices, session: Session, token: str, scope: Scope, now: datetime) -> Visit:
    """Open a link.

    Raises:
        UnknownLinkError: it opens nothing.
    """
    dossier_id = links.dossier_of(session, token, now)
    if dossier_id is None:
        raise UnknownLinkError
    file = sessions.file_of(session, dossier_id)
    return Visit(file, services.centre.contact_for(session, file), asked_language(scope) or file.language, now)


def current(session: Session, seen: Visit) -> Recording | None:
    """Return the recording that stands for the dossier."""
    return recordings.current(recordings.of_dossier(session, seen.file.dossier.id))


def standing(services: PortalServices, session: Session, seen: Visit, recording: Recording | None, *, form: str, choice: str) -> Standing:
    """Say what we have. ``form`` and ``choice`` are where the answer's links lead from this page."""
    said = words(seen.language)
    if recording is None:
        folder = seen.file.session.folder_link
        lines = [Line(_expected(seen)), Line(said.nothing_yet_more), *([Line(said.folder, folder)] if folder else [])]
        return Standing("wait", said.nothing_yet, lines=tuple(lines))
    if recording.state in recordings.GONE:
        return Standing("quiet", said.gone, lines=(Line(said.gone_more),))
    if recording.answer is None or recording.state in recordings.UNSTORED:
        return Standing("wait", said.checking, lines=(Line(said.checking_more),))
    if recording.unlistenable is not None:
        return Standing("quiet", said.set_aside, lines=(Line(said.set_aside_more),))
    asks = Links(form, choice if recording.together_with else None)
    told = replace(
        facts.of_recording(seen.file, recording, _bound(session, recording), services.centre, seen.contact, asks),
        language=seen.language,
        session_label=facts.session_label(seen.file, seen.language),
        unit_label=seen.file.scheme.unit_label(seen.file.session.unit, seen.language),
    )
    answer = answer_words(told)
    return Standing(_MARKS[answer.answer], answer.title, parts=answer.parts[:-1])  # whom to ask stands on every page


def on_record(session: Session, seen: Visit, recording: Recording | None) -> OnRecord:
    """Find the attestations that concern the recording that stands, or the next one."""
    query = select(Consent).where(Consent.dossier_id == seen.file.dossier.id, col(Consent.superseded_by).is_(None))
    live = session.exec(query.order_by(col(Consent.arrived_at), col(Consent.id))).all()
    counting = [one for one in live if not one.disputed]
    met = [one for one in counting if recording is not None and one.bound_sha256 == recording.sha256]
    free = [one for one in counting if one.bound_sha256 is None]
    shown = (met or free)[-1:]
    return OnRecord(
        bound=_record(met),
        free=_record(free),
        disputed=any(one.disputed and one.bound_sha256 is None for one in live),
        arrived_at=shown[0].arrived_at if shown else None,
    )


def _bound(session: Session, recording: Recording) -> ConsentRecord | None:
    consent = session.get(Consent, recording.consent_id) if recording.consent_id else None
    return ConsentRecord.from_json(consent.record) if consent else None


def _record(consents: Sequence[Consent]) -> ConsentRecord | None:
    return ConsentRecord.from_json(consents[-1].record) if consents else None


def record_rows(kept: OnRecord, notices: Notices, language: Language) -> tuple[tuple[str, str], ...]:
    """Say what the attestation on record says, as labels and values."""
    record, said = kept.bound or kept.free, words(language)
    if record is None or kept.arrived_at is None:
        return ()
    notice = notices.get(record.notice_id)
    call = long_date(record.call_date, language)
    if record.call_time is not None:
        call = f"{call}, {record.call_time:%H:%M}"
    rows = (
        (said.arrived, moment(kept.arrived_at, language)),
        (said.call_date, call),
        (said.given_on, long_date(record.given_on, language)),
        (said.row_way, said.ways[record.way]),
        (said.row_notice, notice.title.text(language) if notice else record.notice_id),
        (said.row_role, said.roles[record.client_role] if record.client_role else ""),
    )
    return tuple((label, value) for label, value in rows if value)


def _expected(seen: Visit) -> str:
    said, day = words(seen.language), seen.file.session.deadline_on
    left = (day - seen.today).days
    if left < 0:
        return said.deadline_passed.format(day=long_date(day, seen.language))
    distance = {0: said.today, 1: said.tomorrow}.get(left, said.in_days.format(days=left))
    return f"{said.expected.format(until=until(day, seen.language))} · {distance}."


def has_arrived(recording: Recording | None) -> bool:
    """Tell whether a recording is here, and was not refused."""
    return recording is not None and recording.state not in (*recordings.GONE, RecordingState.REJECTED)
