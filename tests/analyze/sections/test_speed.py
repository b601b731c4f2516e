"""Rows of speed: the common budget, restricted times and their bounds, ratios, and the shape of curves."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analyze.analysis import analyse
from analyze.findings import ConvergenceRow, because
from analyze.inference.max_t import max_t
from analyze.inference.multiplicity import holm
from analyze.inference.signflip import flips, mean_flip_p
from analyze.measures.time_to_target import Crossings, convergence_curves, crossings
from analyze.sections.speed import rows as convergence_rows
from analyze.sections.time_ratios import time_ratio
from analyze.study.load import StudyData, load
from tests import reference
from tests.analyze.sections.reference_times import reference_crossings
from tests.synthetic import describe, write_study

#: Two orderings at two depths.
SMALL = {"ordering": ("bn_act", "act_bn"), "depth": (2, 4)}


def of_curves(
    folder: Path,
    factor: str,
    contrast: tuple[Any, Any],
    points: dict[Any, list[int]],
    accuracy: Callable[[Any, int, float], float],
    *,
    status: Callable[[Any], str] = lambda _: "completed",
    targets: tuple[float, ...] = (0.9,),
) -> StudyData:
    """A table of somebody's own: ten seeds of two levels, with the evaluation points and curves of each."""
    trials = [{factor: level, "seed": seed} for level in contrast for seed in range(10)]
    for trial in trials:
        last = accuracy(trial[factor], trial["seed"], points[trial[factor]][-1])
        trial |= {
            "trial_id": f"{trial[factor]}-{trial['seed']}",
            "test_accuracy": last,
            "status": status(trial[factor]),
        }
    curves = [
        {"trial_id": t["trial_id"], "examples_seen": x, "accuracy": accuracy(t[factor], t["seed"], x)}
        for t in trials
        for x in points[t[factor]]
    ]
    pd.DataFrame(trials).to_parquet(folder / "trials.parquet")
    pd.DataFrame(curves).to_parquet(folder / "curves.parquet")
    return load(folder, factor=factor, contrast=[str(level) for level in contrast], targets=targets)


def overall_rows(loaded: StudyData) -> dict[str, ConvergenceRow]:
    """The rows of the primary target over all cells, by term."""
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.cell is None]
    return {row.term: row for row in reversed(rows) if row.target in {None, loaded.design.targets[0]}}


def study(tmp_path: Path, **options: object) -> tuple[object, Crossings]:
    """A synthetic study and its crossings of 90 %."""
    loaded = load(write_study(tmp_path / "study", np.random.default_rng(9), **options))
    curves = convergence_curves(loaded)
    return loaded, crossings(loaded, curves, 0.9)


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


def test_restricted_mean_and_its_bounds(tmp_path: Path) -> None:
    """RMST is the mean over pairs of the difference in min(T, budget), between its sharp bounds.

    The first level as early and the second as late as the evaluations allow, and the other way; left end against left
    end left out half of what is unknown.
    """
    loaded, found = study(tmp_path, accuracy=lambda s: 91.0 if s["ordering"] == "act_bn" else 97.0, noise_sd=1.0)
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.model == "rmst"]
    overall = {row.term: row.estimate for row in rows if row.cell is None and row.target == 0.9}
    assert np.isinf(found.high).any(), "no run is censored: the test would not see the budget"
    right = np.minimum(found.high, found.budget)
    table = loaded.trials.assign(left=found.low, middle=(found.low + right) / 2, right=right)
    means = table.groupby("ordering")[["left", "middle", "right"]].mean()
    first, second = means.loc["act_bn"], means.loc["bn_act"]
    assert overall["rmst_difference_left"] == pytest.approx(first["left"] - second["right"])
    assert overall["rmst_difference"] == pytest.approx(first["middle"] - second["middle"])
    assert overall["rmst_difference_right"] == pytest.approx(first["right"] - second["left"])


