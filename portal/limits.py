"""How often one caller may ask: a bucket that refills, for each caller, in memory. Nothing is kept beyond a restart."""

import hashlib
from collections import OrderedDict
from collections.abc import Callable


class Allowance:
    """So many requests at once, then so many a second, for each of the callers seen last."""

    def __init__(self, *, burst: int, per_second: float, seconds: Callable[[], float], most: int = 10_000) -> None:
        self._burst = burst
        self._per_second = per_second
        self._seconds = seconds
        self._most = most
        self._left: OrderedDict[bytes, tuple[float, float]] = OrderedDict()

    def take(self, caller: str) -> bool:
        """Count one request, and tell whether it may pass."""
        key = hashlib.sha256(caller.encode("utf-8", "surrogatepass")).digest()
        now = self._seconds()
        left, seen = self._left.pop(key, (float(self._burst), now))
        left = min(self._burst, left + (now - seen) * self._per_second)
        allowed = left >= 1
        self._left[key] = (left - 1 if allowed else left, now)
        while len(self._left) > self._most:
            self._left.popitem(last=False)
        return allowed
