"""Trials on this machine: worker processes, spawned, so that one crash harms one trial or stack alone.

On the CPU a worker has one thread and trains one trial at a time, on a GPU it trains stacks.
"""

import os
import resource
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as FutureTimeoutError
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnContext
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pebble import ProcessExpired, ProcessPool

from collect.errors import CollectError, MachineError
from collect.execute import cores, stopping
from collect.execute.executor import WORKER_ENVIRONMENT
from collect.execute.worker import Report, Task
from collect.images import Images
from collect.images.sharing import Shared, SharedFile
from collect.store.place import leftovers
from collect.store.place.folder import disk_errors
from collect.study.stacks import Job, Stack, arrange

#: A stack that takes longer is taken for hung.
STACK_SECONDS = 12 * 3600
#: A worker that has not taken up its stack by then will not do so.
START_SECONDS = 180
#: One of these stands where a GPU can be used: NVIDIA's driver, the same in Windows' Linux, AMD's.
GPU_FILES = ("nvidiactl", "dxg", "kfd")
#: Files that a run has open beside those of its workers, and those that it has open for each.
FILES, FILES_OF_WORKER = 40, 10

T = TypeVar("T")


class _NoLock:
    """Stands for a lock that one worker alone would hold."""

    def acquire(self, block: bool = True, timeout: float | None = None) -> bool:  # noqa: FBT001, FBT002  # as pebble calls it
        del block, timeout
        return True

    def release(self) -> None:
        pass


class _SpawnWithoutLocks(SpawnContext):
    """Each pool has one worker, and locks among processes would take a /dev/shm that can be written to."""

    def RLock(self) -> Any:  # noqa: N802  # as in multiprocessing
        return _NoLock()


_CONTEXT = _SpawnWithoutLocks()


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
        self._told, self._telling = _CONTEXT.Pipe(duplex=False)

    def drain(self) -> None:
        """Start nothing more; what is running keeps its state and leaves."""
        self._draining = True
        self._telling.close()

    @contextmanager
    def sharing(self, images: Mapping[str, Images], scratch: Path | None) -> Iterator[Mapping[str, Shared]]:
        """Write data sets to files that the workers map."""
        with ExitStack() as stack:
            with disk_errors((scratch or Path(tempfile.gettempdir())) / "images"):
                made = tempfile.TemporaryDirectory(prefix=leftovers.IMAGES, dir=scratch)
                folder = Path(stack.enter_context(made))
                stack.enter_context(leftovers.kept(folder))
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
        _raise_open_files(min(len(devices), len(waiting)))
        idle = [_Slot.new(device, self._told) for device in devices[: len(waiting)]]
        running: dict[Future[list[Report]], _Run] = {}
        try:
            while running or (waiting and not self._draining):
                while waiting and idle and not self._draining:
                    if not idle[-1].alive():
                        idle[-1] = idle[-1].replaced()
                    stack, slot = waiting.popleft(), idle[-1]
                    future = slot.schedule(task, stack, slot.device, seconds=self.stack_seconds)
                    running[future] = _Run(slot, stack, time.monotonic())
                    idle.pop()
                done, _ = wait(running, timeout=0.5, return_when=FIRST_COMPLETED)
                for ended in done:
                    run = running[ended]  # until its slot is idle, so that after an error it is stopped too
                    reports, sound = self._reports(ended, run.stack)
                    idle.append(run.slot if sound else run.slot.replaced())
                    del running[ended]
                    yield from reports
                for pending, run in list(running.items()):
                    if pending.running() or pending.done():
                        continue
                    if self._draining:  # it has nothing to keep
                        idle.append(running.pop(pending).slot)
                    elif time.monotonic() - run.scheduled > START_SECONDS:
                        del running[pending]
                        waiting.append(run.stack)
                        idle.append(run.slot.replaced())
        finally:
            _stop_all([*idle, *(run.slot for run in running.values())])

    def _devices(self) -> list[str]:
        """The device of each worker."""
        gpus = 0 if self.device == "cpu" else _asked()
        if gpus:
            return [f"cuda:{number % gpus}" for number in range(self.workers or gpus)]
        return ["cpu"] * (self.workers or cores.usable())

    def _reports(self, future: Future[list[Report]], stack: Stack) -> tuple[list[Report], bool]:
        """What became of a stack's trials, and whether its worker can go on."""
        trace = None
        try:
            return future.result(), True
        except CollectError:
            raise
        except (ProcessExpired, BrokenExecutor) as error:
            if self._draining:  # whatever stopped this job may have killed its workers too
                return [], False
            reason = _cause_of_death(error)
        except FutureTimeoutError:
            reason = f"hung: stopped after {self.stack_seconds:g} s"
        except CancelledError:
            reason = "cancelled"
        except Exception as error:  # noqa: BLE001  # whatever a stack dies of is a failure of its trials
            reason, trace = f"{type(error).__name__}: {error}", getattr(error, "traceback", None)
        return [Report(job.trial_id, "failed", reason, trace) for job in stack], False


