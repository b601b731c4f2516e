"""Trials on this machine: worker processes of one thread each, spawned, so that one crash harms one trial alone."""

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import NamedTuple

from pebble import ProcessExpired, ProcessPool

from collect.errors import CollectError
from collect.execute import Job
from collect.task import Report, Task

#: A trial that takes longer is taken for hung.
TRIAL_SECONDS = 12 * 3600
#: Read by a worker when it starts, before it imports torch. Activations of some megabytes are freed and asked for again
#: at every step: in a heap that grows by a gibibyte of addresses at a time, and never shrinks by less, they cost no page
#: faults. cuBLAS is deterministic with a fixed workspace alone.
WORKER_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "MALLOC_MMAP_THRESHOLD_": str(32 * 2**20),
    "MALLOC_TOP_PAD_": str(2**30),
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
}
#: A worker that has not taken up its trial by then will not do so.
START_SECONDS = 180


class LocalExecutor:
    """A fixed number of slots, each a pebble pool of one worker.

    One pool for all would share its channel's locks among the workers, and a worker killed while it holds one stops the
    others for good. A slot whose worker died, or does not take up its trial, is replaced.
    """

    def __init__(self, workers: int, trial_seconds: float = TRIAL_SECONDS) -> None:
        self.workers, self.trial_seconds = workers, trial_seconds
        self._draining = False

    def drain(self) -> None:
        """Start nothing more; what is running may finish."""
        self._draining = True

    def run(self, task: Task, jobs: Sequence[Job]) -> Iterator[Report]:
        """Report trials as they end. See `Executor`."""
        for name, value in WORKER_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        waiting = deque(jobs)
        idle = [_new_slot() for _ in range(min(self.workers, len(jobs)))]
        running: dict[Future[Report], _Run] = {}
        try:
            while running or (waiting and not self._draining):
                while waiting and idle and not self._draining:
                    job, slot = waiting.popleft(), idle.pop()
                    future: Future[Report] = slot.schedule(task, args=job, timeout=self.trial_seconds)
                    running[future] = _Run(slot, job, time.monotonic())
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for ended in done:
                    run = running.pop(ended)
                    idle.append(run.slot)
                    report = self._report(ended, run.job[0])
                    if report.status == "failed":
                        idle[-1] = _replaced(run.slot)
                    yield report
                for pending, run in list(running.items()):
                    if not pending.running() and time.monotonic() - run.scheduled > START_SECONDS:
                        del running[pending]
                        waiting.append(run.job)
                        idle.append(_replaced(run.slot))
        finally:
            for slot in [*idle, *(run.slot for run in running.values())]:
                slot.stop()
                slot.join()

    def _report(self, future: Future[Report], trial_id: str) -> Report:
        try:
            return future.result()
        except CollectError:
            raise
        except FutureTimeoutError:
            return Report(trial_id, "failed", f"hung: stopped after {self.trial_seconds:g} s")
        except ProcessExpired as error:
            return Report(trial_id, "failed", _cause_of_death(error.exitcode))
        except CancelledError:
            return Report(trial_id, "failed", "cancelled")
        except Exception as error:  # noqa: BLE001  # whatever a trial dies of is a failure of that trial
            return Report(trial_id, "failed", f"{type(error).__name__}: {error}")


class _Run(NamedTuple):
    slot: ProcessPool
    job: Job
    scheduled: float


def _new_slot() -> ProcessPool:
    context = multiprocessing.get_context("spawn")
    return ProcessPool(1, initializer=_start_worker, initargs=(os.getpid(),), context=context)


def _replaced(slot: ProcessPool) -> ProcessPool:
    slot.stop()
    slot.join()
    return _new_slot()


def _cause_of_death(exit_code: int) -> str:
    if exit_code == -signal.SIGKILL:
        return "worker killed (SIGKILL); out of memory is the usual cause"
    if exit_code < 0:
        return f"worker died of {signal.Signals(-exit_code).name}"
    return f"worker exited with code {exit_code}"


def _start_worker(parent: int) -> None:
    """Leave Ctrl-C to the parent, use one thread, and do not outlive the parent."""
    import torch  # noqa: PLC0415  # the parent never imports it

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(1)
    # A GPU has operations without a deterministic form; they are used there, and warned of.
    torch.use_deterministic_algorithms(mode=True, warn_only=True)
    # What is not initialised is never read here; to fill it with NaN all the same takes a tenth of a step.
    torch.utils.deterministic.fill_uninitialized_memory = False

    def follow_parent() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=follow_parent, daemon=True).start()
