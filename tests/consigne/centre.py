"""Run one command of the command line as a shell does, without a terminal, in this process: starting Python takes a second."""

import contextlib
import io
import json
import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from consigne.cli import main


@dataclass(frozen=True)
class Ran:
    """What one command printed, and its exit code."""

    code: int
    out: str
    err: str

    def json(self) -> list[Any]:
        """Read the documents that were printed, one a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def run(*arguments: str | Path, home: Path | None = None) -> Ran:
    """Run ``consigne``; what it prints must be text that any terminal takes, and never a traceback."""
    assert not any(name.startswith("CONSIGNE_") for name in os.environ)
    given = ["--home", str(home)] if home else []
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict") for _ in range(2))
    handlers, code = logging.getLogger().handlers[:], 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main([*given, *map(str, arguments)])
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    finally:
        structlog.reset_defaults()
        logging.getLogger().handlers[:] = handlers
    ran = Ran(code, _printed(out), _printed(err))
    assert "Traceback" not in ran.err, ran.err
    return ran


def _printed(stream: io.TextIOWrapper) -> str:
    stream.flush()
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode("utf-8")
