"""What runs trials: the interface that every executor has, and what their workers find."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from collect.execute.worker import Report, Task
from collect.images import Images
from collect.images.sharing import Shared
from collect.study.stacks import Job

#: What a worker's process must find when it starts, before it imports torch. Activations of some megabytes are freed
#: and asked for again at every step: in a heap that grows by a gibibyte of addresses at a time, and never shrinks by
#: less, they cost no page faults.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TOP_PAD_": str(2**30),
}


class Executor(Protocol):
    """Runs a task on many trials and reports each as it ends, in any order."""

    def sharing(
        self, images: Mapping[str, Images], scratch: Path | None
    ) -> AbstractContextManager[Mapping[str, Shared]]:
        """Put data sets where every worker can read them, while the context lasts.

        Args:
            images: by name.
            scratch: a folder for large temporary files, or None for the system's own.
        """

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Run every job once; a crash is reported as failed. Closing the iterator ends the work at once.

        Args:
            task: what to do.
            jobs: the trials.
            largest: trials in a stack at most, where they are stacked.
            together: ids of trials that have begun as one stack and go on as one.
        """

    def drain(self) -> None:
        """Start nothing more; what is running keeps its state and leaves, or finishes."""
