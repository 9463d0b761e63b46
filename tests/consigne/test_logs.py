"""Logs hold what is on the list and nothing else."""

import logging
from collections.abc import Iterator

import pytest
import structlog

from consigne import logs


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """Give back the logging that was there."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    structlog.reset_defaults()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_only_what_is_allowed_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    """A name passed by accident does not come out; an id does."""
    logs.configure()
    structlog.get_logger().info("deposit.treated", deposit="dep_1", name="Madame Secret", path="/depots/Secret.mp3")
    written = capsys.readouterr().err
    assert "dep_1" in written
    assert "Secret" not in written


def test_an_exception_is_named_not_quoted(capsys: pytest.CaptureFixture[str]) -> None:
    """The text of an exception may quote anything: only its class and our lines are written."""
    logs.configure()
    try:
        int("Madame Secret")
    except ValueError as error:
        structlog.get_logger().error("sweep.failed", error=type(error).__name__, exc_info=True)
    written = capsys.readouterr().err
    assert ("ValueError" in written, "test_logs.py" in written, "Secret" in written) == (True, True, False)


def test_what_libraries_say_is_reduced_to_who_spoke(capsys: pytest.CaptureFixture[str]) -> None:
    """A library's warning may hold a path or an address."""
    logs.configure()
    logging.getLogger("some_client").warning("cannot open %s", "/depots/Secret.mp3")
    written = capsys.readouterr().err
    assert ("some_client" in written, "Secret" in written) == (True, False)
