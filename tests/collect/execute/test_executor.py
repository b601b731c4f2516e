"""The local executor: one trial's death harms that trial alone."""

import errno
import multiprocessing
import multiprocessing.synchronize
import os
import resource
import signal
import threading
import time
from collections.abc import Iterator

import pytest
import torch

from collect.errors import MachineError, NoRoomError
from collect.execute import local, stopping
from collect.execute.local import LocalExecutor, count_gpus
from collect.execute.worker import Report
from collect.study.stacks import Job, Stack
from tests.collect.conftest import trial


def act(stack: Stack, device: str) -> list[Report]:
    """A task that dies in the way the row of its first trial says."""
    assert device == "cpu"
    fate = stack[0].row["fate"]
    if fate == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif fate == "asked to stop":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1):
            os.kill(os.getpid(), number)
    elif fate == "killed while stopping":
        while not stopping.asked():
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGKILL)
    elif fate == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif fate == "hangs":
        time.sleep(600)
    elif fate == "raises":
        raise MemoryError("cannot allocate")
    elif fate == "disk full":
        raise NoRoomError("no room left")
    return [Report(job.trial_id, "completed") for job in stack]


def jobs(*fates: str) -> list[Job]:
    """One job a fate."""
    return [Job(f"{i}-{fate}", trial(), {"fate": fate}) for i, fate in enumerate(fates)]


def reports(executor: LocalExecutor, *fates: str) -> Iterator[Report]:
    """What the executor says of them."""
    return executor.run(act, jobs(*fates), 1, ())  # type: ignore[arg-type]  # a task for the test


def test_only_the_trials_that_die_fail() -> None:
    """A SIGKILL, a SIGSEGV, an exception and a hang among good trials: four failures with their causes, no more."""
    fates = ["good", "killed", "good", "segfault", "raises", "good", "hangs", "good"]
    found = {
        r.trial_id.split("-", 1)[1] if r.status == "failed" else r.trial_id: r
        for r in reports(LocalExecutor(2, "cpu", 8.0), *fates)
    }
    assert len(found) == 8
    assert sum(r.status == "completed" for r in found.values()) == 4
    assert "SIGKILL" in str(found["killed"].reason)
    assert "SIGSEGV" in str(found["segfault"].reason)
    assert found["raises"].reason == "MemoryError: cannot allocate"
    assert "hung" in str(found["hangs"].reason)


def test_a_worker_that_dies_between_two_trials_costs_at_most_an_attempt() -> None:
    """None where it has been dead for a while; as it is given a trial, it fails that one; the run goes on."""
    running = reports(LocalExecutor(1, "cpu"), *["good"] * 4)
    for seconds in (1.0, 0.0):
        assert next(running).status == "completed"
        [worker] = multiprocessing.active_children()
        worker.kill()
        time.sleep(seconds)
    failed = [report for report in running if report.status == "failed"]
    assert len(failed) <= 1
    assert all("as it was given its trials" in str(report.reason) for report in failed)


@pytest.mark.parametrize("trouble", ["an old driver", "no kernels"])
def test_a_gpu_that_torch_cannot_use_is_none(monkeypatch: pytest.MonkeyPatch, trouble: str) -> None:
    """The driver's library may count one all the same; --device auto must then take the CPU."""

    def refused(*_: object, **__: object) -> None:
        raise RuntimeError("no kernel image is available for execution on the device")

    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: trouble == "no kernels")
    monkeypatch.setattr(torch, "ones", refused)
    assert count_gpus() == 0


def test_a_full_disk_stops_everything() -> None:
    """It is not a failure of one trial: the error reaches the caller, and no worker is left that its exit waits for."""
    with pytest.raises(NoRoomError):
        list(reports(LocalExecutor(1, "cpu"), "disk full", "good"))
    assert multiprocessing.active_children() == []


def test_signals_are_for_the_parent() -> None:
    """What a queue sends to every process of a job does not make its trials fail."""
    [report] = reports(LocalExecutor(1, "cpu"), "asked to stop")
    assert report.status == "completed"


def test_a_worker_that_dies_while_the_run_stops_leaves_its_trial_pending() -> None:
    """The queue, which stops the run, kills its processes too."""
    executor = LocalExecutor(1, "cpu")
    timer = threading.Timer(3, executor.drain)
    timer.start()
    assert not list(reports(executor, "killed while stopping", "good"))
    timer.join()


@pytest.mark.parametrize("trouble", [errno.EROFS, errno.ENOSPC, errno.ENOSYS])
def test_no_semaphores_are_needed(monkeypatch: pytest.MonkeyPatch, trouble: int) -> None:
    """They lie in /dev/shm, which in a container may be full, read-only or absent."""

    def refused(*_: object, **__: object) -> None:
        raise OSError(trouble, os.strerror(trouble))

    monkeypatch.setattr(multiprocessing.synchronize.SemLock, "__init__", refused)
    [report] = reports(LocalExecutor(1, "cpu"), "good")
    assert report.status == "completed"


@pytest.mark.parametrize(
    ("soft", "hard", "raised"), [(32, 4096, 80), (32, resource.RLIM_INFINITY, 80), (256, 256, None)]
)
def test_the_limit_of_open_files_is_raised(
    monkeypatch: pytest.MonkeyPatch, soft: int, hard: int, raised: int | None
) -> None:
    """As far as four workers take it."""
    set_ = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (soft, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: set_.append(limits))
    local._raise_open_files(4)
    assert set_ == ([] if raised is None else [(raised, hard)])


def test_a_limit_of_open_files_that_is_too_low_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With what would do."""
    monkeypatch.setattr(resource, "getrlimit", lambda _: (32, 64))
    with pytest.raises(MachineError, match=r"4 workers take 80 open files, and no more than 64.*choose --jobs 2"):
        list(reports(LocalExecutor(4, "cpu"), *["good"] * 4))


def test_what_has_not_begun_is_not_waited_for() -> None:
    """A worker takes seconds to start, and a queue does not wait for long: its trial stays pending."""
    executor = LocalExecutor(1, "cpu")
    executor.drain()
    assert not list(reports(executor, "good"))
    executor = LocalExecutor(1, "cpu")
    timer = threading.Timer(0.2, executor.drain)
    timer.start()
    assert not list(reports(executor, "hangs"))
    timer.join()


def test_draining_starts_nothing_more() -> None:
    """After drain() the running trial ends and the waiting ones stay pending."""
    executor = LocalExecutor(1, "cpu")
    found = []
    for report in reports(executor, "good", "good", "good", "good"):
        found.append(report)
        executor.drain()
    assert 1 <= len(found) <= 2
