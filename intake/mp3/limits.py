"""The thresholds of the judgement. All are settings: they were found on synthesised speech, not on real calls."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Self


@dataclass(frozen=True)
class Limits:
    """What separates one verdict from another. Seconds, bytes, dBFS (0 is full scale), shares from 0 to 1."""

    max_bytes: int = 75_000_000  # 30 minutes at 320 kbit/s are 72 MB
    min_bytes: int = 512
    max_seconds: float = 1800.5  # exactly 30:00.000 becomes at most 1800.150 s once encoded; 30:01 must be refused
    min_seconds: float = 3.0
    not_mp3_junk: float = 0.5
    damaged_junk: float = 0.2
    damaged_junk_run: int = 1 << 20
    junk_bytes: int = 256
    damaged_packets: float = 0.2
    silent_dbfs: float = -50.0
    silent_seconds: float = 3.0
    quiet_dbfs: float = -38.0
    clipped_share: float = 0.01
    active_share: float = 0.15
    noise_spread_db: float = 5.0
    tonal_share: float = 0.95
    noisy_spread_db: float = 11.5  # speech 5 dB above white noise spreads 8 to 10 dB, 12 dB above it 13 to 17

    def __post_init__(self) -> None:
        if self.min_bytes < 1 or self.max_bytes < self.min_bytes or self.max_seconds <= self.min_seconds:
            raise ValueError("the limits of a recording contradict each other: set each maximum above its minimum")

    def to_json(self) -> dict[str, float]:
        """Return the thresholds by name."""
        return asdict(self)

    @classmethod
    def from_json(cls, found: Mapping[str, float]) -> Self:
        """Read them back.

        Raises:
            ValueError: a name is missing or unknown, or a value is not a number.
        """
        names = {field.name for field in fields(cls)}
        if set(found) != names or not all(isinstance(value, int | float) for value in found.values()):
            raise ValueError("these are not the limits of a recording: every threshold must be given once, as a number")
        return cls(**found)  # type: ignore[arg-type]  # JSON has one kind of number; the two counts are whole in what to_json wrote
