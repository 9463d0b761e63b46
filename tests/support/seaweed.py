"""A running embedded object store for tests: the very one that Consigne starts."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from storage.embedded import SeaweedFS


@pytest.fixture(scope="session")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SeaweedFS]:
    """A store shared by the whole run: take a bucket or a key of your own, and do not kill it."""
    with SeaweedFS(tmp_path_factory.mktemp("seaweedfs")) as store:
        yield store


@pytest.fixture
def make_seaweedfs(tmp_path: Path) -> Iterator[Callable[[str], SeaweedFS]]:
    """Start stores of a test's own, by name, to be killed and restarted at will; they are stopped at its end."""
    with ExitStack() as stack:

        def make(name: str = "objects") -> SeaweedFS:
            store = SeaweedFS(tmp_path / name)
            stack.callback(store.stop)
            store.start()
            return store

        yield make
