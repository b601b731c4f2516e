"""Which columns name the folds: those that split the same data anew are no moderators, and no data set has its own."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from analyze import check
from analyze.errors import AnalyzeError
from tests.analyze.commands import analyze as run
from tests.analyze.test_folds import TYPED, study, table

#: Two data sets, the folds of the second with names of their own.
APART = pd.concat(
    [table(-0.5).assign(dataset=name, fold=[f"{name}{fold}" for fold in table(-0.5)["fold"]]) for name in "ab"]
)


@pytest.mark.parametrize("name", ["repeat", "Rep", "repetition", "split", "cv_repeat", "splits"])
@pytest.mark.parametrize("asked", [{}, {"moderators": ["width"]}])
def test_a_repeat_is_no_moderator(tmp_path: Path, name: str, asked: dict[str, Any]) -> None:
    """Found or declared, a column that splits the same data anew is refused; its runs are folds with their names."""
    trials = table(-0.5, -0.5).rename(columns={"width": name})
    asked = {option: [name] for option in asked}
    with pytest.raises(AnalyzeError, match=f"column {name} only splits the same data anew.*as repeat-fold"):
        study(tmp_path, trials, **asked)
    named = trials.assign(fold=trials[name].astype(str) + "-" + trials["fold"].astype(str))
    found = study(tmp_path, named)
    assert (found.design.moderators, len(found.seeds)) == ((), 20)


def test_folds_are_not_taken_for_a_moderator(tmp_path: Path) -> None:
    """Beside the seeds of training, where --seed names none; then several runs of a fold are to be averaged."""
    trials = pd.concat([table(-0.5).assign(seed=seed) for seed in range(3)])
    with pytest.raises(AnalyzeError, match="column fold names folds, and another is taken for them"):
        study(tmp_path, trials, seed="seed")
    with pytest.raises(
        AnalyzeError, match=r"share their settings and fold, .*; average the runs of a fold or keep one"
    ):
        study(tmp_path, trials)


def test_repeats_that_are_left_out_are_no_runs_of_a_fold(tmp_path: Path) -> None:
    """The advice is to name each fold of each repeat, and not the column as a moderator."""
    trials = table(-0.5, -0.5).rename(columns={"width": "repeat"})
    with pytest.raises(AnalyzeError, match=r"share their settings and fold.*as repeat-fold") as refused:
        study(tmp_path, trials, ignore=["repeat"])
    assert "--moderators" not in str(refused.value)


@pytest.mark.parametrize("asked", [{}, {"moderators": ["dataset"]}])
@pytest.mark.parametrize("trials", [APART, APART[APART["fold"] < "b5"]])
def test_folds_are_numbered_alike_in_every_data_set(
    tmp_path: Path, trials: pd.DataFrame, asked: dict[str, Any]
) -> None:
    """Folds of two data sets are no sample of one; a column of the same data is left out where that is said."""
    with pytest.raises(AnalyzeError, match=r"every dataset has folds of its own \(a0 of a, b0 of b\).*0 to 9"):
        study(tmp_path, trials, **asked)
    assert study(tmp_path, trials, ignore=["dataset"]).design.moderators == ()


def test_a_column_of_the_fold_is_left_out(tmp_path: Path) -> None:
    """The size of a test part changes with the fold of one cross-validation, and tells no data sets apart."""
    trials = table(-0.5).assign(size=lambda rows: 14 + (rows["fold"] < 5))
    assert study(tmp_path, trials).design.ignored["size"].code == "ignored_seed"


def test_no_fold_ran_both(tmp_path: Path) -> None:
    """Said of folds, and not of pairs that nobody asked for."""
    trials = table(-0.5).assign(fold=range(20))
    with pytest.raises(AnalyzeError, match="--folds: no fold ran both adam and sgd"):
        study(tmp_path, trials)


def test_check_speaks_of_folds(tmp_path: Path) -> None:
    """Its lines and their reasons hold no seed; folds that are missing are counted."""
    trials = table(-0.5).assign(size=lambda rows: 14 + (rows["fold"] < 5))
    trials[trials["fold"] < 4].to_csv(tmp_path / "runs.csv", index=False)
    done = run("check", "runs.csv", *TYPED, cwd=tmp_path)
    said = " ".join(done.stdout.split())
    assert (done.returncode, "seed" in said) == (0, False), said
    assert "4 of 10 folds are complete" in said
    lines = {one.topic: one for one in check.examine(study(tmp_path, trials[trials["fold"] < 4]))}
    assert lines["folds"].state == "lacks"