def test_restricted_means_are_those_of_kaplan_meier(tmp_path: Path) -> None:
    """The difference up to the budget and both its bounds, from curves, as survival::survfit has them."""
    loaded, found = reference_crossings(tmp_path)
    seen = crossings(loaded, convergence_curves(loaded), 0.9)
    for name in ("low", "high", "budget"):
        np.testing.assert_array_equal(getattr(seen, name), getattr(found, name))
    rows, theirs = overall_rows(loaded), reference.results()["restricted_means"]
    assert rows["rmst_difference"].estimate == pytest.approx(theirs["difference"], rel=1e-9)
    assert rows["rmst_difference_left"].estimate == pytest.approx(theirs["left"], rel=1e-9)
    assert rows["rmst_difference_right"].estimate == pytest.approx(theirs["right"], rel=1e-9)


def test_an_arm_that_always_diverges_is_slower(tmp_path: Path) -> None:
    """Its own stop at 640 of 20 000 examples was taken for its budget: faster by thousands of images, p = 2e-6."""
    points = {"act_bn": [320, 640], "bn_act": [320, 640, 2000, 5000, 9000, 20000]}
    loaded = of_curves(
        tmp_path,
        "ordering",
        ("act_bn", "bn_act"),
        points,
        lambda level, seed, x: 0.1 if level == "act_bn" else 1 - np.exp(-x / (500 + 400 * seed)),
        status=lambda level: "diverged" if level == "act_bn" else "completed",
    )
    rows = overall_rows(loaded)
    assert (rows["rmst_difference"].estimate or 0) > 10_000
    assert (rows["rmst_difference_left"].estimate or 0) > 10_000
    assert (rows["rmst_difference"].p or 1) < 1e-6
    assert (rows["auc_difference"].estimate or 0) < 0
    assert (rows["gap_early_minus_final"].estimate or 0) > 50


def test_equal_curves_of_unlike_budget_do_not_differ(tmp_path: Path) -> None:
    """Two arms that learn alike, one stopped at 2000 and one at 8000 examples: p was 1.7e-18."""
    points = {1: [125, 250, 500, 1000, 2000], 4: [125, 250, 500, 1000, 2000, 4000, 8000]}
    loaded = of_curves(
        tmp_path, "epochs", (1, 4), points, lambda _, seed, x: 1 - np.exp(-x / (150 + 100 * seed)), targets=(0.9,)
    )
    rows = overall_rows(loaded)
    for term in ("rmst_difference", "auc_difference", "gap_early", "gap_early_minus_final"):
        assert rows[term].estimate == pytest.approx(0, abs=1e-9), term
    assert rows["rmst_difference_left"].estimate < 0 < rows["rmst_difference_right"].estimate
    assert rows["time_ratio"].estimate == pytest.approx(1)


def test_one_run_that_crosses_leaves_the_pooled_ratio_its_p(tmp_path: Path) -> None:
    """A cell that tells of times by one run alone is left out of that seed's replicate, and of no other."""
    loaded, _ = study(
        tmp_path,
        accuracy=lambda s: 97.0 if s["depth"] == 2 or (s["seed"], s["ordering"]) == (3, "act_bn") else 80.0,
        factors={"ordering": ("bn_act", "act_bn"), "depth": (2, 4)},
    )
    row = overall_rows(loaded)["time_ratio"]
    assert row.p is not None
    assert (row.n_seeds, row.left_out) == (10, ())
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.model == "aft_regression"]
    assert {row.term for row in rows} == {"ordering"}
    assert rows[0].left_out == ({"depth": 4},)


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


def test_a_look_before_training_changes_nothing_of_speed(tmp_path: Path) -> None:
    """Curves, times, areas, early gaps and choices of analysis are those of the points after it."""
    folder = write_study(tmp_path / "s", np.random.default_rng(8), factors=SMALL, seeds=6, initial_share=lambda _: 0.9)
    looked = analyse(load(folder))
    curves = pd.read_parquet(folder / "curves.parquet")
    assert (curves["step"] == 0).sum() == 2 * 2 * 6 * 2
    curves[curves["step"] > 0].to_parquet(folder / "curves.parquet")
    describe(folder)
    not_looked = analyse(load(folder))
    assert looked.initial_shares != not_looked.initial_shares
    for name in ("curves", "survival", "convergence", "multiverse", "cells", "stability"):
        assert getattr(looked, name) == getattr(not_looked, name)
    assert min(point.examples_seen for point in looked.curves) > 0


