"""Hours in minutes: collectors killed at random on one study, readers all the while. Started by `make soak`."""

import os
import random
import signal
import subprocess
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Self

import pandas as pd
import pyarrow.parquet as pq
import pytest

from collect.store import keys, ledger
from collect.store import plan as plans
from collect.store.folder import FolderStore
from tests.collect.commands import COLLECT, collect, tables

COLLECTORS, KILLS, SEEDS = 4, 100, 300


class Readers:
    """Reads the study over and over and keeps what was inconsistent."""

    def __init__(self, folder: Path) -> None:
        self.store, self.reads, self.wrong = FolderStore(folder), 0, []
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
            table = self.store.root / keys.table("trials")
            if table.is_file():
                ids = pq.read_table(table, columns=["trial_id"])["trial_id"].to_pylist()
                self.wrong += [name for name, count in Counter(ids).items() if count > 1]
            self.reads += 1


def start(study_file: Path) -> subprocess.Popen[bytes]:
    """One more collector on the study."""
    command = [*COLLECT, "run", str(study_file), "--jobs", "1"]
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=study_file.parent, stdout=quiet, stderr=quiet, start_new_session=True)


def victims(run: subprocess.Popen[bytes]) -> list[int]:
    """A collector and its workers."""
    try:
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text(encoding="utf-8").split()
    except OSError:
        return []
    return [run.pid, *map(int, children)]


@pytest.mark.soak
@pytest.mark.timeout(5400)
def test_four_collectors_and_a_hundred_kills(study_file: Path) -> None:
    """Every planned trial exactly once, every read consistent, rows equal to an undisturbed run's."""
    study_file.write_text(
        study_file.read_text(encoding="utf-8").replace("seeds = 2", f"seeds = {SEEDS}"), encoding="utf-8"
    )
    folder = study_file.parent / "data" / "tiny"
    chance = random.Random(20)  # noqa: S311  # a schedule of kills, no secret
    runs = [start(study_file) for _ in range(COLLECTORS)]
    kills = 0
    with Readers(folder) as readers:
        while kills < KILLS:
            time.sleep(chance.uniform(0.5, 4))
            runs = [run if run.poll() is None else start(study_file) for run in runs]
            targets = victims(chance.choice(runs))
            if targets:
                os.kill(chance.choice(targets), signal.SIGKILL)
                kills += 1
        for run in runs:
            run.send_signal(signal.SIGTERM)
            run.wait()
        finished = len(list(folder.glob("parts/*.parquet")))
        assert 0 < finished < 4 * SEEDS, "the kills came too late to disturb anything"
        done = collect("run", str(study_file), cwd=study_file.parent, timeout=3600)
    assert done.returncode == 0, done.stderr
    assert f"{4 * SEEDS} planned = {4 * SEEDS} completed" in done.stdout
    assert readers.reads > 20
    assert not readers.wrong
    assert len({path.name for path in folder.glob("parts/*")}) == 4 * SEEDS
    assert collect("verify", str(folder), cwd=folder, timeout=600).returncode == 0
    clean = collect("run", str(study_file), "--set", "seeds=5", "--out", "clean", cwd=study_file.parent, timeout=600)
    assert clean.returncode == 0, clean.stderr
    for ours, theirs in zip(tables(folder), tables(study_file.parent / "clean"), strict=True):
        same = ours[ours.trial_id.isin(theirs.trial_id)].reset_index(drop=True)
        pd.testing.assert_frame_equal(same, theirs)
