"""Outcomes of somebody's trials: shares, per cent, failures, and the words for how a run ended."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.errors import InvalidTableError
from analyze.measures import response
from analyze.study.scores import WORDS
from tests.analyze.study.brought import loaded, table

ROWS = len(table())


def test_per_cent_is_refused_with_the_cure(tmp_path: Path) -> None:
    """And --unit percent divides, in trials and in curves."""
    trials = table(train_accuracy=99.0)
    trials["test_accuracy"] *= 100
    with pytest.raises(InvalidTableError, match=r"found 9\d.* in row 1; if .* in per cent, add --unit percent"):
        loaded(tmp_path / "a", trials)
    found = loaded(tmp_path / "a", trials, unit="percent")
    there = loaded(tmp_path / "b", table())
    assert response.accuracy(found, "running") == pytest.approx(response.accuracy(there, "running"))
    assert found.trials["train_accuracy"].unique() == [0.99]
    assert analyse(found).primary.estimate == pytest.approx(analyse(there).primary.estimate)
    with pytest.raises(InvalidTableError, match=r"nowhere above 1 per cent.*drop --unit percent"):
        loaded(tmp_path / "b", table(), unit="percent")


def test_curves_in_per_cent(tmp_path: Path) -> None:
    """A gap of 182 points came of them."""
    trials = table(trial_id=[f"t{row}" for row in range(ROWS)])
    points = pd.DataFrame({"trial_id": trials["trial_id"].repeat(2), "examples_seen": [100, 1000] * ROWS})
    loaded(tmp_path / "a", trials)
    points.assign(accuracy=[40.0, 90.0] * ROWS).to_parquet(tmp_path / "a" / "curves.parquet")
    with pytest.raises(InvalidTableError, match=r"accuracy must be a share .* found 40 in row 1; .* --unit percent"):
        _ = loaded(tmp_path / "a", trials).curves
    trials["test_accuracy"] *= 100
    found = loaded(tmp_path / "a", trials, unit="percent").curves
    assert found is not None
    assert sorted(found["accuracy"].unique()) == [0.4, 0.9]


def test_one_is_one_however_it_was_rounded(tmp_path: Path) -> None:
    """1.0000001 is all images."""
    trials = table()
    trials.loc[0, "test_accuracy"] = 1.0000001
    assert response.accuracy(loaded(tmp_path / "a", trials), "running").max() == 100.0


@pytest.mark.parametrize("lost", [None, np.nan, np.inf, -np.inf])
def test_a_completed_run_without_a_number_has_failed(tmp_path: Path, lost: float | None) -> None:
    """It is counted, and so is its pair; the others are as they were."""
    trials = table(status="completed")
    trials.loc[5, "test_accuracy"] = lost
    found = loaded(tmp_path / "a", trials)
    assert (found.count("failed"), found.count("completed")) == (1, ROWS - 1)
    there = analyse(found)
    kept = table()[lambda t: t["seed"] != 0].groupby(["seed", "optimizer"])["test_accuracy"].mean().unstack()  # noqa: PD010
    assert there.primary.n_seeds == 9
    assert there.primary.estimate == pytest.approx(100 * (kept["adam"] - kept["sgd"]).mean())


def test_a_failed_run_has_no_score(tmp_path: Path) -> None:
    """What a killed or pruned run had reached is not what the others are compared by."""
    trials = table(status="FINISHED")
    trials.loc[0, ["status", "test_accuracy"]] = ["PRUNED", 0.1]
    found = loaded(tmp_path / "a", trials)
    assert found.count("failed") == 1
    assert np.isnan(response.accuracy(found, "running")[0])


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("FINISHED", "completed"),
        ("finished", "completed"),
        ("COMPLETE", "completed"),
        ("COMPLETED", "completed"),
        ("FAILED", "failed"),
        ("FAIL", "failed"),
        ("KILLED", "failed"),
        ("crashed", "failed"),
        ("PRUNED", "failed"),
        ("CANCELLED by 1000", "failed"),
        ("OUT_OF_MEMORY", "failed"),
        ("TIMEOUT", "failed"),
        ("NODE_FAIL", "failed"),
        ("Diverged", "diverged"),
    ],
)
def test_words_of_other_tools(tmp_path: Path, word: str, status: str) -> None:
    """MLflow, Weights & Biases, Optuna and Slurm."""
    trials = table(status="completed")
    trials.loc[0, "status"] = word
    assert loaded(tmp_path / "a", trials).trials["status"].iloc[0] == status


@pytest.mark.parametrize("word", ["RUNNING", "SCHEDULED", "WAITING", "pending", "PREEMPTING"])
def test_runs_that_have_not_ended_are_pending(tmp_path: Path, word: str) -> None:
    """Planned = completed + diverged + failed + pending."""
    trials = table(status="finished")
    trials.loc[:1, "status"] = word
    found = loaded(tmp_path / "a", trials)
    assert (found.planned, found.pending, len(found.trials)) == (ROWS, 2, ROWS - 2)
    with pytest.raises(InvalidTableError, match=f"none of its {ROWS} trials has ended"):
        loaded(tmp_path / "a", table(status=word))


def test_unknown_words_are_listed(tmp_path: Path) -> None:
    """All of them, with the first row."""
    trials = table(status="completed")
    trials.loc[[3, 9], "status"] = ["done", "odd"]
    with pytest.raises(InvalidTableError, match=r"status done, odd is not one of .*first in row 4"):
        loaded(tmp_path / "a", trials)
    assert set(WORDS.values()) == {"completed", "diverged", "failed", "pending"}


@pytest.mark.parametrize(("off", "refused"), [(0.0, False), (0.0004, False), (0.002, True), (-0.5, True)])
def test_two_ways_to_write_an_accuracy_must_agree(tmp_path: Path, *, off: float, refused: bool) -> None:
    """Within half an image; the row is named."""
    correct = (1000 * table()["test_accuracy"]).round()
    told = correct / 1000
    told.iloc[7] += off
    trials: Any = table(test_correct=correct, test_n=1000, test_accuracy=told)
    if refused:
        with pytest.raises(InvalidTableError, match=r"test_accuracy .* is not test_correct / test_n = .* in row 8"):
            loaded(tmp_path / "a", trials)
    else:
        assert response.accuracy(loaded(tmp_path / "a", trials), "running") == pytest.approx(correct / 10)
