"""The rules of consent, pure: what an attestation lacks, whether it belongs here, what it says against the recording.

Source: rule 5 of the certification's rules. ``CONSENT_LATE`` only when the declared date is after the call's: nothing is
presumed from times, from the way, or from the day on which the candidate attested.
"""

from dataclasses import dataclass
from datetime import date, time

from consent.declaration import Declaration
from consent.faults import ConsentFault
from consent.notices import Notice, Notices
from consent.record import ClientRole, ConsentRecord, Source, Way
from consent.words import ITEMS, ROLES, WAYS
from registry.problems import Problem


@dataclass(frozen=True, slots=True)
class Expected:
    """The dossier in which an attestation is read."""

    session: str
    candidate_reference: str
    client_reference: str


@dataclass(frozen=True, slots=True)
class Settled:
    """A record, or everything that keeps the declaration from being one. Never both, never neither.

    ``misplaced`` says that the attestation belongs to another dossier, or was altered: it tells nothing about this one.
    """

    record: ConsentRecord | None
    problems: tuple[Problem, ...] = ()
    misplaced: bool = False


def settle(said: Declaration, expected: Expected, notices: Notices, *, today: date, source: Source) -> Settled:
    """Make a record out of a declaration.

    ``today`` is the civil day on which it was attested. References that the declaration leaves out are those of the dossier.
    """
    foreign = _foreign(said, expected)
    if foreign:
        return Settled(None, foreign, misplaced=True)
    notice = notices.get(said.notice_id) if said.notice_id else None
    problems = (*missing(said), *_notice_problems(said, notice))
    if problems or said.call_date is None or said.given_on is None or said.way is None or notice is None:
        return Settled(None, problems)
    record = ConsentRecord(
        candidate_reference=expected.candidate_reference,
        client_reference=expected.client_reference,
        call_date=said.call_date,
        call_time=said.call_time,
        given_on=said.given_on,
        way=said.way,
        told_recording=said.told_recording is True,
        told_purpose=said.told_purpose is True,
        told_retention=said.told_retention is True,
        notice_id=notice.id,
        notice_sha256=notice.sha256,
        client_role=said.client_role,
        attested_on=today,
        source=source,
    )
    return Settled(record)


def missing(said: Declaration) -> tuple[Problem, ...]:
    """Return what a declaration leaves out, in the order of the form."""
    items = (
        (said.call_date is None, ConsentFault.NO_CALL_DATE),
        (said.given_on is None, ConsentFault.NO_GIVEN_DATE),
        (said.way is None, ConsentFault.NO_WAY),
        (said.told_recording is not True, ConsentFault.NOT_TOLD_RECORDING),
        (said.told_purpose is not True, ConsentFault.NOT_TOLD_PURPOSE),
        (said.told_retention is not True, ConsentFault.NOT_TOLD_RETENTION),
        (said.notice_id is None, ConsentFault.NO_NOTICE),
    )
    return tuple(Problem(fault) for absent, fault in items if absent)


def refusals(record: ConsentRecord) -> tuple[Problem, ...]:
    """Return what a whole record says against its recording. The day of reference is that of the attestation."""
    found = []
    if record.given_on > record.call_date:
        found.append(Problem(ConsentFault.CONSENT_LATE, found=record.given_on, wanted=record.call_date))
    if record.call_date > record.attested_on:
        found.append(Problem(ConsentFault.CALL_IN_FUTURE, found=record.call_date))
    if record.given_on > record.attested_on:
        found.append(Problem(ConsentFault.GIVEN_IN_FUTURE, found=record.given_on))
    return tuple(found)


_COMPARED = ("call_date", "call_time", "given_on", "way", "notice_id", "client_role", "client_reference")
_OPTIONAL = frozenset({"call_time", "client_role"})


def disagreements(first: ConsentRecord, second: ConsentRecord) -> tuple[Problem, ...]:
    """Return where two attestations of one call contradict each other: the coordinator's matter, never settled by software.

    An optional item that one of them leaves out is no contradiction.
    """
    found = []
    for name in _COMPARED:
        one, other = getattr(first, name), getattr(second, name)
        if one != other and not (name in _OPTIONAL and None in {one, other}):
            found.append(Problem(ConsentFault.CONFLICT, None, ITEMS[name].fr, _comparable(one), _comparable(other)))
    return tuple(found)


def _comparable(value: object) -> str | date:
    if isinstance(value, date):
        return value
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Way):
        return WAYS[value].fr
    return ROLES[value].fr if isinstance(value, ClientRole) else str(value)


def _foreign(said: Declaration, expected: Expected) -> tuple[Problem, ...]:
    items = (
        (ConsentFault.OTHER_SESSION, said.session, expected.session),
        (ConsentFault.OTHER_CANDIDATE, said.candidate_reference, expected.candidate_reference),
        (ConsentFault.OTHER_CLIENT, said.client_reference, expected.client_reference),
    )
    return tuple(
        Problem(fault, found=value, wanted=wanted) for fault, value, wanted in items if value and value.casefold() != wanted.casefold()
    )


def _notice_problems(said: Declaration, notice: Notice | None) -> tuple[Problem, ...]:
    if said.notice_id is None:
        return ()
    if notice is None:
        return (Problem(ConsentFault.UNKNOWN_NOTICE, found=said.notice_id),)
    if said.given_on is not None and not notice.in_use(said.given_on):
        return (Problem(ConsentFault.NOTICE_NOT_IN_USE, None, notice.title.fr, said.given_on),)
    return ()
