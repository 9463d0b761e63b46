"""The promises, and which of them hold in this installation. ``docs/promises.md`` says where each is kept, and which test would fail.

Most are kept by the code and hold everywhere. Some need something of the installation: what ``doctor`` found, and what the settings say,
tells whether it is there.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from consigne.doctor import Finding, Light
from consigne.wiring import Parts
from registry import users
from registry.tables import Role
from retention.terms import Confirmation


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise, in one sentence."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Whether a promise holds here, and what it lacks, or what limits it."""

    promise: Promise
    holds: bool
    note: str = ""


PROMISES: Final = tuple(
    Promise(f"P{number}", sentence)
    for number, sentence in enumerate(
        (
            "Nothing is taken before it is whole.",
            "Nothing leaves the folder before it is stored and read back.",
            "No deposit is lost, wherever a crash comes.",
            "Nothing over the limit is accepted, whatever its headers say.",
            "A hostile file costs at most 15 s and 300 MB, and reaches nothing.",
            "Nobody listens without the client’s consent on record.",
            "Nobody listens to what is not assigned to him, nor outside the window, nor, as CTE member, after the decision.",
            "No account of role operator, no page and no command but recover gives the operator sound.",
            "No sound lies in plain on any disk that Consigne writes; the deposit folder holds it only until it is taken.",
            "The intake side cannot open what it stored, where it runs as a user of its own.",
            "Stored objects cannot be swapped, cut or extended unseen.",
            "Nothing is destroyed early, under a hold, during an appeal, or by a wrong clock.",
            "Nothing that is due becomes overdue unnoticed.",
            "Nothing is called destroyed that was not proved so.",
            "Nothing destroyed comes back from a backup that leaves out vault, mirror and identity, as ours does.",
            "Every change of state is in the journal.",
            "No change to the journal goes unseen.",
            "Every destruction has a certificate that a stranger can verify.",
            "No mail is lost quietly.",
            "No personal data is in logs, URLs, metrics, object keys or the journal.",
            "Where the centre asks for two people, one alone cannot start a clock or bring a date forward.",
            "After destruction and clearing only pseudonyms remain.",
        ),
        start=1,
    )
)

_Question = Callable[[Parts, Sequence[Finding]], tuple[bool, str]]


def standing(parts: Parts, found: Sequence[Finding]) -> list[Standing]:
    """Say of each promise whether it holds here; ``found`` is what ``doctor`` found."""
    told = []
    for one in PROMISES:
        ask = _NEEDS.get(one.id)
        holds, note = ask(parts, found) if ask else (True, "")
        told.append(Standing(one, holds, note))
    return told


def _crash(_parts: Parts, found: Sequence[Finding]) -> tuple[bool, str]:
    if _is(found, "object store's writes", Light.RED):
        return False, "the store acknowledges what is not on the disk yet: start up again"
    if _is(found, "mirror's disk", Light.RED):
        return True, "a crash loses nothing; a disk that dies takes vault and mirror together"
    return True, ""


def _confined(_parts: Parts, found: Sequence[Finding]) -> tuple[bool, str]:
    missing = [
        one.check.removeprefix("confined process: ") for one in found if one.check.startswith("confined") and one.light is not Light.GREEN
    ]
    return not missing, f"missing here: {', '.join(missing)}" if missing else ""


def _operator(parts: Parts, _found: Sequence[Finding]) -> tuple[bool, str]:
    here = parts.settings.path(parts.settings.identity.private_file).exists()
    return True, "root of this machine is not excluded: the identity lies on it" if here else ""


def _plain(_parts: Parts, found: Sequence[Finding]) -> tuple[bool, str]:
    if _is(found, "swap", Light.RED):
        return False, "swap is not encrypted: keys and sound pass through memory"
    scanned = any(one.check == "malware scanner" and one.light is Light.GREEN for one in found)
    return True, "clamd writes what it scans into its own directory: have that in memory" if scanned else ""


def _apart(parts: Parts, _found: Sequence[Finding]) -> tuple[bool, str]:
    told = parts.settings.identity
    readable = all(os.access(parts.settings.path(one), os.R_OK) for one in (told.private_file, told.passphrase_file))
    return not readable, "one account runs everything here, and can read the identity" if readable else ""


def _noticed(parts: Parts, found: Sequence[Finding]) -> tuple[bool, str]:
    if _is(found, "mail", Light.AMBER):
        return False, "no mail leaves this machine: nobody is told, “consigne status” only shows it"
    with parts.database.reading() as session:
        told = any(users.holding(session, role) for role in (Role.COMPLIANCE_OFFICER, Role.COORDINATOR))
    return told, "" if told else "nobody is enrolled who could be told"


def _anchored(parts: Parts, found: Sequence[Finding]) -> tuple[bool, str]:
    """Only what the operator cannot rewrite counts: an outside bucket, or a mail that has left."""
    if parts.settings.anchors.bucket is not None:
        return True, ""
    with parts.database.reading() as session:
        officer = bool(users.holding(session, Role.COMPLIANCE_OFFICER))
    if officer and not _is(found, "mail", Light.AMBER):
        return True, "as long as the compliance officer keeps the daily mails"
    return False, "no checkpoint leaves this machine: name anchors.bucket, or a mail server and a compliance officer"


def _two(parts: Parts, _found: Sequence[Finding]) -> tuple[bool, str]:
    asked = parts.settings.retention.choices.confirmation is Confirmation.TWO
    return True, "" if asked else "this centre does not ask for two"


def _erased(_parts: Parts, found: Sequence[Finding]) -> tuple[bool, str]:
    waits = any(one.check in {"running: erasure", "running: compaction"} for one in found)
    return not waits, "what was erased still waits to leave the files: see “consigne status”" if waits else ""


def _is(found: Sequence[Finding], check: str, light: Light) -> bool:
    return any(one.check == check and one.light is light for one in found)


_NEEDS: Final[Mapping[str, _Question]] = {
    "P3": _crash,
    "P5": _confined,
    "P8": _operator,
    "P9": _plain,
    "P10": _apart,
    "P13": _noticed,
    "P17": _anchored,
    "P21": _two,
    "P22": _erased,
}
