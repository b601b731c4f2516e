"""Runs against a fixed number: one-sample tests, counts where values cannot be tested, and what is then said."""

import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

import analyze
from analyze import check, decide
from analyze.analysis import analyse
from analyze.errors import UsageError
from analyze.findings import ACCURACY, Findings
from analyze.study.load import StudyData, load
from analyze.study.question import Asked
from analyze.study.threshold import threshold_of
from collect.errors import StudyError
from collect.study.changes import told_apart
from collect.study.study_file import read
from tests.analyze.commands import analyze as run
from tests.analyze.simulated import fewer_flips
from tests.analyze.test_analysis import unexplained
from tests.analyze.test_contradictions import told
from tests.synthetic import write_study

LOSS = {"response": "val_loss", "better": "lower", "threshold": 3.28}
CELLS = [{"depth": depth, "width": width} for depth in (2, 4) for width in (64, 128)]


def table(*means: float, seeds: int = 10, sd: float = 0.02) -> pd.DataFrame:
    """Losses of so many cells with these means, four of two depths and widths, or one."""
    draw = np.random.default_rng(5)
    cells: list[dict[str, Any]] = CELLS if len(means) > 1 else [{}]
    rows = [
        {**cell, "seed": seed, "val_loss": mean + draw.normal(0, sd)}
        for seed in range(seeds)
        for cell, mean in zip(cells, means, strict=True)
    ]
    return pd.DataFrame(rows)


def near_a_bound() -> pd.DataFrame:
    """Accuracies that lie nearer to one than three of their standard deviations."""
    draw = np.random.default_rng(6)
    return pd.DataFrame({"seed": range(12), "test_accuracy": 1 - 0.004 * np.abs(draw.normal(size=12))})


def failing(trials: pd.DataFrame, *rows: int) -> pd.DataFrame:
    """The same, these runs without a value."""
    lost = trials.copy()
    lost.loc[list(rows), "val_loss"] = np.nan
    return lost


def study(folder: Path, trials: pd.DataFrame, **asked: Any) -> StudyData:
    """This table with the question put to it."""
    trials.to_csv(folder / "runs.csv", index=False)
    return load(folder / "runs.csv", **asked)


@pytest.mark.parametrize(
    ("trials", "asked", "headline"),
    [
        (table(3.24), LOSS, "yes"),
        (table(3.32), LOSS | {"unit": "nats"}, "yes"),
        (table(3.275), LOSS, "undecided"),
        (table(3.28), LOSS | {"margin": 0.05}, "no"),
        (table(3.24, seeds=5), LOSS, "no_answer"),
        (table(3.24, 3.24, 3.24, 3.24), LOSS, "yes"),
        (table(3.24, 3.24, 3.32, 3.32), LOSS, "depends"),
        (failing(table(3.2), 3), LOSS, "yes"),
        (failing(table(3.275), 3), LOSS, "undecided"),
        (failing(table(3.2, 3.2, 3.2, 3.2), 3), LOSS, "yes"),
        (failing(table(3.2, 3.2, 3.36, 3.2), 3), LOSS, "depends"),
        (failing(table(3.2, 3.2, 3.36, 3.36), 3), LOSS, "depends"),
        (failing(table(3.36), 3), LOSS, "yes"),
        (near_a_bound(), {"threshold": 0.991}, "yes"),
        (near_a_bound(), {"threshold": 0.998}, "undecided"),
    ],
)
def test_no_contradiction(tmp_path: Path, trials: pd.DataFrame, asked: dict[str, Any], headline: str) -> None:
    """Every headline in both languages, of values and of counts; each null has its reason."""
    with fewer_flips():
        found = analyse(study(tmp_path, trials, **asked))
    assert found.primary.headline == headline
    assert unexplained(found) == []
    assert told(found) == []
    assert found.study.completed + found.study.failed == found.study.planned == len(trials)


def test_the_mean_has_the_one_sample_t_test(tmp_path: Path) -> None:
    """Gap, interval, t, p and equivalence are SciPy's of one sample; the sign-flip is every assignment of signs."""
    trials = table(3.27, sd=0.03)
    found = analyse(study(tmp_path, trials, **LOSS, margin=0.04))
    primary, values = found.primary, trials["val_loss"].to_numpy()
    test = stats.ttest_1samp(values, 3.28)
    assert (primary.t, primary.p_t) == pytest.approx((test.statistic, test.pvalue))
    assert primary.ci95 == pytest.approx(tuple(test.confidence_interval() - np.float64(3.28)))
    assert primary.estimate == pytest.approx(values.mean() - 3.28)
    assert primary.p_signflip == pytest.approx(every_sign(values - 3.28))
    sides = [stats.ttest_1samp(values, 3.28 + side * 0.04, alternative=way).pvalue for side, way in EQUIVALENT]
    assert primary.equivalence.p == pytest.approx(max(sides))
    assert (primary.winner, primary.contrast, found.question.threshold) == (None, ("run", "3.28"), 3.28)


