"""The pages behind personal links, as one application.

Whoever serves it turns the server's access log off (``uvicorn.Config(..., access_log=False)``), and so does a reverse
proxy: a personal link is in every path. The pages hold no rules: they read, show, and hand over to ``intake`` and ``sharing``.
"""

import time
from collections.abc import Callable

from fastapi import FastAPI
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Scope

from notifications.parts import Contact
from portal.attestation import Attestation
from portal.choice import Choice
from portal.dossier import UnknownLinkError
from portal.guard import Bounds, Guard
from portal.limits import Allowance
from portal.listening import ListeningRoom
from portal.pages import Pages, asked_language
from portal.services import PortalServices
from registry.codes import Language
from registry.errors import DatabaseUnavailableError

__all__ = ["PortalServices", "create_app"]

_SILENT: TelemetryConfig = {"tracing": False, "metrics": False, "logs": False, "operation_spans": False, "auto_configure": False}
_KEYS = {404: "unknown", 405: "wrong_method", 503: "unavailable"}


def create_app(services: PortalServices, bounds: Bounds | None = None, seconds: Callable[[], float] = time.monotonic) -> FastAPI:
    """Make the application. It has no page that describes it, and sends nothing to any telemetry.

    ``seconds`` is the clock by which callers are slowed down.
    """
    pages = Pages(services.centre.name)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False, telemetry=_SILENT)
    app.include_router(Attestation(services, pages).router())
    app.include_router(Choice(services, pages).router())
    if services.room is not None:
        app.include_router(ListeningRoom(services, pages, services.room).router())
    _plain_pages(app, services, pages)
    _errors(app, services, pages)

    def refuse(key: str, scope: Scope, status: int, incident: str | None) -> Response:
        return pages.message(key, scope, services.centre.contact, status, incident)

    app.add_middleware(
        Guard,
        url=services.centre.portal_url,
        by_client=Allowance(burst=300, per_second=5, seconds=seconds),  # sixty candidates behind one address
        by_link=Allowance(burst=60, per_second=1, seconds=seconds),
        by_sound=Allowance(burst=600, per_second=30, seconds=seconds),  # a player that seeks asks for many small ranges
        refuse=refuse,
        bounds=bounds or Bounds(),
    )
    return app


def _plain_pages(app: FastAPI, services: PortalServices, pages: Pages) -> None:
    reads = ["GET", "HEAD"]

    def home(request: Request) -> Response:
        language = asked_language(request.scope) or Language.FR
        return pages.draw("home.html", request.scope, language, _contact(services))

    def health() -> Response:
        return PlainTextResponse("ok")

    def static(name: str) -> Response:
        found = pages.static(name)
        if found is None:
            raise HTTPException(404)
        return found

    app.add_api_route("/", home, methods=reads, response_model=None)
    app.add_api_route("/healthz", health, methods=reads, response_model=None)
    app.add_api_route("/static/{name}", static, methods=reads, response_model=None)


def _errors(app: FastAPI, services: PortalServices, pages: Pages) -> None:
    def unknown(request: Request, _error: Exception) -> Response:
        return pages.message("unknown", request.scope, _contact(services), 404)

    def unavailable(request: Request, _error: Exception) -> Response:
        return pages.message("unavailable", request.scope, services.centre.contact, 503)

    def other(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 400
        contact = _contact(services) if status == 404 else services.centre.contact  # noqa: PLR2004 - as in _KEYS
        response = pages.message(_KEYS.get(status, "wrong_form"), request.scope, contact, status)
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    app.add_exception_handler(UnknownLinkError, unknown)
    app.add_exception_handler(DatabaseUnavailableError, unavailable)
    app.add_exception_handler(HTTPException, other)


def _contact(services: PortalServices) -> Contact:
    """Return whom a stranger may ask: a coordinator, or the centre's own contact where the database does not answer."""
    try:
        with services.database.reading() as session:
            return services.centre.contact_for(session, None)
    except DatabaseUnavailableError:
        return services.centre.contact
