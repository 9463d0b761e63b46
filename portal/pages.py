"""Drawing pages: one set of templates, one stylesheet, and a script where sound is played.

Links are relative, so that a prefix may stand before them.
"""

import hashlib
from collections.abc import Mapping
from functools import cache, cached_property
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import Scope

from notifications.answers import contact_lines
from notifications.parts import Contact
from portal.words import words
from registry.codes import Language

_STATIC = {"style.css": "text/css; charset=utf-8", "icon.svg": "image/svg+xml", "listening.js": "text/javascript; charset=utf-8"}


class Pages:
    """Fills templates. Everything that people wrote is escaped."""

    def __init__(self, centre_name: str) -> None:
        self._centre_name = centre_name

    def draw(
        self, template: str, scope: Scope, language: Language, contact: Contact, *, status: int = 200, **values: object
    ) -> HTMLResponse:
        """Draw one page."""
        said = words(language)
        html = (
            _environment()
            .get_template(template)
            .render(
                w=said,
                language=language.value,
                up=_up(scope),
                version=self._version,
                centre=self._centre_name,
                contact=contact,
                contact_lines=contact_lines(contact, language)[1:],
                **values,
            )
        )
        return HTMLResponse(html, status)

    def message(self, key: str, scope: Scope, contact: Contact, status: int, incident: str | None = None) -> HTMLResponse:
        """Draw a calm page that says one thing, and whom to ask."""
        language = asked_language(scope) or Language.FR
        title, *lines = words(language).messages[key]
        return self.draw("message.html", scope, language, contact, status=status, title=title, lines=lines, incident=incident)

    def static(self, name: str) -> Response | None:
        """Return one of our files, or None."""
        if name not in _STATIC:
            return None
        return Response(self._files[name], media_type=_STATIC[name], headers={"cache-control": "public, max-age=31536000, immutable"})

    @cached_property
    def _files(self) -> Mapping[str, bytes]:
        folder = resources.files("portal").joinpath("static")
        return {name: folder.joinpath(name).read_bytes() for name in _STATIC}

    @cached_property
    def _version(self) -> str:
        return hashlib.sha256(b"".join(self._files.values())).hexdigest()[:12]


def asked_language(scope: Scope) -> Language | None:
    """Return the language that the address asks for, if it names one of ours."""
    asked = Request(scope).query_params.get("lang")
    return Language(asked) if asked in set(Language) else None


def see(target: str, scope: Scope) -> RedirectResponse:
    """Send the browser to another page, below the present folder, in the language that it asked for."""
    language = asked_language(scope)
    return RedirectResponse(f"{target}?lang={language}" if language else target, 303)


@cache
def _environment() -> Environment:
    loader = PackageLoader("portal", "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def _up(scope: Scope) -> str:
    """Return the way from the page to the top, as a relative address."""
    return "../" * (str(scope["path"]).count("/") - 1) or "./"
