"""What makes a run of many tests cheaper, and changes nothing for any of them."""

import gc
import os
import shutil
from pathlib import Path
from typing import Final

import pytest

_MEMORY: Final = Path("/dev/shm")
_ROOM_BYTES: Final = 8 * 1024**3
_TEMPORARY: Final = "PYTEST_DEBUG_TEMPROOT"
_YOUNGEST: Final = 20_000


def pytest_configure(config: pytest.Config) -> None:
    """Keep temporary directories in memory where there is room, for tests that start nothing real: nobody waits for a disk.

    Stories on real parts keep the disk that a centre would have.
    """
    quick = str(config.getoption("markexpr")).startswith("not ")
    if quick and _TEMPORARY not in os.environ and _MEMORY.is_dir() and shutil.disk_usage(_MEMORY).free > _ROOM_BYTES:
        os.environ[_TEMPORARY] = str(_MEMORY)


def pytest_collection_finish() -> None:
    """Look for garbage among what the tests make: the modules, fixtures and tests collected so far stay until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNGEST)
