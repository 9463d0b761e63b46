"""What the pages behind a personal link have in common: their routes, the link's opening, and whose page it is."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, ClassVar

from fastapi import APIRouter, Depends
from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from portal import dossier
from portal.dossier import Visit
from portal.form import Form, read_form
from portal.pages import Pages
from portal.services import PortalServices


@dataclass(frozen=True)
class PersonalPages(ABC):
    """A form behind a link, and its page of thanks. GET shows, POST acts: mail scanners open links too."""

    services: PortalServices
    pages: Pages

    letter: ClassVar[str]
    """What stands before the token in the address."""

    def router(self) -> APIRouter:
        """Return the routes: the form at ``/letter/{token}``, and its page of thanks below."""
        form = f"/{self.letter}/{{token}}"
        router = APIRouter()
        router.add_api_route(form, self.show, methods=["GET", "HEAD"], response_model=None)
        router.add_api_route(form, self.act, methods=["POST"], response_model=None)
        router.add_api_route(f"{form}/merci", self.thank, methods=["GET", "HEAD"], response_model=None)
        return router

    @abstractmethod
    def show(self, token: str, request: Request) -> Response:
        """Show the form; nothing changes."""

    @abstractmethod
    def act(self, token: str, request: Request, form: Annotated[Form, Depends(read_form)]) -> Response:
        """Do what the form asks, or show what is left to look at."""

    @abstractmethod
    def thank(self, token: str, request: Request) -> Response:
        """Say that it was done."""

    @contextmanager
    def visiting(self, token: str, request: Request) -> Iterator[tuple[Session, Visit]]:
        """Open a link to read its dossier.

        Raises:
            UnknownLinkError: it opens nothing.
        """
        with self.services.database.reading() as session:
            yield session, dossier.visit(self.services, session, token, request.scope, self.services.clock.now())

    def draw(self, template: str, request: Request, seen: Visit, *, status: int = 200, **values: object) -> Response:
        """Draw a page that names the certification and the candidate's reference."""
        mine = {"about": seen.about, "reference": seen.file.candidate.reference}
        return self.pages.draw(template, request.scope, seen.language, seen.contact, status=status, **mine, **values)
