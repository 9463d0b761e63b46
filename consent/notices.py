"""Information notices: what the client is told before agreeing. Each is data of the centre, with its text, hash and dates.

A notice's text never changes under its identifier: records cite both. The hash is that of the French text, which is the one
that is read out; the English is a rendering.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from consent.errors import NoticeError
from registry.problems import Words

SHIPPED = Path(__file__).parent / "notices"
_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
_KEYS = {"id", "status", "valid_from", "valid_to", "channel", "listeners", "title", "text"}


class Status(StrEnum):
    """Whether the centre may use a notice."""

    DRAFT = "draft"
    APPROVED = "approved"


class Channel(StrEnum):
    """How the client was told that the recording travels."""

    MAIL = "mail"
    TRANSFER_SITE = "transfer_site"
    SEALED_DEPOSIT = "sealed_deposit"


class Audience(StrEnum):
    """Who may listen."""

    JURY_MEMBER = "jury_member"
    EVALUATOR = "evaluator"
    CENTRE = "centre"
    APPEAL_PANEL = "appeal_panel"


AUDIENCE_WORDS = {
    Audience.JURY_MEMBER: Words("membre du jury", "member of the jury"),
    Audience.EVALUATOR: Words("membre du comité technique d’évaluation", "member of the technical evaluation committee"),
    Audience.CENTRE: Words("personne du centre", "person of the centre"),
    Audience.APPEAL_PANEL: Words("personne chargée d’un recours", "person in charge of an appeal"),
}


@dataclass(frozen=True, slots=True)
class Listener:
    """A kind of person who may listen to one recording, and how many of them at most (``None``: no number was given)."""

    who: Audience
    at_most: int | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice. ``valid_to`` is the last day of use, that day included; ``None`` while it is in use."""

    id: str
    status: Status
    title: Words
    text: Words
    sha256: str
    valid_from: date
    valid_to: date | None
    channel: Channel
    listeners: tuple[Listener, ...]

    def in_use(self, day: date) -> bool:
        """Say whether it is approved, and was in use on a day."""
        return self.status is Status.APPROVED and self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Notices:
    """All the notices that the centre knows, oldest first."""

    all: tuple[Notice, ...]

    def get(self, notice_id: str) -> Notice | None:
        """Find a notice."""
        return next((notice for notice in self.all if notice.id == notice_id), None)

    def offered(self, first: date, last: date) -> tuple[Notice, ...]:
        """Return those that a client may have heard between two days: approved, and in use on one of them at least."""
        return tuple(
            notice
            for notice in self.all
            if notice.status is Status.APPROVED and notice.valid_from <= last and (notice.valid_to is None or first <= notice.valid_to)
        )


def load_notices(centre: Path | None = None) -> Notices:
    """Load the shipped notices, and those of the centre's own directory.

    The centre may approve a shipped notice, or end its use, with a file of the same identifier and the same text.

    Raises:
        NoticeError: a file is wrong, or gives another text to an identifier.
    """
    found = {notice.id: notice for notice in map(_load, sorted(SHIPPED.glob("*.toml")))}
    own: dict[str, Notice] = {}
    for path in sorted(centre.glob("*.toml")) if centre else ():
        notice = _load(path)
        if notice.id in own:
            msg = f"{path.name}: the notice {notice.id} is there twice; keep one file"
            raise NoticeError(msg)
        if notice.id in found and found[notice.id].sha256 != notice.sha256:
            msg = f"{path.name}: the notice {notice.id} exists with another text; give the new text an identifier of its own"
            raise NoticeError(msg)
        own[notice.id] = notice
    return Notices(tuple(sorted((found | own).values(), key=lambda notice: (notice.valid_from, notice.id))))


def canonical(text: str) -> str:
    """Return a text as it is hashed: NFC, words parted by one space, paragraphs by one empty line."""
    paragraphs = re.split(r"\n\s*\n", unicodedata.normalize("NFC", text).strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def wider_than(notice: Notice, granted: Iterable[Listener]) -> tuple[Listener, ...]:
    """Return those to whom listening is granted and whom the notice did not announce, or announced in a smaller number.

    ``granted`` counts the people who may listen to *one* recording.
    """
    announced = {listener.who: listener for listener in notice.listeners}
    return tuple(listener for listener in granted if not _covered(listener, announced.get(listener.who)))


def _covered(granted: Listener, announced: Listener | None) -> bool:
    if announced is None:
        return False
    if announced.at_most is None:
        return True
    return granted.at_most is not None and granted.at_most <= announced.at_most


def _load(path: Path) -> Notice:
    try:
        return _notice(tomllib.loads(path.read_text(encoding="utf-8")))
    except NoticeError:
        raise
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        msg = f"{path.name} is not a notice ({error}); compare it with docs/formats/attestation.md"
        raise NoticeError(msg) from error


def _notice(values: Mapping[str, Any]) -> Notice:
    unknown = set(values) - _KEYS
    identifier, first, last = values["id"], values["valid_from"], values.get("valid_to")
    if unknown or not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        msg = f"unknown keys {sorted(unknown)}" if unknown else "id must be small letters, digits and hyphens"
        raise ValueError(msg)
    if type(first) is not date or (last is not None and type(last) is not date):
        msg = "valid_from and valid_to are dates without quotes, such as 2026-01-01"
        raise TypeError(msg)
    text = _words(values["text"])
    return Notice(
        id=identifier,
        status=Status(values["status"]),
        title=_words(values["title"]),
        text=text,
        sha256=hashlib.sha256(text.fr.encode()).hexdigest(),
        valid_from=first,
        valid_to=last,
        channel=Channel(values["channel"]),
        listeners=_listeners(values["listeners"]),
    )


def _words(value: object) -> Words:
    if (
        not isinstance(value, dict)
        or set(value) != {"fr", "en"}
        or not all(isinstance(text, str) and text.strip() for text in value.values())
    ):
        msg = "title and text have two entries, fr and en"
        raise TypeError(msg)
    return Words(canonical(value["fr"]), canonical(value["en"]))


def _listeners(value: object) -> tuple[Listener, ...]:
    if not isinstance(value, list):
        msg = "listeners is a list"
        raise TypeError(msg)
    return tuple(Listener(Audience(one["who"]), _count(one.get("at_most"))) for one in value)


def _count(value: object) -> int | None:
    if value is not None and (not isinstance(value, int) or value < 1):
        msg = "at_most is a whole number, 1 at least"
        raise ValueError(msg)
    return value
