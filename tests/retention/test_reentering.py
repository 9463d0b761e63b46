"""What is to be entered again: from entries alone, what keeps a recording first, and nothing that another fact brings with it."""

from typing import Any

from journal.entry import Entry, Fact
from journal.log import Recorded
from retention.reentering import Papers, to_enter_again
from tests.factories import NOW


def _entries(*told: tuple[str, str, dict[str, Fact]]) -> list[Recorded]:
    return [
        Recorded(index, Entry(kind, f"{about}_{'0' * 32}", NOW, "system:test", facts)) for index, (kind, about, facts) in enumerate(told)
    ]


def _listed(*told: tuple[str, str, dict[str, Any]]) -> list[str]:
    return [one.kind for one in to_enter_again(_entries(*told))]


def test_what_keeps_a_recording_comes_first() -> None:
    """Appeals, holds and dates of the jury stand before people and grants; within each, in the journal's order."""
    told: tuple[tuple[str, str, dict[str, Fact]], ...] = (
        ("user.enrolled", "usr", {}),
        ("grant.given", "grt", {}),
        ("decision.recorded", "dec", {}),
        ("appeal.recorded", "app", {}),
    )
    assert _listed(*told) == ["decision.recorded", "appeal.recorded", "user.enrolled", "grant.given"]


def test_a_hold_that_an_appeal_brought_goes_with_it() -> None:
    """Entering the appeal again places it; one that a person placed is entered again, and its release too."""
    by_appeal: list[tuple[str, str, dict[str, Fact]]] = [("hold.placed", "hld", {"reason": "appeal"}), ("hold.released", "hld", {})]
    by_restore: list[tuple[str, str, dict[str, Fact]]] = [("hold.placed", "hld", {"reason": "restored"}), ("hold.released", "hld", {})]
    by_person: list[tuple[str, str, dict[str, Fact]]] = [("hold.placed", "hld", {"reason": "litigation"}), ("hold.released", "hld", {})]
    assert _listed(*by_appeal) == _listed(*by_restore) == []
    assert _listed(*by_person) == ["hold.placed", "hold.released"]


def test_what_software_does_by_itself_is_not_asked_for() -> None:
    """Deposits, rulings, destructions, listening, versions that gave way: nobody enters them."""
    kinds = (
        "recording.received",
        "recording.accepted",
        "destruction.completed",
        "listening.began",
        "decision.superseded",
        "session.rebuilt",
    )
    assert _listed(*((kind, "rec", {}) for kind in kinds)) == []


def test_each_says_what_it_concerns_and_where_to_read_it() -> None:
    """The dossier of an appeal, and the registered letter; plain values for scripts."""
    dossier = "dos_" + "1" * 32
    (one,) = to_enter_again(_entries(("appeal.recorded", "app", {"dossier": dossier})))
    assert (one.about, one.papers, one.command) == (dossier, Papers.LETTER, "consigne appeal")
    assert one.to_json()["papers"] == "letter"
