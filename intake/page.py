"""The page that explains, in each candidate's folder: what to drop, until when, what follows. One file, no script."""

from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from intake import facts
from notifications.parts import Contact
from registry.codes import Language
from registry.phrases import long_date, typeset, until
from registry.sessions import File


@dataclass(frozen=True)
class FolderPage:
    """The page, and the names under which it and the attestation lie in the folder."""

    name: str
    content: bytes
    attestation_name: str


_NAMES = {
    Language.FR: ("2 - Mode d’emploi.html", "3 - Attestation d’accord du client (à remplir).pdf"),
    Language.EN: ("2 - How to deposit.html", "3 - Client’s agreement, attestation to fill in.pdf"),
}


def folder_page(file: File, contact: Contact, *, form_link: str) -> FolderPage:
    """Write the page of one folder, in the candidate's language."""
    language = file.language
    rules = file.scheme.recording
    expected, about = facts.expected(file, form_link), facts.setting(file, contact, language)
    html = (
        _environment()
        .get_template(f"folder.{language}.html")
        .render(
            who=facts.person(file),
            about=about,
            contact=contact,
            reference=file.candidate.reference,
            limit=expected.limit,
            until=until(expected.deadline, language),
            hearing=long_date(expected.hearing_date, language),
            earliest=long_date(expected.earliest_call_date, language),
            form_link=form_link,
            takes=rules is not None,
            attestation=_NAMES[language][1],
        )
    )
    return FolderPage(_NAMES[language][0], typeset(html, language).encode(), _NAMES[language][1])


@cache
def _environment() -> Environment:
    return Environment(loader=PackageLoader("intake", "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
