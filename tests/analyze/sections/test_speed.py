"""Time to a target: crossings from curves, and the interval-censored model against survival::survreg."""

from pathlib import Path

import numpy as np
import pytest

from analyze.findings import because
from analyze.inference import lognormal_aft
from analyze.measures.time_to_target import Crossings, convergence_curves, crossings
from analyze.sections.speed import hazard_ratio, time_ratio
from analyze.sections.speed import rows as convergence_rows
from analyze.study.load import load
from tests import reference
from tests.synthetic import write_study

RESULTS = reference.results()
TIMES = reference.table("times").fillna({"high": np.inf})


def collapsed(cells: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Design, low, high and the counts by seed of the reference times in these cells."""
    table = TIMES[TIMES["cell"].isin(cells)]
    design = np.column_stack([*(table["cell"] == cell for cell in cells), table["arm"]]).astype(float)
    counts = (table["seed"].to_numpy() == np.arange(1, 11)[:, None]).astype(float)
    return design, table["low"].to_numpy(float), table["high"].to_numpy(float), counts


def test_joint_model_and_jackknife() -> None:
    """Coefficient, scale, log-likelihood and jackknife standard error of survreg over four cells."""
    design, low, high, counts = collapsed([1, 2, 3, 4])
    fitted = lognormal_aft.fit(design, low, high, counts.sum(axis=0))
    theirs = RESULTS["aft"]
    assert fitted.coefficients[-1] == pytest.approx(theirs["coefficient"], rel=1e-7)
    assert fitted.scale == pytest.approx(theirs["scale"], rel=1e-7)
    assert fitted.log_likelihood == pytest.approx(theirs["log_likelihood"], rel=1e-9)
    assert lognormal_aft.jackknife(design, low, high, counts, 4).se == pytest.approx(theirs["jackknife_se"], rel=1e-6)


@pytest.mark.parametrize("cell", [1, 2, 3, 4])
def test_single_cell(cell: int) -> None:
    """Each cell alone, as survreg fits it."""
    design, low, high, counts = collapsed([cell])
    fitted = lognormal_aft.fit(design, low, high, counts.sum(axis=0))
    theirs = RESULTS["aft_cells"][cell - 1]
    assert fitted.coefficients[-1] == pytest.approx(theirs["coefficient"], rel=1e-7)
    assert fitted.log_likelihood == pytest.approx(theirs["log_likelihood"], rel=1e-9)


@pytest.mark.parametrize(
    ("low", "high"),
    [
        ([128.0] * 8, [256.0] * 8),
        ([128.0] * 4 + [512.0] * 4, [256.0] * 4 + [1024.0] * 4),
        ([9000.0] * 4 + [128.0, 128, 256, 512], [np.inf] * 4 + [256.0, 256, 512, 1024]),
        ([0.0] * 4 + [128.0, 128, 256, 512], [128.0] * 4 + [256.0, 256, 512, 1024]),
    ],
    ids=["one interval", "an interval an arm", "an arm never crosses", "an arm crosses before the first point"],
)
def test_no_likelihood(low: list[float], high: list[float]) -> None:
    """Data without a maximum of the likelihood give no estimate, however flat the likelihood becomes."""
    design = np.column_stack([np.ones(8), np.arange(8) < 4]).astype(float)
    assert lognormal_aft.fit(design, np.array(low), np.array(high), np.ones(8)) is None


def study(tmp_path: Path, **options: object) -> tuple[object, Crossings]:
    """A synthetic study and its crossings of 90 %."""
    loaded = load(write_study(tmp_path / "study", np.random.default_rng(9), **options))
    curves = convergence_curves(loaded)
    return loaded, crossings(loaded, curves, 0.9)


def test_crossing_is_the_first_point_at_the_target(tmp_path: Path) -> None:
    """Brute force over every trial's curve, in batch mode on the subset."""
    loaded, found = study(tmp_path)
    table = loaded.curves
    table = table[(table["split"] == "test") & (table["eval_set"] == "subset") & (table["bn_mode"] == "batch")]
    for number, trial_id in enumerate(loaded.trials["trial_id"]):
        curve = table[table["trial_id"] == trial_id].sort_values("examples_seen")
        reached = curve["accuracy"].to_numpy() >= 0.9
        seen = curve["examples_seen"].to_numpy()
        first = int(np.argmax(reached)) if reached.any() else len(seen)
        assert found.high[number] == (seen[first] if reached.any() else np.inf)
        assert found.low[number] == (seen[first - 1] if first else 0)


def test_running_statistics_where_there_is_no_batchnorm(tmp_path: Path) -> None:
    """A level without BatchNorm keeps its running-mode curve beside the others' batch mode."""
    loaded, found = study(tmp_path, factors={"ordering": ("bn_act", "act_bn", "none"), "depth": (2, 4)})
    assert np.isfinite(found.low[(loaded.trials["ordering"] == "none").to_numpy()]).all()


def test_diverged_trial_is_censored_at_the_budget(tmp_path: Path) -> None:
    """A run that never gets there counts as not reached, it does not vanish."""
    loaded, found = study(tmp_path, diverged=lambda s: s["seed"] == 2 and s["ordering"] == "act_bn")
    lost = (loaded.trials["status"] == "diverged").to_numpy()
    assert np.isinf(found.high[lost]).all()
    assert (found.low[lost] == found.budget.max()).all()


def test_recovery(tmp_path: Path) -> None:
    """A first level that learns half as fast shows a time ratio near two, and its interval holds it."""
    loaded, _ = study(
        tmp_path,
        seeds=12,
        points=40,
        accuracy=lambda _: 98.0,
        examples_to_learn=lambda s: 3000.0 if s["ordering"] == "act_bn" else 1500.0,
    )
    overall = next(row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.cell is None)
    assert overall.ci95[0] < 2 < overall.ci95[1]
    assert overall.ci95[1] / overall.ci95[0] < 1.2


def test_cells_without_information_do_not_stop_the_others(tmp_path: Path) -> None:
    """Cells in which no run reaches the target leave a null with its reason and the overall ratio intact."""
    loaded, found = study(tmp_path, accuracy=lambda s: 97.0 if s["depth"] == 2 else 80.0)
    rows = convergence_rows(loaded, convergence_curves(loaded))
    for row, why in rows:
        if row.model == "aft" and row.cell is not None and row.cell["depth"] == 4:
            assert row.estimate is None
            assert row.censored_share == 1.0
            assert why["estimate"] == because("no_run_tells_times")
    assert not isinstance(time_ratio(loaded, found, np.ones(len(loaded.trials), bool)), str)


def reference_crossings(tmp_path: Path) -> tuple[object, Crossings]:
    """The reference times as a study of one moderator, for the models that need a study."""
    table = TIMES.rename(columns={"cell": "depth"}).assign(
        ordering=np.where(TIMES["arm"] == 1, "act_bn", "bn_act"),
        trial_id=[str(number) for number in range(len(TIMES))],
        test_accuracy=0.9,
    )
    (tmp_path / "times").mkdir()
    table.drop(columns=["arm", "low", "high"]).to_parquet(tmp_path / "times" / "trials.parquet")
    loaded = load(tmp_path / "times")
    return loaded, Crossings(table["low"].to_numpy(), table["high"].to_numpy(), np.full(len(table), 3584.0))


def test_cox_in_pairs(tmp_path: Path) -> None:
    """The counted hazard ratio is coxph's with Efron ties and a stratum a pair; so is its jackknife."""
    loaded, found = reference_crossings(tmp_path)
    everything = np.ones(len(loaded.trials), bool)
    overall = hazard_ratio(loaded, found, everything)
    assert overall.estimate == pytest.approx(RESULTS["cox"]["coefficient"], rel=1e-9)
    assert overall.se == pytest.approx(RESULTS["cox"]["jackknife_se"], rel=1e-9)
    for cell, coefficient in enumerate(RESULTS["cox_cells"], start=1):
        one = hazard_ratio(loaded, found, (loaded.trials["depth"] == cell).to_numpy())
        assert one.estimate == pytest.approx(coefficient, rel=1e-6)


def test_cox_agrees_with_statsmodels(tmp_path: Path) -> None:
    """PHReg with Efron ties, the default being Breslow, on the same strata."""
    from statsmodels.duration.hazard_regression import PHReg

    loaded, found = reference_crossings(tmp_path)
    crossed = np.isfinite(found.high)
    strata = loaded.trials["seed"].to_numpy() * 10 + loaded.trials["depth"].to_numpy()
    arm = (loaded.trials["ordering"] == "act_bn").to_numpy(float)
    times = np.where(crossed, found.high, found.budget)
    theirs = PHReg(times, arm[:, None], status=crossed, strata=strata, ties="efron").fit(disp=0).params[0]
    ours = hazard_ratio(loaded, found, np.ones(len(arm), bool)).estimate
    assert ours == pytest.approx(theirs, rel=1e-6)


def test_separation_has_no_hazard_ratio(tmp_path: Path) -> None:
    """One level first in every pair: no coefficient of -25 with a standard error of 56 000, but a reason."""
    loaded, found = reference_crossings(tmp_path)
    first = (loaded.trials["ordering"] == "act_bn").to_numpy()
    apart = Crossings(found.low, np.where(first, 1024.0, 2048.0), found.budget)
    assert hazard_ratio(loaded, apart, np.ones(len(first), bool)) == "partial_likelihood_without_maximum"


def test_restricted_mean_and_its_bounds(tmp_path: Path) -> None:
    """The RMST row is the mean over pairs of the difference in min(T, budget), at three places of the interval."""
    loaded, found = study(tmp_path, accuracy=lambda s: 91.0 if s["ordering"] == "act_bn" else 97.0, noise_sd=1.0)
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.model == "rmst"]
    overall = {row.term: row for row in rows if row.cell is None and row.target == 0.9}
    table = loaded.trials.assign(
        left=np.where(np.isinf(found.high), found.budget, found.low), right=np.minimum(found.high, found.budget)
    )
    table["middle"] = (table["left"] + table["right"]) / 2
    assert np.isinf(found.high).any(), "no run is censored: the test would not see the budget"
    for end, term in (
        ("left", "rmst_difference_left"),
        ("middle", "rmst_difference"),
        ("right", "rmst_difference_right"),
    ):
        means = table.groupby("ordering")[end].mean()
        assert overall[term].estimate == pytest.approx(means["act_bn"] - means["bn_act"])


def test_area_is_the_mean_over_log_examples(tmp_path: Path) -> None:
    """Trapezoids by NumPy, trial by trial."""
    from analyze.measures import curve_shape

    loaded, found = study(tmp_path)
    curves = convergence_curves(loaded)
    area = curve_shape.area(loaded, curves, found.budget)
    for number, curve in curves.points.groupby("trial"):
        axis = np.log(curve["examples_seen"].to_numpy())
        expected = np.trapezoid(100 * curve["accuracy"], axis) / (axis[-1] - axis[0])
        assert area[number] == pytest.approx(expected)


def test_early_gap_that_fades(tmp_path: Path) -> None:
    """A level that only learns faster leads early and not at the end."""
    loaded, _ = study(tmp_path, examples_to_learn=lambda s: 1000.0 if s["ordering"] == "act_bn" else 2500.0)
    rows = {
        row.term: row
        for row, _ in convergence_rows(loaded, convergence_curves(loaded))
        if row.cell is None and row.model == "auc"
    }
    assert rows["gap_early"].ci95[0] > 5
    assert rows["gap_early_minus_final"].ci95[0] > 5
    assert rows["auc_difference"].ci95[0] > 0
