"""How often one caller may ask."""

from dataclasses import dataclass

from portal.limits import Allowance


@dataclass
class _Watch:
    """Seconds that a test moves."""

    seconds: float = 0.0

    def read(self) -> float:
        """Return the seconds."""
        return self.seconds


def test_an_allowance_runs_out_and_comes_back() -> None:
    """So many at once, then as time passes, and never more than at first."""
    watch = _Watch()
    allowance = Allowance(burst=3, per_second=0.5, seconds=watch.read)
    assert [allowance.take("a") for _ in range(4)] == [True, True, True, False]
    watch.seconds = 1.9
    assert allowance.take("a") is False
    watch.seconds = 2.0
    assert allowance.take("a") is True
    watch.seconds = 1000.0
    assert [allowance.take("a") for _ in range(4)] == [True, True, True, False]


def test_each_caller_has_his_own() -> None:
    """One who asks too often takes nothing from another, whatever his name is made of."""
    allowance = Allowance(burst=1, per_second=0, seconds=_Watch().read)
    assert [allowance.take(who) for who in ("a", "b", "a", "\udcff", "")] == [True, True, False, True, True]


def test_memory_is_bounded() -> None:
    """Callers seen long ago are forgotten first."""
    allowance = Allowance(burst=1, per_second=0, seconds=_Watch().read, most=2)
    assert [allowance.take(who) for who in ("a", "b", "c", "c", "a")] == [True, True, True, False, True]
