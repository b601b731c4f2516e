"""When a curve first reaches the target, and what is made of curves by one number."""

from pathlib import Path

import numpy as np
import pytest

from analyze.measures import curve_shape
from analyze.measures.time_to_target import Crossings, convergence_curves, crossings
from analyze.study.load import load
from tests.synthetic import write_study


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


def test_area_is_the_mean_over_log_examples(tmp_path: Path) -> None:
    """Trapezoids by NumPy, trial by trial."""
    loaded, found = study(tmp_path)
    curves = convergence_curves(loaded)
    area = curve_shape.area(loaded, curves, found.budget)
    for number, curve in curves.points.groupby("trial"):
        axis = np.log(curve["examples_seen"].to_numpy())
        expected = np.trapezoid(100 * curve["accuracy"], axis) / (axis[-1] - axis[0])
        assert area[number] == pytest.approx(expected)
