"""What the demonstration is made of, where it could fool its reader."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from consigne.demo_days import Chronicle
from consigne.demo_parts import DemoClock, MovedReferences, at
from consigne.demo_proofs import forge, search

_NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class _Machine:
    """A machine whose every clock says the same."""

    one_machine = True

    def now(self) -> datetime:
        """Return its time."""
        return _NOW

    database = objects = outside = now

    def synchronised(self) -> bool:
        """Claim that its kernel is in time."""
        return True


def test_the_clock_goes_forward_only() -> None:
    """It comes to the instant that it is told, and refuses one that is past."""
    clock = DemoClock(_Machine())
    clock.go_on_to(_NOW + timedelta(days=40))
    assert clock.now() == _NOW + timedelta(days=40)
    with pytest.raises(ValueError, match="forward"):
        clock.go_on_to(_NOW + timedelta(days=39))


def test_an_hour_of_a_day_is_that_of_paris() -> None:
    """In winter and in summer."""
    assert at(datetime(2027, 1, 6, tzinfo=UTC).date(), 14) == datetime(2027, 1, 6, 13, tzinfo=UTC)
    assert at(datetime(2027, 7, 6, tzinfo=UTC).date(), 14) == datetime(2027, 7, 6, 12, tzinfo=UTC)


def test_the_references_go_along_and_no_kernel_answers_for_them() -> None:
    """Database and store are as far ahead as the clock; nothing claims that a played date is synchronised."""
    clock = DemoClock(_Machine())
    clock.go_on_to(_NOW + timedelta(days=100))
    moved = MovedReferences(_Machine(), clock)
    assert moved.database() == moved.objects() == moved.outside() == clock.now()
    assert not moved.synchronised()


def test_one_unexpected_step_is_enough() -> None:
    """The story holds only if every step does, and the line says which did not."""
    said: list[str] = []
    chronicle = Chronicle(DemoClock(_Machine()), said.append)
    chronicle.tell("one", "un")
    before = chronicle.holds
    chronicle.tell("two", "deux", expected=False)
    chronicle.tell("three", "trois")
    assert (before, chronicle.holds) == (True, False)
    assert [line.split()[-1] for line in said] == ["expected", "UNEXPECTED", "expected"]


def test_the_search_finds_a_word_wherever_it_is(tmp_path: Path) -> None:
    """In the midst of bytes, in a file's name, in another case, accents included; and nothing that is not there."""
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "a.db").write_bytes(b"\0\1M. Est\xc3\xa8ve\0")
    (tmp_path / "base" / "mail.eml").write_text("Madame ESTÈVE")
    (tmp_path / "mon APPEL.mp3").write_bytes(b"")
    found = search(tmp_path, ["Estève", "Mon appel.mp3", "Keller"])
    assert found.files == 3
    assert found.found == {"Estève": ["base/a.db", "base/mail.eml"], "Mon appel.mp3": ["mon APPEL.mp3"]}


def test_a_forgery_differs_in_one_byte_of_the_day(tmp_path: Path) -> None:
    """Nothing else is touched, and it is another day."""
    for day in ("2026-12-01", "2026-12-09"):
        genuine = tmp_path / "genuine.json"
        genuine.write_text(json.dumps({"acts": {"completed_at": f"{day}T00:05:00.000000Z"}}, separators=(",", ":")))
        forged = forge(tmp_path / "forged.json", genuine)
        assert sum(one != other for one, other in zip(forged, genuine.read_bytes(), strict=True)) == 1
        told = json.loads(forged)["acts"]["completed_at"]
        assert told[:9] == day[:9]
        assert told[10:] == "T00:05:00.000000Z"
