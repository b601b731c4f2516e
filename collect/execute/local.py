"""Trials on this machine: worker processes, spawned, so that one crash harms one trial or stack alone.

On the CPU a worker has one thread and trains one trial at a time, on a GPU it trains stacks.
"""

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from pebble import ProcessExpired, ProcessPool

from collect.errors import CollectError
from collect.execute.executor import WORKER_ENVIRONMENT
from collect.execute.worker import Report, Task
from collect.images import Images
from collect.images.sharing import Shared, SharedFile
from collect.store.place.folder import disk_errors
from collect.study.stacks import Job, Stack, arrange

#: A stack that takes longer is taken for hung.
STACK_SECONDS = 12 * 3600
#: A worker that has not taken up its stack by then will not do so.
START_SECONDS = 180
#: One of these stands where a GPU can be used: NVIDIA's driver, the same in Windows' Linux, AMD's.
GPU_FILES = ("nvidiactl", "dxg", "kfd")


class LocalExecutor:
    """Some slots, each a pebble pool of one worker: one for each core, or for each GPU.

    One pool for all would share its channel's locks among the workers, and a worker killed while it holds one stops the
    others for good. A slot whose worker died, or does not take up its stack, is replaced.

    Args:
        workers: how many; None is one for each GPU, or for each core where there is none.
        device: cpu, cuda, or auto for a GPU where there is one.
    """

    def __init__(self, workers: int | None, device: str, stack_seconds: float = STACK_SECONDS) -> None:
        self.workers, self.device, self.stack_seconds = workers, device, stack_seconds
        self._draining = False

    def drain(self) -> None:
        """Start nothing more; what is running may finish."""
        self._draining = True

    @contextmanager
    def sharing(self, images: Mapping[str, Images], scratch: Path | None) -> Iterator[Mapping[str, Shared]]:
        """Write data sets to files that the workers map."""
        with ExitStack() as stack:
            with disk_errors((scratch or Path(tempfile.gettempdir())) / "images"):
                folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=scratch)))
                shared = {
                    name: SharedFile.write(one, folder / str(number))
                    for number, (name, one) in enumerate(images.items())
                }
            yield shared

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Report trials as they end. See `Executor`."""
        for name, value in WORKER_ENVIRONMENT.items():
            os.environ.setdefault(name, value)
        devices = self._devices()
        on_gpu = devices[0] != "cpu"
        waiting = deque(arrange(jobs, largest if on_gpu else 1, len(devices), together))
        idle = [_Slot(device, _new_pool()) for device in devices[: len(waiting)]]
        running: dict[Future[list[Report]], _Run] = {}
        try:
            while running or (waiting and not self._draining):
                while waiting and idle and not self._draining:
                    stack, slot = waiting.popleft(), idle.pop()
                    future: Future[list[Report]] = slot.pool.schedule(
                        task, args=(stack, slot.device), timeout=self.stack_seconds
                    )
                    running[future] = _Run(slot, stack, time.monotonic())
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for ended in done:
                    run = running.pop(ended)
                    reports, sound = self._reports(ended, run.stack)
                    idle.append(run.slot if sound else run.slot.replaced())
                    yield from reports
                for pending, run in list(running.items()):
                    taken_up = pending.running() or pending.done()
                    if not taken_up and time.monotonic() - run.scheduled > START_SECONDS:
                        del running[pending]
                        waiting.append(run.stack)
                        idle.append(run.slot.replaced())
        finally:
            for slot in [*idle, *(run.slot for run in running.values())]:
                slot.stop()

    def _devices(self) -> list[str]:
        """The device of each worker."""
        gpus = 0 if self.device == "cpu" else _asked()
        if gpus:
            return [f"cuda:{number % gpus}" for number in range(self.workers or gpus)]
        return ["cpu"] * (self.workers or len(os.sched_getaffinity(0)))

    def _reports(self, future: Future[list[Report]], stack: Stack) -> tuple[list[Report], bool]:
        """What became of a stack's trials, and whether its worker can go on."""
        try:
            return future.result(), True
        except CollectError:
            raise
        except FutureTimeoutError:
            reason = f"hung: stopped after {self.stack_seconds:g} s"
        except ProcessExpired as error:
            reason = _cause_of_death(error.exitcode)
        except CancelledError:
            reason = "cancelled"
        except Exception as error:  # noqa: BLE001  # whatever a stack dies of is a failure of its trials
            reason = f"{type(error).__name__}: {error}"
        return [Report(job.trial_id, "failed", reason) for job in stack], False


class _Slot(NamedTuple):
    device: str
    pool: ProcessPool

    def stop(self) -> None:
        self.pool.stop()
        self.pool.join()

    def replaced(self) -> "_Slot":
        self.stop()
        return _Slot(self.device, _new_pool())


class _Run(NamedTuple):
    slot: _Slot
    stack: Stack
    scheduled: float


def _new_pool() -> ProcessPool:
    context = multiprocessing.get_context("spawn")
    return ProcessPool(1, initializer=_start_worker, initargs=(os.getpid(),), context=context)


def _asked() -> int:
    """How many GPUs a worker finds, where there is any sign of one; the parent never imports torch."""
    if not any(Path("/dev", name).exists() for name in GPU_FILES):
        return 0
    slot = _Slot("", _new_pool())
    try:
        return int(slot.pool.schedule(count_gpus, timeout=START_SECONDS).result())
    except (FutureTimeoutError, ProcessExpired):
        return 0
    finally:
        slot.stop()


def count_gpus() -> int:
    """How many GPUs torch can use; a driver that is too old, or a card it has no kernels for, is none."""
    import torch  # noqa: PLC0415  # in the worker

    if not torch.cuda.is_available():
        return 0
    try:
        for number in range(torch.cuda.device_count()):
            torch.ones(1, device=f"cuda:{number}").item()
    except RuntimeError:
        return 0
    return torch.cuda.device_count()


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

    def follow_parent() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=follow_parent, daemon=True).start()
