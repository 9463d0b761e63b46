"""One centre for the stories of a module that founds none of its own; in each story its own candidates."""

from collections.abc import Iterator

import pytest

from tests.scenarios.centre import Centre
from tests.scenarios.looking import Someone, people


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Centre]:
    """A centre that runs through all the stories of a module."""
    with Centre.found(tmp_path_factory.mktemp("stories")) as made, made.up():
        yield made


@pytest.fixture(scope="module")
def someone(centre: Centre, request: pytest.FixtureRequest) -> Someone:
    """Give a candidate whom no other story uses; the module says how many it needs, in ``PEOPLE``."""
    return people(centre, request.module.PEOPLE)
