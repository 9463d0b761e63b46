"""The settings of intake, as values."""

from dataclasses import dataclass
from datetime import timedelta

MAX_RECORDING_BYTES = 75_000_000  # half an hour at 320 kbit/s has 72 MB


@dataclass(frozen=True)
class Policy:
    """How intake behaves where the design leaves a setting.

    ``settle`` is how long size, times and hash must not change; ``patience`` how long a cut file may grow; ``lease`` how
    long a worker may be silent; ``floor_bytes`` the free space below which intake waits.
    """

    settle: timedelta = timedelta(seconds=5)
    patience: timedelta = timedelta(minutes=2)
    lease: timedelta = timedelta(minutes=3)
    retry: timedelta = timedelta(seconds=10)
    max_bytes: int = MAX_RECORDING_BYTES
    max_attestation_bytes: int = 5_000_000
    max_files_per_folder: int = 20
    floor_bytes: int = 500_000_000
    repeat_answer_every: timedelta = timedelta(hours=24)
