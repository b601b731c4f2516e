"""Seconds of a run: all of them, and those spent in training steps alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock:
    """Runs from when it is made; what happens `aside` is no training."""

    def __init__(self) -> None:
        self._started = time.perf_counter()
        self._aside = self._earlier_aside = self._earlier = 0.0

    def resume(self, train_seconds: float, wall_seconds: float) -> None:
        """Count on from where an earlier run was cut off."""
        self._earlier, self._earlier_aside = wall_seconds, wall_seconds - train_seconds

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Time that is no training."""
        started = time.perf_counter()
        yield
        self._aside += time.perf_counter() - started

    def read(self) -> tuple[float, float]:
        """Seconds of training, and altogether."""
        wall = self._earlier + time.perf_counter() - self._started
        return wall - self._earlier_aside - self._aside, wall
