"""Numbers of test images of the two arms of a pair."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analyze.analysis import analyse
from analyze.measures import response
from analyze.study.load import load
from tests.synthetic import describe, write_study

PAIR = ("act_bn", "bn_act")
IMAGES = {2: 500, 4: 10_000}


def two_test_sets(folder: Path, **changes: object) -> Path:
    """Eight seeds in two cells, each with a test set of its own; act_bn diverged once in the small one."""
    factors = {"ordering": ("bn_act", "act_bn"), "depth": tuple(IMAGES)}
    write_study(folder, np.random.default_rng(5), factors=factors, seeds=8, with_bits=False, gap=0.3, seed_sd=0.0)
    trials = pd.read_parquet(folder / "trials.parquet")
    trials["test_n"] = trials["depth"].map(IMAGES).astype(float)
    trials["test_correct"] = np.rint(trials["test_accuracy"] * trials["test_n"])
    trials["test_accuracy"] = trials["test_correct"] / trials["test_n"]
    lost = (trials["ordering"] == "act_bn") & (trials["depth"] == 2) & (trials["seed"] == 3)
    trials.loc[lost, ["status", "test_accuracy"]] = ["diverged", 0.1]
    trials.loc[lost, ["test_correct", "test_n", "test_loss"]] = np.nan
    for name, value in changes.items():
        trials.loc[(trials["depth"] == 2) & (trials["seed"] == 0), name] = value
    trials.to_parquet(folder / "trials.parquet")
    describe(folder)
    return folder


def test_a_diverged_trial_is_on_the_images_of_its_cell(tmp_path: Path) -> None:
    """Its count and its logit are those of 500 images, not of the largest test set of the study."""
    study = load(two_test_sets(tmp_path / "s"))
    assert study.trials["test_n"].tolist() == study.trials["depth"].map(IMAGES).tolist()
    lost = np.flatnonzero(study.trials["status"] == "diverged")
    assert response.correct(study, "running")[lost].tolist() == [50]
    assert response.logit(study, "running")[lost] == pytest.approx([np.log(50.5 / 450.5)])


def test_wilcoxon_ranks_what_the_pairs_lost(tmp_path: Path) -> None:
    """One diverged run in eight is one large negative rank: on counts of another test set it was a large gain."""
    found = analyse(load(two_test_sets(tmp_path / "s")))
    (row,) = [r for r in found.simple_effects if (r.cell["depth"], r.bn_mode, r.scale) == (2, "running", "raw")]
    lost = response.paired_counts(load(tmp_path / "s"), "running", PAIR).difference[:, 0]
    assert lost[3] < 0
    assert row.p_wilcoxon > 0.05
    assert row.p_wilcoxon == pytest.approx(stats.wilcoxon(lost[lost != 0], method=stats.PermutationMethod()).pvalue)


def test_counts_of_unlike_test_sets_are_not_ranked(tmp_path: Path) -> None:
    """A cell whose runs were not all on as many images has no counts: accuracies are ranked."""
    folder = two_test_sets(tmp_path / "s", test_n=250, test_correct=240, test_accuracy=0.96)
    paired = response.paired_counts(load(folder), "running", PAIR)
    assert np.isnan(paired.difference[:, 0]).all()
    assert np.isfinite(paired.difference[:, 1]).all()
