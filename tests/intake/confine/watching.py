"""The tasks as they are, watched: what they try to import or open once files are out of reach."""

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from consent.confined import read_attestation
from intake.confine import Answered, Pool
from intake.mp3.confined import judge_here

_OPENINGS = frozenset({"open", "ctypes.dlopen", "os.listdir", "os.scandir", "subprocess.Popen", "socket.connect"})


class _Watch:
    """First of the finders: it is asked for whatever is not there yet, notes it and finds nothing."""

    def __init__(self, tried: list[str]) -> None:
        self._tried = tried

    def find_spec(self, name: str, _path: Sequence[str] | None, _target: ModuleType | None = None) -> ModuleSpec | None:
        """Note the name."""
        self._tried.append(f"import {name}")
        return None


def _watched(task: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    tried: list[str] = []

    def note(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _OPENINGS:
            tried.append(f"{event} {str(arguments[0])[:200]}")

    sys.meta_path.insert(0, _Watch(tried))
    sys.addaudithook(note)  # it stays: the process serves one file
    try:
        return {"value": task(), "tried": tried}
    except Exception as error:  # noqa: BLE001 - what was tried is to be known all the more
        return {"value": {"raised": type(error).__name__}, "tried": tried}


def judge_watched(data: memoryview, limits: dict[str, float], sha256: str) -> dict[str, Any]:
    """Judge, and tell what was tried."""
    return _watched(lambda: judge_here(data, limits, sha256))


def read_watched(data: memoryview, ending: str) -> dict[str, Any]:
    """Read an attestation, and tell what was tried."""
    return _watched(lambda: read_attestation(data, ending=ending))


def look_up(data: memoryview) -> dict[str, Any]:
    """Import and open things that are not there, to see that the watch sees them."""

    def mischief() -> dict[str, Any]:
        for name in ("this", "encodings.no_such"):
            try:
                __import__(name)
            except ImportError:
                continue
        try:
            open("/etc/hostname", "rb").close()  # noqa: PTH123 - the plainest call
        except OSError:
            return {"size": len(data)}
        return {}

    return _watched(mischief)


def answered(pool: Pool, task: str, data: bytes, **parameters: str) -> dict[str, Any]:
    """Return what a watched task answers: its value, and what was tried."""
    outcome = pool.run(task, data, **parameters)
    assert isinstance(outcome, Answered), outcome
    return dict(outcome.value)
