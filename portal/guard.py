"""What stands before every page: bounds, where a form may come from, headers, and an incident number instead of a trace.

It logs no address, no path and no field: a personal link is in the path.
"""

import asyncio
import secrets
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from portal.limits import Allowance

_log = structlog.get_logger()
_SAFE = frozenset({"GET", "HEAD"})
_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
_ROOM_POLICY = f"{_POLICY}; media-src 'self'; script-src 'self'; connect-src 'self'"  # one page, whose script silences its players
_ROOM, _SOUND = "ecoute", "rec_"
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-frame-options": "DENY",
    "x-robots-tag": "noindex, nofollow",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True)
class Bounds:
    """How much a request may hold, and how long its body may take. What is larger is read up to ``drain_bytes``, and not kept."""

    body_bytes: int = 64_000
    drain_bytes: int = 16_000_000
    body_seconds: float = 15.0


class _RefusedError(Exception):
    """A request that no page gets to see. It carries the key of the page that says why, and the status."""

    def __init__(self, key: str, status: int) -> None:
        super().__init__(key)
        self.key = key
        self.status = status


class Guard:
    """Wraps the application."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        url: str,
        by_client: Allowance,
        by_link: Allowance,
        by_sound: Allowance,
        refuse: Callable[[str, Scope, int, str | None], Response],
        bounds: Bounds = Bounds(),
    ) -> None:
        self._app = app
        parts = urlsplit(url)
        self._own = f"{parts.scheme}://{parts.netloc}".lower()
        self._headers = {**_HEADERS, "strict-transport-security": "max-age=31536000"} if parts.scheme == "https" else _HEADERS
        self._by_client = by_client
        self._by_link = by_link
        self._by_sound = by_sound
        self._refuse = refuse
        self._bounds = bounds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        answered = False

        async def dressed(message: Message) -> None:
            nonlocal answered
            if message["type"] == "http.response.start":
                answered = True
                headers = MutableHeaders(scope=message)
                headers.update(self._headers)
                if scope["path"].strip("/") == _ROOM:
                    headers["content-security-policy"] = _ROOM_POLICY
                headers.setdefault("cache-control", "no-store")
            await send(message)

        try:
            self._check(scope)
            inner = receive if scope["method"] in _SAFE else await self._body(receive)
            await self._app(scope, inner, dressed)
        except _RefusedError as refusal:
            await self._refuse(refusal.key, scope, refusal.status, None)(scope, receive, dressed)
        except Exception as error:  # noqa: BLE001 - the last place before the server, which would print the values of a statement
            incident = secrets.token_hex(4).upper()
            _log.error("portal.failed", incident=incident, error=type(error).__name__, at=_where(error))
            if not answered:
                await self._refuse("failed", scope, 500, incident)(scope, receive, dressed)

    def _check(self, scope: Scope) -> None:
        """Refuse who asks too often, and forms that another site sends."""
        client = scope.get("client")
        section, _, token = str(scope["path"]).strip("/").partition("/")
        sounds = section == _ROOM and token.startswith(_SOUND)
        passes = (self._by_sound if sounds else self._by_client).take(client[0] if client else "")
        if section in {"a", "c", "e"}:
            passes = self._by_link.take(token.partition("/")[0]) and passes
        if not passes:
            raise _RefusedError("too_often", 429)
        if scope["method"] not in _SAFE and not self._same_site(Headers(scope=scope)):
            raise _RefusedError("elsewhere", 403)

    def _same_site(self, headers: Headers) -> bool:
        """Tell whether a form was sent from our own page.

        A browser says so in Sec-Fetch-Site. One too old to, or an address without TLS, leaves Origin, which our own
        ``no-referrer`` turns into ``null``: there the token in the path, which no other site knows, is what protects.
        """
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site in {"same-origin", "none"}
        origin, host = headers.get("origin", "null").lower(), headers.get("host", "").lower()
        return origin in {"null", self._own, f"http://{host}", f"https://{host}"}

    async def _body(self, receive: Receive) -> Receive:
        """Read the whole body, within the bounds, before any page sees the request."""
        try:
            async with asyncio.timeout(self._bounds.body_seconds):
                body = await self._read(receive)
        except TimeoutError:
            raise _RefusedError("too_slow", 408) from None
        given = False

        async def replay() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        return replay

    async def _read(self, receive: Receive) -> bytes:
        kept, size, more = bytearray(), 0, True
        while more and size <= self._bounds.drain_bytes:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise _RefusedError("wrong_form", 400)
            chunk, more = message.get("body", b""), message.get("more_body", False)
            size += len(chunk)
            if size <= self._bounds.body_bytes:
                kept += chunk
        if size > self._bounds.body_bytes:
            raise _RefusedError("too_large", 413)
        return bytes(kept)


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
