"""The listening room: a personal link signs in, one page lists what may be heard, each recording in ranges for its player.

Opening a link changes nothing, since mail scanners open links too; the button on its page signs in. Every request for sound asks
the registry anew. Whoever may not hear a recording is told what is told of one that does not exist.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import structlog
from fastapi import APIRouter
from sqlmodel import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from notifications.words import ANSWERS
from portal import ranges
from portal.dossier import UnknownLinkError
from portal.pages import Pages, asked_language, see
from portal.ranges import Span, UnsatisfiableError
from portal.services import PortalServices
from portal.sound import MEDIA_TYPE, SoundResponse, Stream, end_of_piece
from portal.words.listening import RoomWords, room_words
from registry.clock import civil_date
from registry.codes import Code, Language
from registry.errors import RefusedError
from registry.phrases import duration, long_date, moment, typeset, until
from registry.sessions import File, file_of
from sharing import asking, posting, signing_in
from sharing.asking import Offered, Permit
from sharing.errors import SilentError, UnreadableError
from sharing.room import Room
from sharing.signing_in import Opening, Person

_log = structlog.get_logger()
_READS = ["GET", "HEAD"]


@dataclass(frozen=True)
class Card:
    """One recording, as the page shows it. ``source`` is empty while it is not open yet."""

    title: str
    reference: str
    rows: tuple[tuple[str, str], ...]
    source: str
    player: str


@dataclass(frozen=True)
class ListeningRoom:
    """The pages and the sound."""

    services: PortalServices
    pages: Pages
    room: Room

    def router(self) -> APIRouter:
        """Return the routes: ``/e/{token}`` for links, ``/ecoute`` for the recordings."""
        router = APIRouter()
        router.add_api_route("/e/{token}", self.show_link, methods=_READS, response_model=None)
        router.add_api_route("/e/{token}", self.sign_in, methods=["POST"], response_model=None)
        router.add_api_route("/e/{token}/nouveau", self.send_again, methods=["POST"], response_model=None)
        router.add_api_route("/e/{token}/envoye", self.show_sent, methods=_READS, response_model=None)
        router.add_api_route("/ecoute", self.show, methods=_READS, response_model=None)
        router.add_api_route("/ecoute/quitter", self.leave, methods=["POST"], response_model=None)
        router.add_api_route("/ecoute/quitte", self.show_left, methods=_READS, response_model=None)
        router.add_route("/ecoute/{recording_id}", self.sound, methods=_READS)  # plain: every seek asks, and nothing is to be parsed
        return router

    @property
    def _secure(self) -> bool:
        return urlsplit(self.services.centre.portal_url).scheme == "https"

    @property
    def _cookie(self) -> str:
        """The cookie's name: the prefix binds it to this host and to TLS (RFC 6265bis), which loopback does not have."""
        return "__Host-consigne" if self._secure else "consigne"

    def _held(self, request: Request) -> str:
        return request.cookies.get(self._cookie, "")

    def show_link(self, token: str, request: Request) -> Response:
        """Show the button that signs in; or, behind a link that was used, the one that sends another."""
        with self.services.database.reading() as session:
            person, opening = self._opening(session, token)
            return self._link_page(session, request, person, opening, token)

    def sign_in(self, token: str, request: Request) -> Response:
        """Use the link."""
        try:
            signing_in.check_address(self.services.centre.portal_url)
        except RefusedError as error:
            _log.error("listening.without_tls")
            raise HTTPException(503) from error
        now = self.services.clock.now()
        with self.services.database.bookkeeping() as session:
            person, opening = self._opening(session, token)
            cookie = signing_in.sign_in(session, token, now)
            if cookie is None:
                there = signing_in.signed_in(session, self._held(request), now)
                return see("../ecoute", request.scope) if there == person else self._link_page(session, request, person, opening, token)
        response = see("../ecoute", request.scope)
        response.set_cookie(self._cookie, cookie, path="/", secure=self._secure, httponly=True, samesite="strict")
        return response

    def send_again(self, token: str, request: Request) -> Response:
        """Send a new link to the address on record. The next page says the same whether one was sent or not."""
        with self.services.database.bookkeeping() as session:
            person, _ = self._opening(session, token)
            posting.again(session, self.services.centre, person, self.services.clock.now())
        self.services.after_change()
        return see("envoye", request.scope)

    def show_sent(self, token: str, request: Request) -> Response:
        """Say where the new link is to be looked for."""
        with self.services.database.reading() as session:
            person, _ = self._opening(session, token)
            said = room_words(self._language(request, person))
            return self._page("link.html", session, request, person, title=said.sent, lines=(said.sent_lede, said.sent_nothing))

    def show(self, request: Request) -> Response:
        """List what may be heard, each with its player."""
        now = self.services.clock.now()
        with self.services.database.reading() as session:
            person = signing_in.signed_in(session, self._held(request), now)
            if person is None:
                return self.pages.message("signed_out", request.scope, self.services.centre.contact_for(session, None), 403)
            language = self._language(request, person)
            cards = [self._card(session, one, language, now) for one in asking.offered(session, person.id, now)]
            return self._page("listening.html", session, request, person, cards=cards, staff=person.is_staff)

    def leave(self, request: Request) -> Response:
        """End the session, and all that plays in it."""
        with self.services.database.bookkeeping() as session:
            person = signing_in.signed_in(session, self._held(request), self.services.clock.now())
            signing_in.sign_out(session, self._held(request), self.services.clock.now())
        response = RedirectResponse(f"quitte?lang={self._language(request, person)}", 303)
        response.delete_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="strict")
        return response

    def show_left(self, request: Request) -> Response:
        """Say that this browser hears nothing any more."""
        said = room_words(self._language(request, None))
        with self.services.database.reading() as session:
            return self._page("link.html", session, request, None, title=said.left, lines=(said.left_lede,))

    def sound(self, request: Request) -> Response:
        """Send a range of a recording to whoever may hear it now; to nobody else, and not a byte before it is in the log."""
        cookie = self._held(request)
        try:
            permit = self.room.permit(cookie, request.path_params["recording_id"])
            if request.method == "HEAD":
                return Response(None, 200, _headers(permit, Span(0, permit.plain_length)), MEDIA_TYPE)
            return self._stream(cookie, permit, request)
        except UnsatisfiableError:
            unit = f"bytes */{permit.plain_length}"
            return Response(None, 416, {"content-range": unit, "accept-ranges": "bytes"})
        except SilentError as refusal:
            raise HTTPException(404) from refusal
        except UnreadableError as error:
            _log.error("listening.failed", recording=permit.recording_id, error=type(error.__cause__).__name__)
            raise HTTPException(503) from error

    def _stream(self, cookie: str, permit: Permit, request: Request) -> Response:
        asked = ranges.asked(_wanted(request, permit), permit.plain_length)
        span = asked or Span(0, permit.plain_length)
        first = self.room.read(permit, span.start, end_of_piece(span.start, span.stop))
        stream = Stream(self.room, cookie, permit, self.room.begin(permit), span, first)
        headers = _headers(permit, span)
        if asked is None:
            return SoundResponse(stream, 200, headers)
        return SoundResponse(stream, 206, {**headers, "content-range": f"bytes {span.start}-{span.stop - 1}/{permit.plain_length}"})

    def _opening(self, session: Session, token: str) -> tuple[Person, Opening]:
        found = signing_in.opening(session, token, self.services.clock.now())
        if found is None:
            raise UnknownLinkError
        return found

    def _link_page(self, session: Session, request: Request, person: Person, opening: Opening, token: str) -> Response:
        said = room_words(self._language(request, person))
        if opening is Opening.GOOD:
            lines = (said.welcome_lede, said.welcome_shared)
            title = said.welcome.format(name=person.name)
            return self._page("link.html", session, request, person, title=title, lines=lines, button=said.listen, action=token)
        title, line = (said.used, said.used_lede) if opening is Opening.USED else (said.expired, said.expired_lede)
        action = f"{token}/nouveau"
        return self._page("link.html", session, request, person, title=title, lines=(line,), button=said.send_new, action=action)

    def _page(self, template: str, session: Session, request: Request, person: Person | None, **values: object) -> Response:
        language = self._language(request, person)
        contact = self.services.centre.contact_for(session, None)
        shown: dict[str, Any] = {"button": "", "action": "", "said": room_words(language), **values}
        return self.pages.draw(template, request.scope, language, contact, **shown)

    @staticmethod
    def _language(request: Request, person: Person | None) -> Language:
        return asked_language(request.scope) or (person.language if person else Language.FR)

    def _card(self, session: Session, one: Offered, language: Language, now: datetime) -> Card:
        file, said = file_of(session, one.dossier_id), room_words(language)
        candidate = file.candidate
        name = " ".join(part for part in (candidate.civility, candidate.given_name, candidate.family_name) if part)
        return Card(
            title=name,
            reference=candidate.reference,
            rows=tuple((label, value) for label, value in _rows(one, file, said, language, now) if value),
            source=f"ecoute/{one.recording.id}" if one.is_open(now) else "",
            player=said.player.format(reference=candidate.reference),
        )


