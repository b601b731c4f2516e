"""How far a run is: a bar where stderr is a terminal, a plain line now and then elsewhere."""

import sys
import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from collect.said import visible

PLAIN_SECONDS = 15


class RunProgress:
    """Counts finished trials on stderr."""

    def __init__(self, name: str, total: int, done: int) -> None:
        self.name, self.total, self.done, self.failed = name, total, done, 0
        self._console = Console(stderr=True, markup=False, emoji=False, highlight=False)
        self._bar: Progress | None = None
        self._last = time.monotonic()
        self._told = -1

    def __enter__(self) -> Self:
        """Start the bar, or print the first line."""
        if sys.stderr.isatty():
            self._bar = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(bar_width=None),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("left"),
                TimeRemainingColumn(),
                console=self._console,
            )
            self._bar.start()
            self._task = self._bar.add_task(visible(self.name), total=self.total, completed=self.done)
        else:
            self._line()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the bar, or print the last line unless it stands there."""
        if self._bar:
            self._bar.stop()
        elif self._told != self.done:
            self._line()

    def say(self, text: str) -> None:
        """Print a line without breaking the bar."""
        self._console.print(visible(text), soft_wrap=True)

    def finished(self) -> None:
        """Count one more trial."""
        self.done += 1
        if self._bar:
            self._bar.update(self._task, completed=self.done)
        elif time.monotonic() - self._last > PLAIN_SECONDS:
            self._line()

    def _line(self) -> None:
        self._last, self._told = time.monotonic(), self.done
        self.say(f"{self.name}: {self.done} of {self.total} trials")
