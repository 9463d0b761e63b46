"""What the centre chooses about destructions: asked at ``init``, read from ``[retention]``, missed by ``doctor``."""

from pathlib import Path

import pytest

from consigne import doctor, settings
from consigne.cli import centre
from consigne.doctor import Light
from consigne.errors import WrongUseError
from consigne.wiring import Parts
from registry.schemes import Approval
from retention.terms import Choices, Confirmation
from tests.consigne.centre import run

pytestmark = pytest.mark.scenario


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A centre that has chosen its postal grace."""
    home = tmp_path_factory.mktemp("centres") / "centre"
    ran = run("init", home, "--postal-grace-days", "15")
    assert ran.code == 0, ran.err
    return home


def _with(founded: Path, tmp_path: Path, section: str) -> Path:
    """Write the settings of a centre anew, with another section on retention."""
    text = (founded / "consigne.toml").read_text("utf-8").partition("[retention]")[0]
    (tmp_path / "consigne.toml").write_text(f"{text}[retention]\n{section}\n", "utf-8")
    return tmp_path


def test_the_grace_chosen_at_init(founded: Path) -> None:
    """It is in the settings, with nothing else chosen."""
    assert settings.load(founded).retention.choices == Choices(postal_grace_days=15)


def test_without_an_answer_nothing_is_chosen(tmp_path: Path) -> None:
    """Unattended, ``init`` does not choose for the centre; the file shows what there is to choose."""
    assert run("init", tmp_path / "centre").code == 0
    assert settings.load(tmp_path / "centre").retention.choices == Choices()
    assert "# postal_grace_days = 15" in (tmp_path / "centre" / "consigne.toml").read_text("utf-8")


@pytest.mark.parametrize("days", ["-1", "367", "quinze"])
def test_a_grace_that_is_none(tmp_path: Path, days: str) -> None:
    """Refused before anything is made."""
    assert run("init", tmp_path / "centre", "--postal-grace-days", days).code == 2
    assert not (tmp_path / "centre").exists()


def test_what_may_be_answered_at_the_terminal() -> None:
    """Nothing, or a number of days; anything else is asked again."""
    assert [centre._days(text) for text in ("", "0", "15", "366")] == ["", "0", "15", "366"]
    for text in ("quinze", "-1", "367", "1.5", "٣"):
        with pytest.raises(ValueError, match="no number of days"):
            centre._days(text)


def test_every_choice_is_read(founded: Path, tmp_path: Path) -> None:
    """From the section, as values that retention takes."""
    section = """
        postal_grace_days = 0
        calendars = ["67", "972"]
        recourse_check = true
        confirmation = "two"
        approval = "four_eyes"
        snapshot_retention_days = 30
        max_destructions_per_day = 5
        max_silence_days = 1
        proof_retention_years = 6
    """
    chosen = Choices(
        postal_grace_days=0,
        calendars=("67", "972"),
        recourse_check=True,
        confirmation=Confirmation.TWO,
        approval=Approval.FOUR_EYES,
        snapshot_retention_days=30,
        max_destructions_per_day=5,
        max_silence_days=1,
        proof_retention_years=6,
    )
    assert settings.load(_with(founded, tmp_path, section)).retention.choices == chosen


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('calendars = ["75"]', "6AE (Alsace)"),
        ("postal_grace_days = -1", "postal_grace_days"),
        ('confirmation = "three"', "confirmation"),
        ("max_destructions_per_day = 0", "max_destructions_per_day"),
        ("grace = 15", "grace"),
    ],
)
def test_a_choice_that_is_none_is_named(founded: Path, tmp_path: Path, wrong: str, said: str) -> None:
    """Refused when the settings are read, not on the day something is due."""
    with pytest.raises(WrongUseError) as refused:
        settings.load(_with(founded, tmp_path, wrong))
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("section", "lights"),
    [
        ("", {"postal grace": Light.AMBER, "snapshots": Light.AMBER}),
        ("postal_grace_days = 0", {"postal grace": Light.GREEN, "snapshots": Light.AMBER}),
        ("snapshot_retention_days = 0", {"postal grace": Light.AMBER}),
    ],
)
def test_doctor_asks_until_it_is_answered(founded: Path, tmp_path: Path, section: str, lights: dict[str, Light]) -> None:
    """Zero is an answer, silence is not."""
    parts = Parts(settings.load(_with(founded, tmp_path, section)))
    found = list(doctor._retention(parts))
    assert {one.check: one.light for one in found} == lights
    assert all(one.remedy for one in found if one.light is Light.AMBER)