EQUIVALENT = ((-1, "greater"), (1, "less"))


def every_sign(values: Any) -> float:
    """The share of all assignments of signs whose mean is as far from zero."""
    signs = 1 - 2 * ((np.arange(2 ** len(values))[:, None] >> np.arange(len(values))) & 1)
    sums = np.abs(signs @ values)
    return float((sums >= abs(values.sum()) - 1e-12).mean())


def test_cells_are_one_family(tmp_path: Path) -> None:
    """Each level of the factors has its own one-sample test, corrected over all cells, and says on which side it is."""
    trials = table(3.24, 3.24, 3.32, 3.29)
    with fewer_flips():
        found = analyse(study(tmp_path, trials, **LOSS, factor="depth"))
    rows = [row for row in found.simple_effects if row.scale == "raw"]
    assert [row.cell for row in rows] == CELLS
    for row in rows:
        here = (trials["depth"] == row.cell["depth"]) & (trials["width"] == row.cell["width"])
        assert row.p_t == pytest.approx(stats.ttest_1samp(trials["val_loss"][here], 3.28).pvalue)
    assert [row.decision for row in rows] == ["second", "second", "first", "undecided"]
    assert (found.primary.headline, found.primary.depends_on) == ("depends", ("depth", "width"))


def test_a_ratio_on_the_log_scale(tmp_path: Path) -> None:
    """The number's logarithm is what logarithms are compared with."""
    trials = table(3.2)
    found = analyse(study(tmp_path, trials, **LOSS, scale="log"))
    test = stats.ttest_1samp(np.log(trials["val_loss"]), np.log(3.28))
    assert (found.primary.t, found.primary.p_t) == pytest.approx((test.statistic, test.pvalue))


def test_a_failed_run_is_counted_behind_the_number(tmp_path: Path) -> None:
    """Where a run failed its value is unknown: no t test; the runs ahead are counted, with R's binom.test interval."""
    found = analyse(study(tmp_path, failing(table(3.2, seeds=12), 3), **LOSS))
    mean, primary = found.failures[0], found.primary
    exact = stats.binomtest(11, 12)
    assert (mean.wins_first, mean.wins_second, mean.failed_first) == (11, 1, pytest.approx(1 / 12))
    assert mean.win_rate_ci95 == pytest.approx(tuple(exact.proportion_ci(method="exact")))
    assert mean.win_rate_ci95 == pytest.approx((0.6152038, 0.9978924), abs=1e-6)  # R 4.2: binom.test(11, 12)$conf.int
    assert mean.p_wins == pytest.approx(exact.pvalue)
    assert (primary.t, primary.p_t, primary.ci95, primary.p_signflip) == (None,) * 4
    assert found.reasons["/primary/p_t"].code == "threshold_failed"
    assert (primary.rule, primary.winner) == ("wins", "run")


def test_values_near_a_bound_are_counted(tmp_path: Path) -> None:
    """Within three standard deviations of a bound there is no t test; farther away there is."""
    near = analyse(study(tmp_path, near_a_bound(), threshold=0.991))
    assert near.reasons["/primary/p_t"].code == "threshold_near_bound"
    assert near.primary.rule == "wins"
    far = near_a_bound().assign(test_accuracy=lambda t: t["test_accuracy"] - 0.1)
    assert analyse(study(tmp_path, far, threshold=0.89)).primary.p_t is not None


@pytest.mark.soak
@pytest.mark.parametrize(("spread", "most"), [(1.0, 0.13), (3.0, 0.07)])
def test_why_a_bound_is_kept_away_from(spread: float, most: float) -> None:
    """With one sd to the bound the t test is far above its level at ten seeds; with three about at it."""
    draw = np.random.default_rng(0)
    distance = draw.gamma(spread**2, 1 / spread, (20_000, 10))
    size = (stats.ttest_1samp(distance, spread, axis=1).pvalue <= 0.05).mean()
    assert most - 0.05 < size < most
    assert (size > 0.08) == (spread == 1.0)


def test_decide_speaks_of_the_number(tmp_path: Path) -> None:
    """`analyze decide --threshold` says on which side the runs are; better is a lower loss than the number."""
    table(3.2).to_csv(tmp_path / "runs.csv", index=False)
    done = run("decide", "runs.csv", *TYPED, "--expect", "better", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["decision"], found["contrast"]) == ("better", ["run", "3.28"])
    worse = decide.decide(analyse(study(tmp_path, table(3.4), **LOSS)), "better")
    assert (worse.decision, worse.holds) == ("worse", False)


TYPED = ("--response", "val_loss", "--better", "lower", "--threshold", "3.28")


