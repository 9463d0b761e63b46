"""What every answer must know of the centre."""

from dataclasses import dataclass

from sqlmodel import Session

from notifications.parts import Contact
from registry import users
from registry.sessions import File
from registry.tables import Role


@dataclass(frozen=True)
class Centre:
    """The centre, as people are told of it.

    ``portal_url`` has no slash at its end; the contact is used until a coordinator is enrolled; ``mail_domain`` makes
    Message-IDs.
    """

    name: str
    portal_url: str
    contact: Contact
    mail_domain: str
    max_bytes: int
    postal_grace_days: int | None = None  # chosen by the centre; else the scheme's own holds

    def contact_for(self, session: Session, _file: File | None) -> Contact:
        """Return the coordinator whom people of this dossier may ask."""
        enrolled = users.holding(session, Role.COORDINATOR)
        if not enrolled:
            return self.contact
        first = enrolled[0]
        return Contact(first.name, first.mail, first.teams_link)

    def form_url(self, token: str) -> str:
        """Return the address of a personal form."""
        return f"{self.portal_url}/a/{token}"

    def choice_url(self, token: str) -> str:
        """Return the address where a candidate says which of two files he presents."""
        return f"{self.portal_url}/c/{token}"
