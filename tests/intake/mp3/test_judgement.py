"""A judgement in JSON: a true round trip, and a strict parser, since a hostile file may have written it."""

import json
from datetime import date
from typing import Any

import pytest

from intake.mp3 import Judgement, JudgementError, Limits, judge
from registry.codes import Code, Verdict
from tests.intake.mp3 import made

WHOLE = judge(memoryview(made.id3(("TDRC", made.text("2026-02-01"))) + made.call()), Limits())
REFUSED = judge(memoryview(b"RIFF\0\0\0\0WAVE" + bytes(1000)), Limits())


@pytest.mark.parametrize("judgement", [WHOLE, REFUSED, judge(memoryview(b""), Limits())])
def test_a_judgement_comes_back_as_it_went(judgement: Judgement) -> None:
    """Nothing is lost on the way through the pipe."""
    assert Judgement.from_json(json.loads(json.dumps(judgement.to_json(), allow_nan=False))) == judgement


def test_what_a_good_recording_says() -> None:
    """The facts that the answer, the registry and the portal need."""
    assert WHOLE.verdict is Verdict.ACCEPT
    assert WHOLE.duration_seconds == pytest.approx(12.096)
    assert WHOLE.recorded_on == date(2026, 2, 1)
    assert WHOLE.to_json()["format"] == {"version": "2", "layer": 3, "sample_rate": 16000, "channels": 1, "bitrate_kbps": 32, "vbr": False}


@pytest.mark.parametrize(
    "change",
    [
        {"verdict": "perhaps"},
        {"reasons": ["NOT_A_CODE"]},
        {"reasons": "TOO_LONG"},
        {"duration_seconds": -1.0},
        {"duration_seconds": True},
        {"duration_seconds": 1e12},
        {"sha256": "0" * 63},
        {"sha256": "Z" * 64},
        {"size_bytes": 1.5},
        {"size_bytes": -1},
        {"format": {}},
        {"recorded_on": "2025-13-45"},
        {"found": "x" * 201},
        {"dates": [{"source": "TIT2", "earliest": None, "latest": None}]},
        {"dates": [{"source": "TDRC", "earliest": "2026-02-02", "latest": "2026-02-01"}]},
        {"levels": {"dbfs": 0.0}},
        {"waveform": "AAAA"},
        {"waveform": "not base64!"},
        {"extra": 1},
    ],
)
def test_anything_else_is_refused(change: dict[str, Any]) -> None:
    """A field missing, unknown, of another type or out of range."""
    with pytest.raises(JudgementError):
        Judgement.from_json(WHOLE.to_json() | change)


@pytest.mark.parametrize("name", sorted(WHOLE.to_json()))
def test_no_field_may_be_missing(name: str) -> None:
    """Every field is always there."""
    rest = WHOLE.to_json()
    del rest[name]
    with pytest.raises(JudgementError):
        Judgement.from_json(rest)


@pytest.mark.parametrize("whole", [None, [], "accept", 1])
def test_only_an_object_is_a_judgement(whole: object) -> None:
    """Any other JSON value is refused."""
    with pytest.raises(JudgementError):
        Judgement.from_json(whole)


def test_what_refuses_comes_before_what_a_person_decides() -> None:
    """Reasons are ordered by weight, warnings kept apart."""
    found = Judgement.of(frozenset({Code.DAMAGED, Code.QUIET, Code.TOO_LONG}), sha256="0" * 64, size_bytes=1)
    assert (found.verdict, found.reasons, found.warnings) == (Verdict.REJECT, (Code.TOO_LONG, Code.DAMAGED), (Code.QUIET,))


def test_limits_come_back_as_they_went() -> None:
    """Settings reach the confined process unchanged, and nothing unknown with them."""
    assert Limits.from_json(Limits(quiet_dbfs=-30.0).to_json()) == Limits(quiet_dbfs=-30.0)
    with pytest.raises(ValueError, match="limits"):
        Limits.from_json({"quiet_dbfs": -30.0})
    with pytest.raises(ValueError, match="contradict"):
        Limits(max_seconds=1.0)
