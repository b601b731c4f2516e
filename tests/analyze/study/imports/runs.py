"""Sixteen runs that every tool's library writes, and what has to become of them."""

import math
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import pytest

import analyze
from analyze import cli
from analyze.study.load import StudyData


class Made(NamedTuple):
    """A run as it is written."""

    optimizer: str
    depth: int
    seed: int

    @property
    def accuracy(self) -> float:
        """Of its end: a gap of one point, and a spread that is the same in every test."""
        return 0.9 + 0.01 * (self.optimizer == "adam") + 0.003 * math.sin(7 * self.seed + 3 * self.depth)

    @property
    def losses(self) -> list[float]:
        """On validation, by step."""
        return [1.0 / (step + 1 + self.seed) for step in range(3)]


RUNS = [Made(optimizer, depth, seed) for seed in range(4) for optimizer in ("adam", "sgd") for depth in (2, 4)]


def imported(source: Path | str, out: Path) -> None:
    """Run `analyze import`, which succeeds."""
    with pytest.raises(SystemExit) as ended:
        cli.main(["import", str(source), "--out", str(out)])
    assert not ended.value.code


def check(source: Path | str, out: Path, *, depth: str = "depth", curves: bool = True, failed: int = 0) -> StudyData:
    """Import, read as a study of optimizers, and compare every run's end (and curve) with what was written."""
    imported(source, out)
    study = analyze.read(out, factor="optimizer")
    assert study.design.factors == {"optimizer": ("adam", "sgd"), depth: (2, 4)}
    found = study.trials.set_index(["optimizer", depth, "seed"])
    assert (study.count("completed"), study.count("failed")) == (len(RUNS), failed)
    for run in RUNS:
        assert found.loc[tuple(run), "test_accuracy"] == pytest.approx(run.accuracy, rel=1e-6)
    if curves:
        [last] = [name for name in found if name.startswith("val") and name.endswith("loss")]
        for run in RUNS:
            assert found.loc[tuple(run), last] == pytest.approx(run.losses[-1], rel=1e-6)
        points = pd.read_parquet(out / "curves.parquet").query("split == 'validation'")
        by_id = dict(zip(study.trials["trial_id"], study.trials.index, strict=True))
        for trial, losses in points.sort_values("step").groupby("trial_id")["loss"]:
            seed = int(study.trials.loc[by_id[trial], "seed"])
            assert losses.tolist() == pytest.approx(Made("adam", 2, seed).losses, rel=1e-6)
        assert points["trial_id"].nunique() == len(RUNS)
    return study
