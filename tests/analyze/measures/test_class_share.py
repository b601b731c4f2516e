"""The largest class share before the first step: which rows of the curves it is read from."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.measures import class_share
from analyze.study.load import load
from tests.synthetic import describe, write_study

FACTORS = {"ordering": ("bn_act", "act_bn", "none")}


def shares(folder: Path, change: Any = lambda curves: curves) -> tuple[np.ndarray | None, pd.DataFrame]:
    """The measure of a study whose curves are changed before, and its trials."""
    write_study(folder, np.random.default_rng(1), factors=FACTORS, seeds=3, failed=lambda s: s["seed"] == 2)
    change(pd.read_parquet(folder / "curves.parquet")).to_parquet(folder / "curves.parquet")
    describe(folder)
    study = load(folder)
    return class_share.initial(study), study.trials


def marked(curves: pd.DataFrame) -> pd.DataFrame:
    """Each row with a share of its own, and rows of the whole test set and of train before the first step too."""
    more = [curves[curves["step"] == 0].assign(split=s, eval_set=e) for s, e in (("test", "full"), ("train", "subset"))]
    every = pd.concat([curves, *more], ignore_index=True).sample(frac=1, random_state=3)
    return every.assign(max_class_share=np.linspace(0, 1, len(every)))


def test_it_is_of_step_0_the_test_subset_and_batch_statistics(tmp_path: Path) -> None:
    """Running statistics only where there is no BatchNorm; nothing of a failed trial; whatever the order of rows."""
    found, trials = shares(tmp_path / "s", marked)
    curves = pd.read_parquet(tmp_path / "s" / "curves.parquet")
    assert found is not None
    for trial, share in zip(trials.to_dict("records"), found, strict=True):
        mode = "running" if trial["ordering"] == "none" else "batch"
        wanted = {"trial_id": trial["trial_id"], "step": 0, "split": "test", "eval_set": "subset", "bn_mode": mode}
        rows = curves[np.logical_and.reduce([curves[name] == value for name, value in wanted.items()])]
        assert [share] == list(rows["max_class_share"]) or (trial["status"] == "failed" and np.isnan(share))


@pytest.mark.parametrize(
    "change",
    [
        lambda curves: curves.drop(columns="max_class_share"),
        lambda curves: curves.assign(max_class_share=np.nan),
        lambda curves: curves[curves["step"] > 0],
        lambda curves: curves.drop(columns="step"),
    ],
    ids=["no column", "null", "no step 0", "no steps"],
)
def test_without_a_look_before_training_there_is_none(tmp_path: Path, change: Any) -> None:
    """As in studies of earlier releases, and in others' tables."""
    assert shares(tmp_path / "s", change)[0] is None


def test_curves_that_say_less_are_one_set(tmp_path: Path) -> None:
    """Without split, evaluation set and mode there is one row a trial and step."""

    def few(curves: pd.DataFrame) -> pd.DataFrame:
        one = curves[(curves["eval_set"] == "subset") & (curves["bn_mode"] == "running") & (curves["split"] == "test")]
        return one[["trial_id", "step", "examples_seen", "accuracy", "max_class_share"]]

    found, trials = shares(tmp_path / "s", few)
    assert found is not None
    assert (np.isfinite(found) == (trials["status"] != "failed")).all()
