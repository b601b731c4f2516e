"""The regression on all factors: coefficients and jackknife of survreg, the design it keeps, and what it refuses."""

from pathlib import Path

import numpy as np
import pytest

from analyze.findings import because
from analyze.inference.paired import compare
from analyze.measures.time_to_target import Crossings
from analyze.sections.time_ratios import time_ratio
from analyze.sections.time_regression import Compared, largest_factorial, regression
from analyze.study.question import Design
from tests import reference
from tests.analyze.sections.reference_times import reference_crossings

RESULTS = reference.results()["aft_regression"]


@pytest.mark.parametrize(("crossed", "name"), [(True, "crossed"), (False, "by_cell")])
def test_coefficients_are_those_of_survreg(tmp_path: Path, *, crossed: bool, name: str) -> None:
    """Every coefficient with its jackknife standard error and p, of two factors of two levels and of one of four."""
    levels = {"depth2": ("depth", 2), "activation2": ("activation", "tanh")} | {
        f"cell{k}": ("depth", k) for k in (2, 3, 4)
    }
    fitted = regression(*reference_crossings(tmp_path, crossed=crossed))
    ours = {frozenset(compared.levels.items()): result for compared, result in fitted.coefficients}
    assert len(ours) == len(RESULTS[name])
    for row in RESULTS[name]:
        terms = row["term"].split(":")
        key = {("ordering", "act_bn") if term == "ordering2" else levels[term] for term in terms}
        result = ours[frozenset(key)]
        assert result.estimate == pytest.approx(row["coefficient"], rel=1e-6, abs=1e-9)
        assert result.se == pytest.approx(row["jackknife_se"], rel=1e-5)
        assert result.p == pytest.approx(row["p"], rel=1e-5)


def test_what_a_coefficient_compares(tmp_path: Path) -> None:
    """Main effect, moderators in the order of the design, then effects without the contrast; each against the first."""
    fitted = regression(*reference_crossings(tmp_path, crossed=True))
    assert [one for one, _ in fitted.coefficients][:4] == [
        Compared({"ordering": "act_bn"}, {"ordering": "bn_act"}),
        Compared({"ordering": "act_bn", "depth": 2}, {"ordering": "bn_act", "depth": 1}),
        Compared({"ordering": "act_bn", "activation": "tanh"}, {"ordering": "bn_act", "activation": "relu"}),
        Compared(
            {"ordering": "act_bn", "depth": 2, "activation": "tanh"},
            {"ordering": "bn_act", "depth": 1, "activation": "relu"},
        ),
    ]
    assert fitted.left_out == ()


def test_exact_times_give_the_means_of_their_logs(tmp_path: Path) -> None:
    """With intervals of hardly any width the coefficients are those of a paired t on log times."""
    loaded, found = reference_crossings(tmp_path, crossed=True)
    draw = np.random.default_rng(1)
    times = np.exp(draw.normal(7, 0.4, len(found.low)))
    exact = Crossings(times * (1 - 1e-7), times, found.budget)
    logs = loaded.trials.assign(log=np.log(times)).pivot(
        index="seed", columns=["ordering", "depth", "activation"], values="log"
    )
    gap = logs["act_bn"] - logs["bn_act"]
    results = {len(one.levels): result for one, result in regression(loaded, exact).coefficients[:4:3]}
    for scores, result in ((gap.mean(axis=1), results[1]), (_three_way(gap), results[3])):
        t_test = compare(scores.to_numpy(), np.zeros(10), margin=None)
        assert result.estimate == pytest.approx(t_test.gap, abs=1e-6)
        assert result.p == pytest.approx(t_test.p_t, rel=1e-4)
    assert time_ratio(loaded, exact, np.ones(len(times), bool)).estimate == pytest.approx(results[1].estimate)


def _three_way(gap):  # type: ignore[no-untyped-def]
    return gap[(2, "tanh")] - gap[(2, "relu")] - gap[(1, "tanh")] + gap[(1, "relu")]


def test_a_cell_that_falls_silent_without_a_seed_takes_every_p(tmp_path: Path) -> None:
    """Estimates stay, p and interval are null with the cell in the reason."""
    loaded, found = reference_crossings(tmp_path, crossed=True)
    one = loaded.trials.eval("depth == 2 and ordering == 'act_bn' and activation == 'tanh'").to_numpy()
    seed = (loaded.trials["seed"] == 4).to_numpy()
    low = np.where(one, np.where(seed, 1024.0, 3584.0), found.low)
    high = np.where(one, np.where(seed, 1536.0, np.inf), found.high)
    fitted = regression(loaded, Crossings(low, high, found.budget))
    assert fitted.no_p == because("cell_silent_without_a_seed", cell={"depth": 2, "activation": "tanh"})
    assert fitted.seeds == 10
    for _, result in fitted.coefficients:
        assert np.isfinite(result.estimate)
        assert result.p is None


def test_silent_cells_leave_the_largest_factorial(tmp_path: Path) -> None:
    """Of as many cells the design with more depths is kept; what is left out is named, the others are compared."""
    loaded, found = reference_crossings(tmp_path, crossed=True)
    one = loaded.trials.eval("depth == 1 and ordering == 'act_bn' and activation == 'relu'").to_numpy()
    high = np.where(one, np.inf, found.high)
    fitted = regression(loaded, Crossings(np.where(one, 3584.0, found.low), high, found.budget))
    assert fitted.left_out == ({"depth": 1, "activation": "relu"}, {"depth": 2, "activation": "relu"})
    assert {name for compared, _ in fitted.coefficients for name in compared.levels} == {"ordering", "depth"}


@pytest.mark.parametrize("counts", [(3, 5), (2, 3, 4), (18, 18)])
def test_largest_factorial_is_a_product_of_cells_that_tell(counts: tuple[int, ...]) -> None:
    """With one silent cell: without the one level of the factor that costs least, the longest."""
    names = ("activation", "depth", "width")[: len(counts)]
    factors = {"ordering": ("bn_act", "act_bn")} | {
        name: tuple(range(1, count + 1)) for name, count in zip(names, counts, strict=True)
    }
    design = Design(factors, "ordering", ("act_bn", "bn_act"))
    tells = np.ones(counts, bool)
    tells[(0,) * len(counts)] = False
    kept = largest_factorial(design, tells.ravel())
    assert not (kept & ~tells.ravel()).any()
    assert kept.sum() == np.prod(counts) * (1 - 1 / max(counts))
