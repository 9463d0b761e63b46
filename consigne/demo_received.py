"""What each person of the demonstration received, laid beside the index: copies, as each keeps his own."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import quote

from consigne import folders
from consigne.demo_deposits import Deposited
from consigne.demo_index import Link, Shown
from consigne.demo_mailboxes import Mailboxes
from consigne.demo_recordings import ConsentWay
from consigne.wiring import Parts
from intake import posting, reporting
from notifications.report_pages import report_page
from notifications.reports import file_name
from notifications.words import ANSWERS
from notifications.workbooks import report_workbook
from registry import sessions, users
from registry.codes import Language
from registry.tables import Role

_CONSENT = {ConsentWay.FORM: "par le formulaire", ConsentWay.PDF: "par le PDF", ConsentWay.MISSING: "manquant"}


def post_report(parts: Parts, directory: Path) -> list[Link]:
    """Send the coordinators their report, and write it beside the index; return the links."""
    now = parts.clock.now()
    with parts.database.reading() as session:
        evaluation = sessions.open_sessions(session)[0]
        made = reporting.report(session, evaluation, now, Language.FR)
    posting.report_now(parts.database, parts.centre, evaluation, now)
    folders.send_now(parts)
    links = []
    for extension, content in (("html", report_page(made, Language.FR).encode()), ("xlsx", report_workbook(made, Language.FR))):
        path = directory / file_name(made, Language.FR, extension)
        path.write_bytes(content)
        links.append(Link(path.name, quote(path.name)))
    return links


def copy_folders(parts: Parts, deposited: Sequence[Deposited], directory: Path) -> dict[str, list[Link]]:
    """Copy each candidate's folder as he sees it now; return the links, by reference."""
    links = {}
    for one in deposited:
        folder = parts.share.root / one.file.session.code / one.file.dossier.folder
        kept = directory / "dossiers" / one.file.candidate.reference
        kept.mkdir(parents=True)
        shown = [path for path in sorted(folder.iterdir()) if not path.name.startswith(".")]
        for path in shown:
            shutil.copyfile(path, kept / path.name)
        links[one.file.candidate.reference] = [Link(path.name, quote(str((kept / path.name).relative_to(directory)))) for path in shown]
    return links


def shown(one: Deposited, kept: Mapping[str, Sequence[Link]], mailboxes: Mailboxes) -> Shown:
    """Return the line of one candidate."""
    found, reference = one.found, one.file.candidate.reference
    return Shown(
        reference=reference,
        case=one.recording.case,
        file_name=one.recording.file_name,
        consent=_CONSENT[one.recording.consent],
        answer=ANSWERS[Language.FR].titles[found.answer].title if found and found.answer else "aucune réponse",
        expected=one.as_expected,
        codes=" ".join([*found.codes, *found.warnings]) if found else "",
        seconds=f"{one.answered_after:.1f} s".replace(".", ",") if one.answered_after is not None else "jamais",
        folder=kept[reference],
        mails=mailboxes.of(one.file.candidate.id),
    )


def staff_of(parts: Parts) -> list[str]:
    """Return the identifiers of those of the staff who receive mails: the coordinators, then the compliance officers."""
    with parts.database.reading() as session:
        return [user.id for role in (Role.COORDINATOR, Role.COMPLIANCE_OFFICER) for user in users.holding(session, role)]
