"""Names again, after a rebuild without a backup: who a pseudonym stands for, and what a session was called. A person says so.

Only what a restore rebuilt can be named this way: a candidate whose name is his pseudonym, a session whose code begins with ``REPRISE-``.
"""

import re
from typing import Final

from sqlmodel import col, select

from registry import sessions
from registry.database import Transaction
from registry.errors import RefusedError
from registry.roster import RosterLine
from registry.tables import Candidate, Dossier, EvaluationSession
from retention.rebuilding import REBUILT

_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{1,39}")


def dossiers_of(tx: Transaction, pseudonym: str) -> list[Dossier]:
    """Return the dossiers of a candidate who was rebuilt, oldest first.

    Raises:
        RefusedError: nobody of this pseudonym waits for a name.
    """
    found = tx.session.exec(select(Candidate).where(Candidate.pseudonym == pseudonym)).first()
    if found is None or found.family_name != pseudonym:
        raise RefusedError(f"no candidate who waits for a name is called {pseudonym}: the list of the restore shows them")
    query = select(Dossier).where(Dossier.candidate_id == found.id).order_by(col(Dossier.opened_at), col(Dossier.id))
    return list(tx.session.exec(query).all())


def name_candidate(tx: Transaction, pseudonym: str, line: RosterLine) -> Candidate:
    """Give a candidate who was rebuilt his name, address and reference; his folders are called as they were.

    Raises:
        RefusedError: nobody of this pseudonym waits for a name, or the reference is somebody's already.
    """
    dossiers = dossiers_of(tx, pseudonym)
    if tx.session.exec(select(Candidate.id).where(Candidate.reference == line.reference)).first() is not None:
        raise RefusedError(
            f"the reference {line.reference} is enrolled already: name the rebuilt candidates before you import the list again"
        )
    candidate = tx.session.exec(select(Candidate).where(Candidate.pseudonym == pseudonym)).one()
    candidate.reference, candidate.civility = line.reference, line.civility
    candidate.family_name, candidate.given_name, candidate.mail = line.family_name, line.given_name, line.mail
    candidate.employer, candidate.department, candidate.language = line.employer, line.department, line.language
    tx.record("candidate.named_again", candidate.id, pseudonym=pseudonym)
    for dossier in dossiers:
        if dossier.folder == pseudonym:
            dossier.folder = line.reference
            tx.record("dossier.named_again", dossier.id)
    return candidate


def name_session(tx: Transaction, code: str, name: str) -> EvaluationSession:
    """Give a session that was rebuilt the code that named its folder.

    Raises:
        RefusedError: it was not rebuilt, or the new code is not fit or taken.
    """
    found = sessions.by_code(tx.session, code)
    if found is None or not code.startswith(REBUILT):
        raise RefusedError(f"no session that was rebuilt is called {code}: “consigne session list” shows them")
    if not _CODE.fullmatch(name) or name.startswith(REBUILT):
        raise RefusedError(f"{name!r} cannot name a session: use 2 to 40 letters without accents, digits, - and _")
    if sessions.by_code(tx.session, name) is not None:
        raise RefusedError(f"the session {name} exists already: choose another code")
    found.code = name
    tx.record("session.named_again", found.id)
    return found
