"""The intake report: every candidate once, in the state that he is in."""

from datetime import UTC, datetime, timedelta

import pytest

from intake import posting, reporting
from notifications.words.report_words import ReportState, ToDo
from registry.codes import Code, Language
from registry.errors import RefusedError
from registry.tables import EvaluationSession
from tests.factories import CALL_ON, CENTRE, DEADLINE, NOW, Intakes, admitted, attest, coordinator, mails_of, opened, record

pytestmark = pytest.mark.postgresql_later

LATE = datetime(2026, 5, 25, 22, 0, tzinfo=UTC)  # midnight in Paris, after the last day


def _states(parts: Intakes, session: EvaluationSession, as_of: datetime = NOW) -> dict[str, ReportState]:
    with parts.database.reading() as reading:
        made = reporting.report(reading, session, as_of, Language.FR)
    return {row.reference: row.state for row in made.rows}


def test_every_candidate_has_one_row(intakes: Intakes) -> None:
    """One in each state; after the last day, what was missing or refused is late, and nothing else changed."""
    files = opened(intakes.database, *(f"C-{number}" for number in range(5)))
    received, doubted, waiting, refused, _ = files
    attest(intakes, received)
    attest(intakes, doubted)
    admitted(intakes, received, data=b"1")
    admitted(intakes, doubted, Code.SILENT, data=b"2")
    admitted(intakes, waiting, data=b"3")
    admitted(intakes, refused, Code.TOO_LONG, data=b"4")
    told = [ReportState.RECEIVED, ReportState.TO_CHECK, ReportState.WAITING, ReportState.REFUSED, ReportState.MISSING]
    references = [file.candidate.reference for file in files]
    assert _states(intakes, received.session) == dict(zip(references, told, strict=True))
    assert _states(intakes, received.session, LATE - timedelta(microseconds=1)) == dict(zip(references, told, strict=True))
    late = [*told[:3], ReportState.LATE, ReportState.LATE]
    assert _states(intakes, received.session, LATE) == dict(zip(references, late, strict=True))


def test_a_later_refusal_does_not_hide_what_was_received(intakes: Intakes) -> None:
    """The recording that stands is reported, not the last file that came."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    admitted(intakes, file, data=b"good")
    intakes.clock.go_on(hours=1)
    admitted(intakes, file, Code.TOO_LONG, data=b"bad")
    assert list(_states(intakes, file.session).values()) == [ReportState.RECEIVED]


def test_two_files_together_are_a_thing_to_do(intakes: Intakes) -> None:
    """The coordinator sees that the candidate must choose."""
    (file,) = opened(intakes.database)
    attest(intakes, file)
    came = intakes.clock.now()
    for number in range(2):
        admitted(intakes, file, data=b"%d" % number, at=intakes.clock.go_on(seconds=20), received_at=came + timedelta(seconds=number))
    attest(intakes, file, record(CALL_ON + timedelta(days=1)))
    with intakes.database.reading() as reading:
        (row,) = reporting.report(reading, file.session, NOW, Language.FR).rows
    assert (row.state, row.to_do) == (ReportState.RECEIVED, ToDo.CHOOSE)


def test_the_next_date_of_a_waiting_one(intakes: Intakes) -> None:
    """It is waited for some days after the last day for deposits."""
    (file,) = opened(intakes.database)
    admitted(intakes, file)
    with intakes.database.reading() as reading:
        (row,) = reporting.report(reading, file.session, NOW, Language.FR).rows
    assert row.next_date == DEADLINE + timedelta(days=7)


def test_an_empty_session(intakes: Intakes) -> None:
    """There is nothing to report on, and the daily mails pass it over."""
    (file,) = opened(intakes.database)
    coordinator(intakes.database)
    empty = file.session.model_copy(update={"id": "ses_none"})
    with intakes.database.reading() as reading, pytest.raises(RefusedError, match="no candidate"):
        reporting.report(reading, empty, NOW, Language.FR)


def test_daily_reports_once_a_day(intakes: Intakes) -> None:
    """Each coordinator gets one mail a session and day, however often the sweep runs, until long after the exam."""
    opened(intakes.database)
    coordinator(intakes.database)
    lapse = [timedelta(), timedelta(hours=2), timedelta(days=1), timedelta(days=90)]
    assert [posting.daily_reports(intakes.database, CENTRE, NOW + one) for one in lapse] == [1, 0, 1, 0]
    with intakes.database.reading() as session:
        assert len(mails_of(session)) == 2
