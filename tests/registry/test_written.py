"""Dates and times as people write them."""

from contextlib import suppress
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.codes import Language
from registry.phrases import long_date
from registry.written import read_date, read_moment, read_time

TWELFTH = date(2026, 3, 12)


@pytest.mark.parametrize(
    "text",
    [
        "12/03/2026",
        "12.3.26",
        "12 mars 2026",
        "2026-03-12",
        "jeudi 12 mars 2026",
        "Jeudi, 12 MARS 2026",
        "le 12 mars 2026",
        "12-03-2026",
        "12 / 03 / 2026",
        "12 03 26",
        "12-mars-26",
        "March 12, 2026",
        "Thursday 12 March 2026",
        "12th March 2026",
        " 12/03/2026. ",
        "12\u00a0mars\u202f2026",
    ],
)
def test_a_date_is_read_however_it_is_written(text: str) -> None:
    """Every usual way to write a day gives that day."""
    assert read_date(text) == TWELFTH


@pytest.mark.parametrize(
    "text",
    [
        "",
        "12",
        "3/2026",
        "31/02/2026",
        "12/13/2026",
        "mercredi 12 mars 2026",
        "12/03/1999",
        "12/03/0026",
        "demain",
        "12 m 2026",
        "١٢/٠٣/٢٠٢٦",
        "1" * 200,
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    """Nothing is guessed: not a month, not a weekday that is wrong, not another century, not other digits."""
    with pytest.raises(ValueError, match=r"."):
        read_date(text)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.sampled_from(list(Language)))
def test_the_dates_that_we_write_are_read_back(day: date, language: Language) -> None:
    """What our own mails say can be copied into a form."""
    assert read_date(long_date(day, language)) == day
    assert read_date(day.isoformat()) == day
    assert read_date(f"{day:%d/%m/%y}") == day


@given(st.text(max_size=80))
def test_any_text_is_a_date_or_a_refusal(text: str) -> None:
    """No text makes the reader fail in another way."""
    with suppress(ValueError):
        assert 2000 <= read_date(text).year <= 2099


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("14h30", time(14, 30)),
        ("14 h 30", time(14, 30)),
        ("14:30", time(14, 30)),
        ("14h", time(14)),
        ("9h05", time(9, 5)),
        ("14:30:00", time(14, 30)),
        ("2:30 pm", time(14, 30)),
        ("12:00 am", time(0)),
    ],
)
def test_a_time_is_read_however_it_is_written(text: str, expected: time) -> None:
    """Every usual way to write a time gives that time."""
    assert read_time(text) == expected


@pytest.mark.parametrize("text", ["", "14", "25h", "14h61", "14.30", "13:00 pm", "midi"])
def test_what_is_no_time_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ValueError, match=r"."):
        read_time(text)


@pytest.mark.parametrize("text", ["12/03/2026 14:30", "12/03/2026 à 14h30", "2026-03-12T14:30:00", "jeudi 12 mars 2026 à 14 h 30"])
def test_a_moment_is_a_date_and_a_time(text: str) -> None:
    """Both may stand in one cell."""
    assert read_moment(text) == datetime(2026, 3, 12, 14, 30)  # noqa: DTZ001 - a civil moment has no zone yet
