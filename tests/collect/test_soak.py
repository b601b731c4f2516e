"""Hours in minutes: collectors, nodes and drivers killed at random on one study, readers all the while.

Started by `make soak`.
"""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow.parquet as pq
import pytest

from collect.store import keys, ledger, open_store
from collect.store import plan as plans
from collect.store.place.folder import FolderStore
from collect.store.place.interface import Store
from tests.collect import bucket
from tests.collect.commands import COLLECT, SECONDS, collect, tables, wait_for_parts
from tests.collect.execute.test_ray import driver, two_nodes

COLLECTORS = 4
SAMPLE = 5
#: Of the study that grows and moves.
FAULTS = 30


class Readers:
    """Reads the study over and over and keeps what was inconsistent."""

    def __init__(self, store: Store) -> None:
        self.store, self.reads, self.wrong = store, 0, list[str]()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read)

    def __enter__(self) -> Self:
        """Start reading."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop reading."""
        self._stop.set()
        self._thread.join()

    def _read(self) -> None:
        while not self._stop.wait(0.5):
            if self.store.read(keys.PLAN) is None:
                continue
            state = ledger.read(self.store, plans.read(self.store).trials)
            self.wrong += list(state.damaged.values())
            with suppress(FileNotFoundError), self.store.opened(keys.table("trials")) as file:
                ids = pq.read_table(file, columns=["trial_id"])["trial_id"].to_pylist()
                self.wrong += [name for name, count in Counter(ids).items() if count > 1]
            self.reads += 1


