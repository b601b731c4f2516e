"""Trials on this machine: worker processes of one thread each, spawned, so that one crash harms one trial alone."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError

from pebble import ProcessExpired, ProcessPool

from collect.errors import CollectError
from collect.execute import Job
from collect.task import Report, Task

#: A trial that takes longer is taken for hung.
TRIAL_SECONDS = 12 * 3600


class LocalExecutor:
    """A pool of worker processes."""

    def __init__(self, workers: int, trial_seconds: float = TRIAL_SECONDS) -> None:
        self.workers, self.trial_seconds = workers, trial_seconds
        self._draining = False

    def drain(self) -> None:
        """Start nothing more; what is running may finish."""
        self._draining = True

    def run(self, task: Task, jobs: Sequence[Job]) -> Iterator[Report]:
        """Report trials as they end. See `Executor`."""
        waiting = list(reversed(jobs))
        running: dict[Future[Report], str] = {}
        # The children read it when they import torch; set_num_threads alone comes after some pools are made.
        os.environ["OMP_NUM_THREADS"] = "1"
        context = multiprocessing.get_context("spawn")
        pool = ProcessPool(self.workers, initializer=_start_worker, initargs=(os.getpid(),), context=context)
        try:
            while running or (waiting and not self._draining):
                while waiting and len(running) < self.workers and not self._draining:
                    job = waiting.pop()
                    running[pool.schedule(task, args=job, timeout=self.trial_seconds)] = job[0]
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for future in done:
                    yield self._report(future, running.pop(future))
        finally:
            pool.stop()
            pool.join()

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
    torch.use_deterministic_algorithms(mode=True)

    def follow_parent() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=follow_parent, daemon=True).start()
