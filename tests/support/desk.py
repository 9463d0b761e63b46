"""A desk for the tests of facts: a fresh database of each kind, one dossier, two people."""

import pytest

from registry.database import Database
from tests.registry.desk import Desk


@pytest.fixture
def desk(registry: Database) -> Desk:
    """Give a desk with an accepted recording."""
    made = Desk.of(registry)
    made.calm()
    return made
