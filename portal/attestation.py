"""The one-page attestation: GET shows, POST acts. Opening a link changes nothing, since mail scanners open links too."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import Depends
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from consent.record import ConsentRecord
from intake.attesting import attest
from portal import dossier
from portal.dossier import OnRecord, Visit
from portal.form import Form, read_form
from portal.pages import see
from portal.personal import PersonalPages
from portal.services import ACTOR
from portal.typed import read_typed
from portal.words import words
from portal.words.shape import PageWords
from registry.codes import Answer
from registry.errors import DatabaseUnavailableError
from registry.phrases import long_date

_DATE_CHARACTERS, _TIME_CHARACTERS = frozenset("0123456789-"), frozenset("0123456789:")


class Attestation(PersonalPages):
    """The pages of the attestation form."""

    letter = "a"

    @override
    def show(self, token: str, request: Request) -> Response:
        """Show the form, prefilled with what is known, and what we have."""
        with self.visiting(token, request) as (session, seen):
            return self._page(session, seen, token, request)

    @override
    def act(self, token: str, request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        """Keep the attestation, or show what is left to look at beside each field, the rest as it was typed."""
        services = self.services
        with self.visiting(token, request) as (session, seen):
            labels = _labels(words(seen.language))
            typed = read_typed(form, seen.file, services.notices, today=seen.today, language=seen.language, labels=labels)
            if typed.record is None:
                return self._page(session, seen, token, request, form=form, faults=typed.faults, status=422)
            if not seen.takes_recording:
                return see(token, request.scope)
            again = self._page(session, seen, token, request, form=form, unsaved=True, status=503)
        try:
            with services.database.transaction(seen.now, ACTOR) as tx:
                attest(tx, dossier.visit(services, tx.session, token, request.scope, seen.now).file, typed.record, services.answering)
        except DatabaseUnavailableError:
            return again
        services.after_change()
        return see(f"{token}/merci", request.scope)

    @override
    def thank(self, token: str, request: Request) -> Response:
        """Say thank you and what happens next; whoever has sent nothing yet is shown the form."""
        with self.visiting(token, request) as (session, seen):
            recording = dossier.current(session, seen)
            if dossier.on_record(session, seen, recording).needed:
                return see(f"../{token}", request.scope)
            have = dossier.standing(self.services, session, seen, recording, form=f"../{token}", choice=f"../../c/{token}")
            return self.draw(
                "thanks.html",
                request,
                seen,
                client_reference=seen.file.dossier.client_reference,
                standing=have,
                arrived=dossier.has_arrived(recording),
                back=f"../{token}",
            )

    def _page(
        self,
        session: Session,
        seen: Visit,
        token: str,
        request: Request,
        *,
        form: Form | None = None,
        faults: Mapping[str, str] | None = None,
        unsaved: bool = False,
        status: int = 200,
    ) -> Response:
        recording = dossier.current(session, seen)
        kept = dossier.on_record(session, seen, recording)
        wanted = kept.needed or (kept.free is None and not dossier.has_arrived(recording))
        rules = seen.file.scheme.recording
        earliest = rules.earliest_call_date(seen.file.hearing_on) if rules else seen.today
        return self.draw(
            "attestation.html",
            request,
            seen,
            status=status,
            client_reference=seen.file.dossier.client_reference,
            takes_recording=seen.takes_recording,
            standing=dossier.standing(self.services, session, seen, recording, form="#attestation", choice=f"../c/{token}"),
            kept=kept,
            rows=dossier.record_rows(kept, self.services.notices, seen.language),
            call_hint=words(seen.language).call_date_hint.format(
                earliest=long_date(earliest, seen.language), hearing=long_date(seen.file.hearing_on, seen.language)
            ),
            earliest=earliest.isoformat(),
            today=seen.today.isoformat(),
            notices=[
                (one.id, one.title.text(seen.language), one.text.text(seen.language).split("\n\n"))
                for one in self.services.notices.offered(earliest, seen.today)
            ],
            values=_values(form, kept),
            kinds=_kinds(form),
            faults=faults or {},
            unsaved=unsaved,
            open=form is not None or wanted,
            brief=recording is not None and recording.answer is Answer.AWAITING_CONSENT and recording.together_with is None,
        )


def _values(form: Form | None, kept: OnRecord) -> Mapping[str, str]:
    """Return what the fields hold: what was typed, else what a correction starts from. The ticks are made anew."""
    names = ("call_date", "call_time", "given_on", "way", "notice", "client_role", "told_recording", "told_purpose", "told_retention")
    if form is not None:
        return {name: form.values.get(name, "") for name in names}
    record = kept.free if kept.bound is None else None
    return {**dict.fromkeys(names, ""), **(_filled(record) if record else {})}


def _filled(record: ConsentRecord) -> Mapping[str, str]:
    return {
        "call_date": record.call_date.isoformat(),
        "call_time": record.call_time.strftime("%H:%M") if record.call_time else "",
        "given_on": record.given_on.isoformat(),
        "way": record.way,
        "notice": record.notice_id,
        "client_role": record.client_role or "",
    }


def _kinds(form: Form | None) -> Mapping[str, str]:
    """Say which kind of field can show a value: a date typed in words would vanish from a date field."""
    typed = form or Form()
    kinds = {name: "date" if set(typed.text(name)) <= _DATE_CHARACTERS else "text" for name in ("call_date", "given_on")}
    return {**kinds, "call_time": "time" if set(typed.text("call_time")) <= _TIME_CHARACTERS else "text"}


def _labels(said: PageWords) -> Mapping[str, str]:
    names = ("call_date", "call_time", "given_on", "way", "client_role")
    return dict(zip(names, (said.call_date, said.call_time, said.given_on, said.way, said.role), strict=True))