def _rows(one: Offered, file: File, said: RoomWords, language: Language, now: datetime) -> list[tuple[str, str]]:
    seconds = one.recording.judgement.get("duration_seconds")
    rows = [
        (said.reference, file.candidate.reference),
        (said.hearing, moment(one.hearing_at, language)),
        (said.lasts, duration(seconds) if isinstance(seconds, int | float) else ""),
    ]
    if one.closes_at is None:
        due = one.recording.review_due_on
        rows.append((said.to_check, ", ".join(_short(code, language) for code in one.recording.codes)))
        rows.append(("", said.review_by.format(by=long_date(due, language)) if due else ""))
    elif one.opens_at is not None and not one.is_open(now):
        rows.append(("", said.opens_on.format(moment=moment(one.opens_at, language))))
    else:
        rows.append(("", said.open_until.format(until=until(civil_date(one.closes_at - datetime.resolution), language))))
    return rows


def _short(code: str, language: Language) -> str:
    return typeset(ANSWERS[language].codes[Code(code)].short, language)


def _wanted(request: Request, permit: Permit) -> str | None:
    """Return the range that counts: none where ``If-Range`` names another recording than this (RFC 9110, section 13.1.5)."""
    condition = request.headers.get("if-range")
    return request.headers.get("range") if condition in {None, _tag(permit)} else None


def _tag(permit: Permit) -> str:
    return f'"{permit.attempt_id}"'  # a random id; one attempt's bytes never change


def _headers(permit: Permit, span: Span) -> dict[str, str]:
    return {
        "accept-ranges": "bytes",
        "cache-control": "no-store",
        "content-disposition": "inline",
        "content-length": str(span.stop - span.start),
        "etag": _tag(permit),
    }
