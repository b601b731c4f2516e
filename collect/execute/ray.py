"""Trials on a Ray cluster. Ray runs them; that each counts once is the store's doing.

Every node needs this package and access to the study's store: a bucket, or a folder that all nodes share.
"""

import logging
import os
import socket
import stat
import sys
import tempfile
import time
import warnings
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from collect.errors import ClusterError, CollectError
from collect.execute.executor import WORKER_ENVIRONMENT
from collect.execute.worker import Report, Task
from collect.images import Images, Size
from collect.images.sharing import Shared, flattened
from collect.store.place.folder import FolderStore
from collect.store.place.interface import Store
from collect.study.stacks import Job, Stack, arrange

if TYPE_CHECKING:
    from torch import Tensor

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

try:
    import ray
    from ray import exceptions
except ImportError:
    raise ClusterError("Ray is not installed here; install it with: pip install 'ordering-effect[ray]'") from None

POLL_SECONDS = 0.5
CONNECT_SECONDS = 10


@dataclass(frozen=True)
class StoredImages:
    """A data set in Ray's object store; a node fetches it once for all its workers."""

    reference: Any
    size: Size
    mean_std: tuple[tuple[float, ...], tuple[float, ...]]

    def flat(self) -> "Tensor":
        """The bytes where the object store has them."""
        import torch  # noqa: PLC0415  # in the worker

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that it cannot be written to, which nobody does
            return torch.from_numpy(ray.get(self.reference))


class RayExecutor:
    """Runs stacks as Ray tasks, one CPU or GPU each, and never more at once than the cluster can hold.

    Args:
        address: of the cluster; None is the one on this machine, or a new one.
        workers: tasks at once at most; None is what the cluster has.
        device: cpu, cuda, or auto for GPUs where the cluster has some.
    """

    def __init__(self, address: str | None, workers: int | None, device: str) -> None:
        self.address, self.workers, self.device = address, workers, device
        self._draining = False

    def drain(self) -> None:
        """Start nothing more; what is running may finish."""
        self._draining = True

    @contextmanager
    def sharing(self, images: Mapping[str, Images], scratch: Path | None) -> Iterator[Mapping[str, Shared]]:
        """Connect to the cluster while the context lasts, and put data sets into its object store."""
        del scratch  # nothing is written to a file
        with redirect_stdout(sys.stderr):  # where Ray tells of nodes that are gone; stdout carries results alone
            self._connect()
            try:
                yield {
                    name: StoredImages(ray.put(flattened(one)), one.size, one.channel_mean_std)
                    for name, one in images.items()
                }
            finally:
                ray.shutdown()

    def _connect(self) -> None:
        address = self.address or os.environ.get("RAY_ADDRESS") or _running_here()
        try:
            _knock(address)
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
        except (OSError, ValueError, RuntimeError) as error:
            raise ClusterError(
                f"there is no Ray cluster at {address} ({str(error).splitlines()[0]}); start one with: ray start --head"
            ) from None

    def run(self, task: Task, jobs: Sequence[Job], largest: int, together: Sequence[Sequence[str]]) -> Iterator[Report]:
        """Report trials as they end. See `Executor`."""
        kind = "GPU" if self.device != "cpu" and ray.cluster_resources().get("GPU", 0) else "CPU"
        if kind == "CPU" and self.device == "cuda":
            raise ClusterError("--device cuda: no node of the Ray cluster has a GPU; choose cpu or auto")
        # Given here, not by `options`, num_gpus makes every task end its process: no GPU is left in a bad state.
        work = ray.remote(
            num_cpus=1,
            num_gpus=int(kind == "GPU"),
            max_retries=0,  # the runner tries again, and records what went wrong
            runtime_env={"env_vars": WORKER_ENVIRONMENT},
        )(_work)
        task = replace(task, store=_absolute(task.store))
        device = "cuda:0" if kind == "GPU" else "cpu"
        stacks = arrange(jobs, largest if kind == "GPU" else 1, self._room(kind), together)
        waiting, running = deque(stacks), dict[Any, Stack]()
        try:
            while running or (waiting and not self._draining):
                while waiting and not self._draining and len(running) < self._room(kind):
                    stack = waiting.popleft()
                    running[work.remote(task, stack, device)] = stack
                if not running:
                    time.sleep(POLL_SECONDS)  # every node is gone; others may come
                    continue
                done, _ = ray.wait(list(running), timeout=POLL_SECONDS)
                for ended in done:
                    yield from _reports(ended, running.pop(ended))
        finally:
            for reference in running:
                ray.cancel(reference, force=True)

    def _room(self, kind: str) -> int:
        """Tasks that the cluster can hold as it is now."""
        room = int(ray.cluster_resources().get(kind, 0))
        return min(room, self.workers) if self.workers else room


def _running_here() -> str:
    """The address of the cluster that was last started on this machine if it answers, else `local`: start one."""
    noted = Path(tempfile.gettempdir(), "ray", "ray_current_cluster")
    try:
        if not _is_ours(noted):
            return "local"
        address = noted.read_text(encoding="utf-8").strip()
        _knock(address)
    except (OSError, ValueError):
        return "local"
    return address


def _is_ours(path: Path) -> bool:
    """Whether this user wrote it, for it lies where all users of a machine may write."""
    status = path.lstat()
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.getuid() and not status.st_mode & stat.S_IWOTH


def _knock(address: str) -> None:
    """Raise OSError where nobody listens; ray.init would knock for minutes."""
    host, colon, port = address.removeprefix("ray://").rpartition(":")
    if colon:
        socket.create_connection((host, int(port)), CONNECT_SECONDS).close()


def _work(task: Task, stack: Stack, device: str) -> list[Report]:
    import torch  # noqa: PLC0415  # in the worker

    torch.set_num_threads(1)
    return task(stack, device)


def _absolute(store: Store) -> Store:
    """The store by a name that holds in every process."""
    return FolderStore(store.root.resolve()) if isinstance(store, FolderStore) else store


def _reports(ended: Any, stack: Stack) -> list[Report]:
    """What became of a stack's trials."""
    trace = None
    try:
        reports: list[Report] = ray.get(ended)
    except exceptions.RayTaskError as error:
        if isinstance(error.cause, CollectError):
            raise error.cause from None
        reason, trace = f"{type(error.cause).__name__}: {error.cause}", str(error)
    except exceptions.RayError as error:  # its worker or its node is gone
        reason = f"{type(error).__name__}: {str(error).splitlines()[0]}"
    else:
        return reports
    return [Report(job.trial_id, "failed", reason, trace) for job in stack]