def test_cells_of_restricted_time_are_a_family_of_flips(tmp_path: Path) -> None:
    """The p of every cell is max-T over the cells, whole seeds flipped, and decides it; the bounds decide nothing."""
    loaded, found = study(
        tmp_path, examples_to_learn=lambda s: 2600.0 if (s["ordering"], s["depth"]) == ("act_bn", 4) else 1500.0
    )
    middle = np.where(np.isinf(found.high), found.budget, (found.low + found.high) / 2)
    wide = loaded.trials.assign(middle=middle).pivot_table(
        index="seed", columns=["ordering", "depth", "activation"], values="middle"
    )
    gaps = wide["act_bn"] - wide["bn_act"]
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.target in {None, 0.9}]
    cells = {tuple(row.cell.values()): row for row in rows if row.term == "rmst_difference" and row.cell}
    corrected = max_t([gaps[[cell]].to_numpy() for cell in cells], flips())
    assert [row.p_max_t for row in cells.values()] == corrected
    assert {row.decision for cell, row in cells.items() if cell[0] == 4} == {"first"}
    assert {row.decision for cell, row in cells.items() if cell[0] == 2} == {"undecided"}
    assert {row.decision for row in rows if row.term.endswith(("_left", "_right"))} == {None}
    whole = overall_rows(loaded)["rmst_difference"]
    assert whole.p_max_t == whole.p_signflip == mean_flip_p(gaps.mean(axis=1).to_numpy(), flips())


def test_below_six_seeds_nothing_is_decided(tmp_path: Path) -> None:
    """Twice as fast in every pair of five: no model calls a winner, whatever its p."""
    loaded, _ = study(tmp_path, seeds=5, examples_to_learn=lambda s: 900.0 if s["ordering"] == "act_bn" else 2500.0)
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded))]
    assert any(row.p is not None and row.p < 0.001 for row in rows)
    assert {row.decision for row in rows} == {"not_decidable", None}


def test_a_ratio_is_decided_by_its_corrected_p_or_its_narrow_interval(tmp_path: Path) -> None:
    """First or second where Holm's p is at most alpha; equivalent where the 90 % interval lies within 0.8 and 1.25."""
    seen, lost = set[str | None](), 0
    for number, ratio in enumerate((1.0, 1.05, 1.1, 1.6)):
        folder = tmp_path / str(number)
        folder.mkdir()
        loaded, _ = study(
            folder, points=40, examples_to_learn=lambda s, r=ratio: 1500.0 * (r if s["ordering"] == "act_bn" else 1)
        )
        rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.model == "aft"]
        for row in (row for row in rows if row.cell is None):
            p = row.p if row.p_holm is None else row.p_holm
            narrow = row.ci90[0] > 0.8 and row.ci90[1] < 1.25
            ahead = "first" if row.estimate > 1 else "second"
            assert row.decision == (ahead if p <= 0.05 else "equivalent" if narrow else "undecided")
            assert row.trivial == (p <= 0.05 and narrow)
            seen.add(row.decision)
        cells = [row for row in rows if row.cell is not None]
        assert [row.decision in ("first", "second") for row in cells] == [row.p_holm <= 0.05 for row in cells]
        lost += sum(row.p <= 0.05 < row.p_holm for row in cells)
    assert {"first", "equivalent"} <= seen
    assert lost, "no cell is taken back by the correction: the test would not see it"


def test_other_targets_are_a_family_and_the_first_is_none(tmp_path: Path) -> None:
    """Holm over the second and third target alone, of ratios and of flips."""
    loaded, _ = study(
        tmp_path,
        targets=(0.9, 0.8, 0.95),
        examples_to_learn=lambda s: 1650.0 if s["ordering"] == "act_bn" else 1500.0,
    )
    rows = [row for row, _ in convergence_rows(loaded, convergence_curves(loaded)) if row.cell is None]
    for term in ("time_ratio", "hazard_ratio"):
        first, *others = [row for row in rows if row.term == term]
        assert first.p_holm is None
        assert [row.p_holm for row in others] == pytest.approx(holm([row.p for row in others]))
    first, *others = [row for row in rows if row.term == "rmst_difference"]
    assert first.p_max_t == first.p_signflip
    assert [row.p_max_t for row in others] == pytest.approx(holm([row.p_signflip for row in others]))
