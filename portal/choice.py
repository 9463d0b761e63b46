"""Two recordings dropped together: the candidate says which one he presents."""

from typing import Annotated

from fastapi import Depends
from starlette.requests import Request
from starlette.responses import Response
from typing_extensions import override

from intake.choosing import choose, to_choose
from notifications.parts import one_line, shorten
from portal import dossier
from portal.dossier import Visit
from portal.form import Form, read_form
from portal.pages import see
from portal.personal import PersonalPages
from portal.services import ACTOR
from portal.words import words
from registry.database import Transaction
from registry.errors import RefusedError
from registry.phrases import duration, moment, size
from registry.tables import Recording

_LONGEST_NAME = 60


class Choice(PersonalPages):
    """The pages where a candidate chooses."""

    letter = "c"

    @override
    def show(self, token: str, request: Request) -> Response:
        """Show the recordings between which there is a choice, or that there is none."""
        return self._question(token, request, fault="", status=200)

    @override
    def act(self, token: str, request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        """Take the candidate's word."""
        if not form.text("recording"):
            return self._question(token, request, fault="choice_missing", status=422)
        services, now = self.services, self.services.clock.now()
        try:
            with services.database.transaction(now, ACTOR) as tx:
                choose(tx, dossier.visit(services, tx.session, token, request.scope, now).file, form.text("recording"))
        except RefusedError:
            return see(token, request.scope)  # the page says how things stand
        services.after_change()
        return see(f"{token}/merci", request.scope)

    @override
    def thank(self, token: str, request: Request) -> Response:
        """Say that the choice was noted; whoever has not chosen yet is asked."""
        with self.visiting(token, request) as (session, seen):
            if to_choose(Transaction(session, seen.now, ACTOR), seen.file):
                return see(f"../{token}", request.scope)
            said = words(seen.language)
            recording = dossier.current(session, seen)
            have = dossier.standing(self.services, session, seen, recording, form=f"../../a/{token}", choice="")
            return self._closed(request, seen, said.choice_thanks, said.choice_thanks_more, have)

    def _question(self, token: str, request: Request, *, fault: str, status: int) -> Response:
        with self.visiting(token, request) as (session, seen):
            said = words(seen.language)
            asked = to_choose(Transaction(session, seen.now, ACTOR), seen.file)
            if len(asked) < 2:  # noqa: PLR2004 - a choice is between two at least
                have = dossier.standing(self.services, session, seen, dossier.current(session, seen), form=f"../a/{token}", choice="")
                return self._closed(request, seen, said.choice_closed, said.choice_closed_more, have)
            return self.draw(
                "choice.html",
                request,
                seen,
                status=status,
                options=[(one.id, *_described(one, seen)) for one in asked],
                fault=said.choice_missing if fault else "",
            )

    def _closed(self, request: Request, seen: Visit, title: str, line: str, have: dossier.Standing) -> Response:
        return self.draw("closed.html", request, seen, title=title, line=line, standing=have)


def _described(recording: Recording, seen: Visit) -> tuple[str, str, str]:
    """Say when a recording came, how long and large it is, and how its file was called."""
    said, language = words(seen.language), seen.language
    seconds = recording.judgement.get("duration_seconds")
    measures = [duration(seconds)] if isinstance(seconds, int | float) else []
    measures.append(size(recording.size_bytes, language))
    name = recording.original_name
    shown = said.choice_file.format(name=shorten(one_line(name), _LONGEST_NAME)) if name else ""
    return said.choice_received.format(moment=moment(recording.received_at, language)), " · ".join(measures), shown
