"""The consent record: what the candidate attests about the agreement of the client on the phone.

It holds no name, no company and no free text: a random reference stands for the client, closed lists for the rest. What is
held is the candidate's attestation, not proof of the client's words. Rule 5 of the certification; articles 4(11) and 7(1) of
the GDPR: whoever relies on consent shows that it was given.
"""

import json
import re
from dataclasses import dataclass, fields
from datetime import date, time
from enum import StrEnum
from typing import Self

from consent.errors import RecordError

_FORMAT = "consigne-consent/1"
_LETTERS = "A-HJKMNP-Z2-9"
"""What ``registry.sessions`` draws references from: no letter or digit that is read as another."""
_GROUP = 4
_CLIENT_REFERENCE = re.compile(rf"[{_LETTERS}]{{4}}-[{_LETTERS}]{{4}}")
_CANDIDATE_REFERENCE = re.compile(r"[A-Za-z0-9-]{2,32}")
_NOTICE_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,31}")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Way(StrEnum):
    """How the client agreed."""

    ORAL_BEFORE = "oral_before"
    ORAL_AT_START = "oral_at_start"
    WRITTEN = "written"


class ClientRole(StrEnum):
    """What the client's employee does there. The list is closed, so that nothing can name him."""

    MANAGER = "manager"
    HUMAN_RESOURCES = "human_resources"
    PAYROLL = "payroll"
    ACCOUNTING = "accounting"
    ADMINISTRATION = "administration"
    OTHER = "other"


class Source(StrEnum):
    """The door by which an attestation came."""

    FORM = "form"
    PDF = "pdf"
    FILE = "file"
    IMPORT = "import"


def read_client_reference(text: str) -> str:
    """Return a client's reference as we write it, from any case and spacing.

    Raises:
        ValueError: not one that we could have given.
    """
    bare = re.sub(r"[\s\u2010-\u2015-]", "", text).upper()
    written = f"{bare[:_GROUP]}-{bare[_GROUP:]}"
    if not _CLIENT_REFERENCE.fullmatch(written):
        msg = "not a client's reference"
        raise ValueError(msg)
    return written


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One attestation, whole and typed. ``consent.rules`` says whether it suffices.

    ``call_date`` and ``given_on`` (when the client agreed) are civil dates in Europe/Paris; ``attested_on`` is the day on
    which the candidate attested. The three ``told_…`` are the three things said to the client: that the call is recorded;
    what for and who listens; how long it is kept.

    Raises:
        RecordError: a reference, the notice's identifier or its hash is not of its form.
    """

    candidate_reference: str
    client_reference: str
    call_date: date
    call_time: time | None
    given_on: date
    way: Way
    told_recording: bool
    told_purpose: bool
    told_retention: bool
    notice_id: str
    notice_sha256: str
    client_role: ClientRole | None
    attested_on: date
    source: Source

    def __post_init__(self) -> None:
        for pattern, value in (
            (_CANDIDATE_REFERENCE, self.candidate_reference),
            (_CLIENT_REFERENCE, self.client_reference),
            (_NOTICE_ID, self.notice_id),
            (_SHA256, self.notice_sha256),
        ):
            if not pattern.fullmatch(value):
                msg = "a reference in the consent record is not of its form; make the record through consent.rules"
                raise RecordError(msg)

    def to_json(self) -> str:
        """Return the record as one line of canonical JSON: sorted keys, no spaces."""
        values = {field.name: _plain(getattr(self, field.name)) for field in fields(self)}
        return json.dumps({"format": _FORMAT, **values}, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Read what ``to_json`` wrote, and nothing else.

        Raises:
            RecordError: another format, a key too many or missing, a value of another type, or not in canonical form.
        """
        try:
            values = json.loads(text)
            if values.pop("format") != _FORMAT:
                raise RecordError(_NOT_OURS)
            record = cls(
                candidate_reference=_text(values.pop("candidate_reference")),
                client_reference=_text(values.pop("client_reference")),
                call_date=date.fromisoformat(values.pop("call_date")),
                call_time=_time(values.pop("call_time")),
                given_on=date.fromisoformat(values.pop("given_on")),
                way=Way(values.pop("way")),
                told_recording=_flag(values.pop("told_recording")),
                told_purpose=_flag(values.pop("told_purpose")),
                told_retention=_flag(values.pop("told_retention")),
                notice_id=_text(values.pop("notice_id")),
                notice_sha256=_text(values.pop("notice_sha256")),
                client_role=_role(values.pop("client_role")),
                attested_on=date.fromisoformat(values.pop("attested_on")),
                source=Source(values.pop("source")),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise RecordError(_NOT_OURS) from error
        if values or record.to_json() != text:
            raise RecordError(_NOT_OURS)
        return record


_NOT_OURS = "this is not a consent record as we write it; take the attestation again"


def _plain(value: object) -> object:
    if isinstance(value, time):
        return value.strftime("%H:%M")
    return value.isoformat() if isinstance(value, date) else value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise RecordError(_NOT_OURS)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise RecordError(_NOT_OURS)
    return value


def _time(value: object) -> time | None:
    return None if value is None else time.fromisoformat(_text(value))


def _role(value: object) -> ClientRole | None:
    return None if value is None else ClientRole(_text(value))
