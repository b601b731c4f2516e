"""Reading studies: the collector's, somebody else's, and what is refused with which words."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analyze.errors import AnalyzeError, InvalidTableError, StudyNotFoundError, UsageError
from analyze.study.load import load
from analyze.study.scores import COLUMN
from analyze.study.stored import newest_study
from tests.synthetic import write_study


def own_trials(**changes: object) -> pd.DataFrame:
    """Trials of somebody else's network: four columns, no metadata."""
    table = pd.DataFrame(
        [
            {"trial_id": f"{norm}-{blocks}-{seed}", "norm": norm, "blocks": blocks, "seed": seed}
            for norm in ("layer", "group")
            for blocks in (2, 3)
            for seed in range(5)
        ]
    )
    table["test_accuracy"] = 0.9 + np.random.default_rng(0).normal(0, 0.01, len(table))
    return table.assign(**changes)


def write(folder: Path, table: pd.DataFrame) -> Path:
    """A folder with only trials.parquet."""
    folder.mkdir(exist_ok=True)
    (folder / "datapackage.json").unlink(missing_ok=True)
    table.to_parquet(folder / "trials.parquet", index=False)
    return folder


def test_collectors_study(tmp_path: Path) -> None:
    """Design, counts and metadata come from the file; all three tables are there."""
    study = load(write_study(tmp_path / "s", np.random.default_rng(1), missing=lambda s: s["seed"] == 9))
    assert (study.name, study.planned, study.pending) == ("synthetic", 80, 8)
    assert study.design.contrast_name == "act_bn - bn_act"
    assert study.design.moderators == ("depth", "activation")
    assert len(study.curves)
    assert len(study.layers)


def test_somebody_elses_trials(tmp_path: Path) -> None:
    """Four columns suffice; the factors are those whose levels recur over seeds, not the metrics."""
    folder = write(tmp_path / "own", own_trials(f1=np.linspace(0, 1, 20)))
    study = load(folder, factor="norm", contrast=("group", "layer"))
    assert study.design.factors == {"norm": ("group", "layer"), "blocks": (2, 3)}
    assert study.design.contrast == ("group", "layer")
    assert (study.name, study.planned, study.deviations) == ("own", 20, ())
    assert study.curves is None
    assert study.layers is None


def test_counts_without_accuracy(tmp_path: Path) -> None:
    """The response is rebuilt from test_correct and test_n."""
    table = own_trials(test_correct=950, test_n=1000).drop(columns="test_accuracy")
    study = load(write(tmp_path / "own", table), factor="norm", contrast=("group", "layer"))
    assert study.trials[COLUMN["running"]].unique() == pytest.approx([95.0])


def test_primary_factor_must_be_named(tmp_path: Path) -> None:
    """Trials without an ordering do not know what they ask: the message lists what may be named."""
    with pytest.raises(InvalidTableError, match=r"factors that vary: norm, blocks.*--factor NAME --contrast A B"):
        load(write(tmp_path / "own", own_trials()))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"test_accuracy": 97.3}, "share from 0 to 1, found 97.3"),
        ({"status": "done"}, "status done is not one of completed, diverged, failed"),
        ({"seed": 0.5}, "seed must be a whole number"),
        ({"seed": [0, 1] * 10}, "20 trials share .* first norm=layer, blocks=2, seed=0 in rows 1 and 3"),
    ],
)
def test_meaningless_values(tmp_path: Path, changes: dict[str, object], message: str) -> None:
    """Values that mean nothing are refused with what would be right."""
    with pytest.raises(InvalidTableError, match=message):
        load(write(tmp_path / "own", own_trials(**changes)), factor="norm", contrast=("group", "layer"))


def test_missing_columns(tmp_path: Path) -> None:
    """The message names what lacks and what there is."""
    with pytest.raises(InvalidTableError, match=r"lacks seed, test_accuracy \(or test_correct and test_n\)"):
        load(write(tmp_path / "own", own_trials().drop(columns=["seed", "test_accuracy"])))


def test_nan_without_a_status_is_a_failed_run(tmp_path: Path) -> None:
    """A run without a result is counted as failed, not dropped, whatever its status says."""
    table = own_trials()
    table.loc[3, "test_accuracy"] = np.nan
    study = load(write(tmp_path / "own", table), factor="norm", contrast=("group", "layer"))
    assert (study.count("completed"), study.count("failed")) == (19, 1)
    for odd in (np.nan, np.inf, -np.inf):
        table.loc[3, "test_accuracy"] = odd
        found = load(write(tmp_path / "own", table.assign(status="completed")), factor="norm")
        assert (found.count("completed"), found.count("failed")) == (19, 1)


def test_diverged_without_test_n_is_on_the_same_images(tmp_path: Path) -> None:
    """The collector's diverged trial has chance and no counts; it keeps its place on the logit scale."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), diverged=lambda s: s["seed"] == 1)
    trials = pd.read_parquet(folder / "trials.parquet")
    lost = trials["status"] == "diverged"
    trials.loc[lost, ["test_correct", "test_n"]] = np.nan
    study = load(write(folder, trials))
    assert study.trials.loc[lost, COLUMN["running"]].unique() == pytest.approx([10.0])
    assert (study.trials["test_n"] == 1000).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"factor": "dept", "contrast": ("2", "4")}, "--factor dept is not one of ordering, depth, activation, did"),
        ({"factor": "seed"}, "--factor seed is not one of"),
        ({"moderators": ["dept"]}, "--moderators dept is not one of .* did you mean depth"),
        ({"ignore": ["ordering"]}, "--ignore ordering is the primary factor"),
        ({"factor": "depth", "contrast": ("2", "5")}, "level of depth 5 is not one of 2, 4"),
        ({"factor": "depth", "contrast": ("2", "2")}, "two different levels"),
        ({"margin": -1.0}, "--margin -1 is not between"),
        ({"targets": (97.0,)}, "--target 97 is not between 0 and 1"),
    ],
)
def test_options(tmp_path: Path, options: dict[str, object], message: str) -> None:
    """An option without a legal value is the user's mistake, with the legal ones named."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), with_bits=False, with_layers=False)
    with pytest.raises(UsageError, match=message):
        load(folder, **options)


def test_options_are_deviations(tmp_path: Path) -> None:
    """What the command line changes against the study file is on record; what it repeats is not."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1))
    study = load(folder, factor="depth", contrast=("4", "2"), margin=0.2, targets=(0.9, 0.95))
    assert study.deviations == ("contrast=depth: 4 - 2", "margin_pp=0.2 (study: 0.1)")
    assert study.design.contrast == (4, 2)
    assert load(folder, margin=0.1).deviations == ()


def test_no_study(tmp_path: Path) -> None:
    """A folder without trials, or a file that is not Parquet, is said in one sentence."""
    with pytest.raises(StudyNotFoundError, match=r"has no trials\.parquet"):
        load(tmp_path)
    (tmp_path / "trials.parquet").write_text("seed,accuracy")
    with pytest.raises(AnalyzeError, match="cannot be read as Parquet"):
        load(tmp_path)


def test_newest_study(tmp_path: Path) -> None:
    """DIR defaults to the study whose trials.parquet is newest."""
    import os

    for age, name in ((300, "old"), (100, "new"), (200, "middle")):
        folder = write(tmp_path / name, own_trials())
        stamp = (folder / "trials.parquet").stat().st_mtime - age
        os.utime(folder / "trials.parquet", (stamp, stamp))
    assert newest_study(tmp_path) == tmp_path / "new"
    with pytest.raises(StudyNotFoundError):
        newest_study(tmp_path / "nothing")