def test_python_and_the_command_line_ask_the_same(tmp_path: Path) -> None:
    """The option of `analyze.read` gives what the option of `analyze report` gives, and stands in the command."""
    trials = table(3.2)
    trials.to_csv(tmp_path / "runs.csv", index=False)
    out = tmp_path / "a.json"
    done = run("report", "runs.csv", *TYPED, "--out", str(out), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    written, found = json.loads(out.read_text()), analyze.analyse(analyze.read(trials, **LOSS))
    assert written["primary"]["p_t"] == found.primary.p_t
    assert written["question"]["threshold"] == 3.28
    assert "--threshold 3.28" in written["study"]["command"]
    assert "lower" in found.answer()


def test_check_counts_the_runs_alone(tmp_path: Path) -> None:
    """The number is no trial: every run is counted once, and why values are not tested is said."""
    lines = {one.topic: one for one in check.examine(study(tmp_path, failing(table(3.2), 2), **LOSS))}
    assert lines["coverage"].says.startswith("10 of 10 trials")
    assert lines["values"].reason is not None
    assert lines["values"].reason.code == "threshold_failed"
    assert check.able(list(lines.values()))


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (LOSS | {"contrast": (2, 4), "factor": "depth"}, "--contrast two levels"),
        (LOSS | {"paired": False}, "--unpaired two levels"),
        (LOSS | {"threshold": float("nan")}, "--threshold nan is not a number"),
        (LOSS | {"scale": "log", "threshold": -1.0}, "--threshold -1 is not above 0"),
        (LOSS | {"unit": "share", "threshold": 97.0}, "--threshold 97 is not between 0 and 1"),
        (LOSS | {"unit": "percent", "threshold": 970.0}, "--threshold 970 is not between 0 and 100"),
        (LOSS | {"factor": "optimiser"}, "--factor optimiser is not one of depth, width"),
    ],
)
def test_a_number_that_means_nothing_is_refused(tmp_path: Path, asked: dict[str, Any], says: str) -> None:
    """One sentence with the option, and what would be right."""
    trials = table(0.24, 0.24, 0.24, 0.24)
    with pytest.raises(UsageError, match=says):
        study(tmp_path, trials, **asked)


def test_a_column_called_threshold_stays_a_factor(tmp_path: Path) -> None:
    """The analysis's own column takes another name."""
    trials = table(3.2, 3.2, 3.2, 3.2).rename(columns={"width": "threshold"})
    found: Findings = analyse(study(tmp_path, trials, **LOSS))
    assert found.question.moderators == ("depth", "threshold")
    assert found.question.factor == "threshold_"


def test_a_collected_study_may_declare_its_number() -> None:
    """The number stands until another question is asked, is written as the response, and belongs to its response."""
    declared = {"response": None, "threshold": 0.965}
    loss = ACCURACY.model_copy(update={"name": "test_loss", "bounds": None})
    assert threshold_of(declared, Asked(), ACCURACY, "share") == pytest.approx(96.5)
    assert threshold_of(declared, Asked(threshold=0.9), ACCURACY, "share") == pytest.approx(90.0)
    assert threshold_of(declared, Asked(contrast=("a", "b")), ACCURACY, "share") is None
    assert threshold_of(declared, Asked(), loss, "") is None


def test_a_collected_study_is_compared_with_a_number(tmp_path: Path) -> None:
    """Of 40 runs of accuracy with their counts and hashes: all are one arm, on both scales, and nothing is paired."""
    folder = write_study(tmp_path / "s", np.random.default_rng(1), with_layers=False)
    with fewer_flips():
        found = analyse(load(folder, threshold=0.965))
    assert unexplained(found) == []
    assert found.study.completed == found.study.planned
    assert {row.scale for row in found.simple_effects} == {"raw", "logit"}
    assert found.primary.estimate == pytest.approx(100 * load(folder).trials["test_accuracy"].mean() - 96.5)
    assert "threshold=96.5" in found.study.deviations


@pytest.mark.parametrize(("number", "right"), [(0.97, True), (97.0, False), (0.0, False)])
def test_a_study_file_says_it_as_the_table_does(number: float, right: bool) -> None:  # noqa: FBT001
    """An accuracy is a share."""
    with nullcontext() if right else pytest.raises(StudyError, match=r"analysis\.threshold of an accuracy is between"):
        read(*told_apart((f"threshold={number}",), "quick"))


@pytest.mark.parametrize(("failing", "size"), [(0.0, 0.05), (0.1, 0.34)])
def test_why_values_are_not_tested_where_a_run_failed(failing: float, size: float) -> None:
    """Where one run in ten fails, the mean of ten is tested against its true value at .34 instead of .05."""
    draw = np.random.default_rng(20_261_129)
    failed = draw.random((10_000, 10)) < failing
    runs = np.where(failed, 0.1, draw.normal(0.97, 0.002, failed.shape))
    truth = failing * 0.1 + (1 - failing) * 0.97
    assert (stats.ttest_1samp(runs, truth, axis=1).pvalue <= 0.05).mean() == pytest.approx(size, abs=0.02)
