"""Where trials run. Every executor has the interface of `Executor`."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from collect.task import Report, Task
from collect.trial import Trial

Job = tuple[str, Trial, dict[str, Any]]


class Executor(Protocol):
    """Runs a task on many trials and reports each as it ends, in any order."""

    def run(self, task: Task, jobs: Sequence[Job]) -> Iterator[Report]:
        """Run every job once; a crash is reported as failed. Closing the iterator ends the work at once."""

    def drain(self) -> None:
        """Start nothing more; what is running may finish."""
