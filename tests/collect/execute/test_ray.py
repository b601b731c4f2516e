"""Trials on a Ray cluster: nodes and drivers may die, and every trial counts once with a local run's bits."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest

from tests.collect.commands import COLLECT, collect, tables, wait_for_parts

ROOT = Path(__file__).parents[3]
SEEDS = 12
TRIALS = 4 * SEEDS


class TwoNodes:
    """The cluster of `ray_cluster`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.address = self._answer()

    def kill_one(self) -> None:
        """Kill the second node, without warning."""
        self._ask("kill")

    def add_one(self) -> None:
        """Put another in its place."""
        self._ask("add")

    def _ask(self, what: str) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{what}\n")
        self._process.stdin.flush()
        assert self._answer() == "done"

    def _answer(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


@contextmanager
def two_nodes() -> Iterator[TwoNodes]:
    """Two nodes on this machine."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    command = [sys.executable, "-W", "ignore", "-m", "tests.collect.ray_cluster"]
    with subprocess.Popen(command, cwd=ROOT, text=True, start_new_session=True, **pipes) as process:
        yield TwoNodes(process)
        assert process.stdin
        process.stdin.close()
        process.wait(60)


@pytest.fixture
def cluster() -> Iterator[TwoNodes]:
    """Two nodes of this test's own."""
    with two_nodes() as nodes:
        yield nodes


def driver(study_file: Path, cluster: TwoNodes, seeds: int = SEEDS) -> "subprocess.Popen[str]":
    """`collect run` on the cluster."""
    command = [*COLLECT, "run", str(study_file), "--set", f"seeds={seeds}", "--backend", "ray"]
    return subprocess.Popen(
        [*command, "--address", cluster.address],
        cwd=study_file.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.timeout(400)
def test_a_node_and_then_the_driver_are_killed(study_file: Path, cluster: TwoNodes) -> None:
    """48 trials on two nodes, one of which is killed, then the driver, which is run again: each trial once."""
    folder = study_file.parent / "data" / "tiny"
    first = driver(study_file, cluster)
    wait_for_parts(folder, 6)
    cluster.kill_one()
    wait_for_parts(folder, 12)
    os.killpg(first.pid, signal.SIGKILL)
    first.communicate()
    done = len(list(folder.glob("parts/*")))
    assert done < TRIALS, "the kills came too late to disturb anything"
    again = driver(study_file, cluster)
    told, errors = again.communicate(timeout=300)
    assert again.returncode == 0, errors
    assert told == f"data/tiny: {TRIALS} planned = {TRIALS} completed + 0 diverged + 0 failed + 0 pending\n"
    assert len({path.name for path in folder.glob("parts/*")}) == TRIALS
    assert collect("verify", str(folder), cwd=folder).returncode == 0
    local = collect("run", str(study_file), "--set", f"seeds={SEEDS}", "--out", "local", cwd=study_file.parent)
    assert local.returncode == 0, local.stderr
    for ours, theirs in zip(tables(folder), tables(study_file.parent / "local"), strict=True):
        pd.testing.assert_frame_equal(ours, theirs)


@pytest.mark.timeout(300)
def test_an_interrupt_ends_cleanly(study_file: Path, cluster: TwoNodes) -> None:
    """Ctrl-C lets running trials finish, says how to go on, and leaves a study that goes on anywhere."""
    folder = study_file.parent / "data" / "tiny"
    running = driver(study_file, cluster)
    wait_for_parts(folder, 2)
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    assert f"Go on with: collect run data/tiny --backend ray --address {cluster.address}\n" in told
    assert "Traceback" not in told
    counts = json.loads(collect("status", "--json", str(folder), cwd=folder).stdout)
    assert 2 <= counts["completed"] < TRIALS
    assert collect("run", str(folder), cwd=study_file.parent).returncode == 0


BACKPRESSURE = """
import sys, time
import ray
from collect.execute.ray import RayExecutor
from collect.study.stacks import Job
from collect.store.place.folder import FolderStore
from collect.execute.worker import Report, Task
from pathlib import Path
from tests.collect.conftest import trial

class Slow(Task):
    def __call__(self, stack, device):
        time.sleep(0.2)
        if stack[0].trial_id == "t3":
            raise MemoryError("cannot allocate")
        return [Report(job.trial_id, "completed") for job in stack]

flight = []
wait = ray.wait
def noting(references, **options):
    flight.append(len(references))
    return wait(references, **options)
ray.wait = noting
executor = RayExecutor(sys.argv[1], None, "cpu")
with executor.sharing({}, None):
    jobs = [Job(f"t{n}", trial(), {}) for n in range(12)]
    reports = list(executor.run(Slow(FolderStore(Path("x")), {}), jobs, 1, ()))
print(max(flight), sorted((r.status, r.reason) for r in reports)[-1], len(reports))
"""


def test_no_more_is_in_flight_than_the_cluster_holds(cluster: TwoNodes) -> None:
    """Two CPUs, twelve trials: two tasks at once at most; one that raises is a failure of its trial alone."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BACKPRESSURE, cluster.address],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "2 ('failed', 'MemoryError: cannot allocate') 12\n"


def test_no_cluster_is_said(study_file: Path) -> None:
    """One sentence that tells how to start one."""
    done = collect(
        "run", str(study_file), "--backend", "ray", "--address", "127.0.0.1:9", cwd=study_file.parent, timeout=120
    )
    assert done.returncode == 2
    assert "there is no Ray cluster at 127.0.0.1:9" in done.stderr
    assert "ray start --head" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_ray_the_extra_is_named(study_file: Path) -> None:
    """Where Ray is not installed, one sentence says what to install, and everything else works."""
    code = "import sys; sys.modules['ray'] = None; from collect.cli import main; main()"
    command = [sys.executable, "-c", code, "run", str(study_file)]
    done = subprocess.run(
        [*command, "--backend", "ray"], cwd=study_file.parent, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == "collect: Ray is not installed here; install it with: pip install 'ordering-effect[ray]'\n"


def test_an_address_needs_ray(study_file: Path) -> None:
    """--address without --backend ray is a mistake."""
    done = collect("run", str(study_file), "--address", "127.0.0.1:9", cwd=study_file.parent)
    assert done.returncode == 2
    assert "--backend ray" in done.stderr
