"""A house on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from intake.shares import Share
from registry.database import Database
from tests.sharing.house import House, opened


@pytest.fixture
def house(registry: Database, tmp_path: Path) -> Iterator[House]:
    """Give a house on one database, then on the other."""
    with opened(registry, Share(tmp_path)) as house:
        yield house