class Collectors:
    """Uncoordinated collectors on one study, killed at random and started again."""

    def __init__(self, study_file: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        self.command = [*COLLECT, "run", str(study_file), "--jobs", "1", *options]
        self.cwd, self.environment = study_file.parent, {**os.environ, **(environment or {})}
        self.runs = [self._start() for _ in range(COLLECTORS)]
        self.kills = 0

    def kill(self, times: int) -> None:
        """So many SIGKILLs, each to a collector or to a worker of one."""
        chance = random.Random(20)  # noqa: S311  # a schedule of kills, no secret
        while self.kills < times:
            time.sleep(chance.uniform(0.5, 4))
            self.start_again()
            targets = victims(chance.choice(self.runs))
            if targets:
                os.kill(chance.choice(targets), signal.SIGKILL)
                self.kills += 1

    def start_again(self) -> None:
        """Start those that have ended."""
        self.runs = [run if run.poll() is None else self._start() for run in self.runs]

    def end(self) -> None:
        """Ask all of them to stop, and wait for it."""
        for run in self.runs:
            run.send_signal(signal.SIGTERM)
            run.wait()

    def _start(self) -> "subprocess.Popen[bytes]":
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        return subprocess.Popen(self.command, cwd=self.cwd, env=self.environment, start_new_session=True, **quiet)


def victims(run: "subprocess.Popen[bytes]") -> list[int]:
    """A collector and its workers."""
    try:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return []
    return [run.pid, *map(int, children)]


def enlarge(study_file: Path, seeds: int) -> int:
    """Give the study so many seeds, and trials that take half a second; how many there are."""
    content = study_file.read_text(encoding="utf-8")
    for small, large in (("seeds = 2", f"seeds = {seeds}"), ("epochs = 1", "epochs = 30")):
        assert small in content
        content = content.replace(small, large)
    study_file.write_text(content, encoding="utf-8")
    return 4 * seeds


def require_undisturbed_rows(ours: list[pd.DataFrame], study_file: Path) -> None:
    """The rows of the first seeds are those of a run that nothing disturbed."""
    changes = ("--set", f"seeds={SAMPLE}", "--out", "clean")
    clean = collect("run", str(study_file), *changes, cwd=study_file.parent, timeout=600)
    assert clean.returncode == 0, clean.stderr
    for table, theirs in zip(ours, tables(study_file.parent / "clean"), strict=True):
        same = table[table.trial_id.isin(theirs.trial_id)].reset_index(drop=True)
        pd.testing.assert_frame_equal(same, theirs)


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_four_collectors_and_a_hundred_kills(study_file: Path) -> None:
    """Every planned trial exactly once, every read consistent, rows equal to an undisturbed run's."""
    planned = enlarge(study_file, 200)
    folder = study_file.parent / "data" / "tiny"
    collectors = Collectors(study_file)
    with Readers(FolderStore(folder)) as readers:
        collectors.kill(100)
        collectors.end()
        finished = len(list(folder.glob("parts/*.parquet")))
        assert 0 < finished < planned, "the kills came too late to disturb anything"
        done = collect("run", str(study_file), cwd=study_file.parent, timeout=3600)
    assert done.returncode == 0, done.stderr
    assert f"{planned} planned = {planned} completed" in done.stdout
    assert readers.reads > 20
    assert not readers.wrong
    assert len({path.name for path in folder.glob("parts/*")}) == planned
    assert collect("verify", str(folder), cwd=folder, timeout=600).returncode == 0
    require_undisturbed_rows(tables(folder), study_file)


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_groups_are_stopped_while_the_study_grows_and_moves(study_file: Path) -> None:
    """Signals to whole groups, an extension while others train for the old plan, the folder moved away and back.

    Every trial counts once, none fails but by SIGKILL, and in the end the tables are of the plan in force.
    """
    enlarge(study_file, 40)
    folder = study_file.parent / "data" / "tiny"
    collectors = Collectors(study_file)
    wait_for_parts(folder, 4)
    chance = random.Random(24)  # noqa: S311  # a schedule of faults, no secret
    for turn in range(FAULTS):
        time.sleep(chance.uniform(2, 8))
        if turn == FAULTS // 3:
            content = study_file.read_text(encoding="utf-8")
            study_file.write_text(content.replace("seeds = 40", "seeds = 60"), encoding="utf-8")
            more = collect("run", str(study_file), "--extend", "--shard", "1/240", cwd=study_file.parent, timeout=600)
            assert more.returncode == 0, more.stderr
        elif turn % 5 == 4:
            folder.rename(folder.with_name("moved"))
            time.sleep(chance.uniform(0, 3))
            assert not folder.exists(), "a collector began the study anew"
            folder.with_name("moved").rename(folder)
        else:
            number = chance.choice([signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1, signal.SIGKILL])
            run = chance.choice([run for run in collectors.runs if run.poll() is None] or [None])
            if run:
                os.killpg(run.pid, number)
        state = tables_of(folder)
        assert state["planned"] == state["pending"] + state["rows"]
        collectors.start_again()
    collectors.end()
    done = collect("run", str(study_file), cwd=study_file.parent, timeout=3600)
    assert done.returncode == 0, done.stderr
    assert "240 planned = 240 completed" in done.stdout
    assert len({path.name for path in folder.glob("parts/*")}) == 240
    reasons = [json.loads(path.read_text())["reason"] for path in folder.glob("failures/*")]
    assert not [reason for reason in reasons if "SIGKILL" not in reason]
    assert collect("verify", str(folder), cwd=folder, timeout=600).returncode == 0
    require_undisturbed_rows(tables(folder), study_file)


def tables_of(folder: Path) -> dict[str, int]:
    """What trials.parquet says of its study, and how many rows it has; nothing is pending where there is none yet."""
    path = folder / "trials.parquet"
    if not path.exists():
        planned = len(plans.read(FolderStore(folder)).trials)
        return {"planned": planned, "pending": planned, "rows": 0}
    found = pq.read_metadata(path)
    return {key: int(found.metadata[key.encode()]) for key in ("planned", "pending")} | {"rows": found.num_rows}


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_a_bucket_behind_a_bad_network(study_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four collectors on one prefix, forty kills, a fault in one request of twenty-five: the same promises."""
    planned = enlarge(study_file, 60)
    where = f"s3://{bucket.BUCKET}/soak"
    with bucket.serving() as port, bucket.failing_before(port, bucket.Unreliable) as proxy:
        behind = bucket.environment(proxy.server_port)
        for name, value in behind.items():
            monkeypatch.setenv(name, value)
        store = open_store(where)
        collectors = Collectors(study_file, "--out", where, environment=behind)
        with Readers(store) as readers:
            collectors.kill(40)
            collectors.end()
            assert 0 < len(store.entries(keys.PARTS)) < planned, "the kills came too late to disturb anything"
            done = collect("run", str(study_file), "--out", where, cwd=study_file.parent, timeout=3600)
        assert done.returncode == 0, done.stderr
        assert f"{planned} planned = {planned} completed" in done.stdout
        assert readers.reads > 20
        assert not readers.wrong
        assert len({entry.name for entry in store.entries(keys.PARTS)}) == planned
        assert collect("verify", where, cwd=study_file.parent, timeout=600).returncode == 0
        assert proxy.faults > 100
        require_undisturbed_rows(fetched(store), study_file)


def fetched(store: Store) -> list[pd.DataFrame]:
    """The three tables without wall times."""
    found = []
    for name in ("trials", "curves", "layers"):
        with store.opened(keys.table(name)) as file:
            found.append(pd.read_parquet(file).drop(columns=SECONDS, errors="ignore"))
    return found


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_ten_nodes_and_ten_drivers_die(study_file: Path) -> None:
    """A cluster whose second node is killed and replaced ten times, its drivers killed likewise: the same promises."""
    planned = enlarge(study_file, 150)
    folder = study_file.parent / "data" / "tiny"
    chance = random.Random(21)  # noqa: S311  # a schedule of kills, no secret
    with two_nodes() as cluster:
        running = driver(study_file, cluster, 150)
        for death in range(20):
            time.sleep(chance.uniform(3, 8))
            if death % 2:
                os.killpg(running.pid, signal.SIGKILL)
                running.communicate()
                running = driver(study_file, cluster, 150)
            else:
                cluster.kill_one()
                cluster.add_one()
        assert len(list(folder.glob("parts/*.parquet"))) < planned, "the kills came too late to disturb anything"
        told, errors = running.communicate(timeout=3600)
    assert running.returncode == 0, errors
    assert told == f"data/tiny: {planned} planned = {planned} completed + 0 diverged + 0 failed + 0 pending\n"
    assert len({path.name for path in folder.glob("parts/*")}) == planned
    assert collect("verify", str(folder), cwd=folder, timeout=600).returncode == 0
    require_undisturbed_rows(tables(folder), study_file)
