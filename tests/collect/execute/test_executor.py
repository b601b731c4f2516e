"""The local executor: one trial's death harms that trial alone."""

import os
import signal
import time
from collections.abc import Iterator

import pytest
import torch

from collect.errors import NoRoomError
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
    """It is not a failure of one trial: the error reaches the caller."""
    with pytest.raises(NoRoomError):
        list(reports(LocalExecutor(1, "cpu"), "disk full", "good"))


def test_draining_starts_nothing_more() -> None:
    """After drain() the running trial ends and the waiting ones stay pending."""
    executor = LocalExecutor(1, "cpu")
    found = []
    for report in reports(executor, "good", "good", "good", "good"):
        found.append(report)
        executor.drain()
    assert 1 <= len(found) <= 2
