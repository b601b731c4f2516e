"""The local executor: one trial's death harms that trial alone."""

import os
import signal
import time
from typing import Any

import pytest

from collect.errors import NoRoomError
from collect.execute.local import LocalExecutor
from collect.task import Report
from tests.collect.conftest import trial


def act(trial_id: str, _trial: Any, row: dict[str, Any]) -> Report:
    """A task that dies in the way its row says."""
    fate = row["fate"]
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
    return Report(trial_id, "completed")


def jobs(*fates: str) -> list[tuple[str, Any, dict[str, Any]]]:
    """One job a fate."""
    return [(f"{i}-{fate}", trial(), {"fate": fate}) for i, fate in enumerate(fates)]


def test_only_the_trials_that_die_fail() -> None:
    """A SIGKILL, a SIGSEGV, an exception and a hang among good trials: four failures with their causes, no more."""
    fates = ["good", "killed", "good", "segfault", "raises", "good", "hangs", "good"]
    reports = {
        r.trial_id.split("-", 1)[1] if r.status == "failed" else r.trial_id: r
        for r in LocalExecutor(2, 8.0).run(act, jobs(*fates))
    }  # type: ignore[arg-type]
    assert len(reports) == 8
    assert sum(r.status == "completed" for r in reports.values()) == 4
    assert "SIGKILL" in str(reports["killed"].reason)
    assert "SIGSEGV" in str(reports["segfault"].reason)
    assert reports["raises"].reason == "MemoryError: cannot allocate"
    assert "hung" in str(reports["hangs"].reason)


def test_a_full_disk_stops_everything() -> None:
    """It is not a failure of one trial: the error reaches the caller."""
    with pytest.raises(NoRoomError):
        list(LocalExecutor(1).run(act, jobs("disk full", "good")))  # type: ignore[arg-type]


def test_draining_starts_nothing_more() -> None:
    """After drain() the running trial ends and the waiting ones stay pending."""
    executor = LocalExecutor(1)
    reports = []
    for report in executor.run(act, jobs("good", "good", "good", "good")):  # type: ignore[arg-type]
        reports.append(report)
        executor.drain()
    assert 1 <= len(reports) <= 2