class _Slot(NamedTuple):
    device: str
    pool: ProcessPool
    told: Connection | None

    @classmethod
    def new(cls, device: str, told: Connection | None = None) -> "_Slot":
        initial = os.getpid(), told
        return cls(device, ProcessPool(1, initializer=_start_worker, initargs=initial, context=_CONTEXT), told)

    def alive(self) -> bool:
        """Whether its worker did not die while it had nothing to do; the pool, once broken, takes no more."""
        with stopping.kept_from_children():  # asking starts the pool
            return self.pool.active

    def schedule(self, function: Callable[..., T], *arguments: object, seconds: float) -> "Future[T]":
        with stopping.kept_from_children():  # the pool starts threads and a worker
            return self.pool.schedule(function, args=arguments, timeout=seconds)

    def stop(self) -> None:
        self.pool.stop()
        self.pool.join()

    def replaced(self) -> "_Slot":
        self.stop()
        return _Slot.new(self.device, self.told)


def _raise_open_files(workers: int) -> None:
    """Let this process open the files that it takes to talk to so many workers.

    Raises:
        MachineError: it may not.
    """
    needed = FILES + FILES_OF_WORKER * workers
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < needed:
        if hard != resource.RLIM_INFINITY and hard < needed:
            raise MachineError(
                f"{workers} workers take {needed} open files, and no more than {hard} are allowed here (ulimit -Hn); "
                f"choose --jobs {max(1, (hard - FILES) // FILES_OF_WORKER)}, or have the limit raised"
            )
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _stop_all(slots: Sequence[_Slot]) -> None:
    """At the same time, for a worker that trains is killed only after three seconds."""
    if slots:
        with ThreadPoolExecutor(len(slots)) as threads:
            list(threads.map(_Slot.stop, slots))


class _Run(NamedTuple):
    slot: _Slot
    stack: Stack
    scheduled: float


def _asked() -> int:
    """How many GPUs a worker finds, where there is any sign of one; the parent never imports torch."""
    if not any(Path("/dev", name).exists() for name in GPU_FILES):
        return 0
    slot = _Slot.new("")
    try:
        return slot.schedule(count_gpus, seconds=START_SECONDS).result()
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


def _cause_of_death(error: Exception) -> str:
    if not isinstance(error, ProcessExpired):  # the pool knows an exit code only of a worker that has begun
        return "worker died as it was given its trials"
    exit_code = error.exitcode
    if exit_code == -signal.SIGKILL:
        return "worker killed (SIGKILL); out of memory is the usual cause"
    if exit_code < 0:
        return f"worker died of {signal.Signals(-exit_code).name}"
    return f"worker exited with code {exit_code}"


def _start_worker(parent: int, told: Connection | None) -> None:
    """Leave signals to the parent, which they reach too, use one thread, and do not outlive the parent."""
    for number in stopping.SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    import torch  # noqa: PLC0415  # the parent never imports it

    if told:
        stopping.listen(told)
    torch.set_num_threads(1)

    def follow_parent() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    threading.Thread(target=follow_parent, daemon=True).start()
