"""Sound on its way to one listener: piece by piece, the registry asked again while it goes on.

Each piece is fetched and decrypted only once the listener has taken the one before. Where the registry says no meanwhile, or
cannot be asked, the connection ends short of what was announced: nothing more is handed over.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import anyio
import structlog
from anyio.to_thread import run_sync
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from portal.ranges import Span
from registry.errors import DatabaseUnavailableError
from sharing.asking import Permit
from sharing.errors import SharingError, SilentError
from sharing.room import Room

_log = structlog.get_logger()
MEDIA_TYPE = "audio/mpeg"
_CHUNK = 16 * 1024
_FIRST, _PIECE = 2 * _CHUNK, 16 * _CHUNK
"""Little at first, so that a click is answered at once; then more, so that each byte costs less."""
_ASK_SECONDS, _ASK_BYTES = 0.2, 1024 * 1024
"""How long, and how much, is handed over on one answer of the registry."""


@dataclass
class Stream:
    """One range of one recording, for whoever holds one cookie. ``first`` is the piece that was read before anything was said."""

    room: Room
    cookie: str
    permit: Permit
    sitting: str
    span: Span
    first: bytes
    _asked_at: float = field(default_factory=time.monotonic)
    _since: int = 0

    async def begin(self, send: Send) -> int:
        """Hand the first piece over, and return where the next one begins."""
        return await self._hand_over(send, self.span.start, self.first)

    async def go_on(self, send: Send, at: int) -> None:
        """Hand the other pieces over, until the end or until the registry says no."""
        while at < self.span.stop:
            await send({"type": "http.response.body", "body": b"", "more_body": True})  # returns once the listener has taken what was sent
            try:
                piece = await run_sync(self._next, at)
            except SilentError as refusal:
                _log.info("listening.ended", recording=self.permit.recording_id, code=refusal.why)
                return
            except (SharingError, DatabaseUnavailableError) as error:
                _log.error("listening.failed", recording=self.permit.recording_id, error=type(error).__name__)
                return
            at = await self._hand_over(send, at, piece)

    async def _hand_over(self, send: Send, at: int, piece: bytes) -> int:
        end = at + len(piece)
        self.room.note(self.sitting, at, end)
        self._since += len(piece)
        await send({"type": "http.response.body", "body": piece, "more_body": end < self.span.stop})
        return end

    def _next(self, at: int) -> bytes:
        """Read the next piece, then ask whether it may still be heard: it leaves at once or not at all."""
        piece = self.room.read(self.permit, at, end_of_piece(at, self.span.stop, _PIECE))
        if self._since >= _ASK_BYTES or time.monotonic() - self._asked_at >= _ASK_SECONDS:
            self._asked_at, self._since = time.monotonic(), 0
            self.permit = self.room.permit(self.cookie, self.permit.recording_id)
        return piece


def end_of_piece(start: int, stop: int, size: int = _FIRST) -> int:
    """Return where a piece ends that begins at ``start``: at the edge of a sealed chunk, or at the end."""
    return min(start // _CHUNK * _CHUNK + size, stop)


class SoundResponse(Response):
    """The response that carries a stream. It stops reading as soon as the listener has left."""

    def __init__(self, stream: Stream, status: int, headers: Mapping[str, str]) -> None:
        super().__init__(None, status, dict(headers), MEDIA_TYPE)
        self._stream = stream

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's arguments
        """Send it."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        at = await self._stream.begin(send)
        if at == self._stream.span.stop:
            return
        async with anyio.create_task_group() as group:

            async def left() -> None:
                while (await receive())["type"] != "http.disconnect":
                    continue
                group.cancel_scope.cancel()

            group.start_soon(left)
            await self._stream.go_on(send, at)
            group.cancel_scope.cancel()
